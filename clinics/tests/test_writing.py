"""Rows written together: nothing before the end, all of it then, and nothing of what was taken back."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.audit import record, recording_together
from clinics.models import AuditLog, ClinicUser, Location, Role
from clinics.tests.factories import UserFactory
from clinics.writing import add_to, remove, update_rows, write_changes, write_new, writing_together


def test_what_is_written_together_is_written_at_the_end_and_what_was_taken_back_is_not(clinic):
    known = Location.objects.create(name="North")
    changed_at = known.updated_at

    with writing_together() as waiting:
        write_new(Location(name="South"))
        known.name = "North side"
        write_changes(known, ["name", "updated_at"])
        before = len(waiting)
        write_new(Location(name="Nowhere"))
        del waiting[before:]
        assert list(Location.objects.values_list("name", flat=True)) == ["North"]

    assert sorted(Location.objects.values_list("name", flat=True)) == ["North side", "South"]
    known.refresh_from_db()
    assert known.updated_at > changed_at


def test_many_changes_are_one_statement_and_what_goes_goes_first(clinic, django_assert_num_queries):
    places = [Location.objects.create(name=name) for name in ("North", "South", "East")]

    with writing_together():
        for place in places[:2]:
            place.name, place.time_zone = f"{place.name} side", "Europe/Madrid"
            write_changes(place, ["name", "time_zone", "latitude", "updated_at"])
        remove(Location, pk=places[2].pk)
    assert sorted(Location.objects.values_list("name", "time_zone", "latitude")) == [
        ("North side", "Europe/Madrid", None),
        ("South side", "Europe/Madrid", None),
    ]
    with django_assert_num_queries(1):
        update_rows(places[:2], ["name", "updated_at"])
    write_new(Location(name="West"))
    remove(Location, name="West")
    assert Location.objects.count() == 2


def test_a_row_that_is_written_alone_is_there_at_once(clinic):
    place = write_new(Location(name="South"))
    place.name = "South side"
    write_changes(place, ["name"])

    assert Location.objects.get().name == "South side"


def test_what_is_recorded_together_is_written_at_the_end_with_its_reactions(clinic, owner, settings):
    settings.REACTIONS = "clinics.tests.test_writing.REACTIONS"
    with recording_together() as events:
        record("clinics.toy.opened", clinic, by=owner)
        record("clinics.toy.closed", clinic, by=owner)
        events.pop()
        assert not AuditLog.objects.filter(action__startswith="clinics.toy").exists()

    (event,) = AuditLog.objects.filter(action__startswith="clinics.toy")
    assert (event.action, event.reactions.get().handler) == ("clinics.toy.opened", "clinics.tasks.mail_invitation")


REACTIONS = {"clinics.toy.opened": ["clinics.tasks.mail_invitation"]}


def test_what_is_added_to_is_locked_in_one_order_at_the_end(clinic):
    one, two = sorted(
        (ClinicUser.objects.create(user=UserFactory(), role=Role.VIEWER, capacity=10) for _n in range(2)),
        key=lambda member: str(member.pk),
    )

    with writing_together(), CaptureQueriesContext(connection) as asked:
        add_to(ClinicUser, "capacity", {two.pk: 3})
        add_to(ClinicUser, "capacity", {one.pk: -1, two.pk: -5})
        assert not asked.captured_queries
    with CaptureQueriesContext(connection) as asked:
        add_to(ClinicUser, "capacity", {two.pk: 1, one.pk: 1})

    assert [pk.hex in query["sql"].replace("-", "") for query, pk in zip(asked, (one.pk, two.pk), strict=True)] == [
        True,
        True,
    ]
    for member in (one, two):
        member.refresh_from_db()
    assert (one.capacity, two.capacity) == (10, 9)
