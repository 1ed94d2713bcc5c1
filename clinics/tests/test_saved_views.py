import pytest
from django.http import QueryDict

from clinics.models import SavedView
from clinics.saved_views import (
    NameTaken,
    ViewOfSomebodyElse,
    change_view,
    delete_view,
    open_with_view,
    restore_view,
    save_view,
    shift_view,
    tidy_query,
    unpin_view,
)
from clinics.view_bar import ViewBar
from conftest import last_audit

BOARD, LIST = SavedView.Layout.BOARD, SavedView.Layout.LIST


def bar_of(member, query="", layout=LIST):
    return ViewBar(member, layout, QueryDict(query))


def names(views):
    return [view.name for view in views]


def test_tidy_query_keeps_filters_and_order_alone():
    assert tidy_query("page=3&view=x&sort=name&q=&tag=b&tag=a&tag=b&size=25") == "sort=name&tag=a&tag=b"


def test_save_view_is_a_tab_of_its_owner_alone(coordinator, owner):
    view = save_view(LIST, "Hot", "q=ana&page=2", by=coordinator)

    assert (view.query, last_audit(view).action) == ("q=ana", "clinics.view.saved")
    assert names(bar_of(coordinator).tabs) == ["Hot"]
    assert bar_of(owner).views == bar_of(coordinator, layout=BOARD).views == []


def test_save_view_shared_stands_in_everybodys_menu(coordinator, owner):
    save_view(LIST, "Ours", "q=a", is_shared=True, by=coordinator)

    assert names(bar_of(owner).others) == ["Ours"]
    assert bar_of(owner).tabs == []


def test_save_view_refuses_a_name_twice_but_not_after_deleting(coordinator, owner):
    view = save_view(LIST, "Hot", "", by=coordinator)
    save_view(BOARD, "Hot", "", by=coordinator)
    save_view(LIST, "Hot", "", by=owner)

    with pytest.raises(NameTaken):
        save_view(LIST, "Hot", "", by=coordinator)
    delete_view(view, by=coordinator)
    save_view(LIST, "Hot", "", by=coordinator)
    with pytest.raises(NameTaken):
        restore_view(view, by=coordinator)


def test_delete_view_and_restore_view_leave_it_where_it_was(coordinator):
    first, _second = save_view(LIST, "A", "", by=coordinator), save_view(LIST, "B", "", by=coordinator)

    delete_view(first, by=coordinator)
    assert names(bar_of(coordinator).tabs) == ["B"]
    restore_view(first, by=coordinator)
    assert names(bar_of(coordinator).tabs) == ["A", "B"]


def test_change_view_is_for_its_owner_and_of_a_shared_one_for_admins(coordinator, owner, receptionist):
    shared = save_view(LIST, "Ours", "q=a", is_shared=True, by=coordinator)
    own = save_view(LIST, "Mine", "q=a", by=coordinator)

    assert change_view(shared, {"query": "q=b&page=1"}, by=owner).query == "q=b"
    for view, member in [(shared, receptionist), (own, owner)]:
        with pytest.raises(ViewOfSomebodyElse):
            change_view(view, {"name": "Theirs"}, by=member)
        with pytest.raises(ViewOfSomebodyElse):
            delete_view(view, by=member)


def test_shift_view_orders_ones_own_tabs(coordinator):
    views = [save_view(LIST, name, "", by=coordinator) for name in "ABC"]

    shift_view(views[2], -1, by=coordinator)
    shift_view(views[0], -1, by=coordinator)
    assert names(bar_of(coordinator).tabs) == ["A", "C", "B"]
    unpin_view(views[0], by=coordinator)
    shift_view(views[2], 5, by=coordinator)
    assert names(bar_of(coordinator).tabs) == ["B", "C"]
    assert names(bar_of(coordinator).others) == ["A"]


def test_open_with_view_is_one_a_page_and_person(coordinator, owner):
    first, second = (save_view(LIST, name, f"q={name}", is_shared=True, by=coordinator) for name in "AB")

    open_with_view(first, by=coordinator, is_default=True)
    open_with_view(second, by=coordinator, is_default=True)
    open_with_view(first, by=owner, is_default=True)
    assert bar_of(coordinator).opens_with == second.get_absolute_url()
    assert bar_of(owner).opens_with == first.get_absolute_url()
    assert bar_of(coordinator, "q=x").opens_with is None
    assert bar_of(coordinator, layout=BOARD).opens_with is None
    open_with_view(second, by=coordinator, is_default=False)
    assert bar_of(coordinator).opens_with is None


def test_view_bar_knows_whether_the_filters_are_still_those_of_the_view(coordinator):
    view = save_view(LIST, "Hot", "q=ana", by=coordinator)

    same, other = bar_of(coordinator, f"view={view.pk}&q=ana&page=2"), bar_of(coordinator, f"view={view.pk}&q=bea")
    assert (same.current, same.is_changed, same.may_be_saved) == (view, False, False)
    assert (other.current, other.is_changed, other.may_change) == (view, True, True)
    assert bar_of(coordinator, "q=x").may_be_saved
    assert not bar_of(coordinator, "sort=").may_be_saved


def test_view_bar_costs_one_statement(coordinator, django_assert_num_queries):
    for name in "ABC":
        save_view(LIST, name, "q=a", is_shared=True, by=coordinator)

    with django_assert_num_queries(1):
        bar = bar_of(coordinator)
        assert next((view.owner.short_name, bar.all_url) for view in bar.views) == ("Renata", "/leads/")
