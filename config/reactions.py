"""Who reacts to what, on one page: event recorded -> tasks that run after its transaction, each at least once.

A task takes (clinic_id, event_id), is idempotent, and lives in the app that it belongs to.
"""

REACTIONS = {
    "clinics.invitation.sent": ["clinics.tasks.mail_invitation"],
    "clinics.invitation.resent": ["clinics.tasks.mail_invitation"],
    "crm.submission.taken_in": ["crm.tasks.confirm_inquiry"],
    # whoever comes learns how their appointment stands
    "patients.appointment.booked": ["patients.tasks.mail_appointment"],
    "patients.appointment.cancelled": ["patients.tasks.mail_appointment"],
    "patients.appointment.confirmed": ["patients.tasks.mail_appointment"],
    "patients.appointment.moved": ["patients.tasks.mail_appointment"],
    "patients.appointment.rescheduled": ["patients.tasks.mail_appointment"],
    "patients.appointment.undone": ["patients.tasks.mail_appointment"],
}
