"""What outside services told, and what became of it: the list, one event as it came, and running it again."""

import json

from django.apps import apps
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinics.access import staff_page
from clinics.audit import record_read
from clinics.errors import RuleBroken
from clinics.filters import WebhookFilter
from clinics.models import WebhookLog
from clinics.pages import go_to, page, paginate, toast
from clinics.rows import row_of
from clinics.webhooks import replay_dead, replay_webhook


@require_GET
@staff_page("clinic:configure")
def webhook_list(request):
    """Every event that came in, newest first."""
    found = WebhookFilter(request.GET, queryset=WebhookLog.objects.for_list(), request=request)
    context = {
        "filter": found,
        "page": paginate(request, found.qs),
        "dead_count": found.qs.dead().order_by().count(),
    }
    return page(request, "clinics/webhook_list.html", context, part="webhook-rows")


@require_GET
@staff_page("clinic:configure")
def webhook_detail(request, pk):
    """One event as it came. Reading it is written down, since it may speak of a person."""
    webhook = get_object_or_404(WebhookLog.objects.select_related("connection"), pk=pk)
    record_read(webhook, by=request.member)
    context = {"webhook": webhook, "about": _row_of(webhook), "payload": _readable(webhook.payload)}
    return page(request, "clinics/webhook_detail.html", context)


@require_POST
@staff_page("clinic:configure")
def webhook_replay(request, pk):
    """Work one event off again."""
    webhook = get_object_or_404(WebhookLog.objects.for_list(), pk=pk)
    try:
        replay_webhook(webhook, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    else:
        toast(request, _("It is worked at again"))
    return go_to(request, webhook.get_absolute_url())


@require_POST
@staff_page("clinic:configure")
def webhook_replay_all(request):
    """Work all those off again that were given up, of the service and the days that the list is narrowed to."""
    found = WebhookFilter(request.POST, queryset=WebhookLog.objects.for_list(), request=request)
    count = replay_dead(found.qs, by=request.member)
    text = ngettext("%(n)s event is worked at again", "%(n)s events are worked at again", count)
    toast(request, text % {"n": count})
    return go_to(request, reverse("clinics:webhook_list"))


def _row_of(webhook):
    """The row that came of an event, if it is still there."""
    if not webhook.resource_id:
        return None
    return row_of(apps.get_model(webhook.resource_type).objects.all(), webhook.resource_id)


def _readable(payload):
    if payload is None or isinstance(payload, str):
        return payload
    return json.dumps(payload, indent=2, ensure_ascii=False)
