"""Everything that the pages, files and mails of one period ask, each question answered once, when it is first asked."""

from collections import defaultdict
from functools import cached_property

from django.utils.translation import gettext as _

from clinics.models import ClinicUser
from crm.analytics import each, ratio, read_funnel, read_lost_reasons, read_sources, return_on
from crm.attribution import Model
from crm.figures.catching_up import catch_up
from crm.figures.cells import sum_by, sum_of
from crm.figures.consultations import acceptance, read_consultations
from crm.figures.credit import UNKNOWN, credit_sources, read_shares
from crm.figures.flow import read_flow
from crm.figures.kept_cells import cells_of
from crm.figures.late import read_late
from crm.figures.people import Load, read_expected, read_load, read_people
from crm.figures.revenue import read_revenue
from crm.figures.spending import read_costs
from crm.figures.times import read_stays, read_time_to_convert, read_waits, response_of
from crm.figures.trend import read_trend
from crm.models import FigureKind, LeadSource, PipelineStage

COHORT, PERIOD = "cohort", "period"


class Reading:
    """The figures of a Period, and of the one that it is compared with (a Reading, or None), brought up to date."""

    def __init__(self, period, *, compared=None, model=Model.POSITION, view=COHORT):
        self.is_up_to_date = catch_up()
        self.period, self.model, self.view = period, Model(model), view
        self.compared = Reading(compared, model=model, view=view) if compared else None

    @cached_property
    def stages(self):
        return list(PipelineStage.objects.in_order())

    @cached_property
    def sources(self):
        """{id as text: LeadSource}."""
        return {str(source.pk): source for source in LeadSource.objects.all()}

    @cached_property
    def cells(self):
        """By source, coordinator and status."""
        return self._cells_of(FigureKind.PEOPLE)

    def _cells_of(self, kind):
        return cells_of(self.period, kind, is_up_to_date=self.is_up_to_date)

    @cached_property
    def total(self):
        return sum_of(self.cells)

    @cached_property
    def funnel(self):
        return read_funnel(self.period, self._cells_of(FigureKind.WAY))

    @cached_property
    def flow(self):
        return read_flow(self.period, self.stages, self.total.leads)

    @cached_property
    def costs(self):
        return read_costs(self.period)

    @cached_property
    def revenue(self):
        return read_revenue(self.period)

    @cached_property
    def source_figures(self):
        return read_sources(self.period, self.cells, self.costs, self.revenue)

    @cached_property
    def people(self):
        collected = self.revenue.by("assigned_to")
        return read_people(self.cells, self.waits, collected, read_expected(self.period))

    @cached_property
    def names(self):
        """{coordinator: name}, of everybody who works or worked here; None is nobody."""
        members = ClinicUser.objects.select_related("user")
        return {member.pk: member.display_name for member in members} | {None: _("Nobody")}

    @cached_property
    def load(self):
        """{coordinator: Load} of now."""
        return defaultdict(lambda: Load(0, 0), read_load())

    @cached_property
    def lost_reasons(self):
        return read_lost_reasons(self.period, self.lost_cells)

    @cached_property
    def lost_cells(self):
        """By source, reason, and the stage from which they were lost."""
        return self._cells_of(FigureKind.LOST)

    @cached_property
    def lost_cells_of_people(self):
        """By coordinator and reason."""
        return self._cells_of(FigureKind.LOST_OF)

    @cached_property
    def time_to_convert(self):
        return read_time_to_convert(self.period)

    @cached_property
    def waits(self):
        return read_waits(self.period)

    @cached_property
    def response(self):
        return response_of(self.waits)

    @cached_property
    def stays(self):
        return read_stays(self.period, self.stages)

    @cached_property
    def consultations(self):
        return read_consultations(self.period)

    @cached_property
    def acceptance(self):
        """(accepted, came) or None."""
        return acceptance(self.funnel, self.stages)

    @cached_property
    def trend(self):
        return read_trend(self.period, is_up_to_date=self.is_up_to_date)

    @cached_property
    def late(self):
        """[LateMonth], of the whole clinic."""
        return read_late(self.period, is_up_to_date=self.is_up_to_date)

    @cached_property
    def shares(self):
        return read_shares(self.period)

    @cached_property
    def unknown_sources(self):
        return [source.pk for source in self.sources.values() if source.is_unknown]

    @cached_property
    def credit(self):
        """{model: {source id as text or UNKNOWN: Credit}}."""
        by_source, cents = sum_by(self.cells, "source"), self.revenue.by("source")
        return credit_sources(by_source, cents, self.shares, self.unknown_sources)

    @property
    def unknown_share(self):
        """The share of leads whose source nobody knows, by the model at hand."""
        unknown = self.credit[self.model].get(UNKNOWN)
        return ratio(unknown.leads if unknown else 0, self.total.leads)

    @property
    def cost_per_lead_cents(self):
        return each(self.costs.total or None, self.total.leads)

    @property
    def cost_per_acquisition_cents(self):
        return each(self.costs.total or None, self.total.converted)

    @property
    def return_on_spend(self):
        return return_on(self.revenue.total, self.costs.total)

    @property
    def cents_per_day(self):
        """Velocity of the pipeline: the value that the cohort's leads turn into patients on an average day.

        Leads × share converted × value of a converted one ÷ average days to convert; None where nobody converted.
        """
        days = self.total.average_days_to_convert
        return round(self.total.won_cents / days) if days else None
