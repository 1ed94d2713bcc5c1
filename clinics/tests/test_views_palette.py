"""The palette itself; what crm finds for it is tested in crm/tests/test_search.py."""

import pytest


def find_words(member, text):
    return {"title": "Words", "items": [{"url": "/jobs/", "label": f"{member.short_name}: {text}", "note": "a note"}]}


def find_nothing_for_you(member, text):
    return None


@pytest.fixture(autouse=True)
def own_searches(settings):
    settings.SEARCH = [f"{__name__}.find_words", f"{__name__}.find_nothing_for_you"]


def test_palette_answers_with_a_part_of_options_to_choose_by_key(owner, htmx_of):
    html = htmx_of(owner).get("/palette/?q=rooms").content.decode()

    assert '<a class="palette__item" role="option" aria-selected="false" tabindex="-1" href="/jobs/">' in html
    assert "Olga: rooms" in html
    assert html.count('role="group"') == 1
    assert "<!doctype" not in html


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20a%20", "?q=a%00"])
def test_palette_waits_for_two_letters(owner, htmx_of, query):
    assert htmx_of(owner).get(f"/palette/{query}").content.decode().strip() == ""


def test_palette_searches_for_no_more_than_a_line(owner, htmx_of):
    html = htmx_of(owner).get(f"/palette/?q={'x' * 5000}").content.decode()

    assert "x" * 80 in html
    assert "x" * 81 not in html


def test_palette_shows_what_was_typed_as_text(owner, htmx_of):
    assert "<script>" not in htmx_of(owner).get("/palette/?q=<script>alert(1)</script>").content.decode()


def test_palette_is_open_to_every_role(marketer, client_of):
    assert client_of(marketer).get("/palette/?q=rooms").status_code == 200
