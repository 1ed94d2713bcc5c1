"""Every recurring task on one page; the admin of the installation may change the times, not add code."""

from celery.schedules import crontab

SCHEDULE = {
    # what was asked for and not yet done
    "run due reactions": {"task": "clinics.tasks.run_due_reactions", "schedule": 30.0},
    "restart silent jobs": {"task": "clinics.tasks.restart_silent_jobs", "schedule": 60.0},
    "process waiting submissions": {"task": "crm.tasks.process_waiting_submissions", "schedule": 15.0},
    "catch up leads": {"task": "crm.tasks.catch_up_everywhere", "schedule": crontab(hour=4, minute=20)},
    "process due webhooks": {"task": "clinics.tasks.process_due_webhooks", "schedule": 30.0},
    "drain outboxes": {"task": "inbox.tasks.drain_all_outboxes", "schedule": 5.0},
    "watch outboxes": {"task": "inbox.tasks.watch_all_outboxes", "schedule": 60.0},
    "wake what was put off": {"task": "inbox.tasks.wake_snoozed", "schedule": 60.0},
    "plan reminders of appointments": {
        "task": "inbox.tasks.plan_all_reminders",
        "schedule": crontab(minute="*/5"),
    },
    "fetch waiting media": {"task": "inbox.tasks.fetch_all_media", "schedule": crontab(minute="*/5")},
    "read mailboxes": {"task": "inbox.tasks.read_all_mailboxes", "schedule": 60.0},
    "write what waits in the inbox": {"task": "inbox.tasks.send_all_digests", "schedule": crontab(minute=5)},
    "look at the channels": {"task": "inbox.tasks.look_at_all_accounts", "schedule": crontab(minute="*/10")},
    "note ends of access": {"task": "inbox.tasks.note_all_ends_of_access", "schedule": crontab(hour=4, minute=50)},
    # new leads that nobody has called, and leads that nobody takes care of
    "ring due clocks": {"task": "crm.tasks.ring_due_clocks", "schedule": 15.0},
    "mend ownerless leads": {"task": "crm.tasks.mend_all_ownerless_leads", "schedule": crontab(hour=0, minute=30)},
    "compare leads with the schedule": {"task": "crm.tasks.compare_all_leads", "schedule": 60.0},
    # what was promised, and what rules follow up
    "run due follow-ups": {"task": "crm.tasks.run_due_follow_ups", "schedule": 30.0},
    "notice passing time": {"task": "crm.tasks.notice_time_everywhere", "schedule": crontab(minute="*/5")},
    "remind of tasks": {"task": "crm.tasks.remind_everywhere", "schedule": 60.0},
    # who is here twice
    "sweep duplicates": {"task": "crm.tasks.sweep_all_duplicates", "schedule": crontab(hour=1, minute=40)},
    # patients
    "advance the waiting lists": {"task": "patients.tasks.advance_waitlists", "schedule": 60.0},
    "sweep patients for duplicates": {
        "task": "patients.tasks.sweep_all_duplicates",
        "schedule": crontab(hour=2, minute=50),
    },
    "fill match keys": {"task": "patients.tasks.fill_all_match_keys", "schedule": crontab(hour=1, minute=20)},
    "read due EMRs": {"task": "patients.tasks.read_due_emrs", "schedule": 60.0},
    "sweep due EMRs": {"task": "patients.tasks.sweep_due_emrs", "schedule": crontab(minute=25)},
    "tell due EMRs": {"task": "patients.tasks.tell_due_emrs", "schedule": 30.0},
    "settle segments": {"task": "patients.tasks.settle_all_segments", "schedule": crontab(hour=2, minute=20)},
    # figures
    "keep figures": {"task": "crm.tasks.keep_all_figures", "schedule": 60.0},
    "send due reports": {"task": "crm.tasks.send_due_reports", "schedule": 120.0},
    "close months": {"task": "crm.tasks.close_all_months", "schedule": crontab(hour=2, minute=10)},
    # housekeeping
    "fold tallies": {"task": "crm.tasks.fold_all_tallies", "schedule": crontab(minute="*/10")},
    "forget webhook payloads": {
        "task": "clinics.tasks.forget_webhook_payloads",
        "schedule": crontab(hour=3, minute=40),
    },
    "purge what is old": {"task": "crm.tasks.purge_everywhere", "schedule": crontab(hour=3, minute=55)},
    "purge deleted documents": {"task": "crm.tasks.purge_deleted_documents", "schedule": crontab(hour=3, minute=35)},
    "purge deleted documents of patients": {
        "task": "patients.tasks.purge_all_documents",
        "schedule": crontab(hour=3, minute=45),
    },
    "remove old files of patients": {
        "task": "patients.tasks.remove_old_exports",
        "schedule": crontab(hour=3, minute=35),
    },
    "remove old exports": {"task": "crm.tasks.remove_old_exports", "schedule": crontab(hour=3, minute=30)},
    "forget kept answers": {"task": "clinics.tasks.forget_kept_answers", "schedule": crontab(minute=25)},
    "clear ended sessions": {"task": "clinics.tasks.clear_ended_sessions", "schedule": crontab(hour=3, minute=10)},
}
