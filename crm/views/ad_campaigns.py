"""Ad campaigns and what sources usually cost: kept by whoever answers for the budget."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.models import AuditLog
from clinics.pages import go_to, page, paginate, toast
from crm.ad_campaigns import CHANGED, CREATED, save_campaign, undo_campaign
from crm.forms.spend import AdCampaignForm, UsualCostForm
from crm.models import AdCampaign, LeadSource
from crm.sources import COST_SET, set_usual_cost, undo_usual_cost


@require_GET
@staff_page("marketing:update")
def ad_campaign_list(request):
    """The campaigns with budget and spend, and what each source usually costs a month."""
    sources = [(source, UsualCostForm(source=source)) for source in LeadSource.objects.in_use()]
    context = {"page": paginate(request, AdCampaign.objects.for_list()), "sources": sources}
    return page(request, "crm/ad_campaign_list.html", context)


@require_http_methods(["GET", "POST"])
@staff_page("marketing:update")
def ad_campaign_create(request):
    return _campaign_page(request, "crm/ad_campaign_create.html", None)


@require_http_methods(["GET", "POST"])
@staff_page("marketing:update")
def ad_campaign_edit(request, pk):
    return _campaign_page(request, "crm/ad_campaign_edit.html", get_object_or_404(AdCampaign, pk=pk))


def _campaign_page(request, template, campaign):
    form, status = AdCampaignForm(request.POST or None, campaign=campaign), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                saved, event = save_campaign(campaign, form.values, by=request.member)
                said = _("%(campaign)s is kept.") % {"campaign": saved}
                toast(request, said, undo=("crm:ad_campaign_undo", event.pk) if event else None)
                return _back(request)
        except RuleBroken as broken:
            form.add_error("name", str(broken))
            status = 409
    return page(request, template, {"form": form, "campaign": campaign}, status=status)


@require_POST
@staff_page("marketing:update")
def ad_campaign_undo(request, pk):
    """Take back that a campaign was added or changed."""
    return _undo(request, pk, [CREATED, CHANGED], undo_campaign)


@require_POST
@staff_page("marketing:update")
def source_cost(request, pk):
    """Say what a source usually costs a month."""
    source, form = get_object_or_404(LeadSource, pk=pk), UsualCostForm(request.POST)
    if not form.is_valid():
        toast(request, _("Write an amount of money, or nothing."), level="error")
        return _back(request)
    event = set_usual_cost(source, form.cents, by=request.member)
    said = _("The usual cost of %(source)s is kept.") % {"source": source}
    toast(request, said, undo=("crm:source_cost_undo", event.pk) if event else None)
    return _back(request)


@require_POST
@staff_page("marketing:update")
def source_cost_undo(request, pk):
    """Put back what a source cost before."""
    return _undo(request, pk, [COST_SET], undo_usual_cost)


def _undo(request, pk, actions, undo):
    event = get_object_or_404(AuditLog, pk=pk, action__in=actions)
    try:
        undo(event, by=request.member)
        toast(request, _("Taken back."))
    except RuleBroken as broken:
        toast(request, broken, level="error")
    return _back(request)


def _back(request):
    return go_to(request, reverse("crm:ad_campaign_list"))
