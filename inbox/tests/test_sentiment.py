"""What can be heard in a message."""

import csv

import pytest

from conftest import SHARED
from inbox.sentiment import is_urgent, mood_of

REVIEWS = SHARED / "sentiment" / "review-sentences.csv"


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("Thank you so much, the team was wonderful and I love my smile!", "POSITIVE"),
        ("I am very angry, this was a terrible and rude experience", "NEGATIVE"),
        ("When do you open?", "NEUTRAL"),
        ("Me encanta, muchas gracias, no problem amor", "NEUTRAL"),  # a word of another language is no mood
        ("", "NEUTRAL"),
    ],
)
def test_a_mood_is_said_where_it_is_clear(text, mood):
    assert mood_of(text) == mood


@pytest.mark.parametrize(
    "text",
    [
        "My gum won't stop bleeding",
        "I'm in severe pain since last night",
        "This is an EMERGENCY",
        "Me duele mucho la muela",
        "Tengo la cara hinchada y fiebre",
        "Está sangrando",
    ],
)
def test_words_of_pain_and_danger_are_urgent(text):
    assert is_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "No emergency, just a question",
        "There is no bleeding any more",
        "Ya no tengo fiebre, gracias",
        "It is painless and I am fainthearted",
        "When can I come in?",
    ],
)
def test_what_is_denied_or_only_sounds_like_it_is_not(text):
    assert not is_urgent(text)


@pytest.mark.skipif(not REVIEWS.exists(), reason="the reviews are not here")
def test_a_mood_that_is_said_is_mostly_the_right_one():
    with REVIEWS.open(newline="") as file:
        rows = [(row[1], row[-1]) for row in csv.reader(file) if row and row[-1] in ("0", "1")]
    said = [(mood_of(text), label) for text, label in rows]
    sure = [(mood, label) for mood, label in said if mood != "NEUTRAL"]
    right = sum((mood == "POSITIVE") == (label == "1") for mood, label in sure)
    assert len(sure) > len(rows) / 4
    assert right / len(sure) >= 0.8
