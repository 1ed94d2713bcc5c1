import json

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from clinics.models import Location
from clinics.pages import go_to, page, paginate, part, toast, trigger
from clinics.tests.factories import LocationFactory

PAGE, PART = "clinics/job_list.html", "clinics/job_list.html#job-rows"


@pytest.fixture
def request_of(rf, owner):
    def build(address="/jobs/", **headers):
        request = rf.get(address, headers=headers)
        request.user, request.member, request.clinic, request.member_clinics = owner.user, owner, owner.clinic, []
        request.htmx, request.session = HtmxDetails(request), {}
        request._messages = FallbackStorage(request)
        return request

    return build


@pytest.fixture
def context(request_of):
    return {"page": paginate(request_of(), Location.objects.none())}


def told(response):
    return json.loads(response["HX-Trigger"])


def kept(request):
    return [(note.message, note.level_tag, note.extra_tags) for note in get_messages(request)]


@pytest.mark.parametrize(
    ("headers", "is_whole"),
    [
        ({}, True),
        ({"hx-request": "true"}, False),
        ({"hx-request": "true", "hx-boosted": "true"}, True),
        ({"hx-request": "true", "hx-history-restore-request": "true"}, True),
    ],
)
def test_page_is_whole_unless_htmx_asks_for_its_part(request_of, context, headers, is_whole):
    response = page(request_of(**headers), PAGE, context, part="job-rows")

    assert ("<!doctype html>" in response.content.decode()) == is_whole
    assert "HX-Request" in response["Vary"]


def test_part_answers_htmx_and_redirects_without_it(request_of, context):
    with_htmx = part(request_of(**{"hx-request": "true"}), PART, context, otherwise="clinics:job_list")
    plain = part(request_of(), PART, context, otherwise="clinics:job_list")

    assert with_htmx.content.decode().strip().startswith('<div id="job-rows"')
    assert (plain.status_code, plain["Location"]) == (302, "/jobs/")


def test_part_of_a_refused_form_is_shown_without_htmx_too(request_of, context):
    assert part(request_of(), PART, context, status=422).status_code == 422


def test_toast_rides_with_the_answer_to_htmx(request_of, context):
    request = request_of(**{"hx-request": "true"})
    toast(request, "Moved to “Contacted” – ✓", undo=("clinics:job_retry", "01a1fc32-3d97-74fc-bdcc-b2adacf89828"))
    toast(request, "This cannot be done.", level="error")

    response = trigger(part(request, PART, context), "lead-moved")

    undo = reverse("clinics:job_retry", args=["01a1fc32-3d97-74fc-bdcc-b2adacf89828"])
    assert told(response) == {
        "toast": [
            {"message": "Moved to “Contacted” – ✓", "level": "info", "undo": undo},
            {"message": "This cannot be done.", "level": "error"},
        ],
        "lead-moved": True,
    }
    assert response["HX-Trigger"].isascii()


def test_toast_waits_for_the_next_page_without_htmx(request_of):
    request = request_of()

    toast(request, "Read.", undo=("clinics:notification_read_all",))
    toast(request, "No.", level="error")

    assert kept(request) == [("Read.", "info", "/notices/read/"), ("No.", "error", "")]


def test_go_to_takes_the_toasts_along(request_of):
    request = request_of(**{"hx-request": "true"})
    toast(request, "Saved.")

    response = go_to(request, "/jobs/")

    assert (response.status_code, response["HX-Redirect"]) == (204, "/jobs/")
    assert kept(request) == [("Saved.", "info", "")]
    assert go_to(request_of(), "/jobs/")["Location"] == "/jobs/"


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 1), ("?page=2", 2), ("?page=3", 3), ("?page=99", 3), ("?page=0", 1), ("?page=-4", 1), ("?page=x", 1),
     ("?page=", 1), (f"?page={'9' * 400}", 3), ("?page=1.5", 1)],
)  # fmt: skip
def test_paginate_bears_any_number(request_of, query, number):
    for _ in range(5):
        LocationFactory()

    found = paginate(request_of(f"/jobs/{query}"), Location.objects.order_by("name"), size=2)

    assert (found.number, found.paginator.count) == (number, 5)


def test_paginate_counts_without_what_only_the_rows_need(request_of):
    LocationFactory()
    rows, request = Location.objects.select_related("clinic").order_by("name"), request_of()

    with CaptureQueriesContext(connection) as queries:
        list(paginate(request, rows))

    count = queries[0]["sql"]
    assert (len(queries), "JOIN" in count, "ORDER BY" in count) == (2, False, False)


def test_part_asks_for_nothing_of_the_frame(owner, htmx_of):
    """Navigation and bell are of the whole page: a part that is drawn again every second must not count notices."""
    browser = htmx_of(owner)
    browser.get("/jobs/")

    with CaptureQueriesContext(connection) as queries:
        browser.get("/jobs/")

    assert [query["sql"] for query in queries if "staffnotification" in query["sql"]] == []


def test_whole_page_counts_notices_once(owner, client_of):
    browser = client_of(owner)

    with CaptureQueriesContext(connection) as queries:
        browser.get("/jobs/")

    assert len([query for query in queries if "staffnotification" in query["sql"]]) == 1
