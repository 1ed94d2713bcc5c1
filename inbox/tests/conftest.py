import pytest

from clinics.models import Reaction
from inbox.models import Channel
from inbox.tasks import follow_people
from inbox.tests.factories import ChannelAccountFactory


@pytest.fixture
def desk(clinic):
    """The clinic's number for text messages, at the pretend carrier."""
    return ChannelAccountFactory(channel=Channel.SMS, address="+13125550100", is_default=True)


@pytest.fixture
def reactions(clinic):
    """Let what was recorded so far have its effects on conversations, as a worker would."""

    def run():
        for reaction in Reaction.objects.filter(handler="inbox.tasks.follow_people").order_by("pk"):
            follow_people(str(clinic.pk), str(reaction.event_id))
            reaction.delete()

    return run
