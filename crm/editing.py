"""Changing what is known of a lead, never over somebody's newer change; and who takes care of it."""

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from crm.intake import link_contact_points, normalise, refuse_private_fields
from crm.models import ActivityType, LeadActivity, Opportunity
from crm.pipeline import lock_lead
from crm.rules import DateInThePast, LeadIsLocked, NotACoordinator, SomebodyWasFaster, ValueNotPositive

SEALED = {"patient_dob", "insurance_member_id"}


@transaction.atomic
def edit_lead(lead, values, *, version, by):
    """Change fields of a lead (name -> value) if it is still the `version` that the editor saw; returns the lead.

    Records "crm.lead.edited" with what changed; sealed fields are named without their values. Raises SomebodyWasFaster
    with the newer lead, LeadIsLocked, FieldRefused.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    changed = {name: value for name, value in values.items() if getattr(lead, name) != value}
    if not changed:
        return lead
    if lead.version != version:
        raise SomebodyWasFaster(lead)
    refuse_private_fields(lead.clinic, changed)

    before = {name: _shown(name, getattr(lead, name)) for name in changed}
    for name, value in changed.items():
        setattr(lead, name, value)
    lead.version += 1
    lead.updated_by = by
    normalise(lead, region=lead.clinic.phone_region)
    lead.save()
    link_contact_points(lead)
    after = {name: _shown(name, value) for name, value in changed.items()}
    record("crm.lead.edited", lead, by=by, before=before, after=after)
    publish("board", f"lead-{lead.pk}")
    return lead


def _shown(name, value):
    return "•••" if name in SEALED and value else value


@transaction.atomic
def set_opportunity(lead, *, by, expected_value_cents, procedure_code="", expected_date=None):
    """Say what a lead would be worth (cents, more than 0), of which procedure and by when; returns the Opportunity.

    Records "crm.opportunity.set". Raises LeadIsLocked, ValueNotPositive, DateInThePast.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    if expected_value_cents <= 0:
        raise ValueNotPositive
    known = Opportunity.objects.filter(lead=lead).first()
    if (
        expected_date
        and expected_date < timezone.localdate()
        and (known is None or known.expected_date != expected_date)
    ):
        raise DateInThePast

    facts = {
        "expected_value_cents": expected_value_cents,
        "procedure_code": procedure_code,
        "expected_date": expected_date,
    }
    opportunity, _created = Opportunity.objects.update_or_create(lead=lead, defaults=facts)
    before, lead.expected_value_cents = lead.expected_value_cents, expected_value_cents
    lead.version += 1
    lead.save(update_fields=["expected_value_cents", "version", "updated_at"])
    record("crm.opportunity.set", lead, by=by, before={"expected_value_cents": before}, after=facts)
    publish("board", f"lead-{lead.pk}")
    return opportunity


@transaction.atomic
def assign_lead(lead, coordinator, *, by):
    """Give a lead to another coordinator; returns the lead, whose `previous_owner` is who had it.

    Records "crm.lead.assigned". Raises LeadIsLocked, NotACoordinator.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    if not type(coordinator).objects.coordinators().filter(pk=coordinator.pk).exists():
        raise NotACoordinator
    lead.previous_owner = lead.assigned_to
    if lead.assigned_to_id == coordinator.pk:
        return lead

    lead.assigned_to, lead.assigned_at = coordinator, timezone.now()
    lead.version += 1
    lead.save(update_fields=["assigned_to", "assigned_at", "version", "updated_at"])
    LeadActivity.objects.create(
        lead=lead,
        type=ActivityType.ASSIGNMENT_CHANGE,
        occurred_at=lead.assigned_at,
        by=by,
        payload={
            "to": coordinator.display_name,
            "from": lead.previous_owner.display_name if lead.previous_owner else "",
        },
    )
    record(
        "crm.lead.assigned",
        lead,
        by=by,
        before={"assigned_to": lead.previous_owner},
        after={"assigned_to": coordinator},
    )
    publish("board", f"lead-{lead.pk}")
    return lead
