from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import Location, Role
from clinics.tests.factories import away
from conftest import member_of
from crm.assignment.turns import Turns
from crm.intake import capture_lead
from crm.models import AssignmentChange, AssignmentShare, LeadSubmission, PostalArea
from crm.tests.factories import AssignmentRuleFactory, LeadFactory, LeadSourceFactory

WEBFORM = LeadSubmission.Channel.WEBFORM


@pytest.fixture
def dana(clinic):
    return member_of(Role.TREATMENT_COORDINATOR, "Dana")


@pytest.fixture
def capture(clinic):
    return lambda **values: capture_lead(clinic, {"first_name": "Ana"} | values, by=None, channel=WEBFORM)


def test_the_first_rule_that_fits_and_finds_somebody_decides(capture, coordinator, dana):
    source = LeadSourceFactory()
    AssignmentRuleFactory(name="Source", source_ids=[source.pk], people=[coordinator])
    AssignmentRuleFactory(name="Invisalign", interests=["INVISALIGN"], people=[dana])

    lead = capture(treatment_interest=["INVISALIGN"])

    change = AssignmentChange.objects.of_lead(lead).get()
    assert (lead.assigned_to, change.rule_name, change.reason) == (dana, "Invisalign", "rule: Invisalign")


def test_what_no_rule_fits_goes_to_whoever_has_the_fewest_open_leads(capture, coordinator, dana):
    AssignmentRuleFactory(interests=["INVISALIGN"], people=[dana])
    LeadFactory(assigned_to=dana)

    lead = capture(treatment_interest=["RETAINER"])

    assert lead.assigned_to == coordinator
    assert AssignmentChange.objects.of_lead(lead).get().how == AssignmentChange.How.FEWEST


def test_a_turn_is_remembered_between_leads(capture, coordinator, dana):
    rule = AssignmentRuleFactory(people={coordinator: 1, dana: 2})

    owners = [capture().assigned_to for _lead in range(6)]

    assert owners.count(dana) == 4
    assert sum(AssignmentShare.objects.filter(rule=rule).values_list("credit", flat=True)) == 0


def test_new_leads_of_today_count_against_the_limit_of_a_day(capture, coordinator, dana):
    dana.new_leads_a_day = 1
    dana.save()
    AssignmentRuleFactory(way="LISTED", people=[dana, coordinator])

    assert [capture().assigned_to for _lead in range(2)] == [dana, coordinator]


def test_shifts_and_opening_hours_of_the_moment_count(capture, clinic, coordinator, dana, time_machine):
    dana.working_hours = {"0": [["13:00", "17:00"]]}
    dana.save()
    AssignmentRuleFactory(name="Nights", hours="CLOSED", people=[dana])
    AssignmentRuleFactory(name="Shift", only_on_shift=True, way="LISTED", people=[dana, coordinator])
    owners = []
    for hour in (10, 14, 22):  # of a Monday; the clinic opens from 8 to 17
        time_machine.move_to(timezone.datetime(2026, 6, 1, hour, tzinfo=clinic.zone), tick=False)
        owners.append(capture().assigned_to)

    assert owners == [coordinator, dana, dana]


def test_who_is_away_is_passed_over_and_has_a_deputy(capture, coordinator, dana):
    away(dana, deputy=coordinator)
    AssignmentRuleFactory(name="Invisalign", people=[dana])

    lead = capture()

    change = AssignmentChange.objects.of_lead(lead).get()
    assert lead.assigned_to == coordinator
    assert change.reason == f"rule: Invisalign, stands in for {dana.display_name}"


def test_who_lives_near_a_location_is_told_by_the_postal_code(capture, coordinator, dana):
    loop = Location.objects.create(name="Loop", latitude=41.88, longitude=-87.63)
    PostalArea.objects.create(code="602", latitude=42.04, longitude=-87.69)
    PostalArea.objects.create(code="600", latitude=42.45, longitude=-88.0)
    AssignmentRuleFactory(near_location=loop, within_km=25, people=[dana])

    assert capture(postal_code="60201").assigned_to == dana
    assert capture(postal_code="60099").assigned_to == coordinator


def test_who_enters_a_lead_keeps_it_unless_the_clinic_says_otherwise(clinic, coordinator, dana):
    AssignmentRuleFactory(people=[dana])
    values, staff = {"first_name": "Ana"}, LeadSubmission.Channel.STAFF

    kept = capture_lead(clinic, values, by=coordinator, channel=staff)
    clinic.entered_leads_stay = False
    given = capture_lead(clinic, values, by=coordinator, channel=staff)

    assert (kept.assigned_to, given.assigned_to) == (coordinator, dana)


def test_deciding_about_many_asks_the_database_as_often_as_about_one(
    clinic, coordinator, dana, django_assert_num_queries
):
    AssignmentRuleFactory(people=[coordinator, dana])
    leads = [LeadFactory.build(clinic=clinic, stage=None, source=None) for _lead in range(3)]

    with django_assert_num_queries(3):
        turns = Turns(clinic)
        owners = {turns.decide(lead).member for lead in leads}

    assert owners == {coordinator, dana}


def test_yesterdays_leads_do_not_count_for_today(capture, coordinator, dana, time_machine):
    dana.new_leads_a_day = 1
    dana.save()
    AssignmentRuleFactory(way="LISTED", people=[dana, coordinator])
    time_machine.move_to(timezone.now() - timedelta(days=2))
    capture()
    time_machine.move_to(timezone.now() + timedelta(days=2))

    assert capture().assigned_to == dana
