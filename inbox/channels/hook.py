"""What the webhook sources of all channels share: they belong to an account of the clinic, and make messages."""

from django.utils.translation import gettext as _

from clinics.webhook_sources import Hopeless, Outcome, WebhookSource
from inbox.models import ChannelAccount
from inbox.reporting import take_report


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


def tell_report(account, report):
    """Hand on what a carrier told about a message of ours (a Report, or None for nothing); returns an Outcome."""
    if report is None:
        return Outcome(_("It is still on its way: nothing to note."))
    message = take_report(account, report)
    known = _("Told of a message: %s") if message else _("Told of a message that is not known yet: %s")
    return Outcome(known % (report.word or report.status), about=message)
