import base64
import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinics.encryption import CannotUnseal, seal_for
from clinics.key_rotation import on_old_keys, rotate, sealed_models
from crm.models import Lead
from crm.tests.factories import LeadFactory

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture(autouse=True)
def old_ring(settings):
    settings.ENCRYPTION_KEYS = [OLD]


def patients():
    return sorted((lead.patient_dob, lead.insurance_member_id) for lead in Lead.objects.all())


def stored(lead, column="insurance_member_id"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM crm_lead WHERE id = %s", [lead.pk])
        return cursor.fetchone()[0]


def three_leads():
    return [LeadFactory(patient_dob=dt.date(2012, 1, day), insurance_member_id=f"A-{day}") for day in (1, 2, 3)]


def test_a_lead_is_stored_sealed_and_read_plain(clinic):
    lead = three_leads()[0]

    assert stored(lead).startswith("v1:old:") and "A-1" not in stored(lead)
    again = Lead.objects.get(pk=lead.pk)
    assert (again.patient_dob, again.insurance_member_id) == (dt.date(2012, 1, 1), "A-1")
    assert Lead.objects.only("pk").get(pk=lead.pk).insurance_member_id == "A-1"


def test_a_ciphertext_moved_to_another_lead_does_not_open(clinic):
    one, other, _third = three_leads()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm_lead SET insurance_member_id = %s WHERE id = %s", [stored(one), other.pk])
    with pytest.raises(CannotUnseal):
        Lead.objects.get(pk=other.pk).insurance_member_id  # noqa: B018


def test_update_takes_a_value_that_is_sealed_for_the_lead(clinic):
    lead = three_leads()[0]
    Lead.objects.filter(pk=lead.pk).update(insurance_member_id=seal_for(lead, "insurance_member_id", "B-9"))
    assert Lead.objects.get(pk=lead.pk).insurance_member_id == "B-9"


def test_rotate_seals_every_row_anew_and_then_has_nothing_left_to_do(clinic, settings):
    three_leads()
    before = patients()
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    assert (rotate(Lead, batch=2).rotated, rotate(Lead).rotated) == (3, 0)
    settings.ENCRYPTION_KEYS = [NEW]
    assert patients() == before


def test_rotate_leaves_and_names_a_row_that_does_not_open(clinic, settings):
    one, other, _third = three_leads()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm_lead SET insurance_member_id = %s WHERE id = %s", [stored(one), other.pk])
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    answer = rotate(Lead, batch=1)

    assert (answer.rotated, answer.unreadable) == (2, (other.pk,))
    assert [lead.pk for lead in on_old_keys(Lead)] == [other.pk]


def test_every_model_with_sealed_columns_is_known():
    assert Lead in sealed_models()


def test_rotate_keys_counts_first_and_then_rotates(clinic, settings, capsys):
    three_leads()
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    call_command("rotate_keys", dry_run=True)
    assert f"crm.Lead, {clinic.slug}: 3 rows on old keys" in capsys.readouterr().out
    call_command("rotate_keys")
    assert "Rows on old keys: 0" in capsys.readouterr().out


def test_rotate_keys_fails_while_a_row_does_not_open(clinic, settings):
    one, other, _third = three_leads()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm_lead SET insurance_member_id = %s WHERE id = %s", [stored(one), other.pk])
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="1 rows are still on old keys, 1 of them"):
        call_command("rotate_keys")
