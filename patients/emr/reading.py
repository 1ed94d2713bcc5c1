"""Reading an EMR from a place onward. The place (`EmrRun.cursor`) moves with what is applied, in one transaction.

began     when the run began, by our clock; what the next increment is counted from
since     only what has changed since, or "" for everything
todo      types of resources that are not yet read to their end, the first of them in hand
next      the page that comes next of the type in hand, or "" for its first
export    a bulk export: `url` under which it is watched, then its `files`, the `file` in hand and the `line` in it
moment    the moment that a bulk export shows
"""

import time
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.jobs import report_progress
from clinics.tenancy import clinic_scope
from patients.emr.bulk import NotYet, end_export, lines_of, poll_export, start_export, warnings_of
from patients.emr.errors import Away, Declined, Gone, NotSupported, NotThere, TooSlow, Unreadable
from patients.emr.mapping import ORDER
from patients.emr.runs import take_up_waiting
from patients.emr.sources import Source
from patients.emr.telling import take_in
from patients.models import EmrRun

BATCH = 100  # lines of a bulk file that are applied at once
BREATH = 20.0  # seconds between two signs of life while an export is waited for
LONGEST_EXPORT = timedelta(hours=8)
FILE_TRIES = 3
WARNINGS = 20


def begin(connection, kind):
    """The place from which a new run reads."""
    since = "" if kind == EmrRun.Kind.FULL else connection.cursor.get("since", "")
    cursor = {"began": timezone.now().isoformat(), "since": since, "todo": list(ORDER), "next": "", "total": 0}
    if kind == EmrRun.Kind.FULL and connection.uses_bulk:
        cursor["export"] = {"url": ""}
    return cursor


def read_on(clinic, job, run, client):
    """Read from the run's place to the end; returns what the server warned of. Raises an EmrError, JobCancelled."""
    reader = Reader(clinic, job, run, client)
    if "export" in run.cursor:
        try:
            reader.read_export()
        except (NotThere, NotSupported, Declined) as error:
            if reader.run.cursor["export"].get("files"):
                raise
            reader.warn(_("No bulk export there, so it is read page by page. %s") % error)
            reader.keep([], {name: value for name, value in reader.run.cursor.items() if name != "export"})
    while reader.run.cursor["todo"]:
        reader.read_kind(reader.run.cursor["todo"][0])
    reader.take_up_waiting()
    return reader.warnings


class Reader:
    def __init__(self, clinic, job, run, client):
        self.clinic, self.job, self.run, self.client = clinic, job, run, client
        self.warnings, self.begun_anew = [], set()

    def read_kind(self, kind):
        """One type of resource, page by page, to its end."""
        page = self._first_or_next(kind)
        while True:
            for words in page.warnings:
                self.warn(f"{kind}: {words}")
            cursor = self.run.cursor | {"next": page.next_url}
            if not self.run.cursor["next"] and page.total:
                cursor["total"] = self.run.seen_count + page.total
            if not page.next_url:
                cursor["todo"] = self.run.cursor["todo"][1:]
            elif page.next_url == self.run.cursor["next"]:
                raise Unreadable
            self.keep(page.resources, cursor, note=kind)
            if not page.next_url:
                return
            page = self._first_or_next(kind)

    def _first_or_next(self, kind):
        cursor = self.run.cursor
        if cursor["next"]:
            try:
                return self.client.follow(cursor["next"])
            except (NotThere, Declined):  # servers forget their pages; what came before is read again and is as before
                if kind in self.begun_anew:
                    raise
                self.begun_anew.add(kind)
                self.run.cursor = cursor | {"next": ""}
        return self.client.search(kind, **self.asked_for())

    def asked_for(self):
        """The parameters of a search."""
        since = self.run.cursor["since"]
        return {"_lastUpdated": f"ge{since}"} if since else {}

    def read_export(self):
        """Everything by bulk export: asked for, waited for, and read file by file."""
        export = self.run.cursor["export"]
        if not export["url"]:
            self._place(url=start_export(self.client, ORDER))
        if "files" not in export:
            self._wait_for_files()
        while self.run.cursor["export"]["file"] < len(self.run.cursor["export"]["files"]):
            self._read_file()
        url = self.run.cursor["export"]["url"]
        rest = {name: value for name, value in self.run.cursor.items() if name != "export"}
        self.keep([], rest | {"todo": []})
        end_export(self.client, url)

    def _wait_for_files(self):
        url, until = self.run.cursor["export"]["url"], timezone.now() + LONGEST_EXPORT
        while isinstance(told := poll_export(self.client, url), NotYet):
            if timezone.now() > until:
                raise TooSlow
            self._rest(told)
        for words in warnings_of(self.client, told.errors)[:WARNINGS]:
            self.warn(words)
        files = sorted((file for file in told.files if file["type"] in ORDER), key=lambda file: _rank(file["type"]))
        self._place(files=files, file=0, line=0, moment=told.moment)

    def _rest(self, told):
        """Wait as long as the server asks, with a sign of life now and then."""
        end = time.monotonic() + told.after
        while True:
            self.keep([], self.run.cursor, note=_("The EMR prepares its files %s") % told.progress)
            left = end - time.monotonic()
            if left <= 0:
                return
            self.client.wait(min(left, BREATH))

    def _read_file(self):
        export = self.run.cursor["export"]
        file = export["files"][export["file"]]
        for attempt in range(1, FILE_TRIES + 1):
            try:
                self._read_lines(file)
                break
            except Gone:
                raise
            except (Unreadable, Away, TooSlow):  # it broke off; what came of it stands, the rest is read anew
                if attempt == FILE_TRIES:
                    raise
        self._place(file=export["file"] + 1, line=0)

    def _read_lines(self, file):
        lines = lines_of(self.client, file["url"], skip=self.run.cursor["export"]["line"])
        while batch := _some(lines):
            found = [resource for _number, resource in batch.lines if isinstance(resource, dict)]
            for number, resource in batch.lines:
                if not isinstance(resource, dict):
                    self.warn(_("%(kind)s: line %(number)d cannot be read") % {"kind": file["type"], "number": number})
            self._place(found, note=file["type"], line=batch.lines[-1][0])
            if batch.error:
                raise batch.error

    def _place(self, resources=(), *, note="", moment=None, **moved):
        export = self.run.cursor["export"] | moved
        cursor = self.run.cursor | {"export": export} | ({"moment": moment} if moment else {})
        self.keep(list(resources), cursor, note=note)

    def keep(self, resources, cursor, *, note=""):
        """Apply some resources and move the place behind them, both or neither; then the run stands where it stands."""
        with clinic_scope(self.clinic), transaction.atomic():
            run = self._locked()
            if resources:
                self.apply(run, resources)
            run.cursor = cursor
            run.save()
            total = cursor.get("total") or None
            report_progress(self.job, run.seen_count, total and max(total, run.seen_count), note=note)
        self.run = run

    def apply(self, run, resources):
        """What a page brought, in the transaction in which the place moves behind it."""
        take_in(run.connection, run, resources, by=run.started_by)

    def take_up_waiting(self):
        """What came before whatever it points at is tried again, now that all is here."""
        tried = 1
        while tried:
            with clinic_scope(self.clinic):
                run = self._locked()
                tried = take_up_waiting(Source.of(run.connection), run, by=run.started_by)
                report_progress(self.job, run.seen_count, note="")
            self.run = run

    def _locked(self):
        run = EmrRun.objects.select_for_update(of=("self",)).get(pk=self.run.pk)
        run.connection, run.started_by = self.run.connection, self.run.started_by
        return run

    def warn(self, words):
        if len(self.warnings) < WARNINGS:
            self.warnings.append(words)


def _rank(kind):
    return ORDER.index(kind)


class _Batch:
    def __init__(self, lines, error):
        self.lines, self.error = lines, error


def _some(lines):
    """The next lines of a file, and the error that ended it in their midst; None at its end."""
    read, error = [], None
    try:
        for line in islice(lines, BATCH):
            read.append(line)
    except (Unreadable, Away, TooSlow) as broken:
        if not read:
            raise
        error = broken
    return _Batch(read, error) if read else None
