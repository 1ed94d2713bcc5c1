from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import may, staff_page
from clinics.bulk_pages import BulkPages
from crm.bulk import start_bulk, undo_bulk
from crm.bulk_acts import ACTS, Kind
from crm.bulk_results import HEADER, cells_of
from crm.forms.bulk import FORMS, SelectionForm, facts_of
from crm.models import BulkAct, BulkActLead, PipelineStage

MOST_TO_CONVERT = 100


@dataclass(frozen=True)
class LeadPages(BulkPages):
    """Moving many into a won stage is to convert them, and asks for the same permission.

    Nobody is asked about each of them on the way, so the page of such an act says who is to become a patient yet.
    """

    def check_may(self, request, kind, chosen, form):
        super().check_may(request, kind, chosen, form)
        stage = form.cleaned_data.get("stage")
        wins = stage is not None and stage.kind == PipelineStage.Kind.WON
        if wins and not may(request.member, "lead:convert"):
            raise PermissionDenied

    def context_of(self, request, act):
        context = super().context_of(request, act)
        if act.kind != Kind.MOVE:
            return context
        waiting = self.row_model.objects.of_act(act).without_patients()
        shown = list(waiting[:MOST_TO_CONVERT])
        count = waiting.count() if len(shown) == MOST_TO_CONVERT else len(shown)
        return context | {"to_convert": shown, "to_convert_count": count}

    def is_to_be_read(self, act):
        return act.kind == Kind.MOVE and self.row_model.objects.of_act(act).without_patients().exists()


LEADS = LeadPages(
    start=start_bulk,
    undo=undo_bulk,
    kinds=Kind,
    acts=ACTS,
    selection=SelectionForm,
    forms=FORMS,
    facts_of=facts_of,
    act_model=BulkAct,
    row_model=BulkActLead,
    permission_for_all="lead:bulk",
    list_view="crm:lead_list",
    undo_view="crm:bulk_undo",
    template="crm/bulk_detail.html",
    changed="leads-changed",
    undone=lambda n: ngettext("%(n)s lead is as it was.", "%(n)s leads are as they were.", n) % {"n": n},
)


@require_POST
@staff_page("lead:update")
def bulk_run(request, act):
    return LEADS.run(request, act)


@require_GET
@staff_page("lead:read")
def bulk_detail(request, pk):
    return LEADS.show(request, pk)


@require_POST
@staff_page("lead:update")
def bulk_undo(request, pk):
    return LEADS.take_back(request, pk)


@require_GET
@staff_page("lead:export")
def bulk_csv(request, pk):
    return LEADS.file(pk, _("act on many leads"), HEADER, cells_of)
