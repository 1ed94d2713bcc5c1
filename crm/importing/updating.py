"""Fills in what is empty on leads that are here already, and notes what was there, so that it can be undone."""

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.importing.drafting import PLAIN
from crm.importing.options import OfRepeats, Repeats
from crm.intake import SEALED, normalise
from crm.models import Lead, Opportunity

FILLED = (*PLAIN, "treatment_interest")
SEARCHED = ("phone_e164", "phone_alt_e164", "email_norm", "name_key")


def fill_in(plan, drafts, *, lock=True):
    """Change, in memory, the leads that these drafts repeat; a draft that brings nothing new is left out."""
    ids = {draft.known.pk for draft in drafts if draft.known.draft is None and draft.known.pk}
    rows = Lead.objects.present().filter(pk__in=ids).order_by("pk")
    here = {lead.pk: lead for lead in (rows.select_for_update() if lock else rows)} if ids else {}
    for draft in drafts:
        within = draft.known.draft
        lead = within.lead if within else here.get(draft.known.pk)
        if lead is None:
            continue
        if lead.is_locked:
            draft.leave_out(_("This person has become a patient. Their history is kept as it is."))
            continue
        draft.lead = lead
        draft.changes = _fill(lead, draft.values, plan)
        if not draft.changes and not draft.tags and plan.options.repeats != Repeats.TOUCH:
            draft.leave_out(_("%(reason)s It brings nothing new.") % {"reason": draft.reason})
        elif within:
            draft.changes, lead.version = {}, 1


def _fill(lead, values, plan):
    """Set the fields of a lead that the row names, as the options say of each; what is empty in the file stays.

    What somebody wrote about a lead is never replaced by the file unless that was chosen for the notes alone. Answers
    {field: [before, after]}, and for `extra` what was added to it.
    """
    changes = {}
    for name in FILLED:
        before, after = getattr(lead, name), values.get(name)
        choice = plan.options.for_field(name)
        may_replace = choice == OfRepeats.FILE and (name != "notes" or name in plan.options.fields)
        if after and before != after and choice != OfRepeats.OURS and (not before or may_replace):
            changes[name] = [before, after]
            setattr(lead, name, after)
    added = {key: text for key, text in values.get("extra", {}).items() if key not in lead.extra}
    if added:
        changes["extra"] = added
        lead.extra = lead.extra | added
    if changes:
        normalise(lead, region=plan.clinic.phone_region)
        lead.version += 1
        lead.updated_by, lead.updated_at = plan.by, timezone.now()
    return changes


def save_filled(drafts):
    """Write the leads that `fill_in` has changed, and what they are worth now."""
    leads = list({draft.lead.pk: draft.lead for draft in drafts if draft.changes}.values())
    names = {name for draft in drafts for name in draft.changes if name != "tags"}
    if names:
        fields = [*names - SEALED, *SEARCHED, "household", "version", "updated_by", "updated_at"]
        Lead.objects.bulk_update(leads, fields, batch_size=200)
    for draft in drafts:
        if sealed := SEALED & draft.changes.keys():
            draft.lead.save(update_fields=sorted(sealed))
    worth = [draft for draft in drafts if "expected_value_cents" in draft.changes]
    Opportunity.objects.bulk_create(
        [Opportunity(lead=each.lead, expected_value_cents=each.changes["expected_value_cents"][1]) for each in worth],
        update_conflicts=True,
        update_fields=["expected_value_cents"],
        unique_fields=["clinic", "lead"],
    )
