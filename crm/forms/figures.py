"""What a report is asked about: all of it stands in its address."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.models import Location
from crm.attribution import Model
from crm.figures.cohort import USUAL_DAYS, Period, end_of_month, months_earlier
from crm.figures.reading import COHORT, PERIOD, Reading
from crm.models import LeadSource

LONGEST_DAYS = 3660
PERIODS = [
    ("90", _("Last 90 days")),
    ("30", _("Last 30 days")),
    ("month", _("This month")),
    ("last-month", _("Last month")),
    ("quarter", _("This quarter")),
    ("last-quarter", _("Last quarter")),
    ("year", _("This year")),
    ("12", _("Last 12 months")),
    ("own", _("These days")),
]
NOTHING, BEFORE, YEAR = "none", "before", "year"
COMPARE = [(BEFORE, _("Against the period before")), (YEAR, _("Against a year before")), (NOTHING, _("No comparison"))]
VIEWS = [(COHORT, _("Follow these leads")), (PERIOD, _("Count what happened"))]


class FiguresForm(forms.Form):
    """Period, comparison, location, source, model and view. Nonsense is answered with what is usual."""

    period = forms.ChoiceField(label=_("Period"), choices=PERIODS, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    compare = forms.ChoiceField(label=_("Compare"), choices=COMPARE, required=False)
    location = forms.ModelChoiceField(Location.objects.none(), label=_("Location"), required=False)
    source = forms.ModelChoiceField(LeadSource.objects.none(), label=_("Source"), required=False)
    model = forms.ChoiceField(label=_("Credit"), choices=Model, required=False)
    view = forms.ChoiceField(label=_("Funnel"), choices=VIEWS, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = Location.objects.order_by("name")
        self.fields["location"].empty_label = _("All locations")
        self.fields["source"].queryset = LeadSource.objects.order_by("name")
        self.fields["source"].empty_label = _("All sources")

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and not 0 <= (until - since).days <= LONGEST_DAYS:
            self.add_error("until", _("A period begins before it ends, and lasts ten years at most."))
        if since and since.year < 2000:
            self.add_error("since", _("That is before anything is known."))
        return cleaned

    @property
    def reading(self):
        """The Reading that was asked for."""
        asked = self._asked
        period = self.period_asked
        other = {NOTHING: None, YEAR: period.year_before}.get(asked.get("compare") or BEFORE, period.before)
        model = asked.get("model") or Model.POSITION
        return Reading(period, compared=other, model=model, view=asked.get("view") or COHORT)

    @property
    def chosen(self):
        """The name of the period."""
        asked = self._asked
        return asked.get("period") or ("own" if asked.get("since") or asked.get("until") else "90")

    @property
    def location_in_words(self):
        """What is asked, for a page on paper."""
        return str(self._asked.get("location") or self.fields["location"].empty_label)

    @property
    def source_in_words(self):
        return str(self._asked.get("source") or self.fields["source"].empty_label)

    @property
    def shows_days(self):
        return self.chosen == "own"

    @property
    def period_asked(self):
        asked, chosen, today = self._asked, self.chosen, timezone.localdate()
        since, until = days_of(chosen, today)
        if chosen == "own":
            until = min(asked.get("until") or today, today)
            since = asked.get("since") or until - timedelta(days=USUAL_DAYS - 1)
            since = min(since, until)
        narrowed = {name: (asked[name[:-1]].pk,) for name in ("locations", "sources") if asked.get(name[:-1])}
        return Period(since, until, **narrowed)

    @property
    def _asked(self):
        self.is_valid()
        return self.cleaned_data


def days_of(chosen, today):
    """(first, last day) of a period by its name, up to today."""
    quarter = months_earlier(today, (today.month - 1) % 3)
    spans = {
        "30": (today - timedelta(days=29), today),
        "month": (today.replace(day=1), today),
        "last-month": (months_earlier(today, 1), end_of_month(months_earlier(today, 1))),
        "quarter": (quarter, today),
        "last-quarter": (months_earlier(quarter, 3), end_of_month(months_earlier(quarter, 1))),
        "year": (today.replace(month=1, day=1), today),
        "12": (months_earlier(today, 11), today),
    }
    return spans.get(chosen, (today - timedelta(days=USUAL_DAYS - 1), today))
