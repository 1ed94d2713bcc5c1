"""What the webhook sources of all channels share: they belong to an account of the clinic, and make messages."""

from django.utils.translation import gettext as _

from clinics.webhook_sources import Hopeless, WebhookSource
from inbox.models import ChannelAccount


class AccountHook(WebhookSource):
    """A source that is connected together with a channel account, never by itself."""

    is_offered = False
    icon = "inbox"

    def account_of(self, event):
        """The account that an event is told to, locked: one worker at a time writes what comes in on a number.

        Raises Hopeless when it has been removed.
        """
        accounts = ChannelAccount.objects.filter(connection=event.connection_id).order_by("pk")
        account = accounts.select_for_update(of=("self",), no_key=True).first()
        if account is None:
            raise Hopeless(_("The channel account of this address was removed."))
        return account

    def take_in_many(self, clinic, events):
        """All of them in one transaction, in the order in which they came."""
        done = {event.pk: self.take_in(clinic, event, None) for event in sorted(events, key=lambda each: each.pk)}
        return [done[event.pk] for event in events]
