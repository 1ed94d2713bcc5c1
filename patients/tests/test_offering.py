"""A freed time is offered to those who wait: on the phone, or in rounds, until somebody takes it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import last_audit, next_door
from patients.attendance import cancel_appointment, rebook_appointment, undo_change
from patients.models import Appointment, FreedTime, WaitlistEntry, WaitlistOffer, WaitlistStatus
from patients.offering import (
    accept_offer,
    advance_offers,
    decline_offer,
    offer_in_rounds,
    offer_time,
    stop_rounds,
    take_back_answer,
)
from patients.rules import NoLongerWaiting, TimeIsGone
from patients.scheduling import move_appointment
from patients.tests.conftest import at
from patients.tests.factories import AppointmentFactory, WaitlistEntryFactory

pytestmark = pytest.mark.usefixtures("now")
State = WaitlistOffer.State


@pytest.fixture
def booked(provider, location):
    """Nine o'clock on Wednesday."""
    return AppointmentFactory(provider=provider, location=location, starts_at=at(9, day=9), ends_at=at(9, 30, day=9))


@pytest.fixture
def freed(booked, receptionist):
    return cancel_appointment(booked, reason="ILLNESS", by=receptionist).freed


def states(freed):
    return list(freed.offers.order_by("entry__created_at").values_list("state", flat=True))


def test_a_move_and_another_day_free_the_former_time(booked, receptionist):
    moved = move_appointment(
        booked, {"starts_at": at(14, day=9), "ends_at": at(14, 30, day=9)}, version=1, by=receptionist
    )
    rebook_appointment(moved, {"patient": moved.patient, "starts_at": at(10, day=10)}, by=receptionist)

    assert [each.starts_at for each in FreedTime.objects.order_by("starts_at")] == [at(9, day=9), at(14, day=9)]


def test_what_is_only_shifted_frees_nothing(booked, receptionist):
    values = {"starts_at": at(9, 10, day=9), "ends_at": at(9, 40, day=9)}
    move_appointment(booked, values, version=1, by=receptionist)

    assert not FreedTime.objects.exists()


def test_whose_cancellation_is_taken_back_has_the_time_again(booked, receptionist):
    cancelled = cancel_appointment(booked, reason="ILLNESS", by=receptionist)
    offer = offer_time(cancelled.freed, WaitlistEntryFactory(), by=receptionist)

    undo_change(cancelled.event, by=receptionist)

    offer.refresh_from_db()
    assert (offer.state, FreedTime.objects.open().count()) == (State.WITHDRAWN, 0)


def test_whoever_takes_it_is_booked_and_the_others_learn_that_it_is_gone(freed, receptionist, adjustment):
    entry, other = WaitlistEntryFactory(type=adjustment), WaitlistEntryFactory()
    offer, beside = (offer_time(freed, each, by=receptionist) for each in (entry, other))

    entry = accept_offer(offer, by=receptionist).entry

    booked = entry.appointment
    assert (booked.patient, booked.starts_at, booked.ends_at) == (entry.patient, at(9, day=9), at(9, 20, day=9))
    assert (entry.status, states(freed)) == (WaitlistStatus.BOOKED, [State.ACCEPTED, State.WITHDRAWN])
    assert last_audit(entry).action == "patients.waitlist.booked"
    with pytest.raises(TimeIsGone):
        accept_offer(beside, by=receptionist)
    with pytest.raises(TimeIsGone):
        offer_time(freed, other, by=receptionist)


def test_an_answer_can_be_taken_back(freed, receptionist):
    offer = offer_time(freed, WaitlistEntryFactory(), by=receptionist)
    accept_offer(offer, by=receptionist)

    take_back_answer(offer, by=receptionist)

    assert WaitlistEntry.objects.waiting().get().appointment is None
    assert not Appointment.objects.standing().exists()
    assert (states(freed), FreedTime.objects.open().still_free().get()) == ([State.OFFERED], freed)
    decline_offer(offer, by=receptionist)
    take_back_answer(offer, by=receptionist)
    assert states(freed) == [State.OFFERED]


def test_rounds_go_on_until_somebody_takes_it(freed, receptionist):
    entries = [WaitlistEntryFactory() for _each in range(5)]
    first = offer_in_rounds(freed, size=2, minutes=30, by=receptionist)
    assert [offer.entry for offer in first] == entries[:2]

    decline_offer(first[0], by=receptionist)
    assert states(freed) == [State.DECLINED, State.OFFERED]
    assert advance_offers(timezone.now() + timedelta(minutes=31)) == 1

    assert states(freed) == [State.DECLINED, State.EXPIRED, State.OFFERED, State.OFFERED]
    accept_offer(freed.offers.get(entry=entries[3]), by=receptionist)
    assert states(freed) == [State.DECLINED, State.EXPIRED, State.WITHDRAWN, State.ACCEPTED]
    assert advance_offers(timezone.now() + timedelta(hours=2)) == 0


def test_a_round_after_which_nobody_is_left_ends(freed, receptionist):
    WaitlistEntryFactory()
    offer_in_rounds(freed, size=3, minutes=30, by=receptionist)

    advance_offers(timezone.now() + timedelta(minutes=31))

    freed.refresh_from_db()
    assert (states(freed), freed.round_size, freed.closed_at) == ([State.EXPIRED], 0, None)


def test_what_was_booked_by_somebody_else_is_offered_no_further(freed, receptionist):
    WaitlistEntryFactory()
    WaitlistEntryFactory()
    offer_in_rounds(freed, size=1, minutes=30, by=receptionist)
    AppointmentFactory(provider=freed.provider, starts_at=at(9, day=9), ends_at=at(9, 30, day=9))

    advance_offers(timezone.now() + timedelta(minutes=31))

    freed.refresh_from_db()
    assert (states(freed), freed.closed_at is not None) == ([State.EXPIRED], True)


def test_stopping_asks_nobody_any_more_and_keeps_the_time(freed, receptionist):
    WaitlistEntryFactory()
    offer_in_rounds(freed, size=1, minutes=30, by=receptionist)

    stop_rounds(freed, by=receptionist)

    assert (states(freed), FreedTime.objects.open().get()) == ([State.WITHDRAWN], freed)


def test_an_answered_offer_is_not_answered_twice(freed, receptionist):
    offer = offer_time(freed, WaitlistEntryFactory(), by=receptionist)
    decline_offer(offer, by=receptionist)

    with pytest.raises(NoLongerWaiting):
        decline_offer(offer, by=receptionist)


def test_the_desk_works_a_freed_time(htmx_of, receptionist, viewer, freed):
    first, second = WaitlistEntryFactory(patient__first_name="Ida"), WaitlistEntryFactory(patient__first_name="Jo")
    client = htmx_of(receptionist)

    refused = client.post(reverse("patients:waitlist_refuse", args=[freed.pk, first.pk]))
    asked = client.post(reverse("patients:waitlist_rounds", args=[freed.pk]), {"size": "1", "minutes": "15"})
    shown = client.get(reverse("patients:waitlist"))

    assert "Said no" in refused.text and "Jo" in refused.text
    assert "asked, until 7:15 a.m." in asked.text and "1 asked" in shown.text
    assert client.post(reverse("patients:waitlist_rounds", args=[freed.pk]), {"size": "99"}).status_code == 422
    assert client.post(reverse("patients:waitlist_stop", args=[freed.pk])).status_code == 200
    assert states(freed) == [State.DECLINED, State.WITHDRAWN]
    offer = freed.offers.get(entry=first)
    assert client.post(reverse("patients:waitlist_answer_undo", args=[offer.pk])).status_code == 200
    assert client.post(reverse("patients:waitlist_take", args=[freed.pk, second.pk])).status_code == 200
    assert client.post(reverse("patients:waitlist_take", args=[freed.pk, first.pk])).status_code == 409
    assert htmx_of(viewer).post(reverse("patients:waitlist_stop", args=[freed.pk])).status_code == 403


def test_a_freed_time_of_another_clinic_is_not_found(client_of, receptionist, other_clinic):
    with next_door(other_clinic):
        stranger = cancel_appointment(AppointmentFactory(), reason="ILLNESS", by=None).freed

    assert client_of(receptionist).get(reverse("patients:waitlist_offer", args=[stranger.pk])).status_code == 404
    assert client_of(receptionist).post(reverse("patients:waitlist_stop", args=[stranger.pk])).status_code == 404
