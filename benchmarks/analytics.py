# ruff: noqa: E501 - statements read better in long lines
"""The reports: a year with all its charts, against the same aggregates by hand-written SQL."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.floors import open_clinic_by_hand
from benchmarks.pages import PageCases
from benchmarks.server import Browser
from benchmarks.timing import Result, timed
from clinics.models import ClinicUser, Location, Role
from clinics.tenancy import clinic_scope
from crm.figures.keeping import bring_up_to_date
from crm.models import LeadSource

COHORT = "FROM crm_lead WHERE clinic_id = %(clinic)s AND deleted_at IS NULL AND captured_at >= %(start)s"
STATEMENTS = [
    f"SELECT stage_id, status, lost_from, count(*) {COHORT} GROUP BY 1, 2, 3",
    f"SELECT source_id, status, count(*), sum(expected_value_cents) {COHORT} GROUP BY 1, 2",
    f"SELECT assigned_to_id, status, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY first_contacted_at - captured_at) {COHORT} GROUP BY 1, 2",
    f"SELECT lost_reason, count(*), sum(expected_value_cents) {COHORT} AND status = 'LOST' GROUP BY 1",
    f"SELECT date_trunc('month', captured_at), status, count(*) {COHORT} GROUP BY 1, 2",
]


PAGES = ["", "sources/", "coordinators/", "times/", "consultations/", "lost/"]


def _midst(days):
    """The address of a period that ends in the middle of last month, beside the one before: the longest edges.

    It is what the page shows by itself where it is opened in the middle of a month.
    """
    until = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=13)
    return f"?period=own&since={until - timedelta(days=days - 1)}&until={until}"


class AnalyticsCases(PageCases):
    """Each public method measures one case and yields its results."""

    def analytics(self):
        """The reports of a year, whole and narrowed to a source or a location, and of days in the midst of months."""
        with clinic_scope(self.clinic):
            bring_up_to_date()  # as a worker does within the minute
            admin = ClinicUser.objects.filter(role=Role.CLINIC_ADMIN).select_related("user").first()
            source = LeadSource.objects.order_by("pk").first().pk
            location = Location.objects.order_by("pk").first().pk
        browser, count = Browser(self.browser.connection.port, admin), min(self.count, 20)
        floor = timed(self._same_in_sql, count=count)
        midst = _midst(90)
        year, narrow = "period=12&compare=none", f"source={source}&location={location}"
        for name, path in [
            ("a year, overview", f"/analytics/?{year}"),
            ("overview, year before", "/analytics/?period=12&compare=year"),
            ("overview, what moved", f"/analytics/?{year}&view=period"),
            ("a year, sources", f"/analytics/sources/?{year}"),
            ("sources, time decay", f"/analytics/sources/?{year}&model=decay"),
            ("a year, coordinators", f"/analytics/coordinators/?{year}"),
            ("a year, times", f"/analytics/times/?{year}"),
            ("a year, consultations", f"/analytics/consultations/?{year}"),
            ("a year, lost", f"/analytics/lost/?{year}"),
            ("overview, one source", f"/analytics/?{year}&source={source}"),
            ("overview, one location", f"/analytics/?{year}&location={location}"),
            ("sources, both", f"/analytics/sources/?{year}&{narrow}"),
            ("coordinators, location", f"/analytics/coordinators/?{year}&location={location}"),
            ("times, one location", f"/analytics/times/?{year}&location={location}"),
            ("overview, last 90 days", "/analytics/"),
            *[(f"midst: {name.strip('/') or 'overview'}", f"/analytics/{name}{midst}") for name in PAGES],
            ("midst: two years", f"/analytics/{_midst(730)}"),
            ("midst: two years, people", f"/analytics/coordinators/{_midst(730)}"),
            ("midst: one source", f"/analytics/{midst}&source={source}"),
            ("midst: one location", f"/analytics/{midst}&location={location}"),
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
