"""What is made of a message as soon as it is in: the marks of mood and urgency, and a lead of a stranger."""

from django.db import transaction
from django.utils.translation import gettext as _

from clinics.audit import SYSTEM
from clinics.live import publish
from clinics.notifications import notify
from crm.importing.values import split_name
from crm.models import LeadSubmission
from crm.submissions import write_submission
from crm.understanding import process_submission
from inbox.conversations import lock_conversation, match_conversation
from inbox.models import Channel, InboxSettings, UnifiedMessage
from inbox.models.choices import PHONE_CHANNELS
from inbox.rules import ConversationOfAnother
from inbox.sentiment import is_urgent, mood_of


@transaction.atomic
def mark_message(message):
    """Write down the mood of a message, and whether it is urgent; who looks after them is told of the latter."""
    message = UnifiedMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.sentiment or message.is_automatic:
        return message
    message.sentiment, message.is_urgent = mood_of(message.text), is_urgent(message.text)
    message.save(update_fields=["sentiment", "is_urgent", "updated_at"])
    conversation = message.conversation
    if message.is_urgent and conversation.assigned_to_id:
        words = _("%(name)s writes of something urgent") % {"name": conversation.person_name or message.address}
        notify(conversation.assigned_to, "message", words, url=f"/inbox/{conversation.pk}/")
    publish(f"conversation-{conversation.pk}")
    return message


@transaction.atomic
def make_lead_of_stranger(message):
    """Make a lead of whoever wrote, where the clinic wants that and nobody is known at the address; returns it or None.

    What cannot become a lead waits among the failed inquiries, and the conversation stays unmatched.
    """
    rules = InboxSettings.objects.first()
    if rules is None or not rules.makes_leads or message.is_automatic:
        return None
    conversation = lock_conversation(message.conversation)
    field = "phone" if message.channel in PHONE_CHANNELS else "email" if message.channel == Channel.EMAIL else ""
    if not field or not conversation.is_unmatched:
        return None
    submission = write_submission(
        LeadSubmission.Channel.PHONE if field == "phone" else LeadSubmission.Channel.API,
        _said_of(message, conversation, field),
        idempotency_key=f"conversation:{conversation.pk}",
        received_at=message.happened_at,
    )
    submission = process_submission(submission)
    if submission.lead is None:
        return None
    try:
        match_conversation(conversation, submission.lead, by=SYSTEM)
    except ConversationOfAnother:
        return None
    return submission.lead


def _said_of(message, conversation, field):
    """What is known of a stranger; health data only where the clinic keeps such on leads."""
    said = {field: message.address}
    first, last = split_name(conversation.person_name)
    if conversation.clinic.asks_full_names:
        said |= {"first_name": first, "last_name": last, "notes": message.text[:2000]}
    else:
        said |= {"first_name": first}
    return {name: value for name, value in said.items() if value}
