import pytest

from inbox.refusal_words import is_spanish, keyword_in, means_everything, sounds_like_refusal

STOPS = ["STOP", " stop. ", "Stop!", "«Stop»", "STOPALL", "unsubscribe", "Opt-out", "opt out", "END", "Quit", "revoke"]
SPANISH_STOPS = ["ALTO", "Baja", "dar de baja", "No más", "¡Basta!"]
NO_STOPS = [
    "stop by on Monday?",
    "I can't stop smiling",
    "STOP 12345",
    "end of June?",
    "cancel my visit",
    "yes stop",
    "",
]


@pytest.mark.parametrize("text", STOPS + SPANISH_STOPS)
def test_a_word_that_ends_messages_counts_as_the_whole_message(text):
    assert keyword_in(text) == "STOP"


@pytest.mark.parametrize("text", NO_STOPS)
def test_a_word_within_others_ends_nothing(text):
    assert keyword_in(text) == ""


def test_the_other_words_are_known_in_both_languages():
    assert [keyword_in(each) for each in ("Start", "UNSTOP", "yes", "alta")] == ["START"] * 4
    assert [keyword_in(each) for each in ("help", "INFO", "Ayuda")] == ["HELP"] * 3
    assert [is_spanish(each) for each in ("BAJA", "Ayuda!", "stop")] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "is_all"),
    [
        ("please stop texting me", False),
        ("no more texts", False),
        ("STOP", False),
        ("stop all", True),
        ("STOPALL", True),
        ("do not contact me in any way", True),
        ("ya no quiero recibir nada de ustedes", True),
        ("no me manden mensajes", False),
    ],
)
def test_words_that_mean_every_way_are_told_from_those_that_mean_this_one(text, is_all):
    assert means_everything(text) is is_all


@pytest.mark.parametrize(
    "text",
    [
        "please stop texting me",
        "Stop messaging this number!!",
        "Don’t text me again",
        "do not contact me anymore",
        "take me off your list",
        "remove me from this please",
        "no more texts",
        "I no longer want to receive these",
        "leave me alone",
        "por favor no me escriban más",
        "Dejen de mandarme mensajes",
        "ya no quiero recibir mensajes",
        "no quiero más mensajes",
        "bórrenme de la lista",
        "quiero darme de baja",
    ],
)
def test_a_refusal_in_other_words_is_heard(text):
    assert sounds_like_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Can I stop wearing my retainer?",
        "I will stop by tomorrow",
        "Please text me the address",
        "don't forget to call me at five",
        "I want to receive the estimate by e-mail",
        "quiero cambiar mi cita",
        "no me duele nada, gracias",
        "take me as early as you can",
        "We don't want to miss it",
    ],
)
def test_what_only_sounds_like_it_is_not_taken_for_a_refusal(text):
    assert not sounds_like_refusal(text)
