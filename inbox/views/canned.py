from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.pages import go_to, page, toast
from inbox.canned import may_change_canned, save_canned, set_canned_use
from inbox.forms.canned import CannedForm
from inbox.merge_fields import FIELDS
from inbox.models import CannedReply


@require_GET
@staff_page("inbox:reply")
def canned_list(request):
    """The replies that / offers: everybody's, and one's own."""
    replies = CannedReply.objects.usable_by(request.member)
    rows = [(reply, may_change_canned(reply, request.member)) for reply in replies]
    return page(request, "inbox/canned_list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@staff_page("inbox:reply")
def canned_create(request):
    return show_form(request, None)


@require_http_methods(["GET", "POST"])
@staff_page("inbox:reply")
def canned_edit(request, pk):
    return show_form(request, get_object_or_404(CannedReply.objects.usable_by(request.member), pk=pk))


def show_form(request, reply):
    """The form of a saved reply, refused or saved."""
    data = request.POST if request.method == "POST" else None
    form = CannedForm(data, instance=reply, may_share=may(request.member, "inbox:configure"))
    context = {"form": form, "reply": reply, "fields": FIELDS.items()}
    if data is None or not form.is_valid():
        return page(request, "inbox/canned_edit.html", context, status=422 if form.errors else 200)
    try:
        reply = save_canned(form.cleaned_data, by=request.member, reply=reply)
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return page(request, "inbox/canned_edit.html", context, status=409)
    toast(request, _("Saved: /%(shortcut)s.") % {"shortcut": reply.shortcut})
    return go_to(request, reverse("inbox:canned_list"))


@require_POST
@staff_page("inbox:reply")
def canned_delete(request, pk):
    return set_use(request, pk, False, _("/%(shortcut)s is gone."), undo="inbox:canned_restore")


@require_POST
@staff_page("inbox:reply")
def canned_restore(request, pk):
    return set_use(request, pk, True, _("/%(shortcut)s is back."))


def set_use(request, pk, is_active, said, *, undo=None):
    reply = get_object_or_404(CannedReply.objects.known_to(request.member), pk=pk)
    try:
        set_canned_use(reply, is_active=is_active, by=request.member)
    except RuleBroken as broken:
        toast(request, broken, level="error")
    else:
        toast(request, said % {"shortcut": reply.shortcut}, undo=(undo, reply.pk) if undo else None)
    return go_to(request, reverse("inbox:canned_list"))
