"""What the pages of a connection show of it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from clinics.mail import absolute
from patients.emr.connections import usual_scopes
from patients.emr.policy import GROUPS, Policy
from patients.emr.runs import running_runs
from patients.emr.syncing import SYNCING
from patients.emr.trying import last_test
from patients.models import EmrConnection, EmrIssue, EmrKey, EmrRun, EmrWrite

RUNS, WRITES = 10, 10


@dataclass(frozen=True)
class State:
    """How a connection is going, as a badge."""

    text: str
    kind: str
    icon: str


def state_of(connection):
    if not connection.is_active:
        return State(_("Paused"), "", "pause")
    if connection.status == EmrConnection.Status.FAILING:
        return State(_("Fails"), "red", "alert")
    if connection.last_synced_at is None:
        return State(_("Not read yet"), "", "hourglass")
    return State(_("Works"), "green", "check")


def shown(connection):
    """Everything on the page of a connection."""
    policy = Policy(own=connection.field_policy)
    running = running_runs(connection, SYNCING).select_related("job").order_by("-id").first()
    sweep = EmrRun.objects.for_list().sweeps().of_connection(connection).first()
    return {
        "connection": connection,
        "state": state_of(connection),
        "running": running,
        "job": running.job if running else None,
        "sweep": sweep,
        "keys_address": keys_address(connection),
        "keys": EmrKey.objects.published().filter(connection=connection).newest_first(),
        "at_once": {"at_once": "1"},
        "scopes": connection.scopes or usual_scopes(may_write=connection.may_write),
        "winners": [{"label": group.label, "value": policy.winner(name).label} for name, group in GROUPS.items()],
        "test": last_test(connection),
        "runs": EmrRun.objects.for_list().of_connection(connection)[:RUNS],
        "writes": EmrWrite.objects.for_list().filter(connection=connection)[:WRITES],
        "issue_count": EmrIssue.objects.open().filter(connection=connection).count(),
    }


def keys_address(connection):
    """Where the EMR fetches our public keys."""
    return absolute(reverse("patients:emr_keys", args=[connection.clinic_id, connection.pk]))
