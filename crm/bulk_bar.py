"""What the bar over a selection of leads offers: every act with what it can be done with, and how many match in all."""

import uuid
from dataclasses import dataclass

from crm.filters import LeadFilter
from crm.models import LostReason, PipelineStage


@dataclass(frozen=True)
class BulkBar:
    """The bar of a board or list: its choices are those of the filter, read with it in one query."""

    filter: LeadFilter
    query: str  # of the present address, which all that match stand for
    total: int

    @property
    def key(self):
        """What makes sure that two presses of one button act once."""
        return uuid.uuid4().hex

    @property
    def stages(self):
        """Those that a lead can be moved to without a reason."""
        return tuple(stage for stage in self.filter.choices["stage"] if stage.kind != PipelineStage.Kind.LOST)

    @property
    def coordinators(self):
        return tuple(self.filter.choices["coordinator"])

    @property
    def tags(self):
        return tuple(self.filter.choices["tag"])

    @property
    def templates(self):
        return tuple(self.filter.choices["template"])

    @property
    def reasons(self):
        return tuple((value, str(words)) for value, words in LostReason.choices)
