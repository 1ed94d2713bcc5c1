"""What somebody answered in an e-mail, without the letter that they answered. Pure, and linear in the text's length.

Losing words is worse than showing a quote: where somebody wrote between or below what they quote nothing is taken out
but the line that introduces it, and where no words of theirs would be left the whole text stays.
"""

import re
from dataclasses import dataclass

WORDS, EMPTY, QUOTE, INTRO, HEADER, END, DEVICE = range(7)
LONGEST_LINE = 1000  # a longer one is nobody's "On Monday … wrote:"
INTRO_LINES = 4  # over which a mail program may wrap that line
HEADERS_TOGETHER = 3

# How mail programs introduce what they quote; the openings and verbs of the languages that patients' programs speak.
OPENS = r"(?:on|le|el|am|op|em|il|den|på|w dniu|dnia|vào|在|于|ons?|mon|tue|wed|thu|fri|sat|sun)\b|[\d在于]"
WROTE = (
    r"wrote|writes|said|escribió|escribio|a écrit|schrieb|geschrieben|schreef|geschreven|escreveu|ha scritto|skrev|"
    r"napisał\(a\)|napisał|napisała|написал|написала|пишет|kirjoitti|写道|寫道|のメッセージ"
)
MAIL = r"[<\[(]\s?[^<>\s]{0,20}[^<>\s@]{1,64}@[^<>]{1,190}[>\])]"
DAY = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ]+(?:\d{1,2}|[^\W\d]{3,10}\.?)[-/. ]+\d{4}"
INTROS = [
    re.compile(rf"(?:{OPENS}).{{0,300}}?\b(?:{WROTE})\b.{{0,200}}[:：]$", re.IGNORECASE),
    re.compile(rf"(?:{OPENS}).{{0,300}}(?:写道|寫道)[:：]?$"),
    re.compile(rf"(?:{DAY}).{{0,200}}{MAIL}\s*:?$", re.IGNORECASE),
    re.compile(rf".{{0,120}}{MAIL}\s*(?:{WROTE})\s*[:：]$", re.IGNORECASE),
]
OPENED = INTROS[:3]  # those that begin with a day or its preposition
HEADER_NAMES = (
    r"from|sent|to|cc|bcc|subject|date|reply-to|de|enviado|enviado el|para|asunto|fecha|envoyé|à|objet|von|gesendet|an|"
    r"betreff|datum|van|verzonden|aan|onderwerp|da|risposta|data|inviato|a|oggetto|assunto|från|skickat|till|ämne"
)
IS_HEADER = re.compile(rf"[*>\s]{{0,4}}(?:{HEADER_NAMES})\s?:\*?(?:\s|$)", re.IGNORECASE)
IS_QUOTE = re.compile(r"[ \t]{0,3}(?:[A-Z]{0,4}>|\|(?:\s|$))")
ENDS = [
    re.compile(r"(?:[-_*#~=+—–]\s?){2,}$"),
    re.compile(r"[—–]$"),
    re.compile(r"[-*_=\s>]{0,90}(?:original message|forwarded message|mensaje original|mensaje reenviado|"
               r"message d'origine|ursprüngliche nachricht|oorspronkelijk bericht|mensagem original)[-*_=\s:]{0,90}$",
               re.IGNORECASE),
    re.compile(r"(?:begin forwarded message|inicio del mensaje reenviado)\s?:$", re.IGNORECASE),
]  # fmt: skip
IS_DEVICE = re.compile(
    r"(?:sent from|sent via|sent with|get outlook for|enviado desde|enviado con|obtener outlook|envoyé de|gesendet von|"
    r"von meinem|verstuurd vanaf|enviado do|inviato da)\b.{0,120}$",
    re.IGNORECASE,
)
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u1427"))


@dataclass(frozen=True)
class Reply:
    """`text` is what they wrote; `is_shorter` when something of the full text was left out."""

    text: str
    is_shorter: bool


def trim_reply(full):
    """The answer in the text of an e-mail, as a Reply."""
    lines = full.replace("\r\n", "\n").replace("\r", "\n").translate(INVISIBLE).split("\n")
    kinds = [_kind(line) for line in lines]
    _find_intros(lines, kinds)
    end = _end_of_reply(kinds)
    kept = [at for at in range(end) if kinds[at] not in (INTRO, DEVICE)]
    if not any(kinds[at] == WORDS for at in kept):
        return Reply(full.strip(), False)
    while kinds[kept[-1]] in (EMPTY, QUOTE):
        kept.pop()
    text = "\n".join(lines[at].rstrip() for at in kept).strip("\n")
    return Reply(text, "".join(text.split()) != "".join(full.split()))


def _kind(line):
    bare = _bare(line)
    if not bare:
        return EMPTY
    if IS_QUOTE.match(line):
        return QUOTE
    if len(bare) > LONGEST_LINE:
        return WORDS
    if any(pattern.match(bare) for pattern in ENDS):
        return END
    if IS_HEADER.match(bare):
        return HEADER
    return DEVICE if IS_DEVICE.match(bare) else WORDS


def _bare(line):
    return line.replace("\xa0", " ").strip()


def _find_intros(lines, kinds):
    """Mark the lines that introduce a quoted letter, wrapped over several or not."""
    at = 0
    while at < len(lines):
        at += _length_of_intro(lines, kinds, at) or 1


def _length_of_intro(lines, kinds, start):
    if kinds[start] not in (WORDS, HEADER):
        return 0
    bare = []
    for at in range(start, min(start + INTRO_LINES, len(lines))):
        bare.append(_bare(lines[at]))
        if not bare[-1] or len(bare[-1]) > LONGEST_LINE // 2 or (kinds[at] == QUOTE and not bare[-1].startswith(">:")):
            return 0
        if _is_intro(bare):
            if any(_is_intro(bare[later:], OPENED) for later in range(1, len(bare))):
                return 0  # it begins further down: what stands here are words of theirs
            kinds[start : at + 1] = [INTRO] * len(bare)
            return len(bare)
    return 0


def _is_intro(lines, patterns=None):
    joined = " ".join(lines)
    return any(pattern.match(joined) for pattern in patterns or INTROS)


def _end_of_reply(kinds):
    """The line at which the answer ends: at the first sign of a letter below it, if nothing of theirs follows."""
    end, has_words = len(kinds), False
    for at, kind in enumerate(kinds):
        if kind == WORDS or (kind == HEADER and not _begins_headers(kinds, at)):
            has_words = True
        elif has_words and (kind == END or (kind == HEADER and _begins_headers(kinds, at))):
            end = at
            break
    first = next((at for at in range(end) if kinds[at] == INTRO), None)
    if first is None or WORDS not in kinds[:first]:
        return end
    return end if _answers_below(kinds[first:end]) else first


def _begins_headers(kinds, start):
    """Whether the headers of a letter stand here: several together, one of which may be wrapped."""
    near = kinds[start : start + 2 * HEADERS_TOGETHER]
    until = near.index(EMPTY) if EMPTY in near else len(near)
    return near[:until].count(HEADER) >= HEADERS_TOGETHER


def _answers_below(kinds):
    """Whether words of theirs stand between or below quoted lines. Where nothing is marked as quoted all of it is."""
    if QUOTE not in kinds:
        return False
    quote = kinds.index(QUOTE)
    return WORDS in kinds[quote:]
