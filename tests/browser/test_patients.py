"""Patients from the list to the page: narrowed, kept as a view, acted on and taken back, merged and made two again."""

from datetime import date

import pytest
from playwright.sync_api import expect

from clinics.models import Tag
from clinics.tenancy import clinic_scope
from patients.models import Patient, PatientTag
from patients.registration import register_patient
from tests.browser.axe import violations


@pytest.fixture
def coordinator(member_of):
    return member_of()


@pytest.fixture
def people(practice, coordinator):
    """One person who was entered twice, and somebody else."""
    born = {"last_name": "Vega", "date_of_birth": date(1988, 4, 12)}
    everybody = [{"first_name": "Roberta"} | born, {"first_name": "Berta"} | born, {"first_name": "Zoe"}]
    with clinic_scope(practice):
        Tag.objects.get_or_create(name="VIP")
        for facts in everybody:
            register_patient(practice, facts, by=coordinator)


def names(practice):
    with clinic_scope(practice):
        return sorted(patient.first_name for patient in Patient.objects.present())


def tagged(practice):
    with clinic_scope(practice):
        return PatientTag.objects.count()


def test_patients_are_narrowed_acted_on_and_merged_and_all_is_taken_back(window_of, coordinator, practice, people):
    page = window_of(coordinator, "/patients/")
    page.get_by_role("searchbox", name="Name, phone").fill("vega")
    expect(page.locator("[data-row]")).to_have_count(2)

    page.get_by_role("link", name="Save view").click()
    page.get_by_label("Name", exact=True).fill("The Vegas")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="The Vegas")).to_have_attribute("aria-current", "true")

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("bulk-bar [data-count]")).to_have_text("2 selected")
    page.keyboard.press("t")
    page.locator("bulk-bar").get_by_role("button", name="VIP").first.click()
    page.get_by_text("Tag with VIP").wait_for()
    assert tagged(practice) == 2
    page.get_by_role("button", name="Undo").last.click()
    page.get_by_text("2 patients are as before.").wait_for()
    assert tagged(practice) == 0

    page.get_by_role("link", name="Roberta Vega").click()
    page.get_by_role("heading", name="Roberta Vega").wait_for()
    assert violations(page) == []
    page.goto(f"{page.url}merge/?q=berta")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("heading", name="Is this one person?").wait_for()
    page.locator("h1").click()
    page.keyboard.press("m")
    page.get_by_text("now.").first.wait_for()
    assert len(names(practice)) == 2

    page.get_by_role("button", name="Undo", exact=True).last.click()
    page.get_by_text("are two patients again").wait_for()
    assert names(practice) == ["Berta", "Roberta", "Zoe"]
