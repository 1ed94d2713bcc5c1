"""What card and schedule say otherwise, in a sentence for people."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Disagreement

Kind = Disagreement.Kind
SENTENCES = {
    Kind.BOOKED: gettext_lazy("Booked for %(time)s, but the card still stands in %(stage)s."),
    Kind.ATTENDED: gettext_lazy("Came to the consultation of %(time)s, but the card still stands in %(stage)s."),
    Kind.TREATED: gettext_lazy("Has come for treatment since %(time)s, but the card still stands in %(stage)s."),
    Kind.MISSED: gettext_lazy("Did not come on %(time)s and has no other day, but the card says %(stage)s."),
    Kind.NOT_YET: gettext_lazy("The card says %(stage)s, but at the consultation of %(time)s nobody has been yet."),
    Kind.NO_OUTCOME: gettext_lazy("Was to come on %(time)s, and nobody has said whether they did."),
    Kind.LOST: gettext_lazy("Booked for %(time)s, but the card says lost."),
}


def in_words(disagreement):
    """The sentence of a disagreement, with times as its clinic tells them."""
    appointment, stage = disagreement.appointment, disagreement.lead.stage
    if disagreement.kind == Kind.NOTHING_BOOKED:
        if appointment is None:
            return _("The card says %(stage)s, but nothing was booked.") % {"stage": stage}
        words = _("The consultation of %(time)s was cancelled and nothing else is booked, but the card says %(stage)s.")
        return words % {"time": _time(appointment), "stage": stage}
    return SENTENCES[disagreement.kind] % {"time": _time(appointment) if appointment else "—", "stage": stage}


def _time(appointment):
    return date_format(timezone.localtime(appointment.starts_at), "SHORT_DATETIME_FORMAT")
