"""Comparing two people: is it the same person, possibly so, somebody of the same household, or somebody else?

Each fact that both sides know speaks for or against, in bits: how many times likelier it is between two writings of one
person than between two people (Fellegi and Sunter, 1969), rounded by hand. A score of 100 is twenty bits. What sets
relatives apart overrules the sum: whoever bears another first name is never the same person.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rapidfuzz.distance import OSA

from clinics.normalising import name_key
from clinics.same_person.addresses import plain, split_street
from clinics.same_person.names import Agreement, family_agreement, given_agreement, is_misspelt, read_name

BITS_OF_100 = 20
QUEUE_FROM = 40
SURE_FROM = 75
A_GENERATION = 14  # years: two of one name who were born further apart are parent and child


class Verdict(StrEnum):
    SAME = "SAME"
    POSSIBLE = "POSSIBLE"
    HOUSEHOLD = "HOUSEHOLD"
    DIFFERENT = "DIFFERENT"


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody; phones in E.164, mails case-folded; `patient` is who would be treated, if another."""

    given: str = ""
    family: str = ""
    born_on: date | None = None
    phones: tuple = ()
    emails: tuple = ()
    street: str = ""
    city: str = ""
    postal_code: str = ""
    member_id: str = ""
    patient: "Person | None" = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out: `score` from 0 to 100, and `reasons`, codes of what spoke for and against, strongest first."""

    verdict: Verdict
    score: int
    reasons: tuple

    @property
    def is_for_review(self):
        return self.verdict in (Verdict.SAME, Verdict.POSSIBLE)

    @property
    def is_same_as_far_as_known(self):
        """Surely the same person, or possibly so and nothing that both sides know tells two people apart."""
        if self.verdict == Verdict.POSSIBLE:
            return TWO_PEOPLE.isdisjoint(self.reasons)
        return self.verdict == Verdict.SAME


# What may be a slip, and may be a sister: somebody has to look before two are taken for one.
TWO_PEOPLE = {
    "given_differs", "given_lookalike", "given_doubtful", "given_initial", "family_differs", "birth_differs",
    "birth_near", "patient_differs",
}  # fmt: skip
GIVEN_BITS = {
    Agreement.SAME: (6, "given_same"),
    Agreement.NICKNAME: (5, "given_nickname"),
    Agreement.PART: (4.5, "given_part"),
    Agreement.TYPO: (5, "given_typo"),
    Agreement.DOUBTFUL: (4, "given_doubtful"),
    Agreement.INITIAL: (1.5, "given_initial"),
    Agreement.UNKNOWN: (0, None),
    Agreement.LOOKALIKE: (1.5, "given_lookalike"),
    Agreement.DIFFERENT: (-5, "given_differs"),
}
FAMILY_BITS = {
    Agreement.SAME: (6, "family_same"),
    Agreement.PART: (5, "family_part"),
    Agreement.TYPO: (5, "family_typo"),
    Agreement.INITIAL: (1, "family_initial"),
    Agreement.UNKNOWN: (0, None),
    Agreement.DIFFERENT: (-3, "family_differs"),
}


def compare(one, other):
    """Compare two Persons and return the Comparison; the order of the two does not matter."""
    if one.patient and other.patient:
        return _compare_families(one, other)
    if one.patient or other.patient:
        return _compare_with_family(*((one, other) if one.patient else (other, one)))
    return _compare_people(one, other)


def name_score(one, other):
    """How well the names of two Persons agree, from 0 to 100; 0 if it takes more than a name to think of the other."""
    given, family, swapped = _names(read_name(one.given, one.family), read_name(other.given, other.family))
    if not (given.agrees and family.agrees):
        return 0
    bits = GIVEN_BITS[given][0] + FAMILY_BITS[family][0] - swapped / 2
    return round(bits * 100 / BITS_OF_100)


def _compare_families(one, other):
    """Two who ask for somebody else: the same only if both they and their patients are."""
    askers, patients = (
        _compare_people(one, other),
        _compare_people(one.patient, other.patient, shared=_shared(one, other)),
    )
    if patients.verdict in (Verdict.HOUSEHOLD, Verdict.DIFFERENT):
        is_near = askers.verdict != Verdict.DIFFERENT
        verdict = Verdict.HOUSEHOLD if is_near else Verdict.DIFFERENT
        return Comparison(verdict, min(askers.score, patients.score), ("patient_differs", *askers.reasons))
    if askers.verdict == Verdict.SAME and patients.verdict == Verdict.SAME:
        return Comparison(Verdict.SAME, max(askers.score, patients.score), ("patient_same", *askers.reasons))
    if patients.verdict == Verdict.SAME or askers.is_for_review:
        return Comparison(Verdict.POSSIBLE, max(patients.score, QUEUE_FROM), ("patient_same", *askers.reasons))
    return askers


def _compare_with_family(parent, other):
    """One asks for somebody else, the other says nothing of a patient: is it the one who asks, or the patient?"""
    asker = _compare_people(parent, other)
    patient = _compare_people(parent.patient, other, shared=_shared(parent, other))
    if asker.is_for_review:
        return Comparison(Verdict.POSSIBLE, asker.score, (*asker.reasons, "patient_only_here"))
    if patient.is_for_review:
        return Comparison(Verdict.POSSIBLE, patient.score, ("is_patient_of_other", *patient.reasons))
    return asker


@dataclass(frozen=True, slots=True)
class _Fact:
    bits: float
    reason: str | None
    ours: bool = True


def _compare_people(one, other, *, shared=None):
    shared = _shared(one, other) if shared is None else shared
    mine, theirs = read_name(one.given, one.family), read_name(other.given, other.family)
    given, family, swapped = _names(mine, theirs)
    facts = [_Fact(*GIVEN_BITS[given]), _Fact(*FAMILY_BITS[family])]
    if swapped:
        facts.append(_Fact(-0.5, "names_swapped"))
    birth, place, member = _birth(one.born_on, other.born_on), _place(one, other), _member(one, other)
    facts += [birth, *place, member]
    facts += [_Fact(9, f"{kind}_shared") for kind in shared]
    if not shared and one.phones and other.phones:
        facts.append(_Fact(-1, "phone_differs"))
    score = max(0, min(100, round(sum(fact.bits for fact in facts) * 100 / BITS_OF_100)))
    reasons = tuple(f.reason for f in sorted(facts, key=lambda f: -abs(f.bits)) if f.reason)
    evidence = _Evidence(given, family, birth, place, member, shared, score, swapped)
    return Comparison(_judge(evidence, one, other, mine, theirs), score, reasons)


@dataclass(frozen=True, slots=True)
class _Evidence:
    given: Agreement
    family: Agreement
    birth: _Fact
    place: list
    member: _Fact
    shared: tuple
    score: int
    swapped: bool

    @property
    def shares_place(self):
        return any(fact.reason == "street_same" for fact in self.place)

    @property
    def is_near(self):
        return bool(self.shared) or self.shares_place

    @property
    def same_birth(self):
        return self.birth.bits > 1


def _judge(evidence, one, other, mine, theirs):
    """The verdict on the evidence: first what sets relatives apart, then the sum."""
    if mine.rank and theirs.rank and mine.rank != theirs.rank:
        return Verdict.HOUSEHOLD if evidence.is_near else Verdict.DIFFERENT
    if evidence.shared and evidence.member.bits <= 0 and _are_relatives(evidence, one, other):
        return Verdict.HOUSEHOLD
    if evidence.score < QUEUE_FROM or not _is_more_than_a_name(evidence):
        return Verdict.HOUSEHOLD if evidence.is_near and evidence.family.agrees else Verdict.DIFFERENT
    return Verdict.SAME if _is_sure(evidence, mine, theirs) else Verdict.POSSIBLE


def _are_relatives(evidence, one, other):
    """Of two who share a phone or an e-mail: another first name, or the same one a generation apart."""
    if evidence.given.differs:
        return True
    if not (one.born_on and other.born_on) or evidence.same_birth:
        return False
    return abs(one.born_on.year - other.born_on.year) >= A_GENERATION


def _is_more_than_a_name(evidence):
    """Something beside the names agrees, or nothing beside them is known that could speak against."""
    others = [evidence.birth, *evidence.place, evidence.member]
    return bool(evidence.shared) or any(f.bits > 0 for f in others) or not any(f.bits < 0 for f in others)


def _is_sure(evidence, mine, theirs):
    """Both names agree, nothing weighty speaks against, and something beside the name says so too."""
    names = evidence.given.agrees and evidence.family.agrees
    one_rank_unknown = mine.rank != theirs.rank and not evidence.same_birth
    birth_speaks_against = evidence.birth.reason in ("birth_near", "birth_differs")
    beside = evidence.shared or evidence.same_birth or evidence.member.bits > 0
    is_clear = names and beside and not one_rank_unknown and not birth_speaks_against
    return bool(is_clear and evidence.score >= SURE_FROM)


def _names(mine, theirs):
    """(agreement of first names, of family names, whether they only agree when the names of one side are swapped)."""
    given, family = given_agreement(mine.given, theirs.given), family_agreement(mine.family, theirs.family)
    if given.agrees or family.agrees or not (mine.family or theirs.family):
        return given, family, False
    first = given_agreement(mine.given, theirs.family)
    last = family_agreement(mine.family, theirs.given)
    if not (first.agrees or last.agrees):
        return given, family, False
    return first, last, True


def _shared(one, other):
    """By what one of them can be reached that reaches the other, too: "phone", "email"."""
    kinds = (("phone", one.phones, other.phones), ("email", one.emails, other.emails))
    return tuple(kind for kind, ours, theirs in kinds if not set(ours).isdisjoint(theirs))


def _birth(ours, theirs):
    if not ours or not theirs:
        return _Fact(0, None)
    if ours == theirs:
        return _Fact(11, "birth_same")
    if (ours.year, ours.day, ours.month) == (theirs.year, theirs.month, theirs.day):
        return _Fact(9, "birth_swapped")
    if OSA.distance(f"{ours:%Y%m%d}", f"{theirs:%Y%m%d}", score_cutoff=2) <= 1:
        return _Fact(6, "birth_typo")
    agreeing = sum((ours.year == theirs.year, ours.month == theirs.month, ours.day == theirs.day))
    return _Fact(1, "birth_near") if agreeing == 2 else _Fact(-5, "birth_differs")


def _place(one, other):
    facts = []
    if one.street and other.street:
        facts.append(_street(name_key(one.street), name_key(other.street)))
    if one.postal_code and other.postal_code:
        facts.append(_postal_code(plain(one.postal_code), plain(other.postal_code)))
    if one.city and other.city:
        ours, theirs = plain(one.city), plain(other.city)
        is_same = ours == theirs or is_misspelt(ours, theirs)
        facts.append(_Fact(3, "city_same") if is_same else _Fact(-1.5, "city_differs"))
    return facts


def _street(ours, theirs):
    numbers, words = split_street(ours)
    their_numbers, their_words = split_street(theirs)
    named_alike = bool(words) and (words == their_words or is_misspelt(words, their_words))
    if not named_alike:
        return _Fact(-1.5, "street_differs")
    is_known = numbers and their_numbers
    if is_known and numbers.isdisjoint(their_numbers):
        return _Fact(3, "street_near")
    return _Fact(6 if is_known else 4, "street_same")


def _postal_code(ours, theirs):
    ours, theirs = ours[:5], theirs[:5]
    if ours == theirs:
        return _Fact(4, "postal_code_same")
    is_typo = OSA.distance(ours, theirs, score_cutoff=2) <= 1
    return _Fact(2, "postal_code_typo") if is_typo else _Fact(-1.5, "postal_code_differs")


def _member(one, other):
    ours, theirs = plain(one.member_id), plain(other.member_id)
    if not ours or not theirs:
        return _Fact(0, None)
    if ours == theirs:
        return _Fact(6, "member_id_same")
    is_typo = len(ours) > 5 and OSA.distance(ours, theirs, score_cutoff=2) <= 1
    return _Fact(3, "member_id_typo") if is_typo else _Fact(0, None)
