"""Text messages by way of Twilio: sent, looked up, refused, unclear; and what comes in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import WebhookLog
from conftest import Browser
from inbox import hearing, receiving
from inbox.channels.contract import Enclosure, NotSent, Outgoing, Unclear, adapter_for
from inbox.models import DeliveryReport, MessageAttachment, UnifiedMessage
from inbox.reporting import report_url
from inbox.tests.channels.conftest import work_off
from inbox.tests.factories import MessageFactory
from tests.doubles.twilio_messages import BROKEN, CUT_OFF, NOT_JSON, TOO_MANY, report_about, signed_post, text_from

NUMBER = "+17735550123"


def letter(words="See you on Friday", **facts):
    return Outgoing(key="m1", from_address="+13125550100", to_address=NUMBER, text=words, **facts)


def test_a_message_is_sent_with_its_files_and_the_address_for_reports(desk_number, twilio):
    sent = letter(
        report_url="https://desk.example/hooks/sms/x/",
        enclosures=(Enclosure("plan.pdf", "application/pdf", b"", "https://desk.example/plan"),),
    )

    accepted = adapter_for(desk_number).send(desk_number, sent)

    [there] = twilio.messages
    assert (accepted.external_id, accepted.status, accepted.segments) == (there["sid"], "queued", 1)
    assert (there["to"], there["from"], there["body"]) == (NUMBER, "+13125550100", "See you on Friday")
    assert (there["callback"], there["media"]) == (
        "https://desk.example/hooks/sms/x/",
        ["https://desk.example/plan"],
    )


@pytest.mark.parametrize(
    ("number", "reason", "is_passing"),
    [
        (21610, "opted_out", False),
        (21211, "invalid_address", False),
        (30006, "landline", False),
        (21611, "busy", True),
    ],
)
def test_a_refusal_says_why_and_whether_it_passes(desk_number, twilio, number, reason, is_passing):
    twilio.refused[NUMBER] = number

    with pytest.raises(NotSent) as refused:
        adapter_for(desk_number).send(desk_number, letter())

    assert (refused.value.code, refused.value.is_passing) == (reason, is_passing)


def test_too_many_requests_ask_for_a_pause(desk_number, twilio):
    twilio.fail(TOO_MANY)

    with pytest.raises(NotSent) as refused:
        adapter_for(desk_number).send(desk_number, letter())

    assert refused.value.is_passing
    assert refused.value.retry_after > timedelta(0)


def test_the_wrong_token_is_a_refusal_about_the_account(desk_number, twilio):
    desk_number.credentials["auth_token"] = "another"

    with pytest.raises(NotSent) as refused:
        adapter_for(desk_number).send(desk_number, letter())

    assert refused.value.code == "credentials"


@pytest.mark.parametrize("fault", [BROKEN, NOT_JSON, CUT_OFF])
def test_what_may_have_arrived_all_the_same_is_unclear(desk_number, twilio, fault):
    twilio.fail(fault)

    with pytest.raises(Unclear):
        adapter_for(desk_number).send(desk_number, letter())


def test_no_connection_at_all_is_no_doubt(desk_number, settings):
    settings.TWILIO_API_URL = "http://127.0.0.1:9"

    with pytest.raises(NotSent) as refused:
        adapter_for(desk_number).send(desk_number, letter())

    assert (refused.value.code, refused.value.is_passing) == ("busy", True)


def test_a_message_that_was_accepted_before_the_error_is_found_again(desk_number, twilio):
    began = timezone.now() - timedelta(minutes=2)
    twilio.breaks_after_accepting = 1
    adapter = adapter_for(desk_number)
    with pytest.raises(Unclear):
        adapter.send(desk_number, letter())

    assert adapter.look_up(desk_number, letter(), since=began).external_id == twilio.messages[0]["sid"]
    assert adapter.look_up(desk_number, letter("Other words"), since=began) is None


def test_whether_it_arrived_is_not_said_too_early(desk_number, twilio):
    with pytest.raises(Unclear):
        adapter_for(desk_number).look_up(desk_number, letter(), since=timezone.now())


def test_the_check_tells_good_keys_from_bad_ones(desk_number, twilio):
    adapter = adapter_for(desk_number)

    good = [check.passed for check in adapter.check(desk_number)]
    desk_number.credentials["auth_token"] = "another"
    bad = adapter.check(desk_number)[-1]

    assert good == [True, True, True, True, False]  # nothing has come in so far
    assert (bad.passed, bad.advice) == (False, "Twilio says: Unable to fetch record: Authenticate")


def test_a_text_with_a_picture_stands_in_the_inbox(desk_number, told):
    picture = ("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", "image/jpeg")

    answer = told(desk_number, text_from(NUMBER, "Hello", media=[picture], OptOutType="STOP", FromCity="CHICAGO"))

    message, attachment = UnifiedMessage.objects.get(), MessageAttachment.objects.get()
    assert (answer.status_code, answer.content) == (200, b"<Response/>")
    assert (message.text, message.address, message.account) == ("Hello", NUMBER, desk_number)
    assert message.metadata == {"opt_out_type": "STOP", "FromCity": "CHICAGO"}
    assert (attachment.name, attachment.source_url) == ("file-1.jpg", picture[0])


def test_a_text_that_is_told_again_and_again_is_one(desk_number, told):
    for _time in range(3):
        told(desk_number, text_from(NUMBER, "Hello"))

    assert UnifiedMessage.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"signature": ""}, {"signature": "bm8="}, {"auth_token": "another"}])
def test_what_is_not_signed_by_twilio_is_refused(desk_number, told, wrong):
    assert told(desk_number, text_from(NUMBER, "Hello"), **wrong).status_code == 403
    assert not WebhookLog.objects.exists()
    assert not UnifiedMessage.objects.exists()


def test_what_becomes_of_a_message_of_ours_is_kept(desk_number, told):
    sent = MessageFactory(
        direction="OUTBOUND", status="SENT", account=desk_number, external_message_id="SM" + "2" * 32, address=NUMBER
    )

    told(desk_number, report_about("SM" + "2" * 32, "undelivered", error_code="30006"))
    told(desk_number, report_about("SM" + "3" * 32, "sent"))

    told_of = {report.payload["word"]: report for report in DeliveryReport.objects.all()}
    sent.refresh_from_db()
    assert (sent.status, sent.reason) == ("FAILED", "landline")
    assert (told_of["undelivered"].message, told_of["undelivered"].error_code) == (sent, "30006")
    assert told_of["sent"].message is None  # told before we knew its id


def test_a_report_names_the_message_by_our_own_key(desk_number, told):
    sent = MessageFactory(direction="OUTBOUND", status="SENT", account=desk_number, address=NUMBER)

    url = report_url(sent, desk_number)
    answer = signed_post(Browser(), url, report_about("SM" + "4" * 32, "delivered"))
    work_off(desk_number.clinic)

    sent.refresh_from_db()
    assert (answer.status_code, sent.status, sent.external_message_id) == (200, "DELIVERED", "SM" + "4" * 32)


def test_texts_and_reports_of_one_portion_share_a_transaction_and_a_broken_one_spoils_no_other(
    desk_number, clinic, monkeypatch
):
    sent = MessageFactory(account=desk_number, direction="OUTBOUND", status="SENT", external_message_id=f"SM{'a' * 32}")
    told = [text_from("+12025550101", f"Message {at}", sid=f"SM{'b' * 31}{at}") for at in range(4)]
    for fields in [*told[:2], report_about(sent.external_message_id, "delivered"), *told[2:]]:
        signed_post(Browser(), desk_number.connection.get_path(), fields)
    heard = hearing.hear

    def hear_all_but_one(message):
        if message.text == "Message 1":
            raise ValueError(message.text)
        return heard(message)

    monkeypatch.setattr(receiving, "hear", hear_all_but_one)
    work_off(clinic)

    assert list(WebhookLog.objects.order_by("pk").values_list("status", flat=True)) == [
        "PROCESSED", "RETRY", "PROCESSED", "PROCESSED", "PROCESSED",
    ]  # fmt: skip
    assert set(UnifiedMessage.objects.inbound().values_list("text", flat=True)) == {
        "Message 0", "Message 2", "Message 3",
    }  # fmt: skip
    sent.refresh_from_db()
    assert sent.status == "DELIVERED"
