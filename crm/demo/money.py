"""What marketing cost the demo clinic and what came back: spend, touches, consultations, payments, commissions."""

import random
from datetime import timedelta

from django.utils import timezone

from crm.commissions.locking import lock_month
from crm.figures.cohort import months_earlier
from crm.models import (
    AdCampaign,
    AdSpend,
    CommissionRule,
    ConvertedPatient,
    KpiEvent,
    KpiKind,
    Lead,
    LeadConversion,
    LeadSource,
    LeadStatus,
    PipelineStage,
    ReferringProvider,
    ReportKind,
    StageChange,
    Touchpoint,
)
from crm.month_closing import close_months
from crm.report_mail import USUALLY, Every, subscribe
from patients.models import Appointment, AppointmentStatus, Patient, Payment, PaymentKind
from patients.registration import normalise

MONTHS = 13
# Spent a month on each source, in cents, give or take a third.
SPEND = {"Google Ads": 310_000, "Meta Ads": 190_000, "Instagram": 60_000, "Print advertising": 45_000}
CAMPAIGNS = [("Braces for teens", "Google", "Google Ads"), ("Clear aligners", "Meta", "Meta Ads")]
RULES = {
    "Coordinators": {"pays": "tiers", "tiers": [[0, 2], [1_500_000, 3]], "split": {"coordinator": 70, "closer": 30}},
    "New patient bonus": {"pays": "flat", "flat_cents": 4_000, "per": "patient", "split": {"closer": 100}},
    "Who treats": {"pays": "percent", "percent": 4, "procedures": {"BTX": 8, "LASER": 6}, "split": {"provider": 100}},
    "Who refers": {"pays": "percent", "percent": 1.5, "split": {"referrer": 100}},
}
TOUCHED_AGAIN, MISSED, REFUNDED = 0.22, 0.17, 0.05
BOOKED_AHEAD = timedelta(days=6)


class Money:
    """Draws the money side of the year, row by row, on the leads that are there; the same whenever it is drawn."""

    def __init__(self, members, *, seed=31):
        self.dice = random.Random(seed)  # noqa: S311 - scenery, not a secret
        self.admin, self.marketing = members["Olga"], members["Mark"]
        self.now, self.today = timezone.now(), timezone.localdate()
        self.sources = {source.name: source for source in LeadSource.objects.all()}

    def write(self):
        """Create all of it; returns how many payments came in."""
        self._spend()
        leads = list(Lead.objects.present().select_related("source", "assigned_to").order_by("captured_at", "pk"))
        self._touch_again(leads)
        self._consult()
        count = self._pay([lead for lead in leads if lead.status == LeadStatus.CONVERTED])
        self._tell(leads)
        self._refer(leads)
        self._reward()
        close_months()
        with timezone.override(self.admin.clinic.zone):
            for kind in (ReportKind.WEEKLY, ReportKind.ROI):
                subscribe(kind, member=self.admin, every=USUALLY.get(kind, Every.MONTH), by=self.admin)
        return count

    def _spend(self):
        self.campaigns = {
            source: AdCampaign.objects.create(name=name, platform=platform, monthly_spend_cents=SPEND[source] * 2 // 3)
            for name, platform, source in CAMPAIGNS
        }
        rows = []
        for number in range(MONTHS):
            month = months_earlier(self.today, number)
            for name, usual in SPEND.items():
                cents = int(usual * self.dice.uniform(0.7, 1.3)) // 100 * 100
                if name in self.campaigns:
                    part = cents * 2 // 3
                    rows.append(self._row(month, name, part, self.campaigns[name]))
                    cents -= part
                rows.append(self._row(month, name, cents, None))
        AdSpend.objects.bulk_create(rows)
        LeadSource.objects.filter(name="Community event").update(monthly_cost_cents=25_000)

    def _row(self, month, name, cents, campaign):
        return AdSpend(
            month=month, source=self.sources[name], ad_campaign=campaign, cents=cents, entered_by=self.marketing
        )

    def _touch_again(self, leads):
        """Some had seen something else before they asked, or came back by another way."""
        touches, of_campaigns = [], {name: [] for name in self.campaigns}
        for lead in leads:
            if lead.source.name in of_campaigns and self.dice.random() < 0.6:
                of_campaigns[lead.source.name].append(lead.pk)
            if self.dice.random() < TOUCHED_AGAIN:
                for _each in range(self.dice.choice([1, 1, 2])):
                    source = self.dice.choice([self.sources[name] for name in SPEND] + [None])
                    before = timedelta(days=self.dice.expovariate(1 / 9))
                    touches.append(Touchpoint(lead=lead, source=source, occurred_at=lead.captured_at - before))
        Touchpoint.objects.bulk_create(touches)
        for name, ids in of_campaigns.items():
            Lead.objects.filter(pk__in=ids).update(ad_campaign=self.campaigns[name])

    def _consult(self):
        """Who was moved on from the booked consultation had come to it; some of those who were lost had not."""
        booked = PipelineStage.objects.get(slug="consultation_scheduled")
        visits, leads = [], []
        moves = StageChange.objects.standing().filter(from_stage=booked).select_related("lead", "to_stage")
        for move in moves.order_by("changed_at", "pk"):
            is_lost = move.to_stage.kind == PipelineStage.Kind.LOST
            missed = self.dice.random() < (0.6 if is_lost else MISSED / 4)
            begins = (move.changed_at - timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
            visit = Appointment(
                contact_name=move.lead.patient_name or move.lead.display_name,
                contact_phone=move.lead.phone_e164,
                location_id=move.lead.location_id,
                starts_at=begins,
                ends_at=begins + timedelta(minutes=45),
                status=AppointmentStatus.NO_SHOW if missed else AppointmentStatus.COMPLETED,
                closed_at=begins + timedelta(hours=1),
            )
            move.lead.consultation = visit
            visits.append(visit)
            leads.append(move.lead)
        Appointment.objects.bulk_create(visits)
        for visit in visits:
            visit.created_at = visit.starts_at - BOOKED_AHEAD
        Appointment.objects.bulk_update(visits, ["created_at"], batch_size=500)
        Lead.objects.bulk_update(leads, ["consultation"], batch_size=500)

    def _pay(self, leads):
        """Each lead that started is a patient who pays a first part and then month by month; a few got some back."""
        patients, conversions, people, payments = [], [], [], []
        for lead in leads:
            patient = Patient(
                first_name=lead.patient_first_name or lead.first_name,
                last_name=lead.patient_last_name or lead.last_name,
                phone=lead.phone,
                email=lead.email,
                location_id=lead.location_id,
            )
            normalise(patient, region="US")
            patients.append(patient)
            conversion = LeadConversion(lead=lead, by=lead.assigned_to, converted_at=lead.converted_at)
            conversions.append(conversion)
            people.append(ConvertedPatient(conversion=conversion, patient=patient, pays=True, was_created=True))
            lead.converted_to_patient = patient
            payments += self._payments_of(patient, lead)
        Patient.objects.bulk_create(patients)
        LeadConversion.objects.bulk_create(conversions)
        ConvertedPatient.objects.bulk_create(people)
        Lead.objects.bulk_update(leads, ["converted_to_patient"], batch_size=500)
        Payment.objects.bulk_create(payments)
        return len(payments)

    def _payments_of(self, patient, lead):
        worth, day = lead.expected_value_cents or 420_000, timezone.localtime(lead.converted_at).date()
        first = Payment(patient=patient, amount_cents=worth // 5, paid_on=day)
        rows, part = [first], worth * 4 // 5 // 18
        for number in range(1, 19):
            due = day + timedelta(days=30 * number)
            if due > self.today:
                break
            rows.append(Payment(patient=patient, amount_cents=part, paid_on=due))
        if self.dice.random() < REFUNDED and day + timedelta(days=20) < self.today:
            back = day + timedelta(days=20)
            rows.append(
                Payment(patient=patient, kind=PaymentKind.REFUND, amount_cents=worth // 10, paid_on=back, refunds=first)
            )
        return rows

    def _tell(self, leads):
        """Clicks of the last weeks, and what the booking tool has told."""
        events = []
        for name, campaign in self.campaigns.items():
            for number in range(140):
                moment = self.now - timedelta(days=self.dice.uniform(0, 90))
                events.append(
                    KpiEvent(
                        kind=KpiKind.AD_CLICK,
                        source=self.sources[name],
                        ad_campaign=campaign,
                        occurred_at=moment,
                        external_id=f"{campaign.platform.lower()}-{number}",
                    )
                )
        for lead in leads[-60:]:
            moment = min(lead.captured_at + timedelta(hours=5), self.now)
            events.append(KpiEvent(kind=KpiKind.CONSULT_BOOKED, lead=lead, source=lead.source, occurred_at=moment))
        KpiEvent.objects.bulk_create(events)

    def _refer(self, leads):
        """The dentists nearby who sent those that came by a doctor's word."""
        names = (("Dr. Grace Lindqvist", "Lakeview Family Dental"), ("Dr. Omar Haddad", "Haddad Dentistry"))
        doctors = [ReferringProvider.objects.create(name=name, practice=practice) for name, practice in names]
        sent = [lead for lead in leads if lead.source.name == "Doctor referral"]
        for number, lead in enumerate(sent):
            lead.referring_provider = doctors[number % len(doctors)]
        Lead.objects.bulk_update(sent, ["referring_provider"], batch_size=500)

    def _reward(self):
        """A rule of each kind, and the months but the last one locked."""
        begin = months_earlier(self.today, 8)
        for name, rule in RULES.items():
            CommissionRule.objects.create(name=name, effective_from=begin, rule=rule)
        for number in (3, 2):
            lock_month(months_earlier(self.today, number), by=self.admin)
