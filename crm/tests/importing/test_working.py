import pytest

from clinics.jobs import cancel_job
from clinics.models import AuditLog, Clinic, Role
from clinics.tests.factories import ClinicUserFactory
from conftest import last_audit
from crm.importing import working
from crm.importing.rules import ImportIsAtWork, ImportIsOver, ImportNotTriedOut, MappingHasChanged
from crm.importing.working import start_check, start_import
from crm.models import (
    ContactPoint,
    Household,
    Lead,
    LeadActivity,
    LeadContactPoint,
    LeadImportRow,
    LeadSource,
    LeadStatus,
    Opportunity,
    Touchpoint,
)
from crm.tests.factories import LeadFactory

TWO = b"Record ID,First Name,Last Name,Email,Phone Number\n1,Ana,Lopez,ana@example.com,+12125550101\n" + (
    b"2,Ben,Moss,ben@example.com,+12125550102\n"
)


def counts(lead_import):
    return (
        lead_import.created_count,
        lead_import.updated_count,
        lead_import.skipped_count,
        lead_import.failed_count,
    )


def rows_of(lead_import):
    return list(lead_import.rows.order_by("line").values_list("line", "outcome", "reason"))


@pytest.mark.parametrize(
    "name, expected",
    [
        ("hubspot-export", (3, 0, 0, 0)),
        ("ghl-mixed-seven-rows", (6, 0, 0, 1)),
        ("salesforce-leads", (2, 0, 0, 1)),
        ("facebook-leads-realistic", (3, 0, 0, 0)),
        ("european-semicolon", (2, 0, 0, 0)),
        ("excel-messy-export", (2, 0, 0, 1)),
    ],
)
def test_exports_of_other_systems_end_as_the_trial_said(try_out, work_off, coordinator, shared, name, expected):
    trial = try_out(shared(f"crm_exports/{name}.csv"))
    assert counts(trial) == expected
    assert Lead.objects.count() == 0

    done = work_off(start_import(trial, by=coordinator))
    assert counts(done) == expected
    assert Lead.objects.count() == expected[0]
    assert last_audit(done).action == "crm.import.finished"


def test_seven_rows_are_five_where_bad_phones_are_left_out(bring_in, shared):
    done = bring_in(shared("crm_exports/ghl-mixed-seven-rows.csv"), refuse_bad_phones=True)
    assert counts(done) == (5, 0, 0, 2)
    assert rows_of(done)[1] == (4, "FAILED", "“555-1234” is not a whole phone number")


def test_a_lead_gets_all_that_belongs_to_it(bring_in, stages, coordinator, shared):
    done = bring_in(shared("crm_exports/hubspot-export.csv"), tag="Old system")
    carol = Lead.objects.get(external_id="3")

    assert (carol.stage, carol.status) == (stages["contacted"], LeadStatus.ACTIVE)
    assert (carol.source.name, carol.source.category) == ("Social media", "WEB_SOCIAL")
    assert carol.assigned_to == coordinator
    assert carol.captured_at.isoformat() == "2024-01-17T14:15:00+00:00"
    assert [link.tag.name for link in carol.tag_links.all()] == ["Old system"]
    assert carol.extra == {"Lead Status": "IN_PROGRESS"}
    assert Touchpoint.objects.get(lead=carol).source == carol.source
    assert LeadActivity.objects.get(lead=carol).payload == {"import": str(done.pk), "line": 4}
    assert ContactPoint.objects.get(value="carol@hubspot-demo.com").household == carol.household


def test_the_large_past_is_won_where_it_says_so(bring_in, shared, stages, clinic):
    done = bring_in(shared("leads/x-education-past.csv.gz"), "past.csv.gz", not_converted="LOST")
    won = Lead.objects.filter(status=LeadStatus.CONVERTED)

    assert counts(done) == (6468, 0, 0, 0)
    assert won.count() + Lead.objects.filter(status=LeadStatus.LOST, lost_reason="OTHER").count() == 6468
    assert set(won.values_list("stage", flat=True)) == {stages["treatment_started"].pk}
    assert not won.filter(converted_at=None).exists()
    assert LeadSource.objects.get(name="Olark Chat").category == "WEB_ORGANIC"
    assert Lead.objects.filter(external_id="571b5c8e-a5b2-4d57-8574-f2ffb06fdeff", city="Other Cities").count() == 1


def test_the_same_file_twice_brings_nothing_new(bring_in):
    bring_in(TWO)
    again = bring_in(TWO)
    assert counts(again) == (0, 0, 2, 0)
    assert "the same number in the other system" in rows_of(again)[0][2]
    assert Lead.objects.count() == 2


def test_people_who_are_here_are_filled_in_and_nothing_is_overwritten(bring_in):
    lead = LeadFactory(first_name="Ana", last_name="Lopez", email="ana@example.com", phone="", phone_e164="", city="")
    lead.name_key = "ana lopez"
    lead.save()
    LeadFactory(first_name="Ben", last_name="Moss", email="ben@example.com", city="Boston")
    content = b"First Name,Last Name,Email,Phone,City\nAna,Lopez,ANA@example.com,+12125550101,Austin\n" + (
        b"Ben,Moss,ben@example.com,,Austin\n"
    )

    done = bring_in(content, repeats="UPDATE")
    lead.refresh_from_db()
    assert counts(done) == (0, 1, 1, 0)
    assert (lead.city, lead.phone_e164, lead.version) == ("Austin", "+12125550101", 2)
    assert LeadContactPoint.objects.filter(lead=lead, contact_point__value="+12125550101").count() == 1
    assert done.rows.get(outcome="UPDATED").changes == {"phone": ["", "+12125550101"], "city": ["", "Austin"]}


def test_a_converted_lead_is_left_as_it_is(bring_in, stages):
    lead = LeadFactory(first_name="Ana", last_name="Lopez", email="ana@example.com", city="", status="NEW")
    Lead.objects.filter(pk=lead.pk).update(status="CONVERTED", converted_at=lead.captured_at)
    done = bring_in(b"First Name,Last Name,Email,City\nAna,Lopez,ana@example.com,Austin\n", repeats="UPDATE")
    lead.refresh_from_db()
    assert (counts(done), lead.city) == ((0, 0, 1, 0), "")


def test_a_shared_phone_under_another_name_is_a_household(bring_in):
    done = bring_in(b"First Name,Last Name,Phone\nAna,Lopez,+12125550101\nLeo,Lopez,+12125550101\n")
    assert counts(done) == (2, 0, 0, 0)
    assert Household.objects.count() == 1
    assert done.summary["households"] == 1
    assert "two people of one household" in done.rows.get(line=3).warnings[0]


def test_one_person_twice_in_a_file_is_one_lead(bring_in, try_out):
    content = b"First Name,Last Name,Phone\nAna,Lopez,+12125550101\nAna,Lopez,(212) 555-0101\n"
    assert counts(try_out(content)) == (1, 0, 1, 0)
    assert counts(bring_in(content)) == (1, 0, 1, 0)
    assert Lead.objects.count() == 1


def test_another_lead_is_made_on_request_unless_the_number_is_taken(bring_in):
    bring_in(TWO)
    again = bring_in(TWO + b"3,Ana,Lopez,ana@example.com,\n", repeats="CREATE")
    assert counts(again) == (1, 0, 2, 0)


def test_coordinators_take_turns_or_are_named(bring_in, coordinator):
    other = ClinicUserFactory(role=Role.TREATMENT_COORDINATOR, user__first_name="Dele", user__last_name="Ade")
    bring_in(TWO)
    assert {lead.assigned_to for lead in Lead.objects.all()} == {coordinator, other}

    done = bring_in(b"Name,Email,Owner\nCleo Ray,cleo@example.com,dele\nDan Oz,dan@example.com,nobody\n")
    assert done.options["owners"] == "COLUMN"
    assert Lead.objects.get(first_name="Cleo").assigned_to == other
    assert Lead.objects.get(first_name="Dan").extra == {"Owner": "nobody"}

    bring_in(b"Name,Email\nEve Fox,eve@example.com\n", owners="PERSON", owner=str(other.pk))
    assert Lead.objects.get(first_name="Eve").assigned_to == other


def test_without_any_coordinator_every_row_fails_with_the_rule(clinic, owner, upload, work_off):
    lead_import = upload(TWO)
    type(owner).objects.update(role=Role.VIEWER)
    trial = work_off(start_check(lead_import, by=owner))
    assert rows_of(trial)[0] == (2, "FAILED", "Every active lead has a coordinator. Choose one.")


def test_minimal_privacy_refuses_last_names_by_name(clinic, upload, work_off, coordinator):
    clinic.lead_privacy = Clinic.LeadPrivacy.MINIMAL
    clinic.save()
    lead_import = upload(TWO)
    assert lead_import.mapping == ["external_id", "first_name", "ignore", "email", "phone"]

    lead_import.mapping[2] = "last_name"
    lead_import.save()
    trial = work_off(start_check(lead_import, by=coordinator))
    assert counts(trial) == (0, 0, 0, 2)
    assert rows_of(trial)[0][2] == "This clinic does not keep this on leads: last name."


def test_minimal_privacy_keeps_nothing_beside_the_lead(clinic, bring_in):
    clinic.lead_privacy = Clinic.LeadPrivacy.MINIMAL
    clinic.save()
    done = bring_in(b"Name,Email,Phone,Insurance\nAna Lopez,ana@example.com,555-1,Acme\n")
    lead = Lead.objects.get()
    assert (counts(done), lead.first_name, lead.last_name, lead.notes, lead.extra) == ((1, 0, 0, 0), "Ana", "", "", {})
    assert done.rows.get().cells == ["Ana Lopez", "ana@example.com", "555-1", ""]


def test_money_becomes_an_opportunity_and_clicks_a_touch(bring_in):
    bring_in(b'Name,Email,Deal value,gclid,utm_source\nAna Lopez,ana@example.com,"$4,500",abc123,google\n')
    lead = Lead.objects.get()
    touch = Touchpoint.objects.get(lead=lead)
    assert Opportunity.objects.get(lead=lead).expected_value_cents == lead.expected_value_cents == 4500_00
    assert (touch.gclid, touch.utm_source) == ("abc123", "google")


def test_rows_with_too_few_cells_are_named_and_left_out(upload, try_out):
    content = b"A,First Name,Email,D,E,F,G,H\n1,Ana,ana@example.com,x,x,x,x,x\n2,Ben,ben@example.com,x,x,x,x\n"
    assert "row 3" in upload(content).notices[-1]
    assert rows_of(try_out(content)) == [(3, "FAILED", "Row 3 has 7 cells, the headings are 8.")]


def test_an_import_wants_a_trial_and_the_trial_that_was_seen(upload, try_out, coordinator):
    with pytest.raises(ImportNotTriedOut):
        start_import(upload(TWO), by=coordinator)
    trial = try_out(TWO)
    with pytest.raises(MappingHasChanged):
        start_import(trial, by=coordinator, tried_out_by="0" * 32)


def test_a_second_press_is_the_first_and_a_second_person_is_told(try_out, work_off, coordinator, owner):
    trial = try_out(TWO)
    first = start_import(trial, by=coordinator)
    assert start_import(trial, by=coordinator).job_id == first.job_id
    with pytest.raises(ImportIsAtWork, match="Renata Vasquez"):
        start_import(trial, by=owner)
    done = work_off(first)
    with pytest.raises(ImportIsOver):
        start_import(done, by=owner)
    assert AuditLog.objects.filter(action="crm.import.started").count() == 1


def test_a_cancelled_import_keeps_what_was_done_and_goes_on(try_out, work_off, coordinator, monkeypatch):
    monkeypatch.setattr(working, "BATCH", 1)
    trial = start_import(try_out(TWO), by=coordinator)
    cancel_job(trial.job, by=coordinator)
    trial.refresh_from_db()
    assert trial.is_stopped

    done = work_off(start_import(trial, by=coordinator))
    assert (counts(done), Lead.objects.count(), LeadImportRow.objects.of_import().count()) == ((2, 0, 0, 0), 2, 2)
