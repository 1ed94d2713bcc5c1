"""What the text of one cell means: money and moments, in any country's marks. None where it means nothing."""

import datetime as dt
import re
import unicodedata

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january ene enero janv janvier janner januar gen gennaio janeiro",
            "feb february febrero fev fevr fevrier februar febbraio fevereiro",
            "mar march marzo mars maerz marz mrz marco",
            "apr april abr abril avr avril aprile",
            "may mayo mai mag maggio maio",
            "jun june junio juin juni giu giugno junho",
            "jul july julio juil juillet juli lug luglio julho",
            "aug august ago agosto aout",
            "sep sept september septiembre set septembre settembre setembro",
            "oct october octubre octobre okt oktober ott ottobre out outubro",
            "nov november noviembre novembre novembro",
            "dec december dic diciembre decembre dez dezember dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
DAY_MONTH = re.compile(r"\s*(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?::(\d{2}))?\s*([ap])?\.?m?\.?", re.IGNORECASE)
LARGEST_CENTS = 10**13
MONTH = re.compile(r"(\d{4})[-/. ](\d{1,2})|(\d{1,2})[-/. ](\d{4})")
MARKS_OF_MONEY = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₱": "PHP", "₩": "KRW", "R$": "BRL"}
CODES_OF_MONEY = re.compile(
    r"(?<![A-Z])(USD|EUR|GBP|CAD|AUD|MXN|NZD|JPY|CHF|INR|PHP|KRW|BRL|PEN|COP|CLP|ARS)(?![A-Z])", re.IGNORECASE
)


def read_cents(text, mark=None):
    """An amount of money in cents, in any country's marks, or None.

    `mark` is what stands before the cents, "." or ","; None takes each number for itself: "3.500" is then three and a
    half thousand.
    """
    amount = "".join(_ascii_digit(letter) for letter in text).strip()
    negative = amount.startswith(("-", "−", "(")) or re.search(r"\d\s*[-−]$", amount) is not None
    amount = re.sub(r"[\s\u00a0\u202f'’_]", "", amount)
    found = re.fullmatch(
        r"[^\d.,]{0,5}((?:\d[\d.,]*|[.,]\d+)?)(k|mil|m)?[^\d.,km]{0,5}(?:[.,]?-+)?", amount, re.IGNORECASE
    )
    if not found or not found[1]:
        return None
    digits = found[1].rstrip(".,")
    whole, fraction = _split_at(digits, mark) if mark else _split_amount(digits)
    if whole is None:
        return None
    factor = {"": 1, "k": 1000, "mil": 1000, "m": 1_000_000}[(found[2] or "").lower()]
    if len(whole) > 15:
        return None
    cents = round((int(whole or 0) * 1000 + int(fraction[:3].ljust(3, "0"))) * factor / 10)
    return None if cents > LARGEST_CENTS else -cents if negative else cents


def other_currency(text, currency):
    """The code of a currency that a text names and that is not `currency`; "" for none. "$" alone may be any dollar."""
    named = {code.upper() for code in CODES_OF_MONEY.findall(text)}
    named |= {code for mark, code in MARKS_OF_MONEY.items() if mark in text}
    return next(iter(sorted(named - {currency})), "") if currency not in named else ""


def read_month(text):
    """The first day of a month, by numbers ("2026-05", "05/2026") or words ("May 2026", "oct-26"), or None."""
    text = "".join(_ascii_digit(letter) for letter in text).strip()
    if match := MONTH.fullmatch(text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return _day(int(year), int(month), 1)
    parts = re.findall(r"[^\W\d_]+|\d+", plain_word(text))
    months = [MONTHS[part] for part in parts if part in MONTHS]
    years = [int(part) for part in parts if part.isdigit()]
    if len(months) != 1 or len(years) != 1:
        return None
    return _day(years[0] + (2000 if years[0] < 100 else 0), months[0], 1)


def _ascii_digit(letter):
    digit = unicodedata.digit(letter, None)
    return letter if digit is None else str(digit)


def _split_at(digits, mark):
    """The same where it is known what stands before the cents; (None, "") if the other mark does not part thousands."""
    whole, _mark, tail = digits.partition(mark)
    groups = whole.split("." if mark == "," else ",")
    if mark in tail or not all(len(group) == 3 for group in groups[1:]) or not (tail.isdigit() or not tail):
        return None, ""
    return "".join(groups), tail


def decimal_mark_by_evidence(texts):
    """(what a column of amounts writes before the cents, an amount that alone does not tell). Either may be None."""
    answers, open_case = set(), None
    for text in texts:
        number = re.sub(r"[^\d.,]", "", text).strip(".,")
        marks = [letter for letter in number if letter in ".,"]
        if not marks:
            continue
        tail = number.rpartition(marks[-1])[2]
        if (len(set(marks)) == 2 and marks.count(marks[-1]) == 1) or (len(marks) == 1 and len(tail) != 3):
            answers.add(marks[-1])
        elif len(marks) > 1:
            answers.add("," if marks[-1] == "." else ".")
        else:
            open_case = open_case or text
    return (answers.pop() if len(answers) == 1 else None), open_case


def _split_amount(digits):
    """The whole and the fraction of "1.234,50", "1,5" and "1,234"; (None, "") if the marks make no sense."""
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return digits, ""
    last = marks[-1]
    whole, _mark, tail = digits.rpartition(last)
    is_thousands = len(set(marks)) == 1 and len(tail) == 3 and whole not in ("", "0")
    if is_thousands or (len(set(marks)) == 1 and len(marks) > 1):
        groups = digits.split(last)
        return ("".join(groups), "") if all(len(group) == 3 for group in groups[1:]) else (None, "")
    if len(set(marks)) == 2 and marks.count(last) > 1:
        return None, ""
    return re.sub(r"[.,]", "", whole), tail


def plain_word(text):
    folded = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def read_moment(text, *, day_first, zone):
    """An aware moment, or None. `day_first` decides 03/04/2024; None reads only dates that explain themselves."""
    text = "".join(_ascii_digit(letter) for letter in text).strip()
    day = _plain_day(text) or _numbers_day(text, day_first) or _worded_day(text)
    if day is None:
        return _counted_moment(text, zone)
    try:
        if isinstance(day, dt.datetime):
            return day if day.tzinfo else day.replace(tzinfo=zone)
        return dt.datetime.combine(day, _clock(text) or dt.time(), zone)
    except (ValueError, OverflowError):
        return None


def _plain_day(text):
    try:
        found = dt.datetime.fromisoformat(
            re.sub(r"(?<=\d)[/.](?=\d{1,2}\b)", "-", text, count=2) if text[4:5] in "/." else text
        )
    except ValueError:
        short = re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", text)
        return _day(*map(int, short.groups())) if short else None
    return found if 1900 <= found.year <= 2200 else None


def _numbers_day(text, day_first):
    found = DAY_MONTH.match(text)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    year += 0 if len(found[4]) == 4 else 2000 if year < 70 else 1900
    if found[2] == "." or first > 12:
        day_first = True
    elif second > 12 or first == second:
        day_first = False
    if day_first is None:
        return None
    return _day(year, second, first) if day_first else _day(year, first, second)


def _worded_day(text):
    parts = re.findall(r"[^\W\d_]+|\d+", plain_word(text.split(":")[0]))
    months = [MONTHS[part] for part in parts if part in MONTHS]
    numbers = [int(part) for part in parts if part.isdigit() and len(part) <= 4]
    years = [number for number in numbers if 1900 <= number <= 2200]
    days = [number for number in numbers if 1 <= number <= 31]
    return _day(years[0], months[0], days[0]) if months and years and days else None


def _counted_moment(text, zone):
    """A day as Excel counts it, or seconds and milliseconds since 1970."""
    if not re.fullmatch(r"\d{5}(\.\d+)?|\d{10}|\d{13}", text):
        return None
    count = float(text)
    if count < 100_000:
        return (
            dt.datetime(1899, 12, 30, tzinfo=zone) + dt.timedelta(days=round(count, 5))
            if 20_000 < count < 80_000
            else None
        )
    return dt.datetime.fromtimestamp(count if len(text) == 10 else count / 1000, dt.UTC)


def _day(year, month, day):
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _clock(text):
    found = CLOCK.search(text, re.search(r"\d{4}|\d{2}[-/.]\d{2}[-/.]\d{2}|$", text).end())
    if not found:
        return None
    hour = int(found[1]) % 12 + (12 if found[4].lower() == "p" else 0) if found[4] else int(found[1])
    return dt.time(hour, int(found[2]), int(found[3] or 0))


def day_first_by_evidence(texts):
    """Whether a column writes the day before the month; None if no date in it tells, or if its dates disagree."""
    answers = set()
    for text in texts:
        found = DAY_MONTH.match(text)
        if found and int(found[1]) > 12:
            answers.add(True)
        elif found and int(found[3]) > 12:
            answers.add(False)
    return answers.pop() if len(answers) == 1 else None
