"""How fast an account sends: a bucket of tokens that fills by the second, a token for a message or a segment."""

from dataclasses import dataclass

from inbox.models import Channel, ChannelAccount
from inbox.segments import length_of

SECONDS = 5  # that a bucket holds: as long as it may take until the sender looks again


@dataclass
class Bucket:
    """The tokens of an account at a moment. What costs more than it holds goes when it is full, and leaves a debt."""

    account: ChannelAccount
    tokens: float
    capacity: float
    now: object

    @property
    def is_open(self):
        return self.tokens >= 1

    def take(self, cost):
        """Take the tokens of one message; False if it has to wait."""
        if self.tokens < min(cost, self.capacity):
            return False
        self.tokens -= cost
        return True

    def give_back(self, cost):
        self.tokens += cost

    def store(self):
        """Keep what is left, in the transaction of the claim; the account is locked."""
        ChannelAccount.objects.filter(pk=self.account.pk).update(tokens=self.tokens, tokens_at=self.now)


def bucket_of(account, now):
    """The bucket of a locked account as it has filled until now."""
    capacity = max(1.0, account.per_second * SECONDS)
    if account.tokens_at is None:
        return Bucket(account, capacity, capacity, now)
    filled = account.tokens + max(0.0, (now - account.tokens_at).total_seconds()) * account.per_second
    return Bucket(account, min(capacity, filled), capacity, now)


def cost_of(message):
    """The tokens that a message takes: its segments if it is a text message, else one."""
    return max(1, length_of(message.text).segments) if message.channel == Channel.SMS else 1
