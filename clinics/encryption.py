"""Columns that only this row may read: AES-256-GCM under a ring of keys.

A value is sealed for its place: table, column, primary key and clinic are the associated data, so a ciphertext copied
into another row, column or clinic does not open. The ring is `settings.ENCRYPTION_KEYS`, a list of "id:base64 key"; the
first key seals, all of them open. `key_rotation` carries rows over to a new first key.

Sealed columns cannot be searched or sorted: the database can only be asked whether they are empty.
"""

import base64
import binascii
import json
import os
import re
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.lookups import Exact, IsNull
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

FORMAT = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class CannotUnseal(Exception):
    """The stored text does not open here: another row's, another clinic's, damaged, or its key left the ring."""


class PlainValueRefused(TypeError):
    """A plain value was about to reach a sealed column without its row, for instance by `QuerySet.update()`."""


class Sealed:
    """A ciphertext on its way between a row and the database. It never shows its content by accident."""

    __slots__ = ("token",)

    def __init__(self, token):
        self.token = token

    def __eq__(self, other):
        return isinstance(other, Sealed) and self.token == other.token

    def __hash__(self):
        return hash(self.token)

    def __str__(self):
        return "••••"

    def __repr__(self):
        return "<Sealed>"

    @property
    def key_id(self):
        return _parts(self.token)[0]


def seal(text, binding):
    """Encrypt `text` under the current key so that it opens only with the same `binding` (a tuple of strings)."""
    key_id, cipher = next(iter(key_ring().items()))
    nonce = os.urandom(NONCE_BYTES)
    body = nonce + cipher.encrypt(nonce, text.encode(), _associated(key_id, binding))
    return Sealed(f"{FORMAT}:{key_id}:{base64.urlsafe_b64encode(body).decode()}")


def unseal(sealed, binding):
    """Decrypt what `seal` made for the same `binding`. Raises CannotUnseal."""
    key_id, body = _parts(sealed.token)
    try:
        cipher = key_ring()[key_id]
    except KeyError:
        raise CannotUnseal(f"The key {key_id!r} is not in ENCRYPTION_KEYS.") from None
    try:
        return cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _associated(key_id, binding)).decode()
    except (InvalidTag, UnicodeDecodeError):
        raise CannotUnseal("A sealed value does not belong to the row that holds it.") from None


def seal_for(row, field_name, value):
    """The sealed form of `value` for one column of one row, which `QuerySet.update()` accepts."""
    return row._meta.get_field(field_name).seal(value, row)


def current_key_id():
    return next(iter(key_ring()))


def key_ring():
    """Key id to cipher, the current key first. Raises ImproperlyConfigured."""
    return _read_ring(tuple(settings.ENCRYPTION_KEYS))


@lru_cache(maxsize=8)
def _read_ring(lines):
    ring = {}
    for line in lines:
        key_id, colon, encoded = line.partition(":")
        try:
            key = base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not colon or not KEY_ID.fullmatch(key_id) or len(key) != KEY_BYTES or key_id in ring:
            raise ImproperlyConfigured(
                "ENCRYPTION_KEYS lists 'id:base64 key' with distinct ids and keys of 32 bytes, the current one first."
            )
        ring[key_id] = AESGCM(key)
    if not ring:
        raise ImproperlyConfigured("ENCRYPTION_KEYS is empty: sealed columns can be neither read nor written.")
    return ring


def _parts(token):
    version, _colon, rest = token.partition(":")
    key_id, _colon, encoded = rest.partition(":")
    try:
        body = base64.urlsafe_b64decode(encoded.encode("ascii"))
    except (binascii.Error, ValueError):
        body = b""
    if version != FORMAT or len(body) < NONCE_BYTES + TAG_BYTES:
        raise CannotUnseal("A sealed column holds something that was never sealed.")
    return key_id, body


def _associated(key_id, binding):
    return json.dumps([FORMAT, key_id, *binding], ensure_ascii=True).encode()


class SealedAttribute(DeferredAttribute):
    """Opens the column when it is first read, because only then the whole row is known."""

    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = self.field.unseal(value, instance)
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class EncryptedField(models.Field):
    """What every sealed column does; subclasses say how their value becomes text and back.

    None stays NULL and an empty text stays empty: there is nothing to hide in them. Saving an instance and
    `bulk_create` seal; `update()` and `bulk_update` do not know the row and refuse a plain value (see `seal_for`).
    """

    descriptor_class = SealedAttribute

    def get_internal_type(self):
        return "TextField"

    def to_text(self, value):
        return str(value)

    def from_text(self, text):
        return text

    def seal(self, value, row):
        """The sealed form of `value` for this column of `row`."""
        value = self.to_python(value) if isinstance(value, str) else value
        return value if value is None or value == "" else seal(self.to_text(value), self.binding(row))

    def unseal(self, sealed, row):
        return self.from_text(unseal(sealed, self.binding(row)))

    def binding(self, row):
        """The place a value is sealed for. Raises ValueError for a row that has no primary key yet."""
        if row.pk is None:
            raise ValueError(f"{self.model.__name__}.{self.name} is sealed for its row, and the row has no key yet.")
        meta = self.model._meta
        clinic = [field for field in meta.concrete_fields if field.attname == "clinic_id"]
        identity = [str(field.to_python(getattr(row, field.attname))) for field in (meta.pk, *clinic)]
        return (meta.db_table, self.column, *identity)

    def pre_save(self, model_instance, add):
        return self.seal(getattr(model_instance, self.attname), model_instance)

    def from_db_value(self, value, expression, connection):
        return Sealed(value) if value else value

    def get_prep_value(self, value):
        if value is None or (isinstance(value, str) and value == ""):
            return value
        if isinstance(value, Sealed):
            return value.token
        raise PlainValueRefused(
            f"{self.model.__name__}.{self.name} is sealed for one row. Set it on the row and save that, "
            "or update() with seal_for(row, field_name, value)."
        )

    def get_db_prep_value(self, value, connection, prepared=False):
        return value if prepared else self.get_prep_value(value)

    def get_db_prep_save(self, value, connection):
        return self.get_prep_value(value)

    def get_lookup(self, lookup_name):
        return {"isnull": IsNull, "exact": Exact}.get(lookup_name)

    def get_transform(self, lookup_name):
        return None


class EncryptedTextField(EncryptedField, models.TextField):
    description = _("Sealed text")


class EncryptedDateField(EncryptedField, models.DateField):
    description = _("Sealed date")

    def to_text(self, value):
        return self.to_python(value).isoformat()

    def from_text(self, text):
        return self.to_python(text)


class EncryptedJSONField(EncryptedField, models.JSONField):
    description = _("Sealed settings")

    def seal(self, value, row):
        return value if value is None else seal(self.to_text(value), self.binding(row))

    def to_text(self, value):
        return json.dumps(value, cls=self.encoder)

    def from_text(self, text):
        return json.loads(text, cls=self.decoder)
