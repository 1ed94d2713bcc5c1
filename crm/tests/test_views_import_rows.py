import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clinics.jobs import run_job
from crm.importing.uploading import accept_upload
from crm.importing.working import start_check, start_import
from crm.models import Lead

TWO = b"Name,Email,Status\nAna Lopez,ana@example.com,New\nBen Moss,,New\n"


@pytest.fixture
def tried_out(clinic, coordinator):
    """Ana would come in; Ben, on line 3, has no way to be reached."""
    uploaded = accept_upload(clinic, SimpleUploadedFile("leads.csv", TWO), by=coordinator)
    run_job(clinic, start_check(uploaded, by=coordinator).job_id)
    uploaded.refresh_from_db()
    return uploaded


def test_import_row_correct_mends_a_row_from_its_dialog(htmx_of, coordinator, tried_out):
    browser = htmx_of(coordinator)
    address = reverse("crm:import_row_correct", args=[tried_out.pk, 3])
    assert "Ben Moss" in browser.get(address).content.decode()

    wrong = browser.post(address, {"cell": ["Ben Moss", "nothing", "New"], "save": "1"})
    assert wrong.status_code == 422
    right = browser.post(address, {"cell": ["Ben Moss", "ben@example.com", "New"], "save": "1"})
    assert "import-rows-changed" in right["HX-Trigger"]
    tried_out.refresh_from_db()
    assert (tried_out.created_count, tried_out.failed_count) == (2, 0)


def test_import_row_correct_is_a_404_next_door_and_without_a_problem(client_of, coordinator, stranger, tried_out):
    address = reverse("crm:import_row_correct", args=[tried_out.pk, 3])

    assert client_of(stranger).get(address).status_code == 404
    assert client_of(coordinator).get(reverse("crm:import_row_correct", args=[tried_out.pk, 2])).status_code == 404


def test_import_read_again_shows_how_the_file_was_read_and_takes_another_way(client_of, coordinator, tried_out):
    browser, uploaded = client_of(coordinator), tried_out
    page = browser.get(f"{uploaded.get_absolute_url()}?columns").content.decode()
    assert "Read as UTF-8" in page

    address = reverse("crm:import_read_again", args=[uploaded.pk])
    browser.post(address, {"encoding": "utf-8", "separator": ";", "header_line": "1"})
    uploaded.refresh_from_db()
    assert uploaded.headers == ["Name,Email,Status"]
    assert browser.post(address, {"encoding": "nonsense"}).status_code == 409


def test_import_rows_csv_of_all_tells_what_became_of_each_with_its_page(clinic, client_of, coordinator, tried_out):
    run_job(clinic, start_import(tried_out, by=coordinator).job_id)

    response = client_of(coordinator).get(reverse("crm:import_rows_csv", args=[tried_out.pk]) + "?outcome=all")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [row[:2] for row in rows[1:]] == [["2", "Created"], ["3", "Failed"]]
    assert rows[1][3].endswith(Lead.objects.get().get_absolute_url())
    assert rows[2][3:] == ["", "Ben Moss", "", "New"]


def test_import_rows_csv_gives_the_cells_back_harmless(clinic, client_of, coordinator):
    content = b'Name,Email,City\n"=HYPERLINK(""http://x"")",,@SUM(A1)\n'
    kept = accept_upload(clinic, SimpleUploadedFile("leads.csv", content), by=coordinator)
    run_job(clinic, start_check(kept, by=coordinator).job_id)
    response = client_of(coordinator).get(reverse("crm:import_rows_csv", args=[kept.pk]))
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["Row", "What became of it", "Reason", "Name", "Email", "City"]
    assert rows[1][0:2] == ["2", "Failed"]
    assert rows[1][3:] == ['\'=HYPERLINK("http://x")', "", "'@SUM(A1)"]
