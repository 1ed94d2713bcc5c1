import jwt
import pytest

from patients.emr.bulk import NotYet, Torn, end_export, lines_of, poll_export, start_export
from patients.emr.client import Client, Server
from patients.emr.errors import (
    AddressRefused,
    Away,
    Busy,
    ChangedThere,
    EmrError,
    Gone,
    LoginRefused,
    Moved,
    NotFhir,
    NotR4,
    NotThere,
    ScopeRefused,
    Unreachable,
    Unreadable,
)
from patients.emr.signing import assertion, make_key
from tests.doubles.fhir import BROKEN, CUT_OFF, NOT_JSON, TOO_MANY, FhirDouble, outcome, too_many
from tests.doubles.fhir_login import TokenDesk
from tests.doubles.serving import Fault

SCOPES = "system/*.read"


@pytest.fixture(scope="module")
def pair():
    return make_key("ES384")


@pytest.fixture
def emr(pair):
    with FhirDouble(desk=TokenDesk(jwks=lambda: {"keys": [pair[1]]})) as double:
        for number in range(1, 6):
            double.store.put({"resourceType": "Patient", "id": str(number)})
        yield double


@pytest.fixture
def waited():
    return []


@pytest.fixture
def client(emr, pair, waited):
    with Client(Server(emr.url, "recare-test", SCOPES, pair[0]), sleep=waited.append) as opened:
        yield opened


def paths(emr):
    return [asked.path for asked in emr.asked]


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_an_assertion_is_signed_for_the_token_endpoint_and_never_the_same(algorithm):
    key, public = make_key(algorithm)

    first, second = (assertion(key, client_id="us", audience="https://emr/token") for _each in range(2))

    read = [
        jwt.decode(each, jwt.PyJWK(public).key, [algorithm], audience="https://emr/token") for each in (first, second)
    ]
    assert [(claims["iss"], claims["sub"], claims["exp"] - claims["iat"] <= 300) for claims in read] == [
        ("us", "us", True),
        ("us", "us", True),
    ]
    assert read[0]["jti"] != read[1]["jti"]
    assert jwt.get_unverified_header(first) == {"alg": algorithm, "kid": public["kid"], "typ": "JWT"}
    assert not {"d", "p", "q"} & set(public)
    assert "PRIVATE" not in repr(key)


def test_everything_is_found_page_by_page_with_one_login(client, emr):
    page = client.search("Patient", _lastUpdated="ge2026-03-02T12:00:02Z")
    found = list(page.resources)
    while page.next_url:
        page = client.follow(page.next_url)
        found += page.resources

    assert [row["id"] for row in found] == ["2", "3", "4", "5"]
    assert paths(emr).count("/token") == 1
    assert emr.asked[-1].headers["Authorization"].startswith("Bearer ")


def test_a_second_client_uses_the_token_that_the_first_was_given(client, emr, pair):
    client.read("Patient", "1")
    with Client(client.server) as other:
        other.read("Patient", "2")

    assert paths(emr).count("/token") == 1


def test_a_token_that_ran_out_is_replaced_and_one_refusal_more_is_a_refusal(client, emr):
    client.read("Patient", "1")
    emr.desk.expire()

    assert client.read("Patient", "2")["id"] == "2"
    assert len({claims["jti"] for claims in emr.desk.assertions}) == 2
    emr.desk.lasts = -1
    emr.desk.expire()
    with pytest.raises(LoginRefused):
        client.read("Patient", "3")


def test_a_key_that_was_not_published_and_a_scope_that_was_not_granted_are_told_apart(emr, pair):
    stranger, _public = make_key("ES384")
    with Client(Server(emr.url, "recare-test", SCOPES, stranger)) as client, pytest.raises(LoginRefused):
        client.log_in()
    with Client(Server(emr.url, "someone", SCOPES, pair[0])) as client, pytest.raises(LoginRefused, match="unknown"):
        client.log_in()
    with Client(Server(emr.url, "recare-test", "system/*.*", pair[0])) as client, pytest.raises(ScopeRefused):
        client.log_in()


def test_a_busy_server_is_waited_for_as_long_as_it_asks(client, emr, waited):
    client.log_in()
    emr.fail(too_many(7), TOO_MANY)

    assert client.read("Patient", "1")["id"] == "1"
    assert waited[0] == 7
    emr.fail(too_many(900))
    with pytest.raises(Busy) as refused:
        client.read("Patient", "1")
    assert refused.value.after == 900


def test_trouble_that_passes_is_tried_again_with_growing_pauses(client, emr, waited):
    client.log_in()
    emr.fail(BROKEN, NOT_JSON, CUT_OFF)

    assert client.read("Patient", "1")["id"] == "1"
    assert len(waited) == 3
    assert 0.5 <= waited[0] <= 1 <= waited[1] <= 2 <= waited[2] <= 4
    emr.fail(*[BROKEN] * 4)
    with pytest.raises(Away, match="Something broke"):
        client.read("Patient", "1")


def test_a_booking_without_an_answer_is_not_sent_again_by_itself(client, emr):
    client.log_in()
    emr.fail(CUT_OFF)

    with pytest.raises(EmrError):
        client.create({"resourceType": "Appointment"})
    assert [asked.method for asked in emr.asked].count("POST") == 2  # the login and one booking


def test_a_booking_is_made_once_under_its_identifier_and_changed_only_as_it_was_seen(client, emr):
    ours = {"resourceType": "Appointment", "status": "booked", "identifier": [{"system": "urn:us", "value": "1"}]}

    made = client.create(ours, once="urn:us|1")
    again = client.create(ours, once="urn:us|1")
    changed = client.patch(
        "Appointment", made["id"], [{"op": "replace", "path": "/status", "value": "cancelled"}], version="1"
    )

    assert made["id"] == again["id"]
    assert (changed["status"], changed["meta"]["versionId"]) == ("cancelled", "2")
    with pytest.raises(ChangedThere):
        client.patch("Appointment", made["id"], [{"op": "replace", "path": "/status", "value": "booked"}], version="1")


def test_what_is_gone_and_what_never_was(client, emr):
    emr.store.delete("Patient", "5")
    with pytest.raises(Gone):
        client.read("Patient", "5")
    with pytest.raises(NotThere):
        client.read("Patient", "77")


def test_a_warning_inside_a_page_is_told_and_no_resource(client, emr):
    emr.warnings.append(outcome("informational", "Two records were left out.", "warning"))

    page = client.search("Patient")

    assert [row["id"] for row in page.resources] == ["1", "2"]
    assert page.warnings == ["Two records were left out."]


@pytest.mark.parametrize("host", ["https://169.254.169.254", "http://127.0.0.1:9", "https://fhir.epic.com", "file://"])
def test_a_next_link_to_another_server_is_refused_and_no_token_leaves(client, emr, host):
    emr.foreign_next = host
    page = client.search("Patient")
    asked = len(emr.asked)

    with pytest.raises(AddressRefused):
        client.follow(page.next_url)
    assert len(emr.asked) == asked
    assert client.signed("https://fhir.epic.com/file").get("Authorization") is None


def test_a_redirect_is_not_followed(client, emr):
    client.log_in()
    emr.fail(Fault(302, b"", headers={"Location": "http://169.254.169.254/latest"}))

    with pytest.raises(Moved, match=r"169\.254"):
        client.read("Patient", "1")


def test_a_token_endpoint_elsewhere_is_refused(emr, pair):
    server = Server(emr.url, "recare-test", SCOPES, pair[0], "https://evil.example/token")
    with Client(server) as client, pytest.raises(AddressRefused):
        client.log_in()


def test_a_server_tells_what_it_is(client, emr):
    assert client.capability()["fhirVersion"] == "4.0.1"
    emr.version = "3.0.2"
    with pytest.raises(NotR4, match=r"3\.0\.2"):
        client.capability()
    emr.fail(Fault(200, {"resourceType": "Basic"}))
    with pytest.raises(NotFhir):
        client.capability()


def test_a_server_that_is_not_there_says_so(pair):
    with FhirDouble() as double:
        url = double.url
    with Client(Server(url, "us", SCOPES, pair[0])) as client, pytest.raises(Unreachable):
        client.capability()


def test_an_export_is_waited_for_and_read_line_by_line(client, emr):
    url = start_export(client, ["Patient", "Encounter"], since="2026-03-01T00:00:00Z")

    waiting, manifest = poll_export(client, url), poll_export(client, url)

    assert waiting == NotYet(0.0, "50%")
    assert [file["type"] for file in manifest.files] == ["Patient", "Encounter"]
    lines = list(lines_of(client, manifest.files[0]["url"], skip=3))
    assert [(number, row["id"]) for number, row in lines] == [(4, "4"), (5, "5")]
    assert end_export(client, url)
    assert emr.exports["1"]["is_deleted"]


def test_a_file_that_breaks_off_gives_what_came_before_and_says_so(client, emr):
    url = start_export(client, ["Patient"])
    poll_export(client, url)
    file, emr.cut_files = poll_export(client, url).files[0], 1
    read = []

    with pytest.raises(Unreadable):
        for number, _row in lines_of(client, file["url"]):
            read.append(number)
    assert read == [1, 2, 3]
    assert [number for number, _row in lines_of(client, file["url"], skip=3)] == [4, 5]


def test_a_line_that_is_no_resource_does_not_end_the_file(client, emr):
    client.log_in()
    emr.fail(Fault(200, b'{"id": "1"}\nnonsense\n\n[1]\n{"id": "2"}'))

    found = [row for _number, row in lines_of(client, f"{emr.url}/bulk/1/Patient.ndjson")]

    assert found == [{"id": "1"}, Torn(2), Torn(4), {"id": "2"}]
