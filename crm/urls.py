from django.urls import path

from crm.urls_of_money import keeping, money
from crm.views import (
    activities,
    analytics,
    archiving,
    assignment,
    board_days,
    booking,
    card_call,
    conversion,
    disagreements,
    documents,
    editing,
    entering,
    import_rows,
    lead_list,
    moving,
    offers,
    opening,
    personal,
    placing,
    public_forms,
    quick_entry,
    speed,
    suggestions,
    task_acts,
    task_create,
    task_list,
    tasks,
    visits,
    workload,
)
from crm.views import board as board_views
from crm.views import board_lanes as board_lanes_views
from crm.views import bulk as bulk_views
from crm.views import duplicates as duplicates_views
from crm.views import forms as forms_views
from crm.views import imports as imports_views
from crm.views import inquiries as inquiries_views
from crm.views import leads as leads_views
from crm.views import reports as reports_views
from crm.views import rules as rules_views
from crm.views import today as today_views
from crm.views import walk_in as walk_in_views

app_name = "crm"

public = [
    path("b/visit/<str:token>/", visits.booking_visit, name="booking_visit"),
    path("b/visit/<str:token>/appointment.ics", visits.booking_file, name="booking_file"),
    path("b/visit/<str:token>/move/", visits.booking_move, name="booking_move"),
    path("b/visit/<str:token>/cancel/", visits.booking_cancel, name="booking_cancel"),
    path("b/offer/<str:token>/", offers.offer_visit, name="offer_visit"),
    path("b/<str:token>/", booking.booking_start, name="booking_start"),
    path("b/<str:token>/times/", booking.booking_times, name="booking_times"),
    path("f/<str:token>/", public_forms.public_form, name="public_form"),
    path("f/<str:token>/thanks/", public_forms.public_form_thanks, name="public_form_thanks"),
]

today = [
    path("today/", today_views.today, name="today"),
    path("today/<uuid:pk>/call/", today_views.queue_call, name="queue_call"),
    path("today/<uuid:pk>/call/<uuid:activity_pk>/undo/", today_views.queue_call_undo, name="queue_call_undo"),
    path("today/<uuid:pk>/later/", today_views.queue_later, name="queue_later"),
    path("leads/<uuid:pk>/suggestion/accept/", suggestions.suggestion_accept, name="suggestion_accept"),
    path("leads/<uuid:pk>/suggestion/dismiss/", suggestions.suggestion_dismiss, name="suggestion_dismiss"),
    path(
        "leads/<uuid:pk>/suggestion/<uuid:stage_pk>/restore/", suggestions.suggestion_restore, name="suggestion_restore"
    ),
]
tasks_urls = [
    path("tasks/", task_list.task_list, name="task_list"),
    path("tasks/calendar/", task_list.task_calendar, name="task_calendar"),
    path("tasks/export/", task_list.task_csv, name="task_csv"),
    path("tasks/new/", task_create.task_create, name="task_create"),
    path("tasks/new/leads/", task_create.task_leads, name="task_leads"),
    path("tasks/bulk/<slug:what>/", task_acts.task_bulk_run, name="task_bulk_run"),
    path("tasks/acts/<uuid:pk>/undo/", task_acts.task_bulk_undo, name="task_bulk_undo"),
    path("tasks/<uuid:pk>/finish/", task_acts.task_finish, name="task_finish"),
    path("tasks/<uuid:pk>/reopen/", task_acts.task_reopen, name="task_reopen"),
    path("tasks/<uuid:pk>/snooze/", task_acts.task_snooze, name="task_snooze"),
    path("tasks/<uuid:pk>/drop/", task_acts.task_drop, name="task_drop"),
    path("tasks/<uuid:pk>/edit/", task_acts.task_edit, name="task_edit"),
    path("tasks/<uuid:pk>/changes/<uuid:change_pk>/undo/", task_acts.task_change_undo, name="task_change_undo"),
    path("tasks/<uuid:pk>/withdraw/", task_acts.task_withdraw, name="task_withdraw"),
]
rules = [
    path("rules/", rules_views.rule_list, name="rule_list"),
    path("rules/<uuid:pk>/switch/", rules_views.rule_switch, name="rule_switch"),
    path("rules/<uuid:pk>/rehearse/", rules_views.rule_rehearse, name="rule_rehearse"),
]
board = [
    path("pipeline/", board_views.board, name="board"),
    path("pipeline/changes/", board_views.board_changes, name="board_changes"),
    path("pipeline/lane-changes/", board_lanes_views.board_lanes_changes, name="board_lanes_changes"),
    path("pipeline/lanes/", board_lanes_views.board_lanes, name="board_lanes"),
    path("pipeline/lanes/<str:owner>/", board_lanes_views.board_lane, name="board_lane"),
    path("pipeline/pace/", board_views.board_pace, name="board_pace"),
    path("pipeline/day/", board_days.board_day, name="board_day"),
    path("pipeline/day/<uuid:pk>/", board_days.board_day_column, name="board_day_column"),
    path("pipeline/flow/", board_days.board_flow, name="board_flow"),
    path("pipeline/flow/export/", board_days.board_flow_csv, name="board_flow_csv"),
    path("pipeline/<uuid:pk>/", board_views.board_column, name="board_column"),
    path("leads/<uuid:pk>/move/", moving.lead_move, name="lead_move"),
    path("leads/<uuid:pk>/lost/", moving.lead_lost, name="lead_lost"),
    path("leads/<uuid:pk>/enter/<uuid:stage_pk>/", entering.lead_enter, name="lead_enter"),
    path("leads/<uuid:pk>/card/call/", card_call.card_call, name="card_call"),
    path("leads/<uuid:pk>/place/", placing.lead_place, name="lead_place"),
    path("leads/<uuid:pk>/reopen/", moving.lead_reopen, name="lead_reopen"),
    path("moves/<uuid:pk>/undo/", moving.lead_move_undo, name="lead_move_undo"),
]
leads = [
    path("leads/", lead_list.lead_list, name="lead_list"),
    path("leads/new/", quick_entry.lead_create, name="lead_create"),
    path("leads/new/full/", quick_entry.lead_create_full, name="lead_create_full"),
    path("leads/new/matches/", quick_entry.lead_matches, name="lead_matches"),
    path("leads/new/referrers/", quick_entry.lead_referrers, name="lead_referrers"),
    path("leads/<uuid:pk>/called-again/", quick_entry.lead_called_again, name="lead_called_again"),
    path("calls/<uuid:pk>/undo/", quick_entry.lead_called_again_undo, name="lead_called_again_undo"),
    path("leads/<uuid:pk>/withdraw/", quick_entry.lead_withdraw, name="lead_withdraw"),
    path("leads/columns/", lead_list.lead_columns, name="lead_columns"),
    path("leads/export/", lead_list.lead_csv, name="lead_csv"),
    path("leads/export/large/", lead_list.lead_export, name="lead_export"),
    path("leads/export/<uuid:pk>/", lead_list.lead_export_file, name="lead_export_file"),
    path("leads/<uuid:pk>/", leads_views.lead_detail, name="lead_detail"),
    path("leads/<uuid:pk>/edit/", editing.lead_edit, name="lead_edit"),
    path("leads/<uuid:pk>/file/", personal.lead_file, name="lead_file"),
    path("leads/<uuid:pk>/erase/", personal.lead_erase, name="lead_erase"),
    path("leads/<uuid:pk>/audit/", leads_views.lead_audit, name="lead_audit"),
    path("leads/<uuid:pk>/assign/", editing.lead_assign, name="lead_assign"),
    path("leads/<uuid:pk>/assign/<uuid:activity_pk>/undo/", editing.lead_assign_undo, name="lead_assign_undo"),
    path("leads/<uuid:pk>/fields/<slug:place>/", editing.lead_field, name="lead_field"),
    path("leads/<uuid:pk>/deal/", editing.lead_opportunity, name="lead_opportunity"),
    path("leads/<uuid:pk>/tags/", editing.lead_tags, name="lead_tags"),
    path("leads/<uuid:pk>/tags/<uuid:tag_pk>/", editing.lead_tag_add, name="lead_tag_add"),
    path("leads/<uuid:pk>/tags/<uuid:tag_pk>/remove/", editing.lead_tag_remove, name="lead_tag_remove"),
    path("leads/<uuid:pk>/archive/", archiving.lead_archive, name="lead_archive"),
    path("leads/<uuid:pk>/unarchive/", archiving.lead_unarchive, name="lead_unarchive"),
    path("leads/<uuid:pk>/call/", activities.lead_call, name="lead_call"),
    path("leads/<uuid:pk>/note/", activities.lead_note, name="lead_note"),
    path("leads/<uuid:pk>/history/<uuid:activity_pk>/edit/", activities.lead_activity_edit, name="lead_activity_edit"),
    path("leads/<uuid:pk>/history/<uuid:activity_pk>/undo/", activities.lead_activity_undo, name="lead_activity_undo"),
    path("leads/<uuid:pk>/tasks/", tasks.lead_task_create, name="lead_task_create"),
    path("leads/<uuid:pk>/tasks/<uuid:task_pk>/complete/", tasks.lead_task_complete, name="lead_task_complete"),
    path("leads/<uuid:pk>/tasks/<uuid:task_pk>/undo/", tasks.lead_task_undo, name="lead_task_undo"),
    path("leads/<uuid:pk>/tasks/<uuid:task_pk>/edit/", tasks.lead_task_edit, name="lead_task_edit"),
    path("leads/<uuid:pk>/tasks/<uuid:task_pk>/snooze/", tasks.lead_task_snooze, name="lead_task_snooze"),
    path("leads/<uuid:pk>/tasks/<uuid:task_pk>/drop/", tasks.lead_task_cancel, name="lead_task_cancel"),
    path(
        "leads/<uuid:pk>/tasks/<uuid:task_pk>/changes/<uuid:change_pk>/undo/",
        tasks.lead_task_change_undo,
        name="lead_task_change_undo",
    ),
    path("leads/<uuid:pk>/convert/", conversion.lead_convert, name="lead_convert"),
    path("leads/<uuid:pk>/convert/<uuid:conversion_pk>/undo/", conversion.lead_convert_undo, name="lead_convert_undo"),
    path("leads/<uuid:pk>/convert/<uuid:conversion_pk>/closer/", conversion.lead_closer, name="lead_closer"),
    path("leads/of-patient/<uuid:pk>/", conversion.patient_panel, name="patient_panel"),
    path("leads/<uuid:pk>/documents/", documents.lead_document_add, name="lead_document_add"),
    path("leads/<uuid:pk>/documents/<uuid:document_pk>/", documents.lead_document, name="lead_document"),
    path(
        "leads/<uuid:pk>/documents/<uuid:document_pk>/delete/",
        documents.lead_document_delete,
        name="lead_document_delete",
    ),
    path(
        "leads/<uuid:pk>/documents/<uuid:document_pk>/restore/",
        documents.lead_document_restore,
        name="lead_document_restore",
    ),
]
duplicates = [
    path("duplicates/", duplicates_views.duplicate_list, name="duplicate_list"),
    path("duplicates/sweep/", duplicates_views.duplicate_sweep, name="duplicate_sweep"),
    path("duplicates/<uuid:pk>/", duplicates_views.duplicate_detail, name="duplicate_detail"),
    path("duplicates/<uuid:pk>/merge/", duplicates_views.duplicate_merge, name="duplicate_merge"),
    path("duplicates/<uuid:pk>/dismiss/", duplicates_views.duplicate_dismiss, name="duplicate_dismiss"),
    path("duplicates/<uuid:pk>/household/", duplicates_views.duplicate_household, name="duplicate_household"),
    path("duplicates/<uuid:pk>/reopen/", duplicates_views.duplicate_reopen, name="duplicate_reopen"),
    path("leads/<uuid:pk>/merge/", duplicates_views.lead_merge, name="lead_merge"),
    path("merges/<uuid:pk>/undo/", duplicates_views.lead_merge_undo, name="lead_merge_undo"),
]
inquiries = [
    path("inquiries/", inquiries_views.inquiry_list, name="inquiry_list"),
    path("inquiries/replay/", inquiries_views.inquiry_replay_many, name="inquiry_replay_many"),
    path("inquiries/take-over/", inquiries_views.inquiry_take_over, name="inquiry_take_over"),
    path("inquiries/<uuid:pk>/", inquiries_views.inquiry_detail, name="inquiry_detail"),
    path("inquiries/<uuid:pk>/replay/", inquiries_views.inquiry_replay, name="inquiry_replay"),
    path("inquiries/<uuid:pk>/ignore/", inquiries_views.inquiry_ignore, name="inquiry_ignore"),
    path("inquiries/<uuid:pk>/restore/", inquiries_views.inquiry_restore, name="inquiry_restore"),
]
forms = [
    path("forms/", forms_views.form_list, name="form_list"),
    path("forms/new/", forms_views.form_create, name="form_create"),
    path("forms/preview/", forms_views.form_preview, name="form_preview"),
    path("forms/<uuid:pk>/", forms_views.form_edit, name="form_edit"),
    path("forms/<uuid:pk>/close/", forms_views.form_close, name="form_close"),
    path("forms/<uuid:pk>/open/", forms_views.form_open, name="form_open"),
]
walk_in = [
    path("walk-in/", walk_in_views.walk_in, name="walk_in"),
    path("walk-in/<uuid:pk>/start/", walk_in_views.walk_in_start, name="walk_in_start"),
]
imports = [
    path("imports/", imports_views.import_list, name="import_list"),
    path("imports/new/", imports_views.import_create, name="import_create"),
    path("imports/<uuid:pk>/", imports_views.import_detail, name="import_detail"),
    path("imports/<uuid:pk>/mapping/", imports_views.import_mapping, name="import_mapping"),
    path("imports/<uuid:pk>/check/", imports_views.import_check, name="import_check"),
    path("imports/<uuid:pk>/run/", imports_views.import_run, name="import_run"),
    path("imports/<uuid:pk>/undo/", imports_views.import_undo, name="import_undo"),
    path("imports/<uuid:pk>/rows/", import_rows.import_rows, name="import_rows"),
    path("imports/<uuid:pk>/rows/export/", import_rows.import_rows_csv, name="import_rows_csv"),
    path("imports/<uuid:pk>/rows/<int:line>/", import_rows.import_row_correct, name="import_row_correct"),
    path("imports/<uuid:pk>/read/", imports_views.import_read_again, name="import_read_again"),
    path("imports/<uuid:pk>/delete/", imports_views.import_delete, name="import_delete"),
]

bulk = [
    path("leads/bulk/<slug:act>/", bulk_views.bulk_run, name="bulk_run"),
    path("acts/<uuid:pk>/", bulk_views.bulk_detail, name="bulk_detail"),
    path("acts/<uuid:pk>/undo/", bulk_views.bulk_undo, name="bulk_undo"),
    path("acts/<uuid:pk>/export/", bulk_views.bulk_csv, name="bulk_csv"),
]
reports = [
    path("analytics/", analytics.analytics, name="analytics"),
    path("analytics/sources/", analytics.analytics_sources, name="analytics_sources"),
    path("analytics/coordinators/", analytics.analytics_coordinators, name="analytics_coordinators"),
    path("analytics/times/", analytics.analytics_times, name="analytics_times"),
    path("analytics/consultations/", analytics.analytics_consultations, name="analytics_consultations"),
    path("analytics/lost/", analytics.analytics_lost, name="analytics_lost"),
    path("analytics/behind/", analytics.analytics_behind, name="analytics_behind"),
    path("analytics/export/<slug:figure>/", analytics.analytics_csv, name="analytics_csv"),
    path("analytics/reports/", reports_views.report_list, name="report_list"),
    path("analytics/reports/preview/", reports_views.report_preview, name="report_preview"),
    path("analytics/reports/sent/<uuid:pk>/again/", reports_views.report_retry, name="report_retry"),
    path("analytics/reports/<uuid:pk>/end/", reports_views.report_end, name="report_end"),
    path("analytics/reports/<uuid:pk>/resume/", reports_views.report_resume, name="report_resume"),
]
clinics = [
    path("clinic/open/", opening.clinic_open, name="clinic_open"),
    path("staff/workload/", workload.workload, name="workload"),
    path("staff/workload/counts/", workload.workload_counts, name="workload_counts"),
    path("staff/<uuid:pk>/hand-over/", workload.hand_over, name="hand_over"),
]
assigning = [
    path("assignment/", assignment.assignment_rule_list, name="assignment_rule_list"),
    path("assignment/new/", assignment.assignment_rule_create, name="assignment_rule_create"),
    path("assignment/trial/", assignment.assignment_rule_trial, name="assignment_rule_trial"),
    path("assignment/<uuid:pk>/trial/", assignment.assignment_rule_trial, name="assignment_rule_trial"),
    path("assignment/<uuid:pk>/", assignment.assignment_rule_edit, name="assignment_rule_edit"),
    path("assignment/<uuid:pk>/step/", assignment.assignment_rule_step, name="assignment_rule_step"),
    path("leads/<uuid:pk>/cover/", assignment.lead_cover, name="lead_cover"),
    path("leads/<uuid:pk>/cover/<uuid:activity_pk>/undo/", assignment.lead_cover_undo, name="lead_cover_undo"),
    path("leads/<uuid:pk>/coordinators/", assignment.lead_owners, name="lead_owners"),
    path("analytics/speed/", speed.speed_report, name="speed_report"),
    path("disagreements/", disagreements.disagreement_list, name="disagreement_list"),
    path("disagreements/<uuid:pk>/move/", disagreements.disagreement_move, name="disagreement_move"),
    path("disagreements/<uuid:pk>/keep/", disagreements.disagreement_keep, name="disagreement_keep"),
    path("disagreements/<uuid:pk>/keep/undo/", disagreements.disagreement_keep_undo, name="disagreement_keep_undo"),
]

urlpatterns = [
    *public,
    *today,
    *tasks_urls,
    *rules,
    *board,
    *leads,
    *duplicates,
    *inquiries,
    *forms,
    *walk_in,
    *imports,
    *bulk,
    *reports,
    *money,
    *clinics,
    *keeping,
    *assigning,
]
