import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.audit import record
from clinics.audit_reading import in_words, kinds, read_entries
from clinics.models import AuditLog
from clinics.tests.factories import LocationFactory
from conftest import next_door


@pytest.fixture
def words(settings):
    settings.EVENTS = f"{__name__}.EVENTS"


EVENTS = {"test.place.renamed": "renamed a place", "test.place.viewed": "looked at a place"}


@pytest.fixture
def place(clinic):
    return LocationFactory(name="Front room")


def shown(browser, query=""):
    return browser.get(f"/audit/{query}").content.decode()


def test_audit_list_says_who_did_what_to_which_row(words, place, owner, coordinator, client_of):
    record(
        "test.place.renamed", place, by=coordinator, before={"name": "Old", "is_active": True}, after={"name": "New"}
    )

    html = shown(client_of(owner))

    assert "Renata Vasquez" in html
    assert "renamed a place" in html
    assert "Front room" in html
    assert "from </span>Old</del>" in html
    assert "to </span>New</ins>" in html


def test_audit_list_reads_what_a_value_holds_inside(words, place, owner, client_of):
    record("test.place.renamed", place, by=owner, after={"moved": {"open_tasks": 3}})

    assert "open tasks: 3" in shown(client_of(owner))


def test_audit_list_shows_only_its_clinic(words, place, owner, other_clinic, client_of):
    with next_door(other_clinic):
        record("test.place.renamed", by=None, after={"name": "Next door's secret"})

    assert "Next door" not in shown(client_of(owner))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?what=test.place.viewed", {"coordinator saw"}),
        ("?what=test.place.renamed", {"owner renamed", "coordinator renamed"}),
        ("?kind=clinics.location&row={place}", {"coordinator saw", "owner renamed"}),
        ("?kind=clinics.location&row={place}&what=test.place.viewed", {"coordinator saw"}),
        ("?who={coordinator}", {"coordinator saw", "coordinator renamed"}),
        ("?since=2026-05-02", {"coordinator renamed"}),
        ("?until=2026-05-01", {"coordinator saw", "owner renamed"}),
        ("?since=2026-05-01&until=2026-05-01", {"coordinator saw"}),
    ],
)
def test_audit_list_is_filtered(words, place, owner, coordinator, client_of, query, found):
    """The clinic's days count, in New York: 03:30 UTC is still the day before there."""
    moments = [
        ("2026-04-30 15:00Z", "test.place.renamed", place, owner, "owner renamed"),
        ("2026-05-02 03:30Z", "test.place.viewed", place, coordinator, "coordinator saw"),
        ("2026-05-02 04:30Z", "test.place.renamed", None, coordinator, "coordinator renamed"),
    ]
    for moment, action, row, by, note in moments:
        with time_machine.travel(moment, tick=False):
            record(action, row, by=by, after={"note": note})

    html = shown(client_of(owner), query.format(place=place.pk, coordinator=coordinator.pk))

    assert {note for *_, note in moments if note in html} == found


@pytest.mark.parametrize("query", ["?row=nonsense", "?who=1", "?since=yesterday", "?what=unknown", "?page=99"])
def test_audit_list_bears_nonsense_in_its_address(words, owner, client_of, query):
    assert client_of(owner).get(f"/audit/{query}").status_code == 200


def test_audit_list_asks_as_much_for_three_entries_as_for_one(words, owner, coordinator, client_of):
    browser = client_of(owner)
    record("test.place.renamed", LocationFactory(), by=owner)
    browser.get("/audit/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/audit/")
    record("test.place.renamed", LocationFactory(), by=coordinator)
    record("test.place.renamed", LocationFactory(), by=owner)

    with CaptureQueriesContext(connection) as three:
        browser.get("/audit/")

    assert len(three) <= len(one)


def test_audit_list_part_alone(owner, htmx_of):
    assert shown(htmx_of(owner)).strip().startswith('<div id="audit-rows"')


@pytest.mark.parametrize("member", ["coordinator", "receptionist", "doctor", "marketer", "viewer"])
def test_audit_is_read_by_clinic_admins_alone(request, client_of, member):
    browser = client_of(request.getfixturevalue(member))

    assert [browser.get(address).status_code for address in ("/audit/", "/audit/export/")] == [403, 403]


def test_audit_export_holds_what_the_filters_show_and_is_written_down(words, place, owner, client_of):
    record("test.place.renamed", place, by=owner, before={"name": "Old"}, after={"name": "=New"})
    record("test.place.viewed", place, by=owner)

    response = client_of(owner).get("/audit/export/?what=test.place.renamed")

    header, row = response.getvalue().decode("utf-8-sig").splitlines()
    assert header.startswith("When,Who,Role,What")
    assert f"Olga Vasquez,Clinic admin,renamed a place,test.place.renamed,clinics.location,{place.pk},Front room" in row
    assert "Name: Old -> =New" in row
    event = AuditLog.objects.get(action="clinics.audit.exported")
    assert event.metadata == {"filters": {"what": "test.place.renamed"}}


# Reading entries ----------------------------------------------------------------------------------


def entry_of(*args, **kwargs):
    event = record(*args, **kwargs)
    event.refresh_from_db()
    [entry] = read_entries([event])
    return entry


def test_entry_names_rows_labels_money_and_moments(owner, place):
    entry = entry_of(
        "test.member.changed",
        owner,
        by=owner,
        before={"location": None, "role": "DOCTOR", "capacity": 5, "value_cents": 14700_00, "same": 1, "tags": []},
        after={
            "location": place,
            "role": "VIEWER",
            "capacity": 5,
            "value_cents": None,
            "same": 1,
            "tags": ["a", "b"],
            "is_active": False,
            "last_seen_at": dt.datetime(2026, 5, 2, 3, 30, tzinfo=dt.UTC),
        },
    )

    assert {change.label: (change.before, change.after) for change in entry.changes} == {
        "Location": ("—", "Front room"),
        "Role": ("Doctor", "Viewer"),
        "Value": ("$14,700", "—"),
        "Tags": ("—", "a, b"),
        "Active": ("—", "no"),
        "Last seen at": ("—", "Saturday, May 2, 2026, 3:30 AM"),
    }


def test_entry_about_a_row_that_is_gone_keeps_its_kind(owner, place):
    event = record("test.place.deleted", place, by=owner)
    end = str(place.pk)[-6:]
    place.delete()

    [entry] = read_entries([event])

    assert (entry.subject, entry.url) == (f"location …{end}", "")


def test_entry_about_a_kind_that_is_gone(owner):
    event = record("old.thing.done", by=owner)
    event.resource_type = "old.thing"

    assert read_entries([event])[0].subject == ""


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("clinics.job.started", "started a job"),
        ("clinics.location.created", "added: location"),
        ("old.thing.split_up", "split up"),
        ("nothing", "nothing"),
    ],
)
def test_words_of_an_action(action, words):
    assert in_words(action) == words


def test_kinds_are_rows_of_a_clinic():
    assert ("clinics.location", "Location") in kinds()
    assert "clinics.user" not in dict(kinds())
