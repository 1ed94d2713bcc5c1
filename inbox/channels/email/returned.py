"""Letters of ours that come back: told of the letter, and of its address where nobody is there."""

from django.utils.translation import gettext as _

from clinics.webhook_sources import Outcome
from inbox.channels.hook import tell_report
from inbox.consent import suppress
from inbox.models import Channel, MessageStatus, SuppressionReason
from inbox.reporting import Report

FULL = ("4.2.2", "5.2.2")


def take_bounce(account, bounce, event):
    """Say of a letter that it came back, and send nothing more where nobody has the address; returns an Outcome.

    A full mailbox, and what may pass by itself (4.x), stops nothing.
    """
    status = bounce["status"]
    is_full = status in FULL
    is_final = status.startswith("5") and not is_full
    reason = "mailbox_full" if is_full else "bounced" if is_final else "not_delivered"
    if bounce["id"]:
        told = Report(
            external_id=bounce["id"], status=MessageStatus.FAILED, word=status, reason=reason, told_at=event.created_at
        )
        tell_report(account, told)
    if is_final:
        suppress(Channel.EMAIL, bounce["address"], SuppressionReason.BOUNCE, detail=status)
    return Outcome(_("A letter came back from %s") % bounce["address"])
