from functools import wraps

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import may, staff_page
from clinics.errors import RuleBroken
from clinics.forms.saved_views import NewViewForm, QueryForm, ShiftForm, ViewForm
from clinics.models import SavedView
from clinics.pages import go_to, page, toast, trigger
from clinics.saved_views import (
    ALL,
    NameTaken,
    change_view,
    delete_view,
    may_change_view,
    may_share,
    open_with_view,
    pin_view,
    restore_view,
    save_view,
    shift_view,
    tab_of,
    unpin_view,
)


def on_view(view):
    """Hand a saved view that the member may use to a view; a broken rule becomes a toast on the page of its leads."""

    @wraps(view)
    def on_that_view(request, pk):
        saved = get_object_or_404(SavedView.objects.open_to(request.member), pk=pk)
        check_reads(request, saved.layout)
        try:
            return view(request, saved)
        except RuleBroken as rule:
            toast(request, rule, level="error")
            return go_to(request, saved.get_absolute_url())

    return on_that_view


def check_reads(request, layout):
    """Let in whoever may read the page of the view; others are refused with 403."""
    if not may(request.member, SavedView.READ_WITH[layout]):
        raise PermissionDenied


@require_http_methods(["GET", "POST"])
@staff_page(None)
def view_create(request):
    """Give the filters at hand a name."""
    asked = {"layout": request.GET.get("layout"), "query": request.GET.get("query")}
    form = NewViewForm(request.POST or None, initial=asked, may_share=may_share(request.member))
    if form.is_valid():
        facts = form.cleaned_data
        check_reads(request, facts["layout"])
        sharing = facts.get("is_shared", False)
        try:
            saved = save_view(facts["layout"], facts["name"], facts["query"], is_shared=sharing, by=request.member)
        except NameTaken as rule:
            form.add_error("name", str(rule))
        else:
            open_with_view(saved, by=request.member, is_default=facts["is_default"])
            toast(request, _("%(view)s is saved.") % {"view": saved}, undo=("clinics:view_delete", saved.pk))
            return trigger(go_to(request, saved.get_absolute_url()), "dialog:close")
    status = 422 if form.is_bound else 200
    return page(request, "clinics/view_create.html", {"form": form}, part="view-create", status=status)


@require_http_methods(["GET", "POST"])
@staff_page(None)
@on_view
def view_edit(request, saved):
    """Its name and who sees it, for whoever may change that; for everybody, whether it is a tab and opens the page."""
    tab = tab_of(saved, request.member)
    kept = {"is_pinned": bool(tab and tab.is_pinned), "is_default": bool(tab and tab.is_default)}
    form = ViewForm(
        request.POST or None,
        initial={"name": saved.name, "is_shared": saved.is_shared, **kept},
        may_change=may_change_view(saved, request.member),
        may_share=may_share(request.member),
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = change_view(saved, form.changes, by=request.member) if form.changes else saved
        except NameTaken as rule:
            form.add_error("name", str(rule))
        else:
            (pin_view if form.cleaned_data["is_pinned"] else unpin_view)(saved, by=request.member)
            if form.cleaned_data["is_default"] != kept["is_default"]:
                open_with_view(saved, by=request.member, is_default=form.cleaned_data["is_default"])
            return trigger(go_to(request, saved.get_absolute_url()), "dialog:close")
    status = 422 if form.errors else 200
    return page(request, "clinics/view_edit.html", {"form": form, "view": saved}, part="view-edit", status=status)


@require_POST
@staff_page(None)
@on_view
def view_update(request, saved):
    """Let a view have the filters at hand from now on."""
    form = QueryForm(request.POST)
    if form.is_valid():
        saved = change_view(saved, {"query": form.cleaned_data["query"]}, by=request.member)
        toast(request, _("%(view)s has these filters now.") % {"view": saved})
    return go_to(request, saved.get_absolute_url())


@require_POST
@staff_page(None)
@on_view
def view_shift(request, saved):
    """Move a tab one place to the left or to the right."""
    form = ShiftForm(request.POST)
    if form.is_valid():
        shift_view(saved, form.cleaned_data["step"], by=request.member)
    return go_to(request, saved.get_absolute_url())


@require_POST
@staff_page(None)
@on_view
def view_delete(request, saved):
    """Take a view away; the toast brings it back."""
    delete_view(saved, by=request.member)
    toast(request, _("%(view)s is deleted.") % {"view": saved}, undo=("clinics:view_restore", saved.pk))
    return go_to(request, f"{reverse(SavedView.PAGES[saved.layout])}?view={ALL}")


@require_POST
@staff_page(None)
def view_restore(request, pk):
    """Bring a deleted view back, from the toast that reported it."""
    saved = get_object_or_404(SavedView.objects.of(request.member), pk=pk)
    check_reads(request, saved.layout)
    try:
        saved = restore_view(saved, by=request.member)
    except RuleBroken as rule:
        toast(request, rule, level="error")
    return go_to(request, saved.get_absolute_url())
