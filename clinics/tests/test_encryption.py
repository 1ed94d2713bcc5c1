"""Sealing is pure; the model below never reaches a database, its saves are looked at before they would."""

import base64
import datetime as dt
import json
import uuid

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.db.models import F
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from clinics.encryption import (
    CannotUnseal,
    EncryptedDateField,
    EncryptedJSONField,
    EncryptedTextField,
    PlainValueRefused,
    Sealed,
    current_key_id,
    seal,
    seal_for,
    unseal,
)

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
PLACE = ("crm_lead", "insurance_member_id", "row-1", "clinic-1")

with isolate_apps("django.contrib.contenttypes"):

    class Chart(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        clinic_id = models.UUIDField(default=uuid.uuid4)
        note = EncryptedTextField(blank=True, default="")
        other_note = EncryptedTextField(blank=True, default="")
        born_on = EncryptedDateField(null=True, blank=True)
        access = EncryptedJSONField(default=dict)

        class Meta:
            app_label = "contenttypes"


@pytest.fixture(autouse=True)
def ring(settings):
    settings.ENCRYPTION_KEYS = [OLD]


def stored(row):
    """What a save would write: column to token."""
    return {
        field.attname: field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for field in Chart._meta.concrete_fields
    }


def loaded(columns, **changes):
    """The row that comes back when the database holds `columns`."""
    values = columns | changes
    return Chart.from_db(
        "default",
        list(values),
        [
            field.from_db_value(values[field.attname], None, connection)
            if hasattr(field, "from_db_value")
            else field.to_python(values[field.attname])
            for field in Chart._meta.concrete_fields
        ],
    )


@given(st.text())
def test_seal_gives_back_any_text(text):
    assert unseal(seal(text, PLACE), PLACE) == text


def test_seal_never_writes_the_same_twice():
    assert seal("A-7712", PLACE) != seal("A-7712", PLACE)


@pytest.mark.parametrize("position", range(4))
def test_unseal_refuses_another_table_column_row_or_clinic(position):
    elsewhere = tuple("other" if place == position else part for place, part in enumerate(PLACE))
    with pytest.raises(CannotUnseal):
        unseal(seal("A-7712", PLACE), elsewhere)


def test_unseal_refuses_every_single_changed_byte():
    version, key_id, encoded = seal("A-7712", PLACE).token.split(":")
    body = base64.urlsafe_b64decode(encoded)
    for place in range(len(body)):
        damaged = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(CannotUnseal):
            unseal(Sealed(f"{version}:{key_id}:{base64.urlsafe_b64encode(damaged).decode()}"), PLACE)


@pytest.mark.parametrize(
    "token", ["A-7712", "v1:old:", "v1:old:AAAA", "v1:old:ü", "v2:old:AAAA", "v1::", ":", "v1:gone:" + "A" * 64]
)
def test_unseal_refuses_what_was_never_sealed(token):
    with pytest.raises(CannotUnseal):
        unseal(Sealed(token), PLACE)


def test_a_new_first_key_seals_while_the_old_one_still_opens(settings):
    before = seal("A-7712", PLACE)
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    assert unseal(before, PLACE) == "A-7712"
    assert (current_key_id(), seal("A-7712", PLACE).key_id) == ("new", "new")


def test_a_key_that_left_the_ring_opens_nothing(settings):
    before = seal("A-7712", PLACE)
    settings.ENCRYPTION_KEYS = [NEW]
    with pytest.raises(CannotUnseal, match="'old' is not in ENCRYPTION_KEYS"):
        unseal(before, PLACE)


@pytest.mark.parametrize(
    "keys", [[], ["nokey"], ["a:c2hvcnQ="], ["a b:" + OLD[4:]], [OLD, OLD], [":" + OLD[4:]], ["a:%%%"]]
)
def test_a_wrong_key_ring_is_refused(settings, keys):
    settings.ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured):
        seal("A-7712", PLACE)


def test_a_row_is_written_sealed_and_read_plain():
    row = Chart(note="Penicillin ⚠", born_on="2012-02-29", access={"token": ["ä", 1, None]})
    columns = stored(row)

    assert not any(plain in json.dumps(columns, default=str) for plain in ("Penicillin", "2012", "token"))
    again = loaded(columns)
    assert (again.note, again.born_on, again.access) == (
        "Penicillin ⚠",
        dt.date(2012, 2, 29),
        {"token": ["ä", 1, None]},
    )


def test_nothing_stays_nothing():
    columns = stored(Chart())
    assert (columns["note"], columns["born_on"]) == ("", None)
    assert (loaded(columns).note, loaded(columns).born_on, loaded(columns).access) == ("", None, {})


@pytest.mark.parametrize("move", ["id", "clinic_id"])
def test_a_value_copied_to_another_row_or_clinic_does_not_open(move):
    copy = loaded(stored(Chart(note="A-7712")), **{move: uuid.uuid4()})
    with pytest.raises(CannotUnseal):
        copy.note  # noqa: B018
    with pytest.raises(CannotUnseal):
        stored(copy)


def test_a_value_copied_to_another_column_does_not_open():
    columns = stored(Chart(note="A-7712"))
    with pytest.raises(CannotUnseal):
        loaded(columns, other_note=columns["note"]).other_note  # noqa: B018


def test_a_loaded_row_keeps_its_columns_sealed_until_one_is_read():
    row = loaded(stored(Chart(note="A-7712", other_note="B-1")))
    assert row.note == "A-7712"
    assert isinstance(row.__dict__["other_note"], Sealed)
    assert (str(row.__dict__["other_note"]), repr(row.__dict__["other_note"])) == ("••••", "<Sealed>")


def test_update_refuses_a_plain_value_and_takes_a_sealed_one():
    row, field = Chart(), Chart._meta.get_field("note")
    for value in ("A-7712", F("other_note"), 7):
        with pytest.raises(PlainValueRefused, match="note is sealed for one row"):
            field.get_db_prep_save(value, connection)

    token = field.get_db_prep_save(seal_for(row, "note", "A-7712"), connection)
    assert loaded(stored(row), note=token).note == "A-7712"


def test_a_sealed_column_cannot_be_searched():
    Chart.objects.filter(note="", born_on__isnull=True)
    for lookup in (
        {"note__contains": "A"},
        {"born_on__year": 2012},
        {"access__token": 1},
        {"born_on__gt": "2012-01-01"},
    ):
        with pytest.raises(FieldError):
            Chart.objects.filter(**lookup)


def test_a_sealed_date_is_validated_as_a_date():
    field = Chart._meta.get_field("born_on")
    assert field.clean("2012-02-29", Chart()) == dt.date(2012, 2, 29)
    assert (field.get_internal_type(), field.deconstruct()[1]) == ("TextField", "clinics.encryption.EncryptedDateField")
