import pytest

from clinics.models import Clinic
from conftest import last_audit
from crm.intake import capture_lead, link_contact_points
from crm.models import Lead, LeadSource, LeadSubmission
from crm.rules import CoordinatorMissing, FieldRefused, NotACoordinator, NoWayToReach, ValueNotPositive
from crm.submissions import write_submission

STAFF = LeadSubmission.Channel.STAFF


@pytest.fixture
def capture(clinic, coordinator):
    def capture(by=coordinator, key=None, **values):
        return capture_lead(clinic, values, by=by, channel=STAFF, idempotency_key=key)

    return capture


def test_capture_lead_gives_stage_source_owner_and_normal_forms(capture, coordinator, stages):
    lead = capture(first_name="José", last_name="Vega", phone="(212) 555-0101", email="JV@Example.com")

    assert (lead.stage, lead.assigned_to, lead.source.name) == (stages["new_lead"], coordinator, "Not asked")
    assert (lead.phone_e164, lead.email_norm, lead.name_key) == ("+12125550101", "jv@example.com", "jose vega")
    assert last_audit(lead).action == "crm.lead.captured"
    assert lead.touchpoints.count() == lead.activities.count() == 1


def test_capture_lead_keeps_the_submission_as_it_came_and_sealed(capture):
    lead = capture(first_name="Ana", insurance_member_id="XYZ-1", treatment_interest=["RETAINER"])

    submission = LeadSubmission.objects.get(lead=lead)
    assert submission.payload == {
        "first_name": "Ana",
        "insurance_member_id": "XYZ-1",
        "treatment_interest": ["RETAINER"],
    }
    assert submission.status == LeadSubmission.Status.PROCESSED


def test_capture_lead_with_the_same_key_gives_the_same_lead_once(capture):
    first = capture(first_name="Ana", key="k1")
    again = capture(first_name="Ana", key="k1")

    assert first == again
    assert Lead.objects.count() == LeadSubmission.objects.count() == 1


def test_capture_lead_processes_a_submission_that_was_only_kept(capture, clinic):
    kept = write_submission(STAFF, {}, idempotency_key="k1")

    lead = capture(first_name="Ana", key="k1")

    kept.refresh_from_db()
    assert kept.lead == lead


def test_capture_lead_keeps_a_number_that_cannot_be_dialed_as_typed(capture):
    lead = capture(phone="12 34")

    assert (lead.phone, lead.phone_e164) == ("12 34", "")


def test_capture_lead_wants_a_way_to_know_the_person(capture):
    with pytest.raises(NoWayToReach):
        capture(notes="Somebody asked")
    assert LeadSubmission.objects.count() == 0


def test_capture_lead_wants_a_positive_value(capture):
    with pytest.raises(ValueNotPositive):
        capture(first_name="Ana", expected_value_cents=0)


def test_capture_lead_refuses_an_owner_who_is_no_coordinator(capture, receptionist):
    with pytest.raises(NotACoordinator):
        capture(first_name="Ana", assigned_to=receptionist)


def test_capture_lead_of_the_front_desk_goes_to_whose_turn_it_is(capture, receptionist, coordinator):
    assert capture(by=receptionist, first_name="Ana").assigned_to == coordinator


def test_capture_lead_needs_somebody_to_own_it(clinic, receptionist):
    with pytest.raises(CoordinatorMissing):
        capture_lead(clinic, {"first_name": "Ana"}, by=receptionist, channel=STAFF)


@pytest.mark.parametrize("field", ["last_name", "notes", "insurance_carrier"])
def test_capture_lead_refuses_private_fields_by_name(clinic, capture, field):
    clinic.lead_privacy = Clinic.LeadPrivacy.MINIMAL

    with pytest.raises(FieldRefused) as refused:
        capture(first_name="Ana", **{field: "Vega"})
    assert refused.value.field == field


def test_link_contact_points_makes_one_household_of_a_shared_number(capture):
    mother = capture(first_name="Ana", phone="2125550101")
    child = capture(first_name="Leo", phone="212-555-0101")

    assert child.household == mother.household
    assert Lead.objects.count() == 2


def test_link_contact_points_lets_a_mistyped_number_go(capture):
    stranger = capture(first_name="Ana", phone="2125550101")
    lead = capture(first_name="Leo", phone="2125550101")

    lead.phone_e164 = "+12125550202"
    link_contact_points(lead)

    assert lead.household != stranger.household
    assert [link.contact_point.value for link in lead.contact_links.all()] == ["+12125550202"]


def test_link_contact_points_keeps_the_household_that_still_shares_something(capture):
    mother = capture(first_name="Ana", phone="2125550101", email="family@example.com")
    lead = capture(first_name="Leo", phone="2125550101", email="family@example.com")

    lead.phone_e164 = "+12125550202"
    link_contact_points(lead)

    assert lead.household == mother.household


def test_capture_lead_takes_the_source_that_was_named(capture):
    source = LeadSource.objects.get(name="Walk-in")

    assert capture(first_name="Ana", source=source).touchpoints.get().source == source
