"""Changing what is known of a lead, never over somebody's newer change; and who takes care of it."""

import hashlib

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.live import publish
from clinics.models import ClinicUser
from clinics.notifications import language_of, notify
from clinics.writing import write_changes, write_new
from crm.intake import REACHED_BY, SEALED, check_reachable, link_contact_points, normalise, refuse_private_fields
from crm.models import ActivityType, Lead, LeadActivity, Opportunity
from crm.pipeline import UNDO_WITHIN, lock_lead
from crm.rules import (
    DateInThePast,
    LeadIsLocked,
    NotACoordinator,
    NothingToUndo,
    SomebodyWasFaster,
    UndoTooLate,
    ValueNotPositive,
)

OPPORTUNITY = ("expected_value_cents", "procedure_code", "expected_date")
FOUND_BY = ("phone_e164", "phone_alt_e164", "email_norm", "name_key")


@transaction.atomic
def edit_lead(lead, values, *, version, by, seen=None):
    """Change fields of a lead (name -> value) if it is still what the editor saw; returns the lead.

    That is its `version`, or else each field of `seen` (name -> fingerprint): a lead that was only moved or assigned
    meanwhile may be edited. Records "crm.lead.edited" with what changed; sealed fields are named without their values.
    Raises SomebodyWasFaster with the newer lead, LeadIsLocked, FieldRefused, NoWayToReach.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    changed = {name: value for name, value in values.items() if getattr(lead, name) != value}
    if not changed:
        return lead
    if lead.version != version and not _is_as_seen(lead, seen):
        raise SomebodyWasFaster(lead)
    refuse_private_fields(lead.clinic, changed)
    check_reachable({name: changed.get(name, getattr(lead, name)) for name in REACHED_BY})

    before = {name: _shown(name, getattr(lead, name)) for name in changed}
    for name, value in changed.items():
        setattr(lead, name, value)
    normalise(lead, region=lead.clinic.phone_region)
    _save(lead, *changed, *FOUND_BY, by=by)
    link_contact_points(lead)
    after = {name: _shown(name, value) for name, value in changed.items()}
    record("crm.lead.edited", lead, by=by, before=before, after=after)
    _tell(lead)
    return lead


def fingerprint(value):
    """What stands in an open form for a value that was seen: tells whether it changed, without showing it again."""
    value = getattr(value, "pk", value)
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def _is_as_seen(lead, seen):
    return bool(seen) and all(fingerprint(getattr(lead, name)) == mark for name, mark in seen.items())


def _shown(name, value):
    return "•••" if name in SEALED and value else value


@transaction.atomic
def set_opportunity(lead, *, by, expected_value_cents, procedure_code="", expected_date=None, seen=None):
    """Say what a lead would be worth (cents, more than 0), of which procedure and by when; returns the Opportunity.

    `seen` (name -> fingerprint) is what the editor saw of it. Records "crm.opportunity.set". Raises LeadIsLocked,
    ValueNotPositive, DateInThePast, SomebodyWasFaster if it is not that any more.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    if expected_value_cents <= 0:
        raise ValueNotPositive
    known = Opportunity.objects.filter(lead=lead).first()
    is_new_date = known is None or known.expected_date != expected_date
    if expected_date and is_new_date and expected_date < timezone.localdate():
        raise DateInThePast

    facts = {
        "expected_value_cents": expected_value_cents,
        "procedure_code": procedure_code,
        "expected_date": expected_date,
    }
    before = {name: getattr(known, name, None) for name in OPPORTUNITY}
    if seen and before != facts and any(fingerprint(value) != seen.get(name) for name, value in before.items()):
        raise SomebodyWasFaster(lead)
    opportunity, _created = Opportunity.objects.update_or_create(lead=lead, defaults=facts)
    lead.expected_value_cents = expected_value_cents
    _save(lead, "expected_value_cents", by=by)
    record("crm.opportunity.set", lead, by=by, before=before, after=facts)
    _tell(lead)
    return opportunity


@transaction.atomic
def assign_lead(lead, coordinator, *, by, is_told=True):
    """Give a lead to another coordinator; returns the lead.

    Its `assignment` is the activity that undo_assignment takes back, None if nothing changed; the new coordinator finds
    a notice, unless they are told some other way (`is_told`). Records "crm.lead.assigned". Raises LeadIsLocked,
    NotACoordinator.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    _check_coordinator(coordinator)
    lead.assignment = None
    if lead.assigned_to_id == coordinator.pk:
        return lead

    previous = lead.assigned_to
    lead.assigned_to, lead.assigned_at = coordinator, timezone.now()
    _save(lead, "assigned_to", "assigned_at", by=by)
    lead.assignment = LeadActivity(
        lead=lead,
        type=ActivityType.ASSIGNMENT_CHANGE,
        occurred_at=lead.assigned_at,
        by=by,
        payload={
            "to": coordinator.display_name,
            "to_id": str(coordinator.pk),
            "from": previous.display_name if previous else "",
            "from_id": str(previous.pk) if previous else "",
        },
    )
    write_new(lead.assignment)
    record("crm.lead.assigned", lead, by=by, before={"assigned_to": previous}, after={"assigned_to": coordinator})
    if is_told and coordinator != by:
        with translation.override(language_of(coordinator)):
            text = _("%(lead)s is yours now.") % {"lead": lead.display_name}
        notify(coordinator, "lead_assigned", text, url=lead.get_absolute_url())
    _tell(lead)
    return lead


@transaction.atomic
def undo_assignment(assignment, *, by, within=UNDO_WITHIN, even_to_nobody=False):
    """Give a lead back to whoever had it before `assignment` (its activity); returns the lead.

    Records "crm.lead.assignment_undone". Raises LeadIsLocked, UndoTooLate after `within`, NothingToUndo if the lead
    has gone to somebody else since or had nobody before (unless `even_to_nobody`), NotACoordinator if who had it may
    no longer.
    """
    lead = lock_lead(Lead(pk=assignment.lead_id))
    if lead.is_locked:
        raise LeadIsLocked
    if assignment.created_at < timezone.now() - within:
        raise UndoTooLate
    previous_id, previous = assignment.payload.get("from_id"), None
    is_given_away = str(lead.assigned_to_id) != assignment.payload.get("to_id")
    if is_given_away or not (previous_id or even_to_nobody):
        raise NothingToUndo
    if previous_id:
        previous = ClinicUser.objects.select_related("user").get(pk=previous_id)
        _check_coordinator(previous)

    regretted, lead.assigned_to = lead.assigned_to, previous
    lead.assigned_at = timezone.now() if previous else None
    _save(lead, "assigned_to", "assigned_at", by=by)
    LeadActivity.objects.filter(pk=assignment.pk).delete()
    record(
        "crm.lead.assignment_undone", lead, by=by, before={"assigned_to": regretted}, after={"assigned_to": previous}
    )
    _tell(lead)
    return lead


def _check_coordinator(member):
    if not ClinicUser.objects.coordinators().filter(pk=member.pk).exists():
        raise NotACoordinator


def _save(lead, *fields, by):
    lead.version += 1
    lead.updated_by = by
    write_changes(lead, [*fields, "version", "updated_by", "updated_at"])


def _tell(lead):
    publish("board", f"lead-{lead.pk}")
