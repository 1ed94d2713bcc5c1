"""A day at the front desk, and a visitor on a phone who books for themselves."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from clinics.models import Role
from clinics.tenancy import clinic_scope
from clinics.tests.factories import LocationFactory
from crm.models import LeadForm
from crm.tests.factories import LeadFormFactory
from patients.models import Appointment, AppointmentType, Payment, Visit, WaitlistEntry
from patients.tests.factories import (
    AppointmentFactory,
    PatientFactory,
    ProviderFactory,
    WaitlistEntryFactory,
    WorkingHoursFactory,
)


@pytest.fixture
def desk(practice):
    """A provider who works round the clock, two patients of today, and somebody who would come sooner."""
    with clinic_scope(practice):
        now = timezone.localtime(timezone=practice.zone)
        place = LocationFactory(name="Downtown")
        provider = ProviderFactory(name="Dr. Amara Nwosu", location=place)
        for day in range(7):
            WorkingHoursFactory(provider=provider, weekday=day, opens_at="00:05", closes_at="23:55")
        facts = {"provider": provider, "location": place, "type": AppointmentType.objects.get(name="Adjustment")}
        begun = now - timedelta(minutes=30)
        coming = datetime.combine(now.date() + timedelta(days=2), time(10), tzinfo=practice.zone)
        AppointmentFactory(
            patient=PatientFactory(first_name="Iris", last_name="Falk"), starts_at=begun, ends_at=now, **facts
        )
        given_up = AppointmentFactory(
            patient=PatientFactory(first_name="Jon", last_name="Hale"),
            starts_at=coming,
            ends_at=coming + timedelta(minutes=20),
            **facts,
        )
        WaitlistEntryFactory(patient=PatientFactory(first_name="Ida", last_name="Berg"))
    return given_up


def open_appointment(page, appointment):
    page.goto(f"/schedule/?on={timezone.localtime(appointment.starts_at, appointment.clinic.zone).date()}")
    page.locator(f".calendar__item[href$='{appointment.pk}/']").press("Enter")
    page.locator("#dialog").get_by_role("heading", name=str(appointment)).wait_for()


def test_a_front_desk_day_is_played_by_keys(window_of, member_of, practice, desk):
    receptionist = member_of(Role.FRONT_DESK, "Fred")
    with clinic_scope(practice):
        today = Appointment.objects.select_related("patient", "clinic").get(patient__first_name="Iris")
        given_up = Appointment.objects.select_related("patient", "clinic").get(pk=desk.pk)
    page = window_of(receptionist, "/schedule/")

    open_appointment(page, today)
    page.keyboard.press("k")
    page.get_by_text("Iris Falk has confirmed.").wait_for()
    open_appointment(page, today)
    page.keyboard.press("i")
    page.get_by_text("Iris Falk is here.").wait_for()
    open_appointment(page, today)
    page.keyboard.press("d")
    page.get_by_text("Done: Iris Falk.").wait_for()

    open_appointment(page, given_up)
    page.keyboard.press("c")
    page.get_by_text("Illness").wait_for()
    page.keyboard.press("2")
    page.get_by_role("button", name="Cancel the appointment").click()
    page.get_by_role("button", name="Takes it").click()
    page.get_by_text("Ida Berg takes it.").wait_for()

    page.goto(today.patient.get_absolute_url() + "payments/new/")
    page.get_by_label("Amount").fill("180")
    page.get_by_label("Amount").press("Enter")
    page.get_by_text("is written down").wait_for()

    with clinic_scope(practice):
        assert Visit.objects.get().appointment_id == today.pk
        assert Payment.objects.get().amount_cents == 18_000
        assert WaitlistEntry.objects.get().appointment.starts_at == given_up.starts_at


def test_a_stretch_of_the_calendar_is_booked_and_moved_by_the_mouse(window_of, member_of, practice, desk):
    """Chosen with the mouse down, moved with it, taken back; and somebody of today does not come."""
    with clinic_scope(practice):
        tomorrow = (timezone.localtime(timezone=practice.zone) + timedelta(days=1)).date()
        missed = Appointment.objects.select_related("clinic", "patient").get(patient__first_name="Iris")
    page = window_of(member_of(Role.FRONT_DESK, "Fred"), "/schedule/")
    page.goto(f"/schedule/?on={tomorrow}")
    page.wait_for_function("document.querySelector('schedule-grid').choice")
    box = page.locator(".calendar__cell[data-h='2'][data-m='0']").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 1)
    page.mouse.down()
    page.mouse.move(box["x"] + 22, box["y"] + box["height"] * 5 / 6 * 2 - 2, steps=4)
    page.get_by_text("02:00 – 02:50").wait_for()
    page.mouse.up()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Name").fill("Ana Silva")
    assert dialog.get_by_label("Minutes").input_value() == "50"
    dialog.get_by_role("button", name="Book").click()
    page.get_by_text("Ana Silva is booked").wait_for()
    page.goto(f"/schedule/?on={tomorrow}")  # the calendar that is open is drawn once more by what colleagues hear
    page.wait_for_function("document.querySelector('schedule-grid').choice")
    box = page.locator(".calendar__item", has_text="Ana Silva").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 10 + box["height"] * 60 / 50, steps=4)
    page.mouse.up()
    page.get_by_text("Ana Silva comes now").wait_for()
    page.get_by_role("button", name="Undo").last.click()
    page.get_by_text("It is as it was.").wait_for()

    open_appointment(page, missed)
    page.keyboard.press("x")
    page.get_by_text("Iris Falk did not come.").wait_for()
    with clinic_scope(practice):
        booked = Appointment.objects.get(contact_name="Ana Silva")
        assert (timezone.localtime(booked.starts_at, practice.zone).hour, booked.duration_minutes) == (2, 50)
        assert Appointment.objects.get(pk=missed.pk).status == "NO_SHOW"


def test_a_visitor_books_on_a_phone_without_a_script(chromium, server, practice, desk):
    with clinic_scope(practice):
        form = LeadFormFactory(use=LeadForm.Use.BOOKING, asks_consent=False, notice_hours=1)
    phone = chromium.new_context(
        base_url=server, viewport={"width": 390, "height": 844}, java_script_enabled=False, has_touch=True
    )
    page = phone.new_page()

    page.goto(form.public_path)
    page.get_by_role("button", name="See free times").tap()
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Mobile phone").fill("(212) 555-0101")
    page.locator(".portal-days__day[name=day]").nth(1).tap()
    assert page.get_by_label("First name").input_value() == "Ana"
    page.locator("[name=slot]").first.check(force=True)
    page.wait_for_timeout(2100)  # what is sent faster is taken for a robot
    page.get_by_role("button", name="Book this time").last.tap()
    page.get_by_role("heading", name="We hold this time for you").wait_for()
    page.get_by_role("link", name="Cancel it").tap()
    page.get_by_role("button", name="Cancel it").tap()
    page.get_by_role("heading", name="This appointment does not take place").wait_for()

    with clinic_scope(practice):
        assert Appointment.objects.get(contact_name="Ana").status == "CANCELLED"
    phone.close()
