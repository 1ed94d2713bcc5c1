"""Changing what is known of a lead, never over somebody's newer change."""

import hashlib

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from clinics.live import publish
from clinics.writing import write_changes
from crm.intake import REACHED_BY, SEALED, check_reachable, link_contact_points, normalise, refuse_private_fields
from crm.models import Opportunity
from crm.pipeline import lock_lead
from crm.rules import (
    DateInThePast,
    LeadIsLocked,
    SomebodyWasFaster,
    ValueNotPositive,
)

OPPORTUNITY = ("expected_value_cents", "procedure_code", "expected_date", "blocker")
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
def set_opportunity(lead, *, by, expected_value_cents, procedure_code="", expected_date=None, blocker=None, seen=None):
    """Say what a lead would be worth (cents, more than 0), of which procedure and by when; returns the Opportunity.

    `blocker` (a Blocker, "" for nothing) says what stands against it; None leaves it as it is. `seen` (name ->
    fingerprint) is what the editor saw of it. Records "crm.opportunity.set". Raises LeadIsLocked, ValueNotPositive,
    DateInThePast, SomebodyWasFaster if it is not that any more.
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
        "blocker": getattr(known, "blocker", "") if blocker is None else blocker,
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


def _save(lead, *fields, by):
    lead.version += 1
    lead.updated_by = by
    write_changes(lead, [*fields, "version", "updated_by", "updated_at"])


def _tell(lead):
    publish("board", f"lead-{lead.pk}")
