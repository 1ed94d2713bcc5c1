"""What happened in the demo clinic within a year: leads arriving, moving, calling back, deciding, leaving."""

import random
from datetime import datetime, time, timedelta

from django.utils import timezone

from clinics.models import Tag
from crm.demo.people import families
from crm.intake import normalise
from crm.models import (
    ActivityType,
    CallOutcome,
    ContactPoint,
    Direction,
    Household,
    Lead,
    LeadActivity,
    LeadContactPoint,
    LeadSource,
    LeadStatus,
    LeadTag,
    LeadTask,
    LostReason,
    Opportunity,
    PipelineStage,
    StageChange,
    TaskStatus,
    Touchpoint,
)

LEADS = 400
OPENS, CLOSES = 10, 18  # o'clock: when people are called, and come further
# How far the leads of each source come, between 0 (nobody answers) and 1 (everybody starts).
LUCK = {"Doctor referral": 0.62, "Patient referral": 0.66, "Google Ads": 0.38, "Meta Ads": 0.24, "Instagram": 0.3}
INTERESTS = ["BRACES_METAL", "BRACES_CLEAR", "INVISALIGN", "RETAINER", "SECOND_OPINION", "GENERAL_INQUIRY"]
FIRST_WORDS = [
    "Wants to know what braces cost for a twelve-year-old.",
    "Her dentist says the bite should be looked at.",
    "Asked whether Saturday appointments are possible.",
    "Compared us with two other offices.",
    "Would like to pay monthly.",
    "",
]
CALL_NOTES = [
    "Will talk to her husband first.",
    "Asked for the price list.",
    "Call again after school.",
    "Very keen.",
    "",
]
# In the order in which they are written: what others point at comes first.
MODELS = (
    Household, ContactPoint, Lead, LeadContactPoint, StageChange, LeadActivity, LeadTask, Opportunity, LeadTag,
    Touchpoint,
)  # fmt: skip
NEXT_STEPS = ["Call about the payment plan", "Send the estimate", "Confirm the consultation", "Ask for the X-ray"]


class History:
    """Draws a year of history, row by row, and writes it in a few bulk inserts."""

    def __init__(self, members, locations, *, seed=11):
        self.dice = random.Random(seed)  # noqa: S311 - scenery, not a secret
        self.now = timezone.now()
        self.zone = members["Renata"].clinic.zone
        self.coordinators = [members[name] for name in ("Renata", "Dele", "Hye-jin")]
        self.locations = locations
        self.stages = list(PipelineStage.objects.in_order())
        self.way = [stage for stage in self.stages if stage.kind != PipelineStage.Kind.LOST]
        self.lost = next(stage for stage in self.stages if stage.kind == PipelineStage.Kind.LOST)
        self.sources = list(LeadSource.objects.order_by("name"))
        self.tags = list(Tag.objects.order_by("name"))
        self.points = {}
        self.rows = {model: [] for model in MODELS}

    def write(self, count=LEADS):
        """Create the leads and all that hangs on them; returns how many."""
        for number, family in enumerate(families(count, seed=11)):
            self._live_through(family, age=self._age(number, count))
        for model, rows in self.rows.items():
            model.objects.bulk_create(rows, batch_size=1000)
        return count

    def _age(self, number, count):
        """The newest arrived minutes ago, the oldest a year ago; more and more leads as the clinic grew."""
        share = number / count
        return timedelta(minutes=4) + timedelta(days=365) * share**1.4 + timedelta(minutes=37 * self.dice.random())

    def _live_through(self, family, *, age):
        dice, captured = self.dice, self.now - age
        source = dice.choices(self.sources, weights=[2 + 5 * (each.name in LUCK) for each in self.sources])[0]
        lead = Lead(
            first_name=family.first_name, last_name=family.last_name, email=family.email, phone=family.phone,
            patient_first_name=family.patient_first_name, patient_last_name=family.patient_last_name,
            patient_relationship=family.relationship, city=family.city, state="IL", country="US",
            source=source, stage=self.way[0], stage_entered_at=captured, captured_at=captured,
            location=dice.choice(self.locations), assigned_to=dice.choice(self.coordinators), assigned_at=captured,
            treatment_interest=dice.sample(INTERESTS, k=dice.choice([1, 1, 1, 2])), notes=dice.choice(FIRST_WORDS),
        )  # fmt: skip
        if dice.random() < 0.85:
            lead.expected_value_cents = dice.randrange(32, 98) * 10_000
        normalise(lead, region="US")
        self._put(Touchpoint(lead=lead, source=source, occurred_at=captured))
        self._act(lead, ActivityType.FORM_SUBMIT, captured, notes=lead.notes, by=None)
        self._settle_in_household(lead)
        self._walk(lead, source, captured)
        self._hang_on(lead)
        self.rows[Lead].append(lead)

    def _settle_in_household(self, lead):
        """Whoever shares a phone or an e-mail with somebody lives with them."""
        for kind, value in ((ContactPoint.Kind.PHONE, lead.phone_e164), (ContactPoint.Kind.EMAIL, lead.email_norm)):
            if not value:
                continue
            if (kind, value) not in self.points:
                if lead.household is None:
                    lead.household = Household(name=lead.last_name)
                    self._put(lead.household)
                self.points[kind, value] = ContactPoint(kind=kind, value=value, household=lead.household)
                self._put(self.points[kind, value])
            point = self.points[kind, value]
            lead.household = lead.household or point.household
            self._put(LeadContactPoint(lead=lead, contact_point=point))

    def _walk(self, lead, source, moment):
        """Step along the pipeline until luck or time runs out."""
        dice, luck = self.dice, LUCK.get(source.name, 0.4)
        for stage in self.way[1:]:
            moment += timedelta(minutes=dice.expovariate(1 / (60 * 24 * 4)) + 3)
            at = max(self._by_day(moment), lead.stage_entered_at + timedelta(minutes=3))
            if at > self.now:
                return
            self._call(lead, at - timedelta(minutes=1))
            fate = dice.random()
            if fate > 0.72 + luck / 3:
                return self._lose(lead, at)
            if fate > 0.66 + luck / 3 and moment > self.now - timedelta(days=60):
                return None
            self._move(lead, stage, at)
        return None

    def _by_day(self, moment):
        """The same moment where somebody is at work then, else one soon after the doors open next."""
        local = moment.astimezone(self.zone)
        day = local.date() + timedelta(days=local.hour >= CLOSES)
        while day.weekday() > 4:
            day += timedelta(days=1)
        if day == local.date() and local.hour >= OPENS:
            return moment
        return datetime.combine(day, time(OPENS), self.zone) + timedelta(minutes=4 * moment.minute)

    def _call(self, lead, moment):
        outcome = self.dice.choices(list(CallOutcome), weights=[6, 2, 3, 0.2])[0]
        lead.first_contacted_at = lead.first_contacted_at or moment
        notes = self.dice.choice(CALL_NOTES) if outcome == CallOutcome.SPOKE else ""
        minutes = self.dice.randrange(2, 14) if outcome == CallOutcome.SPOKE else None
        self._act(
            lead, ActivityType.PHONE_CALL, moment, direction=Direction.OUTBOUND, outcome=outcome, notes=notes,
            duration_minutes=minutes,
        )  # fmt: skip

    def _move(self, lead, stage, moment):
        change = StageChange(
            lead=lead, from_stage=lead.stage, to_stage=stage, changed_at=moment, by=lead.assigned_to,
            lost_reason=lead.lost_reason, before={"stage_entered_at": lead.stage_entered_at},
        )  # fmt: skip
        names = {
            "from": lead.stage.name,
            "to": stage.name,
            "stage_change": str(change.pk),
            "lost_reason": lead.lost_reason,
        }
        self._put(change)
        self._act(lead, ActivityType.STAGE_CHANGE, moment, payload=names)
        lead.stage, lead.stage_entered_at, lead.status = stage, moment, LeadStatus.ACTIVE
        if stage.kind == PipelineStage.Kind.WON:
            lead.status, lead.converted_at = LeadStatus.CONVERTED, moment

    def _lose(self, lead, moment):
        reasons = [LostReason.NO_RESPONSE, LostReason.COST_FINANCIAL, *LostReason]
        lead.lost_reason, lead.lost_at, lead.lost_from = self.dice.choice(reasons), moment, lead.stage.pk
        self._move(lead, self.lost, moment)
        lead.status = LeadStatus.LOST

    def _hang_on(self, lead):
        """Worth, tags and the next step of a lead as it stands today."""
        dice = self.dice
        if lead.expected_value_cents:
            self._put(Opportunity(lead=lead, expected_value_cents=lead.expected_value_cents))
        if dice.random() < 0.4:
            self._put(LeadTag(lead=lead, tag=dice.choice(self.tags)))
        if lead.is_open and dice.random() < 0.8:
            due = self.now + timedelta(hours=dice.gauss(20, 40))
            self._put(LeadTask(lead=lead, title=dice.choice(NEXT_STEPS), due_at=due, assigned_to=lead.assigned_to))
        elif not lead.is_open:
            done = lead.converted_at or lead.lost_at
            self._put(
                LeadTask(
                    lead=lead,
                    title="First call",
                    due_at=lead.captured_at + timedelta(minutes=5),
                    assigned_to=lead.assigned_to,
                    status=TaskStatus.COMPLETED,
                    completed_at=done,
                    completed_by=lead.assigned_to,
                )
            )

    def _act(self, lead, type, moment, *, by=..., **facts):
        actor = lead.assigned_to if by is ... else by
        self._put(LeadActivity(lead=lead, type=type, occurred_at=moment, by=actor, **facts))

    def _put(self, row):
        self.rows[type(row)].append(row)
