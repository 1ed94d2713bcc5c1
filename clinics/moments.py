"""Moments and spans of time in the words of whoever reads them.

A page writes hundreds of them. Which language is spoken and which zone it is read in are thread-locals that cost more
than the writing itself, so they are asked for once: `moments_of_reader()`.
"""

from datetime import datetime, timedelta
from functools import lru_cache

from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

REMEMBERED = 8192  # dates in words, kept in a process: a list writes the same few again and again
READERS = 100


def moments_of_reader():
    """The Moments of the language and the zone that are active."""
    return _moments_of(get_language(), timezone.get_current_timezone())


@lru_cache(maxsize=READERS)
def _moments_of(language, zone):
    return Moments(language, zone)


class Moments:
    """Writes moments for a reader of one language, which must be active, in one zone."""

    def __init__(self, language, zone):
        self.language, self.zone = language, zone
        self.today, self.tomorrow, self.yesterday = _("Today"), _("Tomorrow"), _("Yesterday")
        self.day, self.day_and_year = _("M j"), _("M j, Y")
        self.whole_moment, self.whole_day = _("l, F j, Y, g:i A"), _("l, F j, Y")
        self.minutes, self.hours, self.days, self.weeks = _("%(n)s min"), _("%(n)s h"), _("%(n)s d"), _("%(n)s wk")

    def local(self, moment):
        """An aware moment by the reader's clock; a day, and a moment without a zone, as they are."""
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return moment.astimezone(self.zone)
        return moment

    def short_date(self, moment):
        if not moment:
            return "—"
        moment, today = self.local(moment), datetime.now(self.zone).date()
        has_time = isinstance(moment, datetime)
        day = moment.date() if has_time else moment
        if day == today:
            return self._written(moment, "TIME_FORMAT") if has_time else self.today
        if day == today + timedelta(days=1):
            return self.tomorrow
        if day == today - timedelta(days=1):
            return self.yesterday
        return self._written(day, self.day if day.year == today.year else self.day_and_year)

    def day_and_time(self, moment):
        moment = self.local(moment)
        clock = self._written(moment, "TIME_FORMAT")
        is_today = moment.date() == datetime.now(self.zone).date()
        return clock if is_today else f"{self._written(moment, 'D')} {clock}"

    def clock(self, moment):
        """The time of a moment's day."""
        return self._written(self.local(moment), "TIME_FORMAT")

    def exact(self, moment):
        if not moment:
            return ""
        return self._written(self.local(moment), self.whole_moment if isinstance(moment, datetime) else self.whole_day)

    def age(self, moment):
        return self.lasted(timezone.now() - moment) if moment else "—"

    def lasted(self, span):
        minutes = max(0, int(span.total_seconds() // 60))
        if minutes < 60:
            return self.minutes % {"n": minutes}
        if minutes < 60 * 24:
            return self.hours % {"n": minutes // 60}
        days = minutes // (60 * 24)
        return self.days % {"n": days} if days < 60 else self.weeks % {"n": days // 7}

    def _written(self, moment, style):
        if isinstance(moment, datetime):  # without its zone: one moment reads differently in two of them
            moment = moment.replace(second=0, microsecond=0, tzinfo=None)
        return _write(moment, style, self.language)


@lru_cache(maxsize=REMEMBERED)
def _write(moment, style, _language):
    return format_date(moment, style)
