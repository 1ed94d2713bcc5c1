"""What comes with a message is fetched from its carrier and from nowhere else, checked, and kept."""

import pytest

from inbox.media import AwayForNow, fetch_media, give_up_media
from inbox.models import Carrier, MessageAttachment
from inbox.receiving import Incoming, Media, receive_message
from inbox.tests.factories import ChannelAccountFactory
from tests.doubles.pictures import PNG
from tests.doubles.serving import Double, Fault


class MediaDouble(Double):
    """Where a carrier keeps files."""

    def respond(self, asked):
        return 200, PNG, {"Content-Type": "image/png"}


@pytest.fixture
def carrier(settings):
    settings.LOCAL = True
    with MediaDouble() as double:
        settings.TWILIO_API_URL = double.url
        yield double


@pytest.fixture
def fetched(clinic):
    """fetched(url): a picture at an address, fetched as far as that goes; returns its attachment."""

    def fetch(url, name="file-1.png"):
        account = ChannelAccountFactory(
            carrier=Carrier.TWILIO, credentials={"account_sid": "AC1", "auth_token": "token-1"}
        )
        media = (Media(url=url, content_type="image/png", name=name),)
        message = receive_message(account, Incoming(external_id=url[:99], address="+17735550123", media=media))
        fetch_media(clinic, message.pk)
        return message.attachments.get()

    return fetch


def test_a_picture_is_fetched_with_our_access_and_kept(carrier, fetched):
    attachment = fetched(f"{carrier.url}/media/1")

    assert carrier.asked[0].headers["Authorization"].startswith("Basic ")
    assert (attachment.size_bytes, attachment.fetch_error) == (len(PNG), "")
    assert attachment.stored_as


def test_our_access_does_not_go_along_to_another_host(carrier, fetched):
    with MediaDouble() as other:
        carrier.fail(Fault(307, b"", headers={"Location": f"{other.url}/signed"}))

        assert fetched(f"{carrier.url}/media/1").stored_as
        assert "Authorization" not in other.asked[0].headers


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/latest", "https://evil.example/1", "http://api.twilio.com/1", "file:///etc/passwd"]
)
def test_nobody_but_a_carrier_is_called(carrier, fetched, url):
    attachment = fetched(url)

    assert (attachment.stored_as, attachment.fetch_error) == ("", "The address of the file is not one of the carrier.")
    assert carrier.asked == []


def test_what_is_not_what_it_says_is_not_kept(carrier, fetched):
    carrier.fail(Fault(200, b"<html>", headers={"Content-Type": "image/png"}))

    attachment = fetched(f"{carrier.url}/media/1")

    assert attachment.stored_as == ""
    assert attachment.fetch_error.startswith("The content of this file is not what its name says")


def test_a_carrier_that_is_away_is_asked_again(carrier, fetched, clinic):
    carrier.fail(Fault(503, {}))
    with pytest.raises(AwayForNow):
        fetched(f"{carrier.url}/media/1")
    waiting = MessageAttachment.objects.get()

    fetch_media(clinic, waiting.message_id)
    waiting.refresh_from_db()
    give_up_media(clinic, waiting.message_id)

    assert waiting.stored_as
    assert waiting.fetch_error == ""
