"""Who saw a lead and what was done to it, from the audit log, in words that people read."""

import hashlib
from datetime import timedelta

from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.models import AuditLog

VIEWED = "crm.lead.viewed"
SHOWN_FOR = timedelta(hours=1)
WORDS = {
    VIEWED: _("Looked at it"),
    "crm.lead.captured": _("Took it in"),
    "crm.lead.asked_again": _("Asked again"),
    "crm.lead.edited": _("Changed"),
    "crm.lead.moved": _("Moved to another stage"),
    "crm.lead.converted": _("Made a patient of it"),
    "crm.lead.became_patients": _("Made patients of it"),
    "crm.lead.conversion_undone": _("Took back that it became patients"),
    "crm.lead.lost": _("Marked it as lost"),
    "crm.lead.reopened": _("Reopened it"),
    "crm.lead.move_undone": _("Undid a move"),
    "crm.lead.assigned": _("Gave it to another coordinator"),
    "crm.lead.assignment_undone": _("Undid the change of coordinator"),
    "crm.lead.escalated": _("Told the manager that nobody had called"),
    "crm.lead.card_kept": _("Kept the card although the schedule says otherwise"),
    "crm.lead.card_keep_undone": _("Took back that the card may stay"),
    "crm.lead.activity_logged": _("Wrote down what happened"),
    "crm.lead.activity_undone": _("Took back what was written"),
    "crm.lead.tagged": _("Put a tag on it"),
    "crm.lead.untagged": _("Took a tag off"),
    "crm.lead.activity_corrected": _("Corrected what was written"),
    "crm.document.added": _("Attached a document"),
    "crm.document.deleted": _("Deleted a document"),
    "crm.document.opened": _("Opened a document"),
    "crm.document.restored": _("Brought a document back"),
    "crm.task.changed": _("Changed a task"),
    "crm.task.snoozed": _("Put a task off"),
    "crm.task.cancelled": _("Dropped a task"),
    "crm.task.change_undone": _("Took back a change of a task"),
    "crm.lead.archived": _("Archived it"),
    "crm.lead.unarchived": _("Took it out of the archive"),
    "crm.lead.merged": _("Merged another lead into it"),
    "crm.lead.merged_away": _("Merged it into another lead"),
    "crm.lead.merge_undone": _("Undid a merge"),
    "crm.duplicate.decided": _("Decided on a possible duplicate"),
    "crm.duplicate.reopened": _("Took back a decision on a possible duplicate"),
    "crm.lead.withdrawn": _("Took it back after entering it"),
    "crm.task.created": _("Set a task"),
    "crm.task.completed": _("Finished a task"),
    "crm.task.reopened": _("Opened a task again"),
    "crm.task.withdrawn": _("Took back a task"),
    "crm.opportunity.set": _("Said what it would be worth"),
}


def trail_of(lead, *, only_views=False):
    """The audit entries about a lead, newest first, with who it was."""
    entries = AuditLog.objects.about(lead).for_list()
    return entries.filter(action=VIEWED) if only_views else entries


def was_shown_lately(lead, member):
    """Whether this member's look at this lead stands on record within the hour."""
    since = timezone.now() - SHOWN_FOR
    return trail_of(lead, only_views=True).filter(actor=member, created_at__gt=since).exists()


def shown_lately(leads, member):
    """Those of some leads whose look by this member stands on record within the hour, as a set of ids: one query."""
    since = timezone.now() - SHOWN_FOR
    looks = AuditLog.objects.filter(resource_type="crm.lead", resource_id__in=[lead.pk for lead in leads])
    return set(looks.filter(action=VIEWED, actor=member, created_at__gt=since).values_list("resource_id", flat=True))


def in_words(action):
    """An action as people read it; one that has no words yet is shown as it is recorded."""
    return WORDS.get(action, action)


def record_listing(page, query, *, by):
    """Write down that a member had many leads before them, once an hour for each page and way of narrowing it.

    Records "crm.lead.listed" with the `page` (the name of its view) and the filters of its `query`.
    """
    filters = filters_for_log(query)
    mark = hashlib.sha256(f"{page}?{filters}".encode()).hexdigest()
    if cache.add(f"listed:{by.pk}:{mark}", 1, timeout=SHOWN_FOR.total_seconds()):
        record("crm.lead.listed", by=by, metadata={"page": page, "filters": filters})


def filters_for_log(query):
    """The filters of an address as the log keeps them: a name that was looked for is of nobody it should remember."""
    asked = QueryDict(query, mutable=True)
    if asked.pop("q", None):
        asked["q"] = "•••"
    return asked.urlencode()
