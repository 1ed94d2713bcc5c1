"""Every way in which code could change, move, add or hang on to a row of another clinic."""

from django.db import connection
from django.utils import timezone

from clinics.wall import clinic_links
from tests.isolation.probes import ask_database

WRITING = []


def writes(probe):
    WRITING.append(probe)
    return probe


@writes
def update_by_id(target):
    target.rows.filter(pk=target.theirs.pk).update(updated_at=timezone.now())


@writes
def update_by_clinic(target):
    target.rows.filter(clinic=target.world.clinic).update(updated_at=timezone.now())


@writes
def update_by_cursor(target):
    ask_database(f"UPDATE {target.table} SET updated_at = now() WHERE id = %s", target.theirs.pk)


@writes
def take_over(target):
    """Make their row one's own."""
    target.rows.filter(pk=target.theirs.pk).update(clinic=target.neighbours.clinic)


@writes
def hand_over(target):
    """Put a row of one's own among theirs."""
    target.rows.filter(pk=target.own.pk).update(clinic=target.world.clinic)


@writes
def delete_by_cursor(target):
    ask_database(f"DELETE FROM {target.table} WHERE id = %s", target.theirs.pk)


@writes
def delete_by_clinic(target):
    rows = target.rows.filter(clinic=target.world.clinic)
    rows._raw_delete("default")


@writes
def delete_row(target):
    target.theirs.delete()


@writes
def save_theirs(target):
    target.theirs.save()


@writes
def save_over_theirs(target):
    row = target.own
    row.pk = target.theirs.pk
    row.save(force_update=True)


@writes
def save_among_theirs(target):
    row = target.own
    row.clinic = target.world.clinic
    row.save()


@writes
def create_among_theirs(target):
    row = _new(target)
    row.save(force_insert=True)


@writes
def bulk_create_among_theirs(target):
    target.rows.bulk_create([_new(target)])


@writes
def bulk_create_over_theirs(target):
    row = target.own
    row.pk = target.theirs.pk
    target.rows.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["updated_at", "clinic"])


@writes
def bulk_update_theirs(target):
    row = target.theirs
    row.updated_at = timezone.now()
    target.rows.bulk_update([row], ["updated_at"])


@writes
def get_or_create_among_theirs(target):
    target.model.objects.get_or_create(pk=target.theirs.pk, defaults={"clinic": target.world.clinic})


@writes
def copy_in(target):
    with connection.cursor() as cursor, cursor.copy(f"COPY {target.table} (id, clinic_id) FROM STDIN") as rows:
        rows.write_row([_new(target).pk, target.world.clinic.pk])


@writes
def empty_table(target):
    ask_database(f"TRUNCATE {target.table} CASCADE")


def _new(target):
    """A row like one's own, among theirs, with nothing in it that must be unique."""
    row = target.own
    row.pk = target.model._meta.pk.get_default()
    row.clinic = target.world.clinic
    return row


def attachments(target):
    """For each link of a model: a probe that hangs a row of one's own on a row of theirs."""
    for link in clinic_links(target.model):

        def attach(target=target, link=link):
            theirs = target.world[link.remote_field.model].pk
            ask_database(f"UPDATE {target.table} SET {link.column} = %s WHERE id = %s", theirs, target.own.pk)
            ask_database("SET CONSTRAINTS ALL IMMEDIATE")

        yield link.name, attach
