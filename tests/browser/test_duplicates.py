"""Two leads that are one person: found, laid side by side, merged by one key, and made two again."""

import pytest

from clinics.tenancy import clinic_scope
from crm.duplicates.reviewing import pair_of
from crm.intake import capture_lead
from crm.models import Lead
from tests.browser.axe import violations

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


def test_a_call_is_entered_in_few_keys_and_escape_gives_the_page_back(window_of, coordinator, practice):
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
    pressed = 0

    press("n")
    page.locator("#lead-create").wait_for()
    press(*"2125550177", "Tab", *"Leo", "Tab", *"Stone", "Tab", "1", "Control+Enter")
    page.get_by_text("Leo Stone is saved.").wait_for()

    assert pressed <= KEYS_AT_MOST
    assert page.url.endswith("/leads/")
    with clinic_scope(practice):
        lead = Lead.objects.get()
        assert (lead.phone_e164, lead.first_name) == ("+12125550177", "Leo")
