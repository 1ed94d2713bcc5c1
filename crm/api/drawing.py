"""Rows as the API shows them: what the clinic's lead privacy hides is null on every path."""

from clinics.api_fields import named
from crm.intake import REFUSED_WHEN_MINIMAL
from crm.models import Lead, LeadTag, Opportunity

SAME = (
    "version", "status", "stage_entered_at", "first_name", "last_name", "email", "patient_first_name",
    "treatment_interest", "expected_value_cents", "captured_at",
)  # fmt: skip
SAME_ON_PAGE = (
    *SAME, "phone_alt", "preferred_contact", "preferred_time", "patient_last_name", "patient_dob",
    "patient_relationship", "address_line1", "address_line2", "city", "state", "postal_code", "country",
    "source_campaign", "source_detail", "ad_platform", "external_id", "insurance_carrier", "insurance_member_id",
    "notes", "assigned_at", "first_contacted_at", "converted_at", "lost_at", "lost_notes", "archived_at",
    "created_at", "updated_at",
)  # fmt: skip


def lead_summary(lead, clinic):
    """A lead in a list."""
    return _lead(lead, clinic, SAME)


def lead_out(lead, clinic):
    """A lead as it stands now, read anew with everything that hangs on it."""
    lead = Lead.objects.for_page().select_related("ad_campaign").get(pk=lead.pk)
    opportunity = Opportunity.objects.filter(lead=lead).first()
    return _lead(lead, clinic, SAME_ON_PAGE) | {
        "ad_campaign": named(lead.ad_campaign),
        "referring_provider": named(lead.referring_provider),
        "location": named(lead.location),
        "household": lead.household_id,
        "lost_reason": lead.lost_reason or None,
        "suggested_stage": lead.suggested_stage,
        "tags": list(LeadTag.objects.filter(lead=lead).order_by("tag__name").values_list("tag__name", flat=True)),
        "answers": lead.extra.get("answers", []) if clinic.asks_full_names else [],
        "expected_date": opportunity and opportunity.expected_date,
        "procedure_code": (opportunity and opportunity.procedure_code) or None,
    }


def _lead(lead, clinic, names):
    hidden = set() if clinic.asks_full_names else REFUSED_WHEN_MINIMAL
    return {name: None if name in hidden else getattr(lead, name) for name in names} | {
        "id": lead.pk,
        "stage": lead.stage,
        "source": lead.source,
        "assigned_to": named(lead.assigned_to),
        "phone": lead.phone_e164 or lead.phone,
        "url": lead.get_absolute_url(),
    }


def match_out(match):
    """Somebody who may be the same person."""
    lead = match.lead
    return {"id": lead.pk, "name": lead.display_name, "by": match.by, "stage": lead.stage.name, "status": lead.status}
