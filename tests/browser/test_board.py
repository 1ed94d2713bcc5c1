"""The board by hand: mouse, keyboard and finger, and what a colleague sees of it."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clinics.models import Role
from clinics.tenancy import clinic_scope
from crm.models import Lead, LeadSource, LostReason, PipelineStage
from crm.tests.factories import LeadFactory
from tests.browser.axe import broken_ids
from tests.patience import unhurried


@pytest.fixture
def coordinator(member_of):
    return member_of()


@pytest.fixture
def board_of_leads(practice, coordinator):
    """Three cards in New Lead (Ada on top, then Ben, then Cleo), one in Contacted (Dora)."""
    now = timezone.now()
    names = {"Ada": "new_lead", "Ben": "new_lead", "Cleo": "new_lead", "Dora": "contacted"}
    with clinic_scope(practice):
        stages = {stage.slug: stage for stage in PipelineStage.objects.all()}
        source = LeadSource.objects.order_by("name").first()
        return {
            name: LeadFactory(
                first_name=name,
                last_name="Moss",
                stage=stages[slug],
                source=source,
                assigned_to=coordinator,
                expected_value_cents=1000_00,
                stage_entered_at=now - timedelta(minutes=index),
                captured_at=now - timedelta(minutes=index),
            )
            for index, (name, slug) in enumerate(names.items())
        }


def column(page, name):
    return page.locator(".board__column").filter(has=page.get_by_role("heading", name=name, exact=True))


def card(page, name):
    return page.locator(".board__cards > .lead-card").filter(has_text=f"{name} Moss")


def names_in(page, name):
    return [text.split()[0] for text in column(page, name).locator(".lead-card__link").all_text_contents()]


def count_of(page, name):
    return column(page, name).locator(".board__count").inner_text()


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 120)


def drag(page, what, goal):
    x, y = middle(what)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 6, steps=3)
    page.mouse.move(*middle(goal), steps=8)
    page.mouse.up()


def wait_for_stream(page):
    """Until the window listens to what others do."""
    while page.evaluate("document.querySelector('live-updates').stream?.readyState") != 1:
        page.wait_for_timeout(50)


def stage_of(practice, lead):
    with clinic_scope(practice):
        return Lead.objects.select_related("stage").get(pk=lead.pk).stage.slug


def test_board_drag_moves_the_card_and_the_toast_takes_it_back(practice, coordinator, board_of_leads, window_of):
    page = window_of(coordinator, "/pipeline/")
    wait_for_stream(page)
    page.wait_for_timeout(1500)  # once the stream stands, the board asks what it has missed
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/changes/" in request.url else None)

    drag(page, card(page, "Ben"), column(page, "Contacted"))
    page.get_by_text("Ben Moss moved to Contacted").wait_for()

    assert names_in(page, "Contacted") == ["Ben", "Dora"]
    assert (count_of(page, "New Lead"), count_of(page, "Contacted")) == ("2", "2")
    assert stage_of(practice, board_of_leads["Ben"]) == "contacted"

    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Ben Moss is back in New Lead").wait_for()

    assert names_in(page, "New Lead") == ["Ada", "Ben", "Cleo"]
    assert stage_of(practice, board_of_leads["Ben"]) == "new_lead"
    page.wait_for_timeout(1200)
    assert asked == []


def test_board_drag_backwards_is_refused_before_it_is_sent(practice, coordinator, board_of_leads, window_of):
    page = window_of(coordinator, "/pipeline/")

    drag(page, card(page, "Dora"), column(page, "New Lead"))

    assert names_in(page, "Contacted") == ["Dora"]
    assert stage_of(practice, board_of_leads["Dora"]) == "contacted"


def test_board_drag_is_let_go_by_escape_and_does_not_open_the_card(coordinator, board_of_leads, window_of):
    page = window_of(coordinator, "/pipeline/")
    x, y = middle(card(page, "Ada"))

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*middle(column(page, "Contacted")), steps=6)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.wait_for_timeout(300)

    assert page.url.endswith("/pipeline/")
    assert names_in(page, "New Lead") == ["Ada", "Ben", "Cleo"]


def test_board_drop_on_lost_asks_why_and_a_no_leaves_the_card(practice, coordinator, board_of_leads, window_of):
    page = window_of(coordinator, "/pipeline/", width=2400)

    drag(page, card(page, "Ada"), column(page, "Lost"))
    page.get_by_role("heading", name="Why is Ada Moss lost?").wait_for()
    page.keyboard.press("Escape")

    assert names_in(page, "New Lead") == ["Ada", "Ben", "Cleo"]
    assert stage_of(practice, board_of_leads["Ada"]) == "new_lead"


def test_board_drop_on_lost_with_a_reason_moves_the_card(practice, coordinator, board_of_leads, window_of):
    page = window_of(coordinator, "/pipeline/", width=2400)

    drag(page, card(page, "Ada"), column(page, "Lost"))
    page.locator("#dialog").get_by_text("Cost or financing").click()
    page.get_by_role("button", name="Mark as lost").click()
    page.get_by_text("Ada Moss moved to Lost").wait_for()

    assert names_in(page, "New Lead") == ["Ben", "Cleo"]
    assert page.locator("dialog[open]").count() == 0
    with clinic_scope(practice):
        assert Lead.objects.get(pk=board_of_leads["Ada"].pk).lost_reason == LostReason.COST_FINANCIAL


def test_board_keys_walk_move_and_open(practice, coordinator, board_of_leads, window_of):
    page = window_of(coordinator, "/pipeline/")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    page.get_by_role("heading", name="Move Ben Moss to").wait_for()
    page.keyboard.press("3")
    page.get_by_role("button", name="Move only").press("Enter")
    page.get_by_text("Ben Moss moved to Consultation Scheduled").wait_for()
    expect(card(page, "Ben").locator("a")).to_be_focused()

    assert stage_of(practice, board_of_leads["Ben"]) == "consultation_scheduled"
    assert page.evaluate("document.activeElement.textContent") == "Ben Moss"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == "Dora Moss"
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Dora Moss"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{board_of_leads['Dora'].pk}/")


class Finger:
    """One finger on the glass, as Chromium itself would report it."""

    def __init__(self, page):
        self.page, self.glass = page, page.context.new_cdp_session(page)

    def put(self, kind, *points):
        self.glass.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    def slide(self, start, end, *, rest=0):
        """Down at `start`, still for `rest` milliseconds, then to `end`; the finger stays on the glass."""
        self.put("touchStart", start)
        self.page.wait_for_timeout(rest)
        for step in range(1, 11):
            share = step / 10
            self.put("touchMove", (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share))
            self.page.wait_for_timeout(12)


def test_board_long_press_moves_by_finger(practice, coordinator, board_of_leads, phone_of):
    page = phone_of(coordinator, "/pipeline/")
    finger = Finger(page)
    x, y = middle(card(page, "Ada"))

    finger.slide((x, y), (372, y + 10), rest=400)
    page.locator(".board__column.is-target").wait_for()
    finger.put("touchEnd")
    page.get_by_text("Ada Moss moved to").wait_for()

    assert stage_of(practice, board_of_leads["Ada"]) != "new_lead"


def test_board_swipe_scrolls_and_moves_nothing(practice, coordinator, board_of_leads, phone_of):
    page = phone_of(coordinator, "/pipeline/")
    finger = Finger(page)
    x, y = middle(card(page, "Ada"))

    finger.slide((x + 90, y), (x - 150, y))
    finger.put("touchEnd")
    page.wait_for_timeout(800)

    assert page.locator("#board").evaluate("board => board.scrollLeft") > 100
    assert stage_of(practice, board_of_leads["Ada"]) == "new_lead"


def test_board_dots_of_a_card_move_it_on_a_phone(practice, coordinator, board_of_leads, phone_of):
    page = phone_of(coordinator, "/pipeline/")

    page.get_by_role("button", name="Move Cleo Moss").tap()
    page.get_by_role("button", name="Pending Decision").tap()
    page.get_by_text("Cleo Moss moved to Pending Decision").wait_for()

    assert stage_of(practice, board_of_leads["Cleo"]) == "pending_decision"


def test_board_shows_a_colleagues_move_within_two_seconds(practice, coordinator, board_of_leads, member_of, window_of):
    mine = window_of(coordinator, "/pipeline/")
    theirs = window_of(member_of(first_name="Dele"), "/pipeline/")
    wait_for_stream(theirs)
    wait_for_stream(mine)
    card(theirs, "Cleo").locator("a").focus()

    drag(mine, card(mine, "Ada"), column(mine, "Contacted"))
    mine.get_by_text("Ada Moss moved to Contacted").wait_for()
    started = time.monotonic()
    column(theirs, "Contacted").get_by_text("Ada Moss").wait_for()

    assert time.monotonic() - started < unhurried(2)
    assert names_in(theirs, "Contacted") == ["Ada", "Dora"]
    assert count_of(theirs, "New Lead") == "2"
    assert theirs.evaluate("document.activeElement.textContent") == "Cleo Moss"


def test_board_does_not_take_a_colleagues_move_for_its_own(practice, coordinator, board_of_leads, member_of, window_of):
    mine = window_of(coordinator, "/pipeline/")
    theirs = window_of(member_of(first_name="Dele"), "/pipeline/")
    wait_for_stream(mine)
    mine.wait_for_timeout(1500)

    drag(mine, card(mine, "Ada"), column(mine, "Contacted"))
    mine.get_by_text("Ada Moss moved to Contacted").wait_for()
    drag(theirs, card(theirs, "Cleo"), column(theirs, "Consultation Completed"))
    column(mine, "Consultation Completed").get_by_text("Cleo Moss").wait_for()

    assert names_in(mine, "New Lead") == ["Ben"]


def test_board_waits_with_others_moves_while_a_card_is_in_the_hand(
    practice, coordinator, board_of_leads, member_of, window_of
):
    mine = window_of(coordinator, "/pipeline/")
    theirs = window_of(member_of(first_name="Dele"), "/pipeline/")
    wait_for_stream(theirs)
    theirs.mouse.move(*middle(card(theirs, "Cleo")))
    theirs.mouse.down()
    theirs.mouse.move(*middle(column(theirs, "Consultation Completed")), steps=6)

    drag(mine, card(mine, "Ada"), column(mine, "Contacted"))
    mine.get_by_text("Ada Moss moved to Contacted").wait_for()
    theirs.wait_for_timeout(1500)

    assert names_in(theirs, "New Lead") == ["Ada", "Ben", "Cleo"]
    theirs.mouse.up()
    theirs.get_by_text("Cleo Moss moved to Consultation Completed").wait_for()
    assert names_in(theirs, "Contacted") == ["Ada", "Dora"]


def test_board_second_mover_is_told_the_rule_and_shown_the_truth(
    practice, coordinator, board_of_leads, member_of, window_of
):
    mine = window_of(coordinator, "/pipeline/")
    theirs = window_of(member_of(first_name="Dele"), "/pipeline/")
    theirs.evaluate("document.querySelector('live-updates').rest()")

    drag(mine, card(mine, "Ada"), column(mine, "Consultation Completed"))
    mine.get_by_text("Ada Moss moved to Consultation Completed").wait_for()
    drag(theirs, card(theirs, "Ada"), column(theirs, "Contacted"))
    theirs.get_by_text("A lead never moves back.").wait_for()

    assert names_in(theirs, "Consultation Completed") == ["Ada"]
    assert names_in(theirs, "Contacted") == ["Dora"]


def test_board_viewer_moves_nothing(practice, board_of_leads, member_of, window_of):
    page = window_of(member_of(Role.VIEWER, "Vera"), "/pipeline/")

    drag(page, card(page, "Ada"), column(page, "Contacted"))

    assert stage_of(practice, board_of_leads["Ada"]) == "new_lead"
    assert page.locator(".lead-card__menu").count() == 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_board_breaks_no_rule_of_accessibility(coordinator, board_of_leads, window_of, scheme, width):
    page = window_of(coordinator, "/pipeline/", width=width, color_scheme=scheme)

    assert broken_ids(page) == []
    card(page, "Ada").hover()
    page.keyboard.press("m")
    assert broken_ids(page) == []
    page.keyboard.press("8")
    page.get_by_role("heading", name="Why is Ada Moss lost?").wait_for()
    assert broken_ids(page) == []


def test_board_works_without_script(coordinator, board_of_leads, window_of):
    page = window_of(coordinator, "/pipeline/", java_script_enabled=False)

    card(page, "Dora").locator("a").click()

    assert page.url.endswith(f"/leads/{board_of_leads['Dora'].pk}/")
