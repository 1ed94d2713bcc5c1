"""Birth dates are sealed; a keyed digest beside each lets people be found by it, and tells nobody what it is."""

import re
from datetime import date, datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

from clinics.models.base import current_clinic_id

SALT = "patients.birth_date"
FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%m-%d-%Y", "%d/%m/%Y")
LOOKS_LIKE_A_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")


def birth_date_digest(day):
    """The digest that is stored for a birth date in the clinic at hand; nothing for none."""
    return birth_date_digests(day)[0] if day else ""


def birth_date_digests(day):
    """The digests a birth date may be stored under, one for each secret key that is still known, newest first."""
    text = f"{current_clinic_id()}:{day.isoformat()}"
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(SALT, text, secret=key, algorithm="sha256").hexdigest() for key in keys]


def read_birth_date(text):
    """The day that somebody typed into a search, or None: 2014-05-03, 5/3/2014, 03.05.2014."""
    text = text.strip()
    if not LOOKS_LIKE_A_DATE.fullmatch(text):
        return None
    for form in FORMATS:
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        return day if date(1880, 1, 1) <= day <= date.today() else None
    return None
