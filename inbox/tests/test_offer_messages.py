"""Who waits for a sooner time is asked by a message, and takes the time by its address: whoever is first."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinics.models import AuditLog
from conftest import no_clinic
from inbox.models import Channel, InboxSettings, MessageStatus, UnifiedMessage
from inbox.offer_messages import ask_waiting
from inbox.telling import take_back_question
from patients.attendance import cancel_appointment
from patients.models import Appointment, WaitlistOffer
from patients.offering import advance_offers, offer_in_rounds, offer_time
from patients.tests.conftest import at, location, now, provider  # noqa: F401
from patients.tests.factories import AppointmentFactory, WaitlistEntryFactory

pytestmark = pytest.mark.usefixtures("now", "desk")
State = WaitlistOffer.State


@pytest.fixture
def freed(provider, location, receptionist):  # noqa: F811
    """Nine o'clock on Wednesday; two wait for it."""
    facts = {"patient": None, "provider": None, "location": None, "type": None}
    for number, name in ((1, "Ana"), (2, "Ben"), (3, "Cleo")):
        WaitlistEntryFactory(contact_name=name, contact_phone=f"+1212555010{number}", **facts)
    booked = AppointmentFactory(
        provider=provider, location=location, starts_at=at(9, day=9), ends_at=at(9, 30, day=9), contact_name="Zed"
    )
    return cancel_appointment(booked, reason="ILLNESS", by=receptionist).freed


@pytest.fixture
def offers(freed, receptionist, time_machine):
    """The first two are asked at ten in the morning and have an hour."""
    time_machine.move_to(at(10), tick=False)
    offers = offer_in_rounds(freed, size=2, minutes=60, by=receptionist)
    for offer in offers:
        assert ask_waiting(offer.pk) == ask_waiting(offer.pk)
    return [WaitlistOffer.objects.get(pk=offer.pk) for offer in offers]


def visit(offer, answer=""):
    with no_clinic():
        browser, path = Client(enforce_csrf_checks=True), reverse("crm:offer_visit", args=[offer.token])
        return browser.post(path, {"answer": answer}) if answer else browser.get(path)


def states():
    return list(WaitlistOffer.objects.order_by("entry__contact_name").values_list("state", flat=True))


def test_each_of_a_round_is_asked_by_a_message_with_an_address_of_their_own(offers, settings):
    messages = list(UnifiedMessage.objects.order_by("pk"))

    assert [message.address for message in messages] == ["+12125550101", "+12125550102"]
    assert messages[0].text.endswith(f"until Monday 11 a.m.: {settings.BASE_URL}/b/offer/{offers[0].token}/")
    assert "Wednesday, December 9" in messages[0].text
    assert {message.expires_at for message in messages} == {at(11)}
    assert [offer.asked_by for offer in offers] == [Channel.SMS, Channel.SMS]


def test_whoever_takes_it_first_has_it_and_looking_takes_nothing(offers, clinic):
    assert [visit(offer).status_code for offer in offers] == [200, 200]
    assert not Appointment.objects.standing().exists()

    taken, late = visit(offers[0], "take"), visit(offers[1], "take")

    appointment = Appointment.objects.standing().get()
    assert (appointment.contact_name, appointment.starts_at, appointment.wants_mail) == ("Ana", at(9, day=9), True)
    assert (taken.status_code, late.status_code) == (303, 409)
    assert taken["Location"].startswith(f"/b/visit/{appointment.visitor_token}/")
    assert states() == ["ACCEPTED", "WITHDRAWN"]
    assert visit(offers[0], "take").status_code == 409
    assert "This time is gone" in visit(offers[1]).content.decode()

    event = AuditLog.objects.get(action="patients.waitlist.withdrawn")
    take_back_question(str(clinic.pk), str(event.pk))
    messages = dict(UnifiedMessage.objects.values_list("address", "status"))
    assert messages == {"+12125550101": "PLANNED", "+12125550102": MessageStatus.CANCELLED}


def test_who_says_no_or_nothing_makes_room_for_the_next_round(offers, time_machine):
    assert visit(offers[0], "decline").status_code == 303
    assert states() == ["DECLINED", "OFFERED"]
    time_machine.move_to(at(11, 1), tick=False)

    assert "The time to answer has passed" in visit(offers[1]).content.decode()
    assert visit(offers[1], "take").status_code == 409  # the tick has not come yet
    advance_offers(at(11, 1))

    assert states() == ["DECLINED", "EXPIRED", "OFFERED"]


def test_at_night_they_are_asked_in_the_morning_and_have_their_minutes_from_then_on(freed, receptionist, time_machine):
    InboxSettings.objects.create()
    time_machine.move_to(at(22), tick=False)
    (offer,) = offer_in_rounds(freed, size=1, minutes=60, by=receptionist)

    message = ask_waiting(offer.pk)

    offer.refresh_from_db()
    assert (message.not_before, offer.offered_until) == (at(8, day=8), at(9, day=8))
    assert message.not_before + timedelta(hours=1) == message.expires_at


def test_who_is_asked_on_the_phone_gets_no_message_and_no_address(freed, receptionist):
    entry = WaitlistEntryFactory(contact_name="Dora", contact_phone="+12125550109", patient=None)

    offer = offer_time(freed, entry, by=receptionist)

    assert (ask_waiting(offer.pk), offer.token) == (None, "")
