"""Every component in every state, in both themes: the page to look at before anything new is drawn."""

from crispy_forms.bootstrap import PrependedText
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, Row, Submit
from django import forms
from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.pages import page
from clinics.templatetags.ui import icon_names

SECTIONS = [
    ("color", _("Colour"), _("Ink blue acts. Red, yellow and green only ever mean contact priority, risk or overdue.")),
    ("type", _("Type"), _("Eight sizes, three weights. 13 to work, 14 to read, figures always tabular.")),
    ("icon", _("Icons"), _("24 units, one stroke, the colour of the text. Never alone where a word would fit.")),
    ("button", _("Buttons"), _("One primary on a view. A key hint belongs inside the button it presses.")),
    ("field", _("Fields"), _("Label above, help below, error in its place. Only “optional” is marked.")),
    ("form", _("Forms"), _("What crispy makes of a form: refused, with the way to each field, and its pickers.")),
    (
        "badge",
        _("Badges, chips, people"),
        _("A badge states, a chip can be pressed. Staff are round, patients soft squares."),
    ),
    ("tabs", _("Tabs and steps"), _("Tabs change the view, a segment changes the manner. Steps never go backwards.")),
    ("table", _("Tables"), _("Sticky head, first cell is the link, figures at the end, an em dash for nothing.")),
    (
        "figures",
        _("Figures and facts"),
        _("A figure says what it is compared with. An empty fact is the way to fill it."),
    ),
    ("chart", _("Charts"), _("The title asks, the subtitle answers, the table is one press away.")),
    ("card", _("Lead cards"), _("At rest, chosen, late, nothing known, in the hand’s old place.")),
    ("timeline", _("Timeline"), _("Kinds by icon; only a missed call is red and only a note is tinted.")),
    ("menu", _("Menus and palette"), _("A menu is for the thing beside it; the palette reaches everything.")),
    (
        "dialog",
        _("Dialogs, drawers, tooltips"),
        _("A dialog asks one question and names what will happen in its button."),
    ),
    ("alert", _("Alerts and toasts"), _("First what happened, then what to do. A toast always carries the way back.")),
    (
        "progress",
        _("Jobs, skeletons, empty places"),
        _("Long work can be left and found again. An empty place teaches."),
    ),
]


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Name"))
    phone = forms.CharField(label=_("Phone"), widget=forms.TelInput, help_text=_("With the area code."))
    value = forms.DecimalField(label=_("Value"), required=False, localize=True)
    call_on = forms.DateField(label=_("Call back"), required=False)
    source = forms.ChoiceField(label=_("Source"), choices=[("ads", _("Google Ads")), ("walk", _("Walk-in"))])
    interests = forms.MultipleChoiceField(
        label=_("Interests"),
        choices=[("braces", _("Braces")), ("aligners", _("Clear aligners")), ("other", _("Something else"))],
        widget=forms.CheckboxSelectMultiple,
    )
    contact_by = forms.ChoiceField(
        label=_("Contact by"), choices=[("call", _("Call")), ("text", _("Text"))], widget=forms.RadioSelect
    )
    file = forms.FileField(label=_("File"), required=False)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea)
    agreed = forms.BooleanField(label=_("Agreed to be called"), required=False, help_text=_("Kept with the wording."))

    @property
    def helper(self):
        helper = FormHelper(self)
        helper.form_class = "form"
        helper.attrs = {"data-resubmit": "", "novalidate": ""}
        helper.form_method = "get"
        helper.layout = Layout(
            Fieldset(_("Person"), Row("name", "phone"), Row(PrependedText("value", "$"), "call_on")),
            Fieldset(_("Inquiry"), Row("source", "contact_by"), "interests", "file", "note", "agreed"),
            Div(Submit("", _("Add lead")), css_class="form-actions"),
        )
        return helper


@require_GET
@staff_page(None)
def styleguide(request):
    if not settings.STYLEGUIDE:
        raise Http404
    forms_by_side = {
        side: ExampleForm({"name": "", "phone": "312 555", "source": "ads"}, auto_id=f"{side}_%s")
        for side in ("light", "dark")
    }
    sections = [(name, title, text, f"styleguide/_{name}.html") for name, title, text in SECTIONS]
    context = {"sections": sections, "forms": forms_by_side, "icons": icon_names()}
    return page(request, "clinics/styleguide.html", context)
