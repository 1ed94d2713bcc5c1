"""The answer in an e-mail, without what it answers; and nothing of the answer is ever lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.quality.email_replies import plain, share_missing
from conftest import SHARED
from inbox.email_replies import trim_reply

PAIRS = SHARED / "email_replies"
INTRO = "On Tue, Nov 24, 2026 at 9:10 AM Front desk <desk@clinic.example> wrote:\n"


def test_the_letter_below_is_left_out():
    reply = trim_reply(f"Friday is fine.\r\n\r\nAna\r\n\r\n{INTRO}> Does Friday suit you?\n> Kind regards")

    assert (reply.text, reply.is_shorter) == ("Friday is fine.\n\nAna", True)


def test_in_spanish_as_well():
    quoted = "El mar, 24 nov 2026 a las 9:10, Recepción (<desk@clinic.example>)\nescribió:\n\n> ¿Le queda el viernes?"

    assert trim_reply(f"Sí, gracias\n\nEnviado desde mi iPhone\n\n{quoted}").text == "Sí, gracias"


def test_answers_between_the_quoted_lines_stay_where_they_are():
    text = f"See below.\n\n{INTRO}> Does Friday suit you?\nYes!\n> And what about Monday?\nNo.\n"

    reply = trim_reply(text)

    assert reply.text == "See below.\n\n> Does Friday suit you?\nYes!\n> And what about Monday?\nNo."


def test_an_answer_below_the_quote_stays():
    assert "Yes, please" in trim_reply(f"{INTRO}> Does Friday suit you?\n\nYes, please").text


@pytest.mark.parametrize(
    "text", ["> only a quote", INTRO, "", "--\nAna", "Sent from my iPhone", "From: a\nTo: b\nDate: c"]
)
def test_what_seems_to_hold_no_answer_stays_whole(text):
    assert trim_reply(text).text == text.strip()


def test_a_letter_of_outlook_ends_at_its_headers():
    below = "From: Desk <desk@clinic.example>\nSent: Tuesday\nTo: Ana\nSubject: Friday\n\nDoes Friday suit you?"

    assert trim_reply(f"Yes\n\n{below}").text == "Yes"


def test_words_that_look_like_headers_are_words():
    assert trim_reply("To: be honest\nFriday is fine").text == "To: be honest\nFriday is fine"


@given(
    st.lists(
        st.sampled_from(["Yes", "> old", "", INTRO, "--", "From: x", "On Monday you wrote:", "| old"]), max_size=12
    )
)
@settings(max_examples=50)
def test_whatever_is_written_something_of_it_is_shown(lines):
    full = "\n".join(lines)

    assert bool(trim_reply(full).text) == bool(full.strip())


@pytest.mark.skipif(not PAIRS.is_dir(), reason="the real letters are not here")
def test_real_letters_are_read_as_people_read_them():
    names = [path.name for path in (PAIRS / "emails").iterdir()]
    read = {name: trim_reply((PAIRS / "emails" / name).read_text()).text for name in names}
    expected = {name: (PAIRS / "trimmed" / name).read_text() for name in names}

    exact = sum(plain(read[name]) == plain(expected[name]) for name in names)
    assert exact / len(names) >= 0.8
    assert [name for name in names if share_missing(expected[name], read[name]) > 0.5] == []
