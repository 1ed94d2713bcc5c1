import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.jobs import run_job
from clinics.models import BackgroundJob
from crm.importing.uploading import accept_upload
from crm.importing.working import start_check, start_import
from crm.models import Lead, LeadImport

TWO = b"Name,Email,Status\nAna Lopez,ana@example.com,New\nBen Moss,,New\n"
PAYLOADS = settings.BASE_DIR.parent / "shared" / "data" / "hostile_text" / "xss-payloads.txt"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def browser(client_of, coordinator):
    return client_of(coordinator)


def upload_of(clinic, by, content=TWO, name="leads.csv"):
    return accept_upload(clinic, SimpleUploadedFile(name, content), by=by)


def worked_off(clinic, lead_import):
    run_job(clinic, lead_import.job_id)
    lead_import.refresh_from_db()
    return lead_import


@pytest.fixture
def uploaded(clinic, coordinator):
    return upload_of(clinic, coordinator)


@pytest.fixture
def tried_out(clinic, coordinator, uploaded):
    return worked_off(clinic, start_check(uploaded, by=coordinator))


@pytest.fixture
def imported(clinic, coordinator, tried_out):
    return worked_off(clinic, start_import(tried_out, by=coordinator))


def address(view, lead_import):
    return reverse(f"crm:{view}", args=[lead_import.pk])


def form_of(lead_import, **changes):
    """What the mapping page sends when nothing is changed on it."""
    fields = {f"target_{place}": target for place, target in enumerate(lead_import.mapping)}
    plain = {name: value for name, value in lead_import.options.items() if isinstance(value, str)}
    return fields | plain | changes


def test_import_create_keeps_the_file_and_goes_to_its_columns(browser):
    response = browser.post(reverse("crm:import_create"), {"file": SimpleUploadedFile("leads.csv", TWO)})
    lead_import = LeadImport.objects.get()
    assert (response.status_code, response["Location"]) == (302, lead_import.get_absolute_url())
    page = browser.get(lead_import.get_absolute_url())
    assert b"What each column holds" in page.content
    assert b"ana@example.com" in page.content


def test_import_create_answers_at_once_for_a_large_file_and_shows_how_far_it_is_read(browser, clinic, monkeypatch):
    monkeypatch.setattr("clinics.tables.glancing.AT_ONCE_BYTES", 10)
    response = browser.post(reverse("crm:import_create"), {"file": SimpleUploadedFile("leads.csv", TWO)}, follow=True)
    page = response.content.decode()
    assert "Being read" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "<progress" in page
    assert "Being read" in browser.get(reverse("crm:import_list")).content.decode()

    lead_import = worked_off(clinic, LeadImport.objects.get())
    assert "What each column holds" in browser.get(lead_import.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "upload, words",
    [
        (None, "Choose a file."),
        (("empty.csv", b""), "This file is empty."),
        (("photo.csv", b"\xff\xd8\xff\xe0" + bytes(256)), "not a text file"),
    ],
)
def test_import_create_says_what_is_wrong_with_a_file(browser, upload, words):
    data = {"file": SimpleUploadedFile(*upload)} if upload else {}
    response = browser.post(reverse("crm:import_create"), data)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert LeadImport.objects.count() == 0


def test_import_create_refuses_more_than_50_mb_by_its_announced_size(browser, monkeypatch):
    monkeypatch.setattr("clinics.uploads.UPLOAD_LIMIT_BYTES", 0)
    monkeypatch.setattr("clinics.uploads.FORM_AROUND_IT", 100)
    response = browser.post(reverse("crm:import_create"), {"file": SimpleUploadedFile("leads.csv", TWO * 10)})
    assert response.status_code == 422
    assert "larger than 50 MB" in response.content.decode()
    assert LeadImport.objects.count() == 0


def test_import_create_of_the_same_file_points_to_the_earlier_import(clinic, coordinator, browser, imported):
    again = upload_of(clinic, coordinator)
    page = browser.get(again.get_absolute_url()).content.decode()
    assert "This very file has been here before" in page
    assert imported.get_absolute_url() in page


def test_import_mapping_is_kept_and_tried_out(browser, uploaded):
    response = browser.post(address("import_mapping", uploaded), form_of(uploaded, check="1", tag="Old"))
    uploaded.refresh_from_db()
    assert response.status_code == 302
    assert (uploaded.status, uploaded.options["tag"]) == ("CHECKING", "Old")
    assert BackgroundJob.objects.get().kind == "crm.import_check"


def test_import_mapping_refuses_one_field_for_two_columns(browser, uploaded):
    response = browser.post(address("import_mapping", uploaded), form_of(uploaded, target_2="email"))
    assert response.status_code == 422
    assert "is the E-mail already" in response.content.decode()
    uploaded.refresh_from_db()
    assert uploaded.mapping[2] == "status"


def test_import_mapping_wants_a_person_where_one_shall_own_all(browser, uploaded):
    response = browser.post(address("import_mapping", uploaded), form_of(uploaded, owners="PERSON"))
    assert response.status_code == 422
    assert "Choose who takes care of these leads." in response.content.decode()


def test_import_mapping_preview_shows_the_words_of_a_column_and_keeps_nothing(htmx_of, coordinator, uploaded):
    form = form_of(uploaded, preview="1", target_2="notes")
    response = htmx_of(coordinator).post(address("import_mapping", uploaded), form)
    assert response.status_code == 200
    assert "Where each word of the file stands" not in response.content.decode()
    uploaded.refresh_from_db()
    assert uploaded.mapping[2] == "status"
    response = htmx_of(coordinator).post(address("import_mapping", uploaded), form | {"target_2": "status"})
    assert "Where each word of the file stands" in response.content.decode()
    assert b"<html" not in response.content


def test_import_detail_names_the_problem_rows_of_a_trial(browser, tried_out):
    page = browser.get(tried_out.get_absolute_url()).content.decode()
    assert "What would become of the rows" in page
    assert "Neither a phone number nor an e-mail address" in page
    assert "Ben Moss" in page
    assert Lead.objects.count() == 0


def test_import_run_starts_once_however_often_it_is_pressed(browser, tried_out, client_of, owner):
    data = {"tried_out_by": tried_out.job_id}
    assert browser.post(address("import_run", tried_out), data).status_code == 302
    assert browser.post(address("import_run", tried_out), data).status_code == 302
    assert BackgroundJob.objects.filter(kind="crm.import").count() == 1

    response = client_of(owner).post(address("import_run", tried_out), data)
    assert response.status_code == 409
    assert "Renata Vasquez has just started this." in response.content.decode()


def test_import_run_wants_a_trial(browser, uploaded):
    response = browser.post(address("import_run", uploaded))
    assert response.status_code == 409
    assert "Try the file out first" in response.content.decode()


def test_import_detail_shows_progress_and_what_came_of_it(browser, htmx_of, coordinator, clinic, tried_out):
    start_import(tried_out, by=coordinator)
    page = browser.get(tried_out.get_absolute_url()).content.decode()
    assert "<progress" in page
    tried_out.refresh_from_db()
    worked_off(clinic, tried_out)
    part = htmx_of(coordinator).get(tried_out.get_absolute_url()).content.decode()
    assert "What became of the rows" in part
    assert "Undo this import" in part
    assert "<html" not in part


def test_import_rows_link_the_created_leads(browser, imported):
    page = browser.get(address("import_rows", imported) + "?outcome=CREATED").content.decode()
    assert Lead.objects.get().get_absolute_url() in page


def test_import_undo_takes_it_back(browser, clinic, imported):
    assert browser.post(address("import_undo", imported)).status_code == 302
    imported.refresh_from_db()
    worked_off(clinic, imported)
    assert Lead.objects.present().count() == 0
    assert "This import was undone" in browser.get(imported.get_absolute_url()).content.decode()
    assert browser.post(address("import_undo", imported)).status_code == 409


def test_import_check_tries_out_what_was_stopped(browser, coordinator, uploaded):
    start_check(uploaded, by=coordinator)
    BackgroundJob.objects.update(status="FAILED", error="The database went away.")
    page = browser.get(uploaded.get_absolute_url()).content.decode()
    assert "The trial has stopped" in page
    assert "The database went away." in page
    assert browser.post(address("import_check", uploaded)).status_code == 302
    assert BackgroundJob.objects.filter(status="QUEUED").count() == 1


def test_import_delete_takes_an_upload_away_and_no_import(browser, imported, clinic, coordinator):
    other = upload_of(clinic, coordinator)
    assert browser.post(address("import_delete", other))["Location"] == reverse("crm:import_list")
    assert browser.post(address("import_delete", imported)).status_code == 409
    assert LeadImport.objects.get() == imported


def test_hostile_cells_and_names_are_shown_as_text(clinic, coordinator, browser):
    if not PAYLOADS.exists():
        pytest.skip("shared data are not here: hostile_text/xss-payloads.txt")
    payloads = PAYLOADS.read_text(errors="replace").splitlines()[:150]
    quoted = [payload.replace('"', '""') for payload in [HOSTILE, *payloads]]
    content = f"{HOSTILE},Email\n" + "".join(f'"{payload}",nobody\n' for payload in quoted)
    lead_import = upload_of(clinic, coordinator, content.encode(), f"{HOSTILE}.csv".replace("/", "_"))
    lead_import.mapping = ["full_name", "email"]
    lead_import.save()
    pages = [browser.get(lead_import.get_absolute_url())]
    trial = worked_off(clinic, start_check(lead_import, by=coordinator))
    pages += [browser.get(trial.get_absolute_url()), browser.get(address("import_rows", trial) + "?outcome=FAILED")]
    for page in [*pages, browser.get(reverse("crm:import_list"))]:
        text = page.content.decode()
        assert page.status_code == 200
        assert HOSTILE not in text
        assert "&lt;script&gt;" in text
        assert "<image src/onerror" not in text


VIEWS = {
    "import_detail": "get",
    "import_rows": "get",
    "import_rows_csv": "get",
    "import_mapping": "post",
    "import_check": "post",
    "import_run": "post",
    "import_undo": "post",
    "import_delete": "post",
}


@pytest.mark.parametrize("view, method", VIEWS.items())
def test_a_stranger_finds_nothing(client_of, stranger, uploaded, view, method):
    assert getattr(client_of(stranger), method)(address(view, uploaded)).status_code == 404


@pytest.mark.parametrize("view, method", VIEWS.items())
@pytest.mark.parametrize("who", ["receptionist", "doctor", "marketer", "viewer"])
def test_other_roles_are_refused(client_of, request, uploaded, who, view, method):
    member = request.getfixturevalue(who)
    assert getattr(client_of(member), method)(address(view, uploaded)).status_code == 403
    assert client_of(member).get(reverse("crm:import_list")).status_code == 403


def about_leads(captured):
    """The queries of the page itself; the session and its last moment are asked for now and then."""
    return sum('"crm_' in query["sql"] for query in captured.captured_queries)


def test_import_list_asks_as_little_for_three_as_for_one(browser, clinic, coordinator):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert browser.get(reverse("crm:import_list")).status_code == 200
        return about_leads(captured)

    upload_of(clinic, coordinator)
    queries()
    one = queries()
    upload_of(clinic, coordinator, TWO + b"x,x,x\n")
    start_check(upload_of(clinic, coordinator, TWO + b"y,y,y\n"), by=coordinator)
    assert queries() == one


def test_import_rows_ask_as_little_for_three_as_for_one(browser, clinic, coordinator):
    def queries(count):
        content = b"Name,Email\n" + b"".join(b"Ana%d,\n" % n for n in range(count))
        trial = worked_off(clinic, start_check(upload_of(clinic, coordinator, content), by=coordinator))
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(address("import_rows", trial)).status_code == 200
        return about_leads(captured)

    queries(1)
    assert queries(1) == queries(3)
