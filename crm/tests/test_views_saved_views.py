import pytest
from django.urls import reverse

from clinics.models import SavedView
from clinics.saved_views import open_with_view, save_view

LIST, BOARD = SavedView.Layout.LIST, SavedView.Layout.BOARD
NEW, LEADS = reverse("clinics:view_create"), reverse("crm:lead_list")


def address(name, view):
    return reverse(f"clinics:{name}", args=[view.pk])


def test_view_create_keeps_the_filters_of_the_address(client_of, coordinator):
    browser = client_of(coordinator)
    assert 'value="q=ana"' in browser.get(NEW, {"layout": "LIST", "query": "q=ana"}).content.decode()

    sent = {"layout": "LIST", "query": "q=ana", "name": "Anas", "is_shared": "on", "is_default": "on"}
    url = browser.post(NEW, sent).url
    view = SavedView.objects.get()
    assert (url, view.is_shared) == (f"{LEADS}?view={view.pk}&q=ana", True)
    assert "Anas" in browser.get(url).content.decode()
    assert browser.get(LEADS).url == url
    assert browser.get(LEADS, {"view": "all"}).status_code == 200


def test_view_create_does_not_let_everybody_share(client_of, receptionist):
    client_of(receptionist).post(NEW, {"layout": "LIST", "query": "q=a", "name": "A", "is_shared": "on"})

    assert not SavedView.objects.get().is_shared


def test_view_create_says_that_a_name_is_taken(htmx_of, coordinator):
    save_view(LIST, "Hot", "", by=coordinator)

    response = htmx_of(coordinator).post(NEW, {"layout": "LIST", "query": "q=a", "name": "Hot"})
    assert response.status_code == 422
    assert "a view of this name" in response.content.decode()


def test_view_edit_renames_pins_and_chooses_the_start(client_of, coordinator, owner):
    view = save_view(BOARD, "Old", "q=a", is_shared=True, by=coordinator)

    client_of(coordinator).post(address("view_edit", view), {"name": "New", "is_pinned": "on", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("New", True)
    client_of(owner).post(address("view_edit", view), {"name": "New", "is_shared": "on", "is_default": "on"})
    assert view.tabs.get(member=owner).is_default


def test_view_edit_of_a_colleagues_view_changes_ones_own_tabs_alone(client_of, coordinator, receptionist):
    view = save_view(LIST, "Ours", "q=a", is_shared=True, by=coordinator)

    client_of(receptionist).post(address("view_edit", view), {"name": "Stolen", "is_pinned": "on"})
    view.refresh_from_db()
    assert (view.name, view.tabs.get(member=receptionist).is_pinned) == ("Ours", True)


def test_view_update_takes_the_filters_at_hand(client_of, coordinator):
    view = save_view(LIST, "Hot", "q=a", by=coordinator)

    client_of(coordinator).post(address("view_update", view), {"query": "q=b&page=4"})
    view.refresh_from_db()
    assert view.query == "q=b"


def test_view_delete_is_undone_from_its_toast(client_of, coordinator):
    view = save_view(LIST, "Hot", "q=a", by=coordinator)
    browser = client_of(coordinator)

    page = browser.get(browser.post(address("view_delete", view)).url)
    assert address("view_restore", view) in page.content.decode()
    browser.post(address("view_restore", view))
    view.refresh_from_db()
    assert view.deleted_at is None


@pytest.mark.parametrize("name", ["view_edit", "view_update", "view_shift", "view_delete", "view_restore"])
def test_views_of_others_are_a_404(client_of, coordinator, owner, stranger, name):
    private = save_view(LIST, "Hot", "q=a", by=coordinator)

    assert client_of(owner).post(address(name, private), {"name": "x"}).status_code == 404
    assert client_of(stranger).post(address(name, private), {"name": "x"}).status_code == 404


def test_view_delete_of_a_colleagues_shared_view_is_refused(client_of, coordinator, receptionist):
    shared = save_view(LIST, "Ours", "q=a", is_shared=True, by=coordinator)

    client_of(receptionist).post(address("view_delete", shared))
    shared.refresh_from_db()
    assert shared.deleted_at is None


def test_lead_list_shows_the_tabs_and_the_bar_of_the_selection(client_of, coordinator, viewer):
    save_view(LIST, "Hot ones", "q=a", is_shared=True, by=coordinator)
    from_list = client_of(coordinator).get(LEADS).content.decode()

    assert "Hot ones" in from_list
    assert 'id="bulk"' not in client_of(viewer).get(LEADS).content.decode()
    assert open_with_view(SavedView.objects.get(), by=viewer, is_default=True) is None
