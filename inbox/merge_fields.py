"""Merge fields of canned replies and templates: {first_name} and its like, filled with what is known of a person."""

import re

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

FIELDS = {
    "first_name": _("first name"),
    "last_name": _("last name"),
    "clinic": _("name of the clinic"),
    "location": _("name of the location"),
    "clinic_phone": _("phone of the location"),
    "my_name": _("your name"),
    "next_visit": _("next visit"),
}
FIELD = re.compile(r"\{(\w+)\}")


def values_for(conversation, member, *, coming=None):
    """What each merge field stands for in a conversation; "" where it is unknown. `coming` is an Appointment."""
    person, location = conversation.person, conversation.location
    visit = timezone.localtime(coming.starts_at) if coming is not None else None
    return {
        "first_name": person.first_name if person is not None else "",
        "last_name": person.last_name if person is not None else "",
        "clinic": member.clinic.name,
        "location": location.name if location else "",
        "clinic_phone": location.phone_number if location else "",
        "my_name": member.short_name,
        "next_visit": date_format(visit, "DATETIME_FORMAT") if visit else "",
    }


def fill(text, values):
    """The text with every field that is known filled in; those that are not stay as they are, to be seen."""
    return FIELD.sub(lambda field: values.get(field[1]) or field[0], text)


def missing_in(text):
    """The words for the fields that are still to be filled in a text, each once."""
    found = dict.fromkeys(name for name in FIELD.findall(text) if name in FIELDS)
    return [str(FIELDS[name]) for name in found]
