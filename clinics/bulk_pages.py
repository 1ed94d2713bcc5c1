"""The pages of acts on many people, which every room with a long list has: doing, looking, taking back, and the file.

A room says once, as `BulkPages`, what its people, acts and words are; its views add the address and who may come in.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.access import may
from clinics.csv_export import csv_stream
from clinics.errors import RuleBroken
from clinics.jobs import may_steer
from clinics.pages import go_to, page, paginate, part, toast, trigger

NOTHING_TO_DRAW = "parts/_bulk_done.html"


@dataclass(frozen=True)
class BulkPages:
    """What the pages of one room work with.

    `start(kind, chosen, facts, by=, key=)` and `undo(act, by=)` are its verbs; `kinds` and `acts` what can be done;
    `selection` the form that says whom, `forms` those that each kind asks, `facts_of(form)` what such a form says.
    `changed` is the event that its lists listen to, `undone(n)` the words for n people who are as they were.
    """

    start: Callable
    undo: Callable
    kinds: type
    acts: dict
    selection: type
    forms: dict
    facts_of: Callable
    act_model: type
    row_model: type
    permission_for_all: str
    list_view: str
    undo_view: str
    template: str
    changed: str
    undone: Callable

    def run(self, request, word):
        """Do one thing to those who were ticked, or to all that match: a few at once, many in the background."""
        kind = self._kind_of(word)
        selection, form = self.selection(request.POST), self.forms[kind](request.POST)
        if not selection.is_valid() or not form.is_valid():
            return self._refuse(request, selection, _first_error(selection, form), status=422)
        self.check_may(request, kind, selection.chosen, form)
        try:
            key = selection.cleaned_data["key"]
            act = self.start(kind, selection.chosen, self.facts_of(form), by=request.member, key=key)
        except RuleBroken as rule:
            return self._refuse(request, selection, rule)
        if act.job is not None or self.is_to_be_read(act):
            return go_to(request, act.get_absolute_url())
        self._report(request, act)
        return self._answer(request, selection)

    def show(self, request, pk):
        """What became of an act: how far it is, who was left out and why, and the way to take it back."""
        act = get_object_or_404(self.act_model.objects.for_page(), pk=pk)
        return page(request, self.template, self.context_of(request, act), part="bulk-state")

    def context_of(self, request, act):
        """What the page of an act shows; a room may add to it."""
        return {
            "act": act,
            "page": paginate(request, self.row_model.objects.of_act(act).remarkable().for_list()),
            "may_undo": act.may_be_undone and may(request.member, self.acts[act.kind].permission),
            "may_steer": act.is_at_work and may_steer(act.job, request.member),
        }

    def is_to_be_read(self, act):
        """Whether an act that is done leaves something to do, so that its page opens instead of a toast."""
        return False

    def take_back(self, request, pk):
        """Take an act back, from its toast or its page."""
        act = get_object_or_404(self.act_model.objects.for_page(), pk=pk)
        _check(request, self.acts[act.kind].permission)
        try:
            act = self.undo(act, by=request.member)
        except RuleBroken as rule:
            toast(request, rule, level="error")
            return part(request, NOTHING_TO_DRAW, {}, otherwise=act, status=409)
        if act.is_at_work:
            return go_to(request, act.get_absolute_url())
        kept = ngettext("%(n)s was changed since and stays.", "%(n)s were changed since and stay.", act.kept_count)
        words = [self.undone(act.undone_count), *([kept % {"n": act.kept_count}] if act.kept_count else [])]
        toast(request, " ".join(words))
        return trigger(part(request, NOTHING_TO_DRAW, {}, otherwise=act), self.changed)

    def file(self, pk, name, header, cells_of):
        """Everybody of an act with what became of them and why, as a file; `cells_of(row)` are those under `header`."""
        act = get_object_or_404(self.act_model, pk=pk)
        rows = self.row_model.objects.of_act(act).for_list().iterator(chunk_size=500)
        return csv_stream(f"{name}.csv", [str(words) for words in header], (cells_of(row) for row in rows))

    def check_may(self, request, kind, chosen, form):
        """Raise PermissionDenied unless the member may do this, and to that many; a room may ask for more."""
        _check(request, self.acts[kind].permission)
        if chosen.query is not None:
            _check(request, self.permission_for_all)

    def _kind_of(self, word):
        """An act that has a form in the bar; others are begun on pages of their own."""
        kind = word.upper()
        if kind not in self.forms:
            raise Http404
        return self.kinds(kind)

    def _report(self, request, act):
        done = ngettext("%(act)s: done.", "%(act)s: %(n)s done.", act.done_count)
        words = [done % {"act": act.title, "n": act.done_count} if act.done_count else _("Nothing was changed.")]
        if act.skipped_count:
            left = ngettext("%(n)s left out: %(why)s", "%(n)s left out, the first because: %(why)s", act.skipped_count)
            reasons = self.row_model.objects.of_act(act).remarkable().for_list().values_list("reason", flat=True)
            words.append(left % {"n": act.skipped_count, "why": reasons.first()})
        undo = (self.undo_view, act.pk) if act.done_count else None
        toast(request, " ".join(words), undo=undo, level="info" if act.done_count else "error")

    def _refuse(self, request, selection, rule, *, status=409):
        toast(request, rule, level="error")
        return self._answer(request, selection, status=status)

    def _answer(self, request, selection, *, status=200):
        """To htmx the news that people changed, so that what shows them draws itself anew; else the page of before."""
        if not request.htmx:
            back = selection.data.get("back", "")
            is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
            return redirect(back if is_ours else self.list_view)
        response = part(request, NOTHING_TO_DRAW, {}, status=status)
        return trigger(response, "dialog:close", *([self.changed] if status == 200 else []))


def _check(request, code):
    if not may(request.member, code):
        raise PermissionDenied


def _first_error(*forms):
    return next(str(message) for form in forms for messages in form.errors.values() for message in messages)
