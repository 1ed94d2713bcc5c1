"""Reading the audit log: each entry in words, with the names of the rows that it speaks of and what changed."""

from collections import defaultdict
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.urls import NoReverseMatch
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models.base import ClinicModel
from clinics.personal_values import GONE, PersonalValues
from clinics.templatetags.ui import exact, money

NOTHING = "—"


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    event: object
    words: str
    subject: str
    url: str
    changes: list


# What is recorded of any kind of row, under the name of its model.
OF_ANY_KIND = {
    "created": gettext_lazy("added: %(kind)s"),
    "changed": gettext_lazy("changed: %(kind)s"),
    "deleted": gettext_lazy("deleted: %(kind)s"),
    "viewed": gettext_lazy("looked at: %(kind)s"),
}


def in_words(action):
    """What somebody did, as `config/events.py` says it; an action of an older release is read as it stands."""
    known = import_string(settings.EVENTS).get(action)
    if known:
        return str(known)
    kind, _dot, verb = action.rpartition(".")
    model = model_of(kind) if verb in OF_ANY_KIND else None
    return OF_ANY_KIND[verb] % {"kind": model._meta.verbose_name} if model else verb.replace("_", " ")


def read_entries(events):
    """Turn audit rows into entries, asking once for each kind of row that they name."""
    names = Names(events)
    return [
        Entry(
            event=event,
            words=in_words(event.action),
            subject=names.of(subject_model(event), event.resource_id),
            url=names.url(subject_model(event), event.resource_id),
            changes=changes_of(event, names),
        )
        for event in events
    ]


def subject_model(event):
    """The model of the row that an entry is about; None if there is none, or no longer."""
    return model_of(event.resource_type)


def model_of(label):
    try:
        return apps.get_model(label) if label else None
    except (LookupError, ValueError):
        return None


def kinds():
    """Every kind of row that an entry may be about, as choices of a filter."""
    models = [model for model in apps.get_models() if issubclass(model, ClinicModel)]
    return sorted((model._meta.label_lower, capfirst(str(model._meta.verbose_name))) for model in models)


def changes_of(event, names):
    """What was and what is, field by field; a value that did not change is left out."""
    before, after = (names.personal.opened(event, side) for side in (event.before, event.after))
    changes = []
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) == after.get(key) != GONE or (event.before or {}).get(key) == (event.after or {}).get(key):
            continue
        field = field_of(subject_model(event), key)
        label = str(getattr(field, "verbose_name", key.replace("_", " ")))
        if key.endswith("_cents"):  # the value is shown as money
            label = label.removesuffix(" cents").partition(",")[0]
        old, new = (value_in_words(field, key, side.get(key), names) for side in (before, after))
        changes.append(Change(capfirst(label), old, new))
    return changes


def field_of(model, key):
    try:
        return model._meta.get_field(key) if model else None
    except FieldDoesNotExist:
        return None


def value_in_words(field, key, value, names):
    """A stored value as its reader knows it: the name of a row, the label of a choice, money, a moment."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if field is not None and field.related_model:
        return names.of(field.related_model, value)
    if key.endswith("_cents"):
        return money(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value_in_words(getattr(field, "base_field", None), key, each, names) for each in value)
    if isinstance(value, dict):
        pairs = ((each, value_in_words(None, each, inner, names)) for each, inner in value.items())
        return ", ".join(f"{each.replace('_', ' ')}: {words}" for each, words in pairs)
    labels = dict(field.flatchoices) if field is not None and field.choices else {}
    if value in labels:
        return str(labels[value])
    moment = parse_datetime(value) if isinstance(value, str) and len(value) > len("2026-11-21T") else None
    return exact(moment) if moment else str(value)


class Names:
    """The names of all rows that some entries speak of, fetched by one query for each model."""

    def __init__(self, events):
        self.personal = PersonalValues(events)
        wanted = defaultdict(set)
        for event in events:
            model = subject_model(event)
            wanted[model].add(event.resource_id)
            for key, value in [*(event.before or {}).items(), *(event.after or {}).items()]:
                field = field_of(model, key)
                if field is not None and field.related_model and isinstance(value, str):
                    wanted[field.related_model].add(value)
        self.rows = {}
        for model, ids in wanted.items():
            if model is not None and issubclass(model, ClinicModel):
                rows = model.objects.filter(pk__in=ids - {None})
                rows = rows.for_list() if hasattr(rows, "for_list") else rows
                self.rows |= {(model, str(row.pk)): row for row in rows}

    def of(self, model, row_id):
        """The name of a row; of one that is gone, its kind and the end of its id."""
        if model is None or row_id is None:
            return ""
        row = self.rows.get((model, str(row_id)))
        return str(row) if row is not None else f"{model._meta.verbose_name} …{str(row_id)[-6:]}"

    def url(self, model, row_id):
        row = self.rows.get((model, str(row_id)))
        try:
            return row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""
        except NoReverseMatch:
            return ""
