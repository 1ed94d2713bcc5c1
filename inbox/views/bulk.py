from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.bulk_pages import BulkPages
from inbox.bulk import start_bulk, undo_bulk
from inbox.bulk_acts import ACTS, Kind
from inbox.forms.bulk import FORMS, ConversationsForm, facts_of
from inbox.models import ConversationAct, ConversationActRow

HEADER = [gettext_lazy("Conversation"), gettext_lazy("Outcome"), gettext_lazy("Reason")]

CONVERSATIONS = BulkPages(
    start=start_bulk,
    undo=undo_bulk,
    kinds=Kind,
    acts=ACTS,
    selection=ConversationsForm,
    forms=FORMS,
    facts_of=facts_of,
    act_model=ConversationAct,
    row_model=ConversationActRow,
    permission_for_all="inbox:assign",
    list_view="inbox:inbox",
    undo_view="inbox:conversation_bulk_undo",
    template="inbox/conversation_bulk_detail.html",
    changed="conversations-changed",
    undone=lambda n: ngettext("%(n)s conversation is as before.", "%(n)s conversations are as before.", n) % {"n": n},
)


@require_POST
@staff_page("inbox:reply")
def conversation_bulk_run(request, kind):
    return CONVERSATIONS.run(request, kind)


@require_GET
@staff_page("inbox:read")
def conversation_bulk_detail(request, pk):
    return CONVERSATIONS.show(request, pk)


@require_POST
@staff_page("inbox:reply")
def conversation_bulk_undo(request, pk):
    return CONVERSATIONS.take_back(request, pk)


@require_GET
@staff_page("inbox:reply")
def conversation_bulk_csv(request, pk):
    return CONVERSATIONS.file(pk, _("act on many conversations"), HEADER, cells_of)


def cells_of(row):
    return [str(row.conversation), row.get_outcome_display(), row.reason]
