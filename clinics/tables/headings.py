"""Finds the headings of a table: past a title line, in any script, and gives each column a name of its own."""

import re
from collections import Counter
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

DATA_LIKE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+?[\d\s().\-/:,]*\d[\d\s().\-/:,]{4,}|https?://\S+")
LONGEST_SHOWN = 160
OF_GROUP = " / "  # “Mother / Phone”: the group above a heading, where the heading alone does not tell


@dataclass(frozen=True)
class Heading:
    headers: tuple
    line: int
    named: int
    is_named: bool
    notices: tuple
    told_apart: tuple = ()  # names under their groups, where alone they would not have told their columns apart


def find_heading(records):
    """The headings among the first rows, given as (line, cells) without the empty ones.

    A line above the table (its title, the day of the export) is passed over. A file that begins with its first person
    has no headings: its columns are numbered and the answer's `line` is the one before that person.
    """
    width = _width_of(records)
    line, cells = next(
        (record for record in records if _filled(record[1]) * 2 > min(width, len(record[1]))), records[0]
    )
    if _filled(cells) == 1 and (width > 2 or len(cells) < width):
        line, cells = next((record for record in records if _filled(record[1]) > 1), records[0])
    if any(DATA_LIKE.fullmatch(cell.strip()) for cell in cells):
        heading = _no_heading(line - 1, max(len(cells), width), width)
    else:
        heading = _heading_of(line, cells, records)
    return _with_what_is_above(heading, records, line)


def _with_what_is_above(heading, records, line):
    """The heading with a word about the lines above it, but for the groups that its names tell already."""
    above = [record for record in records if record[0] < line]
    if heading.told_apart:
        above.pop()
    return replace(heading, notices=(*heading.notices, *_passed_over(above)))


def own_name(header):
    """A heading as it stands in the file, without the number or the group by which it was told apart."""
    return re.sub(r"\s*\(\d+\)$", "", header).rpartition(OF_GROUP)[2]


def _width_of(records):
    """How wide most rows of a table are; lines of one cell are of the report around it, if there are others."""
    widths = [_last_filled(cells) for _line, cells in records]
    wide = [width for width, (_line, cells) in zip(widths, records, strict=True) if _filled(cells) > 1]
    return Counter(wide if len(wide) > 1 else widths).most_common(1)[0][0]


def _passed_over(records):
    """What stands above the table, in words, so that nobody is left out there without being named."""
    texts = [" ".join(" ".join(filter(None, cells)).split()) for _line, cells in records]
    if not texts:
        return ()
    shown = " · ".join(texts)
    shown = shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"
    return (_("Above the table, and not read: “%(texts)s”.") % {"texts": shown},)


def heading_at(records, line):
    """The headings that somebody says stand on a line; 0 says that there are none."""
    width = max(_last_filled(cells) for _line, cells in records)
    found = next((cells for number, cells in records if number == line), None)
    if not found:
        return _no_heading(0, width, width)
    return _with_what_is_above(_heading_of(line, found, records), records, line)


def _no_heading(line, count, width):
    names = tuple(_numbered(place) for place in range(count))
    words = _("The first row is a person already, so the columns have no headings.")
    return Heading(names, line, width, False, (words,))


def _heading_of(line, cells, records):
    names = [" ".join(cell.replace("\ufeff", "").split()) for cell in cells]
    while not names[-1] and len(names) > max(_last_filled(row) for _line, row in records):
        names.pop()
    named = max((place for place, name in enumerate(names, 1) if name), default=0)
    grouped = _under_groups(names, _groups_above(line, records, len(names)))
    told_apart = tuple(own for own, name in zip(grouped, names, strict=True) if own != name)
    headers, notices = _distinct(grouped)
    if told_apart:
        words = _("Columns of one name are told apart by the group above them: %(names)s.")
        notices = (words % {"names": ", ".join(f"“{name}”" for name in told_apart)}, *notices)
    return Heading(headers, line, named, True, notices, told_apart)


def _groups_above(line, records, width):
    """For each column the group that the line above the headings names: it holds until the next one begins."""
    above = next((cells for number, cells in reversed(records) if number < line), ())
    groups, name = [], ""
    for place in range(width):
        cell = " ".join(above[place].split()) if place < len(above) else ""
        name = cell or name
        groups.append(name)
    is_group_line = _filled(above) > 1 and not any(DATA_LIKE.fullmatch(cell.strip()) for cell in above)
    return groups if is_group_line else [""] * width


def _under_groups(names, groups):
    """The names, those of several columns under their groups, if that tells them apart."""
    repeated = {name for name, count in Counter(map(str.casefold, names)).items() if name and count > 1}
    full = [
        f"{group}{OF_GROUP}{name}" if name.casefold() in repeated and group not in ("", name) else name
        for name, group in zip(names, groups, strict=True)
    ]
    counts = Counter(map(str.casefold, full))
    return [own if counts[own.casefold()] == 1 else name for own, name in zip(full, names, strict=True)]


def _filled(cells):
    return sum(1 for cell in cells if cell.strip())


def _last_filled(cells):
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _numbered(place):
    return _("Column %(number)d") % {"number": place + 1}


def _distinct(names):
    """Names of which no two are alike, and a notice for each that had to change."""
    headers, notices, first_place = [], [], {}
    taken = {name.casefold() for name in names}
    for place, name in enumerate(names):
        own = name or _numbered(place)
        if own.casefold() in first_place:
            count = 2
            while f"{own} ({count})".casefold() in taken:
                count += 1
            notices.append(
                _("Columns %(first)d and %(second)d are both called “%(name)s”. The second is shown as “%(own)s”.")
                % {"first": first_place[own.casefold()], "second": place + 1, "name": own, "own": f"{own} ({count})"}
            )
            own = f"{own} ({count})"
        taken.add(own.casefold())
        first_place.setdefault(own.casefold(), place + 1)
        headers.append(own)
    return tuple(headers), tuple(notices)
