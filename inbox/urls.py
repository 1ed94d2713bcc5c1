from django.urls import path

from inbox.views import accounts, conversations, preferences, sending, stopped
from inbox.views import consent as consent_views
from inbox.views import inbox as inbox_views
from inbox.views import sandbox as sandbox_views

app_name = "inbox"

reading = [
    path("inbox/", inbox_views.inbox, name="inbox"),
    path("inbox/<uuid:pk>/", conversations.conversation_detail, name="conversation_detail"),
    path("inbox/<uuid:pk>/person/", conversations.conversation_person, name="conversation_person"),
    path(
        "inbox/<uuid:pk>/messages/<uuid:message_pk>/original/", conversations.message_original, name="message_original"
    ),
    path("inbox/<uuid:pk>/files/<uuid:file_pk>/", conversations.message_file, name="message_file"),
]

public = [
    path("p/<str:token>/", preferences.public_preferences, name="public_preferences"),
    path("p/<str:token>/unsubscribe/", preferences.public_unsubscribe, name="public_unsubscribe"),
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

urlpatterns = [*reading, *public, *consent, *sender, *channels]
