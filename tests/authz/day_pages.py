"""The code of each page of the day at the desk: the queue, cards that disagree, tasks and rules."""

ABOUT_ONESELF = {
    "clinics:absence_end",
    "clinics:absence_list",
    "clinics:absence_resume",
    "clinics:profile_notifications",
}
READING_THE_DAY = {"crm:disagreement_list", "crm:lead_owners", "crm:today"}
WORKING_THE_QUEUE = {
    "crm:disagreement_keep",
    "crm:disagreement_keep_undo",
    "crm:disagreement_move",
    "crm:lead_cover",
    "crm:lead_cover_undo",
    "crm:queue_call",
    "crm:queue_call_undo",
    "crm:queue_later",
    "crm:suggestion_accept",
    "crm:suggestion_dismiss",
    "crm:suggestion_restore",
}
SETTING_RULES = {"crm:rule_list", "crm:rule_rehearse", "crm:rule_switch"}
READING_TASKS = {"crm:task_calendar", "crm:task_list"}
WORKING_ON_TASKS = {
    "crm:task_bulk_run",
    "crm:task_bulk_undo",
    "crm:task_change_undo",
    "crm:task_create",
    "crm:task_drop",
    "crm:task_edit",
    "crm:task_finish",
    "crm:task_leads",
    "crm:task_reopen",
    "crm:task_snooze",
    "crm:task_withdraw",
}
