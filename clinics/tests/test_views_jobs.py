import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.jobs import start_job
from clinics.models import BackgroundJob
from clinics.tests.test_jobs import own_jobs  # noqa: F401  (the kinds of job of these tests)

Status = BackgroundJob.Status


@pytest.fixture
def job(receptionist):
    return start_job("build", title="Three rooms", by=receptionist)


def address(job, view="job_detail"):
    return reverse(f"clinics:{view}", args=[getattr(job, "pk", job)])


def set_to(job, status, **facts):
    BackgroundJob.objects.filter(pk=job.pk).update(status=status, **facts)


def test_job_list_shows_the_clinics_jobs(job, viewer, client_of):
    response = client_of(viewer).get("/jobs/")

    assert "Three rooms" in response.content.decode()
    assert "Waiting" in response.content.decode()


def test_job_list_asks_as_much_for_three_jobs_as_for_one(job, owner, receptionist, client_of):
    browser = client_of(owner)
    browser.get("/jobs/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        browser.get("/jobs/")
    for member in (owner, receptionist):
        start_job("build", title="Three rooms", by=member)

    with CaptureQueriesContext(connection) as three:
        browser.get("/jobs/")

    assert len(three) <= len(one)


def test_job_list_part_is_drawn_again_when_a_job_gets_on(job, owner, htmx_of):
    html = htmx_of(owner).get("/jobs/").content.decode()

    assert html.strip().startswith('<div id="job-rows"')
    assert f"live:job-{job.pk} from:body" in html


def test_job_list_says_what_will_be_here(owner, client_of):
    assert "No background jobs yet" in client_of(owner).get("/jobs/").content.decode()


def test_job_list_is_refused_without_the_permission(marketer, client_of):
    assert client_of(marketer).get("/jobs/").status_code == 403


def test_job_detail_shows_progress_and_listens(job, receptionist, client_of):
    set_to(job, Status.RUNNING, done_count=2400, total_count=6468, note="rows 2,200 to 2,400", attempts=1)

    html = client_of(receptionist).get(address(job)).content.decode()

    assert 'value="37"' in html
    assert "2,400 of 6,468 · rows 2,200 to 2,400" in html
    assert f"live:job-{job.pk} from:body" in html
    assert "live:poll from:body" in html
    assert address(job, "job_cancel") in html


def test_job_detail_shows_what_came_of_it_and_stops_listening(job, receptionist, client_of):
    set_to(job, Status.DONE, result={"created": 6301, "rows_skipped": 7, "why": [1, 2]}, result_url="/notices/")

    html = client_of(receptionist).get(address(job)).content.decode()

    assert "<dt>Rows skipped</dt>" in html
    assert "6301" in html or "6,301" in html
    assert 'href="/notices/"' in html
    assert "live:job-" not in html
    assert address(job, "job_retry") not in html


def test_job_detail_shows_the_error_and_the_way_to_start_again(job, receptionist, client_of):
    set_to(job, Status.FAILED, error="Row 214 has 7 cells.")

    html = client_of(receptionist).get(address(job)).content.decode()

    assert "Row 214 has 7 cells." in html
    assert address(job, "job_retry") in html


def test_job_detail_part_alone(job, receptionist, htmx_of):
    assert (
        htmx_of(receptionist)
        .get(address(job))
        .content.decode()
        .strip()
        .startswith('<section class="panel" id="job-panel"')
    )


def test_job_detail_offers_nothing_to_whom_may_not_steer(job, viewer, client_of):
    assert address(job, "job_cancel") not in client_of(viewer).get(address(job)).content.decode()


@pytest.mark.parametrize("view", ["job_detail", "job_cancel", "job_retry"])
def test_job_of_another_clinic_is_as_unknown_as_none(job, stranger, client_of, view):
    browser = client_of(stranger)
    ask = browser.get if view == "job_detail" else browser.post

    foreign, unknown = ask(address(job, view)), ask(address(uuid.uuid4(), view))

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert BackgroundJob.objects.get().status == Status.QUEUED


def test_job_cancel_redirects_to_the_job(job, receptionist, client_of):
    response = client_of(receptionist).post(address(job, "job_cancel"))

    assert (response.status_code, response["Location"]) == (302, address(job))
    assert BackgroundJob.objects.get().status == Status.CANCELLED


def test_job_cancel_answers_htmx_with_the_panel_and_a_toast(job, owner, htmx_of):
    response = htmx_of(owner).post(address(job, "job_cancel"))

    assert response.status_code == 200
    assert "Cancelled" in response.content.decode()
    assert "The job stops after the step in hand." in response["HX-Trigger"]


def test_job_cancel_too_late_says_so(job, receptionist, htmx_of, client_of):
    set_to(job, Status.DONE)

    response = htmx_of(receptionist).post(address(job, "job_cancel"))
    plain = client_of(receptionist).post(address(job, "job_cancel"), follow=True)

    assert (response.status_code, "This job has ended already." in response["HX-Trigger"]) == (409, True)
    assert "This job has ended already." in plain.content.decode()


def test_job_retry_queues_it_again(job, receptionist, client_of):
    set_to(job, Status.FAILED)

    client_of(receptionist).post(address(job, "job_retry"))

    assert BackgroundJob.objects.get().status == Status.QUEUED


def test_job_retry_of_a_running_job_says_so(job, receptionist, htmx_of):
    set_to(job, Status.RUNNING)

    response = htmx_of(receptionist).post(address(job, "job_retry"))

    assert (response.status_code, "This job has not ended yet." in response["HX-Trigger"]) == (409, True)


@pytest.mark.parametrize("view", ["job_cancel", "job_retry"])
def test_job_is_steered_only_by_whoever_started_it_or_a_clinic_admin(job, coordinator, client_of, view):
    assert client_of(coordinator).post(address(job, view)).status_code == 403
    assert client_of(coordinator).get(address(job, view)).status_code == 405
