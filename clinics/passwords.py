"""What the length and the common list let through: one common word over and over, and the words of this very place."""

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

OUR_WORDS = ("recare", "clinic", "password", "welcome", "letmein")
ENOUGH = 4  # characters that must be left beside our own words


class PlainWordsValidator:
    """Refuse passwords made of nothing but a repeated common word, or of words that anybody would guess here."""

    def __init__(self):
        self.common = CommonPasswordValidator().passwords

    def validate(self, password, user=None):
        lowered = password.lower()
        repeated = re.fullmatch(r"(.+?)\1+", lowered)
        rest = re.sub("|".join(OUR_WORDS), "", lowered)
        letters = re.sub(r"[\W\d_]", "", rest)
        says_our_words = rest != lowered and len(letters) < ENOUGH
        if says_our_words or (repeated and (len(repeated[1]) < ENOUGH or repeated[1] in self.common)):
            raise ValidationError(_("Anybody who knows this place would guess it. Add words of your own."), "too_plain")

    def get_help_text(self):
        return _("Not one common word again and again, nor only the name of this place.")
