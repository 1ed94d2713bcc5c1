import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from clinics.models import BackgroundJob
from patients.emr.connections import connect_emr
from patients.emr.policy import GROUPS
from patients.models import EmrConnection, EmrKey, EmrRun, EmrWrite
from patients.tests.emr.live.test_connections import VALUES

POSTED = {
    "name": "Cerner",
    "system": "OTHER",
    "base_url": "https://fhir-ehr.cerner.com/r4/abc",
    "client_id": "abc",
    "sync_minutes": "30",
    "wins_patient.phone": "EMR",
}


@pytest.fixture
def posted():
    """What the form sends: everybody wins as usual, but for phone numbers."""
    return {f"wins_{name}": group.usual for name, group in GROUPS.items()} | POSTED


@pytest.fixture
def admin(client_of, owner):
    return client_of(owner)


def test_emr_connection_list_asks_as_much_for_three_as_for_one(admin, owner):
    admin.get("/emr/")
    asked = []
    for number in range(3):
        connect_emr(VALUES | {"name": f"EMR {number}"}, by=owner)
        if number in (0, 2):
            with CaptureQueriesContext(database) as queries:
                shown = admin.get("/emr/").content
            asked.append(len(queries))

    assert asked[0] == asked[1]
    assert shown.count(b"fhir-ehr.cerner.com") == 3


def test_emr_connection_list_without_any_says_what_to_do(admin):
    assert b"No EMR is connected" in admin.get("/emr/").content


def test_emr_connection_create_makes_it_and_keeps_only_what_is_unusual(admin, posted):
    answer = admin.post("/emr/new/", posted)

    connection = EmrConnection.objects.get()
    assert answer.headers["Location"] == connection.get_absolute_url()
    assert (connection.sync_minutes, connection.is_active) == (30, False)
    assert connection.field_policy == {"patient.phone": "EMR"}
    shown = admin.get(connection.get_absolute_url()).content.decode()
    assert f"/emr/keys/{connection.clinic_id}/{connection.pk}.json" in shown
    assert "PRIVATE" not in shown


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "http://fhir.epic.com/", "https://evil.example/", ""])
def test_emr_connection_create_refuses_an_address_and_says_why(admin, posted, url):
    answer = admin.post("/emr/new/", posted | {"base_url": url})

    assert answer.status_code == 422
    assert not EmrConnection.objects.exists()


def test_emr_connection_edit_over_a_newer_change_keeps_what_was_typed(admin, owner, posted):
    connection = connect_emr(VALUES, by=owner)
    url = f"/emr/{connection.pk}/edit/"
    assert admin.post(url, posted | {"name": "First", "version": "1"}).status_code == 302

    answer = admin.post(url, posted | {"name": "Second", "version": "1"})

    assert answer.status_code == 409
    assert b'value="Second"' in answer.content
    assert EmrConnection.objects.get().name == "First"


def test_emr_connection_sync_begins_once_and_its_page_shows_how_far_it_is(admin, connection):
    for _click in range(2):
        assert admin.post(f"/emr/{connection.pk}/sync/").status_code == 302

    assert EmrRun.objects.count() == 1
    shown = admin.get(connection.get_absolute_url()).content
    assert b"<progress" in shown
    assert b"being read already" in shown


def test_emr_connection_pause_and_resume_take_each_other_back(admin, connection):
    admin.post(f"/emr/{connection.pk}/pause/")
    assert not EmrConnection.objects.get().is_active
    admin.post(f"/emr/{connection.pk}/resume/")
    assert EmrConnection.objects.get().is_active


def test_emr_connection_test_starts_a_job_and_key_rotate_adds_a_key(admin, connection):
    admin.post(f"/emr/{connection.pk}/test/")
    admin.post(f"/emr/{connection.pk}/key/")

    assert BackgroundJob.objects.filter(kind="patients.emr_test").count() == 1
    assert EmrKey.objects.count() == 2


def test_emr_connection_detail_parts_are_what_the_page_asks_for_again(htmx_of, owner, connection):
    browser = htmx_of(owner)
    url = connection.get_absolute_url()

    state = browser.get(url, HTTP_HX_TARGET="emr-state").content.decode()
    assert state.lstrip().startswith('<div id="emr-state"')
    assert 'id="emr-head" hx-swap-oob="true"' in state
    assert "connection-test" not in state
    test = browser.get(url, HTTP_HX_TARGET="connection-test").content.decode()
    assert 'id="connection-test"' in test
    assert "emr-state" not in test


def test_emr_write_repeat_sends_again_what_was_not_accepted(client_of, owner, react, writable, booked):
    react()
    admin = client_of(owner)
    EmrWrite.objects.update(status="FAILED", due_at=None, error="The slot is taken.")
    [write] = EmrWrite.objects.all()
    assert b"The slot is taken." in admin.get(write.connection.get_absolute_url()).content

    admin.post(f"/emr/writes/{write.pk}/repeat/")

    write.refresh_from_db()
    assert (write.status, write.error) == ("PENDING", "")


@pytest.mark.parametrize("act", ["pause", "resume", "test", "sync", "key", "edit"])
def test_other_roles_may_do_nothing_with_a_connection(client_of, owner, receptionist, act):
    connection = connect_emr(VALUES, by=owner)

    assert client_of(receptionist).post(f"/emr/{connection.pk}/{act}/").status_code == 403
