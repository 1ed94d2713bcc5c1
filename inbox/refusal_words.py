"""Whether somebody's words ask for no more messages, for messages again, or for help. Pure.

A single word counts only as the whole message: "stop" asks for an end, "stop by on Monday?" does not. Sources: Twilio,
"Advanced Opt-Out" and its default words; AWS, "required keywords"; 47 CFR 64.1200(a)(10). What refuses in other words
is for a person to read.
"""

import re
import unicodedata

STOP, START, HELP = "STOP", "START", "HELP"
WORDS = {
    STOP: {
        *("stop", "stopall", "stop all", "unsubscribe", "end", "quit", "cancel", "revoke", "optout", "opt out"),
        *("arret", "td", "remove"),
        *("alto", "parar", "pare", "basta", "baja", "dar de baja", "detener", "no mas", "desuscribir"),
    },
    START: {"start", "yes", "unstop", "alta", "iniciar", "empezar", "comenzar"},
    HELP: {"help", "info", "ayuda"},
}
ENGLISH = r"(?:text|messag|contact|call|e-?mail|writ|send|bother|spam|reach)"
SPANISH = r"(?:escrib|mand|envi|llam|contact|molest|text)"
REFUSALS = [
    rf"\b(?:stop|quit|cease)\s+(?:{ENGLISH}\w*)",
    rf"\b(?:don'?t|do not|never)\s+(?:ever\s+)?(?:{ENGLISH})\w*\s+(?:me|us|this number|again|any ?more)",
    r"\bno more (?:texts?|messages?|e-?mails?|calls?|of (?:this|these))\b",
    r"\b(?:take|remove|delete|get)\s+(?:me|us|my number|my e-?mail|this number)\s+(?:off|from|out of)\b",
    r"\b(?:remove me|unsubscribe me|opt me out|leave me alone|lose my number)\b",
    r"\b(?:no longer|don'?t|do not)\s+(?:want|wish)\s+to\s+(?:get|receive|be)\b",
    r"\b(?:no longer|don'?t|do not)\s+(?:want|wish)\s+(?:these|your|any|more)\s+(?:texts?|messages?)",
    r"\bwant(?:s)?\s+to\s+(?:unsubscribe|opt out)\b",
    rf"\bno me {SPANISH}\w*",
    rf"\b(?:deje|dejen|deja|paren?|basta)\s+de\s+(?:{SPANISH})\w*",
    r"\bya no\s+(?:quiero|quisiera|deseo)\s+(?:mas\s+)?(?:recibir|mensajes|textos|correos|que me)",
    r"\bno\s+(?:quiero|quisiera|deseo)\s+(?:recibir\s+)?(?:mas\s+)?(?:sus\s+)?(?:mensajes|textos|correos|llamadas)\b",
    r"\b(?:borr|quit|elimin|sac)(?:e|a|en)?(?:r)?me\b",
    r"\bden?me de baja\b|\bdarme de baja\b|\bque me den de baja\b",
]
REFUSAL = re.compile("|".join(f"(?:{each})" for each in REFUSALS))
# What asks for an end on every way, not on the one that it came by: 47 CFR 64.1200(a)(10), "revoke all".
EVERYTHING = re.compile(
    r"\b(?:all|any|anything|everything|anymore ever|ever again|any ?way|altogether|entirely|whatsoever|at all)\b"
    r"|\b(?:contact|reach|bother)\w*\b|\bleave (?:me|us) alone\b|\bdelete (?:me|us)\b"
    r"|\b(?:tod[oa]s?|nada|ningun[oa]?s?|nunca|contact\w*|molest\w*|dej\w+ en paz|borr\w*|elimin\w*)\b"
)
SPANISH_WORDS = {
    *("alto", "parar", "pare", "basta", "baja", "dar de baja", "detener", "no mas", "desuscribir"),
    *("alta", "iniciar", "empezar", "comenzar", "ayuda"),
}


def plain(text):
    """A text in small letters without accents, with straight quotes and single spaces."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(letter for letter in bare if not unicodedata.combining(letter)).split())


def keyword_in(text):
    """STOP, START or HELP if that is all that a message says, in any of the languages; else ""."""
    words = re.sub(r"[^\w\s]|_", " ", plain(text).replace("-", " "))
    said = " ".join(words.split())
    return next((meaning for meaning, known in WORDS.items() if said in known), "")


def means_everything(text):
    """Whether words that end messages, or refuse them, mean every way in which somebody is reached."""
    said = plain(text)
    return bool(EVERYTHING.search(said)) or (keyword_in(text) == STOP and "stopall" in said)


def is_spanish(text):
    """Whether a keyword was said in Spanish, so that it is answered in Spanish."""
    return " ".join(re.sub(r"[^\w\s]", " ", plain(text)).split()) in SPANISH_WORDS


def sounds_like_refusal(text):
    """Whether a message seems to ask for no more messages in words of its own."""
    return bool(REFUSAL.search(plain(text)))
