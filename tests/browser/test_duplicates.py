"""Entering a call, two leads that are one person, and one lead that becomes several: by keys, and by thumb."""

import time

import pytest

from clinics.tenancy import clinic_scope
from crm.duplicates.reviewing import pair_of
from crm.intake import capture_lead
from crm.models import Lead, LeadSubmission
from patients.models import Patient
from tests.browser.axe import violations
from tests.patience import unhurried

KEYS_AT_MOST = 36  # number, names, source and save: what a call leaves time for


@pytest.fixture
def coordinator(member_of):
    return member_of()


@pytest.fixture
def pair(practice, coordinator):
    with clinic_scope(practice):
        facts = {"last_name": "Vega", "phone": "212 555 0101"}
        leads = [
            capture_lead(practice, facts | {"first_name": name, "notes": name}, by=coordinator, channel="STAFF")
            for name in ("Robert", "Bob")
        ]
        return pair_of(*leads)


def names(practice):
    with clinic_scope(practice):
        return sorted(str(lead) for lead in Lead.objects.present())


def test_two_leads_are_merged_by_keyboard_and_made_two_again(window_of, coordinator, practice, pair):
    page = window_of(coordinator, "/duplicates/")
    page.keyboard.press("j")
    page.get_by_role("heading", name="Is this one person?").wait_for()
    assert violations(page) == []

    page.get_by_role("radio", name="Bob").first.check()
    page.locator("h1").click()
    page.keyboard.press("m")
    page.get_by_text("is part of Bob Vega now").wait_for()
    assert names(practice) == ["Bob Vega"]

    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_text("are two leads again").wait_for()
    assert names(practice) == ["Bob Vega", "Robert Vega"]


def test_two_leads_are_merged_by_thumb_fact_by_fact_and_made_two_again(phone_of, coordinator, practice, pair):
    page = phone_of(coordinator, "/duplicates/")
    page.get_by_role("link", name="Robert Vega").tap()
    page.get_by_role("heading", name="Is this one person?").wait_for()
    assert page.evaluate("document.querySelector('.duplicate .table-wrap').scrollWidth") <= 390
    page.locator("label", has_text="Bob").first.tap()
    page.get_by_role("button", name="Merge").tap()
    page.get_by_text("is part of Bob Vega now").wait_for()
    assert names(practice) == ["Bob Vega"]

    page.get_by_role("button", name="Undo", exact=True).tap()
    page.get_by_text("are two leads again").wait_for()
    assert names(practice) == ["Bob Vega", "Robert Vega"]


def test_calls_are_entered_in_few_keys_within_fifteen_seconds_and_taken_back(window_of, coordinator, practice):
    page = window_of(coordinator, "/leads/")
    pressed = 0

    def press(*keys):
        nonlocal pressed
        for key in keys:
            page.keyboard.press(key)
            pressed += 1

    press("n")
    page.locator("#lead-create").wait_for()
    press("Escape")
    page.locator("#lead-create").wait_for(state="detached")

    pressed, started = 0, time.monotonic()
    press("n")
    page.locator("#lead-create").wait_for()
    press(*"2125550177", "Tab", *"Leo", "Tab", *"Stone", "Tab", "2", "Control+Enter")
    page.get_by_text("Leo Stone is saved. Renata takes care.").wait_for()
    assert (pressed <= KEYS_AT_MOST, time.monotonic() - started < unhurried(15)) == (True, True)
    assert page.url.endswith("/leads/")
    page.keyboard.press("z")
    page.get_by_text("Leo Stone is not saved any more.").wait_for()

    press("n", *"(212")  # faster than the form: what is typed goes in there
    page.locator("#lead-create [name=phone]:focus").wait_for()
    assert page.locator("#lead-create [name=phone]").input_value() == "(212"
    press(*" 555-0178", "Tab", *"Ada", "Tab", "Tab", "2", "Tab", *"Dr. Noor")  # a doctor whom nobody knows yet
    page.get_by_role("button", name="Save, next call").press("Enter")
    page.get_by_text("Ada is saved.").wait_for()
    page.locator("#lead-create [name=phone]:focus").wait_for()
    with clinic_scope(practice):
        lead = Lead.objects.present().get()
        assert (lead.first_name, lead.referring_provider.name) == ("Ada", "Dr. Noor")


def test_a_parent_and_two_children_become_patients_by_keyboard(window_of, member_of, coordinator, practice):
    facts = {"first_name": "Marta", "last_name": "Osei", "phone": "212 555 0142", "patient_relationship": "CHILD"}
    with clinic_scope(practice):
        facts |= {"patient_first_name": "Ama"}
        lead = capture_lead(practice, facts, by=coordinator, channel=LeadSubmission.Channel.STAFF)
    page = window_of(coordinator, lead.get_absolute_url())
    page.keyboard.press("p")
    page.locator("dialog[open] [name=p0-first_name]:focus").wait_for()
    for _step in range(8):  # past the names, the parts of a birth date and its calendar
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Kofi")
    page.keyboard.press("Enter")
    page.get_by_text("Marta Osei has become 3 patients.").wait_for()
    page.get_by_text("This lead has become a patient.").wait_for()
    with clinic_scope(practice):
        paying = Patient.objects.get(first_name="Marta")
        assert {str(each.responsible_party) for each in Patient.objects.exclude(pk=paying.pk)} == {"Marta Osei"}
        assert Patient.objects.count() == 3
