"""Connecting services: choose one, hand over address and keys, test it, change keys over, pause and resume."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.forms.webhooks import SecretForm, TryForm
from clinics.mail import absolute
from clinics.models import WebhookConnection, WebhookSecret
from clinics.pages import go_to, page, paginate, toast
from clinics.webhook_connections import (
    change_connection,
    connect_service,
    end_secret,
    last_test,
    pause_connection,
    resume_connection,
    rotate_secret,
    start_test,
)
from clinics.webhook_sources import Refused, known_kinds, known_sources, offered_sources, source_named

SHOWN_DELIVERIES = 10


@require_GET
@staff_page("clinic:configure")
def webhook_connection_list(request):
    """The services that are connected, how each is going, and those that can be."""
    sources = known_sources()
    rows = paginate(request, WebhookConnection.objects.for_list())
    for connection in rows:
        connection.source = sources.get(connection.kind)
    return page(request, "clinics/webhook_connection_list.html", {"page": rows, "sources": offered_sources().items()})


@require_http_methods(["GET", "POST"])
@staff_page("clinic:configure")
def webhook_connection_create(request, source):
    """Connect one kind of service."""
    kind, service = source, _source_or_404(source)
    if not service.is_offered:
        raise Http404
    form = service.settings_form(request.POST or None, source=service)
    if request.method == "POST" and form.is_valid():
        connection = connect_service(
            kind,
            label=form.cleaned_data["label"],
            settings=form.settings(),
            secrets=form.secrets(),
            by=request.member,
        )
        toast(request, _("%(name)s has an address now") % {"name": connection.label})
        return go_to(request, connection.get_absolute_url())
    context = {"form": form, "source": service}
    return page(request, "clinics/webhook_connection_create.html", context, status=422 if form.is_bound else 200)


@require_GET
@staff_page("clinic:configure")
def webhook_connection_detail(request, pk):
    """One connection: address and keys to hand over, what to do at the service, test, and the last deliveries."""
    connection = get_object_or_404(WebhookConnection, pk=pk)
    context = _shown(connection) | {"form": _try_form(connection)}
    return page(request, "clinics/webhook_connection_detail.html", context, part="connection-test")


@require_http_methods(["GET", "POST"])
@staff_page("clinic:configure")
def webhook_connection_edit(request, pk):
    """Rename a connection, and say what becomes of what comes in."""
    connection = get_object_or_404(WebhookConnection, pk=pk)
    source = _source_or_404(connection.kind)
    form = source.settings_form(request.POST or None, source=source, connection=connection)
    if request.method == "POST" and form.is_valid():
        label, settings = form.cleaned_data["label"], form.settings()
        change_connection(connection, label=label, settings=settings, by=request.member)
        toast(request, _("%(name)s is changed") % {"name": label})
        return go_to(request, connection.get_absolute_url())
    context = {"form": form, "connection": connection}
    status = 422 if form.is_bound else 200
    return page(request, "clinics/webhook_connection_edit.html", context, part="dialog", status=status)


@require_POST
@staff_page("clinic:configure")
def webhook_connection_pause(request, pk):
    """Take nothing in any more at an address."""
    connection = pause_connection(get_object_or_404(WebhookConnection, pk=pk), by=request.member)
    undo = ("clinics:webhook_connection_resume", connection.pk)
    toast(request, _("%(name)s is paused: nothing is taken in") % {"name": connection.label}, undo=undo)
    return go_to(request, connection.get_absolute_url())


@require_POST
@staff_page("clinic:configure")
def webhook_connection_resume(request, pk):
    """Take in again what comes to an address."""
    connection = resume_connection(get_object_or_404(WebhookConnection, pk=pk), by=request.member)
    undo = ("clinics:webhook_connection_pause", connection.pk)
    toast(request, _("%(name)s is taken in again") % {"name": connection.label}, undo=undo)
    return go_to(request, connection.get_absolute_url())


@require_POST
@staff_page("clinic:configure")
def webhook_connection_test(request, pk):
    """Try a connection out in the background; its page shows what came of it."""
    connection = get_object_or_404(WebhookConnection, pk=pk)
    sends = "send" in request.POST and source_named(connection.kind).can_rehearse
    start_test(connection, by=request.member, sends=sends)
    return go_to(request, f"{connection.get_absolute_url()}#connection-test")


@require_POST
@staff_page("clinic:configure")
def webhook_connection_try(request, pk):
    """Show what would be read out of something that the service might send; nothing is kept of it."""
    connection = get_object_or_404(WebhookConnection, pk=pk)
    form, context = TryForm(request.POST), _shown(connection)
    if not context["source"].can_try:
        raise Http404
    if form.is_valid():
        try:
            context["understood"] = context["source"].try_out(connection, form.cleaned_data["text"])
        except Refused as refused:
            form.add_error("text", refused.detail)
    status = 200 if form.is_valid() else 422
    template = "clinics/webhook_connection_detail.html"
    return page(request, template, context | {"form": form}, part="connection-try", status=status)


@require_http_methods(["GET", "POST"])
@staff_page("clinic:configure")
def webhook_secret_rotate(request, pk, name):
    """Give a connection a new key of one kind."""
    connection = get_object_or_404(WebhookConnection, pk=pk)
    kind = _kind_or_404(connection, name)
    form = SecretForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        value, at_once = form.cleaned_data.get("value", ""), form.cleaned_data.get("at_once", False)
        rotate_secret(connection, name, value.strip(), at_once=at_once, by=request.member)
        toast(request, _("The new key is good from now on"))
        return go_to(request, connection.get_absolute_url())
    context = {"form": form, "connection": connection, "kind": kind}
    status = 422 if form.is_bound and not form.is_valid() else 200
    return page(request, "clinics/webhook_secret_rotate.html", context, part="dialog", status=status)


@require_POST
@staff_page("clinic:configure")
def webhook_secret_end(request, pk):
    """Let an old key no longer be good."""
    secret = get_object_or_404(WebhookSecret.objects.select_related("connection"), pk=pk)
    try:
        end_secret(secret, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    else:
        toast(request, _("The old key is no longer good"))
    return go_to(request, secret.connection.get_absolute_url())


def _source_or_404(kind):
    if kind not in known_kinds():
        raise Http404
    return source_named(kind)


def _kind_or_404(connection, name):
    for kind in _source_or_404(connection.kind).secret_kinds:
        if kind.name == name:
            return kind
    raise Http404


def _shown(connection):
    source = _source_or_404(connection.kind)
    return {
        "connection": connection,
        "source": source,
        "address": absolute(connection.get_path()),
        "keys": _keys(connection, source),
        "deliveries": connection.webhooks.for_list()[:SHOWN_DELIVERIES],
        "test": last_test(connection),
    }


def _keys(connection, source):
    """Each kind of key with those that are good, newest first; what was made here is shown, the rest is not."""
    active = list(WebhookSecret.objects.of(connection).active().newest_first())
    return [
        {"kind": kind, "secrets": [each for each in active if each.name == kind.name]} for kind in source.secret_kinds
    ]


def _try_form(connection):
    source = source_named(connection.kind)
    return TryForm(initial={"text": source.sample(connection)}) if source.can_try else None
