from django.urls import path

from inbox.views import conversations
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

urlpatterns = [*reading]
