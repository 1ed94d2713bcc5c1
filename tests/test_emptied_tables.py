"""What a test commits is gone when the next one begins, and what migrating made is not."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connection

from clinics.models import Clinic, Role, User
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from conftest import logged_in
from crm.tests.factories import LeadFactory
from tests import emptied_tables
from tests.emptied_tables import empty_tables
from tests.remembered_preset import give_preset


def commit_some_rows():
    for _ in range(2):
        clinic = ClinicFactory()
        give_preset(clinic)
        with clinic_scope(clinic):
            member = ClinicUserFactory(role=Role.CLINIC_ADMIN)
            lead = LeadFactory()
        with clinic_scope(clinic):
            logged_in(member).get(lead.get_absolute_url())  # writes an entry of the audit log, which only grows


def holds_rows():
    """Every other row names a clinic or a person, and the database lets neither go before it."""
    return Clinic.objects.exists() or User.objects.exists() or Session.objects.exists()


@pytest.mark.parametrize("few", [emptied_tables.FEW, 0], ids=["a few rows", "many rows"])
def test_committed_rows_are_gone_and_permissions_stay(transactional_db, monkeypatch, few):
    monkeypatch.setattr(emptied_tables, "FEW", few)
    permissions = Permission.objects.count()
    commit_some_rows()
    assert holds_rows()

    empty_tables()

    assert not holds_rows()
    assert Permission.objects.count() == permissions > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('clinics_auditlog'), current_user <> session_user")
        assert cursor.fetchone() == (0, True)


def test_a_row_that_is_committed_meanwhile_goes_as_well(transactional_db, monkeypatch):
    """A clinic whose rows were not seen: what names it is left over, and then every table is emptied as a whole."""
    commit_some_rows()
    monkeypatch.setattr(emptied_tables, "_sizes", lambda cursor: {"clinics_clinic": 8192, "clinics_user": 8192})

    empty_tables()

    assert not holds_rows()
