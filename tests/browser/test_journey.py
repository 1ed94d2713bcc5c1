"""The main job from end to end, as a coordinator does it who has read nothing."""

from pathlib import Path

import pytest
from django.conf import settings

from clinics.models import Role
from clinics.tenancy import clinic_scope
from clinics.tests.factories import PASSWORD
from crm.models import Lead, LeadActivity, LeadStatus

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
HUBSPOT = DATA / "crm_exports" / "hubspot-export.csv"


def column(page, name):
    return page.locator(".board__column").filter(has=page.get_by_role("heading", name=name, exact=True))


def drag(page, what, goal):
    box, aim = what.bounding_box(), goal.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 75, box["y"] + 30, steps=3)
    page.mouse.move(aim["x"] + aim["width"] / 2, aim["y"] + 120, steps=8)
    page.mouse.up()


@pytest.mark.skipif(not HUBSPOT.exists(), reason="the export files are not on this machine")
def test_a_coordinator_imports_leads_and_works_one_to_the_end(server, chromium, practice, member_of, window_of, worker):
    coordinator, colleague = member_of(), member_of(Role.TREATMENT_COORDINATOR, "Dele")
    window = chromium.new_context(base_url=server, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = window.new_page()
    page.set_default_timeout(20000)

    page.goto("/")
    page.fill("[name=login]", coordinator.user.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/today/")

    page.get_by_role("link", name="Imports").first.click()
    page.goto("/imports/new/")
    page.get_by_label("File with leads").set_input_files(str(HUBSPOT))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("heading", name="What would become of the rows").wait_for()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="What became of the rows").wait_for()

    page.goto("/pipeline/")
    other = window_of(colleague, "/pipeline/")
    card = page.locator(".lead-card").filter(has_text="Alice Johnson")
    drag(page, card, column(page, "Consultation Scheduled"))
    page.get_by_role("button", name="Move only").click()
    page.get_by_text("Alice Johnson moved to Consultation Scheduled").wait_for()
    column(other, "Consultation Scheduled").get_by_text("Alice Johnson").wait_for()

    page.locator(".lead-card").filter(has_text="Alice Johnson").locator("a").first.click()
    page.get_by_role("heading", name="Alice Johnson").wait_for()
    page.keyboard.press("l")
    page.keyboard.press("1")
    page.get_by_text("Call logged: Spoke").wait_for()
    page.keyboard.type("Wants to come on Friday.")
    page.keyboard.press("Control+Enter")
    page.locator(".timeline").get_by_text("Wants to come on Friday.").wait_for()

    with clinic_scope(practice):
        lead = Lead.objects.get(first_name="Alice")
        assert Lead.objects.present().count() == 3
        assert lead.first_contacted_at is not None
        assert LeadActivity.objects.filter(lead=lead, notes="Wants to come on Friday.").count() == 1

    page.goto(f"/leads/{lead.pk}/lost/")
    page.locator("label").filter(has_text="Moved away").click()
    page.get_by_role("button", name="Mark as lost").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Alice Johnson is back in Consultation Scheduled").wait_for()
    with clinic_scope(practice):
        assert Lead.objects.get(pk=lead.pk).status == LeadStatus.ACTIVE
    window.close()
