import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import Role
from clinics.tests.factories import LocationFactory
from conftest import Browser, next_door
from patients.feeds import feed_address, issue_feed, withdraw_feed
from patients.models import Appointment, Patient, Visit
from patients.tests.conftest import at
from patients.tests.factories import AppointmentFactory, PatientFactory, ProviderFactory

pytestmark = pytest.mark.usefixtures("now")
BOOK = {"starts_at_0": "2026-12-07", "starts_at_1": "09:00"}


def url(name, *args):
    return reverse(f"patients:{name}", args=args)


@pytest.fixture
def nine(patient, provider, location):
    return AppointmentFactory(patient=patient, provider=provider, location=location, starts_at=at(9), ends_at=at(9, 30))


@pytest.mark.parametrize("query", ["", "?view=week", "?view=week&provider=", "?on=2026-12-08", "?on=nonsense"])
def test_schedule_asks_the_same_number_of_queries_for_one_and_three(client_of, viewer, provider, location, query):
    client, counts = client_of(viewer), []
    client.get(url("schedule") + query)
    for hours in ((9,), (10, 11)):
        for hour in hours:
            AppointmentFactory(provider=provider, location=location, starts_at=at(hour), ends_at=at(hour, 30))
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url("schedule") + query)
        counts.append(len(queries))

    assert response.status_code == 200
    assert counts[0] == counts[1]


def test_schedule_shows_a_viewer_no_way_to_book(client_of, viewer, nine):
    page = client_of(viewer).get(url("schedule"))

    assert "Iris Falk" in page.text
    assert url("appointment_book") not in page.text
    assert "data-appointment" not in page.text


def test_schedule_of_one_location_leaves_the_others_out(client_of, viewer, nine, location):
    elsewhere = LocationFactory(name="Oak Park")
    AppointmentFactory(
        provider=ProviderFactory(name="Dr. Elsewhere", location=elsewhere), starts_at=at(9), location=elsewhere
    )

    page = client_of(viewer).get(url("schedule"), {"location": location.pk})

    assert [column.provider.name for column in page.context["calendar"].columns] == ["Dr. Amara Nwosu"]


def test_appointment_book_without_htmx_books_and_returns_to_the_day(client_of, receptionist, patient, provider):
    response = client_of(receptionist).post(
        url("appointment_book"), BOOK | {"patient": patient.pk, "provider": provider.pk}
    )

    assert (response.status_code, response.url) == (302, "/schedule/?on=2026-12-07")
    assert Appointment.objects.get().starts_at == at(9)


def test_appointment_book_reads_the_time_by_the_clock_of_the_location(client_of, receptionist, patient):
    west = LocationFactory(name="Portland", time_zone="America/Los_Angeles")
    provider = ProviderFactory(location=west)

    client_of(receptionist).post(url("appointment_book"), BOOK | {"patient": patient.pk, "provider": provider.pk})

    assert Appointment.objects.get().starts_at == at(12)


def test_appointment_book_from_a_lead_brings_the_contact_along(htmx_of, receptionist):
    page = htmx_of(receptionist).get(
        url("appointment_book"), {"contact_name": "Theo Brandt", "contact_phone": "+13125550199"}
    )

    assert 'value="Theo Brandt"' in page.text
    assert 'value="+13125550199"' in page.text


def test_appointment_book_offers_to_insist_outside_of_hours_and_never_over_another(htmx_of, receptionist, nine):
    client = htmx_of(receptionist)
    wish = BOOK | {"contact_name": "Theo", "provider": nine.provider_id}

    early = client.post(url("appointment_book"), wish | {"starts_at_1": "06:00"})
    taken = client.post(url("appointment_book"), wish | {"anyway": "on"})
    insisted = client.post(url("appointment_book"), wish | {"starts_at_1": "06:00", "anyway": "on"})

    assert (early.status_code, early.context["may_insist"]) == (409, True)
    assert (taken.status_code, taken.context["may_insist"]) == (409, False)
    assert insisted.status_code == 200
    assert Appointment.objects.count() == 2


def test_appointment_book_of_nobody_or_at_no_time_is_refused(htmx_of, receptionist):
    client = htmx_of(receptionist)

    assert client.post(url("appointment_book"), BOOK).status_code == 409
    assert client.post(url("appointment_book"), {"contact_name": "Theo"}).status_code == 422


def test_appointment_book_sent_twice_books_once(htmx_of, receptionist, patient):
    for _each in range(2):
        htmx_of(receptionist).post(url("appointment_book"), BOOK | {"patient": patient.pk, "key": "k"})

    assert Appointment.objects.count() == 1


def test_appointment_move_puts_it_down_and_can_be_taken_back(htmx_of, receptionist, nine):
    client = htmx_of(receptionist)
    sent = {"appointment": nine.pk, "version": 1, "starts_at": "2026-12-08T10:15", "minutes": 45}

    response = client.post(url("appointment_move") + "?on=2026-12-08", sent)

    nine.refresh_from_db()
    assert (nine.starts_at, nine.ends_at) == (at(10, 15, day=8), at(11, day=8))
    [toast] = json.loads(response["HX-Trigger"])["toast"]
    client.post(toast["undo"])
    nine.refresh_from_db()
    assert (nine.starts_at, nine.ends_at) == (at(9), at(9, 30))


def test_appointment_move_to_another_provider_goes_to_their_location(htmx_of, receptionist, nine, room):
    Appointment.objects.filter(pk=nine.pk).update(room=room)
    other = ProviderFactory(location=LocationFactory(name="Oak Park"))
    sent = {"appointment": nine.pk, "version": 1, "starts_at": "2026-12-07T09:00", "minutes": 30, "provider": other.pk}

    htmx_of(receptionist).post(url("appointment_move"), sent)

    nine.refresh_from_db()
    assert (nine.provider, nine.location, nine.room) == (other, other.location, None)


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"version": 7}, 409), ({"starts_at": "2026-12-07T03:00"}, 409), ({"minutes": 0}, 422), ({"starts_at": "x"}, 422)],
)
def test_appointment_move_refused_leaves_it_where_it_is(htmx_of, receptionist, nine, changes, status):
    sent = {"appointment": nine.pk, "version": 1, "starts_at": "2026-12-07T10:00", "minutes": 30} | changes

    assert htmx_of(receptionist).post(url("appointment_move"), sent).status_code == status
    nine.refresh_from_db()
    assert nine.starts_at == at(9)


def test_one_press_confirms_checks_in_and_completes(htmx_of, receptionist, nine, time_machine):
    client = htmx_of(receptionist)
    time_machine.move_to(at(9, 5), tick=False)

    for act in ("confirm", "check_in", "complete"):
        response = client.post(url(f"appointment_{act}", nine.pk))
        assert "schedule-changed" in response["HX-Trigger"]

    assert Visit.objects.get().appointment == nine
    assert client.post(url("appointment_confirm", nine.pk)).status_code == 409


def test_appointment_cancel_asks_why(client_of, receptionist, nine):
    client = client_of(receptionist)

    assert client.post(url("appointment_cancel", nine.pk), {}).status_code == 422
    client.post(url("appointment_cancel", nine.pk), {"reason": "ILLNESS"})

    nine.refresh_from_db()
    assert (nine.status, nine.cancellation_reason) == ("CANCELLED", "ILLNESS")


def test_another_day_books_anew_and_keeps_the_former(client_of, receptionist, nine):
    address = f"{url('appointment_book')}?replaces={nine.pk}"
    client = client_of(receptionist)

    assert "Iris Falk" in client.get(address).text
    client.post(address, BOOK | {"patient": nine.patient_id, "provider": nine.provider_id, "starts_at_1": "11:00"})

    nine.refresh_from_db()
    assert (nine.status, nine.replaced_by.get().starts_at) == ("RESCHEDULED", at(11))


def test_appointment_people_finds_patients_by_what_is_typed(htmx_of, receptionist, patient):
    page = htmx_of(receptionist).get(url("appointment_people"), {"contact_name": "Iris"})

    assert "Iris Falk" in page.text


def test_day_sheet_has_numbers_and_notes(client_of, viewer, nine):
    Appointment.objects.filter(pk=nine.pk).update(notes="Comes by bus")

    page = client_of(viewer).get(url("day_sheet"))

    assert all(words in page.text for words in ("Iris Falk", "(312) 555-0101", "Comes by bus"))


def test_provider_feed_tells_times_and_initials_to_whoever_holds_the_secret(provider, nine, owner):
    Appointment.objects.filter(pk=nine.pk).update(notes="Afraid of needles")
    address = feed_address(issue_feed(provider, by=owner))

    response = Browser().get(address)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "DTSTART:20261207T140000Z" in response.text
    assert "I. F." in response.text
    assert "Iris" not in response.text
    assert "needles" not in response.text


def test_provider_feed_dies_when_another_is_issued_or_it_is_switched_off(provider, owner, time_machine):
    first = feed_address(issue_feed(provider, by=owner))
    time_machine.move_to(at(8), tick=False)
    second = feed_address(issue_feed(provider, by=owner))

    assert (Browser().get(first).status_code, Browser().get(second).status_code) == (404, 200)
    withdraw_feed(provider, by=owner)
    assert Browser().get(second).status_code == 404


def test_provider_feed_of_one_clinic_does_not_open_in_another(provider, owner, other_clinic, clinic):
    address = feed_address(issue_feed(provider, by=owner))

    assert Browser().get(address.replace(str(clinic.pk), str(other_clinic.pk))).status_code == 404


@pytest.mark.parametrize("name", ["appointment_detail", "appointment_confirm", "appointment_cancel"])
def test_an_appointment_of_another_clinic_is_not_found(client_of, owner, other_clinic, name):
    with next_door(other_clinic):
        stranger = AppointmentFactory()

    assert client_of(owner).post(url(name, stranger.pk)).status_code in (404, 405)
    assert client_of(owner).get(url("appointment_detail", stranger.pk)).status_code == 404


def test_ids_of_another_clinic_book_nothing(client_of, receptionist, other_clinic):
    with next_door(other_clinic):
        stranger, provider = PatientFactory(), ProviderFactory()

    response = client_of(receptionist).post(
        url("appointment_book"), BOOK | {"patient": stranger.pk, "provider": provider.pk}
    )

    assert response.status_code == 422
    assert not Appointment.objects.exists()


def test_the_schedule_is_closed_to_marketing(client_of, marketer):
    assert marketer.role == Role.MARKETING
    assert client_of(marketer).get(url("schedule")).status_code == 403


def test_a_new_appointment_shows_on_the_page_of_its_patient(client_of, viewer, nine):
    later = AppointmentFactory(patient=nine.patient, starts_at=at(9) + timedelta(days=3))

    page = client_of(viewer).get(Patient.objects.get().get_absolute_url())

    assert page.context["coming"] == [nine, later]
