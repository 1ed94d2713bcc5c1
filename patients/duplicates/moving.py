"""The rows that hang on a patient, of whatever room: to whom they go at a merge, and back again."""

from django.apps import apps
from django.db import IntegrityError, transaction

from patients.models import (
    Patient,
    PatientActRow,
    PatientConsent,
    PatientMatchKey,
    PatientMerge,
    PatientPair,
)

# Rows that stay: they belong to the writing of that patient, or tell what was done to it.
STAYING = {PatientMatchKey, PatientMerge, PatientPair, PatientActRow}


def links_to_patients():
    """The foreign keys of other tables that name a patient, and that of who pays."""
    for relation in Patient._meta.get_fields(include_hidden=True):
        model = getattr(relation, "related_model", None)
        if relation.auto_created and not relation.concrete and relation.is_relation and model not in STAYING:
            yield relation.field


def move_rows(other, survivor):
    """Give everything that hangs on one patient to another; returns {"app.model.field": [ids]} of what moved.

    A row that can exist once a patient only, and that the survivor has, too, stays where it is.
    """
    _settle_consent(other, survivor)
    moved = {}
    for field in links_to_patients():
        rows = field.model.objects.filter(**{field.name: other})
        if field.model is Patient:
            rows = rows.exclude(pk=survivor.pk)
        ids = list(rows.values_list("pk", flat=True))
        if not ids:
            continue
        gone = ids if _try(field, ids, survivor) else [pk for pk in ids if _try(field, [pk], survivor)]
        if gone:
            moved[f"{field.model._meta.label_lower}.{field.name}"] = [str(pk) for pk in gone]
    return moved


def move_rows_back(moved, survivor, other):
    """Give the rows that a merge has moved to the patient they came from, those that are still with the survivor."""
    for label, ids in moved.items():
        app, model, name = label.split(".")
        model = apps.get_model(app, model)
        field = model._meta.get_field(name)
        if model is PatientConsent:
            _let_stand(model.objects.filter(pk__in=ids), survivor)
        model.objects.filter(pk__in=ids, **{field.name: survivor}).update(**{field.name: other})
    _let_newest_stand(survivor)
    _let_newest_stand(other)


def counts_of(other):
    """(words, number) of each kind of row that would move."""
    counted = {}
    for field in links_to_patients():
        number = field.model.objects.filter(**{field.name: other}).count()
        if number:
            words = str(field.model._meta.verbose_name_plural)
            counted[words] = counted.get(words, 0) + number
    return list(counted.items())


def _try(field, ids, survivor):
    try:
        with transaction.atomic():
            field.model.objects.filter(pk__in=ids).update(**{field.name: survivor})
    except IntegrityError:
        return False
    return True


def _settle_consent(other, survivor):
    """Of what both said about a channel and purpose, the later word holds, and of words of one moment the refusal."""
    ours = {(row.channel, row.purpose): row for row in PatientConsent.objects.standing().filter(patient=survivor)}
    for row in PatientConsent.objects.standing().filter(patient=other):
        mine = ours.get((row.channel, row.purpose))
        if mine is not None:
            older = min(mine, row, key=lambda each: (each.decided_at, not each.is_given))
            PatientConsent.objects.filter(pk=older.pk).update(is_current=False)


def _let_stand(rows, survivor):
    """Before they go back no word of theirs holds; which one does is told anew afterwards."""
    PatientConsent.objects.filter(patient=survivor).update(is_current=False)
    rows.update(is_current=False)


def _let_newest_stand(patient):
    newest = {}
    for row in PatientConsent.objects.filter(patient=patient).order_by("decided_at", "-is_given", "pk"):
        newest[row.channel, row.purpose] = row.pk
    PatientConsent.objects.filter(patient=patient).exclude(pk__in=newest.values()).update(is_current=False)
    PatientConsent.objects.filter(pk__in=newest.values()).update(is_current=True)
