from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from clinics.models import Tag
from clinics.normalising import email_norm, name_key, phone_e164
from patients.birth_dates import birth_date_digest
from patients.models import (
    Appointment,
    AppointmentType,
    Channel,
    ConsentSource,
    Patient,
    PatientConsent,
    PatientHousehold,
    Payment,
    Provider,
    Purpose,
    Room,
    ScheduleBlock,
    Visit,
    WaitlistEntry,
    WorkingHours,
)


class PatientHouseholdFactory(DjangoModelFactory):
    class Meta:
        model = PatientHousehold

    name = factory.Sequence(lambda n: f"Household {n}")


class PatientFactory(DjangoModelFactory):
    """A patient of nobody's household, normalised as registration would."""

    class Meta:
        model = Patient

    first_name = factory.Sequence(lambda n: f"Patient{n}")
    last_name = "Sample"
    phone = factory.Sequence(lambda n: f"+1312555{n % 10000:04d}")
    email = factory.Sequence(lambda n: f"patient{n}@example.com")
    name_key = factory.LazyAttribute(lambda patient: name_key(patient.first_name, patient.last_name))
    email_norm = factory.LazyAttribute(lambda patient: email_norm(patient.email))
    phone_e164 = factory.LazyAttribute(lambda patient: phone_e164(patient.phone, region="US") or patient.phone)
    birth_digest = factory.LazyAttribute(lambda patient: birth_date_digest(getattr(patient, "date_of_birth", None)))


class ProviderFactory(DjangoModelFactory):
    class Meta:
        model = Provider

    name = factory.Sequence(lambda n: f"Dr. Example {n}")


class RoomFactory(DjangoModelFactory):
    class Meta:
        model = Room

    name = factory.Sequence(lambda n: f"Chair {n}")


class AppointmentTypeFactory(DjangoModelFactory):
    class Meta:
        model = AppointmentType

    name = factory.Sequence(lambda n: f"Check {n}")
    duration_minutes = 30


class AppointmentFactory(DjangoModelFactory):
    """A patient's half hour with a provider of its own, tomorrow at this time."""

    class Meta:
        model = Appointment

    patient = factory.SubFactory(PatientFactory)
    provider = factory.SubFactory(ProviderFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now().replace(microsecond=0) + timedelta(days=1))
    ends_at = factory.LazyAttribute(lambda appointment: appointment.starts_at + timedelta(minutes=30))


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = Visit

    patient = factory.SubFactory(PatientFactory)
    visit_date = factory.LazyFunction(timezone.now)
    visit_type = "Adjustment"


class PaymentFactory(DjangoModelFactory):
    class Meta:
        model = Payment

    patient = factory.SubFactory(PatientFactory)
    amount_cents = 18_000
    paid_on = factory.LazyFunction(timezone.localdate)


class WorkingHoursFactory(DjangoModelFactory):
    class Meta:
        model = WorkingHours

    provider = factory.SubFactory(ProviderFactory)
    weekday = 0
    opens_at = "08:00"
    closes_at = "17:00"


class ScheduleBlockFactory(DjangoModelFactory):
    class Meta:
        model = ScheduleBlock

    starts_at = factory.LazyFunction(timezone.now)
    ends_at = factory.LazyAttribute(lambda block: block.starts_at + timedelta(hours=1))
    reason = "Team meeting"


class WaitlistEntryFactory(DjangoModelFactory):
    class Meta:
        model = WaitlistEntry

    patient = factory.SubFactory(PatientFactory)


class PatientConsentFactory(DjangoModelFactory):
    """Somebody who agreed to news by text message at the desk."""

    class Meta:
        model = PatientConsent

    patient = factory.SubFactory(PatientFactory)
    channel = Channel.SMS
    purpose = Purpose.NEWS
    is_given = True
    source = ConsentSource.IN_PERSON
    decided_at = factory.LazyFunction(timezone.now)


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"Tag {n}")
