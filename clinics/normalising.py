"""Normal forms in which names, phone numbers and e-mail addresses are stored, compared and searched."""

import re
import unicodedata

import phonenumbers

NOT_A_DIGIT = re.compile(r"\D+")
SPACES = re.compile(r"\s+")
# Signs that turn the direction of what is written after them: in a name they would turn the sentence around it.
TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def name_key(*parts):
    """Names without case and accents, words separated by one space: "José  Vega" -> "jose vega"."""
    text = unicodedata.normalize("NFKD", " ".join(part for part in parts if part))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return SPACES.sub(" ", text).strip().casefold()


def visible(text):
    """A name as it stands in a sentence: without signs that turn its direction, "" where nothing of it is seen."""
    text = text.translate(TURNING).strip()
    return text if any(unicodedata.category(sign)[0] not in "CZ" for sign in text) else ""


def email_norm(address):
    """An e-mail address as it is compared: trimmed and case-folded."""
    return address.strip().casefold()


def phone_e164(number, *, region):
    """A valid number in E.164, or "" when it cannot be dialed as written from `region` (ISO country code)."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def phone_digits(text):
    return NOT_A_DIGIT.sub("", text)
