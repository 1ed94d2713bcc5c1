from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from clinics.jobs import run_job
from clinics.models import AuditLog, PersonalKey
from conftest import last_audit, no_clinic
from crm.keeping import KeptTooShort, keep_for
from crm.models import KpiEvent, Lead, LeadActivity, LeadMonth, LeadTally, PurgeRun
from crm.purging import start_purge, what_is_due, years_ago
from crm.tests.factories import LeadActivityFactory, LeadFactory, LeadTaskFactory
from inbox.models import ContactConsent, UnifiedConversation
from inbox.tests.factories import ContactConsentFactory, ConversationFactory

YEAR = timedelta(days=366)


def lead_of(years, **facts):
    """A lead that came so many years ago and was heard of no more."""
    then = timezone.now() - years * YEAR
    lead = LeadFactory(captured_at=then, stage_entered_at=then, **facts)
    Lead.objects.filter(pk=lead.pk).update(created_at=then)
    return lead


@pytest.fixture
def old(clinic, coordinator):
    """Of each class one row that is due and one that is not."""
    now = timezone.now()
    gone, talked, planned, fresh = lead_of(8), lead_of(8), lead_of(8), lead_of(6)
    ConversationFactory(lead=gone, last_message_at=now - 8 * YEAR)
    ConversationFactory(lead=talked, last_message_at=now)
    LeadTaskFactory(lead=planned, due_at=now + timedelta(days=3))
    LeadActivityFactory(lead=gone, occurred_at=now - 8 * YEAR)
    LeadActivityFactory(lead=fresh, occurred_at=now - 4 * YEAR)
    LeadActivityFactory(lead=fresh, occurred_at=now - 2 * YEAR)
    for years in (6, 4):
        KpiEvent.objects.create(kind="ad_click", occurred_at=now - years * YEAR)
    ContactConsentFactory(address=gone.phone_e164)
    return gone


def test_what_is_older_than_it_is_kept_goes_and_nothing_else(clinic, old, owner):
    before = {due.label: due.count for due in what_is_due(clinic, now=timezone.now())}
    audits = AuditLog.objects.count()

    run = start_purge(clinic, by=owner)
    assert start_purge(clinic).pk == run.pk
    with no_clinic():
        run_job(clinic, run.job_id)

    run.refresh_from_db()
    assert list(before.values()) == [1, 2, 1]
    assert (run.lead_count, run.activity_count, run.event_count) == (1, 2, 1)
    assert run.finished_at is not None and run.seconds >= 0
    assert not Lead.objects.filter(pk=old.pk).exists() and Lead.objects.count() == 3
    assert (LeadActivity.objects.count(), KpiEvent.objects.count(), UnifiedConversation.objects.count()) == (1, 1, 1)
    assert ContactConsent.objects.count() == 1
    assert AuditLog.objects.count() > audits
    assert AuditLog.objects.about(old).get().action == "crm.lead.purged"
    assert not PersonalKey.objects.filter(resource_id=old.pk).exists()
    assert sum(LeadTally.objects.values_list("count", flat=True)) == 3
    assert sum(LeadMonth.objects.values_list("count", flat=True)) == 3
    assert [due.count for due in what_is_due(clinic, now=timezone.now())] == [0, 0, 0]


def test_a_night_on_which_nothing_is_due_writes_its_line_without_a_job(clinic):
    run = start_purge(clinic)

    assert (run.total, run.job) == (0, None)
    assert run.finished_at is not None


def test_the_years_can_be_raised_and_never_fall_below_those_of_the_law(clinic, old):
    clinic.lead_retention_years, clinic.activity_retention_years, clinic.kpi_retention_years = 9, 9, 9
    clinic.full_clean()
    assert [due.count for due in what_is_due(clinic, now=timezone.now())] == [0, 0, 0]

    clinic.lead_retention_years = 6
    with pytest.raises(ValidationError):
        clinic.full_clean()


def test_the_years_are_set_on_the_page_and_taken_back_by_its_toast(clinic, owner, client_of):
    browser, years = client_of(owner), {"lead_retention_years": 9, "activity_retention_years": 3}

    browser.post("/clinic/keeping/years/", years | {"kpi_retention_years": 6})
    clinic.refresh_from_db()
    assert (clinic.lead_retention_years, clinic.kpi_retention_years) == (9, 6)

    too_few = browser.post("/clinic/keeping/years/", years | {"kpi_retention_years": 4})
    assert (too_few.status_code, "The law asks for at least 5 years." in too_few.text) == (422, True)
    with pytest.raises(KeptTooShort):
        keep_for(clinic, {"activity_retention_years": 2}, by=owner)

    browser.post(f"/clinic/keeping/years/{last_audit(clinic).pk}/undo/")
    clinic.refresh_from_db()
    assert (clinic.lead_retention_years, clinic.kpi_retention_years) == (7, 5)


def test_of_the_29_february_a_year_without_one_has_the_28th(clinic):
    leap = timezone.datetime(2028, 2, 29, 18, tzinfo=clinic.zone)

    assert years_ago(clinic, 3, leap).date().isoformat() == "2025-02-28"
    assert years_ago(clinic, 4, leap).date().isoformat() == "2024-02-29"


def test_a_dry_run_by_hand_counts_and_removes_nothing(clinic, old):
    said = StringIO()

    with no_clinic():
        call_command("purge", "--dry-run", "--clinic", "downtown", stdout=said)

    assert "downtown: Leads kept 7 years" in said.getvalue() and ": 1 due" in said.getvalue()
    assert Lead.objects.count() == 4 and not PurgeRun.objects.exists()


def test_purge_list_shows_what_is_due_and_what_went(old, owner, coordinator, client_of, clinic):
    page = client_of(owner).get("/clinic/keeping/")
    begun = client_of(owner).post("/clinic/keeping/remove/")

    assert "Remove it now" in page.text
    assert begun.status_code == 302 and PurgeRun.objects.get().by == owner
    assert client_of(coordinator).get("/clinic/keeping/").status_code == 403
