import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from openpyxl import Workbook

from clinics.tables.errors import UnreadableFile
from clinics.tables.reading import Reading
from conftest import last_audit
from crm.importing.correcting import AS_IN_FILE, correct_row
from crm.importing.reading_in import read_again
from crm.importing.rules import ImportIsOver, RowIsGone
from crm.importing.undoing import start_undo
from crm.importing.working import start_import
from crm.models import Lead, LeadActivity, LeadImportRow, Opportunity, Touchpoint
from crm.tests.factories import LeadFactory

THREE = b"First name,Email,Phone\nAna,ana@x.com,+13125550131\nBen,not an address,\nCy,,\n"


def counts(lead_import):
    lead_import.refresh_from_db()
    return lead_import.created_count, lead_import.skipped_count, lead_import.failed_count


def test_correct_row_tries_that_row_again_and_the_import_takes_it_so(try_out, work_off, coordinator):
    trial = try_out(THREE)
    assert counts(trial) == (1, 0, 2)

    row = correct_row(trial, 3, ["Ben", "ben@x.com", ""], by=coordinator)
    assert (row.outcome, row.is_corrected, last_audit(trial).metadata["line"]) == ("CREATED", True, 3)
    assert counts(trial) == (2, 0, 1)
    assert correct_row(trial, 4, None, by=coordinator).reason == "Left out by hand."
    assert counts(trial) == (2, 1, 0)

    done = work_off(start_import(trial, by=coordinator, tried_out_by=trial.job_id))
    assert counts(done) == (2, 1, 0)
    assert set(Lead.objects.values_list("email", flat=True)) == {"ana@x.com", "ben@x.com"}


def test_correct_row_counts_anew_who_refuses(try_out, coordinator):
    trial = try_out(b"First name,Email,Do not contact\nAna,ana@x.com,yes\nBen,,yes\nCy,,\n")
    told = [trial.summary["refusals"]]
    for line, cells in ((3, None), (3, AS_IN_FILE), (3, ["Ben", "", "no"]), (4, ["Cy", "cy@x.com", "yes"])):
        correct_row(trial, line, cells, by=coordinator)
        trial.refresh_from_db()
        told.append(trial.summary["refusals"])

    assert told == [2, 1, 2, 1, 2]


def test_correct_row_that_is_still_wrong_says_why(try_out, coordinator):
    trial = try_out(THREE)

    row = correct_row(trial, 3, ["Ben", "still wrong", ""], by=coordinator)
    assert (row.outcome, row.cells) == ("FAILED", ["Ben", "still wrong", ""])
    assert "still wrong" in row.reason
    assert counts(trial) == (1, 0, 2)


def test_correct_row_is_taken_back_by_the_file(try_out, coordinator):
    trial = try_out(THREE)
    correct_row(trial, 3, ["Ben", "ben@x.com", ""], by=coordinator)

    row = correct_row(trial, 3, AS_IN_FILE, by=coordinator)
    assert (row.outcome, row.cells, row.is_corrected) == ("FAILED", ["Ben", "not an address", ""], False)
    trial.refresh_from_db()
    assert trial.corrections == {}


def test_correct_row_mends_a_row_of_the_wrong_width(try_out, coordinator):
    trial = try_out(b"First name,Email\nAna,ana@x.com\nBen,x,y,z\n")

    assert correct_row(trial, 3, ["Ben", "ben@x.com"], by=coordinator).outcome == "CREATED"


def test_correct_row_is_refused_where_there_is_nothing_to_correct(try_out, bring_in, coordinator):
    with pytest.raises(RowIsGone):
        correct_row(try_out(THREE), 2, ["Ana"], by=coordinator)
    with pytest.raises(ImportIsOver):
        correct_row(bring_in(b"First name,Phone\nDi,+13125550134\n"), 2, ["Di"], by=coordinator)


def test_read_again_takes_the_letters_and_the_headings_that_somebody_names(upload, coordinator):
    lead_import = upload("Clinic report\nName;Phone\nJosé;312 555 0131\n".encode("mac_roman"))

    again = read_again(lead_import, Reading("mac_roman", ";", 2), by=coordinator)
    assert (again.headers, again.columns[0]["samples"]) == (["Name", "Phone"], ["José"])
    again = read_again(lead_import, Reading("mac_roman", ",", 0), by=coordinator)
    assert again.headers == ["Column 1"]
    with pytest.raises(UnreadableFile):
        read_again(lead_import, Reading("utf-8", ";", 2), by=coordinator)


REPEAT = b"First name,Email,City,Expected value,Source\nAna,ana@x.com,Girona,900,Radio\n"


@pytest.fixture
def known(clinic):
    lead = LeadFactory(first_name="Ana", last_name="", email="ana@x.com", phone="", city="Austin")
    lead.expected_value_cents = 100_00
    lead.save()
    Opportunity.objects.create(lead=lead, expected_value_cents=100_00)
    return lead


@pytest.mark.parametrize(
    ("repeats", "city", "cents", "touches"),
    [("UPDATE", "Austin", 100_00, 0), ("REPLACE", "Girona", 900_00, 0), ("TOUCH", "Austin", 100_00, 1)],
)
def test_people_who_are_here_already_become_what_was_chosen_and_the_undo_puts_all_back(
    bring_in, work_off, coordinator, known, repeats, city, cents, touches
):
    done = bring_in(REPEAT, repeats=repeats)

    known.refresh_from_db()
    worth = Opportunity.objects.get(lead=known).expected_value_cents
    assert (known.city, known.expected_value_cents, worth) == (city, cents, cents)
    assert Touchpoint.objects.filter(lead=known, source__name="Radio").count() == touches
    assert LeadActivity.objects.filter(lead=known, type="FORM_SUBMIT").count() == touches

    if LeadImportRow.objects.filter(outcome="UPDATED").exists():
        work_off(start_undo(done, by=coordinator))
        known.refresh_from_db()
        worth = Opportunity.objects.get(lead=known).expected_value_cents
        assert (known.city, known.expected_value_cents, worth) == ("Austin", 100_00, 100_00)
        assert not Touchpoint.objects.filter(lead=known).exists()
        assert not LeadActivity.objects.filter(lead=known).exists()


def test_two_rows_corrected_into_one_person_are_found_whichever_came_first(try_out, work_off, coordinator):
    trial = try_out(b"First name,Email\nAna,ana@x.com\nBen,wrong\nBen,wrong too\n")

    correct_row(trial, 4, ["Ben", "ben@x.com"], by=coordinator)
    correct_row(trial, 3, ["Ben", "ben@x.com"], by=coordinator)

    later = LeadImportRow.objects.of_trial().get(lead_import=trial, line=4)
    assert (later.outcome, counts(trial)) == ("SKIPPED", (2, 1, 0))
    assert later.reason == "Row 3 is the same person: the same e-mail address."
    assert counts(work_off(start_import(trial, by=coordinator, tried_out_by=trial.job_id))) == (2, 1, 0)


FOUR = (
    b"First name,Email,Phone\nAna,ana@x.com,(312) 555-0131\nBen,wrong,\nBen,ben@x.com,+13125550132\nCy,,312 555 0132\n"
)


def test_a_row_corrected_into_one_that_nobody_corrected_is_found_in_the_trial_and_forgotten_with_it(
    try_out, work_off, coordinator
):
    trial = try_out(FOUR)
    assert counts(trial) == (3, 0, 1)

    row = correct_row(trial, 3, ["Ana", "", "3125550131.0"], by=coordinator)
    assert (row.outcome, row.reason) == ("SKIPPED", "Row 2 is the same person: the same phone number.")
    correct_row(trial, 3, ["Ben", "BEN@x.com", ""], by=coordinator)
    rows = LeadImportRow.objects.of_trial().filter(lead_import=trial)
    assert [(row.line, row.outcome) for row in rows.order_by("line")] == [(3, "CREATED"), (4, "SKIPPED")]
    assert counts(trial) == (3, 1, 0)

    correct_row(trial, 3, AS_IN_FILE, by=coordinator)
    assert (counts(trial), sorted(rows.values_list("line", flat=True))) == ((3, 0, 1), [3, 5])
    correct_row(trial, 3, ["Ben", "ben@x.com", ""], by=coordinator)
    assert counts(work_off(start_import(trial, by=coordinator, tried_out_by=trial.job_id))) == (3, 1, 0)


DATED = b"First name,Email,Created\nAna,ana@x.com,31/01/2026\nBen,wrong,03/02/2026\nBen,ben@x.com,\n"


def test_correcting_a_row_does_not_read_the_file_again_and_keeps_nothing_longer_than_the_trial(
    try_out, work_off, coordinator, django_capture_on_commit_callbacks
):
    trial = try_out(DATED)
    beside = f"{trial.stored_as}.rows"
    with default_storage.open(trial.stored_as) as file:
        content = file.read()
    default_storage.delete(trial.stored_as)

    row = correct_row(trial, 3, ["Ben", "ben@x.com", "03/02/2026"], by=coordinator)
    assert (row.outcome, counts(trial)) == ("CREATED", (2, 1, 0))

    default_storage.save(trial.stored_as, ContentFile(content))
    with django_capture_on_commit_callbacks(execute=True):
        work_off(start_import(trial, by=coordinator, tried_out_by=trial.job_id))
    assert Lead.objects.get(first_name="Ben").captured_at.month == 2
    assert not default_storage.exists(beside)


def test_correct_row_reads_the_file_where_its_trial_has_kept_nothing(try_out, coordinator):
    trial = try_out(DATED)
    default_storage.delete(f"{trial.stored_as}.rows")

    assert correct_row(trial, 3, ["Ben", "ben@x.com", ""], by=coordinator).outcome == "CREATED"


def test_read_again_reads_the_sheet_that_somebody_chooses(upload, coordinator):
    book = Workbook()
    for name, phone in (("Open", "3125550131"), ("Lost", "3125550132")):
        sheet = book.active if name == "Open" else book.create_sheet(name)
        sheet.title = name
        for cells in (["Name", "Phone"], [f"Ana {name}", phone]):
            sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    lead_import = upload(content.getvalue(), "leads.xlsx")

    assert (lead_import.sheet, lead_import.sheets) == ("Open", ["Open", "Lost"])
    assert read_again(lead_import, Reading(sheet="Lost"), by=coordinator).columns[0]["samples"] == ["Ana Lost"]
    assert Reading.of(lead_import.__class__.objects.get()).sheet == "Lost"
