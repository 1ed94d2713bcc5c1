import pytest

from clinics.jobs import run_job
from patients.emr.trying import last_test, start_test
from tests.doubles.fhir import FhirDouble
from tests.doubles.serving import Fault


@pytest.fixture
def tried(clinic, connection, owner):
    """tried(): the connection's test as its page shows it: (text, passed, advice) of each step."""

    def run():
        run_job(clinic, start_test(connection, by=owner).pk)
        job = last_test(connection)
        assert job.status == "DONE", job.error
        return [(step["text"], step["passed"], step["advice"]) for step in job.result["checks"]]

    return run


def test_a_connection_that_works_passes_every_step_and_nobody_is_read(tried, emr, connection):
    emr.store.put({"resourceType": "Patient", "id": "1"})

    steps = tried()

    assert len(steps) == 10
    assert all(passed for _text, passed, _advice in steps)
    connection.refresh_from_db()
    assert (connection.status, connection.facts["fhir"]) == ("READY", "4.0.1")
    assert not [asked for asked in emr.asked if asked.path == "/Patient" and "2199" not in asked.query["_lastUpdated"]]


def break_login(emr):
    emr.desk.jwks = lambda: {"keys": []}


def break_client(emr):
    emr.desk.client_id = "somebody else"


def break_scope(emr):
    emr.desk.scopes = ("system/Patient.read",)


def break_version(emr):
    emr.version = "3.0.2"


def break_page(emr):
    emr.fail(Fault(404, b"<html>", headers={"Content-Type": "text/html"}))


@pytest.mark.parametrize(
    ("break_it", "failed_at", "words", "advice"),
    [
        (break_page, 3, "no FHIR server at this address", "usually ends in /R4"),
        (break_version, 3, "another version of FHIR", "R4 address"),
        (break_login, 4, "does not accept our login", "our public keys"),
        (break_client, 4, "does not accept our login", "client ID"),
        (break_scope, 4, "does not grant the rights", "fewer scopes"),
    ],
)
def test_the_first_step_that_fails_is_explained_with_what_to_do(tried, emr, break_it, failed_at, words, advice):
    break_it(emr)

    steps = tried()

    assert len(steps) == failed_at
    assert [passed for _text, passed, _advice in steps] == [True] * (failed_at - 1) + [False]
    assert words in steps[-1][2]
    assert advice in steps[-1][2]


def test_a_type_that_may_not_be_read_is_named_and_the_others_are_tried_all_the_same(tried, emr):
    respond = emr.respond
    emr.respond = lambda asked: (403, {}) if asked.path == "/Encounter" else respond(asked)

    failed = [text for text, passed, _advice in tried() if not passed]

    assert failed == ["It lets us read Encounter."]


def test_a_server_that_is_away_and_a_host_that_is_no_longer_allowed(tried, connection, settings):
    with FhirDouble() as gone:
        url = gone.url
    type(connection).objects.update(base_url=url)
    assert "does not answer" in tried()[-1][2]

    settings.LOCAL = False
    steps = tried()
    assert len(steps) == 1
    assert "allow this host" in steps[0][2]


def test_without_a_client_id_the_server_is_tried_as_far_as_it_goes(tried, connection):
    type(connection).objects.update(client_id="")

    assert [passed for _text, passed, _advice in tried()] == [True, True, True, False]
