"""The list of patients: by each filter and each order, at its head and deep inside."""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from benchmarks.analytics import AnalyticsCases
from benchmarks.timing import Result, timed
from clinics.models import Tag
from clinics.tenancy import clinic_scope
from patients.models import Appointment, Channel, ConsentSource, Patient, PatientConsent, PatientTag, Purpose
from patients.patient_order import SORTS

PATIENCE = 150  # seconds
FILTERS = [
    ("page 1", ""),
    ("page 500", "page=500"),
    ("at risk", "segment=AT_RISK"),
    ("two segments", "segment=DORMANT&segment=ACTIVE"),
    ("one tag", "tag={tag}"),
    ("agrees to texts", "consent=SMS:yes"),
    ("was not asked", "consent=SMS:open"),
    ("high risk", "churn_risk_level=HIGH"),
    ("red", "contact_priority=RED"),
    ("long ago", "last_visit=180%2B"),
    ("booked", "next_appointment=booked"),
    ("not booked", "next_appointment=none"),
    ("due again", "due=on"),
    ("do not contact", "silent=on"),
    ("text", "q=okafor"),
    ("two words", "q=ana+okafor"),
    ("several at once", "segment=AT_RISK&tag={tag}&q=okafor"),
]


class PatientCases(AnalyticsCases):
    """Each public method measures one case and yields its results."""

    def patient_list(self):
        """The list of patients: first page, page 500, filtered, and by each sortable column, both ways."""
        started = timezone.now()
        with clinic_scope(self.clinic):
            tag, is_new = fill_facts()
        if is_new:
            wait_for_statistics(started)
        sorted_by = [(f"by {column}", f"sort={column}") for column in SORTS]
        deep_inside = [(f"by {column}, page 500", f"sort=-{column}&page=500") for column in SORTS]
        for name, query in [*FILTERS, *sorted_by, *deep_inside]:
            path = f"/patients/?{query.format(tag=tag.pk)}"
            ours = timed(lambda path=path: self.browser.get(path), count=self.count)
            statements = self.statements(path)
            passed = ours.p50 <= 80 and statements <= 10
            yield Result(f"patient list, {name}", ours, "≤ 80 ms, ≤ 10 statements", passed, None, statements)


def fill_facts():
    """Give some of the drawn patients what they have none of: a tag, consent, risk, an appointment; once.

    Returns the tag, and whether it is new.
    """
    tag, is_new = Tag.objects.get_or_create(name="Measured")
    if not is_new:
        return tag, False
    ids, now = list(Patient.objects.present().order_by("pk").values_list("pk", flat=True)), timezone.now()
    PatientTag.objects.bulk_create([PatientTag(patient_id=pk, tag=tag) for pk in ids[::8]], batch_size=1000)
    word = {"channel": Channel.SMS, "purpose": Purpose.NEWS, "source": ConsentSource.PAPER, "decided_at": now}
    words = [PatientConsent(patient_id=pk, is_given=place % 3 > 0, **word) for place, pk in enumerate(ids[::4])]
    PatientConsent.objects.bulk_create(words, batch_size=1000)
    at_risk = {"churn_risk_level": "HIGH", "churn_risk_score": 0.7, "contact_priority": "RED"}
    for start in range(0, len(ids[::16]), 1000):
        some = Patient.objects.filter(pk__in=ids[::16][start : start + 1000])
        some.update(**at_risk, contact_priority_score=0.8, recall_due_on=timezone.localdate())
    Patient.objects.filter(pk__in=ids[::128]).update(do_not_contact=True)
    Appointment.objects.bulk_create(
        [
            Appointment(patient_id=pk, starts_at=begins, ends_at=begins + timedelta(minutes=20))
            for place, pk in enumerate(ids[3::32])
            for begins in [now + timedelta(hours=24 + place % 500)]
        ],
        batch_size=1000,
    )
    return tag, True


def wait_for_statistics(since):
    """Rows that were written just now are planned for as if there were none, until autovacuum has counted them."""
    counted = "SELECT count(*) FROM pg_stat_user_tables WHERE relname = ANY(%s) AND last_autoanalyze > %s"
    tables = [model._meta.db_table for model in (PatientConsent, PatientTag)]
    for _second in range(PATIENCE):
        with connection.cursor() as cursor:
            cursor.execute(counted, [tables, since])
            if cursor.fetchone()[0] == len(tables):
                return
        time.sleep(1)
