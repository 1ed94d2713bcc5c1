"""The rows of a file as its trial read them, kept beside the file: correcting one of them does not read it all again.

They lie in a small database of their own, which finds rows by their line and by what tells who somebody is
(`alike.marks_of`). It holds what the file holds and goes with it; where it is missing, the file is read once more.
"""

import json
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory

from django.core.files import File
from django.core.files.storage import default_storage

from clinics.documents.removing import remove_files
from clinics.tables.reading import Row
from crm.importing.alike import CROWD, marks_of

TABLES = """
    CREATE TABLE row (line INTEGER PRIMARY KEY, cells TEXT NOT NULL, problem TEXT NOT NULL);
    CREATE TABLE mark (mark TEXT, line INTEGER, PRIMARY KEY (mark, line)) WITHOUT ROWID;
"""
MARKED = "SELECT line FROM mark WHERE mark IN (SELECT value FROM json_each(:marks)) ORDER BY line LIMIT :crowd"
ROWS = f"""
    SELECT line, cells, problem FROM row
    WHERE line IN (SELECT value FROM json_each(:lines)) OR line IN ({MARKED}) ORDER BY line
"""  # noqa: S608 - put together from our own words


class KeptRows:
    """The rows of one file: as a Table, it has `headers` and `rows`."""

    def __init__(self, path, headers, targets):
        self.path, self.headers, self.targets = path, tuple(headers), targets

    def begin(self):
        with closing(sqlite3.connect(self.path)) as database:
            database.executescript(TABLES)

    def add(self, rows):
        """Keep some rows as they stand in the file."""
        cells = [(row.line, json.dumps(row.cells), row.problem) for row in rows]
        marks = [(mark, row.line) for row in rows for mark in marks_of(row.cells, self.targets)]
        with closing(sqlite3.connect(self.path)) as database, database:
            database.executemany("INSERT INTO row VALUES (?, ?, ?)", cells)
            database.executemany("INSERT OR IGNORE INTO mark VALUES (?, ?)", marks)

    @property
    def rows(self):
        return self._found("SELECT line, cells, problem FROM row ORDER BY line", {})

    def rows_with(self, lines, marks):
        """The rows with one of these lines or marks, of the latter no more than CROWD; in the order of the file."""
        asked = {"lines": json.dumps(sorted(lines)), "marks": json.dumps(sorted(marks)), "crowd": CROWD}
        return self._found(ROWS, asked)

    def _found(self, statement, facts):
        with closing(sqlite3.connect(self.path)) as database:
            for line, cells, problem in database.execute(statement, facts):
                yield Row(line, tuple(json.loads(cells)), problem)


@contextmanager
def new_rows(lead_import, targets):
    """The empty KeptRows of an import, gone at the end of the block unless `keep_beside` keeps them."""
    with TemporaryDirectory() as folder:
        kept = KeptRows(Path(folder) / "rows", lead_import.headers, targets)
        kept.begin()
        yield kept


def keep_beside(kept, lead_import):
    """Keep the rows of a trial beside the file of its import, in the place of those of an earlier trial."""
    default_storage.delete(_name(lead_import))
    with kept.path.open("rb") as content:
        default_storage.save(_name(lead_import), File(content))


def remove_rows(lead_import):
    """Take away what a trial has kept beside a file, after the commit."""
    remove_files(lead_import.stored_as and _name(lead_import))


@contextmanager
def rows_beside(lead_import, targets):
    """The KeptRows of the last trial of an import, or None where nothing was kept."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows"
        try:
            with default_storage.open(_name(lead_import)) as stored, path.open("wb") as copy:
                copyfileobj(stored, copy)
        except OSError:
            yield None
        else:
            yield KeptRows(path, lead_import.headers, targets)


def _name(lead_import):
    return f"{lead_import.stored_as}.rows"
