"""Personal values in the audit log: sealed under a key of each person, which erasing the person destroys.

The log itself is append-only; what was written there of a name, number or address can be read as long as the key is
kept. A model names its personal fields as `PERSONAL`; the values of all others stand in the log as they are.
"""

import base64
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.serializers.json import DjangoJSONEncoder

from clinics.models import PersonalKey

MARK = "sealed"
NONCE_BYTES = 12
GONE = "•••"


def seal_personal(instance, values):
    """The same values, those of the instance's PERSONAL fields sealed under its key; nothing stays nothing."""
    names = set(getattr(instance, "PERSONAL", ())) & set(values or ())
    names = {name for name in names if values[name] not in (None, "", [])}
    if not names:
        return values
    cipher = _cipher(_key_of(instance))
    return {name: _seal(cipher, value) if name in names else value for name, value in values.items()}


def forget_personal(instance):
    """Destroy the key of a person: what the audit log says of them personally cannot be read any more."""
    PersonalKey.objects.filter(resource_type=instance._meta.label_lower, resource_id=instance.pk).delete()


def forget_all_personal(model, ids):
    """The same for many people of one model at once."""
    PersonalKey.objects.filter(resource_type=model._meta.label_lower, resource_id__in=ids).delete()


def opened_sides(event):
    """What an entry of the log says was before and is after, opened, for whoever takes the change back."""
    personal = PersonalValues([event])
    return personal.opened(event, event.before), personal.opened(event, event.after)


class PersonalValues:
    """Opens the sealed values of some audit entries; their keys are fetched at once, and only if there are any."""

    def __init__(self, events):
        sealed = [event for event in events if _is_sealed(event.before) or _is_sealed(event.after)]
        keys = PersonalKey.objects.filter(resource_id__in={event.resource_id for event in sealed}) if sealed else ()
        self.ciphers = {(key.resource_type, key.resource_id): _cipher(key) for key in keys}

    def opened(self, event, values):
        """`event.before` or `event.after` as it was; of a person who was erased only that there was something."""
        cipher = self.ciphers.get((event.resource_type, event.resource_id))
        return {name: _open(cipher, value) for name, value in (values or {}).items()}


def _key_of(instance):
    key, _is_new = PersonalKey.objects.get_or_create(
        resource_type=instance._meta.label_lower,
        resource_id=instance.pk,
        defaults={"secret": base64.b64encode(os.urandom(32)).decode()},
    )
    return key


def _cipher(key):
    return AESGCM(base64.b64decode(key.secret))


def _seal(cipher, value):
    nonce = os.urandom(NONCE_BYTES)
    text = json.dumps(value, cls=DjangoJSONEncoder).encode()
    return {MARK: base64.b64encode(nonce + cipher.encrypt(nonce, text, None)).decode()}


def _open(cipher, value):
    if not _is_token(value):
        return value
    if cipher is None:
        return GONE
    body = base64.b64decode(value[MARK])
    try:
        return json.loads(cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], None))
    except InvalidTag:
        return GONE


def _is_token(value):
    return isinstance(value, dict) and value.keys() == {MARK}


def _is_sealed(values):
    return any(_is_token(value) for value in (values or {}).values())
