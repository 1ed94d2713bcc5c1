"""What holds for a whole file: how it writes dates and amounts, told by all of its rows or by whoever imports it."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinics.tables.values import DAY_MONTH, day_first_by_evidence, decimal_mark_by_evidence, read_cents, read_moment

MONTH_FIRST_REGIONS = frozenset({"US", "PH", "PR", "GU", "VI", "AS", "FM", "MH", "PW", "BZ"})
DATES = ("created_at", "patient_dob")


@dataclass(frozen=True)
class Rules:
    """What holds for a whole file: see `rules_for`. `refuse_bad_phones` makes a problem of what is else a warning."""

    region: str = "US"
    zone: dt.tzinfo = dt.UTC
    day_first: bool | None = None
    decimal_mark: str | None = None
    has_contact_columns: bool = True
    refuse_bad_phones: bool = False
    notices: tuple = ()


def rules_for(targets, rows, *, region, zone=dt.UTC, refuse_bad_phones=False, day_first=None, decimal_mark=None):
    """The rules of a file, from its mapping and all of its rows.

    How it writes dates and amounts is told by the whole column, unless somebody has said so (`day_first`,
    `decimal_mark`); where it tells neither, the notices say how it is read.
    """
    places = {name: targets.index(name) for name in (*DATES, "expected_value") if name in targets}
    texts = {name: set() for name in places}
    for cells in rows if places else ():
        for name, place in places.items():
            if len(cells) > place:
                texts[name].add(cells[place].strip())
    notices = []
    dates = {text for name in DATES for text in texts.get(name, ()) if DAY_MONTH.match(text)}
    if day_first is None and any(name in places for name in DATES):
        day_first = _day_order(dates, region, zone, notices)
    if decimal_mark is None and "expected_value" in places:
        decimal_mark, open_case = decimal_mark_by_evidence(texts["expected_value"])
        cents = read_cents(open_case) if open_case and decimal_mark is None else None
        if cents:
            notices.append(_("“%(text)s” is read as %(amount)s.") % {"text": open_case, "amount": f"{cents / 100:.2f}"})
    contact = bool({"email", "phone", "phone_alt"} & set(targets))
    return Rules(region, zone, day_first, decimal_mark, contact, refuse_bad_phones, tuple(notices))


def _day_order(texts, region, zone, notices):
    day_first = day_first_by_evidence(texts)
    if day_first is None:
        day_first = region not in MONTH_FIRST_REGIONS
        if any(read_moment(text, day_first=None, zone=zone) is None for text in texts):
            notices.append(_("03/04 is read as 3 April.") if day_first else _("03/04 is read as March 4."))
    return day_first
