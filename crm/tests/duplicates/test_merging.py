from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clinics.models import Clinic
from conftest import last_audit
from crm.activities import add_note, add_task
from crm.duplicates.finding import named_alike
from crm.duplicates.merging import merge_leads, survivor_of, undo_merge
from crm.duplicates.reviewing import pair_of
from crm.duplicates.rules import LeadIsGone, LeadWasMerged, MergedFurther, MergeIsOld, NotWithItself
from crm.editing import edit_lead, set_opportunity
from crm.intake import capture_lead
from crm.models import Lead, LeadMerge, LeadTag
from crm.pipeline import move_lead
from crm.rules import FieldRefused, LeadIsLocked, SomebodyWasFaster
from crm.tagging import tag_lead
from crm.tests.factories import TagFactory

IGNORED = {"version", "updated_at", "updated_by_id"}


def captured(clinic, coordinator, **values):
    return capture_lead(clinic, values, by=coordinator, channel="STAFF")


@pytest.fixture
def ana(clinic, coordinator):
    return captured(clinic, coordinator, first_name="Ana", last_name="Vega", phone="212 555 0101", notes="Mornings.")


@pytest.fixture
def anna(clinic, coordinator, stages):
    facts = {"first_name": "Anna", "last_name": "Vega", "phone": "212 555 0102", "email": "anna@example.com"}
    lead = captured(
        clinic, coordinator, **facts, external_id="old-7", notes="Asked for prices.", patient_dob=date(2012, 3, 4),
        insurance_member_id="M-77",
    )  # fmt: skip
    add_note(lead, "Called twice.", by=coordinator)
    add_task(lead, by=coordinator, title="Send prices", due_at=timezone.now())
    tag_lead(lead, TagFactory(name="Evenings"), by=coordinator)
    set_opportunity(lead, by=coordinator, expected_value_cents=450_000)
    move_lead(lead, stages["contacted"], by=coordinator)
    return Lead.objects.get(pk=lead.pk)


def state():
    """Everything about all leads and what hangs on them, but for the marks of who touched them last."""
    leads = {
        lead.pk: {
            field.attname: getattr(lead, field.attname)
            for field in Lead._meta.concrete_fields
            if field.attname not in IGNORED
        }
        for lead in Lead.objects.order_by("pk")
    }
    tables = ("leadactivity", "leadtask", "touchpoint", "leadtag", "leadsubmission", "stagechange", "opportunity")
    rows = {}
    with connection.cursor() as cursor:
        for table in (*tables, "leadcontactpoint", "leadmatchkey"):
            column = {"leadmatchkey": "key", "leadcontactpoint": "contact_point_id"}.get(table, "id")
            cursor.execute(f"SELECT lead_id, {column} FROM crm_{table} ORDER BY 1, 2")
            rows[table] = cursor.fetchall()
    return leads, rows


def test_merge_leads_keeps_what_either_knew(ana, anna, coordinator):
    merge_leads(ana, anna, by=coordinator)

    ana.refresh_from_db()
    assert (ana.first_name, ana.email, ana.phone_alt_e164) == ("Ana", "anna@example.com", "+12125550102")
    assert (ana.notes, str(ana.patient_dob)) == ("Mornings.\n\nAsked for prices.", "2012-03-04")
    assert (ana.stage.slug, ana.external_id, ana.expected_value_cents) == ("contacted", "old-7", 450_000)
    assert (ana.tasks.filter(title="Send prices").count(), ana.touchpoints.count()) == (1, 2)
    assert LeadTag.objects.filter(lead=ana).count() == 1
    assert last_audit(ana).action == "crm.lead.merged"


def test_merge_leads_takes_what_was_chosen(ana, anna, coordinator):
    choices = {"first_name": "other", "notes": "survivor", "phone": "other", "stage": "survivor"}
    merge_leads(ana, anna, by=coordinator, choices=choices)

    ana.refresh_from_db()
    assert (ana.first_name, ana.notes, ana.phone_e164) == ("Anna", "Mornings.", "+12125550102")
    assert ana.stage.is_default


def test_merging_carries_nothing_over_that_the_clinic_does_not_keep_any_more(ana, anna, clinic, coordinator):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy=Clinic.LeadPrivacy.MINIMAL)
    with pytest.raises(FieldRefused) as refused:
        merge_leads(ana, anna, by=coordinator, choices={"patient_dob": "other"})
    merge_leads(ana, anna, by=coordinator)

    ana.refresh_from_db()
    assert refused.value.field == "patient_dob"
    assert (ana.notes, ana.patient_dob, ana.insurance_member_id) == ("Mornings.", None, "")
    assert ana.email == "anna@example.com"


def test_merge_leads_leaves_the_other_one_where_its_address_leads_on(ana, anna, coordinator):
    merge_leads(ana, anna, by=coordinator)

    assert not Lead.objects.present().filter(pk=anna.pk).exists()
    assert survivor_of(anna.pk) == ana
    assert named_alike("Anna", "Vega") == [ana.pk]


def test_undo_merge_restores_both_exactly(ana, anna, coordinator):
    before = state()

    merge = merge_leads(ana, anna, by=coordinator, choices={"first_name": "other", "source": "other"})
    undo_merge(merge, by=coordinator)

    assert state() == before
    assert survivor_of(anna.pk) is None


def test_undo_merge_leaves_alone_what_was_changed_since_and_new_entries(ana, anna, coordinator):
    merge = merge_leads(ana, anna, by=coordinator)
    ana = edit_lead(ana, {"email": "ana.vega@example.com"}, version=Lead.objects.get(pk=ana.pk).version, by=coordinator)
    note = add_note(ana, "Came by.", by=coordinator)

    survivor, other, kept = undo_merge(merge, by=coordinator)

    assert (survivor.email, other.email, kept) == ("ana.vega@example.com", "anna@example.com", ["e-mail"])
    assert survivor.activities.filter(pk=note.pk).exists()


def test_merge_and_undo_twice_are_once(ana, anna, coordinator):
    merge = merge_leads(ana, anna, by=coordinator)

    assert merge_leads(ana, anna, by=coordinator) == merge
    undo_merge(merge, by=coordinator)
    undo_merge(merge, by=coordinator)
    assert LeadMerge.objects.standing().count() == 0


def test_whoever_merges_second_is_told(ana, anna, coordinator, owner):
    seen = ana.version, anna.version
    merge_leads(ana, anna, by=coordinator, versions=seen)

    with pytest.raises(LeadWasMerged, match="Renata Vasquez"):
        merge_leads(anna, ana, by=owner, versions=seen)


def test_a_lead_that_changed_since_it_was_seen_is_not_merged(ana, anna, coordinator):
    with pytest.raises(SomebodyWasFaster):
        merge_leads(ana, anna, by=coordinator, versions=(ana.version, anna.version - 1))


def test_what_has_become_a_patient_is_neither_merged_nor_undone(ana, anna, owner, stages):
    merge = merge_leads(ana, anna, by=owner)
    move_lead(ana, stages["treatment_started"], by=owner)

    with pytest.raises(LeadIsLocked):
        undo_merge(merge, by=owner)
    other = captured(ana.clinic, owner, first_name="Ana")
    with pytest.raises(LeadIsLocked):
        merge_leads(other, ana, by=owner)


def test_a_lead_is_not_merged_with_itself_nor_with_one_that_is_gone(ana, anna, coordinator):
    with pytest.raises(NotWithItself):
        merge_leads(ana, ana, by=coordinator)
    Lead.objects.filter(pk=anna.pk).update(deleted_at=timezone.now())
    with pytest.raises(LeadIsGone):
        merge_leads(ana, anna, by=coordinator)


def test_merges_of_merges_are_undone_from_the_last(clinic, ana, anna, coordinator):
    third = captured(clinic, coordinator, first_name="Ana", last_name="Vega")
    first = merge_leads(ana, anna, by=coordinator)
    second = merge_leads(third, ana, by=coordinator)

    assert survivor_of(anna.pk) == third
    with pytest.raises(MergedFurther):
        undo_merge(first, by=coordinator)
    undo_merge(second, by=coordinator)
    undo_merge(first, by=coordinator)
    assert Lead.objects.present().count() == 3


def test_undo_merge_is_refused_after_two_weeks(ana, anna, coordinator):
    merge = merge_leads(ana, anna, by=coordinator)
    LeadMerge.objects.filter(pk=merge.pk).update(created_at=timezone.now() - timedelta(days=15))

    with pytest.raises(MergeIsOld):
        undo_merge(merge, by=coordinator)


def test_the_pair_is_decided_by_its_merge_and_open_again_by_its_undo(ana, anna, coordinator):
    pair = pair_of(ana, anna)
    merge = merge_leads(ana, anna, by=coordinator)
    pair.refresh_from_db()
    assert pair.status == "MERGED"

    undo_merge(merge, by=coordinator)
    pair.refresh_from_db()
    assert pair.status == "OPEN"
