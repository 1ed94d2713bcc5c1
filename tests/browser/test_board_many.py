"""The board beyond one card: chosen cards and their bulk bar, the order by hand, what a stage asks, and the lanes."""

from playwright.sync_api import expect

from clinics.tenancy import clinic_scope
from crm.models import Lead, LeadTask, PipelineStage
from crm.pipeline import move_lead
from crm.tests.factories import LeadFactory
from tests.browser.test_board import (
    board_of_leads,  # noqa: F401 - fixtures
    card,
    column,
    coordinator,  # noqa: F401
    count_of,
    drag,
    middle,
    names_in,
    stage_of,
)


def test_board_chosen_cards_move_together_and_come_back_together(practice, coordinator, board_of_leads, window_of):  # noqa: F811
    page = window_of(coordinator, "/pipeline/")
    card(page, "Ada").locator("a").focus()
    page.keyboard.press("t")
    page.locator("bulk-bar details[open]").get_by_role("button", name="Set it").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("1 lead: done.").wait_for()
    expect(card(page, "Ada").locator("a")).to_be_focused()

    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowDown")
    assert page.locator("bulk-bar [data-count]").inner_text() == "2 selected"
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(column(page, "Contacted").locator(".lead-card")).to_have_count(3)

    assert sorted(names_in(page, "Contacted")) == ["Ada", "Ben", "Dora"]
    assert count_of(page, "Contacted") == "3"
    assert not page.locator("bulk-bar").is_visible()

    page.keyboard.press("z")
    expect(column(page, "New Lead").locator(".lead-card")).to_have_count(3)
    assert stage_of(practice, board_of_leads["Ada"]) == "new_lead"


def test_board_by_hand_is_put_in_order_by_mouse_and_by_key(practice, coordinator, board_of_leads, window_of):  # noqa: F811
    page = window_of(coordinator, "/pipeline/?sort=hand")
    x, y = middle(card(page, "Cleo"))
    box = card(page, "Ada").bounding_box()

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 20, steps=3)
    with page.expect_response("**/place/"):
        page.mouse.move(box["x"] + 40, box["y"] + 4, steps=6)
        page.mouse.up()
    assert names_in(page, "New Lead") == ["Cleo", "Ada", "Ben"]

    card(page, "Ben").locator("a").focus()
    with page.expect_response("**/place/"):
        page.keyboard.press("Alt+ArrowUp")
    expect(card(page, "Ben").locator("a")).to_be_focused()
    assert page.locator("[data-said]").inner_text() == "Ben Moss is number 2 now"

    page.reload()
    assert names_in(page, "New Lead") == ["Cleo", "Ben", "Ada"]


def test_board_drop_on_a_stage_that_asks_leaves_the_card_until_it_is_answered(
    practice,
    coordinator,  # noqa: F811
    board_of_leads,  # noqa: F811
    window_of,
):
    page = window_of(coordinator, "/pipeline/", width=2400)

    drag(page, card(page, "Ada"), column(page, "Treatment Accepted"))
    page.get_by_role("heading", name="Ada Moss to Treatment Accepted").wait_for()
    assert names_in(page, "New Lead") == ["Ada", "Ben", "Cleo"]
    page.keyboard.press("Escape")
    assert stage_of(practice, board_of_leads["Ada"]) == "new_lead"

    drag(page, card(page, "Ada"), column(page, "Treatment Accepted"))
    page.get_by_label("Value of the treatment").fill("4200")
    page.get_by_role("button", name="Save and move").click()
    page.get_by_text("Ada Moss moved to Treatment Accepted").wait_for()
    assert names_in(page, "Treatment Accepted") == ["Ada"]
    assert "$4,200" in card(page, "Ada").inner_text()


def test_board_lane_moves_a_card_by_the_same_rules(practice, coordinator, board_of_leads, window_of):  # noqa: F811
    page = window_of(coordinator, "/pipeline/lanes/", width=2400)
    cell = page.locator(".lane__cell").nth(1)
    page.locator(".lead-card__link", has_text="Cleo Moss").focus()
    with clinic_scope(practice):
        move_lead(board_of_leads["Ada"], PipelineStage.objects.get(slug="contacted"), by=coordinator)
    expect(cell.locator(".lead-card", has_text="Ada Moss")).to_be_visible()  # somebody else's move arrives
    expect(page.locator(".lead-card__link", has_text="Cleo Moss")).to_be_focused()

    drag(page, card(page, "Ben"), cell)
    page.get_by_text("Ben Moss moved to Contacted").wait_for()
    expect(cell.locator(".lead-card")).to_have_count(3)

    assert stage_of(practice, board_of_leads["Ben"]) == "contacted"
    drag(page, card(page, "Dora"), page.locator(".lane__cell").first)
    assert stage_of(practice, board_of_leads["Dora"]) == "contacted"


def test_board_enter_does_what_was_asked_and_a_refused_drop_says_why(practice, coordinator, board_of_leads, window_of):  # noqa: F811
    page = window_of(coordinator, "/pipeline/", width=2400)

    drag(page, card(page, "Dora"), column(page, "New Lead"))
    page.get_by_text("A lead never moves back.").wait_for()
    assert names_in(page, "Contacted") == ["Dora"]

    card(page, "Ada").locator("a").focus()
    page.keyboard.press("m")
    page.keyboard.press("6")
    page.get_by_label("Value of the treatment").fill("7200")
    page.keyboard.press("Enter")
    page.get_by_text("Ada Moss moved to Treatment Accepted").wait_for()
    expect(card(page, "Ada").locator(".lead-card__value")).to_have_text("$7,200")

    card(page, "Ben").locator("a").focus()
    page.keyboard.press("t")
    page.get_by_label("What is to be done").fill("Send the photos")
    page.keyboard.press("Enter")
    page.get_by_text("Set a task · 1 lead: done.").wait_for()
    expect(card(page, "Ben").locator("a")).to_be_focused()
    with clinic_scope(practice):
        assert LeadTask.objects.get(lead=board_of_leads["Ben"]).title == "Send the photos"

    box = card(page, "Cleo").locator("input[type=checkbox]")
    box.focus()
    box.press("Enter")
    expect(page.locator("bulk-bar [data-count]")).to_have_text("1 selected")
    assert stage_of(practice, board_of_leads["Cleo"]) == "new_lead"


def test_the_cursor_stays_where_one_works_on_pages_of_cards_and_in_the_list(practice, coordinator, window_of):  # noqa: F811
    with clinic_scope(practice):
        LeadFactory.create_batch(20, assigned_to=coordinator)
        last = Lead.objects.newest_in_stage_first().last().display_name
    page = window_of(coordinator, "/pipeline/")

    page.keyboard.press("ArrowDown")
    for _page in range(40):  # as often as a hand presses it while pages come
        page.keyboard.press("End")
        page.wait_for_timeout(150)
        if page.evaluate("document.activeElement.textContent") == last:
            break
    expect(page.get_by_role("link", name=last, exact=True)).to_be_focused()

    page.goto("/leads/")
    page.locator("#sort-name").press("Enter")
    page.wait_for_url("**/leads/?sort=name")
    expect(page.locator("#sort-name")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    first = page.evaluate("document.activeElement.id")
    page.locator("bulk-bar summary", has_text="Lost").press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("Mark as lost · 1 lead: done.").wait_for()
    expect(page.locator(f"#{first}")).to_be_focused()
    page.keyboard.press("z")
    page.get_by_text("1 lead is as it was.").wait_for()
    expect(page.locator(f"#{first}")).to_be_focused()
