"""Every way in which code could reach for a row of another clinic: each probe runs as the neighbours' clinic.

A probe takes a Target and returns how many rows of the other clinic it read. What those of `writing_probes` wrote, the
caller finds out from the other clinic's checksum. An error of the database is a refusal.
"""

from dataclasses import dataclass

from django.db import connection, models
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery

from clinics.models import Clinic, ClinicModel
from clinics.wall import clinic_links
from tests.isolation.world import World

READING = []


@dataclass
class Target:
    model: type
    world: World  # whose rows are reached for
    neighbours: World  # who reaches for them

    @property
    def theirs(self):
        """The row of the other clinic, as somebody would hold it who has got hold of it."""
        return _copy(self.world[self.model])

    @property
    def own(self):
        return _copy(self.neighbours[self.model])

    @property
    def table(self):
        return self.model._meta.db_table

    @property
    def rows(self):
        """All rows of the model by the manager that Django itself uses, which no scope narrows."""
        return self.model._base_manager


def _copy(row):
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    copied = type(row)(**values)
    copied._state.adding, copied._state.db = False, "default"
    return copied


def reads(probe):
    READING.append(probe)
    return probe


def ask_database(query, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []


@reads
def manager_by_id(target):
    return target.model.objects.filter(pk=target.theirs.pk).count()


@reads
def manager_by_clinic(target):
    return target.model.objects.filter(clinic=target.world.clinic).count()


@reads
def manager_by_ids(target):
    return len(target.model.objects.in_bulk([target.theirs.pk]))


@reads
def base_manager_by_id(target):
    return target.rows.filter(pk=target.theirs.pk).count()


@reads
def base_manager_by_clinic(target):
    return len(target.rows.filter(clinic=target.world.clinic))


@reads
def base_manager_by_everything(target):
    return len([row for row in target.rows.all() if row.clinic_id == target.world.clinic.pk])


@reads
def query_with_or(target):
    return target.rows.filter(Q(clinic=target.neighbours.clinic) | Q(pk=target.theirs.pk)).count() - (
        target.rows.filter(clinic=target.neighbours.clinic).count()
    )


@reads
def raw_query(target):
    query = f"SELECT * FROM {target.table} WHERE id = %s"
    return len(list(target.rows.raw(query, [target.theirs.pk])))


@reads
def cursor(target):
    return len(ask_database(f"SELECT 1 FROM {target.table} WHERE clinic_id = %s", target.world.clinic.pk))


@reads
def common_table_expression(target):
    query = f"WITH found AS (SELECT * FROM {target.table}) SELECT 1 FROM found WHERE clinic_id = %s"
    return len(ask_database(query, target.world.clinic.pk))


@reads
def aggregate(target):
    found = target.rows.filter(clinic=target.world.clinic).aggregate(count=Count("pk"), newest=Max("created_at"))
    return found["count"] + (found["newest"] is not None)


@reads
def union(target):
    rows = target.model.objects.values_list("pk").union(target.rows.filter(pk=target.theirs.pk).values_list("pk"))
    return list(rows).count((target.theirs.pk,))


@reads
def subquery(target):
    newest = target.rows.filter(clinic=OuterRef("pk")).values("pk")[:1]
    return (
        Clinic.objects.filter(pk=target.world.clinic.pk).annotate(newest=Subquery(newest)).exclude(newest=None).count()
    )


@reads
def exists(target):
    return Clinic.objects.filter(Exists(target.rows.filter(clinic=OuterRef("pk"))), pk=target.world.clinic.pk).count()


@reads
def locking(target):
    return len(target.rows.select_for_update(of=("self",)).filter(pk=target.theirs.pk).order_by("pk"))


@reads
def refresh(target):
    row = target.theirs
    try:
        row.refresh_from_db()
    except target.model.DoesNotExist:
        return 0
    return 1


@reads
def forward_links(target):
    """A row of one's own that names theirs: what the link then shows."""
    found = 0
    for link in clinic_links(target.model):
        row = target.own
        setattr(row, link.attname, target.world[link.remote_field.model].pk)
        try:
            found += getattr(row, link.name) is not None
        except link.remote_field.model.DoesNotExist:
            continue
    return found


@reads
def reverse_links(target):
    found = 0
    for relation in target.model._meta.related_objects:
        if not issubclass(relation.related_model, ClinicModel) or relation.hidden:
            continue
        try:
            related = getattr(target.theirs, relation.get_accessor_name())
        except relation.related_model.DoesNotExist:
            continue
        found += related.count() if isinstance(related, models.Manager) else 1
    return found


@reads
def joins(target):
    """A filter that reaches over a link into their row."""
    return sum(
        target.rows.filter(**{f"{link.name}__clinic": target.world.clinic}).count()
        for link in clinic_links(target.model)
    )


@reads
def copy_out(target):
    with connection.cursor() as cursor:
        query = f"COPY (SELECT * FROM {target.table} WHERE clinic_id = '{target.world.clinic.pk}') TO STDOUT"
        with cursor.copy(query) as rows:
            return len(list(rows.rows()))
