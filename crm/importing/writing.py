"""Writes one batch of drafts: leads with everything that hangs on them, in a handful of statements for all."""

from itertools import chain

from django.db.models import Q

from clinics.copying import copy_in
from clinics.models import Tag
from crm.assignment.giving import write_assignments
from crm.duplicates.indexing import index_leads
from crm.importing.drafting import Outcome, touch_of
from crm.importing.mapping import IGNORE
from crm.importing.options import Repeats
from crm.importing.sealing import seal_changes
from crm.importing.updating import fill_in, save_filled
from crm.models import (
    ActivityType,
    ContactPoint,
    Household,
    Lead,
    LeadActivity,
    LeadContactPoint,
    LeadImportRow,
    LeadSource,
    LeadTag,
    Opportunity,
    Touchpoint,
)


def write_batch(plan, drafts):
    """Write the leads of a batch and, for each of its rows, what became of it. One transaction is the caller's."""
    _write_sources(plan)
    Tag.objects.bulk_create(plan.new_tags)
    plan.new_tags = []

    fill_in(plan, [draft for draft in drafts if draft.outcome == Outcome.UPDATED])
    created = [draft for draft in drafts if draft.outcome == Outcome.CREATED]
    updated = [draft for draft in drafts if draft.outcome == Outcome.UPDATED and draft.lead is not None]
    leads = list({draft.lead.pk: draft.lead for draft in (*created, *updated)}.values())
    links = _tie_households(leads)
    copy_in(Lead, [draft.lead for draft in created])
    save_filled(updated)
    index_leads([draft.lead for draft in created], are_new=True)
    index_leads({draft.lead.pk: draft.lead for draft in updated}.values())
    copy_in(LeadContactPoint, links, skip_known=bool(updated))
    _write_first_facts(plan, created)
    _write_tags(created, updated)
    if plan.options.repeats == Repeats.TOUCH:
        _write_new_touches(plan, updated)
    copy_in(LeadImportRow, (_row_of(plan, draft) for draft in drafts))
    if created:
        write_assignments([draft.lead.assignment for draft in created])


def _tie_households(leads):
    """Give each lead its household, make the contact points that are missing, and return the links to all of them."""
    wanted = {lead.pk: _points_of(lead) for lead in leads}
    known = _known_points(set(chain.from_iterable(wanted.values())))
    homes, households, points, orphans = {}, [], [], []
    for lead in leads:
        keys = wanted[lead.pk]
        if not keys:
            continue
        if lead.household_id is None:
            shared = (homes.get(key) or (known[key][1] if key in known else None) for key in keys)
            lead.household_id = next((home for home in shared if home), None)
        if lead.household_id is None:
            households.append(Household(name=lead.last_name or lead.first_name))
            lead.household_id = households[-1].pk
        for key in keys:
            if key not in known and key not in homes:
                points.append(ContactPoint(kind=key[0], value=key[1], household_id=lead.household_id))
            elif key in known and known[key][1] is None:
                known[key] = (known[key][0], lead.household_id)
                orphans.append(ContactPoint(pk=known[key][0], household_id=lead.household_id))
            homes.setdefault(key, lead.household_id)
    copy_in(Household, households)
    ContactPoint.objects.bulk_update(sorted(orphans, key=lambda point: str(point.pk)), ["household"])
    # Somebody may enter the same number by hand in this very moment: theirs stands, and is the one to link to.
    # In one order, so that two files with the same numbers do not wait for each other.
    copy_in(ContactPoint, sorted(points, key=lambda point: (point.kind, point.value)), skip_known=True)
    known |= _known_points({(point.kind, point.value) for point in points})
    return [
        LeadContactPoint(lead_id=lead.pk, contact_point_id=known[key][0]) for lead in leads for key in wanted[lead.pk]
    ]


def _points_of(lead):
    phones = dict.fromkeys(filter(None, (lead.phone_e164, lead.phone_alt_e164)))
    keys = [(ContactPoint.Kind.PHONE.value, phone) for phone in phones]
    return [*keys, (ContactPoint.Kind.EMAIL.value, lead.email_norm)] if lead.email_norm else keys


def _known_points(keys):
    wanted = Q()
    for kind in ContactPoint.Kind.values:
        if values := [value for each, value in keys if each == kind]:
            wanted |= Q(kind=kind, value__in=values)
    points = ContactPoint.objects.filter(wanted).values_list("kind", "value", "pk", "household_id") if wanted else ()
    return {(kind, value): (pk, household_id) for kind, value, pk, household_id in points}


def _write_first_facts(plan, created):
    """The touch that brought each new lead, the inquiry on its timeline, and what it would be worth."""
    copy_in(
        Touchpoint,
        (
            Touchpoint(
                lead=draft.lead, source=draft.lead.source, occurred_at=draft.lead.captured_at, **touch_of(draft.texts)
            )
            for draft in created
        ),
    )
    copy_in(
        LeadActivity,
        (
            LeadActivity(
                lead=draft.lead,
                type=ActivityType.FORM_SUBMIT,
                occurred_at=draft.lead.captured_at,
                by=plan.by,
                notes=draft.lead.notes,
                payload={"import": plan.import_id, "line": draft.row.line},
            )
            for draft in created
        ),
    )
    copy_in(
        Opportunity,
        (
            Opportunity(lead=draft.lead, expected_value_cents=draft.lead.expected_value_cents)
            for draft in created
            if draft.lead.expected_value_cents
        ),
    )


def _write_new_touches(plan, updated):
    """A new touch and a new inquiry on the cards of people who were here already."""
    touches, inquiries = [], []
    for draft in updated:
        moment = draft.texts.get("created_at") or plan.moment
        source = plan.source_for(draft.texts.get("source"))
        touch = Touchpoint(lead=draft.lead, source=source, occurred_at=moment, **touch_of(draft.texts))
        touches.append(touch)
        inquiries.append(
            LeadActivity(
                lead=draft.lead,
                type=ActivityType.FORM_SUBMIT,
                occurred_at=moment,
                by=plan.by,
                notes=draft.values.get("notes", ""),
                payload={"import": plan.import_id, "line": draft.row.line},
            )
        )
        draft.changes["touch"] = str(touch.pk)
    _write_sources(plan)
    copy_in(Touchpoint, touches)
    copy_in(LeadActivity, inquiries)


def _write_sources(plan):
    LeadSource.objects.bulk_create(plan.new_sources)
    plan.new_sources = []


def _write_tags(created, updated):
    ids = [draft.lead.pk for draft in updated if draft.tags]
    worn = set(LeadTag.objects.filter(lead_id__in=ids).values_list("lead_id", "tag_id")) if ids else set()
    new = []
    for draft in chain(created, updated):
        added = [tag for tag in draft.tags if (draft.lead.pk, tag.pk) not in worn]
        worn |= {(draft.lead.pk, tag.pk) for tag in added}
        new += [LeadTag(lead_id=draft.lead.pk, tag_id=tag.pk) for tag in added]
        if added and draft.outcome == Outcome.UPDATED:
            draft.changes["tags"] = [str(tag.pk) for tag in added]
    copy_in(LeadTag, new)


def _row_of(plan, draft):
    """Rows that went in without a word are kept short; all others keep their cells, for the list of problems."""
    spoken = draft.reason or draft.warnings
    lead_id = draft.lead.pk if draft.lead is not None else getattr(draft.known, "pk", None)
    return LeadImportRow(
        lead_import_id=plan.import_id,
        line=draft.row.line,
        outcome=draft.outcome,
        reason=draft.reason,
        warnings=draft.warnings,
        cells=_cells_of(plan, draft.row) if spoken or draft.row.is_corrected else [],
        is_corrected=draft.row.is_corrected or draft.row.is_left_out,
        changes=seal_changes(draft.lead, draft.changes) if draft.changes else {},
        lead_id=lead_id,
    )


def _cells_of(plan, row):
    """The cells as they stood in the file; a clinic with minimal lead privacy keeps none of the columns left out."""
    if plan.keeps_all:
        return list(row.cells)
    return [cell if target != IGNORE else "" for cell, target in zip(row.cells, plan.targets, strict=False)]


def trial_rows(plan, drafts):
    """The rows of a trial that have something to say, unsaved."""
    rows = [
        _row_of(plan, draft)
        for draft in drafts
        if draft.reason or draft.warnings or draft.row.is_corrected or draft.outcome in LeadImportRow.PROBLEMS
    ]
    for row in rows:
        row.is_dry_run, row.changes = True, {}
        row.lead_id = row.lead_id if row.outcome in LeadImportRow.PROBLEMS else None
    return rows


def summary_of(plan, drafts, summary):
    """Add to what the whole run tells: new sources and tags, households, refusals, remarks."""
    summary["sources"] = list(
        dict.fromkeys([*summary.get("sources", []), *(source.name for source in plan.new_sources)])
    )
    summary["tags"] = list(dict.fromkeys([*summary.get("tags", []), *(tag.name for tag in plan.new_tags)]))
    summary["households"] = summary.get("households", 0) + sum(draft.has_housemates for draft in drafts)
    summary["refusals"] = summary.get("refusals", 0) + sum(bool(draft.refusals) for draft in drafts)
    summary["remarks"] = summary.get("remarks", 0) + sum(
        bool(draft.warnings) and draft.outcome not in LeadImportRow.PROBLEMS for draft in drafts
    )
    summary["notices"] = list(plan.rules.notices)
    summary["rules"] = {"day_first": plan.rules.day_first, "decimal_mark": plan.rules.decimal_mark}
    return summary
