"""Two clinics, each with six members and one row of every model, full of a word that must never be read next door."""

import json
from contextlib import nullcontext
from datetime import timedelta
from functools import cached_property

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.test import Client
from django.urls import reverse

from clinics.models import Role
from clinics.models.base import current_clinic_id
from clinics.sessions import SEEN
from clinics.tests.factories import ClinicFactory, ClinicUserFactory
from clinics.wall import clinic_models
from conftest import logged_in, next_door
from tests.isolation import (  # noqa: F401 - add makers
    assignment_rows,
    day_rows,
    duplicate_rows,
    emr_rows,
    inbox_rows,
    lead_page_rows,
    list_rows,
    number_rows,
    patient_list_rows,
    patient_rows,
)
from tests.isolation.rows import MAKERS
from tests.remembered_preset import give_preset

# Tables before the wall whose rows a request could still change for the people of another clinic.
SHARED = {
    "clinics_clinic": "id = %(clinic)s",
    "clinics_user": "id IN (SELECT user_id FROM clinics_clinicuser WHERE clinic_id = %(clinic)s)",
    "usersessions_usersession": "user_id IN (SELECT user_id FROM clinics_clinicuser WHERE clinic_id = %(clinic)s)",
    "mfa_authenticator": "user_id IN (SELECT user_id FROM clinics_clinicuser WHERE clinic_id = %(clinic)s)",
}

# What a commit checks, which no test reaches.
CHECKED = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"

# What pg_stat_xact_user_tables adds up, without the joins and the columns of that view.
WRITES = """
    SELECT {asked} FROM pg_class, LATERAL (SELECT pg_stat_get_xact_tuples_inserted(oid)
        + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid) AS rows) written
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND rows > 0
"""


class World:
    """One clinic: `world[Lead]` is its lead, `world.members[Role.VIEWER]` its viewer; `word` stands in all it says."""

    def __init__(self, word):
        self.word = word
        self.rows = {}
        # What had been written when it was looked at last: never more than there is, so that nothing is missed.
        self.writes_seen, self.writes_by_table = 0, {}
        self.clinic = ClinicFactory(name=f"{word} Dental", slug=word, email=f"desk@{word}.example")
        with self.open():
            give_preset(self.clinic)
            self.members = {role: self._member(role) for role in Role}
            for model in MAKERS:
                self[model]
        TOTP.activate(self.admin.user, generate_totp_secret())
        RecoveryCodes.activate(self.admin.user)
        self.clients = {role: self._at_work(member) for role, member in self.members.items()}

    def __getitem__(self, model):
        """The row of a model, made when it is first asked for."""
        if model not in self.rows:
            self.rows[model] = MAKERS[model](self)
        return self.rows[model]

    def _member(self, role):
        person = {"email": f"{role.lower()}@{self.word}.example", "first_name": self.word, "last_name": role.label}
        return ClinicUserFactory(role=role, **{f"user__{name}": value for name, value in person.items()})

    def _at_work(self, member):
        """A browser in which the member has opened a page already, so that the login itself is not asked about.

        Nor is it noted ever again who is here: what a request is taken for having written is what its page wrote.
        """
        client = logged_in(member)
        client.get(reverse("clinics:notification_bell"))
        session = client.session
        session[SEEN] += timedelta(days=1).total_seconds()
        session.save()
        return client

    @property
    def key(self):
        return str(self.clinic.pk)

    @property
    def admin(self):
        return self.members[Role.CLINIC_ADMIN]

    def open(self):
        return nullcontext() if current_clinic_id() == self.clinic.pk else next_door(self.clinic)

    def checksum(self, tables=None):
        """{table: figure of the rows that the clinic has in it}: one changes when anything is written, whichever way.

        Of all tables, or of those of `tables` that can hold anything of a clinic.
        """
        conditions = {model._meta.db_table: "clinic_id = %(clinic)s" for model in clinic_models()} | SHARED
        asked = [table for table in conditions if tables is None or table in tables]
        if not asked:
            return {}
        parts = [_digest(table, conditions[table]) for table in asked]
        chosen = "set_config('app.clinic_id', %(clinic)s, true)"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce(current_setting('app.clinic_id', true), ''), {chosen}", {"clinic": self.key}
            )
            before = cursor.fetchone()[0]
            cursor.execute(f"SELECT ARRAY[{', '.join(parts)}]", {"clinic": self.key})
            written = cursor.fetchone()[0]
            cursor.execute(f"SELECT {chosen}", {"clinic": before})
        return dict(zip(asked, written, strict=True))

    def is_changed(self):
        """Tell whether the clinic is not as every request finds it; only tables that were written to are read."""
        now = writes_by_table()
        written = {table for table, count in now.items() if self.writes_by_table.get(table) != count}
        self.writes_by_table = now
        return any(self.checksum_at_first[table] != found for table, found in self.checksum(written).items())

    @cached_property
    def checksum_at_first(self):
        """That of the world as every request finds it, since each is taken back."""
        return self.checksum()

    def settle(self):
        """Take the world as it stands now for the one that nobody next door may change."""
        self.checksum_at_first = self.checksum()

    def is_told_in(self, text):
        """Tell whether anything of this clinic stands in a text that somebody else received."""
        return self.word in text.lower()


def writes_so_far():
    """How many rows this transaction has written, those taken back again too: if it stays, nothing was touched."""
    with connection.cursor() as cursor:
        cursor.execute(WRITES.format(asked="sum(rows)"))
        return cursor.fetchone()[0] or 0


def writes_by_table():
    """The same for each table that was written to."""
    with connection.cursor() as cursor:
        cursor.execute(WRITES.format(asked="coalesce(json_object_agg(relname, rows), '{}')"))
        found = cursor.fetchone()[0]
        return json.loads(found) if isinstance(found, str) else found


def _digest(table, condition):
    return f"(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t WHERE {condition})"


def two_clinics():
    """The clinic whose rows are asked for, and the one whose people ask; the database has checked all that they hold.

    What it had put off until the commit would otherwise be checked anew after every request that is taken back.
    """
    both = World("zephyrine"), World("quillonby")
    with connection.cursor() as cursor:
        cursor.execute(CHECKED)
    return both


def nobody():
    """A browser in which nobody is logged in."""
    return Client(raise_request_exception=False)
