"""A file of payments at the desk: tried out, corrected, brought in, seen on the patient's page, and undone whole."""

import pytest
from playwright.sync_api import expect

from clinics.tenancy import clinic_scope
from patients.models import Payment
from patients.tests.factories import PatientFactory

HEAD = "Chart No,Patient,Date,Amount,Receipt"
PAID = "A-1,Iris Falk,2026-03-01,500.00,r-1"
TOO_MUCH = "A-1,Iris Falk,2026-03-02,-900.00,r-2"
LESS = "A-1,Iris Falk,2026-03-02,-90.00,r-2"
NOBODY = ",Nobody Known,2026-03-03,10.00,r-3"


@pytest.fixture
def iris(practice):
    with clinic_scope(practice):
        return PatientFactory(first_name="Iris", last_name="Falk", emr_system="EPIC", external_id="A-1")


def upload(page, *rows):
    page.goto("/payments/files/")
    file = {"name": "march.csv", "mimeType": "text/csv", "buffer": "\n".join([HEAD, *rows]).encode()}
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("heading", name="Tried out", exact=True).wait_for()


def test_payments_come_from_a_file_but_for_what_is_wrong_and_go_again(window_of, member_of, practice, worker, iris):
    page = window_of(member_of(), "/payments/files/")
    upload(page, PAID, TOO_MUCH)
    expect(page.get_by_role("group", name="Rows with problems").get_by_role("row")).to_have_count(2)
    upload(page, PAID, LESS, NOBODY)
    expect(page.get_by_role("cell", name="No patient fits: Nobody Known.")).to_be_visible()
    with clinic_scope(practice):
        assert not Payment.objects.exists()

    page.get_by_role("button", name="Import 2 payments").click()
    page.get_by_role("heading", name="Imported").wait_for()
    file = page.url
    page.goto(iris.get_absolute_url())
    expect(page.get_by_text("$410").first).to_be_visible()

    page.goto(file)
    page.get_by_role("button", name="Undo this import").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 payments over $410")
    dialog.get_by_role("button", name="Undo the import").click()
    page.get_by_text("The payments of this file are gone.").wait_for()
    page.goto(iris.get_absolute_url())
    expect(page.get_by_text("$410")).to_have_count(0)
    with clinic_scope(practice):
        assert not Payment.objects.exists()
