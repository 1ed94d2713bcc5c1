"""A mailbox that is read by IMAP: each letter once, from the day on which it was connected."""

from inbox.channels.email.imap import read_some
from inbox.models import UnifiedMessage
from inbox.tests.channels.conftest import work_off, written
from tests.doubles.mail import ImapDouble


def test_a_mailbox_is_read_once_a_letter_from_the_day_of_its_connection_on(mailbox, clinic):
    with ImapDouble(letters=[written("old", id="<old@example.com>")]) as server:
        account = mailbox(imap_host="127.0.0.1", imap_port=server.port, imap_safety="none")
        read_some(clinic, account)  # notes where the mailbox stands
        server.letters += [written("one", id="<1@example.com>"), written("two", id="<2@example.com>")]

        counts = [read_some(clinic, account) for _time in range(2)]
    work_off(clinic)

    assert counts == [2, 0]
    assert sorted(UnifiedMessage.objects.values_list("text", flat=True)) == ["one", "two"]


def test_a_letter_that_is_read_again_is_one(mailbox, clinic):
    with ImapDouble(letters=[]) as server:
        account = mailbox(imap_host="127.0.0.1", imap_port=server.port, imap_safety="none")
        read_some(clinic, account)
        server.letters += [written("one", id="<1@example.com>")]
        read_some(clinic, account)
        account.refresh_from_db()
        account.settings["imap_place"]["uid"] = 0
        account.save()
        read_some(clinic, account)
    work_off(clinic)

    assert UnifiedMessage.objects.count() == 1
