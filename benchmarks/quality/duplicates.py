"""Duplicates among people: the product's index and comparison on FEBRL files, beside two plain rules.

A file has rec_id ("rec-7-org", "rec-7-dup-0": the same person), given_name, surname, street_number, address_1, suburb,
postcode, state, date_of_birth (YYYYMMDD) and soc_sec_id, which is left aside: leads have no such number as a rule.
"""

import csv
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import combinations, pairwise
from pathlib import Path

from rapidfuzz.distance import JaroWinkler, Levenshtein

from clinics.same_person.comparing import Person, Verdict, compare
from clinics.same_person.keys import match_keys

DEFAULT = Path("../shared/data/duplicates")
HEADER = f"{'':<34}{'pairs':>8}{'precision':>11}{'recall':>9}{'F1':>8}"


def measure(files):
    """Print the figures of each file, or of the FEBRL files beside the project."""
    for path in [Path(name) for name in files] or sorted(DEFAULT.glob("febrl-*.csv")):
        rows = read(path)
        true = pairs_of([row["rec_id"].split("-")[1] for row in rows])
        people = [person_of(row) for row in rows]
        started = time.perf_counter()
        near = pairs_by_index(people)
        compared = {pair: compare(people[pair[0]], people[pair[1]]) for pair in near}
        took = time.perf_counter() - started
        print(f"\n{path.name}: {len(rows)} records, {len(true)} true pairs, {len(near)} compared in {took:.1f} s")
        print(f"the index finds {len(true & near) / len(true):.4f} of the true pairs\n{HEADER}")
        print(line("exact name + birth date", pairs_of([exact_name(row) for row in rows]), true))
        print(line("three of six fields", three_of_six(rows, near), true))
        print(line("review queue", {pair for pair, found in compared.items() if found.is_for_review}, true))
        sure = {pair for pair, found in compared.items() if found.verdict == Verdict.SAME}
        print(line("suggested for merging", sure, true))
        print(f"false suggestions for merging: {len(sure - true)}")
        originals = [person for row, person in zip(rows, people, strict=True) if row["rec_id"].endswith("-org")]
        tried, merged = siblings(originals)
        print(f"twins on one phone and e-mail: {tried} tried, {merged} taken for the same person")


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name.strip(): (text or "").strip() for name, text in row.items()}
            for row in csv.DictReader(file, skipinitialspace=True)
        ]


def person_of(row):
    """A record as the product would hold it: a birth date that no calendar knows is none."""
    born_on = None
    with suppress(ValueError):
        born_on = datetime.strptime(row["date_of_birth"], "%Y%m%d").date()
    return Person(
        given=row["given_name"],
        family=row["surname"],
        born_on=born_on,
        street=f"{row['street_number']} {row['address_1']}".strip(),
        city=row["suburb"],
        postal_code=row["postcode"],
    )


def pairs_by_index(people):
    """The pairs of positions that share a match key."""
    found = defaultdict(list)
    for place, person in enumerate(people):
        for key in match_keys(person):
            found[key].append(place)
    return {pair for places in found.values() for pair in combinations(places, 2)}


def pairs_of(labels):
    """The pairs of positions that bear the same label; None is no label."""
    places = defaultdict(list)
    for place, label in enumerate(labels):
        if label is not None:
            places[label].append(place)
    return {pair for each in places.values() for pair in combinations(each, 2)}


def exact_name(row):
    facts = (row["given_name"], row["surname"], row["date_of_birth"])
    return facts if all(facts) else None


def three_of_six(rows, near):
    """The rule that record linkage is taught with: three of six fields agree, names and address nearly."""
    return {(one, other) for one, other in near if _agreeing(rows[one], rows[other]) >= 3}


def _agreeing(one, other):
    both = {name for name in one if one[name] and other[name]}
    exact = sum(name in both and one[name] == other[name] for name in ("date_of_birth", "suburb", "state"))
    names = sum(
        name in both and JaroWinkler.similarity(one[name], other[name]) >= 0.85 for name in ("given_name", "surname")
    )
    address = "address_1" in both and Levenshtein.normalized_similarity(one["address_1"], other["address_1"]) >= 0.85
    return exact + names + address


def siblings(people):
    """Each beside a twin who bears the next one's first name, on one phone and e-mail: (tried, taken for one)."""
    shared = {"phones": ("+13125550131",), "emails": ("family@example.com",)}
    tried = merged = 0
    for person, following in pairwise(people):
        if person.given and following.given and person.given != following.given:
            twin = compare(replace(person, **shared), replace(person, given=following.given, **shared))
            tried, merged = tried + 1, merged + (twin.verdict == Verdict.SAME)
    return tried, merged


def line(name, found, true):
    hits = len(found & true)
    precision, recall = hits / max(1, len(found)), hits / max(1, len(true))
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"{name:<34}{len(found):>8}{precision:>11.4f}{recall:>9.4f}{f1:>8.4f}"
