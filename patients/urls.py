from django.urls import path

from patients.views import (
    appointments,
    blocks,
    bulk,
    documents,
    duplicates,
    emr_connections,
    emr_files,
    emr_review,
    emr_runs,
    feeds,
    money,
    offering,
    page_facts,
    patient,
    patient_list,
    recall,
    schedule,
)
from patients.views import patients as patients_views
from patients.views import payment_files as payment_files_views
from patients.views import waitlist as waitlist_views

app_name = "patients"

patients = [
    path("patients/", patient_list.patient_list, name="patient_list"),
    path("patients/columns/", patient_list.patient_columns, name="patient_columns"),
    path("patients/export/", patient_list.patient_csv, name="patient_csv"),
    path("patients/export/job/", patient_list.patient_export, name="patient_export"),
    path("patients/export/<uuid:pk>/", patient_list.patient_export_file, name="patient_export_file"),
    path("patients/bulk/<slug:kind>/", bulk.patient_bulk_run, name="patient_bulk_run"),
    path("patients/acts/<uuid:pk>/", bulk.patient_bulk_detail, name="patient_bulk_detail"),
    path("patients/acts/<uuid:pk>/undo/", bulk.patient_bulk_undo, name="patient_bulk_undo"),
    path("patients/acts/<uuid:pk>/export/", bulk.patient_bulk_csv, name="patient_bulk_csv"),
    path("patients/new/", patients_views.patient_create, name="patient_create"),
    path("patients/new/matches/", patients_views.patient_matches, name="patient_matches"),
    path("patients/recall/", recall.recall_list, name="recall_list"),
    path("patients/<uuid:pk>/asked/", recall.recall_ask, name="recall_ask"),
    path("patients/recall/<uuid:pk>/undo/", recall.recall_undo, name="recall_undo"),
    path("patients/<uuid:pk>/", patient.patient_detail, name="patient_detail"),
    path("patients/duplicates/", duplicates.patient_pair_list, name="patient_pair_list"),
    path("patients/duplicates/sweep/", duplicates.patient_pair_sweep, name="patient_pair_sweep"),
    path("patients/duplicates/<uuid:pk>/", duplicates.patient_pair_detail, name="patient_pair_detail"),
    path("patients/duplicates/<uuid:pk>/merge/", duplicates.patient_pair_merge, name="patient_pair_merge"),
    path("patients/duplicates/<uuid:pk>/dismiss/", duplicates.patient_pair_dismiss, name="patient_pair_dismiss"),
    path("patients/duplicates/<uuid:pk>/reopen/", duplicates.patient_pair_reopen, name="patient_pair_reopen"),
    path("patients/merges/<uuid:pk>/undo/", duplicates.patient_merge_undo, name="patient_merge_undo"),
    path("patients/<uuid:pk>/merge/", duplicates.patient_merge, name="patient_merge"),
    path("patients/<uuid:pk>/tags/", page_facts.patient_tags, name="patient_tags"),
    path("patients/<uuid:pk>/tags/<uuid:tag_pk>/", page_facts.patient_tag_add, name="patient_tag_add"),
    path("patients/<uuid:pk>/tags/<uuid:tag_pk>/remove/", page_facts.patient_tag_remove, name="patient_tag_remove"),
    path("patients/<uuid:pk>/consent/", page_facts.patient_consent, name="patient_consent"),
    path("patients/<uuid:pk>/documents/", documents.patient_document_add, name="patient_document_add"),
    path("patients/<uuid:pk>/documents/<uuid:document_pk>/", documents.patient_document, name="patient_document"),
    path(
        "patients/<uuid:pk>/documents/<uuid:document_pk>/delete/",
        documents.patient_document_delete,
        name="patient_document_delete",
    ),
    path(
        "patients/<uuid:pk>/documents/<uuid:document_pk>/restore/",
        documents.patient_document_restore,
        name="patient_document_restore",
    ),
    path("patients/<uuid:pk>/edit/", patient.patient_edit, name="patient_edit"),
    path("patients/<uuid:pk>/delete/", patient.patient_delete, name="patient_delete"),
    path("patients/<uuid:pk>/restore/", patient.patient_restore, name="patient_restore"),
    path("patients/<uuid:pk>/erase/", patient.patient_erase, name="patient_erase"),
    path("patients/<uuid:pk>/file/", patient.patient_file, name="patient_file"),
    path("patients/<uuid:pk>/audit/", patient.patient_audit, name="patient_audit"),
    path("patients/<uuid:pk>/payments/new/", money.payment_create, name="payment_create"),
    path("patients/<uuid:pk>/visits/new/", money.visit_create, name="visit_create"),
]

payment_files = [
    path("payments/files/", payment_files_views.payment_import_list, name="payment_import_list"),
    path("payments/files/<uuid:pk>/", payment_files_views.payment_import_detail, name="payment_import_detail"),
    path("payments/files/<uuid:pk>/try/", payment_files_views.payment_import_try, name="payment_import_try"),
    path("payments/files/<uuid:pk>/run/", payment_files_views.payment_import_run, name="payment_import_run"),
    path("payments/files/<uuid:pk>/undo/", payment_files_views.payment_import_undo, name="payment_import_undo"),
    path("payments/files/<uuid:pk>/problems/", payment_files_views.payment_import_csv, name="payment_import_csv"),
]

calendar = [
    path("schedule/", schedule.schedule, name="schedule"),
    path("schedule/move/", schedule.appointment_move, name="appointment_move"),
    path("schedule/free/", schedule.free_slots, name="free_slots"),
    path("schedule/print/", schedule.day_sheet, name="day_sheet"),
    path("schedule/book/", appointments.appointment_book, name="appointment_book"),
    path("schedule/book/people/", appointments.appointment_people, name="appointment_people"),
    path("schedule/blocks/new/", blocks.block_create, name="block_create"),
    path("schedule/blocks/move/", blocks.block_move, name="block_move"),
    path("schedule/blocks/<uuid:pk>/", blocks.block_edit, name="block_edit"),
    path("schedule/blocks/<uuid:pk>/remove/", blocks.block_remove, name="block_remove"),
    path("schedule/blocks/changes/<uuid:pk>/undo/", blocks.block_undo, name="block_undo"),
    path("schedule/<uuid:pk>/", appointments.appointment_detail, name="appointment_detail"),
    path("schedule/<uuid:pk>/confirm/", appointments.appointment_confirm, name="appointment_confirm"),
    path("schedule/<uuid:pk>/decline/", appointments.appointment_decline, name="appointment_decline"),
    path("schedule/<uuid:pk>/here/", appointments.appointment_check_in, name="appointment_check_in"),
    path("schedule/<uuid:pk>/done/", appointments.appointment_complete, name="appointment_complete"),
    path("schedule/<uuid:pk>/missed/", appointments.appointment_miss, name="appointment_miss"),
    path("schedule/<uuid:pk>/cancel/", appointments.appointment_cancel, name="appointment_cancel"),
    path("schedule/changes/<uuid:pk>/undo/", appointments.appointment_undo, name="appointment_undo"),
    path("schedule/feeds/", feeds.feed_list, name="feed_list"),
    path("schedule/feeds/<uuid:pk>/issue/", feeds.feed_issue, name="feed_issue"),
    path("schedule/feeds/<uuid:pk>/withdraw/", feeds.feed_withdraw, name="feed_withdraw"),
    path("schedule/feeds/<uuid:clinic_id>/<str:token>.ics", feeds.provider_feed, name="provider_feed"),
]

waitlist = [
    path("schedule/waiting/", waitlist_views.waitlist, name="waitlist"),
    path("schedule/waiting/new/", waitlist_views.waitlist_join, name="waitlist_join"),
    path("schedule/waiting/<uuid:pk>/leave/", waitlist_views.waitlist_leave, name="waitlist_leave"),
    path("schedule/waiting/<uuid:pk>/return/", waitlist_views.waitlist_return, name="waitlist_return"),
    path("schedule/freed/<uuid:pk>/", offering.waitlist_offer, name="waitlist_offer"),
    path("schedule/freed/<uuid:pk>/rounds/", offering.waitlist_rounds, name="waitlist_rounds"),
    path("schedule/freed/<uuid:pk>/stop/", offering.waitlist_stop, name="waitlist_stop"),
    path("schedule/freed/<uuid:pk>/<uuid:entry_pk>/take/", offering.waitlist_take, name="waitlist_take"),
    path("schedule/freed/<uuid:pk>/<uuid:entry_pk>/refuse/", offering.waitlist_refuse, name="waitlist_refuse"),
    path("schedule/offers/<uuid:pk>/undo/", offering.waitlist_answer_undo, name="waitlist_answer_undo"),
]

emr_records = [
    path("emr/waiting/", emr_review.emr_issue_list, name="emr_issue_list"),
    path("emr/waiting/decide/", emr_review.emr_issue_bulk, name="emr_issue_bulk"),
    path("emr/waiting/<uuid:pk>/", emr_review.emr_issue_detail, name="emr_issue_detail"),
    path("emr/waiting/<uuid:pk>/decide/", emr_review.emr_issue_decide, name="emr_issue_decide"),
    path("emr/runs/", emr_runs.emr_run_list, name="emr_run_list"),
    path("emr/runs/<uuid:pk>/", emr_runs.emr_run_detail, name="emr_run_detail"),
    path("emr/runs/<uuid:pk>/not-taken/", emr_runs.emr_run_csv, name="emr_run_csv"),
    path("emr/runs/<uuid:pk>/undo/", emr_runs.emr_run_undo, name="emr_run_undo"),
    path("emr/files/", emr_files.emr_file_list, name="emr_file_list"),
    path("emr/files/new/", emr_files.emr_file_create, name="emr_file_create"),
    path("emr/files/<uuid:pk>/", emr_files.emr_file_detail, name="emr_file_detail"),
    path("emr/files/<uuid:pk>/columns/", emr_files.emr_file_columns, name="emr_file_columns"),
    path("emr/files/<uuid:pk>/check/", emr_files.emr_file_check, name="emr_file_check"),
    path("emr/files/<uuid:pk>/import/", emr_files.emr_file_import, name="emr_file_import"),
    path("emr/files/<uuid:pk>/undo/", emr_files.emr_file_undo, name="emr_file_undo"),
    path("emr/files/<uuid:pk>/delete/", emr_files.emr_file_delete, name="emr_file_delete"),
]

emr_connected = [
    path("emr/", emr_connections.emr_connection_list, name="emr_connection_list"),
    path("emr/new/", emr_connections.emr_connection_create, name="emr_connection_create"),
    path("emr/keys/<uuid:clinic_id>/<uuid:pk>.json", emr_connections.emr_keys, name="emr_keys"),
    path("emr/<uuid:pk>/", emr_connections.emr_connection_detail, name="emr_connection_detail"),
    path("emr/<uuid:pk>/edit/", emr_connections.emr_connection_edit, name="emr_connection_edit"),
    path("emr/<uuid:pk>/pause/", emr_connections.emr_connection_pause, name="emr_connection_pause"),
    path("emr/<uuid:pk>/resume/", emr_connections.emr_connection_resume, name="emr_connection_resume"),
    path("emr/<uuid:pk>/test/", emr_connections.emr_connection_test, name="emr_connection_test"),
    path("emr/<uuid:pk>/sync/", emr_connections.emr_connection_sync, name="emr_connection_sync"),
    path("emr/<uuid:pk>/key/", emr_connections.emr_key_rotate, name="emr_key_rotate"),
    path("emr/writes/<uuid:pk>/repeat/", emr_connections.emr_write_repeat, name="emr_write_repeat"),
]

urlpatterns = [*patients, *payment_files, *calendar, *waitlist, *emr_records, *emr_connected]
