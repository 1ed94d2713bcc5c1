"""What each cell of the list of patients is drawn from: plain words, so that equal cells are drawn only once."""

from django.template.defaultfilters import date as format_date

from clinics.list_cells import ListCells
from clinics.templatetags.ui import count, percent, phone


class PatientCells(ListCells):
    """Each method takes (patient, next_at, tags) of a patients.patient_table.Row."""

    template, page = "patients/patient_list/_cells.html", "patients:patient_list"

    def check(self, patient, _next_at, _tags):
        return {"pk": patient.pk, "label": self.select % {"name": patient}}

    def name(self, patient, _next_at, _tags):
        return {
            "pk": patient.pk,
            "name": str(patient),
            "url": f"{self.url}{patient.pk}/",
            "is_silent": patient.do_not_contact,
        }

    def segment(self, patient, _next_at, _tags):
        return {"segment": patient.segment, "text": str(patient.get_segment_display())}

    def priority(self, patient, _next_at, _tags):
        return {"level": patient.contact_priority, "text": str(patient.get_contact_priority_display())}

    def risk(self, patient, _next_at, _tags):
        if not patient.churn_risk_level:
            return {"text": ""}
        return {"text": str(patient.get_churn_risk_level_display()), "share": percent(patient.churn_risk_score)}

    def phone(self, patient, _next_at, _tags):
        number = patient.phone_e164
        return {"number": number, "words": phone(number) if number else patient.phone}

    def next(self, _patient, next_at, _tags):
        return self.moment(next_at) if next_at else {"text": ""}

    def last_visit(self, patient, _next_at, _tags):
        return self.moment(patient.last_visit_at)

    def visits(self, patient, _next_at, _tags):
        return {"n": patient.visit_count, "text": count(patient.visit_count)}

    def provider(self, patient, _next_at, _tags):
        return {"text": str(patient.provider or "")}

    def location(self, patient, _next_at, _tags):
        return {"text": str(patient.location or "")}

    def email(self, patient, _next_at, _tags):
        return {"address": patient.email}

    def tags(self, _patient, _next_at, tags):
        return {"tags": tags}

    def channel(self, patient, _next_at, _tags):
        return {"text": str(patient.get_preferred_channel_display())}

    def language(self, patient, _next_at, _tags):
        return {"text": str(patient.get_preferred_language_display())}

    def due(self, patient, _next_at, _tags):
        return {"text": format_date(patient.recall_due_on, "SHORT_DATE_FORMAT")}

    def first_visit(self, patient, _next_at, _tags):
        return self.moment(patient.first_visit_at)

    def added(self, patient, _next_at, _tags):
        return self.moment(patient.created_at)

    def city(self, patient, _next_at, _tags):
        return {"text": patient.city}

    def external_id(self, patient, _next_at, _tags):
        return {"text": patient.external_id or ""}

    def silent(self, patient, _next_at, _tags):
        return {"is_silent": patient.do_not_contact}
