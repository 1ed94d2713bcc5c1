"""The same person again: a new touch on the card they have, never an error and never a second card.

Who is the same is asked of the comparison that finds duplicates. A parent with two children, or a couple with one
e-mail, are different people of one household; a call without a name is whoever of the household came in last.

What becomes of the card: an open one stays where it is; a lost one is reopened at the start of the pipeline and an
archived one comes back, each with a task, since nobody looks for them there; one that became a patient is history and
stays so, and the inquiry becomes a new lead of the same household and coordinator.
"""

from datetime import timedelta

from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.absence import stand_in_for
from clinics.audit import record
from clinics.business_hours import hours_of
from clinics.live import publish
from clinics.normalising import email_norm, phone_e164
from clinics.notifications import language_of, notify
from crm.activities import add_task
from crm.archiving import unarchive_lead
from crm.duplicates.finding import same_person_as
from crm.duplicates.people import person_of
from crm.intake import link_contact_points, normalise, note_inquiry, refuse_private_fields
from crm.models import Lead, LeadStatus, PipelineStage
from crm.pipeline import lock_lead, reopen_lead
from crm.tagging import tag_lead

# What an inquiry adds to a card that does not know it yet; what is known is never written over.
FILLED = (
    "first_name", "last_name", "email", "phone", "phone_alt", "patient_first_name", "patient_last_name", "patient_dob",
    "preferred_time", "address_line1", "address_line2", "city", "state", "postal_code", "country", "insurance_carrier",
    "insurance_member_id", "treatment_interest", "notes", "referring_provider", "referring_patient", "location",
)  # fmt: skip
# What makes sense as a whole alone: nothing of it is filled in where the inquiry says a part of it otherwise.
WHOLES = (
    ("address_line1", "address_line2", "city", "state", "postal_code", "country"),
    ("insurance_carrier", "insurance_member_id"),
)

# By what an inquiry tells who asks, and for whom.
TOLD_BY = (
    "first_name", "last_name", "phone", "phone_alt", "email", "patient_first_name", "patient_last_name",
    "patient_relationship", "patient_dob", "insurance_member_id",
)  # fmt: skip


def lock_addresses(clinic, values):
    """Wait for whoever is taking in an inquiry of the same number or e-mail, so that one person gets one card."""
    keys = [phone_e164(values.get("phone", ""), region=clinic.phone_region), email_norm(values.get("email", ""))]
    with connection.cursor() as cursor:
        for key in sorted(filter(None, keys)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{clinic.pk}:{key}"])


def find_same_person(clinic, values):
    """The lead of the person who asks (fields of Lead by name), or None; same_person_as says who is the same."""
    probe = Lead(**{name: values[name] for name in TOLD_BY if values.get(name)})
    normalise(probe, region=clinic.phone_region)
    return same_person_as(person_of(probe))


def add_touch(lead, inquiry, submission, *, by):
    """Note on a lead that they asked again; returns it. Fills in what was not known, and changes nothing that was.

    Records "crm.lead.asked_again". The coordinator is told. Raises FieldRefused.
    """
    refuse_private_fields(lead.clinic, inquiry.values)
    lead = lock_lead(lead)
    before = {"status_before": lead.status, "source_before": str(lead.source_id)}
    lead, brought_back = _bring_back(lead, submission, by=by)
    filled = _fill_in(lead, inquiry.values, by=by)
    _keep_answers(lead, inquiry.extra.get("answers"))
    facts = inquiry.facts | before | brought_back | {"filled": filled}
    note_inquiry(lead, submission, inquiry.values, by=by, touch=inquiry.touch, facts=facts)
    put_tags(lead, inquiry, by=by)
    record("crm.lead.asked_again", lead, by=by, after={"channel": submission.channel, "filled": filled})
    publish("board", f"lead-{lead.pk}")
    tell_coordinator(lead, gettext_lazy("%(lead)s asked again"))
    return lead


def put_tags(lead, inquiry, *, by):
    """The tags that the door of an inquiry puts on whoever comes through it."""
    for tag in inquiry.tags:
        tag_lead(lead, tag, by=by)


def tell_coordinator(lead, words):
    """Leave a notice (lazy `words` with a place for the lead) for whoever takes care of it, or stands in for them."""
    if lead.assigned_to is not None:
        member = stand_in_for(lead.assigned_to)
        with translation.override(language_of(member)):
            notify(member, "inquiry", words % {"lead": lead}, url=lead.get_absolute_url())


def _bring_back(lead, submission, *, by):
    """A card at rest comes back to where people look, with a task for today: the lead, and which task that is."""
    if lead.is_open:
        return lead, {}
    if lead.status == LeadStatus.ARCHIVED:
        lead = unarchive_lead(lead, by=by)
    if lead.status == LeadStatus.LOST:
        reopen_lead(lead, PipelineStage.objects.get(is_default=True), by=by, with_task=False)
        lead = lock_lead(lead)
    now, minutes = timezone.now(), timedelta(minutes=lead.clinic.speed_to_lead_minutes)
    due_at = hours_of(lead.clinic, lead.location_id).add(now, minutes) or now + minutes
    task = add_task(lead, by=by, title=_("Asked again: call back"), due_at=due_at, key=f"again-{submission.pk}")
    return lock_lead(lead), {"task": str(task.pk)}


def _keep_answers(lead, answers):
    """The latest answers to questions of the clinic's own stand on the lead; each inquiry keeps its own."""
    if answers:
        lead.extra = lead.extra | {"answers": answers}
        lead.save(update_fields=["extra", "updated_at"])


def _fill_in(lead, values, *, by):
    values = values | _second_number(lead, values)
    apart = {name for whole in WHOLES if _says_otherwise(lead, values, whole) for name in whole}
    filled = [name for name in FILLED if values.get(name) and not getattr(lead, name) and name not in apart]
    filled += _source_told(lead, values)
    for name in filled:
        setattr(lead, name, values[name])
    if filled:
        normalise(lead, region=lead.clinic.phone_region)
        lead.version, lead.updated_by = lead.version + 1, by
        found_by = ["phone_e164", "phone_alt_e164", "email_norm", "name_key"]
        lead.save(update_fields=[*filled, *found_by, "version", "updated_by", "updated_at"])
        link_contact_points(lead)
    return filled


def _says_otherwise(lead, values, names):
    known = {name: getattr(lead, name) for name in names if values.get(name)}
    return any(fact and str(fact).casefold() != str(values[name]).casefold() for name, fact in known.items())


def _second_number(lead, values):
    """A number that is told for the first time stands beside the known one: either may be the one that is answered."""
    number = phone_e164(values.get("phone", ""), region=lead.clinic.phone_region)
    is_new = number and lead.phone and number not in (lead.phone_e164, lead.phone_alt_e164)
    return {"phone_alt": values["phone"]} if is_new and not values.get("phone_alt") else {}


def _source_told(lead, values):
    """Where nobody had asked how they heard of the clinic, what they say now is the answer."""
    told = values.get("source")
    if not told or told.is_unknown or not lead.source.is_unknown:
        return []
    return ["source", "source_detail"] if values.get("source_detail") and not lead.source_detail else ["source"]
