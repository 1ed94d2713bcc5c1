"""What happens while nobody has called a new lead: the coordinator is reminded, the manager told, somebody else asked.

A short tick looks for clocks whose next moment has come. Each is worked off in a transaction of its own, once, whoever
looks first. Steps that have become void (the lead was called, lost, deleted) end without a word.
"""

import structlog
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.absence import managers_of, stand_in_for
from clinics.audit import SYSTEM, record
from clinics.live import publish
from clinics.notifications import language_of, notify
from clinics.tenancy import clinic_scope
from crm.alarms import BY_CLOCK, raise_alarm
from crm.assignment.choosing import How
from crm.assignment.giving import assign_lead, decide_anew, turns_of
from crm.lead_clocks import Step, moments_for
from crm.locking import lock_lead
from crm.models import Lead, LeadClock, LeadStatus
from crm.rules import CoordinatorMissing

AT_ONCE = 200
log = structlog.get_logger("recare.speed")


def ring_due_clocks(clinic):
    """Work off the clocks of a clinic whose moment has come; returns how many there were."""
    with clinic_scope(clinic):
        due = list(LeadClock.objects.ringing(timezone.now()).values_list("pk", "lead_id")[:AT_ONCE])
    for clock_id, lead_id in due:
        try:
            with clinic_scope(clinic):
                ring_clock(clock_id, lead_id)
        except Exception as error:  # one clock that cannot be worked off stops no other
            log.exception("clock not worked off", clock_id=str(clock_id), error=type(error).__name__)
    return len(due)


@transaction.atomic
def ring_clock(clock_id, lead_id):
    """Do what is due about one lead that nobody has called, by the hours and settings as they are now."""
    try:
        lead = lock_lead(Lead(pk=lead_id))
    except Lead.DoesNotExist:
        LeadClock.objects.filter(pk=clock_id).update(next_at=None, next_step="")
        return
    now = timezone.now()
    clock = LeadClock.objects.select_for_update().filter(pk=clock_id, next_at__lte=now).first()
    if clock is None:
        return
    moments, step = moments_for(lead), clock.next_step
    clock.due_at = moments.due_at
    if lead.status != LeadStatus.NEW or lead.first_contacted_at is not None:
        clock.next_at, clock.next_step = None, ""
    elif (moment := moments.of(step)) is not None and moment > now:
        clock.next_at = moment
    else:
        if moment is not None:  # else the clinic has switched this step off
            _take_step(lead, clock, step, now)
        clock.next_at, clock.next_step = moments.after(step)
    clock.save()


def _take_step(lead, clock, step, now):
    if step == Step.WARN:
        clock.warned_at = now
        _warn(lead, clock, now)
    elif step == Step.ESCALATE:
        clock.escalated_at = now
        _escalate(lead)
    elif step == Step.REASSIGN:
        clock.reassigned_at = now
        _reassign(lead)
    publish("board", f"lead-{lead.pk}")


def _warn(lead, clock, now):
    """A reminder that comes when time is up already, since nobody was looking, would say nothing."""
    if lead.assigned_to is None or now >= clock.due_at:
        return
    member = stand_in_for(lead.assigned_to)
    minutes = max(1, round((clock.due_at - now).total_seconds() / 60))
    with translation.override(language_of(member)):
        words = ngettext("Call %(lead)s: %(n)s minute left", "Call %(lead)s: %(n)s minutes left", minutes)
        notify(member, "speed", words % {"lead": lead, "n": minutes}, url=lead.get_absolute_url())


def _escalate(lead):
    owner = lead.assigned_to
    for manager in managers_of(owner):
        with translation.override(language_of(manager)), timezone.override(lead.clinic.zone):
            words = _("Nobody has called %(lead)s, who asked at %(time)s. Coordinator: %(name)s")
            asked = date_format(timezone.localtime(lead.captured_at), "SHORT_DATETIME_FORMAT").rstrip(".")
            facts = {"lead": lead, "time": asked, "name": owner.display_name if owner else _("nobody")}
            raise_alarm(manager, BY_CLOCK, words % facts, lead)
    record("crm.lead.escalated", lead, by=SYSTEM, after={"assigned_to": owner})


def _reassign(lead):
    """By the rules, to anybody but who has let the time pass; with nobody else, it stays."""
    try:
        decision = decide_anew(lead, turns_of(lead.clinic), How.MISSED, but=lead.assigned_to_id)
        assign_lead(lead, None, by=SYSTEM, how=decision)
    except CoordinatorMissing:
        return
