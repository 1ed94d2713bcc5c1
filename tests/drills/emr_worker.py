"""A worker that is killed while it imports a file of an EMR: python -m tests.drills.emr_worker CLINIC JOB BATCH POINT

It dies in its batch number BATCH: at POINT "applied" all of the batch is written and nothing committed, at "committed"
the batch is committed and the next has not begun.
"""

import os
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from clinics.jobs import run_job  # noqa: E402 - models want a set-up Django
from clinics.models import Clinic  # noqa: E402
from patients.emr.files import working  # noqa: E402

SMALL = 7


def dying_at(batch, point):
    """What reports progress, or takes the file up, until it is time to die."""
    done, report, take_up = [0], working.report_progress, working.take_up

    def reports(*arguments):
        done[0] += 1
        if point == "applied" and done[0] == batch:
            os.kill(os.getpid(), signal.SIGKILL)
        return report(*arguments)

    def takes_up(*arguments):
        if point == "committed" and done[0] == batch:
            os.kill(os.getpid(), signal.SIGKILL)
        return take_up(*arguments)

    working.report_progress, working.take_up = reports, takes_up


if __name__ == "__main__":
    clinic_id, job_id, batch, point = sys.argv[1:]
    working.BATCH = SMALL
    dying_at(int(batch), point)
    run_job(Clinic.objects.get(pk=clinic_id), job_id)
