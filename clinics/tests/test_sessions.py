"""How long a login lasts, by a clock that the test turns."""

import datetime

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings as project
from django.test import Client

from clinics.members import change_role, deactivate_member
from clinics.models import ClinicUser, Role
from clinics.sessions import is_alive
from clinics.tasks import clear_ended_sessions
from clinics.tests.factories import PASSWORD, ClinicUserFactory
from conftest import next_door

START = datetime.datetime(2026, 11, 20, 8, 0, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def clock(settings):
    settings.SESSION_IDLE_MINUTES = 15
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(owner, clock):
    """The owner's browser, just signed in."""
    client = Client()
    client.post("/account/login/", {"login": owner.user.email, "password": PASSWORD})
    client.get("/profile/")
    return client


def is_in(client):
    return client.get("/profile/").status_code == 200


def test_session_ends_after_fifteen_idle_minutes(desk, clock):
    clock.shift(14 * MINUTE)
    assert is_in(desk)

    clock.shift(15 * MINUTE)
    response = desk.get("/profile/")

    assert (response.status_code, response.url) == (302, "/account/login/?next=/profile/")
    assert "signed out" in desk.get("/account/login/").content.decode()


def test_session_at_work_ends_after_twelve_hours(desk, clock):
    for _quarter in range(12 * 6 - 1):
        clock.shift(10 * MINUTE)
        assert is_in(desk)

    clock.shift(10 * MINUTE)

    assert not is_in(desk)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/notices/bell/", {"hx-request": "true", "x-background": "1"}),
        ("/profile/", {"hx-request": "true", "x-background": "1"}),
        ("/live/", {"accept": "text/event-stream"}),
    ],
)
def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(desk, clock, path, headers):
    for _third in range(3):
        clock.shift(5 * MINUTE)
        desk.get(path, headers=headers)

    assert not is_in(desk)


def test_posting_keeps_somebody_signed_in_whatever_it_claims(desk, clock):
    for _try in range(3):
        clock.shift(10 * MINUTE)
        desk.post("/language/", {"language": "en"}, headers={"x-background": "1"})

    assert is_in(desk)


def test_htmx_is_sent_to_sign_in_as_a_whole_page(desk, clock):
    clock.shift(16 * MINUTE)

    response = desk.get(
        "/notices/bell/",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/staff/?page=2", "x-background": "1"},
    )

    assert (response.status_code, response["HX-Redirect"]) == (204, "/account/login/?next=/staff/%3Fpage%3D2")


def test_signing_out_ends_every_tab(desk):
    replay = Client()
    replay.cookies[project.SESSION_COOKIE_NAME] = desk.cookies[project.SESSION_COOKIE_NAME].value
    assert is_in(replay)

    desk.post("/account/logout/")

    assert not is_in(replay)


def test_new_password_ends_the_other_sessions(owner, desk):
    other = Client()
    other.post("/account/login/", {"login": owner.user.email, "password": PASSWORD})
    assert is_in(other)

    new = {"oldpassword": PASSWORD, "password1": "violet-harbor-7x", "password2": "violet-harbor-7x"}
    desk.post("/account/password/change/", new)

    assert is_in(desk)
    assert not is_in(other)


def test_new_role_ends_the_sessions_of_that_clinic(owner, coordinator, client_of):
    browser = client_of(coordinator)
    assert is_in(browser)

    change_role(coordinator, Role.FRONT_DESK, by=owner)

    assert not is_in(browser)


def test_deactivated_member_is_out_at_the_next_request(owner, coordinator, client_of):
    browser = client_of(coordinator)
    assert is_in(browser)
    key = browser.session.session_key

    deactivate_member(coordinator, by=owner)

    assert not is_in(browser)
    assert not is_alive(key)


def test_session_at_work_in_another_clinic_goes_on(owner, coordinator, other_clinic, client_of):

    with next_door(other_clinic):
        elsewhere = ClinicUserFactory(user=coordinator.user, role=Role.VIEWER)
    browser = client_of(elsewhere)
    assert is_in(browser)

    deactivate_member(coordinator, by=owner)

    assert is_in(browser)


def test_session_that_is_idle_is_not_alive_for_a_stream(desk, clock):
    key = desk.session.session_key
    assert is_alive(key)

    clock.shift(16 * MINUTE)

    assert not is_alive(key)


def test_presence_is_noted_now_and_then(owner, desk, clock):
    clock.shift(2 * MINUTE)
    desk.get("/profile/")

    assert ClinicUser.objects.get(pk=owner.pk).last_seen_at == START + 2 * MINUTE
    assert UserSession.objects.get(user=owner.user).last_seen_at == START + 2 * MINUTE


def test_pages_of_somebody_signed_in_are_not_kept_by_the_browser(desk):
    assert desk.get("/profile/")["Cache-Control"] == "no-store"


def test_traces_of_ended_sessions_are_removed(desk, clock):
    clock.shift(13 * 60 * MINUTE)

    clear_ended_sessions()

    assert UserSession.objects.count() == 0
