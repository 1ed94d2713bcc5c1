"""Doing one thing to many conversations: what clinics/bulk.py does, with the tables, acts and words of the inbox."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils import translation
from django.utils.translation import ngettext

from clinics import bulk, bulk_undoing
from clinics.bulk import BulkWork, FilterNotUnderstood
from clinics.models import ClinicUser, Tag
from clinics.notifications import language_of, notify
from inbox.bulk_acts import ACTS, Kind
from inbox.models import ConversationAct, ConversationActRow, UnifiedConversation
from inbox.shelves import Asked, asked_rows


@dataclass(frozen=True)
class Chosen:
    """Which conversations: their ids, or the query string of a view that all of them stand in."""

    ids: tuple = ()
    query: str | None = None

    def people(self, member):
        """The conversations as they are now. Raises FilterNotUnderstood if something of the view is not known."""
        rows = UnifiedConversation.objects.all()
        if self.query is None:
            return rows.present().filter(pk__in=self.ids)
        query = QueryDict(self.query)
        asked = Asked.of(query)
        if not asked.is_all_of(query):
            raise FilterNotUnderstood
        return asked_rows(rows, asked, member)


def start_bulk(kind, chosen, facts, *, by, key=""):
    """Do `kind` (a ConversationAct.Kind) to the conversations of `chosen`: see clinics.bulk.start_bulk."""
    return bulk.start_bulk(CONVERSATIONS, kind, chosen, facts, by=by, key=key)


def run_bulk(clinic, job):
    """The job "inbox.bulk"."""
    return bulk.run_bulk(CONVERSATIONS, clinic, job, choose=lambda query, member: Chosen(query=query).people(member))


def undo_bulk(act, *, by):
    """Take an act on many conversations back: see clinics.bulk_undoing.undo_bulk. Returns the act."""
    return bulk_undoing.undo_bulk(CONVERSATIONS, act, by=by)


def run_bulk_undo(clinic, job):
    """The job "inbox.bulk_undo"."""
    return bulk_undoing.run_bulk_undo(CONVERSATIONS, clinic, job)


def _tell_receiver(act, by):
    """Tell whoever got conversations, once for all of them."""
    if act.kind != Kind.ASSIGN or not act.done_count:
        return
    member = CONVERSATIONS.find_aims(act.facts)["member"]
    if member == by:
        return
    with translation.override(language_of(member)):
        words = ngettext(
            "%(n)s conversation is yours to answer.", "%(n)s conversations are yours to answer.", act.done_count
        )
        notify(member, "inbox.assigned", words % {"n": act.done_count}, url="/inbox/?box=mine")


def _in_words(count):
    return ngettext("%(n)s conversation", "%(n)s conversations", count) % {"n": f"{count:,}"}


CONVERSATIONS = BulkWork(
    acts=ACTS,
    act_model=ConversationAct,
    row_model=ConversationActRow,
    person="conversation",
    event="inbox.bulk",
    count_in_words=_in_words,
    rows={"tag": Tag, "member": ClinicUser},
    topics=("inbox",),
    finished=_tell_receiver,
)
