"""Whatever a lead comes by, it has a coordinator from the first moment, given by the rules, and the reason is kept."""

import ast
from pathlib import Path

import pytest
from django.urls import reverse

from clinics.models import Role
from conftest import member_of
from crm.models import AssignmentChange, Lead, LeadSubmission
from crm.submissions import write_submission
from crm.tests.factories import AssignmentRuleFactory
from crm.tests.importing.conftest import bring_in, try_out, upload, work_off  # noqa: F401 - fixtures
from crm.understanding import process_submission

ROOT = Path(__file__).resolve().parents[3]
TWO = b"First Name,Last Name,Email\nAna,Lopez,ana@example.com\nBen,Moss,ben@example.com\n"
# Where a Lead is put together: one that is kept (crm/intake.py), others to compare with, to try out, to draw forms by.
MAKERS = {
    "crm/asking_again.py",
    "crm/assignment/trying_out.py",
    "crm/duplicates/finding.py",
    "crm/forms/full_entry.py",
    "crm/intake.py",
}


@pytest.fixture
def dana(clinic):
    """Everything goes to Dana, whoever brings it in."""
    clinic.entered_leads_stay = False
    clinic.save()
    dana = member_of(Role.TREATMENT_COORDINATOR, "Dana")
    AssignmentRuleFactory(name="All to Dana", people=[dana])
    return dana


def test_quick_entry_asks_the_rules(dana, coordinator, client_of):
    client_of(coordinator).post(reverse("crm:lead_create"), {"first_name": "Ana", "phone": "+12125550101"})

    _all_belong_to(dana, 1)


def test_an_inquiry_that_a_service_told_asks_the_rules(dana):
    """Forms, webhooks, calls and mails are kept first and read afterwards, all by the same verb."""
    came = {"first_name": "Ana", "phone": "(212) 555-0101"}
    process_submission(write_submission(LeadSubmission.Channel.API, came))

    _all_belong_to(dana, 1)


def test_an_import_asks_the_rules_for_its_open_leads(dana, coordinator, bring_in):  # noqa: F811
    bring_in(TWO)

    _all_belong_to(dana, 2)


def test_leads_are_made_nowhere_else():
    """A lead that somebody makes past the verb would have no owner, no reason and no clock."""
    found = set()
    for path in [*(ROOT / "crm").rglob("*.py"), *(ROOT / "inbox").rglob("*.py")]:
        name = path.relative_to(ROOT).as_posix()
        if "/tests/" in name or "/migrations/" in name or "/demo/" in name or "test_" in name:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            is_made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Lead"
            if is_made and {word.arg for word in node.keywords} != {"pk"}:
                found.add(name)

    assert found <= MAKERS


def _all_belong_to(member, count):
    leads = list(Lead.objects.all())
    changes = AssignmentChange.objects.filter(lead__in=leads)
    assert [lead.assigned_to for lead in leads] == [member] * count
    assert [change.reason for change in changes] == ["rule: All to Dana"] * count
