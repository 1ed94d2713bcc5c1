"""Texts to the clinic's own people: by the same sender, in no list of conversations, naming no patient and no lead."""

from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from clinics.audit import SYSTEM
from clinics.mail import absolute
from clinics.models import ClinicUser
from clinics.notifications import language_of
from clinics.templatetags.ui import day_and_time
from crm.models import LeadTask
from inbox.conversations import conversation_with_member
from inbox.models import Channel, Purpose
from inbox.planning import plan_message
from inbox.reaching import account_for
from inbox.rules import NoAccount

OF_USE_FOR = timedelta(hours=4)


@transaction.atomic
def text_reminder(event):
    """Remind a member of a task by text, as "crm.task.reminder_due" asks; returns the UnifiedMessage, or None.

    None if they did not ask for texts, have no number any more or have left, if the task is done or gone, or if the
    clinic has no number to send from.
    """
    if "SMS" not in event.metadata.get("channels", []):
        return None
    member = ClinicUser.objects.active().select_related("user", "clinic").filter(pk=event.metadata["member"]).first()
    task = LeadTask.objects.open().filter(pk=event.metadata["task"]).select_related("lead").first()
    if member is None or task is None or not member.phone_e164:
        return None
    with translation.override(language_of(member)):
        said = {"clinic": member.clinic.name, "when": day_and_time(task.due_at).rstrip(".")}
        text = _("%(clinic)s: a task of yours is due: %(when)s.") % said
    conversation = conversation_with_member(member)
    try:
        account = account_for(conversation, Channel.SMS)
    except NoAccount:
        return None
    message = plan_message(
        conversation,
        channel=Channel.SMS,
        text=f"{text} {absolute(task.lead.get_absolute_url())}",
        by=SYSTEM,
        dedupe_key=f"task reminder {event.pk}",
        purpose=Purpose.CARE,
        account=account,
        address=member.phone_e164,
        expires_at=event.created_at + OF_USE_FOR,
        is_automatic=True,
    )
    message.metadata = message.metadata | {"member": str(member.pk)}
    message.save(update_fields=["metadata", "updated_at"])
    return message
