from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinics.models import SavedView, Tag
from crm.tests.factories import LeadFactory
from inbox.drawing import ListDrawing
from inbox.models import ConversationStatus, ConversationTag, UnifiedConversation
from inbox.tests.factories import ConversationFactory

INBOX = reverse("inbox:inbox")


def talk(**facts):
    """A conversation of which somebody said something a while ago."""
    facts = {"last_message_at": timezone.now() - timedelta(minutes=5), "last_direction": "INBOUND"} | facts
    return ConversationFactory(**facts)


def names(response):
    return [row.person_name for row in response.context["conversations"].rows]


def test_the_inbox_lists_open_conversations_newest_first(client_of, coordinator):
    now = timezone.now()
    talk(person_name="Older", last_message_at=now - timedelta(hours=2))
    talk(person_name="Newer", last_message_at=now - timedelta(hours=1))
    talk(person_name="Resolved", status=ConversationStatus.RESOLVED)
    talk(person_name="Snoozed", snoozed_until=now + timedelta(days=1))

    response = client_of(coordinator).get(INBOX)

    assert names(response) == ["Newer", "Older"]


def test_a_row_can_be_ticked_by_who_may_answer_alone(client_of, coordinator):
    row, box = talk(person_name="Ana Okafor"), 'type="checkbox" form="bulk" name="conversation"'

    page = client_of(coordinator).get(INBOX).content.decode()

    [reader] = ListDrawing().of_all(list(UnifiedConversation.objects.for_list().read_by(coordinator)))
    assert f'{box} value="{row.pk}"' in page
    assert "Ana Okafor" in reader
    assert box not in reader


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("box=mine", ["Mine"]),
        ("box=nobodys", ["Stranger", "Late", "Texter"]),
        ("box=unread", ["Stranger"]),
        ("box=waiting", ["Late", "Stranger"]),
        ("box=snoozed", ["Asleep"]),
        ("box=resolved", ["Done"]),
        ("box=unmatched", ["Stranger", "Late", "Texter", "Asleep"]),
        ("channel=EMAIL", ["Mine"]),
        ("box=nonsense&channel=PIGEON&after=yesterday&rows=many", ["Mine", "Stranger", "Late", "Texter"]),
    ],
)
def test_each_shelf_shows_what_stands_on_it(client_of, coordinator, query, found):
    now = timezone.now()
    ago = [now - timedelta(minutes=minutes) for minutes in range(60)]
    lead = LeadFactory(assigned_to=coordinator)
    talk(person_name="Mine", lead=lead, assigned_to=coordinator, channels=["EMAIL"], last_message_at=ago[1])
    talk(person_name="Stranger", unread_count=1, waiting_since=ago[2], last_message_at=ago[2])
    talk(person_name="Late", waiting_since=ago[30], channels=["SMS"], last_message_at=ago[3])
    talk(person_name="Texter", last_message_at=ago[4])
    talk(person_name="Asleep", snoozed_until=now + timedelta(hours=1), last_message_at=ago[5])
    talk(person_name="Done", status=ConversationStatus.RESOLVED, lead=LeadFactory(), last_message_at=ago[6])

    assert names(client_of(coordinator).get(f"{INBOX}?{query}")) == found


def test_a_shelf_of_a_tag_shows_what_carries_it(client_of, coordinator):
    tag = Tag.objects.create(name="insurance")
    ConversationTag.objects.create(conversation=talk(person_name="Insured"), tag=tag)
    talk(person_name="Other")

    assert names(client_of(coordinator).get(f"{INBOX}?tag={tag.pk}")) == ["Insured"]


def test_pages_of_a_shelf_follow_each_other_without_gap_or_double(htmx_of, coordinator):
    moment = timezone.now() - timedelta(hours=1)
    for number in range(5):  # two of them at the very same moment
        talk(person_name=f"{number}", last_message_at=moment + timedelta(minutes=number // 2))
    page = htmx_of(coordinator)

    first = page.get(f"{INBOX}?part=more&rows=3")
    rest = page.get(first.context["more_url"])

    assert sorted(names(first) + names(rest)) == ["0", "1", "2", "3", "4"]
    assert "<html" not in first.content.decode()


def test_the_list_costs_the_same_for_one_and_three(client_of, coordinator):
    browser = client_of(coordinator)
    talk(assigned_to=coordinator)
    browser.get(INBOX)
    with CaptureQueriesContext(connection) as one:
        browser.get(INBOX)
    for _number in range(2):
        talk(assigned_to=coordinator, lead=LeadFactory())

    with CaptureQueriesContext(connection) as three:
        browser.get(INBOX)

    assert len(one) == len(three)


def test_a_person_is_found_by_name_and_number(client_of, coordinator):
    lead = LeadFactory(first_name="Adaeze", last_name="Okonkwo", phone="+1 312 555 0173")
    talk(lead=lead, person_name="Adaeze Okonkwo")
    talk(person_name="Somebody else")
    browser = client_of(coordinator)

    assert [names(browser.get(INBOX, {"q": asked})) for asked in ("okonk", "3125550173")] == [["Adaeze Okonkwo"]] * 2


def test_marketing_sees_no_inbox_and_the_clinic_next_door_none_of_ours(client_of, marketer, coordinator, stranger):
    talk(person_name="Ours")

    assert client_of(marketer).get(INBOX).status_code == 403
    assert names(client_of(stranger).get(INBOX)) == []
    assert UnifiedConversation.objects.count() == 1


def test_the_shelves_are_drawn_anew_with_their_numbers_and_the_view_at_hand_can_be_changed(htmx_of, coordinator):
    talk(assigned_to=coordinator, waiting_since=timezone.now())
    view = SavedView.objects.create(
        name="Late mails", layout=SavedView.Layout.INBOX, query="box=waiting&channel=EMAIL", owner=coordinator
    )

    shown = htmx_of(coordinator).get(INBOX, {"part": "views", "view": str(view.pk)})
    numbers = {shelf.key: number for shelf, number, _is_here in shown.context["bar"].shelves}
    assert (numbers["mine"], numbers["waiting"], numbers["snoozed"]) == (1, 1, 0)
    page = shown.content.decode()
    assert (
        reverse("clinics:view_edit", args=[view.pk]) in page and reverse("clinics:view_delete", args=[view.pk]) in page
    )


def test_a_number_at_a_shelf_ends_at_99_for_nobody_counts_them_all(htmx_of, coordinator):
    facts = {"last_message_at": timezone.now(), "unread_count": 1, "unknown_channel": "SMS"}
    UnifiedConversation.objects.bulk_create(
        UnifiedConversation(unknown_address=f"+1414555{number:04d}", **facts) for number in range(102)
    )

    shown = htmx_of(coordinator).get(INBOX, {"part": "views"})

    assert shown.content.decode().count(">99+<") == 3  # nobody's, unread, not matched
