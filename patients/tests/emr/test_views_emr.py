"""The pages of files, runs and what waits: who gets in, what they show, and how many questions they ask."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from clinics.tests.factories import ClinicUserFactory
from patients.models import EmrFile, Patient
from patients.tests.emr.conftest import encounter, patient

PAGES = ("/emr/waiting/", "/emr/runs/", "/emr/files/")


def send(browser, content, name="x.ndjson", **more):
    upload = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return browser.post("/emr/files/new/", {"files": upload, "winner": "ASK"} | more)


def asked(browser, page):
    with CaptureQueriesContext(database) as queries:
        assert browser.get(page).status_code == 200
    return len(queries)


@pytest.mark.parametrize("page", PAGES)
def test_a_list_asks_the_same_number_of_queries_for_one_and_three(client_of, owner, take, page):
    browser = client_of(owner)

    def one_more(number):
        take(encounter(f"e{number}", of=f"Patient/gone{number}"))
        send(browser, json.dumps(patient(f"p{number}")))

    one_more(1)
    browser.get(page)
    of_one = asked(browser, page)
    one_more(2)
    one_more(3)

    assert asked(browser, page) == of_one


def test_a_file_goes_through_its_pages_from_the_upload_to_the_undo(
    client_of, owner, django_capture_on_commit_callbacks
):
    browser, content = client_of(owner), "\n".join(map(json.dumps, [patient(), encounter(status="planned")]))
    page = send(browser, content)["Location"]
    assert "Try it out" in browser.get(page).content.decode()

    for step in ("check", "import", "undo"):
        with django_capture_on_commit_callbacks(execute=True):
            assert browser.post(f"{page}{step}/")["Location"] == page
        assert "It has not taken place (planned)." in browser.get(page).content.decode() or step == "undo"

    assert (EmrFile.objects.get().status, Patient.objects.present().count()) == ("UNDONE", 0)
    assert browser.post(f"{page}import/").status_code == 409


def test_what_cannot_be_read_is_refused_with_the_reason_and_nothing_is_kept(client_of, owner):
    answer = send(client_of(owner), b"%PDF-1.4", name="x.pdf")

    assert answer.status_code == 422
    assert "This is a PDF." in answer.content.decode()
    assert EmrFile.objects.count() == 0


def test_columns_that_name_nobody_are_refused_and_an_upload_can_be_thrown_away(client_of, owner):
    browser = client_of(owner)
    page = send(browser, "Expediente,Nombre\n7,Ana\n", name="x.csv")["Location"]

    assert browser.post(f"{page}columns/", {"column_0_0": "id", "column_0_1": ""}).status_code == 409
    assert browser.post(f"{page}columns/", {"column_0_0": "id", "column_0_1": "full_name"}).status_code == 302
    assert EmrFile.objects.get().parts[0]["columns"] == ["id", "full_name"]
    browser.post(f"{page}delete/")
    assert EmrFile.objects.count() == 0


def test_only_those_who_set_the_clinic_up_get_in(client_of, clinic):
    browser = client_of(ClinicUserFactory(clinic=clinic, role="FRONT_DESK"))

    assert {browser.get(page).status_code for page in (*PAGES, "/emr/files/new/")} == {403}
