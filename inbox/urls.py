from django.urls import path

from inbox.views import conversations, preferences, sending, stopped
from inbox.views import inbox as inbox_views

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

urlpatterns = [*reading, *public, *consent, *sender]
