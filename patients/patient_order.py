"""The order of the list of patients: what clinics/list_order.py does, with the columns of patients."""

from functools import cached_property

from django.db.models import Count, F, Min, Q
from django.utils import timezone

from clinics.list_order import OrderedRows
from patients.models import Appointment, ContactPriority, Segment

USUAL_SORT = "name"
BY_NAME = ("name_key", "pk")


class OrderedPatients(OrderedRows):
    plain = {"name": "name_key", "visits": "visit_count", "added": "created_at"}
    sparse = {
        "last_visit": ("last_visit_at", Q(last_visit_at__isnull=False)),
        "first_visit": ("first_visit_at", Q(first_visit_at__isnull=False)),
        "risk": ("churn_risk_score", Q(churn_risk_score__isnull=False)),
        "due": ("recall_due_on", Q(recall_due_on__isnull=False)),
        "phone": ("phone_e164", Q(phone_e164__gt="")),
        "email": ("email_norm", Q(email_norm__gt="")),
    }
    grouped = {
        "segment": ("segment", BY_NAME, lambda: list(Segment)),
        "priority": ("contact_priority", BY_NAME, lambda: list(ContactPriority)),
        "location": ("location_id", BY_NAME, None),
        "provider": ("provider_id", BY_NAME, None),
    }
    may_be_blank = ("contact_priority",)
    named = {"location": "location__name", "provider": "provider__name"}

    @cached_property
    def groups(self):
        """As in OrderedRows; places and providers are counted and put in order by one query."""
        if self.column not in self.named:
            return super().groups
        field, name = self.grouped[self.column][0], self.named[self.column]
        order = F(name).desc(nulls_last=True) if self.down else F(name).asc(nulls_last=True)
        numbers = self.rows.values_list(field, name).annotate(number=Count("clinic")).order_by(order, field)
        return [(Q(**{field: value}), number) for value, _name, number in numbers]


class PatientsByNextAppointment(OrderedPatients):
    """Whoever comes first stands on top (or last); patients who are not booked follow, by name."""

    @cached_property
    def coming(self):
        return Appointment.objects.standing().filter(starts_at__gte=timezone.now())

    @cached_property
    def groups(self):
        # Whoever comes is put in a table of hashes once: asked patient by patient, page 500 costs five times as much.
        booked = Q(pk__in=self.coming.filter(patient__isnull=False).values("patient_id"))
        figures = self.rows.aggregate(booked=Count("clinic", filter=booked), everybody=Count("clinic"))
        return [(booked, figures["booked"]), (~booked, figures["everybody"] - figures["booked"])]

    def __getitem__(self, span):
        (_booked, number), (not_booked, _rest) = self.groups
        start, stop = span.start, min(span.stop, self.count())
        next_one = self.coming.filter(patient__in=self.rows.values("pk")).order_by().values("patient_id")
        begins = F("begins").desc() if self.down else F("begins").asc()
        next_one = next_one.annotate(begins=Min("starts_at")).order_by(begins, "patient_id")
        ids = []
        if start < number:
            ids = list(next_one.values_list("patient_id", flat=True)[start : min(stop, number)])
        if stop > number:
            others = self.rows.filter(not_booked).order_by(*BY_NAME).values_list("pk", flat=True)
            ids += others[max(0, start - number) : stop - number]
        return ids


SORTS = [*OrderedPatients.plain, *OrderedPatients.sparse, *OrderedPatients.grouped, "next"]


def sort_asked(query):
    """The column that ?sort= names, a minus before it for the other way round; the usual one if there is no such."""
    asked = query.get("sort", "")
    return asked if asked.removeprefix("-") in SORTS else USUAL_SORT


def in_order(patients, sort):
    """The ids of `patients` in the order of a column, to be counted and sliced."""
    by_next = sort.removeprefix("-") == "next"
    return (PatientsByNextAppointment if by_next else OrderedPatients)(patients, sort)
