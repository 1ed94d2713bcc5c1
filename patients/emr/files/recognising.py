"""What an uploaded file is and what it holds, found by looking it through once."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import PurePath

from django.utils.translation import gettext as _

from clinics.tables.errors import NotATable
from clinics.tables.reading import Reading, read_table
from patients.emr.files.json_reading import Unreadable, is_json, resources_in
from patients.emr.files.tables import guess_columns, resources_of_table, synthea_kind

JSON, TABLE = "JSON", "TABLE"
SAMPLES = 3


@dataclass
class Part:
    """One file of an upload: its format, and of a table the columns with what they hold."""

    name: str
    format: str
    stored_as: str = ""
    size: int = 0
    kind: str = ""  # of a table of Synthea, which one
    headers: list = field(default_factory=list)
    columns: list = field(default_factory=list)
    samples: list = field(default_factory=list)
    encoding: str = ""
    separator: str = ""
    header_line: int | None = None

    @classmethod
    def of(cls, facts):
        return cls(**facts)

    def as_json(self):
        return asdict(self)

    @property
    def needs_columns(self):
        return self.format == TABLE and not self.kind


def recognise(upload):
    """The Part that an uploaded file is. Raises UnreadableFile, in the words of whoever chose it."""
    name = PurePath(upload.name or _("File")).name[:200]
    upload.seek(0)
    start = upload.read(4096)
    is_packed_json = (start[:2] == b"\x1f\x8b" and ".json" in name.lower()) or ".ndjson" in name.lower()
    if is_json(start) or is_packed_json:
        return Part(name, JSON, size=upload.size)
    table = read_table(upload)
    kind = synthea_kind(table.headers)
    columns = [] if kind else guess_columns(table.headers)
    if len(table.headers) == 1 and not any(columns):
        raise NotATable(_("This is neither FHIR (JSON, NDJSON) nor a table of patients."))
    rows = [row for _number, row in zip(range(SAMPLES), table.rows, strict=False)]
    samples = [[row.cells[place][:80] for row in rows if place < len(row.cells)] for place in range(len(table.headers))]
    return Part(
        name,
        TABLE,
        size=upload.size,
        kind=kind,
        headers=list(table.headers),
        columns=columns,
        samples=samples,
        encoding=table.encoding,
        separator=table.separator,
        header_line=table.header_line,
    )


def resources_of_part(part, binary, *, region):
    """Yield the resources of a part, each a dict or an Unreadable."""
    if part.format == JSON:
        yield from resources_in(binary)
    else:
        table = read_table(binary, reading=Reading(part.encoding, part.separator, part.header_line))
        yield from resources_of_table(table, part.kind, part.columns, region=region)


def count_types(part, binary, *, region):
    """How many resources of which type a part holds; "?" counts what is none."""
    counts = Counter()
    for resource in resources_of_part(part, binary, region=region):
        counts["?" if isinstance(resource, Unreadable) else type_of(resource)] += 1
    return counts


def type_of(resource):
    kind = resource.get("resourceType")
    return kind[:40] if isinstance(kind, str) else "?"
