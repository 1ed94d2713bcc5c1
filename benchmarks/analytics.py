# ruff: noqa: E501 - statements read better in long lines
"""The reports: a year with all its charts, against the same aggregates by hand-written SQL."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.floors import open_clinic_by_hand
from benchmarks.pages import PageCases
from benchmarks.server import Browser
from benchmarks.timing import Result, timed
from clinics.models import ClinicUser, Role
from clinics.tenancy import clinic_scope

COHORT = "FROM crm_lead WHERE clinic_id = %(clinic)s AND deleted_at IS NULL AND captured_at >= %(start)s"
STATEMENTS = [
    f"SELECT stage_id, status, lost_from, count(*) {COHORT} GROUP BY 1, 2, 3",
    f"SELECT source_id, status, count(*), sum(expected_value_cents) {COHORT} GROUP BY 1, 2",
    f"SELECT assigned_to_id, status, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY first_contacted_at - captured_at) {COHORT} GROUP BY 1, 2",
    f"SELECT lost_reason, count(*), sum(expected_value_cents) {COHORT} AND status = 'LOST' GROUP BY 1",
    f"SELECT date_trunc('month', captured_at), status, count(*) {COHORT} GROUP BY 1, 2",
]


class AnalyticsCases(PageCases):
    """Each public method measures one case and yields its results."""

    def analytics(self):
        """The overview of a year, and each of the other reports."""
        with clinic_scope(self.clinic):
            admin = ClinicUser.objects.filter(role=Role.CLINIC_ADMIN).select_related("user").first()
        browser, count = Browser(self.browser.connection.port, admin), min(self.count, 20)
        floor = timed(self._same_in_sql, count=count)
        for name, path in [
            ("a year, overview", "/analytics/?period=12&compare=none"),
            ("a year, sources", "/analytics/sources/?period=12&compare=none"),
            ("a year, coordinators", "/analytics/coordinators/?period=12&compare=none"),
            ("a year, times", "/analytics/times/?period=12&compare=none"),
            ("a year, lost", "/analytics/lost/?period=12&compare=none"),
        ]:
            ours = timed(lambda path=path: browser.get(path), count=count)
            is_near = ours.p50 <= min(500, 2 * floor.p50)
            yield Result(name, ours, "≤ 2× floor, ≤ 500 ms", is_near, floor)

    def _same_in_sql(self):
        facts = {"clinic": self.clinic.pk, "start": timezone.now() - timedelta(days=365)}
        written = []
        with transaction.atomic(), connection.cursor() as cursor:
            open_clinic_by_hand(cursor, self.clinic.pk)
            for statement in STATEMENTS:
                cursor.execute(statement, facts)
                written += map(str, cursor.fetchall())
        return "".join(written).encode()
