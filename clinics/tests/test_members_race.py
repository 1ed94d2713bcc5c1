"""Two admins who remove each other at the same moment: one of them stays."""

import threading

import pytest
from django.db import connection

from clinics.errors import RuleBroken
from clinics.members import deactivate_member
from clinics.models import ClinicUser, Role
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_remove_each_other_leave_one():
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        admins = [ClinicUserFactory(role=Role.CLINIC_ADMIN) for _each in range(2)]
    together, outcomes = threading.Barrier(2), []

    def remove(member, by):
        together.wait()
        try:
            with clinic_scope(clinic):
                deactivate_member(member, by=by)
            outcomes.append("done")
        except RuleBroken:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in (admins, admins[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with clinic_scope(clinic):
        assert sorted(outcomes) == ["done", "refused"]
        assert ClinicUser.objects.admins().count() == 1
