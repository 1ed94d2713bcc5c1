"""What a public form says where the clinic has written nothing of its own, and the fields that it can ask for."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm.intake import REFUSED_WHEN_MINIMAL

# Place -> words, in the order in which the builder offers them. A place that may stay empty has none.
TEXTS = {
    "title": _("Ask for a consultation"),
    "intro": _("Tell us how to reach you. A person from our team calls you back."),
    "promises": "",
    "button": _("Ask for a consultation"),
    "consent": _("%(clinic)s may call, text or e-mail me about this request."),
    "consent_hint": _("Message rates may apply. Reply STOP at any time."),
    "news": _("Also send me news and offers, about once a month"),
    "thanks_title": _("Thank you. We have it."),
    "thanks_text": _("A person from our team calls you back as soon as we are open."),
    "confirmation_subject": _("We have your request"),
    "confirmation_text": _(
        "Thank you for asking. We have your request, and a person from our team calls you back as soon as we are open."
    ),
}
# What a tablet at the front desk says instead.
ON_TABLET = {
    "title": _("Welcome"),
    "intro": _("Tell us who you are and what brings you here."),
    "button": _("Done"),
    "thanks_title": _("Thank you"),
    "thanks_text": _("Give the tablet back to the front desk and have a seat. Somebody is with you in a moment."),
}
# What a booking page says instead.
ON_BOOKING = {
    "title": _("Book your visit"),
    "intro": _("Two choices, then you see every free time."),
    "button": _("Book this time"),
    "thanks_title": _("We hold this time for you"),
    "thanks_text": _("A person from our team confirms it shortly."),
}
LABELS = {
    "title": _("Title"),
    "intro": _("Introduction"),
    "promises": _("Reasons to ask, one a line"),
    "button": _("Button"),
    "consent": _("Agreement"),
    "consent_hint": _("Small print of the agreement"),
    "news": _("Offer of news"),
    "thanks_title": _("Thank-you title"),
    "thanks_text": _("Thank-you text"),
    "confirmation_subject": _("Subject of the e-mail"),
    "confirmation_text": _("Text of the e-mail"),
}
LONG = {"intro", "promises", "thanks_text", "confirmation_text", "consent"}


@dataclass(frozen=True)
class Askable:
    """One thing that a form can ask for, under the name of the field of Lead that it fills."""

    name: str
    label: str
    kind: str = "text"
    autocomplete: str = ""
    help: str = ""


ASKABLE = {
    each.name: each
    for each in [
        Askable("first_name", _("First name"), autocomplete="given-name"),
        Askable("last_name", _("Last name"), autocomplete="family-name"),
        Askable("phone", _("Mobile phone"), "tel", "tel"),
        Askable("email", _("E-mail"), "email", "email"),
        Askable("patient_relationship", _("Who is it for?"), "relationship"),
        Askable("patient_first_name", _("The patient’s first name")),
        Askable("patient_last_name", _("The patient’s last name")),
        Askable("patient_dob", _("The patient’s birth date"), "date"),
        Askable("treatment_interest", _("What brings you here?"), "interests"),
        Askable("preferred_time", _("When may we call?"), "times"),
        Askable("city", _("City"), autocomplete="address-level2"),
        Askable("postal_code", _("Postal code"), autocomplete="postal-code"),
        Askable("insurance_carrier", _("Dental or health insurance")),
        Askable("insurance_member_id", _("Insurance member number")),
        Askable("source", _("How did you hear about us?"), "sources"),
        Askable(
            "notes",
            _("Anything you want us to know"),
            "long",
            help=_("No medical details here, the doctor will ask."),
        ),
    ]
}
TIMES = [
    ("morning", _("Morning")),
    ("afternoon", _("Afternoon")),
    ("evening", _("After 5 pm")),
    ("text", _("Text me first")),
]
USUAL = [("first_name", True), ("last_name", False), ("phone", False), ("email", False), ("treatment_interest", False)]
PROMISE_ICONS = ("clock", "heart", "lock")


def askable_in(clinic):
    """What this clinic's lead privacy lets a form ask for: {name: Askable}."""
    if clinic.asks_full_names:
        return ASKABLE
    return {name: each for name, each in ASKABLE.items() if name not in REFUSED_WHEN_MINIMAL}


def usual_fields(clinic):
    """The fields with which a new form begins."""
    offered = askable_in(clinic)
    return [field_entry(name, required) for name, required in [*USUAL, ("notes", False)] if name in offered]


def field_entry(name, required=False, label=None, help_text=None):
    return {"name": name, "required": required, "label": label or {}, "help": help_text or {}}
