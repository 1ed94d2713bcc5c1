"""A visitor's own appointment: moved and given up by its secret address."""

from django.utils import timezone

from conftest import Browser, last_audit
from crm.models import LeadForm
from crm.tests.booking.visitor import visit_of
from patients.models import Appointment
from patients.tests.conftest import at


def test_the_visitor_moves_it_and_it_waits_for_a_word_again(book):
    address = visit_of(book())
    Appointment.objects.update(status="CONFIRMED", confirmed_at=timezone.now())

    assert "10:30 a.m." in Browser().get(address + "move/", {"day": "2026-12-10"}).text
    answer = Browser().post(address + "move/", {"send": "1", "slot": "2026-12-10T15:00Z"})

    appointment = Appointment.objects.get()
    assert (answer.status_code, appointment.starts_at, appointment.is_request) == (303, at(10, day=10), True)
    assert last_audit(appointment).action == "patients.appointment.moved"
    taken = Browser().post(address + "move/", {"send": "1", "slot": "2026-12-10T15:07Z"})
    assert taken.status_code == 409


def test_the_visitor_gives_it_up_after_being_asked(book):
    address = visit_of(book())

    assert "Cancel this appointment?" in Browser().get(address + "cancel/").text
    answer = Browser().post(address + "cancel/")

    appointment = Appointment.objects.get()
    assert (answer.status_code, appointment.status, appointment.cancellation_reason) == (303, "CANCELLED", "PATIENT")
    assert "does not take place" in Browser().get(address).text
    assert Browser().post(address + "cancel/").status_code == 409


def test_what_is_near_can_only_be_changed_by_phone(book, time_machine):
    address = visit_of(book())
    time_machine.move_to(at(10, day=8), tick=False)

    assert "(312) 555-0199" in Browser().get(address).text
    assert Browser().post(address + "cancel/").status_code == 409
    assert Browser().post(address + "move/", {"send": "1", "slot": "2026-12-10T15:00Z"}).status_code == 409
    assert Appointment.objects.get().status == "SCHEDULED"


def test_an_appointment_stays_open_to_its_visitor_when_the_page_is_closed(book, form):
    address = visit_of(book())
    LeadForm.objects.update(is_active=False)

    assert Browser().get(address).status_code == 200
    assert Browser().get(form.public_path).status_code == 404
