"""What the front desk would send to the pages and the API of patients, the schedule and money."""

from clinics.models import Location
from patients.models import Appointment, AppointmentType, Patient, Provider, Room, ScheduleBlock, Visit

POSTED_BY_THE_DESK = {
    "api:appointment_list": lambda world: {
        "patient": world[Patient].pk,
        "type": world[AppointmentType].pk,
        "provider": world[Provider].pk,
        "room": world[Room].pk,
        "location": world[Location].pk,
        "starts_at": "2031-03-06T10:00:00Z",
        "anyway": True,
    },
    "api:appointment_detail": lambda world: {"provider": world[Provider].pk, "room": world[Room].pk, "anyway": True},
    "api:appointment_cancel": lambda world: {"reason": "ILLNESS"},
    "api:appointment_reschedule": lambda world: {
        "patient": world[Patient].pk,
        "type": world[AppointmentType].pk,
        "provider": world[Provider].pk,
        "room": world[Room].pk,
        "location": world[Location].pk,
        "starts_at": "2031-03-07T10:00:00Z",
        "anyway": True,
    },
    "api:visit_list": lambda world: {
        "patient": world[Patient].pk,
        "provider": world[Provider].pk,
        "location": world[Location].pk,
        "visit_date": "2026-01-05T10:00:00Z",
    },
    "api:payment_list": lambda world: {
        "patient": world[Patient].pk,
        "visit": world[Visit].pk,
        "amount_cents": 900,
    },
    "api:payment_refund": lambda world: {"amount_cents": 5},
    "patients:appointment_book": lambda world: {
        "patient": world[Patient].pk,
        "type": world[AppointmentType].pk,
        "provider": world[Provider].pk,
        "room": world[Room].pk,
        "starts_at_0": "2031-03-04",
        "starts_at_1": "10:00",
        "anyway": "on",
    },
    "patients:waitlist_join": lambda world: {
        "patient": world[Patient].pk,
        "type": world[AppointmentType].pk,
        "provider": world[Provider].pk,
        "location": world[Location].pk,
        "part_of_day": "ANY",
    },
    **dict.fromkeys(
        ["patients:block_create", "patients:block_edit"],
        lambda world: {
            "provider": world[Provider].pk,
            "location": world[Location].pk,
            "starts_at_0": "2031-03-04",
            "starts_at_1": "10:00",
            "ends_at_0": "2031-03-04",
            "ends_at_1": "11:00",
        },
    ),
    "patients:block_move": lambda world: {
        "block": world[ScheduleBlock].pk,
        "provider": world[Provider].pk,
        "starts_at": "2031-03-05T10:00",
        "minutes": 30,
    },
    "patients:waitlist_rounds": lambda world: {"size": "1", "minutes": "15"},
    "patients:appointment_cancel": lambda world: {"reason": "ILLNESS"},
    "patients:appointment_move": lambda world: {
        "appointment": world[Appointment].pk,
        "provider": world[Provider].pk,
        "version": world[Appointment].version,
        "starts_at": "2031-03-05T10:00",
        "minutes": 30,
        "anyway": "on",
    },
    "patients:patient_create": lambda world: {"first_name": "Nora", "provider": world[Provider].pk},
    "patients:patient_edit": lambda world: {
        "first_name": "Nora",
        "preferred_channel": "SMS",
        "provider": world[Provider].pk,
        "location": world[Location].pk,
        "responsible_party": world[Patient].responsible_party_id,
        "version": world[Patient].version,
    },
    "patients:patient_erase": lambda world: {"typed_name": world[Patient].display_name},
    "patients:payment_create": lambda world: {
        "kind": "PAYMENT",
        "amount": "25",
        "method": "CASH",
        "paid_on": "2026-01-05",
        "visit": world[Visit].pk,
    },
    "patients:visit_create": lambda world: {
        "visit_date": "2026-01-05T10:00",
        "type": world[AppointmentType].pk,
        "provider": world[Provider].pk,
    },
}
