"""The builder of public forms: what to ask, in which order and words, and what becomes of an answer."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from clinics.models import Location, Tag
from clinics.models.clinic import LANGUAGES
from crm.form_words import LABELS, LONG, TEXTS, askable_in, field_entry
from crm.lead_forms import readable_origin
from crm.models import LeadForm, LeadSource
from crm.own_questions import Kind, is_own_name, problem_of, question_entry, read_choices

UP, DOWN = "up", "down"
LONGEST = {"title": 120, "button": 60, "confirmation_subject": 120}
WEB_ADDRESS = URLValidator(schemes=["http", "https"])


class BuilderForm(forms.ModelForm):
    """All that can be set on a LeadForm. The chosen fields come beside it, one row each: see `rows`."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    allowed_origins = forms.CharField(
        label=gettext_lazy("Sites that may show it"),
        help_text=gettext_lazy("One address a line, as https://www.your-clinic.com. Empty: none."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    class Meta:
        model = LeadForm
        fields = [
            "name", "use", "hue", "language", "source", "tag", "location", "asks_consent", "asks_news", "privacy_url",
            "redirect_url", "confirms_by_email", "notice_hours", "days_ahead",
        ]  # fmt: skip

    def __init__(self, *args, clinic, **kwargs):
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.fields["source"].queryset = LeadSource.objects.filter(is_active=True)
        self.fields["tag"].queryset = Tag.objects.all()
        self.fields["location"].queryset = Location.objects.filter(is_active=True)
        for name, words in {"source": _("not asked"), "tag": _("none"), "location": _("all of them")}.items():
            self.fields[name].empty_label, self.fields[name].required = words, False
        if self.instance._state.adding and not self.is_bound:
            self.fields["name"].widget.attrs["autofocus"] = True
        self.initial |= {"version": self.instance.version, "allowed_origins": "\n".join(self.instance.allowed_origins)}
        if not self.instance.is_booking:
            del self.fields["notice_hours"], self.fields["days_ahead"]
        for name in ("privacy_url", "redirect_url"):
            self.fields[name].validators.append(WEB_ADDRESS)
        for language, _name in LANGUAGES:
            for place, words in TEXTS.items():
                self._add_text(language, place, words)

    def _add_text(self, language, place, words):
        widget = forms.Textarea(attrs={"rows": 2}) if place in LONG else forms.TextInput()
        with override(language):
            widget.attrs["placeholder"] = str(words) % {"clinic": self.clinic.name} if "%" in str(words) else str(words)
        name = f"text_{language}_{place}"
        self.fields[name] = forms.CharField(
            label=LABELS[place], required=False, max_length=LONGEST.get(place, 600), widget=widget
        )
        self.initial[name] = self.instance.texts.get(language, {}).get(place, "")

    def _post_clean(self):
        """The verb checks and writes; nothing is put on the instance here."""

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean_allowed_origins(self):
        lines = [line.strip() for line in self.cleaned_data["allowed_origins"].splitlines() if line.strip()]
        for line in lines:
            if not readable_origin(line):
                words = _("“%(line)s” is no address of a site. Write it as https://www.your-clinic.com")
                raise ValidationError(words, params={"line": line})
        return list(dict.fromkeys(readable_origin(line) for line in lines))

    @property
    def sections(self):
        """The settings that are not fields or words, under their titles: (title, bound fields)."""
        parts = {
            _("The form"): ("name", "use", "hue", "language"),
            _("Who comes through it"): ("source", "tag", "location"),
            _("Agreement and privacy"): ("asks_consent", "asks_news", "privacy_url"),
            _("Afterwards"): ("redirect_url", "confirms_by_email"),
            _("On your own site"): ("allowed_origins",),
        }
        if self.instance.is_booking:
            parts[_("When visitors may book")] = ("notice_hours", "days_ahead")
        return [(title, [self[name] for name in names]) for title, names in parts.items()]

    @property
    def kinds(self):
        """(code, words) of the ways in which a question of the clinic's own is answered."""
        return Kind.choices

    @property
    def text_sections(self):
        """The form's own words, one section a language: (code, name, bound fields)."""
        return [(code, name, [self[f"text_{code}_{place}"] for place in TEXTS]) for code, name in LANGUAGES]

    def rows(self):
        """One row for each field that may be asked for: {"askable", "is_on", "required", "label", "help"}.

        The chosen ones come first, unless what was posted has an order of its own. Questions of the clinic's own are
        rows with a "kind" and "choices" instead of "askable".
        """
        offered = askable_in(self.clinic)
        chosen = {entry["name"]: entry for entry in self.chosen_fields() if self._may_ask(entry["name"], offered)}
        posted = self.data.getlist("field") if self.is_bound else chosen
        names = dict.fromkeys([*(name for name in posted if name in offered or name in chosen), *offered])
        return [
            chosen[name] | {"is_own": True, "is_fresh": not any(chosen[name]["label"].values())}
            if is_own_name(name)
            else field_entry(name) | chosen.get(name, {}) | {"askable": offered[name], "is_on": name in chosen}
            for name in names
        ]

    def _may_ask(self, name, offered):
        return name in offered or (is_own_name(name) and self.clinic.asks_full_names)

    def chosen_fields(self):
        """The chosen fields in their order, as LeadForm keeps them."""
        if not self.is_bound:
            return self.instance.fields
        names = dict.fromkeys(self.data.getlist("field"))
        return [self._entry(name) for name in names if is_own_name(name) or f"on_{name}" in self.data]

    def _entry(self, name):
        parts = {part: self._by_language(part, name) for part in ("label", "help", "choices")}
        if not is_own_name(name):
            return field_entry(name, f"required_{name}" in self.data, parts["label"], parts["help"])
        parts["choices"] = {code: read_choices(text) for code, text in parts["choices"].items()}
        return question_entry(name, self.data.get(f"kind_{name}", ""), f"required_{name}" in self.data, **parts)

    def _by_language(self, part, name):
        """What was written of a part of a field, {language: text}; choices are many lines."""
        longest = 5000 if part == "choices" else 200
        said = {code: self.data.get(f"{part}_{code}_{name}", "").strip()[:longest] for code, _name in LANGUAGES}
        return {code: text for code, text in said.items() if text}

    @property
    def values(self):
        """What create_form and edit_form take."""
        values = {name: value for name, value in self.cleaned_data.items() if not name.startswith("text_")}
        values.pop("version")
        return values | {"fields": self.chosen_fields(), "texts": self.texts(self.cleaned_data)}

    def texts(self, said):
        found = {
            code: {place: text for place in TEXTS if (text := (said.get(f"text_{code}_{place}") or "").strip())}
            for code, _name in LANGUAGES
        }
        return {code: texts for code, texts in found.items() if texts}

    def drawn(self):
        """An unsaved form as it would look now, however unfinished it is."""
        self.is_valid()
        plain = (
            "use", "hue", "language", "asks_consent", "asks_news", "privacy_url", "notice_hours", "days_ahead",
        )  # fmt: skip
        facts = {name: self.cleaned_data[name] for name in plain if self.cleaned_data.get(name) is not None}
        place = self.cleaned_data.get("location")
        offered = askable_in(self.clinic)
        fields = [entry for entry in self.chosen_fields() if self._may_ask(entry["name"], offered)]
        fields = [entry for entry in fields if not (is_own_name(entry["name"]) and problem_of(entry))]
        return LeadForm(clinic=self.clinic, fields=fields, texts=self.texts(self.cleaned_data), location=place, **facts)

    def refuse(self, broken):
        """Show a broken rule above the form, or at the name that another form has."""
        self.add_error(None, str(broken))


def moved(names, name, way):
    """The names with one of them a place further up or down."""
    place = names.index(name)
    other = max(0, min(len(names) - 1, place + (-1 if way == UP else 1)))
    names = list(names)
    names[place], names[other] = names[other], names[place]
    return names
