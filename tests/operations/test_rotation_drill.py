"""Keys are rotated by a real process that is killed on the way, while people go on working."""

import base64
import os
import signal
import sys

import pytest
from django.db import connection

from clinics.key_rotation import on_old_keys
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from crm.models import Lead
from crm.presets import load_preset
from crm.tests.factories import LeadFactory

from .conftest import ROOT, Machine, wait_until

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
LEADS = 60


def rotation(machine: Machine):
    """Start bin/manage's rotate_keys on the test's own database, one row in each transaction."""
    facts = {"DATABASE_URL": os.environ["DATABASE_URL"], "DATABASE_NAME": connection.settings_dict["NAME"]}
    command = [sys.executable, ROOT / "manage.py", "rotate_keys", "--batch", "1"]
    return machine.start(*command, LOCAL="1", ENCRYPTION_KEYS=f"{NEW},{OLD}", **facts)


@pytest.mark.django_db(transaction=True)
def test_rotate_keys_that_is_killed_goes_on_with_the_rest(machine: Machine, settings):
    settings.ENCRYPTION_KEYS = [OLD]
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        load_preset(clinic)
        owner = ClinicUserFactory()
        leads = [LeadFactory(insurance_member_id=f"A-{number}", assigned_to=owner) for number in range(LEADS)]
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    def waiting():
        with clinic_scope(clinic):
            return on_old_keys(Lead).count()

    ends = []
    for _kill in range(2):
        process, before = rotation(machine), waiting()
        wait_until(lambda before=before: waiting() < before, seconds=60)
        os.killpg(process.pid, signal.SIGKILL)
        ends.append(process.wait(timeout=20))
    with clinic_scope(clinic):
        Lead.objects.filter(pk=leads[-1].pk).update(first_name="Changed meanwhile")
    last = rotation(machine)
    output, _ = last.communicate(timeout=90)

    assert ends == [-signal.SIGKILL] * 2
    assert "Rows on old keys: 0" in output
    settings.ENCRYPTION_KEYS = [NEW]
    with clinic_scope(clinic):
        found = {lead.insurance_member_id for lead in Lead.objects.all()}
        assert found == {f"A-{number}" for number in range(LEADS)}
        assert Lead.objects.get(pk=leads[-1].pk).first_name == "Changed meanwhile"
