"""Saved views: filters with a name, kept as tabs of the board or a list, one's own or shared with the clinic."""

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.access import may
from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.models import Role, SavedView, ViewTab

ALL = "all"  # ?view=all: everything, though a view of one's own is the usual one
# What stands beside the filters in an address, and narrows nothing; of it a view keeps the order alone.
BESIDE = ("sort", "size", "page", "view", "columns", "after", "since", "show")
KEPT_BESIDE = ("sort",)


class NameTaken(RuleBroken):
    message = _("You have a view of this name already. Choose another one.")


class ViewOfSomebodyElse(RuleBroken):
    message = _("This view belongs to a colleague. Save your own under another name.")


def tidy_query(query):
    """The part of an address that a view keeps: filters and order, without empty values, always in the same order."""
    given = QueryDict(query)
    left_out = set(BESIDE) - set(KEPT_BESIDE)
    tidy = QueryDict(mutable=True)
    for name in sorted(given):
        if name not in left_out:
            tidy.setlist(name, sorted({value for value in given.getlist(name) if value}))
    return tidy.urlencode()


@transaction.atomic
def save_view(layout, name, query, *, is_shared=False, by):
    """Keep the filters of an address under a name, as the member's last tab; returns the SavedView.

    Records "clinics.view.saved". Raises NameTaken.
    """
    view = SavedView(owner=by, layout=layout, name=name, query=tidy_query(query), is_shared=is_shared)
    _write(view)
    pin_view(view, by=by)
    record("clinics.view.saved", view, by=by, after={"name": name, "query": view.query, "is_shared": is_shared})
    return view


@transaction.atomic
def change_view(view, changes, *, by):
    """Change the name, the query or the sharing of a view; returns it.

    Records "clinics.view.changed". Raises ViewOfSomebodyElse, NameTaken.
    """
    view = lock_view(view, by=by)
    if "query" in changes:
        changes = changes | {"query": tidy_query(changes["query"])}
    changed = {field: value for field, value in changes.items() if getattr(view, field) != value}
    if not changed:
        return view
    before = {field: getattr(view, field) for field in changed}
    for field, value in changed.items():
        setattr(view, field, value)
    _write(view)
    record("clinics.view.changed", view, by=by, before=before, after=changed)
    return view


@transaction.atomic
def delete_view(view, *, by):
    """Take a view away from everybody; restore_view brings it back. Records "clinics.view.deleted".

    Raises ViewOfSomebodyElse.
    """
    view = lock_view(view, by=by)
    if view.deleted_at is None:
        view.deleted_at = timezone.now()
        view.save(update_fields=["deleted_at", "updated_at"])
        record("clinics.view.deleted", view, by=by, before={"name": view.name, "query": view.query})
    return view


@transaction.atomic
def restore_view(view, *, by):
    """Bring a deleted view back, in the tabs where it stood. Records "clinics.view.restored".

    Raises ViewOfSomebodyElse, NameTaken if its owner has given the name away since.
    """
    view = lock_view(view, by=by)
    if view.deleted_at is not None:
        view.deleted_at = None
        _write(view)
        record("clinics.view.restored", view, by=by, after={"name": view.name})
    return view


def lock_view(view, *, by):
    """The view as it stands now, locked, for whoever may change it. Raises ViewOfSomebodyElse."""
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    if not may_change_view(view, by):
        raise ViewOfSomebodyElse
    return view


def may_change_view(view, member):
    """Whose view it is; one that is shared also a clinic admin."""
    return view.owner_id == member.pk or (view.is_shared and member.role == Role.CLINIC_ADMIN)


def may_share(member):
    return may(member, "view:share")


def tab_of(view, member):
    """How a member keeps a view, or None."""
    return ViewTab.objects.filter(member=member, view=view).first()


@transaction.atomic
def pin_view(view, *, by):
    """Keep a view as the last of a member's tabs; returns the ViewTab."""
    tabs = ViewTab.objects.filter(member=by, layout=view.layout)
    tab, is_new = tabs.get_or_create(view=view, defaults={"member": by, "layout": view.layout})
    if is_new or not tab.is_pinned:
        last = tabs.exclude(pk=tab.pk).order_by("-place").values_list("place", flat=True).first()
        tab.place, tab.is_pinned = (last or 0) + 1, True
        tab.save(update_fields=["place", "is_pinned", "updated_at"])
    return tab


def unpin_view(view, *, by):
    """Take a view out of a member's tabs; it stays in their menu of views."""
    ViewTab.objects.filter(member=by, view=view).update(is_pinned=False)


@transaction.atomic
def shift_view(view, step, *, by):
    """Move a tab `step` places to the right (to the left when negative) among a member's tabs."""
    tabs = ViewTab.objects.select_for_update().filter(member=by, layout=view.layout, is_pinned=True)
    tabs = list(tabs.filter(view__deleted_at=None).order_by("place", "pk"))
    here = next((place for place, tab in enumerate(tabs) if tab.view_id == view.pk), None)
    if here is None:
        return
    tabs.insert(max(0, here + step), tabs.pop(here))
    for place, tab in enumerate(tabs):
        tab.place = place
    ViewTab.objects.bulk_update(tabs, ["place"])


@transaction.atomic
def open_with_view(view, *, by, is_default):
    """Let a member's board or list open with this view, or with everything again."""
    tabs = ViewTab.objects.select_for_update().filter(member=by, layout=view.layout)
    tabs.filter(is_default=True).update(is_default=False)
    if is_default:
        tab = pin_view(view, by=by)
        tab.is_default = True
        tab.save(update_fields=["is_default", "updated_at"])


def _write(view):
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise NameTaken from error
