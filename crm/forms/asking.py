"""The form that visitors fill in, made from what the clinic has chosen to ask."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinics.normalising import phone_e164
from crm.form_words import ON_BOOKING, ON_TABLET, TEXTS, TIMES, askable_in
from crm.intake import REFUSED_WHEN_MINIMAL
from crm.models import Lead, LeadSource, PatientRelationship
from crm.models.choices import interests_offered
from crm.own_questions import LONGEST_ANSWER, Kind, choices_of, in_language, is_own_name
from crm.rules import FieldRefused

TRAP = "website"
LONGEST_WORDS = 5000
WIDGETS = {"tel": forms.TextInput, "date": forms.DateInput, "long": forms.Textarea, "relationship": forms.RadioSelect}


class AskForm(forms.Form):
    """What a LeadForm asks, in the language of the page: one field for each entry that this clinic may keep."""

    use_required_attribute = False  # the server says what is missing, kindly and in one place

    def __init__(self, *args, lead_form, **kwargs):
        super().__init__(*args, **kwargs)
        self.lead_form, self.clinic = lead_form, lead_form.clinic
        language, offered = (get_language() or "en")[:2], askable_in(self.clinic)
        for entry in lead_form.fields:
            if entry["name"] in offered:
                self.fields[entry["name"]] = self._field(offered[entry["name"]], entry, language)
            elif is_own_name(entry["name"]) and self.clinic.asks_full_names:
                self.fields[entry["name"]] = self._own_field(entry, language)
        if {"phone", "email"} <= set(self.fields) and not self.fields["email"].required:
            self.fields["phone"].is_enough = True
            self.fields["phone"].help_text = self.fields["phone"].help_text or _(
                "One of the two is enough: phone or e-mail"
            )
        if lead_form.is_walk_in:  # the tablet must not offer what the person before has typed
            for field in self.fields.values():
                field.widget.attrs["autocomplete"] = "off"
        if lead_form.asks_consent:
            words = said(lead_form, "consent")
            missing = {"required": _("Tick this, or call us instead")}
            self.fields["consent"] = forms.BooleanField(label=words, error_messages=missing)
            self.fields["consent"].help_text = said(lead_form, "consent_hint")
        if lead_form.asks_news:
            self.fields["news"] = forms.BooleanField(label=said(lead_form, "news"), required=False)
            self.fields["news"].help_text = _("Not needed for your request")

    def _field(self, askable, entry, language):
        facts = {
            "label": entry.get("label", {}).get(language) or askable.label,
            "help_text": entry.get("help", {}).get(language) or askable.help,
            "required": bool(entry.get("required")),
            "error_messages": {"required": _("This is missing")},
        }
        field = getattr(self, f"_make_{askable.kind}", self._make_text)(askable, facts)
        field.widget.attrs |= {"class": "input"} | (
            {"autocomplete": askable.autocomplete} if askable.autocomplete else {}
        )
        field.kind = askable.kind
        return field

    def _own_field(self, entry, language):
        """The field of a question of the clinic's own."""
        facts = {
            "label": in_language(entry["label"], language),
            "help_text": in_language(entry["help"], language),
            "required": bool(entry.get("required")),
            "error_messages": {"required": _("This is missing")},
        }
        kind, choices = entry["kind"], choices_of(entry, language)
        if kind in (Kind.CHOICE, Kind.YES_NO):
            field = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **facts)
        else:
            widget = forms.Textarea(attrs={"rows": 3}) if kind == Kind.LONG else forms.TextInput()
            longest = LONGEST_ANSWER if kind == Kind.LONG else 200
            field = forms.CharField(max_length=longest, widget=widget, **facts)
        field.widget.attrs |= {"class": "input"}
        field.kind = "options" if choices else kind
        return field

    def _make_text(self, askable, facts):
        return forms.CharField(max_length=Lead._meta.get_field(askable.name).max_length, **facts)

    def _make_insurance(self, askable, facts):
        return forms.CharField(max_length=120, **facts)

    def _make_tel(self, askable, facts):
        return forms.CharField(
            max_length=40, widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}), **facts
        )

    def _make_email(self, askable, facts):
        return forms.EmailField(
            max_length=Lead._meta.get_field(askable.name).max_length,
            **facts | {"error_messages": facts["error_messages"] | {"invalid": _("Write it as name@example.com")}},
        )

    def _make_date(self, askable, facts):
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **facts)

    def _make_long(self, askable, facts):
        return forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3}), **facts)

    def _make_relationship(self, askable, facts):
        choices = [(PatientRelationship.SELF, _("For me")), *PatientRelationship.choices[1:]]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **facts)

    def _make_interests(self, askable, facts):
        choices = interests_offered(self.clinic)
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **facts)

    def _make_times(self, askable, facts):
        return forms.ChoiceField(choices=TIMES, widget=forms.RadioSelect, **facts)

    def _make_sources(self, askable, facts):
        sources = LeadSource.objects.filter(is_active=True).values_list("pk", "name")
        return forms.ChoiceField(choices=[("", ""), *((str(pk), name) for pk, name in sources)], **facts)

    def clean_phone(self):
        phone = self.cleaned_data["phone"]
        if phone and not phone_e164(phone, region=self.clinic.phone_region):
            raise ValidationError(_("This number cannot be dialed. Write it with the area code."))
        return phone

    def clean(self):
        cleaned = super().clean()
        asked = {"phone", "email"} & set(self.fields)
        if asked and not any(cleaned.get(name) or name in self.errors for name in asked):
            first = "phone" if "phone" in asked else "email"
            self.add_error(first, _("We need a phone number or an e-mail address to answer you"))
        if not self.clinic.asks_full_names and not self.clinic.leaves_out_private:
            for name in sorted(REFUSED_WHEN_MINIMAL & {name for name in self.data if self.data[name]}):
                self.add_error(None, str(FieldRefused(name, Lead._meta.get_field(name).verbose_name)))
        return cleaned

    @property
    def problems(self):
        """What is to be mended, in the order of the page: (id of the field or "", its label, the words)."""
        found = [("", "", words) for words in self.non_field_errors()]
        named = {"consent": _("your agreement")}
        return found + [
            (field.auto_id, named.get(field.name, field.label), field.errors[0]) for field in self if field.errors
        ]


def said(lead_form, place):
    """What a form says at a place: its own words, or else the house's."""
    usual = TEXTS | (ON_TABLET if lead_form.is_walk_in else ON_BOOKING if lead_form.is_booking else {})
    words = lead_form.text(place) or str(usual[place])
    return words.replace("%(clinic)s", lead_form.clinic.name)
