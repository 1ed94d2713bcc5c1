"""What each cell of the list of leads is drawn from: plain words, so that equal cells are drawn only once."""

from django.utils.functional import cached_property

from clinics.list_cells import ListCells
from clinics.templatetags.memory import draw
from clinics.templatetags.ui import money, phone, tint
from crm.models import LeadStatus, LostReason
from crm.own_questions import is_own_name

MARKS = {LeadStatus.LOST: "lost", LeadStatus.CONVERTED: "won"}


class LeadCells(ListCells):
    """Each method takes (lead, task, tags) of a crm.lead_table.Row."""

    template, page = "crm/lead_list/_cells.html", "crm:lead_list"

    def cell(self, row, key):
        if is_own_name(key):
            text = row.lead.answer_to(key)
            return draw(f"{self.template}#answer", {"text": text}, self.moments.language)
        return super().cell(row, key)

    def check(self, lead, _task, _tags):
        return {"pk": lead.pk, "label": self.select % {"name": lead}}

    def name(self, lead, _task, _tags):
        return {"pk": lead.pk, "name": lead.display_name, "url": f"{self.url}{lead.pk}/", "patient": lead.patient_name}

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
        return self.moment(lead.captured_at)

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
        return self.moment(lead.first_contacted_at)

    def external_id(self, lead, _task, _tags):
        return {"text": lead.external_id or ""}

    @cached_property
    def statuses(self):
        return {status: str(status.label) for status in LeadStatus}
