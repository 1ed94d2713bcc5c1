"""What each cell of the list of leads is drawn from: plain words, so that equal cells are drawn only once."""

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from clinics.moments import moments_of_reader
from clinics.templatetags.memory import draw
from clinics.templatetags.ui import money, phone, tint
from crm.models import LeadStatus, LostReason

MARKS = {LeadStatus.LOST: "lost", LeadStatus.CONVERTED: "won"}
TEMPLATE = "crm/lead_list/_cells.html"


class Cells:
    """Draws the cells of one table; what they have in common is looked up once.

    Each method with the name of a column takes (lead, task, tags) of a crm.lead_table.Row, and returns the facts of the
    part of `templates/crm/lead_list/_cells.html` with the same name.
    """

    def __init__(self):
        self.moments, self.now = moments_of_reader(), timezone.now()
        self.leads_url, self.select = reverse("crm:lead_list"), _("Select %(lead)s")

    def of(self, row, keys):
        """The cells of a row for the columns of these keys, as HTML."""
        return [draw(f"{TEMPLATE}#{key}", getattr(self, key)(*row), self.moments.language) for key in keys]

    def check(self, lead, _task, _tags):
        return {"pk": lead.pk, "label": self.select % {"lead": lead}}

    def name(self, lead, _task, _tags):
        return {"name": lead.display_name, "url": f"{self.leads_url}{lead.pk}/", "patient": lead.patient_name}

    def stage(self, lead, _task, _tags):
        archived = self.statuses[lead.status] if lead.status == LeadStatus.ARCHIVED else ""
        return {"stage": lead.stage, "mark": MARKS.get(lead.status, ""), "archived": archived}

    def phone(self, lead, _task, _tags):
        return {"number": lead.phone_e164, "words": phone(lead.phone_e164) if lead.phone_e164 else lead.phone}

    def next(self, lead, task, _tags):
        if task is None:
            return {"task": "", "is_missing": lead.is_open}
        words = f"{task.title}, {self.moments.short_date(task.due_at)}"
        return {"task": words, "title": self.moments.exact(task.due_at), "is_overdue": task.due_at < self.now}

    def coordinator(self, lead, _task, _tags):
        if lead.owner_id is None:
            return {"name": ""}
        return {"name": lead.owner_name, "short": lead.owner_short_name, "tint": tint(lead.owner_id)}

    def source(self, lead, _task, _tags):
        return {"text": lead.source}

    def value(self, lead, _task, _tags):
        return {"text": money(lead.expected_value_cents)}

    def since(self, lead, _task, _tags):
        return {"text": self.moments.age(lead.stage_entered_at), "title": self.moments.exact(lead.stage_entered_at)}

    def captured(self, lead, _task, _tags):
        return {"text": self.moments.short_date(lead.captured_at), "title": self.moments.exact(lead.captured_at)}

    def email(self, lead, _task, _tags):
        return {"address": lead.email}

    def status(self, lead, _task, _tags):
        return {"text": self.statuses[lead.status]}

    def interest(self, lead, _task, _tags):
        return {"text": ", ".join(map(str, lead.interests))}

    def tags(self, _lead, _task, tags):
        return {"tags": tags}

    def location(self, lead, _task, _tags):
        return {"text": lead.location or ""}

    def patient(self, lead, _task, _tags):
        return {"text": lead.patient_name}

    def lost_reason(self, lead, _task, _tags):
        return {"text": str(LostReason(lead.lost_reason).label) if lead.lost_reason else ""}

    def campaign(self, lead, _task, _tags):
        return {"text": lead.source_campaign}

    def city(self, lead, _task, _tags):
        return {"text": lead.city}

    def contacted(self, lead, _task, _tags):
        moment = lead.first_contacted_at
        return {"text": self.moments.short_date(moment), "title": self.moments.exact(moment)}

    def external_id(self, lead, _task, _tags):
        return {"text": lead.external_id or ""}

    @cached_property
    def statuses(self):
        return {status: str(status.label) for status in LeadStatus}
