"""Reading a file that is kept: at once where that takes no time, else as a background job with its progress."""

from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.audit import record
from clinics.jobs import report_progress, start_job
from clinics.tables.errors import NotATable
from clinics.tables.glancing import glance_at
from clinics.tables.reading import LIMIT_BYTES, Reading
from clinics.tenancy import clinic_scope
from crm.importing.looking_over import look_over
from crm.importing.rules import FileIsGone, ImportIsOver
from crm.importing.second_heading import read_upload
from crm.importing.understanding import understand
from crm.importing.working import lock_import, refuse_if_at_work, take_up
from crm.models import LeadImport

MOST_COLUMNS = 300
MARKUP = tuple("[{<")  # JSON, XML and HTML, whatever the name of the file says
WHOLE = 100  # progress is counted in parts of a hundred, by bytes: how many rows there are is not known yet


def read_in(lead_import, reading, *, by):
    """Read the file of an import as a Reading says and guess its columns, in the background if it is large.

    What was tried out or corrected before no longer counts. Raises UnreadableFile, in the words of whoever chose it,
    unless it is found out in the background.
    """
    with _opened(lead_import) as file:
        is_small = glance_at(file, limit_bytes=LIMIT_BYTES).is_small
        found = _read(file, reading) if is_small else None
    if found:
        _write_down(lead_import, *found)
    else:
        lead_import.status = LeadImport.Status.READING
        lead_import.job = start_job(
            "crm.import_reading",
            title=(_("Reading %(file)s") % {"file": lead_import.file_name})[:200],
            by=by,
            parameters={"import": str(lead_import.pk), "reading": asdict(reading)},
            result_url=lead_import.get_absolute_url(),
        )
    lead_import.save()


def run_reading(clinic, job):
    """The job "crm.import_reading": the file is read from the beginning, however often, and written down at the end."""
    with clinic_scope(clinic):
        lead_import = take_up(job, LeadImport.Status.READING)
    with _opened(lead_import) as file:

        def tell(count):
            words = ngettext("%(count)d row so far", "%(count)d rows so far", count) % {"count": count}
            with clinic_scope(clinic):
                report_progress(job, min(WHOLE, file.tell() * WHOLE // lead_import.size_bytes), WHOLE, note=words)

        found = _read(file, Reading(**job.parameters["reading"]), tell)
    with clinic_scope(clinic):
        lead_import = take_up(job, LeadImport.Status.READING)
        _write_down(lead_import, *found)
        lead_import.save()
        return {"rows": lead_import.row_count}


def _opened(lead_import):
    try:
        return lead_import.open_file()
    except OSError as error:
        raise FileIsGone from error


def _read(file, reading, after_step=None):
    """(the Table, the line of its headings where that is said, what the look over it found)."""
    table, header_line = read_upload(file, reading)
    if table.headers[0].lstrip()[:1] in MARKUP and len(table.headers) == 1:
        raise NotATable(_("This is not a table of rows and columns. Export the leads as CSV or Excel."))
    if len(table.headers) > MOST_COLUMNS:
        raise NotATable(_("This file has more than %(count)d columns.") % {"count": MOST_COLUMNS})
    return table, header_line, look_over(table, after_step=after_step)


def _write_down(lead_import, table, header_line, look):
    lead_import.header_line, lead_import.corrections = header_line, {}
    lead_import.status = LeadImport.Status.UPLOADED
    understand(lead_import, table, look)


@transaction.atomic
def read_again(lead_import, reading, *, by):
    """Read a file that was understood wrongly, or not at all, as somebody says (a Reading); returns the import.

    Records "crm.import.read_again". Raises ImportIsAtWork, ImportIsOver, UnreadableFile as `read_in` does.
    """
    lead_import = lock_import(lead_import)
    if refuse_if_at_work(lead_import, by=by):
        return lead_import
    if not lead_import.is_open:
        raise ImportIsOver
    before = {name: getattr(lead_import, name) for name in ("encoding", "separator", "sheet", "header_line")}
    read_in(lead_import, reading, by=by)
    record("crm.import.read_again", lead_import, by=by, before=before, after=asdict(reading))
    return lead_import
