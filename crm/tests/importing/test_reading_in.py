"""A large file is kept at once and read in the background; whatever happens to the work, the file is not lost."""

import gzip
from functools import partial

import pytest

from clinics.jobs import retry_job, run_job
from clinics.models import BackgroundJob
from clinics.tables import glancing
from clinics.tables.reading import Reading
from crm.importing import reading_in
from crm.importing.options import ImportOptions
from crm.importing.reading_in import read_again
from crm.importing.rules import ImportIsOver
from crm.importing.uploading import discard_upload, save_mapping
from crm.models import LeadImport

MANY = b"Name,Email,Status\n" + b"".join(b"Ana %d,ana%d@example.com,New\n" % (n, n) for n in range(2500))
BROKEN = MANY + b'"Ben,ben@example.com,New\n'


@pytest.fixture
def large(monkeypatch, upload):
    """large(bytes, name): the import of a file that is too large to be read while somebody waits."""
    monkeypatch.setattr(glancing, "AT_ONCE_BYTES", 100)
    return partial(upload, read=False)


def test_a_large_file_is_kept_at_once_and_read_in_the_background_with_its_progress(large, work_off, monkeypatch):
    told = []
    monkeypatch.setattr(reading_in, "report_progress", lambda job, done, total, note: told.append((done, total, note)))
    kept = large(MANY)
    assert (kept.status, kept.headers, kept.is_at_work, kept.may_be_mapped) == ("READING", [], True, False)

    read = work_off(kept)
    assert (read.status, read.row_count, read.mapping) == ("UPLOADED", 2500, ["full_name", "email", "status"])
    assert read.columns[2]["words"] == [["New", 2500]]
    assert [note for _done, _total, note in told] == ["1000 rows so far", "2000 rows so far"]
    assert all(0 < done <= total == 100 for done, total, _note in told)


def bomb():
    return gzip.compress(b"Name,Email\n" + b"a,b@example.com\n" * 4_000_000, compresslevel=1)


@pytest.mark.parametrize("content, words", [(lambda: BROKEN, "never closed"), (bomb, "larger than 50 MB")])
def test_a_large_file_that_cannot_be_read_says_why_and_can_be_taken_away(
    large, work_off, client_of, coordinator, content, words
):
    kept = work_off(large(content()), status="FAILED")
    page = client_of(coordinator).get(kept.get_absolute_url()).content.decode()
    assert words in page
    assert "How the file is to be read" in page

    with pytest.raises(ImportIsOver):
        save_mapping(kept, mapping=[], options=ImportOptions(), by=coordinator)
    discard_upload(kept, by=coordinator)
    assert LeadImport.objects.count() == 0


def test_reading_that_breaks_in_the_middle_begins_anew(large, work_off, coordinator, clinic, monkeypatch):
    kept, understand = large(MANY), reading_in.understand
    monkeypatch.setattr(reading_in, "understand", lambda *_all: [][1])
    work_off(kept, status="FAILED")
    monkeypatch.setattr(reading_in, "understand", understand)

    retry_job(kept.job, by=coordinator)
    assert work_off(kept).row_count == 2500
    run_job(clinic, kept.job_id)
    assert BackgroundJob.objects.get(pk=kept.job_id).status == "DONE"


def test_a_file_that_is_not_read_so_stands_as_it_was_read_before(upload, work_off, coordinator, monkeypatch, client_of):
    read = upload("Vorname;E-Mail\nJürgen;j@example.com\n".encode())
    monkeypatch.setattr(glancing, "AT_ONCE_BYTES", 10)

    failed = work_off(read_again(read, Reading(encoding="utf-16"), by=coordinator), status="FAILED")
    page = client_of(coordinator).get(failed.get_absolute_url()).content.decode()
    assert "The file could not be read in that way" in page
    assert "What each column holds" in page
    assert (failed.headers, failed.may_be_mapped) == (["Vorname", "E-Mail"], True)

    again = work_off(read_again(failed, Reading(encoding="cp1252", separator=";"), by=coordinator))
    assert (again.status, again.encoding, again.columns[0]["samples"]) == ("UPLOADED", "cp1252", ["JÃ¼rgen"])
