"""A rule as a sentence: when, for whom, after how long, what."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.templatetags.ui import money
from crm.models import DelayUnit, FollowUpAction, TreatmentInterest, Trigger


def sentence_of(rule):
    """What a rule of FollowUpRule.objects.for_sentence() does, in one sentence."""
    parts = [_when(rule), *_for_whom(rule)]
    return f"{', '.join(parts)}: {_after(rule)}{_what(rule)}"


def _when(rule):
    told = {"n": rule.threshold, "stage": rule.trigger_stage}
    if rule.trigger == Trigger.STAGE_ENTERED:
        return _("When a lead comes to %(stage)s") % told
    if rule.trigger == Trigger.STUCK_DAYS and rule.trigger_stage:
        text = ngettext(
            "When a lead has been in %(stage)s for a day",
            "When a lead has been in %(stage)s for %(n)s days",
            rule.threshold,
        )
        return text % told
    if rule.trigger == Trigger.STUCK_DAYS:
        return (
            ngettext(
                "When a lead has been in its stage for a day",
                "When a lead has been in its stage for %(n)s days",
                rule.threshold,
            )
            % told
        )
    if rule.trigger == Trigger.NO_CONTACT_HOURS:
        text = ngettext(
            "When nobody has contacted a new lead for an hour",
            "When nobody has contacted a new lead for %(n)s hours",
            rule.threshold,
        )
        return text % told
    if rule.trigger == Trigger.NO_RESPONSE:
        return (
            ngettext(
                "When an attempt stays without an answer", "When %(n)s attempts stay without an answer", rule.threshold
            )
            % told
        )
    return {
        Trigger.LEAD_CREATED: _("When a lead comes in"),
        Trigger.APPOINTMENT_BOOKED: _("When a consultation is booked"),
        Trigger.APPOINTMENT_DONE: _("When a consultation has taken place"),
        Trigger.APPOINTMENT_MISSED: _("When a consultation was missed"),
    }[rule.trigger]


def _for_whom(rule):
    told = [
        (rule.source_id, _("from %(what)s"), rule.source),
        (rule.stage_id, _("in the stage %(what)s"), rule.stage),
        (rule.interest, _("interested in %(what)s"), rule.interest and TreatmentInterest(rule.interest).label),
        (rule.has_tag_id, _("tagged %(what)s"), rule.has_tag),
        (rule.coordinator_id, _("of %(what)s"), rule.coordinator),
        (rule.location_id, _("at %(what)s"), rule.location),
        (rule.value_from_cents, _("worth %(what)s or more"), money(rule.value_from_cents)),
        (rule.value_to_cents, _("worth %(what)s at most"), money(rule.value_to_cents)),
    ]
    return [words % {"what": what} for is_asked, words, what in told if is_asked]


def _after(rule):
    if not rule.delay:
        return ""
    text = {
        DelayUnit.MINUTES: ngettext(
            "after %(n)s minute of business hours, ", "after %(n)s minutes of business hours, ", rule.delay
        ),
        DelayUnit.HOURS: ngettext("after %(n)s business hour, ", "after %(n)s business hours, ", rule.delay),
        DelayUnit.DAYS: ngettext("after %(n)s business day, ", "after %(n)s business days, ", rule.delay),
    }[rule.delay_unit]
    return text % {"n": rule.delay}


def _what(rule):
    if rule.action == FollowUpAction.TASK:
        return _("set the task “%(what)s”.") % {"what": rule.task_template}
    if rule.action == FollowUpAction.MESSAGE:
        return _("send a message (%(what)s).") % {"what": str(rule.get_message_channel_display()).lower()}
    if rule.action == FollowUpAction.SUGGEST:
        return _("suggest to move the lead to %(what)s.") % {"what": rule.target_stage}
    if rule.action == FollowUpAction.TAG:
        return _("put the tag %(what)s on.") % {"what": rule.tag}
    return _("tell the manager.")
