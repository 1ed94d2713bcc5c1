"""What a new clinic starts with: made once in a test run, and written down again for each clinic of the cast after it.

Making it takes longer than most tests do; writing it down again takes one message to the database.
"""

import re

from django.db import connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from clinics.public_tokens import LENGTH, clinic_of, new_token
from clinics.tenancy import clinic_scope
from clinics.wall import clinic_models
from crm.presets import load_preset

ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
TOKEN = re.compile(rf'(?<=")[\w-]{{{LENGTH}}}(?=")', re.ASCII)
_remembered = {}


def give_preset(clinic):
    """Give a new clinic what `load_preset` gives it: the same rows in the same order, new ids, tokens and times."""
    kind = clinic.preset, clinic.language
    with clinic_scope(clinic):
        if kind in _remembered:
            _write_again(clinic, *_remembered[kind])
        else:
            load_preset(clinic)
            _remembered[kind] = str(clinic.pk), _rows_by_model()


def _rows_by_model():
    """The rows that the open clinic has of each model, as the text of a JSON array."""
    found = {}
    with connection.cursor() as cursor:
        for model in clinic_models():
            cursor.execute(f"SELECT jsonb_agg(to_jsonb(t) ORDER BY id)::text FROM {model._meta.db_table} t")
            rows = cursor.fetchone()[0]
            if rows:
                found[model] = rows
    return found


def _write_again(clinic, first_clinic_id, rows_by_model):
    statements, parameters = [], []
    ids = sorted(set(ID.findall(" ".join(rows_by_model.values()))) - {first_clinic_id})
    fresh = {old: str(uuid7()) for old in ids} | {first_clinic_id: str(clinic.pk)}
    for model, rows in rows_by_model.items():
        columns = [field.column for field in model._meta.concrete_fields if not field.generated]
        chosen = ["%s" if column in ("created_at", "updated_at") else f'"{column}"' for column in columns]
        into = ", ".join(f'"{column}"' for column in columns)
        statements.append(
            f"INSERT INTO {model._meta.db_table} ({into}) SELECT {', '.join(chosen)}"
            f" FROM jsonb_populate_recordset(NULL::{model._meta.db_table}, %s)"
        )
        rows = TOKEN.sub(lambda found: new_token(clinic.pk) if _is_token(found[0], first_clinic_id) else found[0], rows)
        parameters += [timezone.now()] * chosen.count("%s")
        parameters.append(ID.sub(lambda found: fresh[found[0]], rows))
    with connection.cursor() as cursor:
        cursor.execute(";".join(statements), parameters)


def _is_token(text, clinic_id):
    return str(clinic_of(text)) == clinic_id
