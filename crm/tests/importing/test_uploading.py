import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from clinics.models import AuditLog
from clinics.tables.errors import UnreadableFile
from crm.importing.matching import guess_category, guess_stages, source_name
from crm.importing.options import ImportOptions
from crm.importing.rules import ImportIsAtWork, ImportIsOver
from crm.importing.understanding import told_by
from crm.importing.uploading import accept_upload, discard_upload, save_mapping
from crm.importing.working import start_check
from crm.models import LeadImport, LeadImportRow

TWO = b"Name,Email,Status\nAna Lopez,ana@example.com,New\nBen Moss,ben@example.com,Closed Lost\n"


def stored_files():
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("empty.csv", b"", "empty"),
        ("headings.csv", b"Name,Email\n", "no rows"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not a text file"),
        ("report.csv", b"%PDF-1.7 blah", "PDF"),
        ("quote.csv", b'Name,Email\n"Ana,ana@example.com\n', "quotation mark"),
        ("leads.json", b'[\n"a",\n"b"\n]', "not a table"),
        ("wide.csv", b",".join(b"c%d" % n for n in range(301)) + b"\n" + b"," * 300 + b"x\n", "300 columns"),
        ("uneven.csv", b"Name,Email\na,b,c\nd,e,f\n", "as many cells"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing_behind(clinic, coordinator, name, content, words):
    with pytest.raises(UnreadableFile, match=words):
        accept_upload(clinic, SimpleUploadedFile(name, content), by=coordinator)
    assert (LeadImport.objects.count(), stored_files()) == (0, [])


def test_the_file_lies_under_a_name_that_nobody_can_guess(clinic, upload):
    lead_import = upload(TWO, "../../etc/leads of 2025.csv")
    [stored] = stored_files()
    assert lead_import.file_name == "leads of 2025.csv"
    assert stored.parent.name == str(clinic.pk)
    assert len(stored.name) == 32
    assert "leads" not in stored.name
    assert stored.stat().st_mode & 0o077 == 0


def test_columns_come_with_samples_words_and_guesses(upload, stages):
    lead_import = upload(TWO)
    assert lead_import.mapping == ["full_name", "email", "status"]
    assert lead_import.columns[2]["words"] == [["New", 1], ["Closed Lost", 1]]
    assert lead_import.options["stage_words"] == {
        "new": str(stages["new_lead"].pk),
        "closed lost": str(stages["lost"].pk),
    }


def test_duplicate_headings_are_told(upload):
    assert "both called “Email”" in upload(b"Email,Email\na@example.com,b@example.com\n").notices[0]


def test_the_same_headings_bring_the_mapping_of_the_last_time(upload, try_out, coordinator):
    first = upload(TWO)
    mapping = ["full_name", "email", "notes"]
    save_mapping(first, mapping=mapping, options=ImportOptions(tag="Old"), by=coordinator)
    LeadImport.objects.update(status="CHECKED")

    second = upload(TWO.replace(b"Ana", b"Eve"))
    assert (second.mapping, second.options["tag"]) == (mapping, "Old")
    assert second.columns[2]["reason"] == "as the last time with these columns"


def test_one_column_more_brings_the_mapping_of_the_last_time_too(upload, coordinator):
    first = upload(b"Name,Email,Status,Opt Out,Remark\nAna,ana@x.com,New,no,call\n")
    mapping = ["full_name", "email", "notes", "", "ignore"]  # as before there were refusals to choose
    save_mapping(first, mapping=mapping, options=ImportOptions.of(first), by=coordinator)
    LeadImport.objects.filter(pk=first.pk).update(status="CHECKED")

    again = upload(b"Remark,Email,Name,Status,Opt Out,Notes\ncall,ben@x.com,Ben,New,yes,hi\n")
    assert again.mapping == ["ignore", "email", "full_name", "notes", "no_contact", ""]
    assert upload(b"Name,Email,Status,Phone,City,Zip\nAna,a@x.com,New,1,x,y\n").mapping[2] == "status"


def test_the_page_is_told_how_the_file_is_written(upload):
    assert told_by(upload(b"Nombre;Correo;Presupuesto\nAna;ana@x.com;1.250,50\n")) == [
        "headings in Spanish",
        "amounts with a decimal comma",
    ]
    assert told_by(upload("氏名,電話\n山田,312\n".encode())) == ["headings in Chinese or Japanese"]


def test_a_discarded_upload_takes_its_file_along(upload, coordinator, django_capture_on_commit_callbacks):
    lead_import = upload(TWO)
    with django_capture_on_commit_callbacks(execute=True):
        discard_upload(lead_import, by=coordinator)
    assert (LeadImport.objects.count(), stored_files()) == (0, [])
    assert AuditLog.objects.filter(action="crm.import.deleted").count() == 1


def test_what_was_imported_is_neither_discarded_nor_mapped_anew(bring_in, coordinator):
    done = bring_in(TWO)
    with pytest.raises(ImportIsOver):
        discard_upload(done, by=coordinator)
    with pytest.raises(ImportIsOver):
        save_mapping(done, mapping=[], options=ImportOptions(), by=coordinator)


def test_whoever_maps_or_discards_what_somebody_tries_out_is_told_who(upload, coordinator, owner):
    trial = start_check(upload(TWO), by=coordinator)
    mapping, options = trial.mapping, ImportOptions.of(trial)
    assert save_mapping(trial, mapping=mapping, options=options, by=coordinator).status == LeadImport.Status.CHECKING
    with pytest.raises(ImportIsAtWork, match="Renata Vasquez"):
        save_mapping(trial, mapping=mapping, options=options, by=owner)
    with pytest.raises(ImportIsAtWork, match="Renata Vasquez"):
        discard_upload(trial, by=owner)


def test_hostile_text_goes_through_whole_and_breaks_nothing(bring_in, shared):
    naughty = json.loads(shared("hostile_text/naughty-strings.json").read_text())
    cells = [text.replace('"', '""') for text in naughty]
    content = "Record ID,Name,Notes\n" + "".join(f'{n},"{text}","{text}"\n' for n, text in enumerate(cells))
    done = bring_in(content.encode("utf-8", "surrogatepass").replace(b"\0", b""))
    assert done.handled_count == done.row_count == LeadImportRow.objects.of_import().count()
    assert done.failed_count == 0


@pytest.mark.parametrize(
    "text, name, category",
    [
        ("ORGANIC_SEARCH", "Organic search", "WEB_ORGANIC"),
        ("Google Ads", "Google Ads", "WEB_PAID"),
        ("Partner Referral", "Partner Referral", "DOCTOR_REFERRAL"),
        ("facebook", "facebook", "WEB_SOCIAL"),
        ("welearnblog_Home", "welearnblog Home", "OTHER"),
        ("NC_EDM", "Nc edm", "OTHER"),
    ],
)
def test_sources_are_named_and_sorted_by_their_words(text, name, category):
    assert (source_name(text), guess_category(source_name(text))) == (name, category)


def test_words_of_other_systems_find_their_stage(stages):
    found = guess_stages(
        [
            "Open - Not Contacted",
            "consultation scheduled",
            "Closed Won",
            "Archived",
            "Consult Booked",
            "not booked",
            "???",
        ],
        list(stages.values()),
    )
    assert found == {
        "open - not contacted": str(stages["new_lead"].pk),
        "consultation scheduled": str(stages["consultation_scheduled"].pk),
        "closed won": str(stages["treatment_started"].pk),
        "archived": "ARCHIVE",
        "consult booked": str(stages["consultation_scheduled"].pk),
        "not booked": "",
        "???": "",
    }
