"""The reasons of a comparison, as people read them."""

from django.utils.translation import gettext_lazy as _

REASONS = {
    "given_same": _("same first name"),
    "given_nickname": _("short form of the first name"),
    "given_part": _("part of the first name"),
    "given_typo": _("first name misspelt"),
    "given_doubtful": _("first name almost the same"),
    "given_initial": _("same initial"),
    "given_lookalike": _("first names look alike"),
    "given_differs": _("another first name"),
    "family_same": _("same last name"),
    "family_part": _("part of a double last name"),
    "family_typo": _("last name misspelt"),
    "family_initial": _("same initial of the last name"),
    "family_differs": _("another last name"),
    "names_swapped": _("first and last name swapped"),
    "birth_same": _("same birth date"),
    "birth_swapped": _("day and month of birth swapped"),
    "birth_typo": _("one digit of the birth date differs"),
    "birth_near": _("birth dates differ in one part"),
    "birth_differs": _("another birth date"),
    "phone_shared": _("same phone"),
    "phone_differs": _("another phone"),
    "email_shared": _("same e-mail"),
    "street_same": _("same street"),
    "street_near": _("same street, another number"),
    "street_differs": _("another street"),
    "city_same": _("same city"),
    "city_differs": _("another city"),
    "postal_code_same": _("same postal code"),
    "postal_code_typo": _("one digit of the postal code differs"),
    "postal_code_differs": _("another postal code"),
    "member_id_same": _("same insurance id"),
    "member_id_typo": _("one digit of the insurance id differs"),
    "patient_same": _("same patient"),
    "patient_differs": _("another patient"),
    "patient_only_here": _("only one names a patient"),
    "is_patient_of_other": _("the patient of the other one"),
}
AGAINST = {reason for reason in REASONS if reason.endswith(("_differs", "_lookalike", "_near"))} | {"patient_only_here"}


def in_words(reasons):
    """Reasons as people read them: [{"text", "is_against"}], in the order given."""
    return [{"text": REASONS[reason], "is_against": reason in AGAINST} for reason in reasons if reason in REASONS]
