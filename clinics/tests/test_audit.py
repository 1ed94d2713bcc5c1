import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from clinics.audit import SYSTEM, plain, record, record_read
from clinics.models import AuditLog, Reaction, Role
from clinics.requests import RequestIdMiddleware
from clinics.tests.factories import LocationFactory
from conftest import last_audit


def test_record_writes_who_did_what_to_which_row(owner):
    place = LocationFactory()

    event = record("clinics.location.renamed", place, by=owner, before={"name": "Old"}, after={"name": "New"})

    event.refresh_from_db()
    assert (event.actor, event.action, event.resource_type, event.resource_id, event.before, event.after) == (
        owner,
        "clinics.location.renamed",
        "clinics.location",
        place.pk,
        {"name": "Old"},
        {"name": "New"},
    )
    assert (event.ip_address, event.request_id) == (None, "")


def test_record_without_an_actor_or_a_row(clinic):
    event = record("clinics.clinic.swept", by=SYSTEM)

    assert (event.actor, event.resource_type, event.resource_id) == (None, "", None)


def test_record_keeps_the_values_that_changed_as_json(owner):
    place, day = LocationFactory(), dt.date(2026, 11, 21)

    record(
        "clinics.location.tried",
        place,
        by=owner,
        before={"place": place, "places": [place], "role": Role.DOCTOR},
        after={"nested": {"place": place}, "day": day, "at": dt.time(9, 5), "cost": Decimal("9.50"), "none": None},
    )

    event = last_audit(place)
    assert event.before == {"place": str(place.pk), "places": [str(place.pk)], "role": "DOCTOR"}
    assert event.after == {
        "nested": {"place": str(place.pk)},
        "day": "2026-11-21",
        "at": "09:05:00",
        "cost": "9.50",
        "none": None,
    }


def test_plain_leaves_what_is_json_already():
    assert plain({"a": [1, "x", None, True]}) == {"a": [1, "x", None, True]}
    assert plain(None) is None


def test_record_read_says_who_saw_a_row(owner):
    record_read(owner, by=owner, metadata={"page": "profile"})

    event = last_audit(owner)
    assert (event.action, event.actor, event.metadata) == ("clinics.clinicuser.viewed", owner, {"page": "profile"})


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
        ("unix socket", None),
    ],
)
def test_record_knows_the_request_it_happened_in(owner, address, kept):
    seen = []

    def view(request):
        seen.append((record("clinics.thing.done", by=owner), request.id))
        return {}

    RequestIdMiddleware(lambda request: view(request) or FakeAnswer())(RequestFactory(REMOTE_ADDR=address).get("/"))

    [(event, request_id)] = seen
    event.refresh_from_db()
    assert (event.ip_address, event.request_id) == (kept, request_id)


class FakeAnswer(dict):
    status_code = 200


def test_record_is_taken_back_with_the_change(owner, settings):
    settings.REACTIONS = "clinics.tests.test_audit.REACTIONS"

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("clinics.thing.done", by=owner)
        raise ZeroDivisionError

    assert (AuditLog.objects.filter(action="clinics.thing.done").count(), Reaction.objects.count()) == (0, 0)


REACTIONS = {"clinics.thing.done": ["clinics.tests.test_reactions.greet", "clinics.tests.test_reactions.fail"]}


def test_record_asks_for_one_reaction_of_each_handler(owner, settings):
    settings.REACTIONS = "clinics.tests.test_audit.REACTIONS"

    event = record("clinics.thing.done", by=owner)

    assert list(event.reactions.order_by("handler").values_list("handler", "status")) == [
        ("clinics.tests.test_reactions.fail", "PENDING"),
        ("clinics.tests.test_reactions.greet", "PENDING"),
    ]


CHANGES = ["UPDATE clinics_auditlog SET action = 'nothing'", "DELETE FROM clinics_auditlog"]


@pytest.mark.parametrize("statement", CHANGES)
def test_log_cannot_be_changed_by_the_application(owner, statement):
    record("clinics.thing.done", by=owner)

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditLog.objects.filter(action="clinics.thing.done").count() == 1


@pytest.mark.parametrize("statement", CHANGES)
def test_log_cannot_be_changed_by_the_owner_of_the_tables(owner, statement):
    record("clinics.thing.done", by=owner)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(statement)

    assert AuditLog.objects.filter(action="clinics.thing.done").count() == 1


def test_log_cannot_be_changed_through_the_models_either(owner):
    event = record("clinics.thing.done", by=owner)

    for change in (event.save, event.delete, AuditLog.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
