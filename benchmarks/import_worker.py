"""A worker of its own for one import: python -m benchmarks.import_worker CLINIC JOB. Prints what it took as JSON.

A process of its own, so that its peak of memory is that of the import and nothing else.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from clinics.jobs import run_job  # noqa: E402 - models want a set-up Django
from clinics.models import Clinic  # noqa: E402


def peak_megabytes():
    """The most memory that this process has had at once; what Linux says of its own pages, where it does."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024


if __name__ == "__main__":
    clinic_id, job_id = sys.argv[1:]
    clinic = Clinic.objects.get(pk=clinic_id)
    started, worked = time.perf_counter(), time.process_time()
    run_job(clinic, job_id)
    taken = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - worked, "mb": peak_megabytes()}
    print(json.dumps(taken))
