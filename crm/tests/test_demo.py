import pytest
from django.core.management import CommandError, call_command

from clinics.models import Clinic, ClinicUser, Role, Tag
from clinics.tenancy import clinic_scope
from crm.assignment.trying_out import try_rules
from crm.assignment.turns import read_rules
from crm.models import Disagreement, Household, Lead, LeadClock, LeadStatus
from patients.models import Appointment, Patient, Segment


@pytest.fixture
def demo(db, settings):
    settings.LOCAL = True
    call_command("load_demo")
    clinic = Clinic.objects.get(name="Downtown Medical Center")
    with clinic_scope(clinic):
        yield clinic


def test_load_demo_opens_a_clinic_that_is_full_and_at_work_and_leaves_one_that_is_there_alone(demo):
    """One demo clinic is looked at from all sides, since each takes as long as a hundred tests."""
    # Every role is there, and something stands on every screen.
    assert set(ClinicUser.objects.values_list("role", flat=True)) == set(Role.values)
    assert Lead.objects.count() == 400
    assert set(Lead.objects.values_list("status", flat=True)) >= {
        LeadStatus.NEW,
        LeadStatus.ACTIVE,
        LeadStatus.CONVERTED,
        LeadStatus.LOST,
    }
    assert not Lead.objects.open().filter(assigned_to=None).exists()
    assert len(Lead.objects.on_board().totals_by_stage()) == 8
    assert Household.objects.count() < 400
    assert set(Patient.objects.values_list("segment", flat=True)) == set(Segment.values)
    assert Tag.objects.filter(name__iexact="insurance").count() == 1
    consultations = Lead.objects.exclude(consultation=None).values_list("consultation__starts_at", flat=True)
    assert {moment.astimezone(demo.zone).hour for moment in consultations} <= set(range(7, 19))
    to_come = Appointment.objects.standing().values_list("starts_at", flat=True)
    assert to_come
    assert {moment.astimezone(demo.zone).hour for moment in to_come} <= set(range(7, 20))  # nobody is seen at night

    # Leads are given out by rules, with somebody away, and some cards disagree with what happened.
    away = [member for member in ClinicUser.objects.coordinators() if member.is_out_of_office]
    trial = try_rules(Clinic.objects.get(), read_rules())

    assert [(member.stand_in_id is not None, len(member.times_away)) for member in away] == [(True, 3)]
    assert {each.rule.name for each in trial.tries if each.rule} >= {"Invisalign", "Everybody in turn"}
    assert LeadClock.objects.exclude(contacted_at=None).exists()
    assert {"BOOKED", "MISSED"} <= set(Disagreement.objects.open().values_list("kind", flat=True))

    # It is not made twice.
    call_command("load_demo", if_empty=True)
    assert Clinic.objects.count() == 1


def test_load_demo_stays_away_from_real_installations(db, settings):
    settings.LOCAL = False

    with pytest.raises(CommandError):
        call_command("load_demo")
