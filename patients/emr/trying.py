"""The test of a connection: step by step to the point where it fails, each failure in plain words with what to do."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.jobs import start_job
from clinics.models import BackgroundJob
from clinics.tenancy import clinic_scope
from clinics.webhook_sources import Check
from patients.emr.addresses import check_url, place_of
from patients.emr.client import Client
from patients.emr.connections import server_of
from patients.emr.errors import EmrError
from patients.emr.mapping import ORDER
from patients.models import EmrConnection

TEST = "patients.emr_test"


@transaction.atomic
def start_test(connection, *, by):
    """Begin to try a connection out in the background; returns the job. Records "patients.emr_connection.tested"."""
    record("patients.emr_connection.tested", connection, by=by)
    return start_job(
        TEST,
        title=_("Test of %(name)s") % {"name": connection.name},
        by=by,
        parameters={"connection": str(connection.pk)},
        result_url=f"{connection.get_absolute_url()}#connection-test",
    )


def last_test(connection):
    """The newest test of a connection as a job, or None."""
    tests = BackgroundJob.objects.filter(kind=TEST, parameters__connection=str(connection.pk))
    return tests.order_by("-id").first()


def run_test(clinic, job):
    """Try a connection out and keep what was found, line by line; no transaction is open while the EMR is asked."""
    with clinic_scope(clinic):
        connection = EmrConnection.objects.get(pk=job.parameters["connection"])
        server, has_client_id = server_of(connection), bool(connection.client_id)
    facts = {}
    checks = list(checks_of(server, facts, has_client_id=has_client_id))
    failed = [check for check in checks if not check.passed]
    status = EmrConnection.Status.FAILING if failed else EmrConnection.Status.READY
    steps = [vars(check) for check in checks]
    with clinic_scope(clinic):
        EmrConnection.objects.filter(pk=connection.pk).update(
            status=status, facts=facts, tested_at=timezone.now(), updated_at=timezone.now()
        )
    return {"passed": len(checks) - len(failed), "failed": len(failed), "checks": steps}


def checks_of(server, facts, *, has_client_id=True):
    """A Check for each step, up to the first that those after it depend on; what the server says goes into `facts`."""
    steps = [
        (_("The address may be called."), lambda client: check_url(server.base_url)),
        (_("The name of the server leads to it."), lambda client: place_of(server.base_url)),
        (
            _("It is a FHIR R4 server and says what it can do."),
            lambda client: facts.update(facts_of(client.capability())),
        ),
    ]
    if has_client_id:
        steps.append((_("It accepts our login."), lambda client: client.log_in()))
    for text, act in steps:
        check = _tried(server, text, act)
        yield check
        if not check.passed:
            return
    if not has_client_id:
        advice = _("The EMR gives it when the app is registered there, with the address of our keys.")
        yield Check(_("A client ID is put in."), False, advice)
        return
    for kind in ORDER:
        yield _tried(server, _("It lets us read %(kind)s.") % {"kind": kind}, _reads(kind))


def _reads(kind):
    # Some servers answer a search only where it is narrowed; a time to come finds nothing and still needs the right.
    return lambda client: client.search(kind, _count="1", _lastUpdated="ge2199-01-01T00:00:00Z")


def _tried(server, text, act):
    try:
        with Client(server) as client:
            act(client)
    except EmrError as error:
        return Check(text, False, f"{error} {error.advice}".strip())
    return Check(text, True)


def facts_of(capability):
    """What is worth showing of a server's statement of what it can do: its make, FHIR version, types of resources."""
    software = capability.get("software")
    rest = capability.get("rest")
    first = rest[0] if isinstance(rest, list) and rest and isinstance(rest[0], dict) else {}
    kinds = [row.get("type") for row in first.get("resource") or [] if isinstance(row, dict)]
    return {
        "software": str(software.get("name", ""))[:80] if isinstance(software, dict) else "",
        "fhir": str(capability.get("fhirVersion", ""))[:10],
        "kinds": [str(kind) for kind in kinds if isinstance(kind, str)][:200],
    }
