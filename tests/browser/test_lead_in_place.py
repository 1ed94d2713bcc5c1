"""From the first word to the patient, by keyboard; facts edited where they stand, beside a colleague; the way back."""

import pytest

from clinics.models import Role
from clinics.tenancy import clinic_scope
from crm.editing import edit_lead
from crm.tests.factories import LeadFactory
from patients.models import Patient


@pytest.fixture
def coordinator(member_of):
    return member_of()


@pytest.fixture
def lead(practice, coordinator):
    with clinic_scope(practice):
        return LeadFactory(first_name="Ana", last_name="Vega", phone="+12125550101", assigned_to=coordinator)


def test_an_inquiry_becomes_a_patient_by_keyboard_and_an_admin_takes_it_back(window_of, member_of, practice):
    page = window_of(member_of(Role.CLINIC_ADMIN, "Olga"), "/leads/")
    page.keyboard.press("n")
    page.locator("#lead-create [name=phone]").fill("(212) 555-0142")
    page.locator("#lead-create [name=first_name]").fill("Leo")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Leo is saved.").wait_for()
    page.goto("/leads/")
    page.get_by_role("link", name="Leo", exact=True).click()
    page.get_by_role("heading", name="Leo", exact=True).wait_for()

    page.keyboard.press("l")
    page.keyboard.press("3")
    page.get_by_text("Call logged: No answer. Next: Call again.").wait_for()
    page.keyboard.type("Rang twice.")
    page.keyboard.press("Control+Enter")
    page.locator(".timeline__entry", has_text="Rang twice.").wait_for()
    with clinic_scope(practice):
        assert Patient.objects.count() == 0

    page.locator(".call-log__note:focus").wait_for(state="detached")
    page.keyboard.press("p")
    page.locator("dialog[open]").get_by_role("button", name="Make a patient").click()
    page.get_by_text("Leo has become a patient.").wait_for()
    page.get_by_text("This lead has become a patient.").wait_for()
    assert page.locator("#lead-log").count() == 0

    page.get_by_role("button", name="Undo the conversion").click()
    page.get_by_text("Leo is a lead again.").wait_for()
    with clinic_scope(practice):
        assert Patient.objects.present().count() == 0


def test_a_fact_is_edited_in_its_place_and_a_colleagues_change_is_shown(
    window_of, member_of, practice, lead, coordinator
):
    colleague = member_of(first_name="Dele")
    page = window_of(coordinator, lead.get_absolute_url())
    page.locator("#edit-email").focus()
    page.keyboard.press("Enter")
    box = page.locator("#lead-contact [name=email]")
    box.fill("mine@example.com")
    with clinic_scope(practice):
        edit_lead(lead, {"email": "hers@example.com"}, version=lead.version, by=colleague)

    page.keyboard.press("Enter")
    page.locator("#lead-contact").get_by_text("Dele Vasquez has changed this lead meanwhile").wait_for()
    page.locator("#lead-contact").get_by_text("hers@example.com").wait_for()
    page.locator("#lead-contact").get_by_role("button", name="Save").click()
    page.get_by_role("link", name="mine@example.com").wait_for()

    page.locator("#edit-phone").focus()
    page.keyboard.press("Enter")
    page.locator("#lead-contact [name=phone]").wait_for()
    page.keyboard.press("Escape")
    page.locator("#lead-contact [name=phone]").wait_for(state="detached")
    page.locator("#edit-phone:focus").wait_for()

    page.locator("#edit-source").press("Enter")
    doctors = page.locator("#lead-source option[data-asks=doctor]").first.get_attribute("value")
    page.locator("#lead-source [name=source]").select_option(doctors)
    page.locator("#lead-source [name=referrer]").fill("Dr. Noor")
    page.locator("#lead-source [name=referrer]").press("Enter")
    page.locator("#lead-touches").get_by_text("Dr. Noor").wait_for()


def test_a_document_is_sent_at_once_and_the_next_lead_of_the_list_is_a_key_away(window_of, coordinator, practice, lead):
    with clinic_scope(practice):
        LeadFactory(first_name="Bruno", last_name="Diaz", assigned_to=coordinator)
    page = window_of(coordinator, "/leads/")
    page.get_by_role("link", name="Bruno Diaz").click()
    page.get_by_role("heading", name="Bruno Diaz").wait_for()
    page.get_by_text("1 of 2").wait_for()
    page.keyboard.press("j")
    page.get_by_role("heading", name="Ana Vega").wait_for()
    assert page.get_by_text("2 of 2").is_visible()

    file = {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"The plan"}
    page.locator("document-upload input[multiple]").set_input_files(file)
    page.get_by_role("link", name="plan.txt").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="plan.txt").click()
    assert download.value.suggested_filename == "plan.txt"
