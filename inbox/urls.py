from django.urls import path

from inbox.views import (
    accounts,
    acts,
    bulk,
    calling,
    canned,
    conversations,
    exporting,
    lending,
    matching,
    panels,
    preferences,
    replies,
    satisfaction,
    satisfaction_report,
    sending,
    stopped,
)
from inbox.views import consent as consent_views
from inbox.views import inbox as inbox_views
from inbox.views import sandbox as sandbox_views

app_name = "inbox"

reading = [
    path("inbox/", inbox_views.inbox, name="inbox"),
    path("inbox/satisfaction/", satisfaction_report.satisfaction_report, name="satisfaction_report"),
    path("inbox/<uuid:pk>/", conversations.conversation_detail, name="conversation_detail"),
    path("inbox/<uuid:pk>/export/", exporting.conversation_csv, name="conversation_csv"),
    path("inbox/<uuid:pk>/export.json", exporting.conversation_json, name="conversation_json"),
    path("inbox/<uuid:pk>/print/", exporting.conversation_print, name="conversation_print"),
    path("inbox/<uuid:pk>/person/", conversations.conversation_person, name="conversation_person"),
    path(
        "inbox/<uuid:pk>/messages/<uuid:message_pk>/original/", conversations.message_original, name="message_original"
    ),
    path("inbox/<uuid:pk>/files/<uuid:file_pk>/", conversations.message_file, name="message_file"),
]
answering = [
    path("inbox/<uuid:pk>/reply/", replies.reply_send, name="reply_send"),
    path("inbox/<uuid:pk>/draft/", replies.reply_draft, name="reply_draft"),
    path("inbox/<uuid:pk>/typing/", replies.reply_typing, name="reply_typing"),
    path("inbox/<uuid:pk>/messages/<uuid:message_pk>/cancel/", replies.message_cancel, name="message_cancel"),
    path("inbox/<uuid:pk>/messages/<uuid:message_pk>/resend/", replies.message_resend, name="message_resend"),
    path("inbox/<uuid:pk>/notes/<uuid:note_pk>/delete/", replies.note_delete, name="note_delete"),
    path("inbox/<uuid:pk>/notes/<uuid:note_pk>/restore/", replies.note_restore, name="note_restore"),
]
acting = [
    path("inbox/<uuid:pk>/assign/", acts.conversation_assign, name="conversation_assign"),
    path("inbox/<uuid:pk>/snooze/", acts.conversation_snooze, name="conversation_snooze"),
    path("inbox/<uuid:pk>/wake/", acts.conversation_wake, name="conversation_wake"),
    path("inbox/<uuid:pk>/resolve/", acts.conversation_resolve, name="conversation_resolve"),
    path("inbox/<uuid:pk>/reopen/", acts.conversation_reopen, name="conversation_reopen"),
    path("inbox/<uuid:pk>/unread/", acts.conversation_unread, name="conversation_unread"),
    path("inbox/<uuid:pk>/acts/<uuid:event_pk>/undo/", acts.conversation_undo, name="conversation_undo"),
    path("inbox/<uuid:pk>/tags/<uuid:tag_pk>/", acts.conversation_tag, name="conversation_tag"),
    path("inbox/<uuid:pk>/tags/<uuid:tag_pk>/remove/", acts.conversation_untag, name="conversation_untag"),
]
on_many = [
    path("inbox/many/<slug:kind>/", bulk.conversation_bulk_run, name="conversation_bulk_run"),
    path("inbox/many/acts/<uuid:pk>/", bulk.conversation_bulk_detail, name="conversation_bulk_detail"),
    path("inbox/many/acts/<uuid:pk>/undo/", bulk.conversation_bulk_undo, name="conversation_bulk_undo"),
    path("inbox/many/acts/<uuid:pk>/csv/", bulk.conversation_bulk_csv, name="conversation_bulk_csv"),
]
matching_people = [
    path("inbox/<uuid:pk>/people/", matching.conversation_people, name="conversation_people"),
    path("inbox/<uuid:pk>/match/<slug:kind>/<uuid:person_pk>/", matching.conversation_match, name="conversation_match"),
    path("inbox/<uuid:pk>/merged/<uuid:other_pk>/part/", matching.conversation_part, name="conversation_part"),
    path("inbox/<uuid:pk>/addresses/<uuid:address_pk>/split/", matching.conversation_split, name="conversation_split"),
]
beside_people = [
    path("inbox/leads/<uuid:pk>/", panels.lead_panel, name="lead_panel"),
    path("inbox/leads/<uuid:pk>/call/", calling.lead_call, name="lead_call"),
    path("inbox/patients/<uuid:pk>/call/", calling.patient_call, name="patient_call"),
    path("inbox/leads/<uuid:pk>/write/", panels.lead_write, name="lead_write"),
    path("inbox/patients/<uuid:pk>/", panels.patient_panel, name="patient_panel"),
    path("inbox/patients/<uuid:pk>/write/", panels.patient_write, name="patient_write"),
]
canned_replies = [
    path("inbox/replies/", canned.canned_list, name="canned_list"),
    path("inbox/replies/new/", canned.canned_create, name="canned_create"),
    path("inbox/replies/<uuid:pk>/", canned.canned_edit, name="canned_edit"),
    path("inbox/replies/<uuid:pk>/delete/", canned.canned_delete, name="canned_delete"),
    path("inbox/replies/<uuid:pk>/restore/", canned.canned_restore, name="canned_restore"),
]

public = [
    path("p/file/<str:token>/", lending.public_file, name="public_file"),
    path("p/<str:token>/", preferences.public_preferences, name="public_preferences"),
    path("p/<str:token>/unsubscribe/", preferences.public_unsubscribe, name="public_unsubscribe"),
    path("s/<str:token>/", satisfaction.public_satisfaction, name="public_satisfaction"),
]

consent = [
    path("inbox/<uuid:pk>/consent/", consent_views.conversation_consent, name="conversation_consent"),
    path("inbox/<uuid:pk>/consent/note/", consent_views.conversation_consent_note, name="conversation_consent_note"),
    path("inbox/<uuid:pk>/consent.json", consent_views.conversation_evidence, name="conversation_evidence"),
    path("inbox/consent/import/", consent_views.consent_import, name="consent_import"),
    path("inbox/consent/import/<uuid:pk>/", consent_views.consent_import_detail, name="consent_import_detail"),
    path("inbox/stopped/", stopped.suppression_list, name="suppression_list"),
    path("inbox/stopped/<uuid:pk>/lift/", stopped.suppression_lift, name="suppression_lift"),
    path("inbox/stopped/<uuid:pk>/settle/", stopped.refusal_settle, name="refusal_settle"),
]

sender = [
    path("inbox/sending/", sending.sending, name="sending"),
    path("inbox/sending/stop/", sending.sending_stop, name="sending_stop"),
    path("inbox/sending/resume/", sending.sending_resume, name="sending_resume"),
    path("inbox/sending/<uuid:pk>/decide/", sending.message_decide, name="message_decide"),
]

channels = [
    path("inbox/accounts/", accounts.account_list, name="account_list"),
    path("inbox/accounts/new/<slug:way>/", accounts.account_create, name="account_create"),
    path("inbox/accounts/<uuid:pk>/", accounts.account_detail, name="account_detail"),
    path("inbox/accounts/<uuid:pk>/edit/", accounts.account_edit, name="account_edit"),
    path("inbox/accounts/<uuid:pk>/test/", accounts.account_test, name="account_test"),
    path("inbox/accounts/<uuid:pk>/default/", accounts.account_default, name="account_default"),
    path("inbox/accounts/<uuid:pk>/pause/", accounts.account_pause, name="account_pause"),
    path("inbox/accounts/<uuid:pk>/resume/", accounts.account_resume, name="account_resume"),
    path("inbox/sandbox/", sandbox_views.sandbox, name="sandbox"),
    path("inbox/sandbox/open/", sandbox_views.sandbox_open, name="sandbox_open"),
    path("inbox/sandbox/<uuid:pk>/speak/", sandbox_views.sandbox_speak, name="sandbox_speak"),
]

urlpatterns = [
    *public,
    *canned_replies,
    *reading,
    *answering,
    *acting,
    *on_many,
    *matching_people,
    *beside_people,
    *consent,
    *sender,
    *channels,
]
