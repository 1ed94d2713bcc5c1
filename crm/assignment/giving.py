"""Giving leads to coordinators: the one way in which a lead gets an owner, whoever brings it and however."""

from collections import Counter
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinics.audit import record
from clinics.copying import copy_in
from clinics.live import publish
from clinics.models import ClinicUser
from clinics.notifications import language_of, notify
from clinics.writing import add_to, remove, whole, write_changes, write_new
from crm.assignment.choosing import Decision, How
from crm.assignment.turns import Turns
from crm.lead_clocks import follow_owner
from crm.locking import answer_for, lock_lead, once_for_all
from crm.models import ActivityType, AssignmentChange, AssignmentShare, Lead, LeadActivity, LeadTask
from crm.rules import UNDO_WITHIN, CoordinatorMissing, LeadIsLocked, NotACoordinator, NothingToUndo, UndoTooLate


def give_owner(lead, turns, *, by, preferred=None):
    """Give an unsaved lead its coordinator: who was named for it, or else whom the rules of `turns` choose.

    Its `assignment` is the change that write_assignments keeps when the lead is saved. Raises NotACoordinator,
    CoordinatorMissing.
    """
    if lead.assigned_to is None:
        decision = turns.decide(lead, preferred=preferred)
    elif lead.assigned_to_id in turns.people:
        decision = Decision(lead.assigned_to, How.NAMED)
    else:
        raise NotACoordinator
    lead.assigned_to, lead.assigned_at = decision.member, timezone.now()
    lead.assignment = _change(lead, decision, by=by)
    return lead


def write_assignments(changes):
    """Keep what was decided about leads that are saved by now: the history, and whose turn it is next."""
    owed = Counter()
    for change in changes:
        owed.update(change.credits)
    add_to(AssignmentShare, "credit", owed)
    if len(changes) == 1:
        changes[0].save(force_insert=True)
    else:
        copy_in(AssignmentChange, changes)


@whole
def assign_lead(lead, coordinator, *, by, how=How.HAND, is_told=True):
    """Give a lead to another coordinator, or, without one, to whom the rules choose; returns the lead.

    `how` says why: a Decision, if it was made already. Its `assignment` is the activity that undo_assignment takes
    back, None if nothing changed; the new coordinator finds a notice, unless they are told some other way (`is_told`).
    Records "crm.lead.assigned". Raises LeadIsLocked, NotACoordinator, CoordinatorMissing.
    """
    lead = lock_lead(lead)
    if lead.is_locked:
        raise LeadIsLocked
    decision = how if isinstance(how, Decision) else Decision(coordinator, how)
    check_coordinator(decision.member)
    lead.assignment = None
    if lead.assigned_to_id == decision.member.pk:
        return lead

    previous = lead.assigned_to
    lead.assigned_to, lead.assigned_at = decision.member, timezone.now()
    save_owner(lead, by=by)
    change = _change(lead, decision, by=by, previous=previous)
    lead.assignment = write_new(_activity(lead, change, by=by))
    change.pk = lead.assignment.pk
    write_new(change)
    add_to(AssignmentShare, "credit", change.credits)
    if change.task_ids:
        open_tasks = LeadTask.objects.open().filter(pk__in=change.task_ids)
        open_tasks.update(assigned_to=decision.member, updated_at=timezone.now())
    follow_owner(lead)
    record(
        "crm.lead.assigned",
        lead,
        by=by,
        before={"assigned_to": previous},
        after={"assigned_to": decision.member, "how": decision.how, "rule": change.rule_name},
    )
    if is_told and decision.member != by:
        with translation.override(language_of(decision.member)):
            text = _("%(lead)s is yours now.") % {"lead": lead.display_name}
        notify(decision.member, "lead_assigned", text, url=lead.get_absolute_url())
    publish("board", f"lead-{lead.pk}")
    return lead


def decide_anew(lead, turns, how, *, but=None):
    """Whom the rules give an open lead that somebody has already, and why it goes: a Decision with `how`.

    Raises CoordinatorMissing.
    """
    decision = turns.decide(lead, but=but)
    if decision.member.pk == but:
        raise CoordinatorMissing
    decision.how = how
    return decision


@whole
def undo_assignment(assignment, *, by, within=UNDO_WITHIN, even_to_nobody=False):
    """Give a lead back to whoever had it before `assignment` (its activity), with the tasks that went with it.

    Returns the lead. Records "crm.lead.assignment_undone". Raises LeadIsLocked, UndoTooLate after `within`,
    NothingToUndo if the lead has gone to somebody else since or had nobody before (unless `even_to_nobody`),
    NotACoordinator if who had it may no longer.
    """
    lead = lock_lead(Lead(pk=assignment.lead_id))
    if lead.is_locked:
        raise LeadIsLocked
    if assignment.created_at < timezone.now() - within:
        raise UndoTooLate
    previous_id, previous = assignment.payload.get("from_id"), None
    is_given_away = str(lead.assigned_to_id) != assignment.payload.get("to_id")
    if is_given_away or not (previous_id or even_to_nobody):
        raise NothingToUndo
    if previous_id:
        previous = once_for_all(coordinators).get(UUID(previous_id))
        if previous is None:
            raise NotACoordinator

    regretted, lead.assigned_to = lead.assigned_to, previous
    lead.assigned_at = timezone.now() if previous else None
    save_owner(lead, by=by)
    change = (answer_for(lead.pk, changes_of) or {}).get(assignment.pk)
    if change is not None:
        if change.task_ids:
            LeadTask.objects.open().filter(pk__in=change.task_ids, assigned_to=regretted).update(assigned_to=previous)
        change.undone_at = timezone.now()
        write_changes(change, ["undone_at", "updated_at"])
    remove(LeadActivity, pk=assignment.pk)
    record(
        "crm.lead.assignment_undone", lead, by=by, before={"assigned_to": regretted}, after={"assigned_to": previous}
    )
    publish("board", f"lead-{lead.pk}")
    return lead


def check_coordinator(member):
    """Raise NotACoordinator for somebody who may not own leads."""
    if member.pk not in once_for_all(coordinators):
        raise NotACoordinator


def coordinators():
    """{id: ClinicUser} of everybody who may own leads."""
    return {member.pk: member for member in ClinicUser.objects.coordinators().select_related("user")}


def assignments_of(lead_ids):
    """{lead id: {id: the activity that tells of an assignment}}."""
    return _by_lead(LeadActivity.objects.filter(lead__in=lead_ids, type=ActivityType.ASSIGNMENT_CHANGE))


def changes_of(lead_ids):
    """{lead id: {id: AssignmentChange}}."""
    return _by_lead(AssignmentChange.objects.filter(lead__in=lead_ids))


def _by_lead(rows):
    found = {}
    for row in rows:
        found.setdefault(row.lead_id, {})[row.pk] = row
    return found


def save_owner(lead, *, by):
    lead.version += 1
    lead.updated_by = by
    write_changes(lead, ["assigned_to", "assigned_at", "version", "updated_by", "updated_at"])


def turns_of(clinic):
    """The rules and people of a clinic as they stand now."""
    return Turns(clinic)


def _change(lead, decision, *, by, previous=None):
    change = AssignmentChange(
        lead=lead,
        from_member=previous,
        to_member=decision.member,
        how=decision.how,
        rule=decision.rule,
        rule_name=decision.rule.name if decision.rule else "",
        stands_in_for=decision.stands_in_for,
        task_ids=decision.task_ids,
        by=by,
        changed_at=lead.assigned_at,
    )
    change.credits = decision.credits
    return change


def _activity(lead, change, *, by):
    previous, to = change.from_member, change.to_member
    return LeadActivity(
        lead=lead,
        type=ActivityType.ASSIGNMENT_CHANGE,
        occurred_at=change.changed_at,
        by=by,
        payload={
            "to": to.display_name,
            "to_id": str(to.pk),
            "from": previous.display_name if previous else "",
            "from_id": str(previous.pk) if previous else "",
            "how": change.how,
            "rule": change.rule_name,
        },
    )
