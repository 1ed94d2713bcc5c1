import pytest

from inbox.models import Channel
from inbox.tests.factories import ChannelAccountFactory


@pytest.fixture
def desk(clinic):
    """The clinic's number for text messages, at the pretend carrier."""
    return ChannelAccountFactory(channel=Channel.SMS, address="+13125550100", is_default=True)
