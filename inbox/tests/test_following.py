from django.utils import timezone

from crm.conversion import Person, convert_lead
from crm.conversion_undoing import undo_conversion
from crm.duplicates.merging import merge_leads, undo_merge
from crm.tests.factories import LeadFactory
from inbox.conversations import conversation_with
from inbox.models import UnifiedConversation
from inbox.tests.factories import MessageFactory
from patients.duplicates.merging import merge_patients
from patients.duplicates.merging import undo_merge as undo_patients
from patients.editing import edit_patient, erase_patient
from patients.tests.factories import PatientFactory


def standing():
    return UnifiedConversation.objects.present()


def test_the_conversations_of_merged_leads_are_one_and_two_again(owner, reactions):
    survivor, other = LeadFactory(), LeadFactory()
    MessageFactory(conversation=conversation_with(survivor), text="of one")
    MessageFactory(conversation=conversation_with(other), text="of the other")

    merge = merge_leads(survivor, other, by=owner)
    reactions()

    assert {each.text for each in standing().get().messages.all()} == {"of one", "of the other"}

    undo_merge(merge, by=owner)
    reactions()

    texts = {each.lead: [message.text for message in each.messages.all()] for each in standing()}
    assert texts == {survivor: ["of one"], other: ["of the other"]}


def test_the_conversation_of_a_merged_patient_goes_to_the_one_who_had_none(owner, reactions):
    survivor, other = PatientFactory(), PatientFactory()
    conversation = conversation_with(other)

    merge_patients(survivor, other, by=owner)
    reactions()

    conversation.refresh_from_db()
    assert (conversation.patient, conversation.person_name) == (survivor, survivor.display_name)


def test_parted_patients_are_listed_by_their_own_names_again(owner, reactions):
    survivor, other = PatientFactory(), PatientFactory()
    conversation = conversation_with(other)
    merge = merge_patients(survivor, other, by=owner)
    reactions()

    undo_patients(merge, by=owner)
    reactions()

    conversation.refresh_from_db()
    assert (conversation.patient, conversation.person_name) == (other, other.display_name)


def test_a_lead_who_becomes_a_patient_is_spoken_with_in_the_same_conversation(owner, reactions):
    lead = LeadFactory(first_name="Ana", last_name="Vega")
    conversation = conversation_with(lead)

    conversion = convert_lead(lead, [Person({"first_name": "Ana", "last_name": "Vega"})], by=owner)
    reactions()

    lead.refresh_from_db()
    conversation.refresh_from_db()
    assert (conversation.patient, conversation.lead) == (lead.converted_to_patient, None)
    assert conversation_with(lead) == conversation

    undo_conversion(conversion, by=owner)
    reactions()

    conversation.refresh_from_db()
    assert (conversation.patient, conversation.lead) == (None, lead)


def test_a_new_name_is_the_name_of_the_conversation(owner, reactions):
    patient = PatientFactory()
    conversation = conversation_with(patient)

    edit_patient(patient, {"last_name": "Of the Lake"}, version=patient.version, by=owner)
    reactions()

    conversation.refresh_from_db()
    assert conversation.person_name.endswith("Of the Lake")


def test_an_erased_patient_leaves_no_word_behind(owner, reactions):
    patient = PatientFactory()
    message = MessageFactory(conversation=conversation_with(patient), text="I have a rash", address=patient.phone_e164)
    planned = {"direction": "OUTBOUND", "status": "PLANNED", "not_before": timezone.now()}
    unsent = MessageFactory(conversation=message.conversation, text="Does it itch?", **planned)

    erase_patient(patient, typed_name=patient.display_name, by=owner)
    reactions()

    message.refresh_from_db()
    unsent.refresh_from_db()
    message.conversation.refresh_from_db()
    assert (unsent.status, unsent.text) == ("CANCELLED", "")
    assert (message.text, message.address, message.conversation.last_message_preview) == ("", "", "")
