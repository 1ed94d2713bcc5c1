"""The key pairs of a connection: made, published, changed over while both are shown, and withdrawn."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from clinics.audit import record
from patients.emr.signing import SigningKey, make_key
from patients.models import EmrConnection, EmrKey

ALGORITHMS = {  # what each vendor accepts
    EmrConnection.System.EPIC: "RS384",
    EmrConnection.System.CERNER: "RS384",
    EmrConnection.System.ATHENA: "RS384",
    EmrConnection.System.OTHER: "ES384",
}
SHOWN_AHEAD = timedelta(days=1)  # an EMR reads our keys only now and then
SHOWN_AFTER = timedelta(days=7)


def add_first_key(connection):
    """Make the first key pair of a new connection; it signs at once."""
    return _add(connection, signs_from=timezone.now())


@transaction.atomic
def rotate_key(connection, *, by, at_once=False):
    """Put a new key pair in the place of the old one; returns the EmrKey.

    The new one is published now and signs in a day, and the old one stays published for a week after that. `at_once`,
    for a key that somebody else may have: the new one signs now, and no other is published any more. Records
    "patients.emr_connection.key_changed".
    """
    connection = EmrConnection.objects.select_for_update().get(pk=connection.pk)
    starts = timezone.now() + (timedelta(0) if at_once else SHOWN_AHEAD)
    ends = starts + (timedelta(0) if at_once else SHOWN_AFTER)
    former = EmrKey.objects.published().filter(connection=connection)
    (former if at_once else former.filter(published_until=None)).update(published_until=ends)
    key = _add(connection, signs_from=starts)
    after = {"key": key.kid[-6:], "at_once": at_once}
    record("patients.emr_connection.key_changed", connection, by=by, after=after)
    return key


def _add(connection, *, signs_from):
    key, public = make_key(ALGORITHMS[connection.system])
    return EmrKey.objects.create(
        connection=connection,
        kid=key.kid,
        algorithm=key.algorithm,
        public_jwk=public,
        private_pem=key.private_pem,
        signs_from=signs_from,
    )


def signing_key(connection):
    """The key that signs now: the newest whose time has come."""
    keys = EmrKey.objects.published().filter(connection=connection, signs_from__lte=timezone.now())
    key = keys.newest_first().first()
    return SigningKey(key.kid, key.algorithm, key.private_pem)


def published_keys(connection):
    """The JSON web key set of a connection: public halves only."""
    keys = EmrKey.objects.published().filter(connection=connection).newest_first()
    return {"keys": list(keys.values_list("public_jwk", flat=True))}
