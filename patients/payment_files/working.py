"""The way of a file of payments: uploaded, its columns named, tried out, imported, undone."""

from itertools import islice
from pathlib import PurePath
from uuid import uuid4

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.jobs import report_progress, start_job
from clinics.live import publish
from clinics.tables.errors import NotATable
from clinics.tables.reading import read_table
from clinics.tenancy import clinic_scope
from patients.books import write_in_books
from patients.models import Patient, Payment, PaymentImport, PaymentKind
from patients.payment_files.columns import guess_columns, what_is_missing
from patients.payment_files.rows import RowReader, RowRefused
from patients.rules import FileIsAtWork, FileIsOver, MappingIncomplete, MoreThanPaid

AT_ONCE = 200
SAMPLES = 3
MOST_PROBLEMS = 5000
Status = PaymentImport.Status


def accept_file(clinic, upload, *, by):
    """Read an uploaded file, keep it and guess what its columns are; returns the PaymentImport.

    Records "patients.payment_file.uploaded". Raises UnreadableFile; then nothing is kept.
    """
    table = read_table(upload)
    rows = list(islice(table.rows, 50))
    if not rows or len(table.headers) > 100:
        raise NotATable(_("This is no table of payments."))
    samples = [
        list(dict.fromkeys(row.cells[place] for row in rows if place < len(row.cells) and row.cells[place]))[:SAMPLES]
        for place in range(len(table.headers))
    ]
    headers = list(table.headers)
    earlier = PaymentImport.objects.mapped_like(headers).first()
    upload.seek(0)
    stored_as = default_storage.save(f"payments/{clinic.pk}/{uuid4().hex}", upload)
    try:
        with transaction.atomic():
            file = PaymentImport.objects.create(
                file_name=PurePath(upload.name or "payments").name[:255],
                stored_as=stored_as,
                size_bytes=upload.size,
                headers=headers,
                samples=samples,
                mapping=earlier.mapping if earlier else guess_columns(headers),
                uploaded_by=by,
            )
            record("patients.payment_file.uploaded", file, by=by)
    except BaseException:
        default_storage.delete(stored_as)
        raise
    return file


@transaction.atomic
def try_out(file, mapping, *, by):
    """Say what the columns are and try the file out in the background; returns it.

    Records "patients.payment_file.tried_out". Raises FileIsAtWork, FileIsOver, MappingIncomplete.
    """
    file = _lock(file)
    if not file.may_be_mapped:
        raise FileIsOver
    missing = what_is_missing(mapping)
    if missing:
        raise MappingIncomplete(missing)
    file.mapping = mapping
    return _start(file, Status.CHECKING, "patients.payment_trial", _("Trying out %(file)s"), "tried_out", by=by)


@transaction.atomic
def import_payments(file, *, by):
    """Import a file that was tried out, or go on with one that was stopped; returns it.

    Records "patients.payment_file.imported". Raises FileIsAtWork, FileIsOver.
    """
    file = _lock(file)
    if not file.may_be_run:
        raise FileIsOver
    return _start(file, Status.IMPORTING, "patients.payment_import", _("Importing %(file)s"), "imported", by=by)


@transaction.atomic
def undo_payments(file, *, by):
    """Take away what a file has brought; returns it, with `kept_count`. Records "patients.payment_file.undone".

    The payments of whoever was given some of it back since are kept: what was given back would be more than was paid.
    Raises FileIsAtWork, FileIsOver.
    """
    file = _lock(file)
    if not file.may_be_undone:
        raise FileIsOver
    mine = Payment.objects.filter(brought_by=file)
    going = mine.exclude(patient__in=_given_back(mine))
    count, _by_model = going.delete()
    file.kept_count = mine.count()
    file.status = Status.UNDONE
    file.save(update_fields=["status", "updated_at"])
    record("patients.payment_file.undone", file, by=by, after={"count": count, "kept": file.kept_count})
    publish(f"payment-file-{file.pk}", "patients")
    return file


def _given_back(brought):
    """The patients who got some of the payments that a file `brought` back, or more than they have paid without it."""
    whose = Patient.objects.select_for_update().filter(pk__in=brought.values("patient")).order_by("pk")
    patients = list(whose.only("pk"))
    back = Payment.objects.filter(refunds__in=brought).exclude(pk__in=brought).values_list("patient_id", flat=True)
    in_all, by_file = Payment.objects.collected_of(patients), brought.collected_of(patients)
    return {*back, *(each.pk for each in patients if in_all[each.pk] < by_file[each.pk])}


def _start(file, status, kind, title, verb, *, by):
    file.status, file.problems = status, []
    file.job = start_job(
        kind,
        title=(title % {"file": file.file_name})[:200],
        by=by,
        parameters={"file": str(file.pk)},
        result_url=file.get_absolute_url(),
    )
    file.save()
    record(f"patients.payment_file.{verb}", file, by=by, after={"mapping": file.mapping})
    return file


def _lock(file):
    file = PaymentImport.objects.select_for_update(of=("self",)).select_related("job", "clinic").get(pk=file.pk)
    if file.is_at_work:
        raise FileIsAtWork
    return file


def run_trial(clinic, job):
    """Background: read every row as the import would, and write nothing but what stands against it."""
    return _run(clinic, job, is_trial=True)


def run_import(clinic, job):
    """Background: write the payments down, batch by batch; what is here already stays, so it can go on at any row."""
    return _run(clinic, job, is_trial=False)


def _run(clinic, job, *, is_trial):
    with clinic_scope(clinic):
        file = PaymentImport.objects.select_related("clinic", "uploaded_by").get(pk=job.parameters["file"])
        with file.open_file() as source:
            rows = [(row.line, row.cells) for row in read_table(source).rows]
    place = file.mapping.index("paid_on")
    reader = RowReader(file.clinic, file.mapping, [cells[place] for _line, cells in rows if place < len(cells)])
    counts, problems, paid = {"created": 0, "known": 0, "total": 0}, [], {}
    for start in range(0, len(rows), AT_ONCE):
        with clinic_scope(clinic):
            batch = rows[start : start + AT_ONCE]
            payments = _read(reader, batch, problems)
            if is_trial:
                _try(payments, counts, problems, paid)
            else:
                _take(file, payments, counts, problems, by=job.started_by)
            report_progress(job, min(start + AT_ONCE, len(rows)), len(rows))
    with clinic_scope(clinic):
        _finish(file, counts, problems, len(rows), is_trial=is_trial)
    return {"created": counts["created"], "known": counts["known"], "failed": len(problems)}


def _read(reader, rows, problems):
    """The payments of some rows, and whether each is here already or twice in the file: [(line, Payment, is_known)]."""
    payments = []
    for line, cells in rows:
        try:
            payments.append((line, reader.read(cells)))
        except RowRefused as refused:
            problems.append([line, str(refused)])
    ids = [payment.external_id for _line, payment in payments]
    known = set(Payment.objects.filter(external_id__in=ids).values_list("external_id", flat=True))
    read = []
    for line, payment in payments:
        read.append((line, payment, payment.external_id in known))
        known.add(payment.external_id)
    return read


def _try(payments, counts, problems, paid):
    """Only look at payments. `paid` is what each patient will have paid by then, in cents; it is carried on."""
    new = {payment.patient.pk: payment.patient for _line, payment, is_known in payments if not is_known}
    unread = [patient for pk, patient in new.items() if pk not in paid]
    paid |= Payment.objects.collected_of(unread)
    for line, payment, is_known in payments:
        if is_known:
            counts["known"] += 1
        elif payment.kind == PaymentKind.REFUND and payment.amount_cents > paid[payment.patient.pk]:
            problems.append([line, str(MoreThanPaid())])
        else:
            paid[payment.patient.pk] += payment.signed_cents
            _count(counts, payment)


def _take(file, payments, counts, problems, *, by):
    """Write payments down, alone with their patients, so that no two refunds give the same money back."""
    write_in_books()
    whose = {payment.patient.pk for _line, payment, _is_known in payments}
    list(Patient.objects.select_for_update().filter(pk__in=whose).order_by("pk").values_list("pk"))
    for line, payment, is_known in payments:
        if is_known:
            counts["known"] += 1
            continue
        try:
            _write(file, payment, by=by)
        except MoreThanPaid as broken:
            problems.append([line, str(broken)])
            continue
        _count(counts, payment)


def _count(counts, payment):
    counts["created"] += 1
    counts["total"] += payment.signed_cents


def _write(file, payment, *, by):
    is_refund = payment.kind == PaymentKind.REFUND
    if is_refund and payment.amount_cents > Payment.objects.of_patient(payment.patient).collected_cents():
        raise MoreThanPaid
    payment.brought_by, payment.created_by = file, by
    payment.save(force_insert=True)
    after = {"patient": payment.patient, "kind": payment.kind, "amount_cents": payment.amount_cents}
    record("patients.payment.recorded", payment, by=by, after=after)


def _finish(file, counts, problems, row_count, *, is_trial):
    file.status = Status.CHECKED if is_trial else Status.DONE
    file.row_count, file.known_count, file.failed_count = row_count, counts["known"], len(problems)
    file.created_count, file.total_cents = counts["created"], counts["total"]
    if not is_trial:  # also what an earlier run has brought before it was stopped
        mine = Payment.objects.filter(brought_by=file)
        file.created_count, file.total_cents = mine.count(), mine.collected_cents()
        file.known_count = row_count - len(problems) - file.created_count
        file.finished_at = timezone.now()
    file.problems = problems[:MOST_PROBLEMS]
    file.save()
    publish(f"payment-file-{file.pk}", "patients")
