"""Makes of each row of a batch what will become of it: a new lead, a filled-in one, a row left out, a row that failed.

Nothing is written here. The rules of a lead hold as on every path, and each row that breaks one says which.
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from clinics.errors import RuleBroken
from clinics.normalising import email_norm, name_key
from crm.importing.cleaning import clean_row
from crm.importing.furniture import furniture_of
from crm.importing.matching import read_interests, shared_by
from crm.importing.options import Repeats
from crm.importing.people import Person, keys_of
from crm.intake import build_lead, refuse_private_fields
from crm.models import Lead, LeadImportRow, LeadStatus

Outcome = LeadImportRow.Outcome
PLAIN = (
    "first_name", "last_name", "patient_first_name", "patient_last_name", "email", "phone", "phone_alt",
    "preferred_contact", "address_line1", "city", "state", "postal_code", "country", "source_campaign", "source_detail",
    "ad_platform", "external_id", "notes", "expected_value_cents", "patient_dob", "insurance_carrier",
    "insurance_member_id",
)  # fmt: skip
REACHED = ("phone", "phone_alt", "email", "external_id")
TOUCH = {
    "utm_source": 120, "utm_medium": 120, "utm_campaign": 120, "utm_term": 120, "utm_content": 120,
    "landing_page": 500, "referrer": 500, "gclid": 255, "fbclid": 255,
}  # fmt: skip


@dataclass
class Draft:
    """One row on its way: `values` are fields of Lead, `lead` the new one, `known` the Person it repeats.

    `refusals` holds what the row refuses as (channels, purposes, words), at the addresses in `reached`.
    """

    row: Any
    outcome: str = ""
    reason: str = ""
    warnings: list = field(default_factory=list)
    texts: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    lead: Lead | None = None
    known: Person | None = None
    changes: dict = field(default_factory=dict)
    tags: list = field(default_factory=list)
    has_housemates: bool = False
    refusals: list = field(default_factory=list)
    reached: dict = field(default_factory=dict)

    @property
    def keys(self):
        values = self.values
        phones = (values.get("phone"), values.get("phone_alt"))
        return keys_of(values.get("external_id"), phones, email_norm(values.get("email", "")))

    @property
    def name(self):
        return name_key(self.values.get("first_name", ""), self.values.get("last_name", ""))

    def fail(self, reason):
        self.outcome, self.reason = Outcome.FAILED, str(reason)

    def leave_out(self, reason):
        self.outcome, self.reason = Outcome.SKIPPED, str(reason)


def draft_batch(plan, rows, people):
    """The Drafts of some rows, each with its outcome; `people` (People) learns who will be here after them."""
    drafts = [draft_row(plan, row) for row in rows]
    drafted = [draft for draft in drafts if not draft.outcome]
    people.look_up([key for draft in drafted for key in draft.keys])
    for draft in drafted:
        _settle(plan, draft, people)
    return drafts


def draft_row(plan, row):
    """Clean one row and name its values after the fields of a lead; a row with problems fails with all of them."""
    draft = Draft(row)
    if row.is_left_out:
        draft.leave_out(_("Left out by hand."))
        return draft
    if not row.is_corrected and (furniture := furniture_of(row.cells, plan.table.headers)):
        draft.leave_out(furniture)
        return draft
    if row.problem:
        draft.fail(row.problem)
        return draft
    cleaned = clean_row(row.cells, plan.targets, plan.table.headers, plan.rules)
    draft.warnings = [message for _target, message in cleaned.warnings]
    draft.texts = cleaned.values
    draft.refusals = cleaned.refusals
    draft.reached = {way: cleaned.values.get(way, "") for way in REACHED}
    if cleaned.problems:
        draft.fail("; ".join(message for _target, message in cleaned.problems))
        return draft
    if not plan.keeps_all:
        _keep_the_least(plan, draft, cleaned)
    draft.values = {name: cleaned.values[name] for name in PLAIN if cleaned.values.get(name)}
    _read_interests(plan, draft, cleaned)
    _read_status(plan, draft, row)
    if cleaned.extra:
        draft.values["extra"] = cleaned.extra
    try:
        refuse_private_fields(plan.clinic, draft.values)
    except RuleBroken as broken:
        draft.fail(broken)
    return draft


def _keep_the_least(plan, draft, cleaned):
    """A clinic with minimal lead privacy keeps no notes of cells that made no sense, and of a full name the first."""
    cleaned.extra.clear()
    if cleaned.kept:
        columns = [text for text in cleaned.values.get("notes", "").split("\n") if text not in cleaned.kept]
        cleaned.values["notes"] = "\n".join(columns)
    if "full_name" in plan.targets and "last_name" not in plan.targets and cleaned.values.pop("last_name", ""):
        draft.warnings.append(_("the last name is left out: this clinic does not keep it on leads"))


def _read_interests(plan, draft, cleaned):
    found, unknown = read_interests(cleaned.values.get("treatment_interest", []))
    if found:
        draft.values["treatment_interest"] = found
    if unknown and plan.keeps_all:
        cleaned.extra[plan.table.headers[plan.targets.index("treatment_interest")]] = ", ".join(unknown)
    if unknown:
        draft.warnings.append(_("“%(text)s” is no treatment that is known here") % {"text": ", ".join(unknown)})


def _read_status(plan, draft, row):
    """The word itself decides the stage: the mapping page asked about each word of the column."""
    if "status" in plan.targets:
        draft.texts["status_word"] = row.cells[plan.targets.index("status")].strip()


def _settle(plan, draft, people):
    found = people.find(draft.keys, draft.name)
    if found.person is not None:
        _settle_known(plan, draft, found)
    elif found.housemates:
        draft.has_housemates = True
        draft.warnings.append(_("shares a phone or an e-mail with somebody else: two people of one household"))
    if draft.outcome:
        return
    if draft.known is None:
        _make_lead(plan, draft)
    else:
        draft.outcome = Outcome.UPDATED
    if draft.outcome != Outcome.FAILED:
        draft.tags = plan.tags_for(draft.texts.get("tags", []))
        person = Person(name=draft.name, line=draft.row.line)
        if people.remembers:
            people.remember(draft.keys, person)
        elif draft.lead is not None:
            person.pk, person.draft = draft.lead.pk, draft
            people.add(draft.keys, person)


def _settle_known(plan, draft, found):
    """What the person who imports wanted for people who are here already."""
    person, repeats = found.person, plan.options.repeats
    known_by = shared_by(found.kinds)
    if person.line:
        words = _("Row %(line)d is the same person: %(known_by)s.") % {"line": person.line, "known_by": known_by}
    else:
        words = _("This person is here already: %(known_by)s.") % {"known_by": known_by}
    draft.known = person
    if person.is_deleted:
        draft.leave_out(_("This lead was deleted here, and stays deleted."))
    elif repeats == Repeats.SKIP or (repeats == Repeats.CREATE and "id" in found.kinds):
        draft.leave_out(words)
    elif repeats == Repeats.CREATE:
        draft.known, draft.has_housemates = None, True
        draft.warnings.append(words)
    elif person.is_locked:
        draft.leave_out(_("This person has become a patient. Their history is kept as it is."))
    else:
        draft.reason = words


def _make_lead(plan, draft):
    texts, values = draft.texts, draft.values
    stage, status = plan.place(texts)
    captured_at = texts.get("created_at") or plan.moment
    over = {
        LeadStatus.CONVERTED: {"converted_at": captured_at},
        LeadStatus.LOST: {"lost_at": captured_at, "lost_reason": plan.options.lost_reason},
        LeadStatus.ARCHIVED: {"archived_at": plan.moment},
    }.get(status, {})
    owner_text = texts.get("assigned_to")
    owner = plan.owner_named(owner_text)
    if owner_text and owner is None and plan.keeps_all:
        header = plan.table.headers[plan.targets.index("assigned_to")]
        values = values | {"extra": values.get("extra", {}) | {header: owner_text}}
    try:
        draft.lead = build_lead(
            plan.clinic,
            _first_phone_first(values)
            | over
            | {
                "stage": stage,
                "status": status,
                "captured_at": captured_at,
                "stage_entered_at": captured_at if over else plan.moment,
                "source": plan.source_for(texts.get("source")),
                "assigned_to": owner,
            },
            by=plan.by,
            moment=plan.moment,
            defaults=plan.defaults,
        )
        draft.outcome = Outcome.CREATED
    except RuleBroken as broken:
        draft.fail(broken)


def _first_phone_first(values):
    """The values of a new lead: the only phone that it has is its phone, whatever its column was called."""
    if values.get("phone") or not values.get("phone_alt"):
        return values
    return values | {"phone": values["phone_alt"], "phone_alt": ""}


def touch_of(texts):
    """The fields of the first touch that a row tells of."""
    return {name: texts[name][:length] for name, length in TOUCH.items() if texts.get(name)}
