"""What to say: a few words to begin a call with, by what is known of the lead. A help to read from, never sent."""

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Blocker, TreatmentInterest
from crm.queue_ranking import GIVE_UP, NEW, UNPLANNED

NOON, EVENING = 12, 18


def greeting(moment):
    """Good morning, afternoon or evening, by the local hour."""
    if moment.hour < NOON:
        return _("Good morning")
    return _("Good afternoon") if moment.hour < EVENING else _("Good evening")


def script_for(entry, member, clinic):
    """The first sentences of a call with the person of a crm.queue.Entry."""
    lead = entry.lead
    told = {
        "greeting": greeting(timezone.localtime()),
        "name": lead.first_name or lead.display_name,
        "me": member.short_name,
        "clinic": clinic.name,
        "about": _about(lead),
        "patient": entry.patient,
        "task": entry.task.title if entry.task else "",
    }
    hello = _("%(greeting)s, %(name)s, it is %(me)s from %(clinic)s.")
    return f"{hello} {_matter(entry)}" % told


def _about(lead):
    """What they asked for, in the middle of a sentence; a general inquiry names nothing."""
    named = [value for value in lead.treatment_interest if value != TreatmentInterest.GENERAL_INQUIRY]
    return str(TreatmentInterest(named[0]).label).lower() if named else _("a treatment")


def _matter(entry):
    blocker = entry.lead.blocker
    if entry.reason == NEW:
        return _("You asked us about %(about)s. What would you like to know, and when could you come by?")
    if entry.reason == GIVE_UP:
        return _("I have tried to reach you a few times. Is this still of interest, or shall I leave it for now?")
    if blocker == Blocker.COST:
        return _("I looked at how the cost can be spread. May I go through it with you?")
    if blocker == Blocker.TIMING:
        return _("You said that the time was not right. When would it suit you better?")
    if blocker == Blocker.INSURANCE:
        return _("I have a word on your insurance. Do you have two minutes?")
    if blocker == Blocker.CONFIDENCE:
        return _("I wondered whether anything is still unclear. What would help you decide?")
    if entry.patient:
        return _("I am calling about %(about)s for %(patient)s. How are you getting on with it?")
    if entry.reason == UNPLANNED:
        return _("You asked us about %(about)s a while ago. Where do you stand with it?")
    return _("I am calling about %(about)s. Is this a good moment?")
