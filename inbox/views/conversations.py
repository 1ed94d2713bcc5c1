from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.audit import record_read
from clinics.documents.reading import download
from clinics.pages import page
from inbox.files import open_file
from inbox.mail_html import harmless_html
from inbox.models import MessageAttachment
from inbox.people import person_panel
from inbox.views.showing import on_conversation, show_conversation

PARTS = ("thread", "older")


@require_GET
@staff_page("inbox:read")
@on_conversation
def conversation_detail(request, conversation):
    """What was said with one person; htmx asks for the stretch shown again, or for what stands before it."""
    part = request.GET.get("part")
    return show_conversation(request, conversation, part=part if request.htmx and part in PARTS else "open")


@require_GET
@staff_page("inbox:read")
@on_conversation
def conversation_person(request, conversation):
    """Whom a conversation is with, where a window has no room for it beside the thread; htmx asks for it again."""
    if not request.htmx:
        record_read(conversation, by=request.member)
    context = {"conversation": conversation, "panel": person_panel(conversation, request.member)}
    return page(request, "inbox/conversation_person.html", context, part="person")


@require_GET
@staff_page("inbox:read")
@on_conversation
def message_original(request, conversation, message_pk):
    """An e-mail with all that it quotes, made harmless."""
    message = get_object_or_404(conversation.messages, pk=message_pk)
    context = {"conversation": conversation, "message": message, "html": harmless_html(message.html)}
    return page(request, "inbox/message_original.html", context, part="original")


@require_GET
@staff_page("inbox:read")
@on_conversation
def message_file(request, conversation, file_pk):
    """A file of a message as a download, never shown inside the browser; who fetched it is on record."""
    attachment = get_object_or_404(MessageAttachment.objects.of_conversation(conversation), pk=file_pk)
    return download(attachment, open_file(attachment, by=request.member))
