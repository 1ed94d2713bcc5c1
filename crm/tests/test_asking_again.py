import pytest
from django.utils import timezone

from clinics.models import StaffNotification
from crm.intake import link_contact_points
from crm.models import Lead, LeadStatus, LeadSubmission
from crm.pipeline import move_lead
from crm.submissions import write_submission
from crm.tests.factories import LeadFactory, LeadSourceFactory
from crm.understanding import process_submission

Outcome = LeadSubmission.Outcome
PHONE = "(212) 555-0101"


@pytest.fixture
def ana(clinic, coordinator):
    lead = LeadFactory(first_name="Ana", last_name="Vega", phone="+12125550101", email="", assigned_to=coordinator)
    link_contact_points(lead)
    return lead


@pytest.fixture
def ask(clinic, coordinator):
    def ask(**payload):
        return process_submission(write_submission("WEBHOOK", payload))

    return ask


def test_the_same_person_again_is_a_touch_on_the_same_card(ana, ask, coordinator):
    done = ask(first_name="ana", phone=PHONE, notes="And my son", utm_source="meta", email="ana@example.com")

    ana.refresh_from_db()
    assert (done.outcome, done.lead, Lead.objects.count()) == (Outcome.NEW_TOUCH, ana, 1)
    assert (ana.touchpoints.get().utm_source, ana.activities.get().notes) == ("meta", "And my son")
    assert (ana.email_norm, ana.first_name, ana.stage.is_default) == ("ana@example.com", "Ana", True)
    assert [each.text for each in StaffNotification.objects.of(coordinator)] == ["Ana Vega asked again"]


def test_what_nobody_had_asked_about_is_answered_by_the_next_inquiry_and_then_stays(ana, ask):
    radio, fair = (LeadSourceFactory(name=name) for name in ("Radio", "Fair"))
    type(ana.source).objects.filter(pk=ana.source_id).update(is_unknown=True)
    ask(first_name="Ana", phone=PHONE, source="Radio", source_detail="Morning show")
    ask(first_name="Ana", phone=PHONE, source="Fair")

    ana.refresh_from_db()
    assert (ana.source, ana.source_detail) == (radio, "Morning show")
    assert [touch.source for touch in ana.touchpoints.all()] == [radio, fair]


@pytest.mark.parametrize(
    ("name", "is_same"),
    [
        ({"first_name": "ANA"}, True),
        ({"first_name": "Ana María", "last_name": "Vega"}, True),
        ({"first_name": "Ana Vega"}, True),
        ({"first_name": "Ana", "last_name": "Vega Ruiz"}, True),
        ({}, True),
        ({"first_name": "Leo", "last_name": "Vega"}, False),
        ({"first_name": "Ana", "last_name": "Smith"}, False),
        ({"first_name": "Ana", "last_name": "Vega", "patient_first_name": "Leo"}, False),
        ({"first_name": "Ana", "last_name": "Vega", "patient_first_name": "Ana"}, True),
        ({"first_name": "Anna", "last_name": "Vegga", "city": "Elsewhere", "postal_code": "99999"}, True),
        ({"first_name": "Vega", "last_name": "Ana"}, True),
        ({"first_name": "A.", "last_name": "Vega"}, False),
        ({"city": "Elsewhere"}, True),
    ],
)
def test_who_shares_a_number_is_the_same_person_only_by_name(ana, ask, name, is_same):
    done = ask(phone=PHONE, **name)

    assert (done.lead == ana) is is_same
    assert done.lead.household_id == ana.household_id


def test_a_second_child_of_the_same_parent_is_a_lead_in_the_household(clinic, ask):
    leo = ask(first_name="Ana", phone=PHONE, patient_first_name="Leo", patient_relationship="CHILD").lead
    mia = ask(first_name="Ana", phone=PHONE, patient_first_name="Mia", patient_relationship="CHILD").lead
    again = ask(first_name="Ana", phone=PHONE)

    assert leo != mia
    assert leo.household_id == mia.household_id is not None
    assert again.lead in (leo, mia)


def test_the_same_e_mail_counts_as_the_same_number_does(clinic, ask):
    first = ask(first_name="Ana", email="Ana@Example.com")

    assert ask(first_name="Ana", email="ana@example.COM", phone=PHONE).lead == first.lead


def test_a_lost_lead_is_reopened_at_the_start_with_a_task(ana, ask, stages, owner):
    move_lead(ana, stages["lost"], by=owner, lost_reason="NO_RESPONSE")

    done = ask(first_name="Ana", phone=PHONE)

    ana.refresh_from_db()
    assert (done.lead, ana.status, ana.stage, ana.lost_reason) == (ana, LeadStatus.ACTIVE, stages["new_lead"], "")
    assert [task.title for task in ana.tasks.all()] == ["Asked again: call back"]


def test_an_archived_lead_comes_back(ana, ask):
    Lead.objects.filter(pk=ana.pk).update(status=LeadStatus.ARCHIVED, archived_at=timezone.now())

    ask(first_name="Ana", phone=PHONE)

    ana.refresh_from_db()
    assert (ana.status, ana.archived_at, ana.tasks.count()) == (LeadStatus.NEW, None, 1)


def test_a_patient_who_asks_again_is_a_new_lead_and_the_card_stays_locked(ana, ask, stages, owner, coordinator):
    move_lead(ana, stages["treatment_started"], by=owner)

    first = ask(first_name="Ana", phone=PHONE)
    second = ask(first_name="Ana", phone=PHONE)

    assert first.lead != ana
    assert (first.lead.assigned_to, first.outcome) == (coordinator, Outcome.NEW_LEAD)
    assert (second.lead, second.outcome) == (first.lead, Outcome.NEW_TOUCH)


def test_a_deleted_lead_is_not_met_again(ana, ask):
    Lead.objects.filter(pk=ana.pk).update(deleted_at=timezone.now())

    assert ask(first_name="Ana", phone=PHONE).lead != ana
