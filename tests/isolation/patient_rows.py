"""One row of each model of patients and the schedule."""

from datetime import date, time, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from clinics.models import Location, Role
from patients.models import (
    Appointment,
    AppointmentType,
    FreedTime,
    Patient,
    PatientHousehold,
    PatientMatchKey,
    Payment,
    PaymentImport,
    Provider,
    ProviderType,
    Room,
    RoomKind,
    ScheduleBlock,
    SegmentChange,
    Visit,
    WaitlistEntry,
    WaitlistOffer,
    WorkingHours,
)
from patients.tests.factories import PatientFactory
from tests.isolation.rows import makes


@makes(PatientHousehold)
def patient_household(world):
    return PatientHousehold.objects.create(name=f"The {world.word} patients")


@makes(Provider)
def provider(world):
    return Provider.objects.create(
        name=f"Dr. {world.word}", member=world.members[Role.DOCTOR], location=world[Location]
    )


@makes(RoomKind)
def room_kind(world):
    return RoomKind.objects.create(name=f"{world.word} chairs")


@makes(Room)
def room(world):
    return Room.objects.create(name=f"{world.word} chair", kind=world[RoomKind], location=world[Location])


@makes(AppointmentType)
def appointment_type(world):
    return AppointmentType.objects.create(name=f"{world.word} check", duration_minutes=30, room_kind=world[RoomKind])


@makes(ProviderType)
def provider_type(world):
    return ProviderType.objects.create(provider=world[Provider], type=world[AppointmentType])


@makes(Patient)
def patient(world):
    return PatientFactory(
        first_name=world.word,
        last_name=f"{world.word}son",
        email=f"patient@{world.word}.example",
        date_of_birth=date(2010, 3, 4),
        notes=f"{world.word} is afraid of needles.",
        emr_system="EPIC",
        external_id=f"{world.word}-9",
        household=world[PatientHousehold],
        responsible_party=PatientFactory(first_name=world.word, last_name="Payer"),
        location=world[Location],
        provider=world[Provider],
        created_by=world.admin,
        updated_by=world.admin,
    )


@makes(Appointment)
def appointment(world):
    begins = timezone.now().replace(microsecond=0) + timedelta(days=3)
    return Appointment.objects.create(
        patient=world[Patient],
        provider=world[Provider],
        room=world[Room],
        type=world[AppointmentType],
        location=world[Location],
        starts_at=begins,
        ends_at=begins + timedelta(minutes=30),
        notes=f"{world.word} comes by bus.",
        created_by=world.admin,
        updated_by=world.admin,
    )


@makes(Visit)
def visit(world):
    return Visit.objects.create(
        patient=world[Patient],
        provider=world[Provider],
        location=world[Location],
        appointment=world[Appointment],
        visit_date=timezone.now() - timedelta(days=30),
        visit_type=f"{world.word} check",
        created_by=world.admin,
    )


@makes(Payment)
def payment(world):
    return Payment.objects.create(
        patient=world[Patient],
        visit=world[Visit],
        amount_cents=12_300,
        paid_on=timezone.localdate(),
        note=f"{world.word} paid in cash",
        created_by=world.admin,
    )


@makes(PaymentImport)
def payment_import(world):
    return PaymentImport.objects.create(
        file_name=f"{world.word}.csv",
        stored_as=default_storage.save(
            f"tests/{world.word}.csv", ContentFile(b"Patient id,Amount,Date\n1,5,2026-01-05\n")
        ),
        size_bytes=40,
        headers=["Patient id", "Amount", "Date"],
        samples=[["1"], ["5"], ["2026-01-05"]],
        mapping=["patient_id", "amount", "paid_on"],
        uploaded_by=world.admin,
    )


@makes(WorkingHours)
def working_hours(world):
    return WorkingHours.objects.create(
        provider=world[Provider], location=world[Location], weekday=6, opens_at=time(9), closes_at=time(10)
    )


@makes(ScheduleBlock)
def schedule_block(world):
    begins = timezone.now() + timedelta(days=9)
    return ScheduleBlock.objects.create(
        provider=world[Provider],
        location=world[Location],
        starts_at=begins,
        ends_at=begins + timedelta(hours=1),
        reason=f"{world.word} is away",
        created_by=world.admin,
    )


@makes(SegmentChange)
def segment_change(world):
    return SegmentChange.objects.create(
        patient=world[Patient], from_segment="NEW", to_segment="ACTIVE", changed_at=timezone.now()
    )


@makes(WaitlistEntry)
def waitlist_entry(world):
    return WaitlistEntry.objects.create(
        patient=world[Patient],
        type=world[AppointmentType],
        provider=world[Provider],
        location=world[Location],
        note=f"{world.word} works nights",
        created_by=world.admin,
    )


@makes(FreedTime)
def freed_time(world):
    begins = timezone.now().replace(microsecond=0) + timedelta(days=5)
    return FreedTime.objects.create(
        provider=world[Provider],
        room=world[Room],
        type=world[AppointmentType],
        location=world[Location],
        appointment=world[Appointment],
        starts_at=begins,
        ends_at=begins + timedelta(minutes=30),
    )


@makes(WaitlistOffer)
def waitlist_offer(world):
    return WaitlistOffer.objects.create(
        entry=world[WaitlistEntry],
        freed=world[FreedTime],
        state=WaitlistOffer.State.DECLINED,
        offered_until=timezone.now(),
        created_by=world.admin,
    )


@makes(PatientMatchKey)
def patient_match_key(world):
    return PatientMatchKey.objects.create(patient=world[Patient], key=77)
