"""Forms that visitors send while every connection to the database is cut, again and again: none is lost, none twice."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection
from django.test import Client

from clinics.public_tokens import new_token
from clinics.tenancy import clinic_scope
from clinics.tests.factories import ClinicFactory
from crm import public_forms
from crm.models import LeadForm, LeadSubmission
from crm.public_forms import STAMP, new_stamp

FORMS = 2000 if os.environ.get("DRILL_FULL") else 24
VISITORS = 4
CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_start > %s
"""


@pytest.fixture
def form(transactional_db, settings, monkeypatch):
    """A form of a clinic that is committed; whoever fills it in is fast, and may do so often."""
    settings.PUBLIC_FORM_LIMITS = [10**6, 10**6]
    monkeypatch.setattr(public_forms, "NOT_A_PERSON", public_forms.NOT_A_PERSON * 0)
    monkeypatch.setattr("crm.submissions.wake_for_all", lambda *arguments: None)  # what becomes of them is not asked
    clinic = ClinicFactory(name="Drill Dental", slug="drill")
    with clinic_scope(clinic):
        fields = [{"name": "phone", "required": True}]
        return LeadForm.objects.create(name="Website", fields=fields, token=new_token(clinic.pk))


def send(form, stamp, number):
    """Fill in a form and press the button until it is accepted; returns how often the answer was that we are away."""
    typed = {STAMP: stamp, "phone": f"+1212555{number:04d}", "consent": "on"}
    for pressed in range(200):
        status = Client().post(form.public_path, typed).status_code
        if status == 303:
            return pressed
        assert status == 503
        connection.close()  # the next request of a real server takes another one, too
    raise AssertionError("never accepted")


def test_a_form_that_is_sent_while_the_database_goes_away_is_kept_once(form, record_property):
    stamps = [new_stamp(form) for _number in range(FORMS)]
    is_over = Event()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        began = cursor.fetchone()[0]

    def visit(share):
        try:
            return sum(send(form, stamps[number], number) for number in share)
        finally:
            connection.close()

    def cut():
        count = 0
        try:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")  # only the owner may end what others do
                while not is_over.wait(0.1):
                    cursor.execute(CUT, [began])
                    count += cursor.fetchone()[0]
        finally:
            connection.close()
        return count

    with ThreadPoolExecutor(VISITORS + 1) as pool:
        cutting = pool.submit(cut)
        try:
            away = sum(pool.map(visit, [range(start, FORMS, VISITORS) for start in range(VISITORS)]))
        finally:
            is_over.set()
        cuts = cutting.result()

    connection.close()
    with clinic_scope(form.clinic_id):
        kept = [submission.payload["posted"]["phone"][0] for submission in LeadSubmission.objects.filter(form=form)]
    record_property("drill", f"public forms: {FORMS} sent, {cuts} connections cut, {away} times away, {len(kept)} kept")
    assert away > 0
    assert sorted(kept) == [f"+1212555{number:04d}" for number in range(FORMS)]
