"""A time in which a member of staff is out of office, as it stands in their row: no page asks for it by itself."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone


@dataclass(frozen=True)
class Absence:
    """From a first day on to a last one, or until they say so (None); `back_on` is the day they were back before that.

    One that was called off before it began has `back_on` on its first day. The deputy may be nobody.
    """

    id: UUID
    first_day: date
    last_day: date | None = None
    deputy_id: UUID | None = None
    back_on: date | None = None

    @classmethod
    def of(cls, plain):
        days = {name: plain[name] and date.fromisoformat(plain[name]) for name in ("first_day", "last_day", "back_on")}
        return cls(UUID(plain["id"]), deputy_id=plain["deputy_id"] and UUID(plain["deputy_id"]), **days)

    @property
    def plain(self):
        """As it is kept: {name: text or None}."""
        return {name: value if value is None else str(value) for name, value in asdict(self).items()}

    def covers(self, day):
        is_back = self.back_on is not None and self.back_on <= day
        return self.first_day <= day and not is_back and (self.last_day is None or day <= self.last_day)

    def meets(self, other):
        """Whether there may be a day that both cover."""
        return not (self.is_called_off or other.is_called_off or self.is_before(other) or other.is_before(self))

    def is_before(self, other):
        return self.is_over_on(other.first_day)

    @property
    def is_called_off(self):
        return self.back_on is not None and self.back_on <= self.first_day

    def is_over_on(self, day):
        """Whether it has ended before a day."""
        is_back = self.back_on is not None and self.back_on <= day
        return is_back or (self.last_day is not None and self.last_day < day)

    @property
    def is_past(self):
        return self.is_over_on(timezone.localdate())

    @property
    def is_now(self):
        return self.covers(timezone.localdate())

    @property
    def last_at_all(self):
        """The last day on which they were away in the end; None where nobody knows it yet."""
        return self.back_on - timedelta(days=1) if self.back_on else self.last_day
