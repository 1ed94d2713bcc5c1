"""A worker that is killed on purpose: python -m tests.drills.killed_worker FUNCTION COUNT BATCH ACT CLINIC ARGUMENT...

It works off a job (ACT "job", its id) or merges two leads (ACT "merge", the survivor's id, the other's, a member's),
and is killed when FUNCTION (dotted) is called for the COUNT-th time, at once, before it does anything. Batches are of
BATCH rows or leads.
"""

import os
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils.module_loading import import_string  # noqa: E402 - models want a set-up Django

from clinics import bulk, bulk_undoing  # noqa: E402
from clinics.jobs import run_job  # noqa: E402
from clinics.models import Clinic, ClinicUser  # noqa: E402
from clinics.tenancy import clinic_scope  # noqa: E402
from crm import purging  # noqa: E402
from crm.duplicates.merging import merge_leads  # noqa: E402
from crm.importing import undoing, working  # noqa: E402
from crm.models import Lead  # noqa: E402
from patients.payment_files import working as payments  # noqa: E402


def die_at(function, count):
    """Put something in the place of a function that counts its calls and ends the process."""
    module_name, _dot, name = function.rpartition(".")
    module, act, calls = sys.modules[module_name], import_string(function), []

    def counted(*arguments, **facts):
        calls.append(1)
        if len(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*arguments, **facts)

    setattr(module, name, counted)


def merge(clinic, survivor, other, member):
    with clinic_scope(clinic):
        leads = Lead.objects.in_bulk([survivor, other], field_name="id")
        by = ClinicUser.objects.get(pk=member)
        one, two = (next(lead for pk, lead in leads.items() if str(pk) == each) for each in (survivor, other))
        merge_leads(one, two, by=by)


if __name__ == "__main__":
    function, count, batch, act, clinic_id, *rest = sys.argv[1:]
    for module in (bulk, bulk_undoing, working, undoing):
        module.BATCH = int(batch)
    payments.AT_ONCE = int(batch)
    purging.BATCH = purging.LEADS_AT_ONCE = int(batch)
    die_at(function, int(count))
    {"job": run_job, "merge": merge}[act](Clinic.objects.get(pk=clinic_id), *rest)
