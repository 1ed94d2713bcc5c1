"""The database of a test run is copied from one that was migrated before, until a migration or the wall changes.

Migrating takes five seconds of a core for each worker of each run; a copy takes a fraction of one.
"""

import hashlib
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
DECIDING = [
    "requirements.txt",
    "config/settings.py",
    "clinics/wall*.py",
    "clinics/management/commands/migrate.py",
    "*/apps.py",
    "*/models.py",
    "*/models/*.py",
    "*/migrations/*.py",
]
PREFIX = "recare_template_"


def template_name():
    """The name of the migrated database, which tells everything that decides what is in it."""
    told = hashlib.sha256(f"{sys.version} {settings.DATABASE_ROLE}".encode())
    for path in sorted({path for pattern in DECIDING for path in ROOT.glob(pattern)}):
        told.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return PREFIX + told.hexdigest()[:16]


def make_test_database():
    """Make the empty database of this run under its test name. Several workers at once take turns."""
    template, name = template_name(), connection.creation._get_test_db_name()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX + "%"])
        found = {row[0] for row in cursor.fetchall()}
        if template in found:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            connection.close()
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
            return
        for old in found:
            cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
        cursor.execute(f'CREATE DATABASE "{template}" TEMPLATE "{name}"')


def drop_test_database():
    """Leave nothing of this run behind but the template."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
