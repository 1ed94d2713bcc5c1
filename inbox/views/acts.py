from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics.access import staff_page
from clinics.models import ClinicUser, Tag
from clinics.pages import toast
from clinics.templatetags.ui import day_and_time
from inbox.forms.acts import AssignForm, PutOffForm
from inbox.handling import (
    acts_on,
    assign_conversation,
    reopen_conversation,
    resolve_conversation,
    snooze_conversation,
    tag_conversation,
    undo_act,
    untag_conversation,
    wake_conversation,
)
from inbox.reading import unread_conversation
from inbox.views.showing import on_conversation, show_again, show_conversation


@require_POST
@staff_page("inbox:assign")
@on_conversation
def conversation_assign(request, conversation):
    form = AssignForm(request.POST, members=ClinicUser.objects.active())
    if not form.is_valid():
        toast(request, _("Choose who is to have it."), level="error")
        return show_conversation(request, conversation, status=422)
    member = form.cleaned_data["member"]
    event = assign_conversation(conversation, member, by=request.member)
    said = _("%(who)s has it now.") % {"who": member.display_name} if member else _("Nobody has it now.")
    return report(request, conversation, event, said)


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_snooze(request, conversation):
    form = PutOffForm(request.POST)
    if not form.is_valid():
        toast(request, _("Choose until when."), level="error")
        return show_conversation(request, conversation, status=422)
    event = snooze_conversation(conversation, form.cleaned_data["due_at"], by=request.member)
    when = day_and_time(form.cleaned_data["due_at"])
    return report(request, conversation, event, _("Put off until %(when)s, or until they write.") % {"when": when})


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_wake(request, conversation):
    event = wake_conversation(conversation, by=request.member)
    return report(request, conversation, event, _("It is back in the inbox."))


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_resolve(request, conversation):
    event = resolve_conversation(conversation, by=request.member)
    return report(request, conversation, event, _("Resolved. It opens again when they write."))


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_reopen(request, conversation):
    event = reopen_conversation(conversation, by=request.member)
    return report(request, conversation, event, _("It is open again."))


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_undo(request, conversation, event_pk):
    undo_act(conversation, get_object_or_404(acts_on(conversation), pk=event_pk), by=request.member)
    toast(request, _("It is again as it was."))
    return show_again(request, conversation)


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_unread(request, conversation):
    unread_conversation(conversation, by=request.member)
    toast(request, _("It stands as unread."))
    return show_again(request, conversation, stays_unread=True)


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_tag(request, conversation, tag_pk):
    tag = get_object_or_404(Tag, pk=tag_pk)
    if tag_conversation(conversation, tag, by=request.member):
        toast(request, _("Tagged: %(tag)s.") % {"tag": tag}, undo=("inbox:conversation_untag", conversation.pk, tag.pk))
    return show_again(request, conversation)


@require_POST
@staff_page("inbox:reply")
@on_conversation
def conversation_untag(request, conversation, tag_pk):
    tag = get_object_or_404(Tag, pk=tag_pk)
    if untag_conversation(conversation, tag, by=request.member):
        said = _("%(tag)s is off.") % {"tag": tag}
        toast(request, said, undo=("inbox:conversation_tag", conversation.pk, tag.pk))
    return show_again(request, conversation)


def report(request, conversation, event, said):
    """Say what came of an act; what changed something can be taken back."""
    if event is not None:
        toast(request, said, undo=("inbox:conversation_undo", conversation.pk, event.pk))
    return show_again(request, conversation)
