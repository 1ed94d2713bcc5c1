"""Who gets a conversation that nobody has: the coordinator of the lead, else whoever on duty has the fewest."""

from django.db import transaction
from django.db.models import Count, Q
from django.utils import translation
from django.utils.translation import gettext as _

from clinics.access import PERMISSIONS
from clinics.audit import SYSTEM
from clinics.models import ClinicUser, Role
from clinics.notifications import language_of, notify
from inbox.conversations import lock_conversation
from inbox.handling import assign_conversation
from inbox.models import ConversationStatus, InboxSettings

ANSWERS = [role for role, codes in PERMISSIONS.items() if "inbox:reply" in codes and role != Role.DOCTOR]


@transaction.atomic
def assign_by_rules(conversation):
    """Give a conversation that nobody has to whom the clinic's rules name; returns the member, None for nobody."""
    conversation = lock_conversation(conversation)
    if conversation.assigned_to_id is not None:
        return None
    rules = InboxSettings.objects.first() or InboxSettings()
    member = why = None
    if rules.assigns_to_owner:
        member, why = _owner(conversation), "owner"
    if member is None and rules.assigns_in_turn:
        member, why = next_on_duty(conversation), "turn"
    if member is not None:
        assign_conversation(conversation, member, by=SYSTEM, why=why)
    return member


def next_on_duty(conversation):
    """Of those at work who answer, at the person's location if any are, the one with the fewest open conversations."""
    open_ones = Q(conversations__status=ConversationStatus.ACTIVE, conversations__merged_into=None)
    team = ClinicUser.objects.active().filter(role__in=ANSWERS)
    team = team.annotate(held=Count("conversations", filter=open_ones)).order_by("held", "pk")
    team = [member for member in team if not member.is_out_of_office]
    near = [member for member in team if conversation.location_id in (None, member.location_id)]
    return next(iter(near or team), None)


def tell_of_message(conversation):
    """Tell whoever has a conversation that there is something new in it: once until it is read, not for each word."""
    member = conversation.assigned_to
    if member is None or conversation.unread_count != 1:
        return
    with translation.override(language_of(member)):
        text = _("%(who)s: %(words)s") % {"who": conversation, "words": conversation.last_message_preview}
    notify(member, "inbox.message", text, url=conversation.get_absolute_url())


def _owner(conversation):
    owner = conversation.lead.assigned_to if conversation.lead else None
    return owner if owner is not None and owner.is_active and not owner.is_out_of_office else None
