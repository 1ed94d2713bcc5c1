"""Which leads a report is about: a period, narrowed to locations and sources, and the period it is compared with."""

import calendar
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from crm.figures.parts import DAY, parts_of
from crm.models import Lead

USUAL_DAYS = 90


@dataclass(frozen=True)
class Period:
    """Days from `since` to `until`, both within it, in the time zone at hand; of some locations and sources only."""

    since: date
    until: date
    locations: tuple = ()
    sources: tuple = ()

    @classmethod
    def asked(cls, since=None, until=None):
        """The period asked for; the last 90 days up to today, or up to `until`, where nothing is said."""
        until = until or timezone.localdate()
        return cls(since or until - timedelta(days=USUAL_DAYS - 1), until)

    @property
    def start(self):
        return timezone.make_aware(datetime.combine(self.since, time.min))

    @property
    def end(self):
        return timezone.make_aware(datetime.combine(self.until + DAY, time.min))

    @property
    def months(self):
        """How many months that is, part by part: ten days of April are a third of a month."""
        return sum(share for _month, share in self.shares_of_months())

    def shares_of_months(self):
        """[(first day of a month, which share of it lies within the period)]."""
        shares, day = [], self.since
        while day <= self.until:
            length = calendar.monthrange(day.year, day.month)[1]
            last = min(self.until, day.replace(day=length))
            shares.append((day.replace(day=1), ((last - day).days + 1) / length))
            day = last + DAY
        return shares

    @property
    def leads(self):
        """The cohort: the leads that first asked within the period, whatever happened to them since."""
        return self.narrow(Lead.objects.captured_between(self.start, self.end))

    def narrow(self, rows):
        """Rows that know their source and location (leads, months of leads), as far as they belong here."""
        if self.sources:
            rows = rows.from_source(*self.sources)
        return rows.at_location(*self.locations) if self.locations else rows

    @property
    def is_narrowed(self):
        return bool(self.locations or self.sources)

    def over(self, since, until):
        """The same question about another period."""
        return replace(self, since=since, until=until)

    @property
    def days(self):
        return (self.until - self.since).days + 1

    @property
    def before(self):
        """As many days (or whole months, where these are whole months) right before."""
        if self.since.day == 1 and (self.until + DAY).day == 1:
            number = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month + 1
            return self.over(months_earlier(self.since, number), self.since - DAY)
        return self.over(self.since - timedelta(days=self.days), self.since - DAY)

    @property
    def year_before(self):
        """The same days of the year before."""
        return self.over(year_earlier(self.since), year_earlier(self.until))

    def parts(self, *, is_ahead=False, stretches=True):
        """The Parts of its days. A month that is not over yet counts as whole up to today: nobody has asked tomorrow.

        Not so what `is_ahead`: appointments are made for tomorrow.
        """
        until = self.until if is_ahead or self.until < timezone.localdate() else end_of_month(self.until)
        return parts_of(self.since, until, stretches=stretches)


def months_earlier(day, number):
    """The first day of the month so many months before that of `day`; after it where the number is negative."""
    months = day.year * 12 + day.month - 1 - number
    return date(months // 12, months % 12 + 1, 1)


def end_of_month(day):
    return months_earlier(day, -1) - DAY


def year_earlier(day):
    """The same day of the year before; 28 February for the 29th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
