"""The reports, asked as a browser asks."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.figures.pictures import PICTURES
from crm.models import LeadStatus, LostReason
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory, LeadSourceFactory

PAGES = [
    "analytics",
    "analytics_sources",
    "analytics_coordinators",
    "analytics_times",
    "analytics_consultations",
    "analytics_lost",
]


def lived_through(stages, coordinator, source):
    """A lead that was moved on, one that was lost and one that started."""
    moment = timezone.now() - timedelta(days=20)
    facts = {"captured_at": moment, "stage_entered_at": moment, "assigned_to": coordinator, "source": source}
    LeadFactory(**facts)
    moved = LeadFactory(**facts, expected_value_cents=450_000)
    move_lead(moved, stages["contacted"], by=coordinator)
    move_lead(LeadFactory(**facts), stages["lost"], by=coordinator, lost_reason=LostReason.COST_FINANCIAL)
    LeadFactory(**facts, status=LeadStatus.CONVERTED, stage=stages["treatment_started"], converted_at=timezone.now())


@pytest.mark.parametrize("name", PAGES)
def test_every_report_shows_its_figures_and_asks_a_fixed_number_of_queries(
    client_of, stages, coordinator, doctor, name
):
    browser, counts = client_of(doctor), []
    browser.get("/analytics/")  # the first page of a session asks more
    for _each in range(2):
        lived_through(stages, coordinator, LeadSourceFactory())
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(reverse(f"crm:{name}"), {"period": "30"})
        counts.append(len(queries))

    assert answer.status_code == 200
    assert b"What is counted, and how" in answer.content
    assert counts[0] == counts[1]


def test_the_overview_tells_stages_people_and_reasons(client_of, stages, coordinator, doctor):
    lived_through(stages, coordinator, LeadSourceFactory(name="Radio"))

    text = client_of(doctor).get("/analytics/").content.decode()

    assert "Most are lost on the way to Contacted (75%)." not in text
    for words in ("Where do leads leave us?", "Radio", "Renata Vasquez", "Cost or financing: 100% of the losses."):
        assert words in text


def test_a_report_is_narrowed_to_a_source_by_its_address(client_of, stages, coordinator, doctor):
    radio, other = LeadSourceFactory(name="Radio"), LeadSourceFactory(name="Fair")
    lived_through(stages, coordinator, radio)
    LeadFactory(source=other)

    answer = client_of(doctor).get("/analytics/export/mix/", {"source": radio.pk})
    _header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))

    assert [row[:4] for row in rows] == [["Radio", "Web, organic search", "4", "1.0"]]


@pytest.mark.parametrize("key", sorted(PICTURES))
def test_every_picture_is_a_file(client_of, stages, coordinator, doctor, key):
    lived_through(stages, coordinator, LeadSourceFactory())

    answer = client_of(doctor).get(f"/analytics/export/{key}/")

    assert answer["Content-Type"].startswith("text/csv")
    assert len(answer.content.decode().splitlines()) >= 1


def test_nonsense_in_the_address_is_answered_with_what_is_usual(client_of, doctor):
    answer = client_of(doctor).get(
        "/analytics/", {"period": "own", "since": "2026-05-31", "until": "2026-05-01", "location": "x", "model": "y"}
    )

    assert answer.status_code == 200
    assert b"A period begins before it ends" in answer.content
    assert client_of(doctor).get("/analytics/export/nothing/").status_code == 404


def test_who_may_not_see_figures_is_refused(client_of, coordinator, receptionist, viewer):
    for member in (coordinator, receptionist, viewer):
        assert client_of(member).get("/analytics/").status_code == 403
