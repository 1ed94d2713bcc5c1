"""The forms of an import: the file, and what its columns and words mean."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.models import ClinicUser
from clinics.tables.reading import LIMIT_BYTES
from crm.forms.import_targets import TARGET_GROUPS
from crm.importing.mapping import IGNORE, KEPT, TARGETS
from crm.importing.matching import guess_members, guess_stages, word_key
from crm.importing.options import (
    ARCHIVE,
    DayOrder,
    DecimalMark,
    ImportOptions,
    NotConverted,
    OfRepeats,
    Owners,
    Repeats,
    lead_fields_of,
)
from crm.importing.refusing import REFUSING
from crm.importing.updating import FILLED
from crm.models import LeadSource, LostReason, PipelineStage

PLAIN_OPTIONS = (
    "source", "stage", "not_converted", "lost_reason", "owners", "owner", "tag", "repeats", "day_order",
    "decimal_mark", "refuse_bad_phones",
)  # fmt: skip


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File with leads"),
        max_length=255,
        help_text=_("CSV or Excel (.xlsx), up to 50 MB. A CSV may be packed as .gz."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.gz,text/csv"}),
        error_messages={"empty": _("This file is empty."), "required": _("Choose a file.")},
    )

    def __init__(self, *args, was_too_large=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.was_too_large = was_too_large
        if was_too_large:
            self.fields["file"].required = False

    @property
    def helper(self):
        helper = FormHelper()
        helper.attrs = {"class": "form form--narrow"}
        helper.add_input(Submit("", _("Upload")))
        return helper

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if self.was_too_large or (upload and upload.size > LIMIT_BYTES):
            raise forms.ValidationError(
                _("This file is larger than %(limit)d MB. Split it and import the parts one after the other."),
                params={"limit": LIMIT_BYTES // (1024 * 1024)},
            )
        return upload


class MappingForm(forms.Form):
    """A select for each column, one for each word of its stage, status and coordinator columns, and the options."""

    source = forms.ChoiceField(label=_("Source of rows that name none"), required=False)
    stage = forms.ChoiceField(label=_("Stage of rows that name none"))
    not_converted = forms.ChoiceField(label=_("Who has not become a patient is"), choices=NotConverted)
    lost_reason = forms.ChoiceField(label=_("Reason for lost leads"), choices=LostReason)
    owners = forms.ChoiceField(label=_("Coordinator"), choices=Owners)
    owner = forms.ChoiceField(label=_("Which person"), required=False)
    repeats = forms.ChoiceField(label=_("A person who is here already"), choices=Repeats)
    tag = forms.CharField(label=_("Tag for all of them"), max_length=60, required=False)
    day_order = forms.ChoiceField(label=_("Dates in the file are written"), choices=DayOrder)
    decimal_mark = forms.ChoiceField(label=_("Amounts in the file are written"), choices=DecimalMark)
    refuse_bad_phones = forms.BooleanField(
        label=_("Leave out rows whose phone number cannot be dialed"),
        help_text=_("Otherwise the number is kept in the notes."),
        required=False,
    )

    def __init__(self, data=None, *, lead_import):
        self.lead_import = lead_import
        self.stages = list(PipelineStage.objects.in_order())
        self.members = list(ClinicUser.objects.coordinators().select_related("user"))
        options = ImportOptions.of(lead_import)
        super().__init__(data.copy() if data is not None else None, initial=options.as_json())
        self._offer_choices()
        self.targets = [self._add_target(place) for place in range(len(lead_import.columns))]
        self.stage_words = self._add_words(
            "stage_word",
            self._words("stage", "status"),
            self._stage_choices(),
            options.stage_words,
            self._stage_guesses,
        )
        self.owner_words = self._add_words(
            "owner_word", self._words("assigned_to"), self._member_choices(), options.owner_words, self._member_guesses
        )

    def _offer_choices(self):
        sources = [(str(source.pk), source.name) for source in LeadSource.objects.filter(is_active=True)]
        self.fields["source"].choices = [("", _("Not asked")), *sources]
        self.fields["stage"].choices = [(str(stage.pk), stage.name) for stage in self.stages]
        self.fields["owner"].choices = [("", _("Choose")), *((str(each.pk), str(each)) for each in self.members)]

    def _add_target(self, place):
        groups = [(group, [(name, TARGETS[name]) for name in names]) for group, names in TARGET_GROUPS]
        self.fields[f"target_{place}"] = forms.ChoiceField(
            label=self.lead_import.columns[place]["header"],
            choices=[(KEPT, _("Keep beside the lead")), (IGNORE, _("Leave out")), *groups],
            initial=self.lead_import.mapping[place],
            required=False,
        )
        self._add_choice_of_repeats(place)
        return f"target_{place}"

    def _add_choice_of_repeats(self, place):
        """What becomes of this field of people who are here already, where the options do not say it well."""
        column, chosen = self.lead_import.columns[place], ImportOptions.of(self.lead_import).fields
        known = [chosen[name] for name in lead_fields_of(self.lead_import.mapping[place]) if name in chosen]
        self.fields[f"of_repeats_{place}"] = forms.ChoiceField(
            label=_("%(column)s of people who are here") % {"column": column["header"]},
            choices=[("", _("As for all fields")), *OfRepeats.choices],
            initial=known[0] if known else "",
            required=False,
        )

    def current_mapping(self):
        """The target of each column as it stands in this form."""
        return [self[name].value() or KEPT for name in self.targets]

    def _words(self, *targets):
        words = {}
        for column, target in zip(self.lead_import.columns, self.current_mapping(), strict=True):
            if target in targets:
                for word, count in column["words"] or ():
                    words.setdefault(word_key(word), [word, 0])[1] += count
        return words

    def _stage_choices(self):
        on_the_way = [(str(stage.pk), stage.name) for stage in self.stages]
        return [("", _("As rows that name none")), *on_the_way, (ARCHIVE, _("Into the archive"))]

    def _member_choices(self):
        return [("", _("Each in turn")), *((str(member.pk), str(member)) for member in self.members)]

    def _stage_guesses(self, words):
        return guess_stages(words, self.stages)

    def _member_guesses(self, words):
        return guess_members(words, self.members)

    def _add_words(self, prefix, words, choices, known, guess):
        """A select for each word; those that the page did not show yet begin with the guess."""
        guesses = guess([word for word, _count in words.values()])
        added = []
        for place, (key, (word, count)) in enumerate(words.items()):
            name = f"{prefix}_{place}"
            value = known.get(key, guesses[key])
            self.fields[name] = forms.ChoiceField(label=word, choices=choices, initial=value, required=False)
            if self.is_bound and (name not in self.data or self.data.get(f"{name}_of") != key):
                self.data[name] = value
            added.append({"name": name, "key": key, "word": word, "count": count})
        return added

    def clean(self):
        cleaned = super().clean()
        chosen = {}
        for name in self.targets:
            target = cleaned.get(name, KEPT)
            if target in (KEPT, IGNORE):
                continue
            if target in REFUSING:
                chosen.setdefault(target, name)
                continue
            if target in chosen:
                message = _("“%(first)s” is the %(field)s already. Choose one of the two.")
                self.add_error(
                    name,
                    forms.ValidationError(
                        message, params={"first": self.fields[chosen[target]].label, "field": TARGETS[target]}
                    ),
                )
            chosen.setdefault(target, name)
        if not chosen:
            self.add_error(None, _("Say of at least one column what it holds."))
        if cleaned.get("owners") == Owners.PERSON and not cleaned.get("owner"):
            self.add_error("owner", _("Choose who takes care of these leads."))
        return cleaned

    def mapping(self):
        return [self.cleaned_data[name] for name in self.targets]

    def options(self):
        return ImportOptions(
            stage_words={each["key"]: self.cleaned_data[each["name"]] for each in self.stage_words},
            owner_words={each["key"]: self.cleaned_data[each["name"]] for each in self.owner_words},
            fields=self._fields_of_repeats(),
            **{name: self.cleaned_data[name] for name in PLAIN_OPTIONS},
        )

    def _fields_of_repeats(self):
        return {
            field: choice
            for place, name in enumerate(self.targets)
            if (choice := self.cleaned_data.get(f"of_repeats_{place}"))
            for field in lead_fields_of(self.cleaned_data[name])
            if field in FILLED
        }

    # What the page shows ---------------------------------------------------------------------------

    @property
    def columns(self):
        """Each column with its select, its samples and why it was guessed so."""
        return [
            column | {"field": self[name], "of_repeats": self._of_repeats(place)}
            for place, (column, name) in enumerate(zip(self.lead_import.columns, self.targets, strict=True))
        ]

    def _of_repeats(self, place):
        target = self[self.targets[place]].value() or KEPT
        is_updated = any(field in FILLED for field in lead_fields_of(target))
        return self[f"of_repeats_{place}"] if is_updated else None

    @property
    def updates_people(self):
        """Whether rows of people who are here already change them, so that each column may say how."""
        return self["repeats"].value() in (Repeats.UPDATE, Repeats.REPLACE, Repeats.TOUCH)

    @property
    def stage_rows(self):
        return [each | {"field": self[each["name"]]} for each in self.stage_words]

    @property
    def owner_rows(self):
        return [each | {"field": self[each["name"]]} for each in self.owner_words]

    @property
    def asks_conversion(self):
        return "converted" in self.current_mapping()

    @property
    def asks_amounts(self):
        return "expected_value" in self.current_mapping()

    @property
    def asks_dates(self):
        return not {"created_at", "patient_dob"}.isdisjoint(self.current_mapping())
