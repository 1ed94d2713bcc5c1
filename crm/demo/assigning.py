"""How the demo clinic gives its leads out: rules, room, shifts, an absence; how fast it was; where cards disagree."""

import random
from datetime import timedelta

from django.utils import timezone

from clinics.absence import add_absence
from clinics.business_hours import hours_of
from clinics.models import Clinic
from crm.assignment.ruling import set_rule
from crm.disagreements import compare_lead
from crm.models import (
    AssignmentChange,
    AssignmentRule,
    Lead,
    LeadClock,
    LeadSource,
    LeadStatus,
    PostalArea,
    SourceCategory,
)
from patients.models import Appointment, AppointmentStatus, AppointmentType, CancellationReason

# How their postal codes begin, and the middle of each.
AREAS = [
    ("606", "Chicago", 41.88, -87.63),
    ("60301", "Oak Park", 41.89, -87.79),
    ("60201", "Evanston", 42.05, -87.69),
    ("60804", "Cicero", 41.84, -87.76),
    ("60402", "Berwyn", 41.83, -87.79),
]
PLACES = {"Downtown": (41.886, -87.628), "Oak Park": (41.888, -87.789)}
POSTAL_CODES = {"Chicago": "60601"} | {name: code for code, name, _lat, _lon in AREAS[1:]}
ROOM = {"Renata": (70, 12), "Dele": (60, None), "Hye-jin": (45, 8), "Olga": (10, None)}
AFTERNOONS = {str(day): [["12:00", "20:00"]] for day in range(5)}
# What a card's stage and its appointment say: (slug of the stage, status, days from today).
ODD_ONES = [
    ("contacted", AppointmentStatus.SCHEDULED, 1),
    ("consultation_scheduled", AppointmentStatus.NO_SHOW, -1),
    ("consultation_scheduled", AppointmentStatus.COMPLETED, -2),
    ("consultation_scheduled", AppointmentStatus.CANCELLED, 2),
    ("consultation_scheduled", AppointmentStatus.SCHEDULED, -3),
    ("consultation_completed", AppointmentStatus.CONFIRMED, 3),
]


def set_up_assignment(clinic, members, locations):
    """Give the demo clinic what it gives leads out by, and a past of it. Its leads are there already."""
    _settle_people(members)
    _place(locations)
    _make_rules(members, locations)
    _remember_owners()
    _run_clocks(clinic)
    _disagree(clinic)


def _settle_people(members):
    for name, (capacity, a_day) in ROOM.items():
        members[name].capacity, members[name].new_leads_a_day = capacity, a_day
    for name in ("Renata", "Dele", "Hye-jin", "Fred"):
        members[name].manager = members["Olga"]
    members["Hye-jin"].working_hours = AFTERNOONS
    today = timezone.localdate()
    for first, last in ((-24, -19), (-1, 5), (40, 48)):
        days = {"first_day": today + timedelta(days=first), "last_day": today + timedelta(days=last)}
        add_absence(members["Dele"], deputy=members["Hye-jin"], by=members["Olga"], **days)
    members["Dele"].refresh_from_db()
    members["Renata"].deputy = members["Dele"]
    for member in members.values():
        member.save()


def _place(locations):
    PostalArea.objects.bulk_create(
        PostalArea(code=code, name=name, latitude=latitude, longitude=longitude)
        for code, name, latitude, longitude in AREAS
    )
    for location in locations:
        location.latitude, location.longitude = PLACES[location.name]
        location.save()
    for city, code in POSTAL_CODES.items():
        Lead.objects.filter(city=city).update(postal_code=code)


def _make_rules(members, locations):
    referrals = [SourceCategory.DOCTOR_REFERRAL, SourceCategory.PATIENT_REFERRAL]
    sources = list(LeadSource.objects.filter(category__in=referrals).values_list("pk", flat=True))
    oak_park = next(location for location in locations if location.name == "Oak Park")
    renata, dele, hye_jin, olga = (members[name] for name in ("Renata", "Dele", "Hye-jin", "Olga"))
    rules = [
        ({"name": "Referrals", "source_ids": sources, "way": "LISTED"}, {renata: 1, olga: 1}),
        ({"name": "Invisalign", "interests": ["INVISALIGN"]}, {renata: 2, hye_jin: 1}),
        ({"name": "Near Oak Park", "near_location": oak_park, "within_km": 6}, {dele: 1}),
        ({"name": "Evenings", "hours": "CLOSED", "only_on_shift": True}, {hye_jin: 1, renata: 1}),
        ({"name": "Everybody in turn"}, {renata: 1, dele: 1, hye_jin: 1}),
    ]
    for order, (facts, weights) in enumerate(rules, start=1):
        set_rule(AssignmentRule(order=order * 10), facts, weights, by=olga)


def _remember_owners():
    leads = Lead.objects.exclude(assigned_to=None).only("pk", "assigned_to_id", "captured_at")
    AssignmentChange.objects.bulk_create(
        AssignmentChange(lead=lead, to_member_id=lead.assigned_to_id, how="FEWEST", changed_at=lead.captured_at)
        for lead in leads
    )


def _run_clocks(clinic):
    """The clocks of the last ninety days: most answered within minutes, the late ones at noon and at night."""
    clinic, dice, now, clocks = Clinic.objects.get(pk=clinic.pk), random.Random(5), timezone.now(), []  # noqa: S311
    for lead in Lead.objects.filter(captured_at__gt=now - timedelta(days=90)).order_by("captured_at"):
        hours = hours_of(clinic, lead.location_id)
        due_at = hours.add(lead.captured_at, timedelta(minutes=clinic.speed_to_lead_minutes))
        clock = LeadClock(lead=lead, member_id=lead.assigned_to_id, started_at=lead.captured_at, due_at=due_at)
        took = timedelta(minutes=dice.expovariate(1 / (3 if lead.captured_at.hour < 18 else 9)))
        if lead.first_contacted_at is not None:
            answered_at = min(hours.add(lead.captured_at, took), lead.first_contacted_at)
            Lead.objects.filter(pk=lead.pk).update(first_contacted_at=answered_at)
            clock.contacted_at, clock.contacted_by_id = answered_at, lead.assigned_to_id
            clock.seconds = int(hours.between(lead.captured_at, answered_at).total_seconds())
        clocks.append(clock)
    LeadClock.objects.bulk_create(clocks)


def _disagree(clinic):
    consultation = AppointmentType.objects.order_by("price_cents", "pk").first()
    morning = timezone.now().astimezone(clinic.zone).replace(hour=9, minute=0, second=0, microsecond=0)
    taken = []
    for number, (slug, status, days) in enumerate(ODD_ONES):
        open_ones = Lead.objects.filter(stage__slug=slug, status=LeadStatus.ACTIVE, consultation=None)
        lead = open_ones.exclude(pk__in=taken).order_by("-stage_entered_at").first()
        if lead is None:
            continue
        begins = morning + timedelta(days=days, hours=number)
        lead.consultation = Appointment.objects.create(
            contact_name=lead.display_name,
            contact_phone=lead.phone_e164,
            starts_at=begins,
            ends_at=begins + timedelta(minutes=45),
            status=status,
            type=consultation,
            location_id=lead.location_id,
            cancellation_reason=CancellationReason.PATIENT if status == AppointmentStatus.CANCELLED else "",
        )
        lead.save(update_fields=["consultation"])
        taken.append(lead.pk)
        compare_lead(lead.pk)
