"""What the inbox says about whom a conversation is with: facts, family, and who an unknown address may be."""

from dataclasses import dataclass, field

from django.utils import timezone

from clinics.access import may
from crm.models import Lead, PipelineStage
from inbox.addresses import everybody_at
from inbox.models import UnifiedConversation
from inbox.page_questions import ADDRESSES, MERGED, TASKS
from patients.models import Appointment, Patient

MOST_FOUND = 6


@dataclass(frozen=True)
class PersonPanel:
    """`others` are reached at the same addresses; `suggested` may be whoever an unmatched conversation is with."""

    addresses: list = field(default_factory=list)
    others: list = field(default_factory=list)
    suggested: list = field(default_factory=list)
    tasks: list = field(default_factory=list)
    coming: object = None
    merged: list = field(default_factory=list)  # conversations that were made one with this
    ahead: list = field(default_factory=list)  # the stages that the lead may go to
    may_change: bool = False  # whether the member may log calls with the lead
    may_lose: bool = False
    elsewhere: object = None  # the conversation that the same person has besides


def person_panel(conversation, member):
    """Everything that stands beside a conversation, as far as the member may see it."""
    addresses = ADDRESSES.rows(conversation=conversation.pk)
    known = {(row.channel, row.address) for row in addresses}
    if conversation.unknown_address and conversation.is_unmatched:
        known.add((conversation.unknown_channel, conversation.unknown_address))
    own = {conversation.lead_id, conversation.patient_id}
    people = [each for each in everybody_at(known) if each.pk not in own and _may_see(member, each)]
    lead = conversation.lead
    may_change = lead is not None and may(member, "lead:update") and not lead.is_locked and not lead.deleted_at
    may_move = may_change and lead.is_open
    return PersonPanel(
        addresses,
        [] if conversation.is_unmatched else people,
        people if conversation.is_unmatched else [],
        TASKS.rows(lead=lead.pk) if lead else [],
        _coming(conversation, member),
        MERGED.rows(conversation=conversation.pk) if getattr(conversation, "has_merged", True) else [],
        list(PipelineStage.objects.ahead_of(lead.stage)) if may_move else [],
        may_change,
        may_move,
    )


def conversation_of(person):
    """The conversation of a patient or lead, None if there is none."""
    kind = "patient" if hasattr(person, "segment") else "lead"
    return UnifiedConversation.objects.of_person(**{kind: person}).first()


def _may_see(member, person):
    return may(member, "patient:read" if hasattr(person, "segment") else "lead:read")


def _coming(conversation, member):
    """The next appointment of the patient."""
    if conversation.patient_id is None or not may(member, "schedule:read"):
        return None
    return (
        Appointment.objects.for_list()
        .standing()
        .of_patient(conversation.patient_id)
        .filter(starts_at__gte=timezone.now())
        .in_order()
        .first()
    )


def find_people(text, member):
    """Leads and patients whom some words find, those the member may see."""
    people = []
    if len(text.strip()) < 2:
        return people
    if may(member, "patient:read"):
        people += Patient.objects.present().found_by(text).order_by("-created_at", "-pk")[:MOST_FOUND]
    if may(member, "lead:read"):
        people += Lead.objects.present().found_by(text).newest_first()[:MOST_FOUND]
    return people
