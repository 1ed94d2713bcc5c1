"""The same request twice: one effect, one answer."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clinics.models import KeptAnswer, Role
from clinics.tasks import forget_kept_answers
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from conftest import no_clinic
from crm.models import Lead
from crm.presets import load_preset
from tests.api.conftest import Program, give_token

NEW = {"phone": "(312) 555-0147", "first_name": "Nora"}
KEY = {"Idempotency-Key": "form-1"}


def test_a_repeated_request_is_told_what_it_was_told(program):
    first = program.send("POST", "/api/leads", NEW, **KEY)
    again = program.send("POST", "/api/leads", NEW, **KEY)

    assert (again.status_code, again.content, again["Location"]) == (201, first.content, first["Location"])
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert Lead.objects.count() == 1


def test_a_key_belongs_to_one_request(program):
    program.send("POST", "/api/leads", NEW, **KEY)

    other = program.send("POST", "/api/leads", NEW | {"first_name": "Zoe"}, **KEY)

    assert (other.status_code, other.json()["type"]) == (422, "urn:recare:problem:idempotency-key-reused")


def test_a_key_belongs_to_one_member(program, program_of, receptionist):
    program.send("POST", "/api/leads", NEW, **KEY)

    other = program_of(receptionist).send("POST", "/api/leads", NEW, **KEY)

    assert (other.status_code, "Idempotent-Replayed" in other) == (201, False)


def test_a_refused_request_may_use_its_key_again(program):
    refused = program.send("POST", "/api/leads", {"first_name": 5}, **KEY)

    assert refused.status_code == 422
    assert program.send("POST", "/api/leads", NEW, **KEY).status_code == 201


def test_a_repeat_is_told_nothing_that_its_token_may_not_know(coordinator, program, program_of):
    program.send("POST", "/api/leads", NEW, **KEY)

    assert program_of(coordinator, ["lead:read"]).send("POST", "/api/leads", NEW, **KEY).status_code == 403


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
def test_a_key_is_short_and_printable(program, key):
    answer = program.send("POST", "/api/leads", NEW, **{"Idempotency-Key": key})

    assert answer.json()["type"] == "urn:recare:problem:bad-idempotency-key"


def test_what_was_answered_is_kept_sealed_and_for_a_day(program):
    program.send("POST", "/api/leads", NEW, **KEY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM clinics_keptanswer")
        assert "Nora" not in cursor.fetchone()[0]

    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert program.send("POST", "/api/leads", NEW, **KEY)["Location"]
    assert Lead.objects.count() == 2
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))

    with no_clinic():
        forget_kept_answers()
    assert KeptAnswer.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_request_twice_at_the_same_moment_has_one_effect():
    clinic = ClinicFactory()
    with clinic_scope(clinic):
        load_preset(clinic)
        _token, secret = give_token(ClinicUserFactory(role=Role.TREATMENT_COORDINATOR))
    together, answers = threading.Barrier(4), []

    def ask():
        together.wait()
        try:
            answers.append(Program(secret).send("POST", "/api/leads", NEW, **KEY))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer["Location"] for answer in answers}) == 1
    assert sorted("Idempotent-Replayed" in answer for answer in answers) == [False, True, True, True]
    with clinic_scope(clinic):
        assert Lead.objects.count() == 1
