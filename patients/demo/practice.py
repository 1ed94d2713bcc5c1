"""The practice of the demo clinic: who treats where, who is treated, what was done and what is booked."""

import random
from datetime import datetime, time, timedelta

from django.utils import timezone
from faker import Faker

from patients.duplicates.indexing import index_patients
from patients.models import (
    Appointment,
    AppointmentStatus,
    AppointmentType,
    CancellationReason,
    Channel,
    Patient,
    PatientHousehold,
    Payment,
    PaymentMethod,
    Provider,
    ProviderRole,
    ProviderType,
    Room,
    RoomKind,
    Visit,
    WorkingHours,
)
from patients.registration import normalise
from patients.segments import Thresholds, due_again_on, standing_of, usual_interval

PATIENTS = 180
AREA_CODES = [224, 331, 630]
PROVIDERS = [
    ("Dr. Amara Nwosu", "Orthodontist", "2", ProviderRole.DOCTOR),
    ("Dr. Luis Ortega", "Orthodontist", "5", ProviderRole.DOCTOR),
    ("Mei Tanaka", "Hygienist", "3", ProviderRole.HYGIENIST),
]
BOOKED = ["Adjustment", "Adjustment", "Consultation", "Bonding", "Retainer check"]
DONE_BY_A_HYGIENIST = ["Adjustment", "Records and X-rays", "Retainer check"]
ROOMS = {"Treatment chair": ["Chair 1", "Chair 2"], "X-ray": ["X-ray room"]}
XRAYED = "Records and X-rays"
NOTES = ["", "", "", "Comes with the mother.", "Broken bracket, upper left.", "Wants the clear ones.", "Runs late."]
PAST_DAYS, COMING_DAYS = 12, 21
# In the order in which they are written: what others point at comes first.
MODELS = (PatientHousehold, Patient, Appointment, Visit, Payment)


class Practice:
    """Draws the practice row by row and writes it in a few bulk inserts; the same rows whenever it is drawn."""

    def __init__(self, clinic, members, locations, *, seed=23):
        self.dice = random.Random(seed)  # noqa: S311 - scenery, not a secret
        self.faker = Faker("en_US")
        self.faker.seed_instance(seed)
        self.clinic, self.desk, self.locations = clinic, members["Fred"], locations
        self.now = timezone.now()
        self.types = {each.name: each for each in AppointmentType.objects.all()}
        self.providers = self._hire(members)
        self.chairs = self._furnish()
        self.rows = {model: [] for model in MODELS}

    def write(self, count=PATIENTS):
        """Create the patients and all that hangs on them; returns how many."""
        patients = []
        while len(patients) < count:
            patients += self._family(len(patients))
        for patient in patients:
            self._live_through(patient)
        self._fill_the_calendar(patients)
        for patient in patients:
            self._settle(patient)
        for model, rows in self.rows.items():
            model.objects.bulk_create(rows, batch_size=1000)
        index_patients(patients, are_new=True)
        return len(patients)

    def _hire(self, members):
        providers = []
        for number, (name, specialty, color, role) in enumerate(PROVIDERS):
            provider = Provider.objects.create(
                name=name,
                specialty=specialty,
                color=color,
                role=role,
                location=self.locations[number % 2],
                member=members["Amara"] if number == 0 else None,
            )
            WorkingHours.objects.bulk_create(
                WorkingHours(provider=provider, weekday=day, opens_at=time(opens), closes_at=time(closes))
                for day in range(5)
                for opens, closes in ((8, 12), (13, 17))
            )
            if specialty == "Hygienist":
                theirs = [self.types[name] for name in DONE_BY_A_HYGIENIST]
                ProviderType.objects.bulk_create(ProviderType(provider=provider, type=kind) for kind in theirs)
            providers.append(provider)
        return providers

    def _furnish(self):
        """Chairs and an X-ray room at each location, and which type needs which; returns the chairs."""
        chair, xray = (RoomKind.objects.create(name=name) for name in ROOMS)
        for kind in (chair, xray):
            for location in self.locations:
                Room.objects.bulk_create(Room(name=name, kind=kind, location=location) for name in ROOMS[kind.name])
        AppointmentType.objects.filter(name=XRAYED).update(room_kind=xray)
        AppointmentType.objects.exclude(name=XRAYED).update(room_kind=chair)
        return list(Room.objects.filter(kind=chair).in_order().select_related("location"))

    def _family(self, number):
        """One adult, or a parent who pays for one or two children and is no patient beyond that."""
        dice, last = self.dice, self.faker.last_name()
        home = PatientHousehold(name=last)
        parent = self._person(number, last, household=home, age=dice.randrange(28, 60))
        self.rows[PatientHousehold].append(home)
        children = [
            self._person(
                number, last, household=home, age=dice.randrange(8, 17), responsible_party=parent,
                email="", phone=parent.phone,
            )
            for _child in range(dice.choice([0, 1, 1, 2]))
        ]  # fmt: skip
        return [parent, *children]

    def _person(self, number, last_name, *, age, **facts):
        dice = self.dice
        born = (self.now - timedelta(days=age * 365 + dice.randrange(365))).date()
        patient = Patient(
            **{
                "first_name": self.faker.first_name(),
                "last_name": last_name,
                "email": f"{self.faker.user_name()}.{number}@example.com",
                "phone": f"+1{AREA_CODES[number // 100 % 3]}555{100 + number % 100:04d}",
                "date_of_birth": born,
                "city": dice.choice(["Chicago", "Oak Park", "Evanston", "Cicero", "Berwyn"]),
                "state": "IL",
                "country": "US",
                "preferred_channel": dice.choice([Channel.SMS, Channel.SMS, Channel.EMAIL, Channel.VOICE]),
                "provider": self.providers[number % len(self.providers)],
                "location": self.providers[number % len(self.providers)].location,
                "created_by": self.desk,
                "updated_by": self.desk,
                **facts,
            }
        )
        normalise(patient, region="US")
        self.rows[Patient].append(patient)
        return patient

    def _live_through(self, patient):
        """Visits at the patient's own rhythm, from some time ago until now, or until they stayed away."""
        dice, rhythm = self.dice, self.dice.choice([28, 42, 42, 56, 90])
        moment = self.now - timedelta(days=dice.randrange(20, 700))
        end = self.now - timedelta(days=dice.choice([0, 0, 0, 0, 60, 110, 200, 260]))
        kind = self.types["Consultation"]
        patient.moments, patient.services = [], {}
        while moment < end:
            moment = self._at_work(moment)
            self._visit(patient, kind, moment)
            kind = self.types[dice.choice(["Adjustment", "Adjustment", "Adjustment", "Bonding", "Retainer check"])]
            moment += timedelta(days=rhythm + dice.randrange(-5, 9))

    def _at_work(self, moment):
        """The same day at an hour of work, the Friday before on a weekend."""
        day = moment.date() - timedelta(days=max(0, moment.weekday() - 4))
        return datetime.combine(day, time(self.dice.randrange(8, 16), 0), tzinfo=self.clinic.zone)

    def _visit(self, patient, kind, moment, *, appointment=None):
        visit = Visit(
            patient=patient, visit_date=moment, visit_type=kind.name, location=patient.location,
            provider=patient.provider, appointment=appointment, revenue_cents=kind.price_cents, created_by=self.desk,
        )  # fmt: skip
        patient.moments.append(moment)
        patient.services[moment] = kind
        self.rows[Visit].append(visit)
        if kind.price_cents and self.dice.random() < 0.9:
            self.rows[Payment].append(
                Payment(
                    patient=patient.payer,
                    visit=visit,
                    amount_cents=kind.price_cents,
                    paid_on=moment.date(),
                    method=self.dice.choice([PaymentMethod.CARD, PaymentMethod.CARD, PaymentMethod.INSURANCE]),
                    created_by=self.desk,
                )
            )

    def _fill_the_calendar(self, patients):
        """Each provider's days, from two weeks ago to three weeks ahead, fuller the nearer they are."""
        today = self.now.astimezone(self.clinic.zone).date()
        for offset in range(-PAST_DAYS, COMING_DAYS):
            day = today + timedelta(days=offset)
            if day.weekday() > 4:
                continue
            for provider in self.providers:
                self._fill_a_day(provider, day, [each for each in patients if each.provider == provider], offset)

    def _fill_a_day(self, provider, day, patients, offset):
        dice, taken = self.dice, set()
        rooms = [each for each in self.chairs if each.location == provider.location]
        is_hygienist = provider.specialty == "Hygienist"
        done = [name for name in BOOKED if name in DONE_BY_A_HYGIENIST] if is_hygienist else BOOKED
        room = rooms[self.providers.index(provider) // 2 % len(rooms)]
        fullness = 0.85 if offset <= 2 else max(0.2, 0.8 - offset / 30)
        for opens, closes in ((time(8), time(12)), (time(13), time(17))):
            moment = datetime.combine(day, opens, tzinfo=self.clinic.zone)
            end = datetime.combine(day, closes, tzinfo=self.clinic.zone)
            while moment < end:
                kind = self.types[dice.choice(done)]
                finish = moment + timedelta(minutes=kind.duration_minutes)
                patient = dice.choice(patients)
                if finish <= end and dice.random() < fullness and patient not in taken:
                    taken.add(patient)
                    self._appointment(patient, provider, room, kind, moment, finish)
                moment = max(finish, moment + timedelta(minutes=20))

    def _appointment(self, patient, provider, room, kind, begins, ends):
        dice, status, facts = self.dice, AppointmentStatus.SCHEDULED, {}
        booked = min(self.now, begins) - timedelta(days=dice.randrange(3, 30))
        if ends <= self.now:
            status = dice.choices(
                [AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW, AppointmentStatus.CANCELLED],
                weights=[88, 7, 5],
            )[0]
            facts = {"closed_at": ends, "checked_in_at": begins if status == AppointmentStatus.COMPLETED else None}
            if status == AppointmentStatus.CANCELLED:
                facts["cancellation_reason"] = dice.choice(list(CancellationReason)[:3])
        elif dice.random() < 0.45:
            status, facts = AppointmentStatus.CONFIRMED, {"confirmed_at": booked + timedelta(days=1)}
        appointment = Appointment(
            patient=patient, provider=provider, room=room, type=kind, location=provider.location, starts_at=begins,
            ends_at=ends, status=status, estimated_revenue_cents=kind.price_cents, notes=dice.choice(NOTES),
            created_by=self.desk, updated_by=self.desk, **facts,
        )  # fmt: skip
        self.rows[Appointment].append(appointment)
        if status == AppointmentStatus.COMPLETED:
            self._visit(patient, kind, begins, appointment=appointment)

    def _settle(self, patient):
        moments = sorted(patient.moments)
        patient.visit_count = len(moments)
        patient.usual_interval_days = usual_interval(moments)
        if moments:
            patient.first_visit_at, patient.last_visit_at = moments[0], moments[-1]
            patient.last_service = patient.services[moments[-1]]
            patient.recall_due_on = due_again_on(patient, Thresholds.of(self.clinic))
        patient.segment = standing_of(patient, Thresholds.of(self.clinic), self.now)
