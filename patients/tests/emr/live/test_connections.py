import json

import pytest

from clinics.tenancy import clinic_scope
from conftest import Browser, last_audit, no_clinic
from patients.emr.connections import change_emr, connect_emr, pause_emr, resume_emr, server_of
from patients.emr.errors import AddressRefused
from patients.emr.keys import published_keys, rotate_key, signing_key
from patients.models import EmrConnection, EmrKey
from patients.rules import SomebodyWasFaster

VALUES = {"name": "Cerner", "system": "OTHER", "base_url": "https://fhir-ehr.cerner.com/r4/abc/", "client_id": ""}


def test_a_new_connection_is_paused_has_a_key_of_its_own_and_is_on_record(owner):
    connection = connect_emr(VALUES, by=owner)

    assert (connection.is_active, connection.status) == (False, "NEW")
    assert connection.base_url == "https://fhir-ehr.cerner.com/r4/abc"
    assert last_audit(connection).action == "patients.emr_connection.made"
    key = signing_key(connection)
    assert "PRIVATE KEY" in key.private_pem
    assert published_keys(connection)["keys"][0]["kid"] == key.kid
    assert "private" not in str(last_audit(connection).after).lower()


def test_the_private_key_is_sealed_and_opens_in_its_own_row_only(owner, django_assert_num_queries):
    connection = connect_emr(VALUES, by=owner)
    key = EmrKey.objects.get(connection=connection)

    raw = EmrKey.objects.extra(select={"raw": "private_pem"}).values_list("raw", flat=True).get()
    assert raw.startswith("v1:")
    assert "PRIVATE" not in raw
    assert key.private_pem.startswith("-----BEGIN PRIVATE KEY")


@pytest.mark.parametrize(
    "url", ["http://fhir.epic.com/r4", "https://169.254.169.254/", "https://example.com/r4", "https://a@fhir.epic.com/"]
)
def test_an_address_that_may_not_be_called_is_not_kept(owner, url):
    with pytest.raises(AddressRefused):
        connect_emr(VALUES | {"base_url": url}, by=owner)
    with pytest.raises(AddressRefused):
        connect_emr(VALUES | {"token_url": url}, by=owner)
    assert not EmrConnection.objects.exists()


def test_a_name_is_given_once_and_a_newer_change_is_not_written_over(owner):
    connection = connect_emr(VALUES, by=owner)
    with pytest.raises(Exception, match="of this name"):
        connect_emr(VALUES, by=owner)

    change_emr(connection, {"name": "Oracle"}, version=1, by=owner)

    with pytest.raises(SomebodyWasFaster):
        change_emr(connection, {"name": "Mine"}, version=1, by=owner)


def test_another_server_is_read_from_its_beginning_and_another_path_of_the_same_is_not(owner):
    connection = connect_emr(VALUES, by=owner)
    EmrConnection.objects.update(cursor={"since": "2026-01-01T00:00:00Z"})

    same = change_emr(connection, {"base_url": "https://fhir-ehr.cerner.com/r4/def"}, version=1, by=owner)
    assert same.cursor

    other = change_emr(connection, {"base_url": "https://fhir-ehr-code.cerner.com/r4/def"}, version=2, by=owner)
    assert other.cursor == {}


def test_reading_begins_when_the_client_id_is_there_and_ends_with_a_pause(owner):
    connection = connect_emr(VALUES, by=owner)
    with pytest.raises(Exception, match="client ID"):
        resume_emr(connection, by=owner)
    connection = change_emr(connection, {"client_id": "abc"}, version=1, by=owner)

    connection = resume_emr(connection, by=owner)
    assert connection.is_active
    assert connection.next_sync_at is not None
    connection = pause_emr(connection, by=owner)
    assert (connection.is_active, connection.next_sync_at) == (False, None)


def test_a_new_key_is_shown_a_day_before_it_signs_and_the_old_one_a_week_after(owner, time_machine):
    time_machine.move_to("2026-12-07T12:00:00Z", tick=False)
    connection = connect_emr(VALUES, by=owner)
    old = signing_key(connection).kid

    new = rotate_key(connection, by=owner)

    def now():
        shown = [key["kid"] for key in published_keys(connection)["keys"]]
        return server_of(connection).key.kid, shown

    assert now() == (old, [new.kid, old])
    time_machine.move_to("2026-12-08T12:00:01Z", tick=False)
    assert now() == (new.kid, [new.kid, old])
    time_machine.move_to("2026-12-15T12:00:01Z", tick=False)
    assert now() == (new.kid, [new.kid])


def test_a_key_that_somebody_else_may_have_ends_at_once_and_so_do_those_on_their_way(owner):
    connection = connect_emr(VALUES, by=owner)
    rotate_key(connection, by=owner)

    new = rotate_key(connection, by=owner, at_once=True)

    assert [key["kid"] for key in published_keys(connection)["keys"]] == [new.kid]
    assert signing_key(connection).kid == new.kid


def test_our_public_keys_are_there_for_everybody_and_hold_nothing_else(owner, clinic, other_clinic):
    connection = connect_emr(VALUES, by=owner)
    path = f"/emr/keys/{clinic.pk}/{connection.pk}.json"

    answer = Browser().get(path)

    assert answer.status_code == 200
    [key] = json.loads(answer.content)["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use", "key_ops"}
    assert Browser().get(f"/emr/keys/{other_clinic.pk}/{connection.pk}.json").status_code == 404
    with no_clinic(), clinic_scope(other_clinic):
        assert not EmrKey.objects.exists()
