"""The lead page, the new lead and the list, by keyboard, mouse and finger."""

import re
import time

import pytest

from clinics.models import Role
from clinics.tenancy import clinic_scope
from crm.models import ActivityType, Lead
from crm.tests.factories import LeadFactory, TagFactory
from tests.browser.axe import violations
from tests.patience import unhurried

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Oluwaseun-Adebayo-Lindqvist"


@pytest.fixture
def coordinator(member_of):
    return member_of()


@pytest.fixture
def lead(practice, coordinator):
    with clinic_scope(practice):
        TagFactory(name="Evenings only")
        return LeadFactory(
            first_name="Ana", last_name="Vega", phone="+12125550101", email="ana@example.com", assigned_to=coordinator
        )


def expect(check, what, seconds=15):
    """Wait until something is true, as a person would who looks at the screen."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return
        time.sleep(0.05)
    raise AssertionError(what)


def calls_of(practice, lead):
    with clinic_scope(practice):
        return lead.activities.filter(type=ActivityType.PHONE_CALL).count()


def undo(page):
    page.get_by_role("button", name="Undo", exact=True).last.click()


def entries(page):
    return page.locator(".timeline__entry")


def broken_rules(page):
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in violations(page)]


def test_a_call_and_its_next_step_are_logged_by_keyboard_and_undone(window_of, coordinator, lead, practice):
    page = window_of(coordinator, lead.get_absolute_url())
    page.keyboard.press("l")
    page.keyboard.press("3")
    page.get_by_text("Call logged: No answer. Next: Call again.").wait_for()
    expect(lambda: page.locator("#lead-tasks .task-row").count() == 1, "the next step stands among the tasks")
    expect(lambda: "no answer" in entries(page).first.inner_text(), "the call stands in the timeline")

    page.keyboard.type("Rang twice.")
    page.keyboard.press("Control+Enter")
    expect(lambda: "Rang twice." in entries(page).first.inner_text(), "what was said stands with it")
    assert page.locator(".call-log__note").first.input_value() == ""

    undo(page)
    expect(lambda: page.locator("#lead-tasks .task-row").count() == 0, "the next step is gone again")
    expect(lambda: calls_of(practice, lead) == 0, "the call was never logged")


def test_a_note_a_task_a_tag_and_another_coordinator(window_of, member_of, coordinator, lead):
    member_of(Role.CLINIC_ADMIN, "Olga")
    page = window_of(coordinator, lead.get_absolute_url())

    page.keyboard.press("o")
    page.keyboard.type("Wants evenings.")
    page.keyboard.press("Control+Enter")
    page.locator(".timeline__entry--note", has_text="Wants evenings.").wait_for()

    page.keyboard.press("t")
    page.keyboard.type("Ask for the X-ray")
    page.keyboard.press("Enter")
    page.locator(".task-row", has_text="Ask for the X-ray").wait_for()
    page.get_by_role("button", name="Done: Ask for the X-ray").click()
    expect(lambda: page.locator(".task-row").count() == 0, "the task is ticked off")
    undo(page)
    page.locator(".task-row", has_text="Ask for the X-ray").wait_for()

    page.keyboard.press("a")
    page.locator("#lead-deal").get_by_role("button", name="Olga Vasquez").click()
    expect(lambda: "Olga" in page.locator("#lead-owner").inner_text(), "Olga takes care now")
    undo(page)
    expect(lambda: "Renata" in page.locator("#lead-owner").inner_text(), "Renata has it back")

    page.locator("#lead-deal summary", has_text="Tag").click()
    page.get_by_role("button", name="Evenings only").click()
    page.get_by_role("button", name="Take off Evenings only").wait_for()


def test_moving_losing_and_undoing_on_the_page(window_of, coordinator, lead):
    page = window_of(coordinator, lead.get_absolute_url())
    here = page.locator("[aria-current=step]")

    page.locator("#lead-move").click()
    expect(lambda: "Contacted" in here.inner_text(), "one step on")

    page.keyboard.press("m")
    page.locator("#lead-head").get_by_role("link", name="Mark as lost").click()
    page.get_by_role("heading", name="Why is Ana Vega lost?").wait_for()
    page.locator("dialog[open] .outcome").first.click()
    page.get_by_role("button", name="Mark as lost").click()
    expect(lambda: "Lost" in here.inner_text(), "lost")
    undo(page)
    expect(lambda: "Contacted" in here.inner_text(), "back where it was")


def test_a_colleague_sees_it_within_two_seconds_and_keeps_what_they_type(window_of, member_of, coordinator, lead):
    theirs = window_of(member_of(first_name="Dele"), lead.get_absolute_url())
    theirs.keyboard.press("o")
    theirs.keyboard.type("Half a sentence")
    page = window_of(coordinator, lead.get_absolute_url())
    time.sleep(0.5)

    page.locator("#lead-move").click()

    expect(
        lambda: "Contacted" in theirs.locator("[aria-current=step]").inner_text(),
        "seen by the other",
        seconds=unhurried(2),
    )
    assert theirs.locator("[data-mode=note] textarea").input_value() == "Half a sentence"


def test_whoever_has_the_number_shows_while_it_is_typed(window_of, coordinator, lead, practice):
    page = window_of(coordinator, "/leads/")
    page.keyboard.press("n")
    page.locator("#lead-create").wait_for()
    page.keyboard.type("212-555-0101")
    page.locator(".suggestions", has_text="Ana Vega").wait_for()
    assert broken_rules(page) == []

    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent").strip().startswith("Same person")
    page.keyboard.press("ArrowUp")
    page.get_by_role("link", name="For a relative of Ana Vega").click()
    expect(lambda: page.get_by_label("Last name").input_value() == "Vega", "what they share is filled in")
    page.locator("#lead-create [name=first_name]").fill("Leo")
    page.get_by_role("button", name="Save lead").click()
    page.locator("#toasts").get_by_role("link", name="Open").click()
    page.wait_for_url(re.compile(r"/leads/[0-9a-f-]{36}/"))
    assert "Ana Vega" in page.locator("#lead-household").inner_text()

    page.keyboard.press("n")
    page.locator("#lead-create").wait_for()
    page.keyboard.type("212-555-0101")
    page.locator(".suggestions", has_text="Ana Vega").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("The call is added to").wait_for()
    page.keyboard.press("z")
    page.get_by_text("The call is taken off the card again.").wait_for()
    page.get_by_role("link", name="Enter it as a new lead").wait_for()


def test_two_edits_at_once_show_both_versions(window_of, member_of, coordinator, lead, practice):
    mine = window_of(coordinator, f"{lead.get_absolute_url()}edit/")
    theirs = window_of(member_of(first_name="Dele"), f"{lead.get_absolute_url()}edit/")
    theirs.get_by_label("City").fill("Salem")
    theirs.get_by_role("button", name="Save").click()
    theirs.wait_for_url(re.compile(r"[0-9a-f]/$"))

    mine.get_by_label("City").fill("Lynn")
    mine.get_by_role("button", name="Save").click()
    mine.get_by_text("Dele Vasquez has changed this lead meanwhile").wait_for()
    assert broken_rules(mine) == []
    mine.get_by_role("radio", name="Salem").check()
    mine.get_by_role("button", name="Save what is chosen").click()
    mine.wait_for_url(re.compile(r"[0-9a-f]/$"))
    with clinic_scope(practice):
        assert Lead.objects.get().city == "Salem"


def test_on_a_phone_nothing_is_cut_off(phone_of, coordinator, practice):
    with clinic_scope(practice):
        lead = LeadFactory(
            first_name=LONG_NAME,
            last_name=LONG_NAME,
            email=f"{'x' * 60}@example.com",
            phone="",
            assigned_to=coordinator,
        )
    page = phone_of(coordinator, lead.get_absolute_url())
    assert page.evaluate("document.querySelector('#main').scrollWidth") <= 390
    page.locator(".outcome", has_text="Voicemail").tap()
    page.get_by_role("button", name="Log call").tap()
    page.get_by_text("Call logged: Voicemail.").wait_for()
    assert broken_rules(page) == []

    page.goto("/leads/")
    assert page.evaluate("document.querySelector('#main').scrollWidth") <= 390
    page.locator(".lead-list__link").tap()
    page.wait_for_url(re.compile(r"/leads/[0-9a-f-]{36}/"))


def test_the_list_filters_and_sorts_without_loading_the_page(window_of, coordinator, lead, practice):
    with clinic_scope(practice):
        LeadFactory(first_name="Bea", last_name="Moss", assigned_to=coordinator)
    page = window_of(coordinator, "/leads/")
    page.keyboard.press("f")
    page.keyboard.type("moss")
    expect(lambda: page.locator(".lead-list tbody tr").count() == 1, "one row is left")
    assert "q=moss" in page.url
    page.get_by_role("link", name="Clear all").click()
    page.locator(".lead-list tbody tr").nth(1).wait_for()
    page.get_by_role("link", name="Name", exact=True).click()
    page.wait_for_url("**/leads/?*sort=name*")
    assert page.locator(".lead-list__link").all_inner_texts() == ["Ana Vega", "Bea Moss"]
