"""Kinds of values that go in and out of the API, bounded as the columns behind them are."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from clinics.api_problems import Problem

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST_CENTS = 10**12


class Sent(Schema):
    """What a program sends: a field that is not known is an error, not a typing mistake that nobody notices."""

    model_config = {"extra": "forbid"}

    def given(self):
        """The fields that were sent, by name."""
        return self.model_dump(exclude_unset=True)


class Named(Schema):
    """A row, by its id and the name that people know it by."""

    id: UUID
    name: str


def text(most, *, least=0):
    return Annotated[str, StringConstraints(max_length=most, min_length=least, strip_whitespace=True)]


def _within_reason(moment):
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(_("A moment between the years 1900 and 2200."))
    return moment


def _has_been(moment):
    if moment > timezone.now():
        raise ValueError(_("This cannot be in the future."))
    return moment


def _born(day):
    if not EARLIEST.date() <= day <= timezone.localdate():
        raise ValueError(_("A birth date cannot be in the future."))
    return day


def _within_centuries(day):
    if not EARLIEST.date() <= day <= LATEST.date():
        raise ValueError(_("A day between the years 1900 and 2200."))
    return day


Moment = Annotated[AwareDatetime, AfterValidator(_within_reason)]
PastMoment = Annotated[Moment, AfterValidator(_has_been)]
BirthDate = Annotated[date, AfterValidator(_born)]
Day = Annotated[date, AfterValidator(_within_centuries)]
Cents = Annotated[int, Field(gt=0, le=MOST_CENTS)]
Email = Annotated[str, StringConstraints(max_length=254, strip_whitespace=True)]


def chosen(rows, pk, *, field):
    """The row that a field of the request names, or None for none; raises Problem 422 for an id that is not here."""
    if pk is None:
        return None
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Problem(422, errors=[{"field": field, "message": _("There is no such id here.")}])
    return row


def named(row):
    """A row as Named, or None."""
    return row and {"id": row.pk, "name": str(row)}
