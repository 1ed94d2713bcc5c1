"""Why a message has not gone, went, or failed: every code with its words, for whoever reads the conversation."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inbox.models import MessageStatus

REASONS = {
    # it waits, and goes by itself
    "in_time": gettext_lazy("It goes at the time that was chosen."),
    "quiet_hours": gettext_lazy("It is night where they are. It goes in the morning."),
    "often_enough": gettext_lazy("They have had as many messages as they may. It goes when they may have more."),
    "rate": gettext_lazy("The number sends as fast as it may. It goes when it is its turn."),
    "plan_limit": gettext_lazy("The messages of this month are used up. It goes next month, or with a bigger plan."),
    "stopped": gettext_lazy("All sending is stopped at the moment."),
    "account_blocked": gettext_lazy("The account that it goes by is blocked. A clinic admin has to look at it."),
    "account_off": gettext_lazy("The account that it goes by is not in use."),
    "account_rests": gettext_lazy("The carrier has asked for a pause. It goes afterwards."),
    "refusal_to_read": gettext_lazy("They seem to have asked for no more messages. Somebody has to read that first."),
    "busy": gettext_lazy("The carrier could not take it. It is tried again."),
    "handset_off": gettext_lazy("Their phone is off or out of reach. It is tried again."),
    "changed_meanwhile": gettext_lazy("Something changed just before it went. It is looked at again."),
    # nobody knows
    "no_answer": gettext_lazy("The carrier did not answer. It is asked whether it has the message."),
    "person_decides": gettext_lazy("The carrier cannot say whether it went. Somebody has to decide."),
    # it was held back for good
    "expired": gettext_lazy("Its time had passed before it could go."),
    "costly_number": gettext_lazy("This is a number that costs whoever writes to it. Nothing is sent there."),
    "wrong_number": gettext_lazy("This number reached somebody else when it was called."),
    "appointment_changed": gettext_lazy("The appointment was moved or cancelled before it could go."),
    "opted_out": gettext_lazy("They have asked for no such messages on this channel."),
    "no_consent": gettext_lazy("They have not agreed to news and offers on this channel."),
    "stopped_address": gettext_lazy("Nothing is sent to this address any more."),
    "person_gone": gettext_lazy("This person is no longer kept here."),
    "window_closed": gettext_lazy("Their last message is too long ago. Only an approved template may be sent now."),
    "no_account": gettext_lazy("The account that it was to go by is gone."),
    # the carrier said no
    "invalid_address": gettext_lazy("There is no such address."),
    "unreachable": gettext_lazy("This address cannot receive such messages."),
    "landline": gettext_lazy("This number is a landline: it receives no text messages."),
    "blocked_by_carrier": gettext_lazy("The carrier has filtered it out as unwanted."),
    "not_registered": gettext_lazy("The number is not registered for sending. A clinic admin has to register it."),
    "bounced": gettext_lazy("The mail came back: nobody has this address."),
    "mailbox_full": gettext_lazy("Their mailbox takes no mail at the moment."),
    "complaint": gettext_lazy("They have reported the mail as spam."),
    "too_long": gettext_lazy("It is too long for this channel."),
    "bad_template": gettext_lazy("The approved template does not fit, or is not approved any more."),
    "bad_attachment": gettext_lazy("The carrier does not take the attachment."),
    "credentials": gettext_lazy("The carrier does not accept our access. A clinic admin has to renew it."),
    "no_funds": gettext_lazy("The account at the carrier has no money left."),
    "changed_underway": gettext_lazy("Its text was changed after it had been checked. It was not sent."),
    "too_late": gettext_lazy("The carrier kept it for too long and gave up."),
    "not_picked_up": gettext_lazy("The phone of whoever called was not picked up."),
    "judged_unsent": gettext_lazy("Somebody found that it did not go."),
    "refused": gettext_lazy("The carrier did not take it."),
    "not_delivered": gettext_lazy("The carrier could not deliver it."),
}

GONE = {
    MessageStatus.SENDING: gettext_lazy("It is being handed to the carrier."),
    MessageStatus.SENT: gettext_lazy("The carrier has it."),
    MessageStatus.DELIVERED: gettext_lazy("It has arrived."),
    MessageStatus.READ: gettext_lazy("They have read it."),
    MessageStatus.CANCELLED: gettext_lazy("It was taken back before it went."),
}
# What a refusal says about the address or the account, beside the one message.
SAYS_OPTED_OUT = frozenset({"opted_out"})
SAYS_UNREACHABLE = frozenset({"invalid_address", "unreachable", "landline"})
SAYS_BOUNCE = frozenset({"bounced"})
SAYS_COMPLAINT = frozenset({"complaint"})
SAYS_ACCOUNT_BLOCKED = frozenset({"credentials", "no_funds", "not_registered"})
PASSING = frozenset({"busy", "rate", "handset_off", "mailbox_full"})


@dataclass(frozen=True)
class Explanation:
    """How far a message has come, in one line; `tone` is calm, warning or danger; `until` when it goes on, if known."""

    text: str
    tone: str = "calm"
    until: object = None
    detail: str = ""


def explain(message, settings=None):
    """Why an outgoing message has not gone, went, or failed: an Explanation. Asks the database for nothing.

    Hand in the clinic's InboxSettings, so that a stop is said too; `message.account` is read if it is at hand.
    """
    status, reason = message.status, message.reason
    if status in (MessageStatus.PLANNED, MessageStatus.PENDING):
        reason = _held_by_all(message, settings) or reason or _by_time(message)
        text = REASONS.get(reason) or _("It is about to go.")
        tone = "warning" if reason in ("stopped", "account_blocked", "account_off", "plan_limit") else "calm"
        is_later = message.not_before and message.not_before > timezone.now() and tone == "calm"
        return Explanation(str(text), tone, message.not_before if is_later else None, message.reason_detail)
    if status == MessageStatus.UNKNOWN:
        tone = "danger" if reason == "person_decides" else "warning"
        return Explanation(str(REASONS.get(reason, REASONS["no_answer"])), tone, detail=message.reason_detail)
    if status == MessageStatus.FAILED:
        return Explanation(str(REASONS.get(reason, REASONS["refused"])), "danger", detail=message.reason_detail)
    if status == MessageStatus.SUPPRESSED:
        text = REASONS.get(reason, REASONS["stopped_address"])
        return Explanation(str(text), "warning", detail=message.reason_detail)
    return Explanation(str(GONE.get(status, "")))


def _held_by_all(message, settings):
    if settings is not None and settings.stopped_at:
        return "stopped"
    account = message.account if message._state.fields_cache.get("account") else None
    if account is None:
        return ""
    if account.blocked_reason:
        return "account_blocked"
    if not account.is_active:
        return "account_off"
    resting = account.resting_until and account.resting_until > timezone.now()
    return "account_rests" if resting else ""


def _by_time(message):
    return "in_time" if message.not_before and message.not_before > timezone.now() else ""
