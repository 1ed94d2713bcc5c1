"""How people come in: by a public form, on the tablet, by a connected service; and the view that finds them."""

import json
import time
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import expect

from clinics.models import Role, WebhookLog
from clinics.tenancy import clinic_scope
from clinics.webhook_processing import process_webhooks
from crm import public_forms
from crm.models import Lead, LeadForm, LeadSource, LeadSubmission
from crm.own_questions import question_entry
from crm.tests.factories import LeadFactory
from crm.understanding import process_due_submissions


@pytest.fixture
def in_no_time(monkeypatch):
    """Whoever fills in a form here is faster than any person."""
    monkeypatch.setattr(public_forms, "NOT_A_PERSON", timedelta(0))


def form_of(practice, use, *questions):
    with clinic_scope(practice):
        form = LeadForm.objects.filter(use=use).first()
        form.fields = [*form.fields, *questions]
        form.save()
    return form


def test_a_visitor_asks_on_a_phone_and_their_card_arrives_on_the_open_board(
    practice, member_of, window_of, chromium, server, in_no_time
):
    question = question_entry("q_0000000a", "choice", label={"en": "Which day?"}, choices={"en": ["Monday", "Friday"]})
    form = form_of(practice, LeadForm.Use.WEB, question)
    board = window_of(member_of(), "/pipeline/")
    visitor = chromium.new_context(base_url=server, viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    visitor.goto(f"{form.public_path}?utm_source=news")
    visitor.get_by_role("button", name="Ask for a consultation").tap()
    visitor.get_by_role("alert").get_by_role("link", name="Mobile phone").tap()
    visitor.keyboard.type("(212) 555-0142")
    visitor.get_by_label("First name").fill("Inés")
    visitor.get_by_role("radio", name="Friday").tap()
    visitor.locator("label", has_text="may call, text or e-mail me").tap()
    visitor.get_by_role("button", name="Ask for a consultation").tap()
    visitor.get_by_role("heading", name="Thank you. We have it.").wait_for()
    visitor.context.close()

    process_due_submissions(practice)
    board.get_by_role("link", name="Inés").click()
    board.get_by_role("heading", name="Inés", exact=True).wait_for()
    expect(board.locator("#lead-timeline").get_by_text("Friday", exact=True)).to_be_visible()


def test_a_walk_in_types_on_the_tablet_and_leaves_nothing_behind(practice, member_of, window_of, in_no_time):
    form_of(practice, LeadForm.Use.WALK_IN)
    member_of()  # somebody must take care of whoever comes
    tablet = window_of(member_of(Role.FRONT_DESK, "Fred"), "/walk-in/", width=820, height=1180, has_touch=True)
    # While the form is on its way the page asks for its bell again and again, and is told that nobody is signed in.
    tablet.route("**/f/*/", lambda route: (time.sleep(0.3), route.continue_()))
    tablet.evaluate("setInterval(() => document.body.dispatchEvent(new CustomEvent('live:poll')), 40)")
    tablet.get_by_role("button", name="Start it on this tablet").first.tap()
    tablet.get_by_role("heading", name="Welcome").wait_for()
    tablet.get_by_label("First name").fill("Otto")
    tablet.get_by_label("Mobile phone").fill("(212) 555-0143")
    for consent in tablet.locator("label", has_text="may call, text or e-mail me").all():
        consent.tap()
    tablet.get_by_role("button", name="Done").tap()
    tablet.get_by_role("heading", name="Thank you").wait_for()
    process_due_submissions(practice)
    with clinic_scope(practice):
        lead = Lead.objects.get()
        assert (lead.first_name, lead.submissions.get().channel) == ("Otto", LeadSubmission.Channel.WALK_IN)

    tablet.goto("/pipeline/")  # the tablet is nobody's: it must sign in again
    assert "/pipeline/" not in tablet.url.split("?")[0]
    tablet.goto(form_of(practice, LeadForm.Use.WALK_IN).public_path)
    assert tablet.get_by_label("First name").input_value() == ""


def test_an_admin_connects_a_service_and_what_it_tells_becomes_a_lead(practice, member_of, window_of, server, worker):
    with clinic_scope(practice):
        source = LeadSource.objects.filter(is_active=True).first()
    member_of()
    page = window_of(member_of(Role.CLINIC_ADMIN, "Olga"), "/webhooks/connections/new/json/")
    page.get_by_label("Name", exact=True).fill("Landing pages")
    page.get_by_label("Source of these leads").select_option(str(source.pk))
    page.get_by_role("button", name="Make the address").click()
    page.get_by_role("heading", name="Landing pages").wait_for()
    address = page.locator("#address").inner_text().split("/hooks/")[1]

    said = json.dumps({"name": "Eva Stone", "phone": "+1 212 555 0144", "message": "On Saturdays?"})
    told = httpx.post(f"{server}/hooks/{address}", content=said, headers={"Content-Type": "application/json"})
    assert told.status_code == 202
    with clinic_scope(practice):
        ids = list(WebhookLog.objects.values_list("pk", flat=True))
    process_webhooks(practice, ids)
    process_due_submissions(practice)

    page.reload()
    page.get_by_role("row", name="processed").get_by_role("link").first.click()
    page.goto("/pipeline/")
    page.get_by_role("link", name="Eva Stone").wait_for()


def test_a_view_is_saved_pinned_shared_and_used_by_a_colleague(practice, member_of, window_of):
    owner, colleague = member_of(), member_of(first_name="Dele")
    with clinic_scope(practice):
        LeadFactory(first_name="Ada", last_name="Moss", assigned_to=owner)
        LeadFactory(first_name="Ben", last_name="Moss", assigned_to=colleague)
    page = window_of(owner, f"/leads/?coordinator={colleague.pk}")
    page.get_by_role("link", name="Save view").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Dele’s leads")
    dialog.get_by_label("Everybody in the clinic may use it").check()
    dialog.get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Saved views").get_by_role("link", name="Dele’s leads").wait_for()

    theirs = window_of(colleague, "/leads/")
    theirs.locator("summary[aria-label=Views]").click()
    theirs.get_by_role("link", name="Dele’s leads").click()
    theirs.get_by_role("link", name="Ben Moss").wait_for()
    assert theirs.get_by_role("link", name="Ada Moss").count() == 0
    theirs.locator("summary[aria-label=Views]").click()
    theirs.get_by_role("link", name="Tab and start").click()
    theirs.get_by_role("dialog").get_by_label("Show it as a tab").check()
    with theirs.expect_navigation():
        theirs.get_by_role("dialog").get_by_role("button", name="Save").click()
    theirs.goto("/leads/")
    tabs = theirs.get_by_role("navigation", name="Saved views")
    tabs.get_by_role("link", name="Dele’s leads").click()
    theirs.get_by_role("link", name="Ben Moss").wait_for()
