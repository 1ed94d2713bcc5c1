from datetime import timedelta

import pytest

from conftest import last_audit
from crm.activities import add_note, undo_activity
from crm.editing import edit_lead
from crm.importing import undoing
from crm.importing.rules import UndoIsOver
from crm.importing.undoing import start_undo
from crm.models import ContactPoint, Lead, LeadContactPoint, LeadImport
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory

FOUR = b"Record ID,First Name,Phone\n" + b"".join(b"%d,Ana%d,+1212555010%d\n" % (n, n, n) for n in range(4))


@pytest.fixture
def undo(work_off, coordinator):
    def run(lead_import):
        return work_off(start_undo(lead_import, by=coordinator))

    return run


def test_leads_that_nobody_touched_go_and_the_others_are_kept_and_listed(bring_in, undo, stages, coordinator):
    done = bring_in(FOUR)
    noted, moved, edited, _untouched = Lead.objects.order_by("external_id")
    add_note(noted, "Called back.", by=coordinator)
    move_lead(moved, stages["contacted"], by=coordinator)
    edit_lead(edited, {"city": "Austin"}, version=1, by=coordinator)

    undone = undo(done)
    assert undone.status == LeadImport.Status.UNDONE
    assert undone.summary["undo"] == {"removed": 1, "restored": 0, "kept": 3, "refusals": 0}
    assert set(Lead.objects.present()) == {noted, moved, edited}
    assert ContactPoint.objects.filter(value="+12125550103").count() == 0
    reasons = list(undone.rows.filter(undo="KEPT").order_by("line").values_list("undo_reason", flat=True))
    assert reasons == ["something was noted or done", "it was moved", "it was changed"]
    assert last_audit(undone).action == "crm.import.undone"


def test_a_note_taken_back_is_no_touch(bring_in, undo, coordinator):
    done = bring_in(FOUR)
    undo_activity(add_note(Lead.objects.first(), "Oops.", by=coordinator), by=coordinator)
    undo(done)
    assert Lead.objects.present().count() == 0


def test_an_undone_file_can_be_imported_anew(bring_in, undo):
    undo(bring_in(FOUR))
    assert bring_in(FOUR).created_count == 4
    assert Lead.objects.present().filter(external_id="0").count() == 1


def test_filled_in_fields_are_emptied_unless_they_were_changed_since(bring_in, undo, coordinator):
    lead = LeadFactory(first_name="Ana", last_name="Lopez", email="ana@example.com", phone="", phone_e164="", city="")
    done = bring_in(
        b"First Name,Last Name,Email,Phone,City,Club\nAna,Lopez,ana@example.com,+12125550101,Austin,Chess\n",
        repeats="UPDATE",
        tag="Old system",
    )
    lead.refresh_from_db()
    assert (lead.phone, lead.city, lead.extra, lead.tag_links.count()) == (
        "+12125550101",
        "Austin",
        {"Club": "Chess"},
        1,
    )
    edit_lead(lead, {"city": "Boston"}, version=lead.version, by=coordinator)

    undone = undo(done)
    lead.refresh_from_db()
    assert (lead.phone, lead.phone_e164, lead.city, lead.extra, lead.tag_links.count()) == ("", "", "Boston", {}, 0)
    assert LeadContactPoint.objects.filter(lead=lead, contact_point__value="+12125550101").count() == 0
    assert undone.rows.get(outcome="UPDATED").undo_reason == "changed since: city"


def test_a_lead_filled_in_by_a_later_row_of_the_file_goes_too(bring_in, undo, monkeypatch):
    monkeypatch.setattr("crm.importing.working.BATCH", 1)
    monkeypatch.setattr(undoing, "BATCH", 1)
    done = bring_in(b"First Name,Phone,City\nAna,+12125550101,\nAna,+12125550101,Austin\n", repeats="UPDATE")
    assert (done.created_count, done.updated_count) == (1, 1)
    undo(done)
    assert Lead.objects.present().count() == 0


def test_after_seven_days_it_is_too_late(bring_in, coordinator):
    done = bring_in(FOUR)
    done.finished_at -= timedelta(days=8)
    done.save()
    with pytest.raises(UndoIsOver):
        start_undo(done, by=coordinator)
