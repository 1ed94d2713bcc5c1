"""Where resources come from: a connection, or a file that somebody uploaded."""

from dataclasses import dataclass, field

from clinics.models import Clinic
from patients.emr.policy import Policy
from patients.models import EmrConnection


@dataclass(frozen=True)
class Source:
    """An EMR as the core sees it. Ids are of the connection; files of no connection share one space of ids."""

    clinic: Clinic
    connection: EmrConnection | None = None
    policy: Policy = field(default_factory=Policy)

    @classmethod
    def of(cls, connection):
        """The source that a connection reads from."""
        return cls(connection.clinic, connection, Policy(own=connection.field_policy))

    @classmethod
    def of_file(cls, emr_file):
        """The source of an uploaded file: the connection that it is said to come from, if any."""
        return cls(emr_file.clinic, emr_file.connection, Policy(always=emr_file.winner))

    @property
    def emr_system(self):
        return self.connection.emr_system if self.connection else ""

    @property
    def lock_name(self):
        """Whoever applies resources of this source holds this: two runs of one source take turns, batch by batch."""
        return f"emr:{self.clinic.pk}:{self.connection.pk if self.connection else 'files'}"
