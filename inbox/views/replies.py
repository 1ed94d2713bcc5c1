from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.pages import page, part, toast, trigger
from clinics.templatetags.ui import day_and_time
from inbox.drafting import draft_of, put_back, save_draft, who_types
from inbox.forms.replies import DraftForm, ReplyForm
from inbox.models import ConversationNote
from inbox.notes import delete_note, restore_note, write_note
from inbox.planning import cancel_message, resend_message
from inbox.replying import send_reply
from inbox.rules import DraftGoneOn
from inbox.views.showing import DETAIL, composer_context, on_conversation, show_again, show_conversation

NEWS = ("conversation-changed", "inbox-changed")


@require_POST
@staff_page("inbox:reply")
@on_conversation
def reply_send(request, conversation):
    """Send an answer, at once or later, or leave a note; what is refused stays in the composer as typed."""
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_composer(request, conversation, form=form, status=422)
    try:
        if form.is_note:
            note = write_note(conversation, form.cleaned_data["text"], by=request.member)
            undo = ("inbox:note_delete", conversation.pk, note.pk)
            toast(request, _("Your colleagues see the note."), undo=undo)
        else:
            message = send_reply(conversation, form.reply, by=request.member, key=form.cleaned_data["key"])
            toast(request, said_of(message, form), undo=("inbox:message_cancel", conversation.pk, message.pk))
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return show_composer(request, conversation, form=form, status=409)
    if not request.htmx or form.cleaned_data["then"]:
        return show_again(request, conversation)
    return trigger(show_composer(request, conversation), *NEWS)


def said_of(message, form):
    if form.reply["not_before"]:
        return _("It goes at the time you chose: %(when)s.") % {"when": day_and_time(message.not_before).rstrip(".")}
    return _("On its way. For ten seconds it can be taken back.")


@require_POST
@staff_page("inbox:reply")
@on_conversation
def reply_draft(request, conversation):
    """Keep what is being written; a tab that is behind is told so, and shows the newer words beside its own."""
    form = DraftForm(request.POST)
    if not form.is_valid():
        context = {"draft": draft_of(conversation, request.member), "draft_state": _("not kept")}
        return show_draft(request, conversation, context, status=422)
    facts = {name: form.cleaned_data[name] for name in ("version", "channel", "subject", "text")}
    try:
        draft = save_draft(conversation, by=request.member, **facts)
    except DraftGoneOn as gone_on:
        context = {"newer": gone_on.draft, "draft": gone_on.draft, "draft_state": str(gone_on)}
        return show_draft(request, conversation, context)
    return show_draft(request, conversation, {"draft": draft, "draft_state": _("kept") if draft.text else ""})


def show_draft(request, conversation, context, *, status=200):
    """What is said of a draft; it is kept while somebody types, so that without htmx the conversation comes again."""
    return part(request, f"{DETAIL}#draft", context, otherwise=conversation.get_absolute_url(), status=status)


@require_GET
@staff_page("inbox:reply")
@on_conversation
def reply_typing(request, conversation):
    """Who of the colleagues is writing here at the moment."""
    context = {"conversation": conversation, "typing": who_types(conversation, request.member)}
    return part(request, f"{DETAIL}#typing", context, otherwise=conversation.get_absolute_url())


@require_POST
@staff_page("inbox:reply")
@on_conversation
def message_cancel(request, conversation, message_pk):
    message = cancel_message(get_object_or_404(conversation.messages, pk=message_pk), by=request.member)
    put_back(message, by=request.member)
    toast(request, _("It was not sent. The words are in the composer again."))
    return show_again(request, conversation)


@require_POST
@staff_page("inbox:reply")
@on_conversation
def message_resend(request, conversation, message_pk):
    message = resend_message(get_object_or_404(conversation.messages, pk=message_pk), by=request.member)
    said = _("On its way once more.")
    toast(request, said, undo=("inbox:message_cancel", conversation.pk, message.pk))
    return show_again(request, conversation)


@require_POST
@staff_page("inbox:reply")
@on_conversation
def note_delete(request, conversation, note_pk):
    note = delete_note(get_object_or_404(ConversationNote, pk=note_pk, conversation=conversation), by=request.member)
    toast(request, _("The note is gone."), undo=("inbox:note_restore", conversation.pk, note.pk))
    return show_again(request, conversation)


@require_POST
@staff_page("inbox:reply")
@on_conversation
def note_restore(request, conversation, note_pk):
    restore_note(get_object_or_404(ConversationNote, pk=note_pk, conversation=conversation), by=request.member)
    toast(request, _("The note is back."))
    return show_again(request, conversation)


def show_composer(request, conversation, *, form=None, status=200):
    """The composer alone; without htmx the whole page, with what was refused in it."""
    if not request.htmx:
        return show_conversation(request, conversation, status=status, reply_form=form)
    context = composer_context(request, conversation, form=form)
    return page(request, DETAIL, context, part="composer", status=status)
