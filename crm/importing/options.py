"""What the person who imports decided beside the mapping; kept as JSON with the import, and offered for its like."""

from dataclasses import asdict, dataclass, field
from dataclasses import fields as fields_of

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import LostReason

ARCHIVE = "ARCHIVE"  # in place of a stage: the lead is kept in the archive


class Repeats(models.TextChoices):
    SKIP = "SKIP", _("Leave the row out")
    UPDATE = "UPDATE", _("Fill in what is empty")
    REPLACE = "REPLACE", _("Let the file win over what is here")
    TOUCH = "TOUCH", _("Fill in, and note a new inquiry on the card")
    CREATE = "CREATE", _("Make another lead")


class Owners(models.TextChoices):
    TURN = "TURN", _("Each coordinator in turn")
    PERSON = "PERSON", _("One person")
    COLUMN = "COLUMN", _("As the file says")


class DayOrder(models.TextChoices):
    GUESS = "GUESS", _("As the dates themselves tell")
    DAY = "DAY", _("Day first: 31/12/2026")
    MONTH = "MONTH", _("Month first: 12/31/2026")


class DecimalMark(models.TextChoices):
    GUESS = "GUESS", _("As the amounts themselves tell")
    POINT = "POINT", _("With a point: 1,234.50")
    COMMA = "COMMA", _("With a comma: 1.234,50")


class OfRepeats(models.TextChoices):
    """What becomes of one field of somebody who is here already; empty is as chosen for all fields."""

    OURS = "OURS", _("Keep ours")
    FILL = "FILL", _("Only fill what is empty")
    FILE = "FILE", _("Take the file’s")


class NotConverted(models.TextChoices):
    STAGE = "STAGE", _("Still on the way")
    LOST = "LOST", _("Lost")


@dataclass(frozen=True)
class ImportOptions:
    """Rows of the clinic are named by their id as text; "" means none in particular.

    `stage_words` and `owner_words` tell what the words of the file stand for: word_key -> id of a stage (or ARCHIVE),
    of a member. `fields` says of single fields of Lead what becomes of those of people who are here (OfRepeats).
    """

    source: str = ""
    stage: str = ""
    stage_words: dict = field(default_factory=dict)
    not_converted: str = NotConverted.STAGE
    lost_reason: str = LostReason.OTHER
    owners: str = Owners.TURN
    owner: str = ""
    owner_words: dict = field(default_factory=dict)
    tag: str = ""
    repeats: str = Repeats.SKIP
    fields: dict = field(default_factory=dict)
    day_order: str = DayOrder.GUESS
    decimal_mark: str = DecimalMark.GUESS
    refuse_bad_phones: bool = False

    @classmethod
    def of(cls, lead_import):
        known = {each.name for each in fields_of(cls)}
        return cls(**{name: value for name, value in lead_import.options.items() if name in known})

    def for_field(self, name):
        """What becomes of a field of somebody who is here already: as chosen for it, else as chosen for all."""
        return self.fields.get(name) or (OfRepeats.FILE if self.repeats == Repeats.REPLACE else OfRepeats.FILL)

    def as_json(self):
        return asdict(self)


def lead_fields_of(target):
    """The fields of Lead that a column with this target fills."""
    return {"full_name": ("first_name", "last_name"), "expected_value": ("expected_value_cents",)}.get(
        target, (target,)
    )
