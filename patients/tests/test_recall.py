from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditLog
from patients.models import Patient
from patients.recall import due_families, families_of, mark_asked, undo_asked
from patients.rules import NobodyDue, NothingToUndo
from patients.tests.conftest import at, toast_in
from patients.tests.factories import AppointmentFactory, PatientFactory, PatientHouseholdFactory


def due(**facts):
    facts = {"recall_due_on": timezone.localdate() - timedelta(days=5)} | facts
    return PatientFactory(**facts)


def waiting():
    patients = Patient.objects.due_again(timezone.localdate())
    return [
        [each.first_name for each in family.patients] for family in families_of(list(due_families(patients)), patients)
    ]


@pytest.fixture
def family(clinic, now):
    home = PatientHouseholdFactory()
    parent = PatientFactory(first_name="Parent", household=home)
    return [
        due(first_name=name, household=home, responsible_party=parent, contact_priority=level)
        for name, level in (("Ana", "GREEN"), ("Ben", "RED"))
    ]


def test_due_families_are_one_line_each_the_most_urgent_first(family, now):
    due(first_name="Yellow", contact_priority="YELLOW")
    due(first_name="Plain")
    due(first_name="Silent", do_not_contact=True)
    due(first_name="Later", recall_due_on=timezone.localdate() + timedelta(days=1))
    AppointmentFactory(patient=due(first_name="Booked"), starts_at=at(10), ends_at=at(11))

    assert waiting() == [["Ana", "Ben"], ["Yellow"], ["Plain"]]
    patients = Patient.objects.due_again(timezone.localdate())
    assert families_of([family[0].household_id], patients)[0].contact.first_name == "Parent"


def test_mark_asked_takes_the_family_off_until_they_have_not_booked(family, coordinator, now, time_machine):
    asked = mark_asked(family[0].household_id, channel="SMS", by=coordinator)

    assert len(asked) == 2 and waiting() == []
    assert AuditLog.objects.about(family[1]).first().action == "patients.recall.asked"
    time_machine.move_to(at(7, day=21))
    assert waiting() == [["Ana", "Ben"]]


def test_mark_asked_twice_is_once_and_after_somebody_else_refused(family, coordinator, now):
    asked = mark_asked(family[0].household_id, channel="SMS", by=coordinator)

    assert mark_asked(family[0].household_id, channel="SMS", by=coordinator, message=asked[0].family) == asked
    with pytest.raises(NobodyDue):
        mark_asked(family[0].household_id, channel="VOICE", by=coordinator)


def test_undo_asked_puts_them_back_unless_they_were_asked_again(family, coordinator, now, time_machine):
    asked = mark_asked(family[0].household_id, channel="SMS", by=coordinator)
    undo_asked(asked[0].family, by=coordinator)
    assert waiting() == [["Ana", "Ben"]]

    first = mark_asked(family[0].household_id, channel="SMS", by=coordinator)
    time_machine.move_to(at(7, day=22))
    mark_asked(family[0].household_id, channel="VOICE", by=coordinator)
    with pytest.raises(NothingToUndo):
        undo_asked(first[0].family, by=coordinator)


def test_recall_list_asks_and_takes_back_from_the_toast(htmx_of, receptionist, viewer, stranger, family, now):
    client, address = htmx_of(receptionist), reverse("patients:recall_ask", args=[family[0].pk])
    assert "one message, to Parent" in client.get(reverse("patients:recall_list")).content.decode()

    note = toast_in(client.post(address, {"channel": "VOICE", "outcome": "NO_ANSWER"}))
    assert "2 patients rest until" in note["message"]
    resting = client.get(reverse("patients:recall_list"), {"view": "resting"}).content.decode()
    assert "Ana" in resting and "no answer" in resting
    assert client.post(address, {"channel": "VOICE"}).status_code == 409
    assert "recall-changed" in client.post(note["undo"])["HX-Trigger"]
    assert waiting() == [["Ana", "Ben"]]
    assert htmx_of(viewer).post(address, {"channel": "VOICE"}).status_code == 403
    assert htmx_of(stranger).post(address, {"channel": "VOICE"}).status_code == 404
    assert client.post(address, {"channel": "PIGEON"}).status_code == 422


def test_recall_list_asks_the_same_number_of_queries_for_one_and_three(client_of, viewer, clinic, now):
    client, counts = client_of(viewer), []
    client.get(reverse("patients:recall_list"))
    for more in (1, 2):
        for _each in range(more):
            due(household=PatientHouseholdFactory())
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("patients:recall_list"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
