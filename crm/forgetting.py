"""Removing leads for good, with everything that hangs on them, whoever keeps it: by erasing, or because they are old.

What stays: the audit log (what it says of them personally can be opened no more), what was agreed and refused as
evidence, amounts of commissions and key figure events as those of nobody, and the patients that they became, whose
record says that there was a lead.
"""

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string

from clinics.audit import record_many
from clinics.documents.removing import remove_files
from clinics.models import AuditLog, WebhookLog
from clinics.notifications import forget_notices
from clinics.personal_values import forget_all_personal
from crm.figure_files.forgetting import forget_problems
from crm.importing.forgetting import forget_rows
from crm.models import (
    ContactPoint,
    ConvertedPatient,
    Household,
    KpiEvent,
    Lead,
    LeadContactPoint,
    LeadDocument,
    LeadSubmission,
)
from patients.models import Appointment
from patients.waitlist import forget_waiting

NOBODY = {"contact_name": "•••", "contact_phone": "", "contact_email": "", "notes": "", "cancellation_note": ""}
# What a patient's history says of a lead that is gone.
LEAD_REMOVED = "crm.patient.lead_removed"


def hooks(name):
    """What the rooms above have to say about leads: the functions that config/kept_of_leads.py lists under a name."""
    return [import_string(path) for path in import_string(f"{settings.KEPT_OF_LEADS}.{name}")]


def remove_leads(leads, *, why, by):
    """Delete some locked leads and all that hangs on them; returns how many rows of what: {name: number}.

    `why` is ERASED or OLD, and stands in the history of the patients that they became. Files go once the transaction
    stands. Records "crm.patient.lead_removed". Raises what the rooms above raise.
    """
    ids = [lead.pk for lead in leads]
    counts = {"leads": len(ids)}
    for forget in hooks("FORGET"):
        counts |= forget(leads)
    _tell_patients(ids, why=why, by=by)
    counts["documents"] = _remove_files(ids)
    counts["inquiries"] = _remove_inquiries(leads)
    counts["rows_of_files"] = forget_rows(ids)
    forget_problems({word for lead in leads for word in (lead.email, lead.phone, lead.phone_alt, lead.external_id)})
    counts["events"] = KpiEvent.objects.filter(lead__in=ids).update(lead=None, metadata={})
    forget_notices({lead.get_absolute_url(): lead.display_name for lead in leads})
    _remove_ways_to_reach(ids)
    homes = {lead.household_id for lead in leads} - {None}
    Lead.objects.filter(pk__in=ids).delete()
    Household.objects.filter(pk__in=homes, leads=None).delete()
    forget_all_personal(Lead, ids)
    return counts


def removed_leads_of(patient):
    """What is left of the leads that a patient was: asked when, by which source, became a patient when, gone since."""
    events = AuditLog.objects.about(patient).filter(action=LEAD_REMOVED)
    moments = ("asked_at", "converted_at")
    return [
        {name: parse_datetime(value) if name in moments else value for name, value in event.after.items()}
        | {"removed_at": event.created_at}
        for event in events[:10]
    ]


def _tell_patients(ids, *, why, by):
    """The patients that leads became stay; their history says that they came as a lead, when, and what became of it."""
    people = ConvertedPatient.objects.standing().filter(conversion__lead__in=ids)
    told = []
    for person in people.select_related("patient", "conversion__lead__source"):
        lead = person.conversion.lead
        facts = {"why": why, "source": lead.source.name, "asked_at": lead.captured_at}
        told.append((person.patient, None, facts | {"converted_at": person.conversion.converted_at}))
    record_many(LEAD_REMOVED, told, by=by)


def _remove_files(ids):
    documents = LeadDocument.objects.filter(lead__in=ids)
    remove_files(*documents.values_list("stored_as", flat=True))
    return documents.count()


def _remove_inquiries(leads):
    """Inquiries hold their words as they came, and so do the events of services that told of them."""
    inquiries = LeadSubmission.objects.filter(lead__in=leads)
    booked = set(inquiries.values_list("appointment", flat=True)) | {lead.consultation_id for lead in leads}
    of_nobody = Appointment.objects.filter(pk__in=booked - {None}, patient=None)
    forget_all_personal(Appointment, list(of_nobody.values_list("pk", flat=True)))
    of_nobody.update(**NOBODY)
    for lead in leads:
        forget_waiting(lead.display_name, (lead.phone, lead.phone_e164, lead.phone_alt, lead.phone_alt_e164))
    kept = list(inquiries.values_list("pk", flat=True))
    for model, ids in ((LeadSubmission, kept), (Lead, [lead.pk for lead in leads])):
        WebhookLog.objects.that_made(model, ids).update(payload=None)
    inquiries.delete()
    return len(kept)


def _remove_ways_to_reach(ids):
    """Numbers and addresses that nobody else is reached at."""
    links = LeadContactPoint.objects.filter(lead__in=ids)
    points = set(links.values_list("contact_point", flat=True))
    links.delete()
    ContactPoint.objects.filter(pk__in=points, lead_links=None).delete()
