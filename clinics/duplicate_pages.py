"""The pages of people who are here twice, which each room that has them shares: review, compare, merge, take back.

A room says once, as `DuplicatePages`, what its people, verbs and words are; its views add the address and who may
come in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.jobs import start_job
from clinics.pages import go_to, page, paginate, toast
from clinics.same_person.words import in_words


@dataclass(frozen=True)
class DuplicatePages:
    """What the pages of one room work with.

    `reviewing` is its module of decisions on a pair (dismiss_pair, reopen_pair, pair_of, next_open); `merge`, `undo`,
    `merges_to_undo`, `near_to` and `choices_between` its functions; `moving(survivor, other)` counts what would move.
    `rank(person)` says who stays unless somebody chooses, the least first; `is_fixed(person)` who cannot be merged.
    `list_template`, `pair_template` and `person_template` are its three pages, the last one about its `noun`.
    `stays` leads from a merge to whoever is left, instead of to the next pair.
    """

    pair_model: type
    merge_model: type
    filter_class: type
    reviewing: ModuleType
    merge: Callable
    undo: Callable
    merges_to_undo: Callable
    near_to: Callable
    choices_between: Callable
    moving: Callable
    rank: Callable
    is_fixed: Callable
    beside: Callable
    noun: str
    list_template: str
    pair_template: str
    person_template: str
    list_view: str
    reopen_view: str
    undo_view: str
    sweep: tuple
    parted: Callable
    stays: bool = False

    def show_list(self, request):
        """Pairs who may be one person, the likeliest first."""
        asked = request.GET.copy()
        asked.setdefault("status", self.pair_model.Status.OPEN)
        found = self.filter_class(asked, queryset=self.pair_model.objects.for_list(), request=request)
        pairs = paginate(request, found.qs)
        rows = [(pair, in_words(pair.reasons)) for pair in pairs]
        context = {"filter": found, "page": pairs, "rows": rows, "status": asked["status"]}
        return page(request, self.list_template, context, part="duplicate-rows")

    def show_pair(self, request, pair, *, survivor_id=None, chosen=None, error=None, status=200):
        """Two side by side: what differs, what would stay, and what would move."""
        people = [pair.one, pair.other]
        people.sort(key=lambda person: (str(person.pk) != survivor_id, *self.rank(person)))
        survivor, other = people
        for person in people:
            record_read(person, by=request.member)
        context = {
            "pair": pair,
            "survivor": survivor,
            "other": other,
            "reasons": in_words(pair.reasons),
            "choices": self.choices_between(survivor, other, chosen),
            "moving": self.moving(survivor, other),
            "may_merge": pair.status != "MERGED" and not any(self.is_fixed(person) for person in people),
            "error": error,
        }
        return page(request, self.pair_template, context, status=status)

    def show(self, request, pk):
        return self.show_pair(request, self._pair(pk), survivor_id=request.GET.get("keep"))

    def merge_pair(self, request, pk):
        """Merge the two of a pair as it was chosen, field by field, if both are as they were seen."""
        pair, posted = self._pair(pk), request.POST
        survivor, other = (pair.one, pair.other) if posted.get("keep") == str(pair.one_id) else (pair.other, pair.one)
        chosen = {name.removeprefix("take_"): side for name, side in posted.items() if name.startswith("take_")}
        seen = [int(text) if text.isdigit() else None for text in posted.get("versions", "").split("-")]
        versions = seen if len(seen) == 2 else None
        try:
            merge = self.merge(survivor, other, by=request.member, choices=chosen, versions=versions)
        except RuleBroken as broken:
            kept = {"survivor_id": str(survivor.pk), "chosen": chosen, "error": broken, "status": 409}
            return self.show_pair(request, self._pair(pk), **kept)
        words = {"other": other, "survivor": merge.survivor}
        toast(request, _("%(other)s is part of %(survivor)s now.") % words, undo=(self.undo_view, merge.pk))
        return redirect(merge.survivor) if self.stays else self._go_on()

    def dismiss(self, request, pk):
        """They are two people: nobody is asked about them again."""
        words = _("These are two people. Nobody is asked about them again.")
        return self.decide(request, pk, self.reviewing.dismiss_pair, words)

    def decide(self, request, pk, verb, words):
        """Do something about a pair (`verb`), and say it; the toast takes it back."""
        pair = self._pair(pk)
        try:
            verb(pair, by=request.member)
        except RuleBroken as broken:
            toast(request, broken, level="error")
            return redirect(pair)
        toast(request, words, undo=(self.reopen_view, pair.pk))
        return self._go_on()

    def reopen(self, request, pk):
        """Take back what was decided on a pair."""
        pair = get_object_or_404(self.pair_model, pk=pk)
        try:
            self.reviewing.reopen_pair(pair, by=request.member)
        except RuleBroken as broken:
            toast(request, broken, level="error")
        return go_to(request, pair.get_absolute_url())

    def look_now(self, request):
        """Look for those who are here twice now, in the background."""
        kind, title = self.sweep
        return redirect(start_job(kind, title=str(title), by=request.member))

    def show_person(self, request, person):
        """Who may be the same as somebody, whom to put beside them, and the merges that can be taken back."""
        if request.method == "POST":
            other = self.beside(request.POST.get("other"))
            if other is not None and other != person:
                return redirect(self.reviewing.pair_of(person, other))
        record_read(person, by=request.member)
        text = request.GET.get("q", "")
        near = [(other, in_words(comparison.reasons)) for other, comparison in self.near_to(person, text)]
        context = {self.noun: person, "near": near, "text": text, "merges": self.merges_to_undo(person)}
        return page(request, self.person_template, context, part="near")

    def part_again(self, request, pk):
        """Make two people of a merged one again."""
        merge = get_object_or_404(self.merge_model.objects.for_list(), pk=pk)
        try:
            survivor, other, kept = self.undo(merge, by=request.member)
        except RuleBroken as broken:
            toast(request, broken, level="error")
            return go_to(request, merge.survivor.get_absolute_url())
        words = self.parted(other, survivor)
        if kept:
            words += " " + ngettext(
                "One field was changed since and stays: %(fields)s.",
                "Some fields were changed since and stay: %(fields)s.",
                len(kept),
            ) % {"fields": ", ".join(kept)}
        toast(request, words)
        return go_to(request, survivor.get_absolute_url())

    def _pair(self, pk):
        return get_object_or_404(self.pair_model.objects.for_list(), pk=pk)

    def _go_on(self):
        """To the next pair that waits, or to the list when nobody does."""
        pair = self.reviewing.next_open()
        return redirect(pair or self.list_view)
