"""What visitors book for themselves: kept as it came, held, and made known."""

from datetime import timedelta

import pytest
from django.urls import reverse

from conftest import Browser, next_door
from crm.models import Lead, LeadForm, LeadSubmission
from crm.tests.booking.visitor import ANA, NINE, visit_of
from crm.understanding import process_submission
from patients.models import Appointment, AppointmentStatus, AppointmentType
from patients.tests.conftest import at
from patients.tests.factories import AppointmentFactory, PatientFactory, ProviderFactory

Status = LeadSubmission.Status


def test_a_visitor_chooses_what_for_and_with_whom_and_sees_the_free_times(form, provider, consultation):
    AppointmentType.objects.filter(name="Bonding").update(is_booked_online=False)
    ProviderFactory(name="Dr. Private", is_booked_online=False)
    AppointmentFactory(provider=provider, starts_at=at(9, day=9), ends_at=at(9, 30, day=9), patient__first_name="Zed")

    start = Browser().get(form.public_path)
    times = Browser().get(
        reverse("crm:booking_times", args=[form.token]), {"type": consultation.pk, "day": "2026-12-09"}
    )

    assert "Consultation" in start.text and "Bonding" not in start.text and "Dr. Private" not in start.text
    slots = [slot.local for slot in times.context["days"].chosen.slots]
    assert [f"{slot:%d %H:%M}" for slot in slots] == ["09 08:00", "09 09:30", "09 10:00", "09 10:30", "09 11:00"]
    assert "Zed" not in times.text and "Occupied" not in times.text


def test_what_is_booked_holds_the_time_and_shows_how_it_stands(book, provider):
    answer = book()

    appointment = Appointment.objects.get()
    submission = LeadSubmission.objects.get()
    assert (answer.status_code, visit_of(answer)) == (303, f"/b/visit/{appointment.visitor_token}/")
    assert (appointment.starts_at, appointment.provider, appointment.contact_name) == (
        at(9, day=9),
        provider,
        "Ana Vega",
    )
    assert (appointment.is_request, appointment.wants_mail, submission.appointment) == (True, True, appointment)
    assert "We hold this time for you" in Browser().get(answer["Location"]).text
    assert b"TENTATIVE" in Browser().get(visit_of(answer) + "appointment.ics").content


def test_the_same_page_sent_twice_books_once(book, form, consultation, provider):
    browser = Browser()
    page = browser.get(
        reverse("crm:booking_times", args=[form.token]), {"type": consultation.pk, "provider": provider.pk}
    )

    answers = [book(browser=browser, page=page) for _again in range(2)]

    assert visit_of(answers[0]) == visit_of(answers[1])
    assert (Appointment.objects.count(), LeadSubmission.objects.count()) == (1, 1)


def test_whose_time_was_taken_sees_the_next_ones_with_all_that_was_typed(book, provider, form, consultation):
    browser = Browser()
    page = browser.get(
        reverse("crm:booking_times", args=[form.token]), {"type": consultation.pk, "provider": provider.pk}
    )
    AppointmentFactory(provider=provider, starts_at=at(9, day=9), ends_at=at(10, day=9))

    answer = book(browser=browser, page=page)

    assert answer.status_code == 409
    assert 'value="Ana"' in answer.text and "just taken" in answer.text and NINE not in answer.text
    waiting = LeadSubmission.objects.get()
    assert (waiting.status, waiting.due_at - waiting.received_at) == (Status.RECEIVED, timedelta(minutes=15))

    assert book(ANA | {"slot": "2026-12-09T15:00Z"}, browser=browser, page=answer).status_code == 303
    waiting.refresh_from_db()
    assert (waiting.status, Appointment.objects.filter(contact_name="Ana Vega").count()) == (Status.IGNORED, 1)


def test_who_gives_up_after_that_is_an_inquiry_like_any_other(book, provider, coordinator):
    AppointmentFactory(provider=provider, starts_at=at(9, day=9), ends_at=at(10, day=9))
    book()

    process_submission(LeadSubmission.objects.get())

    assert Lead.objects.get().phone_e164 == "+12125550101"


@pytest.mark.parametrize(
    ("slot", "status"),
    [
        ("2026-12-07T15:00Z", 409),  # today: too near
        ("2026-12-09T14:07Z", 409),  # no time that is offered
        ("2026-12-12T14:00Z", 409),  # Saturday
        ("2026-02-31T14:00Z", 422),
        ("tomorrow", 422),
        ("", 422),
    ],
)
def test_what_is_not_offered_is_not_booked(book, slot, status):
    assert book(ANA | {"slot": slot}).status_code == status
    assert not Appointment.objects.exists()


def test_robots_book_nothing_and_are_thanked(book):
    assert book(wait=1).status_code == 422
    assert book(ANA | {"website": "http://spam.example"}).status_code == 303
    assert not Appointment.objects.exists()


def test_too_many_are_slowed_down(book, settings):
    settings.PUBLIC_FORM_LIMITS = [1, 100]

    assert [book(ANA | {"slot": ""}).status_code, book().status_code] == [422, 429]
    assert not Appointment.objects.exists()


def test_another_day_keeps_what_was_typed_and_books_nothing(book):
    answer = book(ANA | {"send": "", "day": "2026-12-10"})

    assert answer.status_code == 200
    assert (answer.context["days"].chosen.on.day, 'value="Ana"' in answer.text) == (10, True)
    assert not Appointment.objects.exists()


def test_somebody_new_becomes_a_lead_whose_consultation_it_is(book, coordinator):
    book()

    submission = process_submission(LeadSubmission.objects.get())

    lead = Lead.objects.select_related("stage").get()
    assert (submission.status, submission.outcome) == (Status.PROCESSED, "NEW_LEAD")
    assert (lead.consultation, lead.stage.asks_on_entry) == (Appointment.objects.get(), "APPOINTMENT")


def test_a_patient_is_known_again_and_no_lead(book, coordinator):
    patient = PatientFactory(first_name="Ana", last_name="Vega", phone="+12125550101")
    book()

    submission = process_submission(LeadSubmission.objects.get())

    assert (submission.outcome, submission.lead) == ("PATIENT", None)
    assert (Appointment.objects.get().patient, Lead.objects.count()) == (patient, 0)


def test_a_sister_at_the_same_number_is_no_patient_yet(book, coordinator):
    PatientFactory(first_name="Maya", last_name="Vega", phone="+12125550101")
    book()

    assert process_submission(LeadSubmission.objects.get()).outcome == "NEW_LEAD"
    assert Appointment.objects.get().patient is None


def test_the_desk_says_yes_or_no_with_one_key(book, htmx_of, receptionist):
    book()
    appointment, client = Appointment.objects.get(), htmx_of(receptionist)
    calendar = client.get(reverse("patients:schedule"), {"on": "2026-12-09"}).text
    assert "1 appointment was asked for online" in calendar and "is-request" in calendar

    client.post(reverse("patients:appointment_confirm", args=[appointment.pk]))
    appointment.refresh_from_db()
    assert (appointment.status, appointment.is_request) == (AppointmentStatus.CONFIRMED, False)
    assert client.post(reverse("patients:appointment_decline", args=[appointment.pk])).status_code == 409

    Appointment.objects.update(status="SCHEDULED")
    client.post(reverse("patients:appointment_decline", args=[appointment.pk]))
    appointment.refresh_from_db()
    assert (appointment.status, appointment.cancellation_reason) == ("CANCELLED", "DECLINED")


def test_nobody_opens_what_is_not_theirs(form, other_clinic):
    with next_door(other_clinic):
        stranger = AppointmentFactory()
    addresses = ["/b/visit/x/", f"/b/visit/{form.token}/", f"/b/visit/{stranger.pk}/", "/b/nothing/", f"/b/{'A' * 43}/"]

    assert [Browser().get(address).status_code for address in addresses] == [404] * 5


def test_the_page_speaks_spanish_and_fits_into_a_listed_site(form, consultation):
    LeadForm.objects.update(allowed_origins=["https://www.clinic.example"])

    page = Browser().get(form.public_path, {"lang": "es", "embed": "1"})

    assert "¿Con quién?" in page.text and 'name="embed" value="1"' in page.text
    assert "frame-ancestors https://www.clinic.example" in page["Content-Security-Policy"]


def test_a_page_with_nothing_to_book_says_whom_to_call(form):
    AppointmentType.objects.update(is_booked_online=False)

    assert "(312) 555-0199" in Browser().get(form.public_path).text
