"""What the webhook sources of all channels share: they belong to an account of the clinic, and make messages."""

from itertools import groupby

from django.utils.translation import gettext as _

from clinics.audit import recording_together
from clinics.live import publishing_together
from clinics.webhook_sources import Hopeless, Outcome, WebhookSource
from inbox.models import ChannelAccount, MessageStatus
from inbox.receiving import Incoming, receive_message, receive_messages
from inbox.reporting import Report, take_report, take_reports


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

    def told_to(self, event):
        """A word for the account that an event is told to: events of the same word go to the same one."""
        return str(event.connection_id)

    def understand(self, account, event):
        """What an event says: an Incoming, a Report, or the Outcome of what says nothing new; None if it is more than
        that, and take_alone must see to it."""
        raise NotImplementedError

    def take_alone(self, account, event):
        """Make of an event what it is for, where it is neither a message nor a report; returns an Outcome."""
        raise NotImplementedError

    def take_in(self, clinic, event, gathered):
        account = self.account_of(event)
        told = self.understand(account, event)
        if isinstance(told, Incoming):
            return _received(receive_message(account, told))
        if isinstance(told, Report):
            return _reported(told, take_report(account, told))
        return told or self.take_alone(account, event)

    def take_in_many(self, clinic, events):
        """All of them in one transaction, in the order in which they came.

        Messages and reports of one account that follow one another are written together. What a refusal teaches, and
        whatever is neither, comes after all that was told before it, and before all that was told after it.
        """
        ordered = sorted(events, key=lambda each: each.pk)
        first_of = {self.told_to(event): event for event in reversed(ordered)}
        accounts = {word: self.account_of(first_of[word]) for word in sorted(first_of)}
        done = {}
        with recording_together(), publishing_together():
            for word, run in groupby(ordered, key=self.told_to):
                done |= self._take_run(accounts[word], list(run))
        return [done[event.pk] for event in events]

    def _take_run(self, account, events):
        done, waiting = {}, []
        for event in events:
            told = self.understand(account, event)
            if isinstance(told, Outcome):
                done[event.pk] = told
            elif told is not None and not _is_refusal(told):
                waiting.append((event, told))
            else:
                done |= _take_together(account, waiting)
                waiting = []
                is_report = told is not None
                done[event.pk] = tell_report(account, told) if is_report else self.take_alone(account, event)
        return done | _take_together(account, waiting)


def _is_refusal(told):
    return isinstance(told, Report) and told.status == MessageStatus.FAILED


def _take_together(account, waiting):
    """Take in messages, then reports, each kind in its order; returns {event's id: Outcome}."""
    messages = [(event, told) for event, told in waiting if isinstance(told, Incoming)]
    reports = [(event, told) for event, told in waiting if isinstance(told, Report)]
    done = {}
    if messages:
        rows = receive_messages(account, [told for _event, told in messages])
        done |= {event.pk: _received(row) for (event, _told), row in zip(messages, rows, strict=True)}
    if reports:
        rows = take_reports(account, [told for _event, told in reports])
        done |= {event.pk: _reported(told, row) for (event, told), row in zip(reports, rows, strict=True)}
    return done


def _received(message):
    return Outcome(_("Message in the inbox"), about=message)


def _reported(report, message):
    known = _("Told of a message: %s") if message else _("Told of a message that is not known yet: %s")
    return Outcome(known % (report.word or report.status), about=message)


def nothing_new():
    """The Outcome of a report that tells nothing to anybody."""
    return Outcome(_("It is still on its way: nothing to note."))


def tell_report(account, report):
    """Hand on what a carrier told about a message of ours (a Report); returns an Outcome."""
    return _reported(report, take_report(account, report))
