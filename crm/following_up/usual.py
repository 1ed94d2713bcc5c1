"""The rules that a clinic starts with, in its language; its admin changes all of them afterwards."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# Where a lead waits for a decision, in each kind of practice: the first of these stages that there is.
DECIDING = ("pending_decision", "care_plan_presented", "consult_booked")
CONFIRMATION = _(
    "Hello {first_name}, your consultation at {clinic} is booked: {appointment}. Tell us if it does not suit."
)
GOODBYE_SUBJECT = _("Shall we keep your place?")
GOODBYE = _(
    "Hello {first_name}, we have tried to reach you a few times and do not want to press. If you are still interested, "
    "just answer this message. Otherwise we wish you all the best. {coordinator}, {clinic}"
)


def usual_rules(*, templates, stages):
    """The facts of each usual rule that this clinic can have: `templates` by title, `stages` by slug (rows or ids).

    The six of a good practice, and the one that suggests to give up; one whose task or stage is missing is left out.
    """
    deciding = next((stages[slug] for slug in DECIDING if slug in stages), None)
    found = [
        _task(1, "call_new", _("Call a new lead"), "First call", templates, trigger="LEAD_CREATED"),
        {
            "place": 2, "key": "no_contact", "name": gettext(_("Tell the manager of a lead that nobody called")),
            "trigger": "NO_CONTACT_HOURS", "threshold": 24, "action": "ESCALATE",
        },
        {
            "place": 3, "key": "confirm", "name": gettext(_("Confirm a booked consultation")),
            "trigger": "APPOINTMENT_BOOKED", "action": "MESSAGE", "message_channel": "SMS",
            "message_text": gettext(CONFIRMATION),
        },
        _task(
            4, "after_consultation", _("Follow up after the consultation"), "Follow up after the consultation",
            templates, trigger="APPOINTMENT_DONE",
        ),
        deciding and _task(
            5, "deciding", _("Check in while they decide"), "Check-in call", templates,
            trigger="STUCK_DAYS", threshold=7, trigger_stage=deciding,
        ),
        {
            "place": 6, "key": "goodbye", "name": gettext(_("Say goodbye after three attempts")),
            "trigger": "NO_RESPONSE", "threshold": 3, "delay": 1, "delay_unit": "DAYS", "action": "MESSAGE",
            "message_channel": "EMAIL", "message_subject": gettext(GOODBYE_SUBJECT), "message_text": gettext(GOODBYE),
        },
        "lost" in stages and {
            "place": 7, "key": "give_up", "name": gettext(_("Suggest lost after three attempts")),
            "trigger": "NO_RESPONSE", "threshold": 3, "action": "SUGGEST", "target_stage": stages["lost"],
        },
    ]  # fmt: skip
    return [facts for facts in found if facts]


def _task(place, key, name, title, templates, **facts):
    template = templates.get(gettext(title))
    if template is None:
        return None
    return {"place": place, "key": key, "name": gettext(name), "action": "TASK", "task_template": template, **facts}
