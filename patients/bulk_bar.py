"""What the bar over a selection of patients offers: what each act can be done with, and how many match in all."""

import uuid
from dataclasses import dataclass

from patients.consent import ASKED
from patients.filters import PatientFilter


@dataclass(frozen=True)
class BulkBar:
    """The bar of the list: its choices are those of the filter, read with it."""

    filter: PatientFilter
    query: str  # of the present address, which all that match stand for
    total: int

    @property
    def key(self):
        """What makes sure that two presses of one button act once."""
        return uuid.uuid4().hex

    @property
    def tags(self):
        return self.filter.offered["tag"]

    @property
    def locations(self):
        return self.filter.offered["location"]

    @property
    def providers(self):
        return self.filter.offered["provider"]

    @property
    def priorities(self):
        return self.filter.offered["contact_priority"]

    @property
    def channels(self):
        return [(channel.value, channel.label) for channel in ASKED]
