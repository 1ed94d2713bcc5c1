"""Originals of files that were brought in: once imported they are needed no more.

They go a month after the last thing that happened with them, or at once when somebody who may stand in them is erased.
"""

from datetime import timedelta

from django.db import transaction

from clinics.audit import SYSTEM, record
from clinics.documents.removing import remove_files
from patients.emr.files.uploading import discard_file
from patients.models import EmrFile, PaymentImport

KEPT_FOR = timedelta(days=30)
OVER = (EmrFile.Status.DONE, EmrFile.Status.UNDONE)
WAITING = (EmrFile.Status.UPLOADED, EmrFile.Status.CHECKED)


@transaction.atomic
def remove_originals(*, now):
    """Take the originals away with which nothing has happened for a month; returns how many files.

    An upload for an EMR that nobody has imported is discarded whole. Records "patients.payment_file.original_removed",
    "patients.emr_file.original_removed" and "patients.emr_file.discarded".
    """
    before = now - KEPT_FOR
    payments = PaymentImport.objects.select_for_update(of=("self",)).filter(updated_at__lt=before).exclude(stored_as="")
    payments = [file for file in payments.select_related("job") if not file.is_at_work]
    for file in payments:
        remove_original(file)
        record("patients.payment_file.original_removed", file, by=SYSTEM)
    waiting = list(EmrFile.objects.filter(status__in=WAITING, updated_at__lt=before))
    for file in waiting:
        discard_file(file, by=SYSTEM)
    return len(payments) + len(waiting) + remove_emr_originals(EmrFile.objects.filter(updated_at__lt=before))


def remove_original(file):
    """Take the original of a file of payments away, and the samples of its columns; what it brought stays."""
    remove_files(file.stored_as)
    file.stored_as, file.samples = "", [[] for _header in file.headers]
    file.save(update_fields=["stored_as", "samples", "problems", "updated_at"])


def remove_emr_originals(files):
    """Take the originals of some EMR files away, of those that are imported or undone; returns of how many."""
    count = 0
    for file in files.filter(status__in=OVER).select_for_update(of=("self",)).order_by("pk"):
        names = [part["stored_as"] for part in file.parts if part.get("stored_as")]
        if not names:
            continue
        remove_files(*names)
        file.parts = [part | {"stored_as": "", "samples": []} for part in file.parts]
        file.save(update_fields=["parts", "updated_at"])
        record("patients.emr_file.original_removed", file, by=SYSTEM)
        count += 1
    return count
