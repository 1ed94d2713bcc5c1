"""How content people are, in figures: all together, by who had the conversation, and by channel.

Counted are the questions of the period that went: not those that were withdrawn, held back or failed. The average is of
the answers, each person's last word to each question; a low one has 1 or 2 stars.
"""

from dataclasses import dataclass

from django.db.models import Avg, Count, Q
from django.utils.translation import gettext as _

from clinics.models import ClinicUser
from inbox.answering import NOT_SAID
from inbox.models import Channel, SatisfactionQuestion
from inbox.models.satisfaction import LOW

TABLES = ("coordinators", "channels")


@dataclass(frozen=True)
class Satisfaction:
    """One group: how many were asked and answered, the average stars (None without an answer), how many low ones."""

    label: str
    asked: int
    answered: int
    average: float | None
    low: int

    @property
    def share(self):
        """The share of those asked who answered, None if nobody was asked."""
        return self.answered / self.asked if self.asked else None


def read_satisfaction(since):
    """The figures of the questions asked from `since` on: (all, by coordinator, by channel), the most asked first."""
    questions = SatisfactionQuestion.objects.standing().filter(asked_at__gte=since)
    questions = questions.exclude(message__status__in=NOT_SAID)
    names = {member.pk: member.display_name for member in ClinicUser.objects.select_related("user")}
    labels = {channel.value: str(channel.label) for channel in Channel}
    everything = _satisfaction(_("All"), questions.aggregate(**FIGURES))
    by_member = _grouped(questions, "member_id", lambda key: names.get(key, _("Nobody")))
    return everything, by_member, _grouped(questions, "channel", labels.get)


FIGURES = {
    "asked": Count("pk"),
    "answered": Count("stars"),
    "average": Avg("stars"),
    "low": Count("pk", filter=Q(stars__lte=LOW)),
}


def _grouped(questions, field, name):
    rows = questions.order_by().values(field).annotate(**FIGURES).order_by("-asked", field)
    return [_satisfaction(name(row.pop(field)), row) for row in rows]


def _satisfaction(label, row):
    average = None if row["average"] is None else float(row["average"])
    return Satisfaction(label, row["asked"], row["answered"], average, row["low"])


def header(table):
    """The head of a table of these figures."""
    first = _("Coordinator") if table == "coordinators" else _("Channel")
    return [first, _("Asked"), _("Answered"), _("Average"), _("Low, 1 or 2")]


def csv_rows(group):
    """The rows of a group under that head, as plain figures."""
    for row in group:
        yield [row.label, row.asked, row.answered, None if row.average is None else f"{row.average:.2f}", row.low]
