"""Who has a part in what a patient pays: the coordinator, closer and referrer of the lead through which they came."""

from collections import defaultdict

from django.db.models.functions import Coalesce

from clinics.models import ClinicUser
from crm.models import ConvertedPatient, Lead, ReferringProvider
from patients.models import Patient, Provider

KINDS = {"provider": Provider, "member": ClinicUser, "referrer": ReferringProvider}


def people_of(patients):
    """{patient: {role: who}}: of the lead through which each came first.

    The closer is whom the conversion names, else whoever made it.
    """
    rows = ConvertedPatient.objects.standing().filter(patient__in=patients).order_by("conversion__converted_at", "pk")
    rows = rows.values_list(
        "patient_id",
        "conversion__lead__assigned_to_id",
        Coalesce("conversion__closed_by_id", "conversion__by_id"),
        "conversion__lead__referring_provider_id",
    )
    found = {}
    for patient, *people in rows:
        found.setdefault(patient, _roles(*people))
    return found


def people_of_leads(leads):
    """{lead: {role: who}} of leads that may not have become patients: they have no closer then."""
    rows = Lead.objects.filter(pk__in=leads).values_list("pk", "assigned_to_id", "referring_provider_id")
    return {lead: _roles(coordinator, None, referrer) for lead, coordinator, referrer in rows}


def _roles(coordinator, closer, referrer):
    people = {
        "coordinator": coordinator and f"member:{coordinator}",
        "closer": closer and f"member:{closer}",
        "referrer": referrer and f"referrer:{referrer}",
    }
    return {role: who for role, who in people.items() if who}


def names_of(people):
    """{who: name} of providers, members of staff and referring doctors."""
    ids = defaultdict(list)
    for who in people:
        kind, _colon, pk = who.partition(":")
        ids[kind].append(pk)
    names = {}
    for kind, model in KINDS.items():
        rows = model.objects.filter(pk__in=ids[kind])
        rows = rows.select_related("user") if model is ClinicUser else rows
        names |= {f"{kind}:{row.pk}": str(row) for row in rows}
    return defaultdict(lambda: "—", names)


def payers_of(lines):
    """A function from a line to who paid: the patient, or the lead of an invoice that nobody was made a patient for."""
    patients = Patient.objects.names_of({line.paid.patient for line in lines if line.paid.patient})
    leads = Lead.objects.filter(pk__in={line.paid.lead for line in lines if line.paid.lead})
    leads = {str(lead.pk): lead.display_name for lead in leads}
    return lambda line: patients.get(line.paid.patient) or leads.get(line.paid.lead, "—")
