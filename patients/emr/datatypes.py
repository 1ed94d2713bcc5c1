"""The data types of FHIR, read tolerantly: whatever stands where something else should, the answer is empty.

https://hl7.org/fhir/R4/datatypes.html
"""

import re
from datetime import UTC, date, datetime, time

DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
PARTIAL = re.compile(r"\d{4}(-\d{2})?")
REFERENCE = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([^/?#\s]+)(?:/_history/[^/]+)?$")
NAME_ORDER = {"official": 0, "usual": 1, "": 2, "temp": 3, "nickname": 4, "anonymous": 5, "maiden": 6, "old": 7}
ADDRESS_ORDER = {"home": 0, "": 1, "temp": 2, "work": 3, "billing": 4, "old": 9}
PHONE_ORDER = {"mobile": 0, "home": 1, "": 2, "work": 3, "temp": 4, "old": 9}


def text_of(value):
    """A text on one line; what the database could not keep (NUL, halves of surrogate pairs) is left out."""
    if not isinstance(value, str):
        return ""
    if not value.isascii() or "\x00" in value:
        value = value.encode("utf-8", "ignore").decode().replace("\x00", "")
    return " ".join(value.split())


def list_of(value, kind=dict):
    """The items of one kind in what should be a list; one that stands alone counts as a list of one."""
    if isinstance(value, kind):
        return [value]
    return [each for each in value if isinstance(each, kind)] if isinstance(value, list) else []


def dict_of(value):
    return value if isinstance(value, dict) else {}


def concept_text(value):
    """The words of a CodeableConcept: its text, or the first display of its codings."""
    for concept in list_of(value):
        said = text_of(concept.get("text"))
        words = [said, *(text_of(each.get("display")) for each in list_of(concept.get("coding")))]
        if found := next(filter(None, words), ""):
            return found
    return ""


def concept_codes(value):
    """Every code of one or several CodeableConcepts, or of a Coding."""
    concepts = list_of(value)
    codings = [coding for concept in concepts for coding in (*list_of(concept.get("coding")), concept)]
    return {text_of(coding.get("code")) for coding in codings} - {""}


def reference_of(value, *, expected):
    """What a Reference points at as "Type/id", or "": of whole addresses the end, of urn:uuid the id alone.

    `expected` is the type that is looked for: a reference to another type answers "".
    """
    reference = dict_of(value).get("reference")
    if not isinstance(reference, str):
        return ""
    if reference.startswith("urn:"):
        return f"{expected}/{reference.rpartition(':')[2]}"
    found = REFERENCE.search(reference)
    return f"{expected}/{found[2]}" if found and found[1] == expected else ""


def display_of(value):
    return text_of(dict_of(value).get("display"))


def _use(value, order):
    use = value.get("use")
    return order.get(use if isinstance(use, str) else "", 8)


def _is_over(value, today):
    end = text_of(dict_of(value.get("period")).get("end"))[:10]
    return bool(DAY.fullmatch(end)) and end < today


def human_name(value):
    """(given, family) of the name that somebody goes by: official before usual, old and maiden names last."""
    today = date.today().isoformat()
    names = sorted(list_of(value), key=lambda name: (_is_over(name, today), _use(name, NAME_ORDER)))
    for name in names:
        given, family = " ".join(map(text_of, list_of(name.get("given"), str))), text_of(name.get("family"))
        if not given and not family:
            given, _space, family = text_of(name.get("text")).rpartition(" ")
        if given or family:
            return given.strip(), family
    return "", ""


def telecoms(value, *systems):
    """The values of ContactPoints of these systems, best first: by rank, then mobile, home, work; old ones never."""
    today = date.today().isoformat()
    points = [each for each in list_of(value) if each.get("system") in systems and not _is_over(each, today)]
    points = [each for each in points if each.get("use") != "old"]

    def order(point):
        rank = point.get("rank")
        return (rank if isinstance(rank, int) else 99, _use(point, PHONE_ORDER))

    found = [text_of(point.get("value")) for point in sorted(points, key=order)]
    return list(dict.fromkeys(filter(None, found)))


def address_of(value):
    """The address somebody lives at, by our fields; what is not known stays empty."""
    today = date.today().isoformat()
    addresses = sorted(list_of(value), key=lambda each: (_is_over(each, today), _use(each, ADDRESS_ORDER)))
    for address in addresses:
        lines = [text_of(line) for line in list_of(address.get("line"), str)]
        found = {
            "address_line1": lines[0] if lines else "",
            "address_line2": ", ".join(filter(None, lines[1:])),
            "city": text_of(address.get("city")),
            "state": text_of(address.get("state")),
            "postal_code": text_of(address.get("postalCode")),
            "country": text_of(address.get("country")),
        }
        if any(found.values()):
            return found
        if said := text_of(address.get("text")):
            return found | {"address_line1": said}
    return {}


def day_of(text):
    """A whole date, or None."""
    found = DAY.match(text) if isinstance(text, str) else None
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def is_partial_date(text):
    return isinstance(text, str) and PARTIAL.fullmatch(text) is not None


def moment_of(text, *, zone):
    """An aware moment, or None. Without a zone it is the clinic's; a day without an hour is its noon."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(12), tzinfo=zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        return None
