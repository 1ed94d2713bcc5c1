"""Who reacts to what, on one page: event recorded -> tasks that run after its transaction, each at least once.

A task takes (clinic_id, event_id), is idempotent, and lives in the app that it belongs to.
"""

FOLLOWED = ["inbox.tasks.follow_people"]
# The card of a lead follows its appointment.
CARD = "crm.tasks.follow_appointment"
# What a visitor was told stands with whom they turned out to be.
KNOWN = "inbox.telling.know_visitor"
TOLD = ["inbox.telling.tell_of_appointment", "patients.tasks.note_for_emrs", CARD]
RULED = ["crm.tasks.notice_follow_up"]

REACTIONS = {
    "clinics.invitation.sent": ["clinics.tasks.mail_invitation"],
    "clinics.invitation.resent": ["clinics.tasks.mail_invitation"],
    "clinics.clinic.opened": ["inbox.tasks.open_sandbox"],
    # what comes in is heard: moods, strangers, calls that nobody took
    "inbox.message.received": [
        "inbox.tasks.mark_message",
        "inbox.tasks.make_lead_of_stranger",
        "inbox.tasks.assign_message",
    ],
    # what is resolved asks how content they are, unless it goes on
    "inbox.conversation.resolved": ["inbox.tasks.ask_satisfaction"],
    "inbox.conversation.reopened": ["inbox.tasks.withdraw_question"],
    "inbox.conversation.resolved_undone": ["inbox.tasks.withdraw_question"],
    "inbox.conversation.snoozed": ["inbox.tasks.withdraw_question"],
    "crm.lead.called": ["inbox.tasks.note_call"],
    "crm.lead.left_voicemail": ["inbox.tasks.note_voicemail"],
    # nobody's leads are forgotten when they leave
    "clinics.member.deactivated": ["crm.tasks.settle_leaver"],
    "clinics.member.role_changed": ["crm.tasks.settle_leaver"],
    "crm.submission.taken_in": ["crm.tasks.confirm_inquiry"],
    # what follow-up rules wait for
    "crm.lead.captured": RULED,
    "crm.lead.moved": RULED,
    "crm.lead.lost": RULED,
    "crm.lead.converted": RULED,
    "crm.lead.reopened": RULED,
    "crm.lead.activity_logged": RULED,
    # whoever comes learns how their appointment stands, and so does the EMR that knows them
    "patients.appointment.booked": TOLD + RULED,
    "patients.appointment.cancelled": TOLD,
    "patients.appointment.confirmed": TOLD,
    "patients.appointment.moved": TOLD,
    "patients.appointment.rescheduled": TOLD,
    "patients.appointment.undone": TOLD,
    "patients.appointment.completed": ["patients.tasks.note_for_emrs", CARD, *RULED],
    "patients.appointment.missed": ["patients.tasks.note_for_emrs", CARD, *RULED],
    "patients.appointment.matched": [CARD, KNOWN],
    "crm.lead.booked_online": [KNOWN],
    # who waits for a sooner time is asked, and told no more of it than is true
    "patients.waitlist.offered": ["inbox.telling.ask_waiting"],
    "patients.waitlist.withdrawn": ["inbox.telling.take_back_question"],
    "patients.waitlist.refused": ["inbox.telling.take_back_question"],
    "crm.task.reminder_due": ["inbox.telling.text_reminder"],
    "crm.follow_up.message_due": ["inbox.tasks.plan_rule_message"],
    # consent is kept for addresses, and a refusal finds the patients who are reached there
    "patients.consent.decided": ["inbox.tasks.keep_consent"],
    "inbox.consent.decided": ["inbox.tasks.tell_patients"],
    # conversations follow whom they are held with
    "crm.lead.became_patients": FOLLOWED,
    "crm.lead.conversion_undone": FOLLOWED,
    "crm.lead.edited": FOLLOWED,
    "crm.lead.merged": FOLLOWED,
    "crm.lead.merge_undone": FOLLOWED,
    "patients.patient.edited": FOLLOWED,
    "patients.patient.erased": FOLLOWED,
    "patients.patient.merged": FOLLOWED,
    "patients.patient.merge_undone": FOLLOWED,
}
