"""Taking a file in: read whole before anything is kept, stored under a name that nobody can guess, never served."""

import hashlib
import re
from collections import Counter
from pathlib import PurePath
from uuid import uuid4

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.audit import record
from clinics.documents.removing import remove_files
from clinics.models import ClinicUser
from clinics.tables.errors import FileIsEmpty, NotATable
from clinics.tables.reading import read_table
from crm.importing.furniture import furniture_of
from crm.importing.kept_rows import remove_rows
from crm.importing.mapping import IGNORE, KEPT, SAMPLE, guess_mapping, plain
from crm.importing.matching import guess_members, guess_stages, word_key
from crm.importing.options import ImportOptions, Owners
from crm.importing.rules import ImportIsOver
from crm.importing.second_heading import read_upload
from crm.importing.working import lock_import
from crm.intake import REFUSED_WHEN_MINIMAL
from crm.models import LeadImport, PipelineStage

MOST_COLUMNS = 300
MARKUP = tuple("[{<")  # JSON, XML and HTML, whatever the name of the file says
FEW_WORDS = 60  # a column with more different words is not asked about word by word
LONGEST_WORD = 80
SAMPLES = 3
LINES_NAMED = 8
REFUSALS = re.compile(
    r"\b(opt(ed)? ?(in|out)|optin|optout|unsubscribed?|do not (call|text|sms|e ?mail|mail|contact)|dnc|dnd|consents?"
    r"|marketing (status|consent)|consentimiento|acepta)\b"
)
LONGEST_SHEET = 120  # a name longer than this cannot be chosen


def accept_upload(clinic, upload, *, by):
    """Read an uploaded file to its end, keep it, and guess what its columns mean; returns the LeadImport.

    Records "crm.import.uploaded". Raises UnreadableFile, in the words of whoever chose the file; then nothing is kept.
    """
    table, header_line = read_upload(upload)
    if table.headers[0].lstrip()[:1] in MARKUP and len(table.headers) == 1:
        raise NotATable(_("This is not a table of rows and columns. Export the leads as CSV or Excel."))
    if len(table.headers) > MOST_COLUMNS:
        raise NotATable(_("This file has more than %(count)d columns.") % {"count": MOST_COLUMNS})
    look = _look_over(table)
    stored_as = default_storage.save(f"imports/{clinic.pk}/{uuid4().hex}", upload)
    try:
        with transaction.atomic():
            lead_import = _create(clinic, upload, table, look, stored_as, header_line, by=by)
    except BaseException:
        default_storage.delete(stored_as)
        raise
    return lead_import


def _create(clinic, upload, table, look, stored_as, header_line, *, by):
    lead_import = LeadImport(
        clinic=clinic,
        file_name=PurePath(upload.name or _("Leads")).name[:255],
        stored_as=stored_as,
        header_line=header_line,
        size_bytes=upload.size,
        digest=_digest(upload),
        uploaded_by=by,
    )
    _understand(lead_import, table, look)
    lead_import.save()
    record("crm.import.uploaded", lead_import, by=by, after={"rows": look["count"]})
    return lead_import


def _understand(lead_import, table, look):
    """Write down how the file was read, and guess what its columns mean."""
    clinic = lead_import.clinic
    lead_import.encoding, lead_import.separator = table.encoding, table.separator
    lead_import.sheets = [name for name in table.sheets if len(name) <= LONGEST_SHEET]
    lead_import.sheet = table.sheet[:LONGEST_SHEET]
    lead_import.headers, lead_import.row_count = list(table.headers), look["count"]
    lead_import.notices = [*table.notices, *look["notices"], *_refusals_notice(table.headers)]
    lead_import.columns = [
        {"header": guess.header, "reason": _reason(clinic, guess), "target": _allowed(clinic, guess.target)}
        | look["columns"][guess.column]
        for guess in guess_mapping(list(table.headers), look["rows"])
    ]
    lead_import.mapping = [column["target"] for column in lead_import.columns]
    lead_import.options = _options_for(lead_import).as_json()
    _remember(lead_import)


@transaction.atomic
def read_again(lead_import, reading, *, by):
    """Read a file that was understood wrongly as somebody says (a Reading), and guess its columns anew; the import.

    What was tried out or corrected before no longer counts. Records "crm.import.read_again". Raises ImportIsOver,
    UnreadableFile in words for the reader.
    """
    lead_import = lock_import(lead_import)
    if not lead_import.may_be_mapped:
        raise ImportIsOver
    before = _reading_of(lead_import, lead_import.header_line)
    with lead_import.open_file() as file:
        table = read_table(file, reading=reading)
        look = _look_over(table)
    lead_import.header_line, lead_import.corrections = reading.header_line, {}
    lead_import.status = LeadImport.Status.UPLOADED
    _understand(lead_import, table, look)
    lead_import.save()
    record(
        "crm.import.read_again", lead_import, by=by, before=before, after=_reading_of(lead_import, reading.header_line)
    )
    return lead_import


def _reading_of(lead_import, line):
    names = ("encoding", "separator", "sheet")
    return {name: getattr(lead_import, name) for name in names} | {"line": line}


def _look_over(table):
    """One pass over the whole file: rows counted, those with too few or too many cells named, few words collected."""
    width = len(table.headers)
    words = [Counter() for _column in range(width)]
    samples = [{} for _column in range(width)]
    filled, rows, count, uneven, broken, whole = [0] * width, [], 0, [], [], 0
    open_columns = set(range(width))
    for row in table.rows:
        count += 1
        if row.problem:
            if len(row.cells) == width:
                broken.append(row.problem)
            elif not furniture_of(row.cells, table.headers):
                uneven.append(row.line)
            continue
        whole += 1
        if len(rows) < SAMPLE:
            rows.append(row.cells)
            for place, cell in enumerate(row.cells):
                if cell.strip() and len(samples[place]) < SAMPLES:
                    samples[place].setdefault(cell.strip()[:120])
        for place in list(open_columns):
            cell = row.cells[place].strip()
            if cell:
                filled[place] += 1
                words[place][cell] += 1
                if len(words[place]) > FEW_WORDS or len(cell) > LONGEST_WORD:
                    open_columns.discard(place)
    if not whole:
        raise FileIsEmpty(_("No row of this file has as many cells as there are headings."))
    columns = [
        {
            "samples": list(samples[place]),
            "words": [list(word) for word in words[place].most_common()] if place in open_columns else None,
            "is_empty": place in open_columns and not filled[place],
        }
        for place in range(width)
    ]
    return {
        "rows": rows,
        "count": count,
        "columns": columns,
        "notices": [*broken[:LINES_NAMED], *_uneven_notice(uneven)],
    }


def _refusals_notice(headers):
    """A refusal that a file tells of is kept beside the lead, where no sender looks."""
    found = [f"“{header}”" for header in headers if REFUSALS.search(plain(header))]
    if not found:
        return []
    words = _(
        "%(columns)s seems to say who agreed to be written to and who refused. It is kept beside each lead and stops "
        "nothing: bring it in under “Consents from a file”, too, before you write to them."
    )
    return [words % {"columns": ", ".join(found)}]


def _uneven_notice(lines):
    if not lines:
        return []
    named = ", ".join(str(line) for line in lines[:LINES_NAMED]) + ("…" if len(lines) > LINES_NAMED else "")
    return [
        ngettext(
            "%(count)d row has more or fewer cells than there are headings and will not be imported: row %(lines)s.",
            "%(count)d rows have more or fewer cells than there are headings and will not be imported: rows %(lines)s.",
            len(lines),
        )
        % {"count": len(lines), "lines": named}
    ]


def _allowed(clinic, target):
    """What a clinic with minimal lead privacy does not keep is left out from the start."""
    if clinic.asks_full_names:
        return target
    return IGNORE if target == KEPT or target in REFUSED_WHEN_MINIMAL else target


def _reason(clinic, guess):
    if _allowed(clinic, guess.target) != guess.target:
        return _("this clinic keeps only first names and contact on leads")
    return guess.reason


def _options_for(lead_import):
    """Options as the words of the file suggest them."""
    stages = list(PipelineStage.objects.in_order())
    members = list(ClinicUser.objects.coordinators().select_related("user"))
    owner_words = guess_members(words_of(lead_import, "assigned_to"), members)
    return ImportOptions(
        stage=next((str(stage.pk) for stage in stages if stage.is_default), ""),
        stage_words=guess_stages(words_of(lead_import, "stage", "status"), stages),
        owners=Owners.COLUMN if any(owner_words.values()) else Owners.TURN,
        owner_words=owner_words,
    )


def words_of(lead_import, *targets):
    """The different words under the columns mapped to these targets, each once, the most frequent first."""
    words = {}
    for column, target in zip(lead_import.columns, lead_import.mapping, strict=True):
        if target in targets and column["words"]:
            for word, _count in column["words"]:
                words.setdefault(word_key(word), word)
    return list(words.values())


def _remember(lead_import):
    """Take mapping and options over from the last import with the very same headings."""
    known = LeadImport.objects.mapped_like(lead_import.headers).first()
    if known is None:
        return
    lead_import.mapping = known.mapping
    fresh = lead_import.options
    lead_import.options = known.options | {
        name: fresh[name] | known.options.get(name, {}) for name in ("stage_words", "owner_words")
    }
    for column, guessed, target in zip(
        lead_import.columns, [column["target"] for column in lead_import.columns], known.mapping, strict=True
    ):
        if guessed != target:
            column["reason"] = _("as the last time with these columns")


def _digest(upload):
    upload.seek(0)
    digest = hashlib.file_digest(upload, "sha256").hexdigest()
    upload.seek(0)
    return digest


@transaction.atomic
def save_mapping(lead_import, *, mapping, options, by):
    """Keep what the columns mean and how to import; what was tried out before no longer counts. Returns the import.

    Records "crm.import.mapped". Raises ImportIsOver.
    """
    lead_import = lock_import(lead_import)
    if not lead_import.may_be_mapped:
        raise ImportIsOver
    before = {"mapping": lead_import.mapping}
    lead_import.mapping, lead_import.options = mapping, options.as_json()
    lead_import.status = LeadImport.Status.UPLOADED
    lead_import.save()
    record("crm.import.mapped", lead_import, by=by, before=before, after={"mapping": mapping})
    return lead_import


@transaction.atomic
def discard_upload(lead_import, *, by):
    """Take away an upload of which nothing has been imported, with its file.

    Records "crm.import.deleted". Raises ImportIsOver.
    """
    lead_import = lock_import(lead_import)
    if not lead_import.may_be_mapped:
        raise ImportIsOver
    record("crm.import.deleted", lead_import, by=by, before={"file": lead_import.file_name})
    stored_as = lead_import.stored_as
    lead_import.delete()
    remove_rows(lead_import)
    remove_files(stored_as)
