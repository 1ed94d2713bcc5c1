"""Who has a part in what a patient pays: the coordinator, closer and referrer of the lead through which they came."""

from django.db.models.functions import Coalesce

from crm.models import ConvertedPatient, Lead


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
