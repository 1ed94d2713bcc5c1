"""Who reacts to what, on one page: event recorded -> tasks that run after its transaction, each at least once.

A task takes (clinic_id, event_id), is idempotent, and lives in the app that it belongs to.
"""

TOLD = ["patients.tasks.mail_appointment", "patients.tasks.note_for_emrs"]

REACTIONS = {
    "clinics.invitation.sent": ["clinics.tasks.mail_invitation"],
    "clinics.invitation.resent": ["clinics.tasks.mail_invitation"],
    "crm.submission.taken_in": ["crm.tasks.confirm_inquiry"],
    # whoever comes learns how their appointment stands, and so does the EMR that knows them
    "patients.appointment.booked": TOLD,
    "patients.appointment.cancelled": TOLD,
    "patients.appointment.confirmed": TOLD,
    "patients.appointment.moved": TOLD,
    "patients.appointment.rescheduled": TOLD,
    "patients.appointment.undone": TOLD,
    "patients.appointment.completed": ["patients.tasks.note_for_emrs"],
    "patients.appointment.missed": ["patients.tasks.note_for_emrs"],
}
