import django_filters
from crispy_forms.bootstrap import FormActions, InlineRadios, PrependedText, StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout, Row, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.test.html import parse_html

from clinics.templatetags.house import house_field
from clinics.views.styleguide import ExampleForm


class VisitForm(forms.Form):
    name = forms.CharField(help_text="As on the card.")
    on = forms.DateField(required=False)
    at = forms.DateTimeField(required=False)
    kind = forms.ChoiceField(choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_refused_form_says_what_is_wrong_with_a_link_to_each_field():
    html = render_crispy_form(VisitForm({}))
    assert "2 things keep this from being saved" in html
    assert '<a href="#id_name">Name</a>: This field is required.' in html
    assert '<a href="#id_kind">Kind</a>' in html
    assert 'id="id_kind"' in html


def test_a_field_is_tied_to_its_hint_and_its_error():
    html = render_crispy_form(VisitForm({}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_an_unsent_form_shows_no_summary():
    assert "data-form-errors" not in render_crispy_form(VisitForm())


def test_only_optional_fields_are_marked():
    html = render_crispy_form(VisitForm())
    assert html.count("field__optional") == 2


def test_dates_get_the_picker_and_its_iso_value():
    html = render_crispy_form(VisitForm(initial={"on": "2026-11-24"}))
    assert 'type="date" name="on" value="2026-11-24"' in html
    assert 'type="datetime-local"' in html


def test_radios_stand_in_a_fieldset_with_their_question():
    html = render_crispy_form(VisitForm({"name": "Ana", "kind": "b"}))
    assert '<legend class="field__label">Kind</legend>' in html
    assert 'value="b" id="id_kind_1" checked required' in html


def test_hidden_fields_have_no_frame():
    assert 'id="div_id_token"' not in render_crispy_form(VisitForm())


def test_buttons_are_of_the_house():
    helper = FormHelper()
    helper.layout = Layout(
        Fieldset(
            "Person",
            Row(Field("name", wrapper_class="field--full"), PrependedText("on", "$")),
            Div(InlineRadios("kind")),
        ),
        FormActions(
            Submit("save", "Add lead", css_class="button--sm"), StrictButton("Not now", css_class="button--ghost")
        ),
    )
    html = render_crispy_form(VisitForm(), helper)
    assert 'class="button button--primary button--sm"' in html
    assert 'class="button button--ghost"' in html
    assert "btn" not in html
    assert '<span class="input-affix__text">$</span>' in html


def test_each_end_of_a_range_says_which_it_is():
    class RangeForm(forms.Form):
        value = django_filters.fields.RangeField(label="Value")

    html = render_crispy_form(RangeForm())
    assert 'aria-label="Value, from"' in html
    assert 'aria-label="Value, to"' in html


def test_every_kind_of_field_renders():
    html = render_crispy_form(ExampleForm())
    assert html.count('class="field') >= 10
    assert 'class="file-drop"' in html
    assert 'type="tel"' in html


class ChoosingForm(forms.Form):
    kind = forms.ChoiceField(
        choices=[("", "None"), ("Grouped", [("a", "A & B"), ("b", "Second")]), (3, "Third")],
        widget=forms.Select(attrs={"data-x": "<1>", "hidden": False}),
    )


def test_a_list_to_choose_from_is_drawn_as_django_draws_it():
    for form in (
        ChoosingForm(),
        ChoosingForm({"kind": "b"}),
        ChoosingForm({"kind": "no"}),
        ChoosingForm({"kind": "3"}),
    ):
        drawn = house_field(form["kind"])
        assert parse_html(drawn) == parse_html(form["kind"].as_widget())
    assert '<option value="3" selected>' in drawn
