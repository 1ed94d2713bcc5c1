"""What every view of the inbox needs: the list beside, the conversation of the address, and its page after an act."""

from dataclasses import replace
from functools import wraps
from urllib.parse import urlencode
from uuid import uuid4

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.access import may
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.pages import page, toast, trigger
from clinics.saved_views import may_change_view
from crm.forms.timing import PRESETS
from inbox.approved import Fillable
from inbox.drafting import answering_subject, drafts_of
from inbox.drawing import ListDrawing, ThreadDrawing
from inbox.forms.replies import NOTE
from inbox.handling import tags_of
from inbox.merge_fields import fill, values_for
from inbox.models import Channel, UnifiedConversation
from inbox.notes import may_be_named
from inbox.page_questions import CANNED, CONVERSATION, MEMBERS, SAVED_VIEWS, TEMPLATES
from inbox.people import person_panel
from inbox.reading import read_conversation
from inbox.shelves import Asked, read_key, read_shelf, shelf_bar
from inbox.thread import read_thread
from inbox.ways import ways_to

DETAIL = "inbox/conversation_detail.html"
KEPT = ("box", "channel", "tag", "q", "view")
EMPTY = {
    "waiting": _("Nobody waits for an answer. Well done."),
    "unread": _("Everything is read."),
    "unmatched": _("Everybody who wrote is known."),
    "snoozed": _("Nothing is put off. S puts a conversation off until it can go on."),
    "mentions": _("Nobody has named you in a note."),
}


def on_conversation(view):
    """Hand the conversation of the address to a view, 404 if there is none here; a broken rule becomes a toast, 409.

    The address of one that was merged leads to the one that is left.
    """

    @wraps(view)
    def on_that_conversation(request, pk, **kwargs):
        conversation = next(iter(CONVERSATION.rows(conversation=pk)), None)
        if conversation is None:
            raise Http404
        if conversation.merged_into_id:
            if request.method != "GET":
                raise Http404
            return redirect("inbox:conversation_detail", conversation.merged_into_id)
        try:
            return view(request, conversation, **kwargs)
        except RuleBroken as broken:
            toast(request, broken, level="error")
            return show_conversation(request, conversation, part="open", status=409)

    return on_that_conversation


def list_context(request, opened=None):
    """The list beside the conversation, as the address asks for it; `opened` is the id of the one that is read."""
    asked = Asked.of(request.GET)
    conversations = read_shelf(asked, request.member)
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    query = f"?{urlencode(kept)}" if kept else ""
    address = reverse("inbox:inbox")
    more = kept | {"part": "more", "after": conversations.more}
    return {
        "asked": asked,
        "now": timezone.now(),
        "conversations": conversations,
        "drawn_rows": ListDrawing(query, may_tick=may(request.member, "inbox:reply")).of_all(
            conversations.rows, opened
        ),
        "query": query,
        "back_url": f"{address}{query}",
        "list_url": f"{address}?{urlencode(kept | {'part': 'rows', 'rows': max(conversations.shown, 1)})}",
        "more_url": f"{address}?{urlencode(more)}",
        "bulk_key": uuid4(),
        "bulk_query": urlencode({name: value for name, value in kept.items() if name != "view"}),
        "views_url": f"{address}?{urlencode(kept | {'part': 'views'})}",
        "matching_url": f"{address}?{urlencode(kept | {'part': 'matching'})}",
        "empty_title": _("Nothing here"),
        "empty_text": EMPTY.get(asked.shelf.key, _("When somebody writes, it stands here at once.")),
    }


def bar_context(request, asked, tags=None):
    """The shelves beside the list, each with its number, and the views that were given a name."""
    views = SAVED_VIEWS.rows(member=request.member.pk)
    here = next((view for view in views if str(view.pk) == request.GET.get("view")), None)
    bar = {"asked": asked, "bar": shelf_bar(asked, request.member, tags), "saved_views": views, "saved_view": here}
    return bar | {"may_change_view": here is not None and may_change_view(here, request.member)}


def frame_context(request, opened=None, at_work=None, tags=None):
    """The list, and the shelves beside it; with the members `at_work` and the `tags` of the clinic if at hand."""
    context = list_context(request, opened)
    asked = context["asked"]
    context |= bar_context(request, asked, tags)
    tag = next((tag for tag, is_here in context["bar"].tags if is_here), None)
    title = _("Found") if asked.text else tag or (asked.channel and Channel(asked.channel).label) or asked.shelf.label
    return context | {
        "list_title": title,
        "members": _answering(_at_work(request) if at_work is None else at_work),
        "presets": PRESETS[:-1],
    }


def _at_work(request):
    """The members of the clinic, for those who may give a conversation to one of them or name one."""
    return MEMBERS.rows() if may(request.member, "inbox:reply") else []


def _answering(members):
    return [member for member in members if may(member, "inbox:reply")]


def show_conversation(request, conversation, *, part="open", status=200, **more):
    """The page of a conversation, or to htmx the named part of it; whoever may answer has read it then."""
    is_part = bool(request.htmx) and not request.htmx.history_restore_request
    if part == "open":
        record_read(conversation, by=request.member)
    if not is_part:
        more |= {"at_work": _at_work(request), "tags": tags_of(conversation)}
    frame = {} if is_part else frame_context(request, conversation.pk, more["at_work"], more["tags"])
    context = frame | conversation_context(request, conversation, part, **more)
    return page(request, DETAIL, context, part=part, status=status)


def conversation_context(request, conversation, part, *, stays_unread=False, at_work=None, tags=None, **more):
    """What one conversation shows: its thread, and for more than that also the composer and whom it is with."""
    before, since = read_key(request.GET.get("before", "")), read_key(request.GET.get("since", ""))
    may_reply = may(request.member, "inbox:reply")
    reads = may_reply and part != "older" and not stays_unread
    until = read_conversation(conversation, by=request.member) if reads else None
    thread = read_thread(conversation, before=before, since=since if part == "thread" else None, read_until=until)
    thread = replace(thread, entries=ThreadDrawing(conversation).of_all(thread.entries))
    context = {"conversation": conversation, "thread": thread, "may_reply": may_reply, "now": timezone.now()}
    if part in ("thread", "older"):
        return context | more
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    panel = person_panel(conversation, request.member)
    at_work = _at_work(request) if at_work is None else at_work
    context |= {
        "panel": panel,
        "at_work": at_work,
        "members": _answering(at_work),
        "tags": tags_of(conversation) if tags is None else tags,
        "presets": PRESETS[:-1],
        "channel_names": [Channel(channel).label for channel in conversation.channels],
        "back_url": f"{reverse('inbox:inbox')}{f'?{urlencode(kept)}' if kept else ''}",
    }
    if may_reply:
        context |= composer_context(request, conversation, form=more.pop("reply_form", None), context=context)
    return context | more


def composer_context(request, conversation, *, form=None, context=None):
    """What the composer shows: the ways to the person, what was begun, and what can be put in by a key.

    `context` is what is known for the page around it.
    """
    context = context or {}
    panel = context.get("panel") or person_panel(conversation, request.member)
    draft, typing = drafts_of(conversation, request.member)
    ways = ways_to(conversation, request.clinic, panel.addresses)
    templates = TEMPLATES.rows() if any(way.channel == Channel.WHATSAPP for way in ways) else []
    values = values_for(conversation, request.member, coming=panel.coming)
    usable = CANNED.rows(member=request.member.pk)
    chosen = (form and form.data.get("channel")) or draft.channel or (ways[0].channel if ways else NOTE)
    return {
        "conversation": conversation,
        "may_reply": True,
        "draft": draft,
        "reply_form": form,
        "reply_key": (form and form.data.get("key")) or uuid4(),
        "ways": ways,
        "chosen": chosen,
        "subject": draft.subject or answering_subject(conversation),
        "shared_with": panel.others,
        "canned": [(reply, fill(reply.text, values)) for reply in usable],
        "templates": [Fillable.of(row, values, form and form.data) for row in templates],
        "nameable": may_be_named(context.get("at_work")),
        "typing": typing,
        "presets": PRESETS[:-1],
    }


def show_again(request, conversation, *events, stays_unread=False):
    """After an act: to htmx the conversation as it stands now, else the way back to its page."""
    if not request.htmx:
        return redirect(conversation)
    conversation = UnifiedConversation.objects.for_page().get(pk=conversation.pk)
    context = conversation_context(request, conversation, "open", stays_unread=stays_unread)
    response = page(request, DETAIL, context, part="open")
    response["HX-Retarget"], response["HX-Reswap"] = "#inbox-open", "outerHTML"
    return trigger(response, "inbox-changed", *events)
