"""Two clinics, each with six members and one row of every model, full of a word that must never be read next door."""

import hashlib
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


class World:
    """One clinic: `world[Lead]` is its lead, `world.members[Role.VIEWER]` its viewer; `word` stands in all it says."""

    def __init__(self, word):
        self.word = word
        self.rows = {}
        self.writes_seen = 0  # what had been written when the last request that was watched ended; only ever too few
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

    def checksum(self):
        """One figure for every row that the clinic has: it changes when anything is written, whichever way."""
        parts = [_digest(model._meta.db_table, "clinic_id = %(clinic)s") for model in clinic_models()]
        parts += [_digest(table, condition) for table, condition in SHARED.items()]
        chosen = "set_config('app.clinic_id', %(clinic)s, true)"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce(current_setting('app.clinic_id', true), ''), {chosen}", {"clinic": self.key}
            )
            before = cursor.fetchone()[0]
            cursor.execute(f"SELECT array_to_string(ARRAY[{', '.join(parts)}], ' ')", {"clinic": self.key})
            written = cursor.fetchone()[0]
            cursor.execute(f"SELECT {chosen}", {"clinic": before})
        return hashlib.md5(written.encode()).hexdigest()

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


def _digest(table, condition):
    return f"(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t WHERE {condition})"


def two_clinics():
    """The clinic whose rows are asked for, and the one whose people ask."""
    return World("zephyrine"), World("quillonby")


def nobody():
    """A browser in which nobody is logged in."""
    return Client(raise_request_exception=False)
