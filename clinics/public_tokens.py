"""Addresses that open a clinic to people without a login: an opaque token that carries the clinic and a secret.

No table has to be readable before a clinic is chosen: the token says which clinic to open, and only inside of it,
behind both walls, is the row looked up that the token belongs to. Whoever has not got the token learns nothing.
"""

import base64
import binascii
import secrets
import uuid

SECRET_BYTES = 16
LENGTH = 43  # characters: 16 bytes of the clinic's id and the secret, in the alphabet of addresses


def new_token(clinic_id):
    """A token of this clinic that nobody has yet and nobody can guess."""
    return base64.urlsafe_b64encode(clinic_id.bytes + secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode()


def clinic_of(token):
    """The id of the clinic that a token claims to belong to, or None if it is no token at all."""
    if len(token) != LENGTH:
        return None
    try:
        return uuid.UUID(bytes=base64.b64decode(token + "=", altchars=b"-_", validate=True)[:16])
    except (binascii.Error, ValueError):
        return None
