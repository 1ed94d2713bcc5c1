import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import StaffNotification
from clinics.notifications import notify

LIST = "/notices/"


def read_address(notice):
    return reverse("clinics:notification_read", args=[getattr(notice, "pk", notice)])


def unread(member):
    return StaffNotification.objects.of(member).unread().count()


def test_notification_list_shows_ones_own_notices(owner, coordinator, client_of):
    notify(coordinator, "lead", "A lead is yours")
    notify(owner, "job", "The import is done")

    html = client_of(coordinator).get(LIST).content.decode()

    assert ("A lead is yours" in html, "The import is done" in html) == (True, False)


def test_notification_list_asks_as_much_for_three_as_for_one(owner, client_of):
    browser = client_of(owner)
    notify(owner, "job", "One")
    browser.get(LIST)
    with CaptureQueriesContext(connection) as one:
        browser.get(LIST)
    notify(owner, "job", "Two")
    notify(owner, "job", "Three")

    with CaptureQueriesContext(connection) as three:
        browser.get(LIST)

    assert len(three) <= len(one)


def test_notification_list_is_open_to_every_role_and_says_what_will_be_here(marketer, client_of):
    assert "Nothing to tell you yet" in client_of(marketer).get(LIST).content.decode()


def test_notification_list_part_listens_to_ones_own_bell(owner, htmx_of):
    html = htmx_of(owner).get(LIST).content.decode()

    assert html.strip().startswith('<div id="notification-rows"')
    assert f"live:bell-{owner.pk} from:body" in html


def test_notification_bell_counts_what_is_new(owner, htmx_of):
    notify(owner, "job", "One")
    notify(owner, "job", "Two")

    html = htmx_of(owner).get("/notices/bell/").content.decode()

    assert "Notices, 2 new" in html
    assert f"live:bell-{owner.pk} from:body" in html
    assert "<!doctype" not in html


def test_notification_read_goes_to_what_it_is_about(owner, client_of):
    notice = notify(owner, "job", "One", url="/jobs/")

    response = client_of(owner).post(read_address(notice))

    assert (response.status_code, response["Location"], unread(owner)) == (302, "/jobs/", 0)


def test_notification_read_by_htmx_goes_there_too(owner, htmx_of):
    notice = notify(owner, "job", "One", url="/jobs/")

    response = htmx_of(owner).post(read_address(notice))

    assert (response.status_code, response["HX-Redirect"], unread(owner)) == (204, "/jobs/", 0)


@pytest.mark.parametrize("url", ["", "https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_notification_read_never_leads_out_of_the_house(owner, client_of, url):
    notice = notify(owner, "job", "One", url=url)

    assert client_of(owner).post(read_address(notice))["Location"] == LIST


def test_notification_of_somebody_else_is_as_unknown_as_none(owner, coordinator, stranger, client_of):
    notice = notify(owner, "job", "One")

    answers = [
        client_of(coordinator).post(read_address(notice)).status_code,
        client_of(stranger).post(read_address(notice)).status_code,
        client_of(owner).post(read_address(uuid.uuid4())).status_code,
    ]

    assert (answers, unread(owner)) == ([404, 404, 404], 1)


def test_notification_read_all_redirects_to_the_list(owner, coordinator, client_of):
    for member in (owner, owner, coordinator):
        notify(member, "job", "One")

    response = client_of(owner).post("/notices/read/")

    assert (response.status_code, response["Location"]) == (302, LIST)
    assert (unread(owner), unread(coordinator)) == (0, 1)


def test_notification_read_all_answers_htmx_with_the_rows(owner, htmx_of):
    notify(owner, "job", "One")

    response = htmx_of(owner).post("/notices/read/")

    assert "is-unread" not in response.content.decode()
    assert "1 notice is read now." in response["HX-Trigger"]
    assert "There was nothing new." in htmx_of(owner).post("/notices/read/")["HX-Trigger"]


def test_notification_read_all_by_get_does_nothing(owner, client_of):
    notify(owner, "job", "One")

    assert (client_of(owner).get("/notices/read/").status_code, unread(owner)) == (405, 1)
