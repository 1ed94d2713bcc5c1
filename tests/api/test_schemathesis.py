"""Requests that nobody would think of: whatever is sent, the API answers as its own document says.

A few of each operation in every run; `API_EXAMPLES=500 bin/test tests/api/test_schemathesis.py` tries many, at random.
"""

import os
from datetime import timedelta
from functools import cache

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.api import api
from conftest import no_clinic
from crm.models import LeadSource, PipelineStage
from crm.tests.factories import LeadFactory, LeadTaskFactory
from patients.tests.factories import AppointmentFactory, PaymentFactory, VisitFactory
from tests.api.conftest import give_token

EXAMPLES = int(os.environ.get("API_EXAMPLES", 4))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = sorted(f"{method} {path}" for path, method, _code in api.permissions())


house = cache(get_wsgi_application)


def application(environ, start_response):
    """The house as a server reaches it, with no clinic open, but on the connection of the test."""
    with no_clinic():
        response = house().get_response(WSGIRequest(environ))
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [response.content]


@cache
def document():
    """The document as programs fetch it, once for all operations."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", application)


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.API_REQUESTS_A_MINUTE = 10**6


@pytest.fixture
def real(owner):
    """Ids that are there, by the name under which a request gives them."""
    lead = LeadFactory(assigned_to=owner)
    task = LeadTaskFactory(lead=lead, assigned_to=owner, due_at=timezone.now() + timedelta(days=1))
    stage, source = PipelineStage.objects.in_order()[1], LeadSource.objects.first()
    ids = {"lead_id": lead, "task_id": task, "stage_id": stage, "source_id": source}
    ids |= {"appointment_id": AppointmentFactory(), "visit_id": VisitFactory(), "payment_id": PaymentFactory()}
    return {name: str(row.pk) for name, row in (ids | {"assigned_to": owner, "stage": stage, "source": source}).items()}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_keeps_to_its_document(name, owner, real):
    method, path = name.split()
    operation = document()[path][method]
    _token, secret = give_token(owner)

    @settings(
        max_examples=EXAMPLES,
        derandomize="API_EXAMPLES" not in os.environ,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation), is_real=st.booleans())
    def send(case, is_real):
        if is_real:
            put_in(case, real)
        case.headers.update({"Authorization": f"Bearer {secret}", "If-Match": "*"})
        with transaction.atomic():
            case.call_and_validate(checks=CHECKS)
            transaction.set_rollback(True)

    send()


def cases(operation):
    """Requests that fit the document, and requests that do not."""
    return st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )


def put_in(case, real):
    """Real ids in the place of made-up ones, in the address and in the body."""
    for place in (case.path_parameters, case.body):
        if isinstance(place, dict):
            place.update({name: value for name, value in real.items() if name in place})
