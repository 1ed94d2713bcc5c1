import pytest

from clinics.models import StaffNotification
from inbox.notes import delete_note, named_in, restore_note, write_note
from inbox.rules import NothingWritten, NotYourNote
from inbox.tests.factories import ConversationFactory


@pytest.fixture
def conversation(clinic):
    return ConversationFactory()


def test_a_note_names_only_those_who_may_read_it_and_tells_them(conversation, coordinator, receptionist, marketer):
    text = f"@{receptionist.display_name} @{marketer.display_name} please ring them"

    note = write_note(conversation, text, by=coordinator)

    assert [mention.member for mention in note.mentions.all()] == [receptionist]
    assert [notice.member for notice in StaffNotification.objects.all()] == [receptionist]


def test_the_longer_of_two_names_counts(coordinator, receptionist):
    coordinator.user.first_name, coordinator.user.last_name = "Ann", ""
    receptionist.user.first_name, receptionist.user.last_name = "Ann", "Lee"

    assert named_in("@Ann Lee look", [coordinator, receptionist]) == [receptionist]


def test_an_empty_note_is_none(conversation, coordinator):
    with pytest.raises(NothingWritten):
        write_note(conversation, "  ", by=coordinator)


def test_its_author_alone_takes_a_note_away_and_brings_it_back(conversation, coordinator, receptionist):
    note = write_note(conversation, "ask the doctor", by=coordinator)

    with pytest.raises(NotYourNote):
        delete_note(note, by=receptionist)
    assert delete_note(note, by=coordinator).deleted_at is not None
    assert restore_note(note, by=coordinator).deleted_at is None
