"""The connections to EMRs: made, looked at, tested, read now, paused, changed; and our public keys for them."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import staff_page
from clinics.errors import RuleBroken
from clinics.jobs import may_steer
from clinics.models import Clinic
from clinics.pages import go_to, page, paginate, toast
from clinics.rows import row_of
from clinics.tenancy import clinic_scope, outside_clinics
from patients.emr.connections import change_emr, connect_emr, pause_emr, resume_emr
from patients.emr.keys import published_keys, rotate_key
from patients.emr.outbox import send_again
from patients.emr.showing import shown, state_of
from patients.emr.sweeping import start_sweep
from patients.emr.syncing import start_sync
from patients.emr.trying import start_test
from patients.forms.emr_connections import EmrConnectionForm
from patients.models import EmrConnection, EmrWrite

DETAIL = "patients/emr_connection_detail.html"


@outside_clinics
@login_not_required
@never_cache
@require_GET
def emr_keys(request, clinic_id, pk):
    """Our public keys for one connection, which its EMR fetches: nothing that is secret."""
    clinic = row_of(Clinic.objects.in_use(), clinic_id)
    if clinic is None:
        raise Http404
    with clinic_scope(clinic):
        keys = published_keys(get_object_or_404(EmrConnection, pk=pk))
    return JsonResponse(keys, headers={"X-Robots-Tag": "noindex"})


@require_GET
@staff_page("clinic:configure")
def emr_connection_list(request):
    """The EMRs that are connected, and how each is going."""
    rows = paginate(request, EmrConnection.objects.for_list())
    for connection in rows:
        connection.state = state_of(connection)
    return page(request, "patients/emr_connection_list.html", {"page": rows}, part="emr-connections")


@require_http_methods(["GET", "POST"])
@staff_page("clinic:configure")
def emr_connection_create(request):
    """Connect an EMR; its page then says what to hand over there."""
    form = EmrConnectionForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            connection = connect_emr(form.values, by=request.member)
        except RuleBroken as broken:
            form.add_error(None, str(broken))
        else:
            toast(request, _("%(name)s is connected. Hand over the address of our keys.") % {"name": connection.name})
            return go_to(request, connection.get_absolute_url())
    status = 422 if form.is_bound else 200
    return page(request, "patients/emr_connection_create.html", {"form": form}, status=status)


@require_GET
@staff_page("clinic:configure")
def emr_connection_detail(request, pk):
    """One connection: what to hand over, its test, its runs, and what was told there."""
    connection = get_object_or_404(EmrConnection, pk=pk)
    context = shown(connection)
    context["may_cancel"] = context["job"] is not None and may_steer(context["job"], request.member)
    return page(request, DETAIL, context, part=_part(request))


def _part(request):
    """What a page that listens asks for again: the test, or how the reading goes."""
    return request.htmx.target if request.htmx and request.htmx.target in ("connection-test", "emr-state") else None


@require_http_methods(["GET", "POST"])
@staff_page("clinic:configure")
def emr_connection_edit(request, pk):
    """Change a connection; over somebody's newer change the form says so and keeps what was typed."""
    connection = get_object_or_404(EmrConnection, pk=pk)
    form = EmrConnectionForm(request.POST or None, connection=connection)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            change_emr(connection, form.values, version=version, by=request.member)
        except RuleBroken as broken:
            form.add_error(None, str(broken))
            status = 409
        else:
            toast(request, _("%(name)s is changed") % {"name": connection.name})
            return go_to(request, connection.get_absolute_url())
    context = {"form": form, "connection": connection}
    return page(request, "patients/emr_connection_edit.html", context, status=status)


@require_POST
@staff_page("clinic:configure")
def emr_connection_pause(request, pk):
    """Neither read from an EMR nor write to it."""
    words = _("%(name)s is paused: nothing is read and nothing is written")
    return _act(request, pk, pause_emr, words, undo="patients:emr_connection_resume")


@require_POST
@staff_page("clinic:configure")
def emr_connection_resume(request, pk):
    """Read from an EMR from now on."""
    return _act(request, pk, resume_emr, _("%(name)s is read from now on"), undo="patients:emr_connection_pause")


@require_POST
@staff_page("clinic:configure")
def emr_connection_test(request, pk):
    """Try a connection out in the background; its page shows what came of it."""
    return _act(request, pk, start_test, _("%(name)s is being tested"), anchor="#connection-test")


@require_POST
@staff_page("clinic:configure")
def emr_connection_sync(request, pk):
    """Read now what has changed, or, where `full` is sent, everything once more."""
    is_full = bool(request.POST.get("full"))
    return _act(request, pk, start_sync, _("%(name)s is being read"), is_full=is_full)


@require_POST
@staff_page("clinic:configure")
def emr_connection_sweep(request, pk):
    """Look now for what was deleted there."""
    return _act(request, pk, start_sweep, _("%(name)s is being looked through"))


@require_POST
@staff_page("clinic:configure")
def emr_key_rotate(request, pk):
    """A new key pair in the place of the old one; at once where somebody else may have the old one."""
    is_lost = bool(request.POST.get("at_once"))
    words = _("The new key signs from now on") if is_lost else _("The new key is shown now and signs in a day")
    return _act(request, pk, rotate_key, words, at_once=is_lost)


@require_POST
@staff_page("clinic:configure")
def emr_write_repeat(request, pk):
    """Tell an EMR once more what it did not accept."""
    write = get_object_or_404(EmrWrite.objects.select_related("connection"), pk=pk)
    try:
        send_again(write, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    else:
        toast(request, _("It is sent again"))
    return go_to(request, write.connection.get_absolute_url())


def _act(request, pk, verb, words, *, undo=None, anchor="", **how):
    """Do one thing with a connection, say so, and go back to its page."""
    connection = get_object_or_404(EmrConnection, pk=pk)
    try:
        verb(connection, by=request.member, **how)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    else:
        toast(request, words % {"name": connection.name}, undo=(undo, connection.pk) if undo else None)
    return go_to(request, connection.get_absolute_url() + anchor)
