"""An import by hand, from the file to the undo, on a desk and on a phone, and without any script."""

import re
import time

import pytest

from clinics.tables import glancing
from clinics.tenancy import clinic_scope
from crm.models import Lead
from tests.browser.axe import broken_ids

SEVEN = b"""Record ID,First Name,Last Name,Email,Phone Number,Lead Status
1,Ana,Lopez,ana@example.com,+1 212 555 0101,NEW
2,Ben,Moss,,,NEW
9,Dan,Fox,,,NEW
3,Cleo,Ray,cleo@example.com,,IN_PROGRESS
"""


def choose_file(page):
    page.get_by_label("File with leads").set_input_files(
        {"name": "old system.csv", "mimeType": "text/csv", "buffer": SEVEN}
    )
    page.get_by_role("button", name="Upload").click()


def bring_in(page):
    choose_file(page)
    page.get_by_role("heading", name="What each column holds").wait_for()


def check_axe(page):
    assert broken_ids(page, runOnly=["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]) == []


@pytest.fixture
def slowly(monkeypatch):
    """Each file is read in the background, as a large one is."""
    monkeypatch.setattr(glancing, "AT_ONCE_BYTES", 10)


@pytest.mark.parametrize("window", ["window_of", "phone_of"])
def test_a_file_with_an_error_is_corrected_by_hand_comes_in_and_is_taken_back_whole(
    request, practice, member_of, worker, slowly, window
):
    page = request.getfixturevalue(window)(member_of(), "/imports/new/")
    bring_in(page)
    check_axe(page)
    page.get_by_label("Tag for all of them").fill("Old system")
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("heading", name="What would become of the rows").wait_for()
    wrong = page.get_by_role("cell", name="Neither a phone number nor an e-mail address")
    assert wrong.count() == 2
    check_axe(page)

    page.get_by_role("link", name="3 Correct").click()
    row = page.get_by_role("dialog")
    row.get_by_label("Email").fill("ben@example.com")
    page.keyboard.press("Enter")  # tries again, and leaves nothing out
    row.wait_for(state="detached")
    page.get_by_role("link", name="4 Correct").and_(page.locator(":focus")).wait_for()  # the next one to mend
    page.keyboard.press("Enter")
    row.get_by_role("button", name="Leave it out").click()
    row.wait_for(state="detached")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="What became of the rows").wait_for()
    check_axe(page)
    with clinic_scope(practice):
        assert set(Lead.objects.present().values_list("first_name", flat=True)) == {"Ana", "Ben", "Cleo"}

    page.get_by_role("button", name="Undo the import").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Undo the import").click()
    page.get_by_role("heading", name="This import was undone").wait_for()
    with clinic_scope(practice):
        assert Lead.objects.present().count() == 0


def test_changing_a_column_shows_what_its_words_would_mean(member_of, window_of):
    page = window_of(member_of(), "/imports/new/")
    bring_in(page)
    words = page.get_by_role("heading", name="Where each word of the file stands on your way")
    assert words.count() == 1
    page.get_by_label("Lead Status").select_option(label="Notes")
    words.wait_for(state="detached")
    page.get_by_label("Lead Status").select_option(label="Status")
    words.wait_for()
    assert page.get_by_label("IN_PROGRESS").locator("option:checked").inner_text() == "Contacted"


def test_it_goes_without_any_script(practice, member_of, window_of, worker, slowly):
    page = window_of(member_of(), "/imports/new/", java_script_enabled=False)
    choose_file(page)
    steps = (
        ("", "What each column holds"),
        ("Try it out", "What would become of the rows"),
        ("Import", "What became of the rows"),
    )
    for button, heading in steps:
        if button:
            page.get_by_role("button", name=button, exact=True).click()
        for _try in range(40):
            if page.get_by_role("heading", name=heading).count():
                break
            time.sleep(0.2)
            page.goto(re.sub(r"/(run|mapping)/$", "/", page.url))
        assert page.get_by_role("heading", name=heading).count() == 1
    with clinic_scope(practice):
        assert Lead.objects.present().count() == 2
