"""The one conversation of a person: found, opened, and given to whoever it turns out to be with."""

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from clinics.audit import SYSTEM, record
from clinics.live import publish
from clinics.writing import update_rows
from crm.models import ConvertedPatient, Lead
from inbox.addresses import people_at, where_somebody_is
from inbox.models import ConversationAddress, ConversationStatus, UnifiedConversation
from inbox.rules import ConversationOfAnother
from patients.models import Patient


def lock_conversation(conversation):
    """The row itself, held until the end of the transaction; that of the one it was merged into, if it was."""
    locked = UnifiedConversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
    return lock_conversation(locked.merged_into) if locked.merged_into_id else locked


@transaction.atomic
def conversation_with(person, *, rests=False):
    """The conversation of a patient or lead, opened if there is none; locked. A lead who became a patient has theirs.

    Two at once find the same one. One that is opened for a message that goes by itself `rests`: nobody has to see to it
    until they answer.
    """
    person = who_is_spoken_with(person)
    kind = "patient" if isinstance(person, Patient) else "lead"
    _wait_in_line(person.pk)
    found = UnifiedConversation.objects.of_person(**{kind: person}).select_for_update(of=("self",)).first()
    if found is not None:
        return found
    return UnifiedConversation.objects.create(
        **{kind: person},
        person_name=name_of(person),
        location_id=person.location_id,
        assigned_to_id=getattr(person, "assigned_to_id", None),
        last_message_at=timezone.now(),
        **({"status": ConversationStatus.RESOLVED, "resolved_at": timezone.now()} if rests else {}),
    )


@transaction.atomic
def conversation_with_member(member):
    """Where the texts to a member of staff stand, opened if there is none; locked. No list of conversations has it."""
    _wait_in_line(member.pk)
    found = UnifiedConversation.objects.filter(member=member).select_for_update(of=("self",)).first()
    return found or UnifiedConversation.objects.create(
        member=member, person_name=name_of(member), last_message_at=timezone.now()
    )


def who_is_spoken_with(person):
    """The patient whom a lead has become, the one who pays if they became several; else the person themselves."""
    if not isinstance(person, Lead) or person.converted_to_patient_id is None:
        return person
    became = ConvertedPatient.objects.of_lead(person).first()
    return became.patient if became else person.converted_to_patient


@transaction.atomic
def conversation_at(channel, address, *, display_name=""):
    """The conversation to which a message from a normal address belongs, opened if there is none; locked.

    The one that was last held with this address; else the one of whoever is reached there; else one with nobody known.
    """
    _wait_in_line(f"{channel}:{address}")
    rows = ConversationAddress.objects.filter(
        channel=channel,
        address=address,
        conversation__deleted_at=None,
        conversation__merged_into=None,
        conversation__member=None,
    )
    newest = rows.order_by(F("last_outbound_at").desc(nulls_last=True), "-conversation__last_message_at", "-pk")
    held = newest.values_list("conversation", flat=True).first()
    if held is not None:
        conversation = UnifiedConversation.objects.select_for_update(of=("self",)).get(pk=held)
        if not conversation.is_unmatched:
            return conversation
    person = people_at(channel, address).best
    if person is not None:
        return conversation_with(person)
    if held is not None:
        return conversation
    strangers = UnifiedConversation.objects.unmatched().filter(unknown_channel=channel, unknown_address=address)
    stranger = strangers.select_for_update(of=("self",)).first()
    return stranger or UnifiedConversation.objects.create(
        unknown_channel=channel,
        unknown_address=address,
        person_name=display_name[:170],
        last_message_at=timezone.now(),
    )


@transaction.atomic
def conversations_at(channel, names):
    """The conversations to which messages from some normal addresses belong, locked: {address: conversation}.

    `names` is {address: the name under which they write}. Those who have written before are found together, whoever
    writes for the first time is by conversation_at.
    """
    _wait_in_line(*(f"{channel}:{address}" for address in sorted(names)))
    rows = ConversationAddress.objects.filter(
        channel=channel, address__in=names, conversation__deleted_at=None, conversation__merged_into=None
    )
    newest = rows.order_by(F("last_outbound_at").desc(nulls_last=True), "-conversation__last_message_at", "-pk")
    held = {}
    for address, conversation_id in newest.values_list("address", "conversation"):
        held.setdefault(address, conversation_id)
    locked = UnifiedConversation.objects.select_for_update(of=("self",)).filter(pk__in=held.values()).order_by("pk")
    by_id = {conversation.pk: conversation for conversation in locked}
    found = {address: by_id[held[address]] for address in held}
    strangers = [address for address in found if found[address].is_unmatched]
    known_now = where_somebody_is(channel, strangers)
    for address, name in names.items():
        if address not in found or address in known_now:
            conversation = conversation_at(channel, address, display_name=name)
            found[address] = by_id.setdefault(conversation.pk, conversation)
    return found


def remember_heard(channel, heard):
    """Note when some conversations were written to from some addresses: `heard` lists (conversation, address, name,
    moment), the same one as often as it wrote."""
    rows = ConversationAddress.objects.filter(
        channel=channel, conversation__in={each[0].pk for each in heard}, address__in={each[1] for each in heard}
    )
    known = {(row.conversation_id, row.address): row for row in rows}
    new = {}
    for conversation, address, name, moment in heard:
        key = (conversation.pk, address)
        row = known.get(key) or new.setdefault(
            key, ConversationAddress(conversation=conversation, channel=channel, address=address)
        )
        row.display_name = name[:120] or row.display_name
        row.last_inbound_at = max(filter(None, (row.last_inbound_at, moment)))
    ConversationAddress.objects.bulk_create(new.values(), ignore_conflicts=True)
    update_rows([*known.values()], ["display_name", "last_inbound_at", "updated_at"])


def remember_address(conversation, channel, address, *, display_name="", inbound_at=None, outbound_at=None):
    """Note that a conversation is held with an address, and when; returns the ConversationAddress."""
    row, is_new = ConversationAddress.objects.get_or_create(
        conversation=conversation,
        channel=channel,
        address=address,
        defaults={"display_name": display_name[:120], "last_inbound_at": inbound_at, "last_outbound_at": outbound_at},
    )
    if not is_new:
        row.display_name = display_name[:120] or row.display_name
        row.last_inbound_at = max(filter(None, (row.last_inbound_at, inbound_at)), default=None)
        row.last_outbound_at = max(filter(None, (row.last_outbound_at, outbound_at)), default=None)
        row.save(update_fields=["display_name", "last_inbound_at", "last_outbound_at", "updated_at"])
    return row


@transaction.atomic
def match_conversation(conversation, person, *, by=SYSTEM):
    """Say with whom an unmatched conversation is held; returns it.

    Records "inbox.conversation.matched". Raises ConversationOfAnother if the person has a conversation already.
    """
    conversation = lock_conversation(conversation)
    kind = "patient" if isinstance(person, Patient) else "lead"
    _wait_in_line(person.pk)
    if UnifiedConversation.objects.of_person(**{kind: person}).exclude(pk=conversation.pk).exists():
        raise ConversationOfAnother
    before = {"lead": conversation.lead_id, "patient": conversation.patient_id}
    conversation.lead, conversation.patient = (None, person) if kind == "patient" else (person, None)
    conversation.person_name = name_of(person)
    conversation.location_id = conversation.location_id or person.location_id
    if conversation.assigned_to_id is None:
        conversation.assigned_to_id = getattr(person, "assigned_to_id", None)
    conversation.save()
    after = {"lead": conversation.lead_id, "patient": conversation.patient_id}
    record("inbox.conversation.matched", conversation, by=by, before=before, after=after)
    publish("inbox", f"conversation-{conversation.pk}")
    return conversation


def name_of(person):
    """The name under which a conversation is listed."""
    return str(getattr(person, "display_name", person))[:170]


def _wait_in_line(*keys):
    """Let one transaction at a time look for the conversation of a person or address, so that it is opened once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('conversation ' || key, 0)) "
            "FROM unnest(%s::text[]) WITH ORDINALITY AS waited(key, place) ORDER BY place",
            [[str(key) for key in keys]],
        )
