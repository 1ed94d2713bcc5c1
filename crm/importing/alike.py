"""Rows of a file that may be of one person, told by the addresses in their cells without understanding the rest."""

import re

EMAIL = re.compile(r"[^\s@<>,;|:\"'()]+@[^\s@<>,;|:\"'()]+")
NUMBER = re.compile(r"\d[\d\s().\-/]{5,}\d")
TELLING = {"phone", "phone_alt", "email", "combined", "external_id"}
LAST_DIGITS = 7  # with or without the codes before them
PASSES = 4  # whoever shares a phone with one who shares an e-mail with another, and so on
CROWD = 500  # a switchboard's number stands in every row


def marks_of(cells, targets):
    """What a row has in common with any other of the same person: e-mails, ends of numbers, its id elsewhere."""
    marks = set()
    for cell, target in zip(cells, targets, strict=False):
        if target not in TELLING or not (text := cell.strip()):
            continue
        if target == "external_id":
            marks.add(f"id {text}")
            continue
        marks.update(found.casefold().strip(".") for found in EMAIL.findall(text))
        for number in NUMBER.findall(re.sub(r"(?<=\d)\.0$", "", text)):
            marks.add(re.sub(r"\D", "", number)[-LAST_DIGITS:])
    return marks


def rows_alike(plan, lines, marks):
    """The rows of a plan with one of these lines or marks, and all that have a mark in common with these; in order.

    Asks a few times, and takes no more than CROWD rows that no line names.
    """
    wanted = set(marks)
    for _pass in range(PASSES):
        found, others, seen = [], 0, set(wanted)
        for row in plan.rows_with(lines, wanted):
            own = marks_of(row.cells, plan.targets)
            is_alike = bool(own & wanted) and others < CROWD
            if row.line in lines or is_alike:
                found.append(row)
                seen |= own
                others += row.line not in lines
        if seen == wanted or others >= CROWD:
            return found
        wanted = seen
    return found
