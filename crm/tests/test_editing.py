from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import Clinic
from clinics.personal_values import opened_sides
from conftest import last_audit
from crm.assignment.giving import assign_lead
from crm.editing import edit_lead, fingerprint, set_opportunity
from crm.models import Opportunity
from crm.pipeline import move_lead
from crm.rules import (
    DateInThePast,
    FieldRefused,
    LeadIsLocked,
    NoWayToReach,
    SomebodyWasFaster,
    ValueNotPositive,
)
from crm.tests.factories import LeadFactory


@pytest.fixture
def lead(clinic, coordinator):
    return LeadFactory(assigned_to=coordinator, first_name="Ana")


def test_edit_lead_records_what_changed_and_finds_it_again(lead, coordinator):
    edit_lead(lead, {"first_name": "José", "email": lead.email}, version=1, by=coordinator)

    lead.refresh_from_db()
    assert (lead.first_name, lead.name_key, lead.version) == ("José", "jose sample", 2)
    assert opened_sides(last_audit(lead)) == ({"first_name": "Ana"}, {"first_name": "José"})


def test_edit_lead_names_sealed_fields_without_their_values(lead, coordinator):
    edit_lead(lead, {"insurance_member_id": "XYZ-1"}, version=1, by=coordinator)

    assert last_audit(lead).after == {"insurance_member_id": "•••"}


def test_edit_lead_without_a_change_is_none(lead, coordinator):
    edit_lead(lead, {"first_name": "Ana"}, version=99, by=coordinator)

    assert last_audit(lead) is None


def test_edit_lead_over_a_newer_one_is_refused(lead, coordinator, owner):
    edit_lead(lead, {"first_name": "Bea"}, version=1, by=owner)

    with pytest.raises(SomebodyWasFaster) as faster:
        edit_lead(lead, {"first_name": "Cleo"}, version=1, by=coordinator)
    assert faster.value.current.first_name == "Bea"


def test_edit_lead_over_a_newer_one_is_refused_field_by_field(lead, coordinator, owner):
    seen = {"first_name": fingerprint("Ana"), "city": fingerprint("")}
    edit_lead(lead, {"first_name": "Bea"}, version=1, by=owner)

    with pytest.raises(SomebodyWasFaster):
        edit_lead(lead, {"city": "Boston"}, version=1, by=coordinator, seen=seen)


def test_edit_lead_that_was_only_moved_meanwhile_goes_through(lead, stages, coordinator, owner):
    seen = {"first_name": fingerprint("Ana")}
    move_lead(lead, stages["contacted"], by=owner)

    edit_lead(lead, {"first_name": "Bea"}, version=1, by=coordinator, seen=seen)

    lead.refresh_from_db()
    assert (lead.first_name, lead.stage) == ("Bea", stages["contacted"])


def test_edit_lead_leaves_somebody_to_reach(lead, coordinator):
    nobody = {"first_name": "", "last_name": "", "phone": "", "email": ""}

    with pytest.raises(NoWayToReach):
        edit_lead(lead, nobody, version=1, by=coordinator)


def test_edit_lead_refuses_a_private_field_by_name(clinic, lead, coordinator):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy=Clinic.LeadPrivacy.MINIMAL)

    with pytest.raises(FieldRefused) as refused:
        edit_lead(lead, {"last_name": "Vega"}, version=1, by=coordinator)
    assert refused.value.field == "last_name"


def test_a_locked_lead_is_not_edited(lead, stages, owner, coordinator):
    move_lead(lead, stages["treatment_started"], by=owner)

    for verb in [
        lambda: edit_lead(lead, {"first_name": "Bea"}, version=2, by=owner),
        lambda: assign_lead(lead, owner, by=owner),
        lambda: set_opportunity(lead, by=owner, expected_value_cents=100),
    ]:
        with pytest.raises(LeadIsLocked):
            verb()


def test_set_opportunity_is_once_a_lead_and_rides_along(lead, coordinator):
    set_opportunity(lead, by=coordinator, expected_value_cents=500_00)
    set_opportunity(lead, by=coordinator, expected_value_cents=700_00)

    lead.refresh_from_db()
    assert Opportunity.objects.get(lead=lead).expected_value_cents == lead.expected_value_cents == 700_00
    assert last_audit(lead).before["expected_value_cents"] == 500_00


def test_set_opportunity_wants_a_positive_value(lead, coordinator):
    with pytest.raises(ValueNotPositive):
        set_opportunity(lead, by=coordinator, expected_value_cents=0)


def test_set_opportunity_looks_ahead_but_keeps_a_date_that_has_passed(lead, coordinator):
    yesterday = timezone.localdate() - timedelta(days=1)
    with pytest.raises(DateInThePast):
        set_opportunity(lead, by=coordinator, expected_value_cents=100, expected_date=yesterday)

    Opportunity.objects.create(lead=lead, expected_value_cents=100, expected_date=yesterday)
    assert set_opportunity(lead, by=coordinator, expected_value_cents=200, expected_date=yesterday)
