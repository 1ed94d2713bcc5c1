"""Who may send a public form and how often: persons and listed sites, neither robots nor floods."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.models import Clinic
from clinics.public_tokens import clinic_of
from conftest import next_door, no_clinic
from crm.models import Lead, LeadForm, LeadSubmission
from crm.tests.factories import LeadFormFactory
from crm.tests.filling_in import ANA, SITE, hidden_of, kept
from crm.understanding import process_submission


def test_a_robot_that_is_too_fast_is_asked_to_press_again(send):
    answer = send(wait=timedelta(milliseconds=500))

    assert answer.status_code == 422
    assert "press the button again" in answer.content.decode() and 'value="Ana"' in answer.content.decode()
    assert LeadSubmission.objects.count() == 0


def test_a_page_left_open_for_days_gets_a_fresh_stamp(send, browser, form):
    answer = send(wait=timedelta(hours=25))

    assert (answer.status_code, LeadSubmission.objects.count()) == (422, 0)
    assert answer.context["stamp"] != ""
    with time_machine.travel(timezone.now() + timedelta(hours=25, seconds=9)):
        assert browser.post(form.public_path, hidden_of(answer) | ANA).status_code in (303, 422)


def test_the_stamp_of_another_form_does_not_count(browser, form):
    other = LeadFormFactory()
    page = browser.get(other.public_path)

    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        answer = browser.post(form.public_path, hidden_of(page) | ANA)

    assert (answer.status_code, LeadSubmission.objects.count()) == (422, 0)


def test_what_fills_in_the_trap_is_thanked_and_set_aside(send, coordinator):
    answer = send({"website": "http://spam.example", "phone": "+12125550101"})

    submission = process_submission(kept())
    assert answer.status_code == 303
    assert (submission.status, Lead.objects.count()) == (LeadSubmission.Status.IGNORED, 0)


def test_too_many_from_one_address_are_slowed_down_and_nobody_else(browser, form, settings):
    settings.PUBLIC_FORM_LIMITS = [2, 100]
    codes = [
        browser.post(form.public_path, ANA, HTTP_ORIGIN="x", REMOTE_ADDR="192.0.2.1").status_code for _n in range(4)
    ]

    assert codes == [422, 422, 429, 429]
    slowed = browser.post(form.public_path, ANA, REMOTE_ADDR="192.0.2.1")
    assert 'value="Ana"' in slowed.content.decode()
    assert browser.post(form.public_path, ANA, REMOTE_ADDR="192.0.2.2").status_code == 422


def test_a_flood_from_everywhere_meets_the_cap_of_the_clinic_and_no_other(browser, form, settings, other_clinic):
    settings.PUBLIC_FORM_LIMITS = [100, 3]
    codes = [browser.post(form.public_path, ANA, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(5)]

    assert codes == [422, 422, 422, 429, 429]


def test_a_page_of_the_clinic_that_is_listed_needs_no_stamp(browser, form):
    LeadForm.objects.filter(pk=form.pk).update(allowed_origins=[SITE], redirect_url=f"{SITE}/thanks")

    answers = [browser.post(form.public_path, ANA, HTTP_ORIGIN=SITE) for _again in range(2)]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, f"{SITE}/thanks")] * 2
    assert LeadSubmission.objects.count() == 1


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", f"{SITE}.evil.example", "http://www.clinic.example"]
)
def test_any_other_page_leads_to_ours_with_all_that_was_typed(browser, form, origin):
    LeadForm.objects.filter(pk=form.pk).update(allowed_origins=[SITE])

    answer = browser.post(form.public_path, ANA, HTTP_ORIGIN=origin)

    assert (answer.status_code, LeadSubmission.objects.count()) == (422, 0)
    assert 'value="Ana"' in answer.content.decode()


def test_a_host_that_is_not_ours_is_refused(browser, form, settings):
    settings.ALLOWED_HOSTS = ["testserver"]

    assert browser.get(form.public_path, HTTP_HOST="evil.example").status_code == 400
    page = browser.get(form.public_path, HTTP_X_FORWARDED_HOST="evil.example")
    assert "evil.example" not in page.content.decode()


def test_a_deep_or_endless_body_is_refused_or_read_in_time(browser, form):
    many = {f"field{n}": "x" for n in range(2000)}
    assert browser.post(form.public_path, many).status_code == 400
    assert browser.post(form.public_path, ANA | {"email": "a" * 5000 + "@" + "a." * 2000}).status_code == 422


def test_taking_one_in_costs_few_statements(browser, form):
    """Whether the form still stands, and the inquiry; others belong to the clinic's door and the test's transaction."""
    page = browser.get(form.public_path)
    with time_machine.travel(timezone.now() + timedelta(seconds=5)), CaptureQueriesContext(connection) as asked:
        browser.post(form.public_path, hidden_of(page) | ANA)

    assert len([query for query in asked if "crm_" in query["sql"]]) == 2


def test_a_form_from_memory_shares_nothing_that_was_looked_up_later(form):
    first = LeadForm.objects.of_token(form.token)
    first.source.name = "Another"

    assert LeadForm.objects.of_token(form.token).source.name != "Another"


@pytest.mark.parametrize("changes", ["name", "clinic", "closed"])
def test_a_form_that_has_changed_is_never_taken_from_memory(form, changes):
    LeadForm.objects.of_token(form.token)
    if changes == "clinic":
        Clinic.objects.filter(pk=form.clinic_id).update(name="Bright Smiles")
    else:
        change = {"name": {"name": "Spring"}, "closed": {"is_active": False}}[changes]
        LeadForm.objects.filter(pk=form.pk).update(**change)

    found = LeadForm.objects.of_token(form.token)

    expected = {"name": ("Spring", form.clinic.name), "clinic": (form.name, "Bright Smiles"), "closed": None}[changes]
    assert (found and (found.name, found.clinic.name)) == expected


def test_a_token_finds_its_form_in_its_own_clinic_and_in_no_other(form, other_clinic):
    assert (clinic_of(form.token), LeadForm.objects.of_token(form.token)) == (form.clinic_id, form)
    with next_door(other_clinic):
        assert LeadForm.objects.of_token(form.token) is None
    with no_clinic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM crm_leadform")
        assert cursor.fetchone()[0] == 0
