"""A worker that is killed on purpose: python -m tests.drills.emr_link_worker CLINIC JOB|- POINT NUMBER.

With a job it reads an EMR, with "-" it tells EMRs what is due. It dies when it comes to POINT for the NUMBERth time:

    asked     a page has come, and nothing is made of it yet
    applied   what the page brought is written, and the transaction still open
    kept      page and place are committed, and the next page not asked for
    claimed   a change is claimed, and the EMR not spoken to
    told      the EMR has accepted a change, and its answer is lost
    settling  the answer is written down, and the transaction still open
"""

import os
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from clinics.jobs import run_job  # noqa: E402 - models want a set-up Django
from clinics.models import Clinic  # noqa: E402
from patients.emr import outbox, reading  # noqa: E402
from patients.emr.client import Client  # noqa: E402

WHERE = {
    "asked": (Client, "_page"),
    "applied": (reading, "take_in"),
    "kept": (reading.Reader, "keep"),
    "claimed": (outbox, "_claim"),
    "told": (outbox, "_exchange"),
    "settling": (outbox, "note_known"),
}


def die_after(point, number):
    """Let the process be killed when it has done something for the `number`th time."""
    owner, name = WHERE[point]
    act, left = getattr(owner, name), [number]

    def act_and_die(*arguments, **how):
        result = act(*arguments, **how)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, act_and_die)


if __name__ == "__main__":
    clinic_id, job_id, point, number = sys.argv[1:]
    die_after(point, int(number))
    clinic = Clinic.objects.get(pk=clinic_id)
    if job_id == "-":
        outbox.tell_emrs(clinic)
    else:
        run_job(clinic, job_id)
