from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinics import bulk
from clinics.bulk import FilterNotUnderstood, NobodyChosen
from clinics.jobs import run_job
from clinics.models import StaffNotification, Tag
from conftest import next_door
from inbox.bulk import Chosen, start_bulk, undo_bulk
from inbox.bulk_acts import Kind
from inbox.handling import assign_conversation, tag_conversation
from inbox.models import ConversationActRow, UnifiedConversation
from inbox.tests.factories import ConversationFactory
from inbox.tests.test_views_acts import undo_of

RUN = "inbox:conversation_bulk_run"


def state(conversation):
    conversation.refresh_from_db()
    facts = (conversation.status, conversation.assigned_to_id, conversation.snoozed_until, conversation.waiting_since)
    return (*facts, conversation.unread_count, sorted(conversation.tag_links.values_list("tag__name", flat=True)))


@pytest.fixture
def two(clinic, receptionist):
    """One that waits, unread and nobody's; one that was read, tagged, put off and is somebody's."""
    waits = ConversationFactory(unread_count=3, waiting_since=timezone.now())
    asleep = ConversationFactory(assigned_to=receptionist, snoozed_until=timezone.now() + timedelta(days=2))
    tag_conversation(asleep, Tag.objects.create(name="insurance"), by=receptionist)
    return [waits, asleep]


def chosen(rows):
    return Chosen(ids=tuple(row.pk for row in rows))


@pytest.mark.parametrize(
    ("kind", "done"),
    [
        (Kind.ASSIGN, 1), (Kind.RELEASE, 1), (Kind.SNOOZE, 2), (Kind.WAKE, 1), (Kind.TAG, 1), (Kind.UNTAG, 1),
        (Kind.RESOLVE, 2), (Kind.REOPEN, 0), (Kind.READ, 1), (Kind.UNREAD, 1),
    ],
)  # fmt: skip
def test_start_bulk_does_each_act_and_takes_it_back_whole(two, coordinator, receptionist, kind, done):
    tag, until = Tag.objects.get(name="insurance"), timezone.now() + timedelta(days=7)
    facts = {"ASSIGN": {"member": str(receptionist.pk)}, "SNOOZE": {"until": until.isoformat(), "when": "Friday"}}
    facts |= {name: {"tag": str(tag.pk)} for name in ("TAG", "UNTAG")}
    before = [state(row) for row in two]

    act = start_bulk(kind, chosen(two), facts.get(kind, {}), by=coordinator)
    assert (act.done_count, act.skipped_count) == (done, 2 - done)
    assert sum(state(row) != was for row, was in zip(two, before, strict=True)) == done
    if done:
        assert undo_bulk(act, by=coordinator).undone_count == done
    assert [state(row) for row in two] == before


def test_undo_bulk_keeps_what_somebody_changed_since(two, coordinator, receptionist):
    act = start_bulk(Kind.ASSIGN, chosen(two), {"member": str(coordinator.pk)}, by=receptionist)
    assert StaffNotification.objects.get(member=coordinator).text == "2 conversations are yours to answer."
    assign_conversation(two[0], receptionist, by=coordinator)

    act = undo_bulk(act, by=receptionist)
    assert (act.undone_count, act.kept_count) == (1, 1)
    assert ConversationActRow.objects.of_act(act).remarkable().get().conversation == two[0]


def test_run_bulk_takes_the_whole_view_in_the_background_and_next_door_none(
    clinic, other_clinic, coordinator, two, monkeypatch
):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BATCH", 2)
    ConversationFactory.create_batch(3, unread_count=1)
    with next_door(other_clinic):
        ConversationFactory(unread_count=1)

    act = start_bulk(Kind.RESOLVE, Chosen(query="box=unread"), {}, by=coordinator)
    run_job(clinic, act.job_id)
    act.refresh_from_db()
    assert (act.status, act.done_count) == ("DONE", 4)
    assert list(UnifiedConversation.objects.open()) == [two[1]]
    with next_door(other_clinic):
        assert UnifiedConversation.objects.open().count() == 1


def test_start_bulk_refuses_nobody_and_a_view_that_is_not_known(two, coordinator):
    with pytest.raises(NobodyChosen):
        start_bulk(Kind.RESOLVE, Chosen(), {}, by=coordinator)
    with pytest.raises(FilterNotUnderstood):
        start_bulk(Kind.RESOLVE, Chosen(query="box=unread&tag=gone"), {}, by=coordinator)


def test_conversation_bulk_run_acts_on_what_was_ticked_and_its_toast_takes_it_back(htmx_of, coordinator, two):
    page, address = htmx_of(coordinator), reverse(RUN, args=["resolve"])
    sent = {"conversation": [str(row.pk) for row in two], "key": "once"}

    response = page.post(address, sent)
    page.post(address, sent)
    assert {row.status for row in UnifiedConversation.objects.all()} == {"RESOLVED"}

    page.post(undo_of(response))
    assert {row.status for row in UnifiedConversation.objects.all()} == {"ACTIVE"}


def test_conversation_bulk_run_refuses_a_doctor_the_whole_view_and_a_stranger_our_conversations(
    client_of, htmx_of, doctor, stranger, two
):
    address = reverse(RUN, args=["resolve"])

    assert client_of(doctor).post(address, {"whole": "1", "query": ""}).status_code == 403
    assert htmx_of(stranger).post(address, {"conversation": str(two[0].pk)}).status_code == 409
    assert htmx_of(doctor).post(reverse(RUN, args=["snooze"]), {"when": "never"}).status_code == 422
    assert UnifiedConversation.objects.open().count() == 2


def test_inbox_says_how_many_stand_in_the_view(htmx_of, coordinator, two):
    ConversationFactory(assigned_to=coordinator)

    response = htmx_of(coordinator).get(reverse("inbox:inbox"), {"box": "open", "part": "matching"})
    assert response.content.decode() == "<span>all 2 of this view</span>"
