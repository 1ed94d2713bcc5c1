"""What each cell of the list of leads is drawn from: plain words, so that equal cells are drawn only once.

Each function takes (lead, task, tags) of a row and returns the facts of that part of
`templates/crm/lead_list/_cells.html` which has the name of the column.
"""

from django.utils.translation import gettext as _

from clinics.templatetags.ui import age, exact, money, phone, short_date, tint
from crm.models import LeadStatus

MARKS = {LeadStatus.LOST: "lost", LeadStatus.CONVERTED: "won"}


def check(lead, _task, _tags):
    return {"pk": lead.pk, "label": _("Select %(lead)s") % {"lead": lead}}


def name(lead, _task, _tags):
    return {"name": lead.display_name, "url": lead.get_absolute_url(), "patient": lead.patient_name}


def stage(lead, _task, _tags):
    archived = lead.get_status_display() if lead.status == LeadStatus.ARCHIVED else ""
    return {"stage": lead.stage.name, "mark": MARKS.get(lead.status, ""), "archived": archived}


def number(lead, _task, _tags):
    return {"number": lead.phone_e164, "words": phone(lead.phone_e164) if lead.phone_e164 else lead.phone}


def next_step(lead, task, _tags):
    if task is None:
        return {"task": "", "is_missing": lead.is_open}
    words = f"{task.title}, {short_date(task.due_at)}"
    return {"task": words, "title": exact(task.due_at), "is_overdue": task.is_overdue}


def coordinator(lead, _task, _tags):
    member = lead.assigned_to
    if member is None:
        return {"name": ""}
    return {"name": member.display_name, "short": member.short_name, "tint": tint(member.pk)}


def source(lead, _task, _tags):
    return {"text": lead.source.name}


def value(lead, _task, _tags):
    return {"text": money(lead.expected_value_cents)}


def since(lead, _task, _tags):
    return {"text": age(lead.stage_entered_at), "title": exact(lead.stage_entered_at)}


def captured(lead, _task, _tags):
    return {"text": short_date(lead.captured_at), "title": exact(lead.captured_at)}


def email(lead, _task, _tags):
    return {"address": lead.email}


def status(lead, _task, _tags):
    return {"text": lead.get_status_display()}


def interest(lead, _task, _tags):
    return {"text": ", ".join(map(str, lead.interests))}


def labels(_lead, _task, tags):
    return {"tags": tags}


def location(lead, _task, _tags):
    return {"text": lead.location.name if lead.location else ""}


def patient(lead, _task, _tags):
    return {"text": lead.patient_name}


def lost_reason(lead, _task, _tags):
    return {"text": lead.get_lost_reason_display()}


def campaign(lead, _task, _tags):
    return {"text": lead.source_campaign}


def city(lead, _task, _tags):
    return {"text": lead.city}


def contacted(lead, _task, _tags):
    return {"text": short_date(lead.first_contacted_at), "title": exact(lead.first_contacted_at)}


def external_id(lead, _task, _tags):
    return {"text": lead.external_id or ""}


CELLS = {
    "check": check, "name": name, "stage": stage, "phone": number, "next": next_step, "coordinator": coordinator,
    "source": source, "value": value, "since": since, "captured": captured, "email": email, "status": status,
    "interest": interest, "tags": labels, "location": location, "patient": patient, "lost_reason": lost_reason,
    "campaign": campaign, "city": city, "contacted": contacted, "external_id": external_id,
}  # fmt: skip
