"""Payments from a file: columns guessed, tried out, imported, known again, undone."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinics.jobs import run_job
from conftest import next_door
from patients.models import Payment, PaymentImport
from patients.payment_files.columns import guess_columns, what_is_missing
from patients.payment_files.working import accept_file, import_payments, try_out, undo_payments
from patients.rules import FileIsOver, MappingIncomplete
from patients.tests.factories import PatientFactory
from patients.visits import record_payment, refund_payment

FILE = """Chart No,Patient,Date,Amount,Method,Type,Memo
A-1,Iris Falk,03/14/2026,"1,200.00",Visa,Payment,Bonding
A-1,Iris Falk,03/20/2026,200.00,Visa,Refund,Bonding
,Jon Hale,03/21/2026,$80.00,Cash,Payment,
,Jon Hale,03/21/2026,$80.00,Cash,Payment,
,Nobody Known,03/22/2026,10.00,Cash,Payment,
,Jon Hale,yesterday,10.00,Cash,Payment,
,Jon Hale,03/23/2026,free,Cash,Payment,
"""


@pytest.fixture
def people(clinic):
    iris = PatientFactory(first_name="Iris", last_name="Falk", emr_system="EPIC", external_id="A-1")
    return iris, PatientFactory(first_name="Jon", last_name="Hale")


@pytest.fixture
def bring_in(clinic, coordinator):
    """bring_in(text): upload a file, try it out with the columns as guessed; the import as it stands then."""

    def bring(text=FILE):
        upload = SimpleUploadedFile("payments.csv", text.encode())
        file = accept_file(clinic, upload, by=coordinator)
        return work_off(clinic, try_out(file, file.mapping, by=coordinator))

    return bring


def work_off(clinic, file):
    run_job(clinic, file.job_id)
    file = PaymentImport.objects.select_related("job").get(pk=file.pk)
    assert file.job.status == "DONE", file.job.error
    return file


def figures(file):
    return file.status, file.created_count, file.known_count, file.failed_count, file.total_cents


def test_columns_are_guessed_from_their_headings():
    assert guess_columns(["Chart No", "Patient", "Date", "Amount", "Method", "Type", "Memo", "Receipt #"]) == [
        "patient_id", "name", "paid_on", "amount", "method", "kind", "note", "external_id",
    ]  # fmt: skip
    assert guess_columns(["Paciente", "Fecha", "Importe", "Forma de pago"]) == ["name", "paid_on", "amount", "method"]
    assert what_is_missing(["name", "amount", ""]) and what_is_missing(["amount", "paid_on"])
    assert what_is_missing(["name", "name", "amount", "paid_on"])
    assert not what_is_missing(["phone", "amount", "paid_on"])


def test_a_trial_writes_nothing_and_names_every_row_that_fails(bring_in, people):
    file = bring_in()

    assert figures(file) == ("CHECKED", 4, 0, 3, 116_000)
    assert [line for line, _why in file.problems] == [6, 7, 8]
    assert "Nobody Known" in file.problems[0][1] and "yesterday" in file.problems[1][1]
    assert not Payment.objects.exists()


def test_an_import_writes_payments_and_refunds_and_again_changes_nothing(bring_in, people, clinic, coordinator):
    iris, jon = people

    file = work_off(clinic, import_payments(bring_in(), by=coordinator))

    assert figures(file) == ("DONE", 4, 0, 3, 116_000)
    rows = Payment.objects.of_patient(iris).order_by("paid_on").values_list("kind", "amount_cents", "method", "note")
    assert list(rows) == [("PAYMENT", 120_000, "CARD", "Bonding"), ("REFUND", 20_000, "CARD", "Bonding")]
    assert [payment.amount_cents for payment in Payment.objects.of_patient(jon)] == [8_000, 8_000]

    again = bring_in()
    assert figures(again) == ("CHECKED", 0, 4, 3, 0)
    again = work_off(clinic, import_payments(again, by=coordinator))
    assert (figures(again), Payment.objects.count()) == (("DONE", 0, 4, 3, 0), 4)


def test_an_import_is_undone_and_can_be_done_again(bring_in, people, clinic, coordinator):
    file = work_off(clinic, import_payments(bring_in(), by=coordinator))

    file = undo_payments(file, by=coordinator)
    assert (file.status, Payment.objects.count()) == ("UNDONE", 0)
    with pytest.raises(FileIsOver):
        undo_payments(file, by=coordinator)

    file = work_off(clinic, import_payments(file, by=coordinator))
    assert figures(file) == ("DONE", 4, 0, 3, 116_000)


def test_what_was_given_back_since_keeps_the_payments_of_that_patient(bring_in, people, clinic, coordinator):
    file = work_off(clinic, import_payments(bring_in(), by=coordinator))
    paid = Payment.objects.filter(kind="PAYMENT").order_by("-amount_cents").first()
    theirs = Payment.objects.filter(patient=paid.patient, brought_by=file).count()
    refund_payment(paid, {"amount_cents": 100, "paid_on": paid.paid_on}, by=coordinator)

    file = undo_payments(file, by=coordinator)

    assert file.kept_count == theirs == Payment.objects.left_of(file)
    assert Payment.objects.of_patient(paid.patient).collected_cents() > 0
    assert not Payment.objects.exclude(patient=paid.patient).exists()


def test_an_unnamed_refund_that_only_the_file_covers_keeps_it_too(bring_in, people, clinic, coordinator):
    file = work_off(clinic, import_payments(bring_in("Chart No,Date,Amount\nA-1,2026-03-01,80"), by=coordinator))
    patient = Payment.objects.get().patient
    refund = {"kind": "REFUND", "amount_cents": 5_000, "paid_on": date(2026, 3, 2)}
    record_payment(patient, refund, by=coordinator)

    assert undo_payments(file, by=coordinator).kept_count == 1
    assert Payment.objects.of_patient(patient).collected_cents() == 3_000


def test_a_refund_of_more_than_was_paid_is_found_in_the_trial_and_not_taken(bring_in, people, clinic, coordinator):
    rows = ["A-1,2026-03-01,-50,r-1", "A-1,2026-03-02,80,r-2", "A-1,2026-03-03,-60,r-3", "A-1,2026-03-04,-30,r-4"]

    tried = bring_in("\n".join(["Chart No,Date,Amount,Receipt", *rows]))
    assert (figures(tried)[1:], [line for line, _why in tried.problems]) == ((2, 0, 2, 2_000), [2, 5])
    file = work_off(clinic, import_payments(tried, by=coordinator))

    assert (figures(file)[1:], file.problems) == (figures(tried)[1:], tried.problems)
    assert Payment.objects.count() == 2


def test_an_incomplete_mapping_is_refused(bring_in, people, clinic, coordinator):
    file = bring_in()

    with pytest.raises(MappingIncomplete):
        try_out(file, [""] * 7, by=coordinator)


def test_the_pages_of_a_file(client_of, coordinator, receptionist, people, clinic, other_clinic):
    client = client_of(coordinator)
    upload = SimpleUploadedFile("payments.csv", FILE.encode())

    client.post(reverse("patients:payment_import_list"), {"file": upload})
    file = PaymentImport.objects.get()
    page = client.get(file.get_absolute_url())
    assert "Bonding" in page.text and page.context["form"].initial == {}
    columns = {f"column_{place}": target for place, target in enumerate(file.mapping)}
    assert client.post(reverse("patients:payment_import_try", args=[file.pk]), {}).status_code == 409
    client.post(reverse("patients:payment_import_try", args=[file.pk]), columns)
    work_off(clinic, PaymentImport.objects.get())
    assert "Nobody Known" in client.get(file.get_absolute_url()).text
    assert b"Nobody Known" in client.get(reverse("patients:payment_import_csv", args=[file.pk])).content
    client.post(reverse("patients:payment_import_run", args=[file.pk]))
    work_off(clinic, PaymentImport.objects.get())
    client.post(reverse("patients:payment_import_undo", args=[file.pk]))
    assert PaymentImport.objects.get().status == "UNDONE"

    unreadable = SimpleUploadedFile("payments.csv", b"")
    assert client.post(reverse("patients:payment_import_list"), {"file": unreadable}).status_code == 422
    assert client_of(receptionist).get(reverse("patients:payment_import_list")).status_code == 403
    with next_door(other_clinic):
        stranger = PaymentImport.objects.create(file_name="x", stored_as="x", size_bytes=1, headers=[])
    assert client.post(reverse("patients:payment_import_undo", args=[stranger.pk])).status_code == 404
