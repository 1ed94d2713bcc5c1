"""Taking leads in: the inquiry is kept as it came, then becomes a lead with an owner, a stage and a first touch."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.live import publish
from clinics.models import Clinic
from clinics.models.base import ClinicModel
from clinics.normalising import email_norm, name_key, phone_e164
from crm.assignment.giving import give_owner, write_assignments
from crm.assignment.turns import Turns
from crm.duplicates.indexing import index_lead
from crm.entry_tasks import set_entry_task
from crm.lead_clocks import start_clock
from crm.models import (
    ActivityType,
    ContactPoint,
    Household,
    Lead,
    LeadActivity,
    LeadContactPoint,
    LeadSource,
    LeadSubmission,
    Opportunity,
    PipelineStage,
    SourceCategory,
    Touchpoint,
)
from crm.rules import FieldRefused, NoWayToReach, ValueNotPositive
from crm.submissions import lock_submission, write_submission

# Encrypted on the lead, so nowhere else in clear: not in the audit log either.
SEALED = {"patient_dob", "insurance_member_id"}
REACHED_BY = ("first_name", "last_name", "phone", "email", "external_id")

# What 002 forbids on leads: refused by name on every path when the clinic's lead privacy is MINIMAL.
REFUSED_WHEN_MINIMAL = {
    "last_name", "patient_last_name", "patient_dob", "insurance_carrier", "insurance_member_id", "notes",
}  # fmt: skip


@transaction.atomic
def capture_lead(clinic, values, *, by, channel, idempotency_key=None):
    """Keep an inquiry as it came and make a lead of it; returns the Lead.

    `values` are fields of Lead by name, with `source` (a LeadSource or None) and `expected_value_cents`. The same
    `idempotency_key` twice, even at the same moment, gives the same lead once. Records "crm.lead.captured". Raises
    FieldRefused, NoWayToReach, CoordinatorMissing, NotACoordinator, ValueNotPositive.
    """
    now = timezone.now()
    kept = write_submission(channel, as_it_came(values), idempotency_key=idempotency_key or "", received_at=now)
    submission = lock_submission(kept)  # whoever sends the same key at the same time waits here, and finds the lead
    if submission.lead is not None:
        return submission.lead
    lead = build_lead(clinic, values, by=by, moment=now)
    add_lead(lead, submission, by=by)
    submission.lead, submission.outcome = lead, LeadSubmission.Outcome.NEW_LEAD
    submission.status, submission.processed_at = LeadSubmission.Status.PROCESSED, now
    submission.save(update_fields=["lead", "outcome", "status", "processed_at", "updated_at"])
    return lead


def add_lead(lead, submission, *, by, touch=None, facts=None):
    """Save a lead that build_lead made, with all that hangs on it: opportunity, contact points, touch, first activity.

    `touch` are fields of Touchpoint, `facts` what else the activity keeps. Records "crm.lead.captured".
    """
    lead.save(force_insert=True)
    start_clock(lead)
    if lead.expected_value_cents:
        Opportunity.objects.create(lead=lead, expected_value_cents=lead.expected_value_cents)
    link_contact_points(lead)
    asked = {"source": lead.source, "ad_campaign": lead.ad_campaign, "notes": lead.notes}
    note_inquiry(lead, submission, asked, by=by, touch=touch, facts=facts)
    set_entry_task(lead, lead.pk, by=by)
    # After phone numbers and addresses, as an import does: whoever waits for a turn holds none of what others wait for.
    write_assignments([lead.assignment])
    after = {"source": lead.source, "stage": lead.stage, "channel": submission.channel}
    record("crm.lead.captured", lead, by=by, after=after)
    publish("board")


def note_inquiry(lead, submission, asked, *, by, touch=None, facts=None):
    """Write down that somebody asked: the touch that brought them, and their words (`asked`) on the timeline."""
    moment = submission.received_at
    Touchpoint.objects.create(
        lead=lead,
        source=asked.get("source") or lead.source,
        ad_campaign=asked.get("ad_campaign"),
        occurred_at=moment,
        **touch or {},
    )
    LeadActivity.objects.create(
        lead=lead,
        type=ActivityType.FORM_SUBMIT,
        occurred_at=moment,
        by=by,
        notes=asked.get("notes", ""),
        payload={"channel": submission.channel, "submission": str(submission.pk)} | (facts or {}),
    )


def as_it_came(values):
    """Fields of a lead as a submission keeps them: what is empty left out, rows by their ids."""
    return {name: _plain(value) for name, value in values.items() if value not in (None, "", [])}


def _plain(value):
    if isinstance(value, ClinicModel):
        return str(value.pk)
    return value if isinstance(value, str | int | float | list | dict) else str(value)


def build_lead(clinic, values, *, by, moment, defaults=None):
    """Return an unsaved, complete and lawful Lead.

    `defaults` (IntakeDefaults) spares queries when there are many; then nobody keeps what they bring in.
    """
    is_among_many = defaults is not None
    defaults = defaults or IntakeDefaults(clinic)
    values = {field: value for field, value in values.items() if value not in (None, "", [])}
    refuse_private_fields(clinic, values)
    check_reachable(values)
    if values.get("expected_value_cents") is not None and values["expected_value_cents"] <= 0:
        raise ValueNotPositive
    lead = Lead(
        **{
            "source": defaults.source,
            "stage": defaults.stage,
            "stage_entered_at": moment,
            "captured_at": moment,
            "created_by": by,
            "updated_by": by,
            **values,
        }
    )
    lead.clinic = clinic
    normalise(lead, region=clinic.phone_region)
    return give_owner(lead, defaults.turns, by=by, preferred=None if is_among_many else by)


def check_reachable(values):
    """Raise NoWayToReach for a lead of whom neither a name nor an address is known."""
    if not any(values.get(field) for field in REACHED_BY):
        raise NoWayToReach


def normalise(lead, *, region):
    """Fill the columns by which a lead is found: numbers in E.164, case-folded e-mail, names without accents."""
    lead.phone_e164 = phone_e164(lead.phone, region=region) if lead.phone else ""
    lead.phone_alt_e164 = phone_e164(lead.phone_alt, region=region) if lead.phone_alt else ""
    lead.email_norm = email_norm(lead.email)
    lead.name_key = name_key(lead.first_name, lead.last_name, lead.patient_first_name, lead.patient_last_name)


def refuse_private_fields(clinic, values):
    """Raise FieldRefused for the first value that a clinic with MINIMAL lead privacy must not keep on leads."""
    if clinic.lead_privacy != Clinic.LeadPrivacy.MINIMAL:
        return
    for field in sorted(REFUSED_WHEN_MINIMAL & {name for name, value in values.items() if value}):
        raise FieldRefused(field, Lead._meta.get_field(field).verbose_name)


class IntakeDefaults:
    """What a new lead gets when nothing else is said: stage, source, and whose turn it is."""

    def __init__(self, clinic):
        self.stage = PipelineStage.objects.get(is_default=True)
        self.source = LeadSource.objects.filter(is_unknown=True).order_by("-is_active", "pk").first()
        if self.source is None:
            facts = {"category": SourceCategory.OTHER, "is_unknown": True}
            self.source, _made = LeadSource.objects.get_or_create(name=_("Not asked"), defaults=facts)
        self.turns = Turns(clinic)


def link_contact_points(lead):
    """Tie a lead to its phone numbers and e-mail, and only to these; whoever shares one belongs to the same household.

    A lead that changes all of them leaves the household with them: a mistyped number must not keep strangers together.
    The keys by which it is found under another writing of its name are kept with them.
    """
    index_lead(lead)
    points = _contact_points(lead)
    links = LeadContactPoint.objects.filter(lead=lead)
    links.exclude(contact_point__in=points).delete()
    known = set(links.values_list("contact_point_id", flat=True))
    LeadContactPoint.objects.bulk_create(
        LeadContactPoint(lead=lead, contact_point=point) for point in points if point.pk not in known
    )
    households = [point.household for point in points if point.household]
    if not points or lead.household_id in [household.pk for household in households]:
        household = lead.household
    else:
        household = households[0] if households else Household.objects.create(name=lead.last_name or lead.first_name)
    if household is not None:
        unclaimed = [point.pk for point in points if point.household is None]
        ContactPoint.objects.filter(pk__in=unclaimed).update(household=household)
    if household is not None and lead.household_id != household.pk:
        lead.household = household
        lead.save(update_fields=["household", "updated_at"])


def _contact_points(lead):
    wanted = dict.fromkeys(
        (kind, value)
        for kind, value in [
            (ContactPoint.Kind.PHONE, lead.phone_e164),
            (ContactPoint.Kind.PHONE, lead.phone_alt_e164),
            (ContactPoint.Kind.EMAIL, lead.email_norm),
        ]
        if value
    )
    points = ContactPoint.objects.select_related("household")
    return [points.get_or_create(kind=kind, value=value)[0] for kind, value in wanted]
