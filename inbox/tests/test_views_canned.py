import pytest
from django.urls import reverse

from clinics.models import AuditLog
from inbox.models import CannedReply
from inbox.tests.factories import CannedReplyFactory, ConversationFactory, MessageFactory

NEW = reverse("inbox:canned_create")


def words(**facts):
    return {"shortcut": "hours", "title": "Opening hours", "subject": "", "text": "Hello {first_name}."} | facts


def test_somebody_saves_a_reply_of_their_own(client_of, coordinator, receptionist):
    client_of(coordinator).post(NEW, words())

    reply = CannedReply.objects.get()
    assert reply.owner == coordinator
    assert not CannedReply.objects.usable_by(receptionist).exists()


def test_a_clinic_admin_saves_one_for_everybody(client_of, owner, receptionist):
    client_of(owner).post(NEW, words(is_shared="on"))

    assert CannedReply.objects.usable_by(receptionist).get().owner is None


@pytest.mark.parametrize(
    ("facts", "status"), [({"text": "Hello {surname}"}, 422), ({"shortcut": "two words"}, 422), ({}, 409)]
)
def test_what_cannot_be_saved_says_why(client_of, coordinator, facts, status):
    CannedReplyFactory(shortcut="hours", owner=coordinator)

    assert client_of(coordinator).post(NEW, words(**facts)).status_code == status
    assert CannedReply.objects.count() == 1


def test_everybodys_reply_is_changed_by_who_sets_up_the_inbox_alone(client_of, owner, receptionist):
    reply = CannedReplyFactory(shortcut="hours")
    delete = reverse("inbox:canned_delete", args=[reply.pk])

    client_of(receptionist).post(delete)
    assert CannedReply.objects.get().is_active
    client_of(owner).post(delete)
    assert not CannedReply.objects.get().is_active
    client_of(owner).post(reverse("inbox:canned_restore", args=[reply.pk]))
    assert CannedReply.objects.get().is_active


def test_a_conversation_is_taken_along_and_printed_on_record(client_of, coordinator, stranger):
    from_them = MessageFactory(text="=cmd()", conversation=ConversationFactory(person_name="Adaeze"))
    kinds = ("csv", "print", "json")
    addresses = [reverse(f"inbox:conversation_{kind}", args=[from_them.conversation_id]) for kind in kinds]
    browser = client_of(coordinator)

    assert "'=cmd()" in b"".join(browser.get(addresses[0]).streaming_content).decode()
    assert "=cmd()" in browser.get(addresses[1]).content.decode()
    facts = browser.get(addresses[2]).json()
    assert (facts["with"], [said["text"] for said in facts["messages"]]) == ("Adaeze", ["=cmd()"])
    assert AuditLog.objects.filter(action="inbox.conversation.exported").count() == 3
    assert client_of(stranger).get(addresses[0]).status_code == 404
