"""The rows that stand in the addresses of patients and the schedule: name of the page -> model, or a function."""

from clinics.models import AuditLog
from patients.blocking import change_block
from patients.feeds import feed_address, issue_feed
from patients.models import (
    Appointment,
    EmrConnection,
    EmrWrite,
    FreedTime,
    Patient,
    PaymentImport,
    Provider,
    ScheduleBlock,
    WaitlistEntry,
    WaitlistOffer,
)
from patients.scheduling import move_appointment


def moved(world, member):
    """The record of a move of this world's appointment."""
    known = AuditLog.objects.about(world[Appointment]).filter(action="patients.appointment.moved").first()
    if known is None:
        values = {"notes": "moved", "room": None}
        known = move_appointment(world[Appointment], values, version=1, by=world.admin, anyway=True).event
    return known.pk


def shifted(world, member):
    """The record of a change of this world's blocked time."""
    known = AuditLog.objects.about(world[ScheduleBlock]).filter(action="patients.block.changed").first()
    return (known or change_block(world[ScheduleBlock], {"reason": f"{world.word} rests"}, by=world.admin).event).pk


def secret(world, member):
    """What stands in the secret address of this world's provider."""
    provider = Provider.objects.get(pk=world[Provider].pk)
    address = feed_address(provider) or feed_address(issue_feed(provider, by=world.admin))
    return address.rpartition("/")[2].removesuffix(".ics")


ROWS = {
    **dict.fromkeys(
        [
            "patients:appointment_cancel",
            "patients:appointment_check_in",
            "patients:appointment_complete",
            "patients:appointment_confirm",
            "patients:appointment_decline",
            "patients:appointment_detail",
            "patients:appointment_miss",
        ],
        Appointment,
    ),
    **dict.fromkeys(
        [
            "crm:patient_panel",
            "patients:patient_audit",
            "patients:patient_delete",
            "patients:patient_detail",
            "patients:patient_edit",
            "patients:patient_erase",
            "patients:patient_file",
            "patients:patient_restore",
            "patients:payment_create",
            "patients:visit_create",
        ],
        Patient,
    ),
    **dict.fromkeys(
        [
            "patients:waitlist_leave",
            "patients:waitlist_return",
        ],
        WaitlistEntry,
    ),
    **dict.fromkeys(
        [
            "patients:waitlist_offer",
            "patients:waitlist_refuse",
            "patients:waitlist_rounds",
            "patients:waitlist_stop",
            "patients:waitlist_take",
        ],
        FreedTime,
    ),
    "patients:waitlist_answer_undo": WaitlistOffer,
    **dict.fromkeys(
        [
            "patients:emr_connection_detail",
            "patients:emr_connection_edit",
            "patients:emr_connection_pause",
            "patients:emr_connection_resume",
            "patients:emr_connection_sweep",
            "patients:emr_connection_sync",
            "patients:emr_connection_test",
            "patients:emr_key_rotate",
            "patients:emr_keys",
        ],
        EmrConnection,
    ),
    "patients:emr_write_repeat": EmrWrite,
    **dict.fromkeys(
        [
            "patients:payment_import_csv",
            "patients:payment_import_detail",
            "patients:payment_import_run",
            "patients:payment_import_try",
            "patients:payment_import_undo",
        ],
        PaymentImport,
    ),
    "patients:appointment_undo": moved,
    "patients:block_edit": ScheduleBlock,
    "patients:block_remove": ScheduleBlock,
    "patients:block_undo": shifted,
    "patients:feed_issue": Provider,
    "patients:feed_withdraw": Provider,
}
# Slots that stand beside the row itself, of whatever room: slot -> name of the page -> what stands there.
SLOTS = {
    "entry_pk": dict.fromkeys(["patients:waitlist_refuse", "patients:waitlist_take"], WaitlistEntry),
    "clinic_id": dict.fromkeys(
        ["clinics:invitation_accept", "patients:emr_keys", "patients:provider_feed"],
        lambda world, member: world.clinic.pk,
    ),
}
TOKENS = {"patients:provider_feed": secret}
