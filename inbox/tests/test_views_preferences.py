import pytest
from django.test import Client
from django.urls import reverse

from conftest import next_door, no_clinic
from inbox.consent import may_send
from inbox.models import Channel, ContactConsent, Direction, MessageStatus, Purpose, Suppression
from inbox.preferences import choices_of, token_of
from inbox.tests.factories import ContactConsentFactory, ConversationFactory, MessageFactory

ADDRESS = "ana@example.com"


@pytest.fixture
def mailed(clinic):
    """News that somebody was sent by e-mail; they can be texted too."""
    conversation = ConversationFactory(unknown_channel=Channel.EMAIL, unknown_address=ADDRESS)
    conversation.addresses.create(channel=Channel.SMS, address="+17735550177")
    facts = {"channel": Channel.EMAIL, "address": ADDRESS, "purpose": Purpose.NEWS}
    ContactConsentFactory(**facts)
    return MessageFactory(conversation=conversation, direction=Direction.OUTBOUND, status=MessageStatus.SENT, **facts)


def ask(method, view, message, data=None, **headers):
    with no_clinic():
        browser = Client(enforce_csrf_checks=True)
        return getattr(browser, method)(reverse(f"inbox:{view}", args=[token_of(message)]), data or {}, **headers)


def test_one_press_ends_everything_on_every_address(mailed):
    ask("get", "public_preferences", mailed)
    assert not Suppression.objects.exists()

    assert ask("post", "public_preferences", mailed, {"everything": "1"}).status_code == 303

    stopped = set(Suppression.objects.standing().values_list("channel", "address", "reason"))
    assert stopped == {("EMAIL", ADDRESS, "STOP"), ("SMS", "+17735550177", "STOP")}
    assert may_send(Channel.EMAIL, ADDRESS, Purpose.CARE).reason == "opted_out"


def news_by_mail():
    return may_send(Channel.EMAIL, ADDRESS, Purpose.NEWS).reason


def test_public_preferences_shows_what_holds_and_no_address_in_full(mailed):
    answer = ask("get", "public_preferences", mailed)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "a•••@example.com" in page
    assert ADDRESS not in page
    assert "0177" in page
    assert "7735550177" not in page


def test_looking_changes_nothing(mailed):
    ask("get", "public_preferences", mailed)
    assert ask("get", "public_unsubscribe", mailed).status_code == 302

    assert news_by_mail() == ""
    assert ContactConsent.objects.count() == 1


def test_public_preferences_keeps_only_what_was_changed(mailed):
    cells = {(cell.channel, cell.purpose): cell for _purpose, row in choices_of(mailed) for cell in row}
    wanted = {cells[where].name: "on" for where in [("EMAIL", "CARE"), ("SMS", "CARE"), ("SMS", "NEWS")]}

    assert ask("post", "public_preferences", mailed, wanted, HTTP_USER_AGENT="Phone").status_code == 303

    new = ContactConsent.objects.standing().filter(source="PREFERENCES")
    said = set(new.values_list("channel", "purpose", "state"))
    assert said == {("EMAIL", "NEWS", "OPTED_OUT"), ("SMS", "NEWS", "OPTED_IN")}
    assert new.first().proof["browser"] == "Phone"
    assert may_send(Channel.EMAIL, ADDRESS, Purpose.CARE).reason == ""


def test_public_preferences_ends_all_news_at_once(mailed):
    ask("post", "public_preferences", mailed, {"nothing": "1"})

    assert news_by_mail() == "opted_out"
    assert may_send("SMS", "+17735550177", Purpose.NEWS).reason == "opted_out"
    assert may_send("SMS", "+17735550177", Purpose.CARE).reason == ""


def test_public_unsubscribe_by_one_click_needs_no_cookie_and_no_further_page(mailed):
    answer = ask("post", "public_unsubscribe", mailed, {"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, answer.content, answer.cookies) == (200, b"", {})
    assert news_by_mail() == "opted_out"
    assert ContactConsent.objects.standing().get().source == "ONE_CLICK"


def test_a_link_that_was_not_made_here_opens_nothing(mailed, other_clinic):
    token = token_of(mailed)
    with next_door(other_clinic):
        theirs = token_of(MessageFactory(direction=Direction.OUTBOUND, status=MessageStatus.SENT))
    forged = [token[:-1] + ("A" if token[-1] != "A" else "B"), "x", theirs.split(".")[0] + "." + token.split(".")[1]]

    for each in forged:
        with no_clinic():
            assert Client().post(reverse("inbox:public_unsubscribe", args=[each])).status_code == 404
    assert news_by_mail() == ""
