"""Taking leads in: the inquiry is kept as it came, then becomes a lead with an owner, a stage and a first touch."""

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.live import publish
from clinics.models import Clinic, ClinicUser
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
from crm.models.lead import OPEN
from crm.normalising import email_norm, name_key, phone_e164
from crm.rules import CoordinatorMissing, FieldRefused, NoWayToReach, ValueNotPositive

# What 002 forbids on leads: refused by name on every path when the clinic's lead privacy is MINIMAL.
REFUSED_WHEN_MINIMAL = {
    "last_name", "patient_last_name", "patient_dob", "insurance_carrier", "insurance_member_id", "notes",
}  # fmt: skip


@transaction.atomic
def capture_lead(clinic, values, *, by, channel, idempotency_key=None):
    """Keep an inquiry as it came and make a lead of it; returns the Lead.

    `values` are fields of Lead by name, with `source` (a LeadSource or None) and `expected_value_cents`. The same
    `idempotency_key` twice gives the same lead once. Records "crm.lead.captured". Raises FieldRefused, NoWayToReach,
    CoordinatorMissing, ValueNotPositive.
    """
    if idempotency_key:
        known = LeadSubmission.objects.filter(idempotency_key=idempotency_key).select_related("lead").first()
        if known is not None:
            return known.lead
    now = timezone.now()
    submission = LeadSubmission.objects.create(
        channel=channel, payload=_as_it_came(values), received_at=now, idempotency_key=idempotency_key
    )
    lead = build_lead(clinic, values, by=by, moment=now)
    lead.save(force_insert=True)
    _link(lead)
    submission.lead, submission.status = lead, LeadSubmission.Status.PROCESSED
    submission.save(update_fields=["lead", "status", "updated_at"])

    record("crm.lead.captured", lead, by=by, after={"source": lead.source, "stage": lead.stage, "channel": channel})
    publish("board")
    return lead


def build_lead(clinic, values, *, by, moment, defaults=None):
    """Return an unsaved, complete and lawful Lead; `defaults` (IntakeDefaults) spares queries when there are many."""
    defaults = defaults or IntakeDefaults(clinic)
    values = {field: value for field, value in values.items() if value not in (None, "", [])}
    refuse_private_fields(clinic, values)
    if not any(values.get(field) for field in ("first_name", "last_name", "phone", "email", "external_id")):
        raise NoWayToReach
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
    if lead.assigned_to is None:
        lead.assigned_to = defaults.next_coordinator(preferred=by)
    lead.assigned_at = moment
    normalise(lead, region=clinic.phone_region)
    return lead


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
    """What a new lead gets when nothing else is said: stage, source, and coordinators in fair turn."""

    def __init__(self, clinic):
        self.stage = PipelineStage.objects.get(is_default=True)
        self.source = LeadSource.objects.filter(is_active=True, category=SourceCategory.OTHER).order_by("pk").first()
        if self.source is None:
            self.source = LeadSource.objects.create(name=_("Not asked"), category=SourceCategory.OTHER)
        counted = ClinicUser.objects.coordinators().annotate(
            open_leads=Count("leads", filter=Q(leads__status__in=OPEN, leads__deleted_at=None))
        )
        self.loads = {member: member.open_leads for member in counted.select_related("user")}

    def next_coordinator(self, *, preferred=None):
        """The one who enters the lead if they may own it, else whoever at work has the fewest open leads."""
        candidates = [member for member in self.loads if not member.is_out_of_office] or list(self.loads)
        if not candidates:
            raise CoordinatorMissing
        if preferred in self.loads:
            chosen = preferred
        else:
            coordinators = [member for member in candidates if not member.is_admin] or candidates
            chosen = min(coordinators, key=lambda member: (self.loads[member], str(member.pk)))
        self.loads[chosen] += 1
        return chosen


def _link(lead):
    """Everything that hangs on a new lead: opportunity, contact points with their household, touch, first activity."""
    if lead.expected_value_cents:
        Opportunity.objects.create(lead=lead, expected_value_cents=lead.expected_value_cents)
    link_contact_points(lead)
    Touchpoint.objects.create(lead=lead, source=lead.source, ad_campaign=lead.ad_campaign, occurred_at=lead.captured_at)
    LeadActivity.objects.create(
        lead=lead, type=ActivityType.FORM_SUBMIT, occurred_at=lead.captured_at, by=lead.created_by, notes=lead.notes
    )


def link_contact_points(lead):
    """Tie a lead to its phone numbers and e-mail; whoever shares one belongs to the same household."""
    wanted = [
        (ContactPoint.Kind.PHONE, lead.phone_e164),
        (ContactPoint.Kind.PHONE, lead.phone_alt_e164),
        (ContactPoint.Kind.EMAIL, lead.email_norm),
    ]
    points = []
    for kind, value in wanted:
        if value:
            point, _created = ContactPoint.objects.select_related("household").get_or_create(kind=kind, value=value)
            LeadContactPoint.objects.get_or_create(lead=lead, contact_point=point)
            points.append(point)
    if lead.household_id is None and points:
        household = next((point.household for point in points if point.household), None)
        household = household or Household.objects.create(name=lead.last_name or lead.first_name)
        ContactPoint.objects.filter(pk__in=[point.pk for point in points], household=None).update(household=household)
        lead.household = household
        lead.save(update_fields=["household"])


def _as_it_came(values):
    return {name: str(getattr(value, "pk", value)) for name, value in values.items() if value not in (None, "", [])}
