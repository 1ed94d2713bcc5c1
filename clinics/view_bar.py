"""The bar of saved views above the board and the list: the member's tabs, the other views, and what is at hand."""

from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from clinics.models import SavedView
from clinics.questions import Question
from clinics.saved_views import ALL, may_change_view, may_share, tidy_query


@dataclass(frozen=True)
class ViewBar:
    """`views` come from SavedView.objects.for_bar; `query` is that of the present address; one statement in all."""

    member: object
    layout: str
    asked: object  # the QueryDict of the address

    @cached_property
    def views(self):
        return VIEWS[self.layout].rows(member=self.member.pk)

    @cached_property
    def current(self):
        """The view that the address says it shows, if there is one."""
        return next((view for view in self.views if str(view.pk) == self.asked.get("view")), None)

    @property
    def tabs(self):
        return [view for view in self.views if view.is_pinned]

    @property
    def others(self):
        return [view for view in self.views if not view.is_pinned]

    @property
    def query(self):
        return tidy_query(self.asked.urlencode())

    @property
    def all_url(self):
        """Everything: the bare address, unless a view of one's own would open there."""
        return f"{reverse(SavedView.PAGES[self.layout])}{f'?view={ALL}' if self.default else ''}"

    @property
    def default(self):
        return next((view for view in self.views if view.is_default), None)

    @property
    def opens_with(self):
        """Where a bare address leads: to the member's usual view, or None."""
        return self.default.get_absolute_url() if self.default and not self.asked else None

    @property
    def is_everything(self):
        return self.current is None and not self.query

    @property
    def is_mine(self):
        """Whether the address shows one's own leads and nothing else."""
        return self.current is None and self.query == "coordinator=me"

    @property
    def is_changed(self):
        """Whether the filters at hand are no longer those of the view at hand."""
        return self.current is not None and self.current.query != self.query

    @property
    def may_be_saved(self):
        return bool(self.query) and self.current is None

    @property
    def may_change(self):
        return self.current is not None and may_change_view(self.current, self.member)

    @property
    def may_share(self):
        return may_share(self.member)

    @property
    def is_board(self):
        return self.layout == SavedView.Layout.BOARD

    @property
    def is_of_tasks(self):
        return self.layout == SavedView.Layout.TASKS

    @property
    def is_of_patients(self):
        return self.layout == SavedView.Layout.PATIENTS


def _views(layout):
    return Question(lambda member: SavedView.objects.for_bar(member, layout))


VIEWS = {layout: _views(layout) for layout in SavedView.Layout}


def view_bar(request, layout):
    """The bar of a page. `layout` is a SavedView.Layout."""
    return ViewBar(request.member, layout, request.GET)
