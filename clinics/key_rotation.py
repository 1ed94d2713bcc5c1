"""Carries sealed columns over to the current key, a few rows at a time, beside the running application.

Every batch is a transaction of its own: killed halfway, what is done is done, and the next run goes on with the rest.
"""

from contextlib import nullcontext
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Cast

from clinics.encryption import FORMAT, CannotUnseal, EncryptedField, Sealed, current_key_id

BATCH = 200


@dataclass(frozen=True)
class Rotation:
    rotated: int = 0
    unreadable: tuple = ()

    def __add__(self, other):
        return Rotation(self.rotated + other.rotated, self.unreadable + other.unreadable)


def sealed_models():
    """Every model with a sealed column, in a stable order."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and sealed_fields(model)
    ]


def sealed_fields(model):
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedField)]


def on_old_keys(model):
    """The rows of `model` with a column sealed under another than the current key."""
    rows, old = model._base_manager.all(), Q()
    for number, field in enumerate(sealed_fields(model)):
        token = f"token_{number}"
        rows = rows.alias(**{token: Cast(field.attname, models.TextField())})
        old |= Q(**{f"{token}__gt": ""}) & ~Q(**{f"{token}__startswith": f"{FORMAT}:{current_key_id()}:"})
    return rows.filter(old)


def rotate(model, *, within=nullcontext, batch=BATCH):
    """Seal all rows of `model` anew that are on old keys; `within` opens the clinic's scope around each batch.

    Rows that somebody is changing are passed over at first and waited for at the end. A row that does not open is
    left as it is and named in the result.
    """
    total = Rotation()
    for waits in (False, True):
        after, full = None, True
        while full:
            with transaction.atomic(), within():
                rows = _lock_batch(model, after, batch, waits=waits)
                total += _seal_anew(model, rows, seen=total.unreadable)
            full = len(rows) == batch
            after = rows[-1].pk if rows else None
    return total


def _lock_batch(model, after, batch, *, waits):
    rows = on_old_keys(model).order_by("pk").select_for_update(of=("self",), skip_locked=not waits)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows[:batch])


def _seal_anew(model, rows, seen):
    rotated, unreadable = 0, []
    for row in rows:
        changed = {}
        try:
            for field in sealed_fields(model):
                stored = row.__dict__[field.attname]
                if isinstance(stored, Sealed) and stored.key_id != current_key_id():
                    changed[field.attname] = field.seal(field.unseal(stored, row), row)
        except CannotUnseal:
            if row.pk not in seen:
                unreadable.append(row.pk)
            continue
        rotated += model._base_manager.filter(pk=row.pk).update(**changed)
    return Rotation(rotated, tuple(unreadable))
