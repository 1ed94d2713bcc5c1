"""Who is here already: finds, for a batch of rows at a time, the leads that are the same person or share a home.

The same person has the same number in the other system, or the same phone or e-mail and a name that does not speak
against it. Who shares a phone or an e-mail under another name is of the same household, and a lead of their own.
"""

from dataclasses import dataclass, field
from typing import Any

from clinics.normalising import name_key
from crm.models import Lead, LeadStatus

FACTS = (
    "pk", "external_id", "phone_e164", "phone_alt_e164", "email_norm", "first_name", "last_name", "status",
    "deleted_at",
)  # fmt: skip
NAMES_COMPARED = 20  # of those who share one phone; a switchboard's number must not cost more with every lead


@dataclass(slots=True)
class Person:
    """Somebody known by now: a lead of the clinic (`pk`), a lead of this batch (`draft`), or a row tried out before."""

    name: str
    line: int | None = None
    pk: Any = None
    draft: Any = None
    is_locked: bool = False
    is_deleted: bool = False


@dataclass(frozen=True)
class Found:
    """`person` is the same one, by `kinds` of what they have in common; `housemates` share a phone or an e-mail."""

    person: Person | None = None
    kinds: tuple = ()
    housemates: tuple = ()


@dataclass
class People:
    """With `remembers`, rows tried out earlier are known too, though no lead was made of them."""

    remembers: bool = False
    here: dict = field(default_factory=dict)
    seen: dict = field(default_factory=dict)

    def look_up(self, keys):
        """Ask the clinic about all keys of a batch at once; what the batch before had asked is forgotten."""
        self.here = {}
        values = {"id": set(), "phone": set(), "email": set()}
        for kind, value in keys:
            values[kind].add(value)
        present = Lead.objects.present()
        questions = (
            (Lead.objects.filter(external_id__in=values["id"]), values["id"]),
            (present.filter(phone_e164__in=values["phone"]), values["phone"]),
            (present.filter(phone_alt_e164__in=values["phone"]), values["phone"]),
            (present.filter(email_norm__in=values["email"]), values["email"]),
        )
        for leads, asked in questions:
            if asked:
                for facts in leads.order_by("pk").values_list(*FACTS):
                    self._take_in(dict(zip(FACTS, facts, strict=True)))

    def _take_in(self, facts):
        person = Person(
            name=name_key(facts["first_name"], facts["last_name"]),
            pk=facts["pk"],
            is_locked=facts["status"] == LeadStatus.CONVERTED,
            is_deleted=facts["deleted_at"] is not None,
        )
        keys = keys_of(facts["external_id"], (facts["phone_e164"], facts["phone_alt_e164"]), facts["email_norm"])
        for kind, value in keys:
            if kind == "id" or not person.is_deleted:
                self.here.setdefault((kind, value), {}).setdefault(person.name, person)

    def find(self, keys, name):
        """The Found of somebody with these keys and this name."""
        same, kinds, housemates = None, [], {}
        for kind, value in keys:
            known = self._known(kind, value)
            person = next(iter(known.values()), None) if kind == "id" else _same_name(known, name)
            if person is not None:
                same = same or person
                if person is same or (person.pk and person.pk == same.pk):
                    kinds.append(kind)
            else:
                housemates |= {other.name: other for other in list(known.values())[:NAMES_COMPARED]}
        return Found(same, tuple(dict.fromkeys(kinds)), tuple(housemates.values()))

    def _known(self, kind, value):
        here = self.here.get((kind, value), {})
        seen = self.seen.get(hash((kind, value)))
        if seen is None:
            return here
        return {person.name: person for person in (seen if isinstance(seen, list) else [seen])} | here

    def add(self, keys, person):
        """Know somebody who becomes a lead with this batch, or would become one."""
        for kind, value in keys:
            self.here.setdefault((kind, value), {}).setdefault(person.name, person)

    def remember(self, keys, person):
        """Know somebody for the rest of the trial, in as little memory as will do."""
        for key in keys:
            known = self.seen.get(hash(key))
            if known is None:
                self.seen[hash(key)] = person
            elif isinstance(known, Person):
                self.seen[hash(key)] = [known, person]
            elif len(known) < NAMES_COMPARED:
                known.append(person)


def keys_of(external_id, phones, email):
    """What somebody is known by, as (kind, value)."""
    keys = [("id", external_id)] if external_id else []
    keys += [("phone", phone) for phone in dict.fromkeys(phones) if phone]
    return [*keys, ("email", email)] if email else keys


def _same_name(known, name):
    if not known:
        return None
    if name in known:
        return known[name]
    return next((person for person in list(known.values())[:NAMES_COMPARED] if _agree(person.name, name)), None)


def _agree(one, other):
    """Names agree if one says no more than the other does: "ana" and "ana lopez", or nothing at all."""
    words, others = set(one.split()), set(other.split())
    return words <= others or others <= words
