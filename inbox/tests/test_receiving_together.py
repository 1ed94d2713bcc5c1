"""Many messages and reports told at once: what comes of them is what would have come of one after the other."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.audit import recording_together
from clinics.live import publishing_together
from clinics.models import AuditLog
from crm.models import LeadActivity
from crm.tests.factories import LeadFactory
from inbox.models import ContactConsent, DeliveryReport, Suppression, UnifiedConversation, UnifiedMessage
from inbox.receiving import Incoming, receive_message, receive_messages
from inbox.reporting import Report, take_report, take_reports
from inbox.tests.factories import MessageFactory


def said(number, words, person=1):
    return Incoming(external_id=f"SM{number}", address=f"+1773555{person:04d}", text=words)


def sent(account, **facts):
    return MessageFactory(account=account, direction="OUTBOUND", status="SENT", status_rank=1, **facts)


def test_messages_told_together_stand_where_each_belongs_in_their_order(desk):
    lead = LeadFactory(phone="+17735550002", phone_e164="+17735550002")
    told = [said(1, "Hello"), said(2, "Is Friday free?", 2), said(3, "Anybody there?"), said(4, "Or Monday?", 2)]

    messages = receive_messages(desk, [*told, told[0]])

    stranger, of_lead = messages[0].conversation, messages[1].conversation
    assert [message.text for message in messages] == [*(each.text for each in told), "Hello"]
    assert messages[4] == messages[0]
    for conversation, last in ((stranger, "Anybody there?"), (of_lead, "Or Monday?")):
        conversation.refresh_from_db()
        assert (conversation.unread_count, conversation.message_count) == (2, 2)
        assert conversation.last_message_preview == last
        assert conversation.waiting_since == conversation.messages.order_by("happened_at")[0].happened_at
    lead.refresh_from_db()
    assert (of_lead.lead, lead.unread_count) == (lead, 2)
    assert list(LeadActivity.objects.filter(type="SMS").order_by("occurred_at").values_list("notes", flat=True)) == [
        "Is Friday free?",
        "Or Monday?",
    ]
    assert AuditLog.objects.filter(action="inbox.message.received").count() == 4


def test_of_stop_and_start_told_together_the_later_word_stands(desk):
    receive_messages(desk, [said(1, "STOP"), said(2, "STOP", 2), said(3, "START"), said(4, "Thank you", 2)])

    stopped = Suppression.objects.standing().values_list("address", flat=True)
    assert list(stopped) == ["+17735550002"]
    care = ContactConsent.objects.standing().filter(purpose="CARE")
    assert set(care.values_list("address", "state")) == {("+17735550001", "OPTED_IN"), ("+17735550002", "OPTED_OUT")}


def test_thirty_messages_of_known_people_take_as_many_statements_as_three(desk):
    LeadFactory(phone="+17735550001", phone_e164="+17735550001")
    receive_messages(desk, [said(number, "Hello", number) for number in range(10)])

    counted = []
    for start, many in ((100, 3), (200, 30)):
        with CaptureQueriesContext(connection) as asked, recording_together(), publishing_together():
            receive_messages(desk, [said(start + number, "Hello again", number % 10) for number in range(many)])
        counted.append([query["sql"] for query in asked if "pg_notify" not in query["sql"]])

    assert len(counted[0]) == len(counted[1])
    assert sum(UnifiedConversation.objects.values_list("message_count", flat=True)) == 10 + 3 + 30


def test_reports_told_together_are_kept_once_and_the_highest_stands(desk):
    known, late = sent(desk, external_message_id="SM1"), sent(desk, external_message_id=None)
    moment = timezone.now() - timedelta(minutes=1)
    told = [
        Report("SM1", "READ", told_at=moment),
        Report("SM1", "DELIVERED", told_at=moment),
        Report("SM1", "DELIVERED", told_at=moment),
        Report("SM2", "DELIVERED", key=str(late.pk), told_at=moment),
        Report("SM9", "DELIVERED"),
    ]

    about = take_reports(desk, told)

    assert about == [known, known, known, late, None]
    assert list(UnifiedMessage.objects.order_by("status_rank").values_list("status", "external_message_id")) == [
        ("DELIVERED", "SM2"),
        ("READ", "SM1"),
    ]
    assert DeliveryReport.objects.count() == 4
    assert take_report(desk, told[0]) == known
    assert DeliveryReport.objects.count() == 4


def test_one_message_alone_is_as_one_of_many(desk):
    alone = receive_message(desk, said(1, "Hello"))
    [together, other] = receive_messages(desk, [said(2, "Hello"), said(3, "Hi", 2)])

    assert alone.conversation == together.conversation != other.conversation
