"""What reaches the log, and that nothing personal does: one JSON object a line, from a fixed list of keys."""

import io
import json
import logging

import pytest
import structlog
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.urls import include, path

from clinics.access import staff_page
from clinics.tasks import run_reaction
from config.logs import ALLOWED_KEYS, logging_config
from crm.models import Lead
from crm.tests.factories import LeadFactory

NAME, PHONE, EMAIL = "Ottoline Quackenbush", "+13125550187", "ottoline@example.com"


@staff_page("lead:read")
def raises_with_a_lead(request, word):
    lead = Lead.objects.get()
    logging.getLogger("django.request").warning("Could not reach %s at %s", lead, lead.phone)
    structlog.get_logger("recare.test").warning("call failed", name=lead.display_name, phone=lead.phone, attempts=2)
    raise ValueError(f"{lead} {lead.phone} {lead.email} {request.GET}")


@staff_page("lead:read")
def breaks_a_constraint(request):
    lead = Lead.objects.get()
    LeadFactory(external_id=lead.external_id)


urlpatterns = [
    path("raises/<str:word>/", raises_with_a_lead),
    path("breaks/", breaks_a_constraint),
    path("", include("config.urls")),
]
handler500 = "clinics.views.errors.server_error"


@pytest.fixture
def lines():
    """The lines of the log as production writes them; read them by lines()."""
    facts = logging_config(level="INFO", readable=False)["formatters"]["structured"]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(facts.pop("()")(**facts))
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    root.removeHandler(handler)


@pytest.fixture
def lead(clinic):
    first, last = NAME.split()
    return LeadFactory(first_name=first, last_name=last, phone=PHONE, email=EMAIL, external_id="canary-4711")


def assert_silent(found):
    text = json.dumps(found).lower()
    assert [word for word in (*NAME.split(), PHONE, EMAIL, "canary") if word.lower() in text] == []
    assert {key for line in found for key in line} <= ALLOWED_KEYS


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("address", [f"/raises/{NAME}/?q={PHONE}", "/breaks/"])
def test_exception_of_a_view_leaves_no_personal_data_in_the_log(lead, owner, client_of, lines, address):
    browser = client_of(owner)
    browser.raise_request_exception = False

    response = browser.get(address)

    found = lines()
    assert_silent(found)
    assert response.status_code == 500
    [error] = [line for line in found if line.get("level") == "error"]
    assert error["exception"].rpartition(":")[2].isdigit()
    assert error["request_id"] == response["X-Request-Id"]
    assert response["X-Request-Id"] in response.content.decode()


def test_answer_is_one_line_with_its_route_and_no_address(lead, owner, client_of, lines):
    client_of(owner).get(f"/palette/?q={NAME}")

    [answered] = [line for line in lines() if line["event"] == "answered"]
    assert (answered["method"], answered["route"], answered["status"]) == ("GET", "palette/", 200)
    assert_silent(lines())


def test_failed_login_leaves_no_address_of_a_person(db, lines):
    Client().post("/account/login/", {"login": EMAIL, "password": "Ottoline-was-here-1"})

    assert_silent(lines())


def test_task_that_raises_leaves_its_name_and_no_words_of_its_error(lead, lines, monkeypatch):
    def broken(clinic, reaction_id):
        with transaction.atomic():
            LeadFactory(external_id=lead.external_id)

    monkeypatch.setattr("clinics.reactions.run_reaction", broken)

    result = run_reaction.apply(args=[str(lead.clinic_id), str(lead.pk)])

    assert isinstance(result.result, IntegrityError)
    found = [line for line in lines() if line["level"] == "error"]
    assert {line["task"] for line in found} == {"clinics.tasks.run_reaction"}
    assert_silent(lines())


def test_exception_told_by_our_own_logger_keeps_its_kind_and_place(lead, lines):
    try:
        raise ValueError(NAME)
    except ValueError:
        structlog.get_logger("recare.test").exception("went wrong", kind="test")

    [line] = lines()
    assert (line["event"], line["kind"]) == ("went wrong", "test")
    assert line["exception"].startswith("builtins.ValueError at ")
    assert "test_logs.py:" in line["exception"]
    assert_silent([line])
