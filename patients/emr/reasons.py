"""Why something of an EMR was not, or not simply, taken: a code, what it is about, and the words for it."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from patients.models import EmrIssue

REFUSED, REMARK = EmrIssue.Kind.REFUSED, EmrIssue.Kind.REMARK
UNMATCHED, CONFLICT, INCOMPLETE = EmrIssue.Kind.UNMATCHED, EmrIssue.Kind.CONFLICT, EmrIssue.Kind.INCOMPLETE

REASONS = {
    # not taken
    "not_a_resource": (REFUSED, _("This is not a FHIR resource.")),
    "no_id": (REFUSED, _("It has no id: it could not be known again.")),
    "id_too_long": (REFUSED, _("Its id is longer than 120 characters.")),
    "animal": (REFUSED, _("This patient is an animal.")),
    "nobody_named": (REFUSED, _("It names nobody: no name, phone number or e-mail address.")),
    "has_died": (REFUSED, _("This patient has died.")),
    "not_active": (REFUSED, _("The EMR says that it is no longer in use.")),
    "entered_in_error": (REFUSED, _("The EMR says that it was entered by mistake.")),
    "no_patient": (REFUSED, _("It names no patient.")),
    "not_a_person": (REFUSED, _("It is about a group, not about one patient.")),
    "not_happened": (REFUSED, _("It has not taken place (%(status)s).")),
    "in_the_future": (REFUSED, _("It lies in the future.")),
    "no_begin": (REFUSED, _("It does not say when it was.")),
    "too_long": (REFUSED, _("It lasts longer than a day.")),
    "not_booked": (REFUSED, _("Nothing is booked yet (%(status)s).")),
    "patient_not_taken": (REFUSED, _("Its patient was not taken.")),
    "patient_erased": (REFUSED, _("This patient was erased here.")),
    "not_a_place": (REFUSED, _("It is no place where patients are seen, but a part of one or a vehicle (%(kind)s).")),
    "no_name": (REFUSED, _("It has no name.")),
    "no_payer": (REFUSED, _("Only parents and guardians of patients who are under age are taken in.")),
    "unreadable": (REFUSED, _("It could not be read: %(error)s.")),
    "row_unreadable": (REFUSED, _("Row %(line)s: %(problem)s")),
    # taken, but for something
    "birth_date_partial": (REMARK, _("The birth date is not complete: %(value)s.")),
    "birth_date_wrong": (REMARK, _("The birth date makes no sense: %(value)s.")),
    "email_wrong": (REMARK, _("Not an e-mail address: %(value)s.")),
    "text_cut": (REMARK, _("Too long, was cut: %(field)s.")),
    "provider_unknown": (REMARK, _("Its provider is not known here: %(value)s.")),
    "location_unknown": (REMARK, _("Its location is not known here: %(value)s.")),
    # waits for a person
    "may_be_known": (UNMATCHED, _("This may be a patient who is here already.")),
    "several_known": (UNMATCHED, _("Several patients here may be meant.")),
    "id_of_another": (UNMATCHED, _("The patient with this id is called otherwise here.")),
    "patient_unknown": (UNMATCHED, _("Its patient is not here: %(value)s.")),
    "patient_waits": (UNMATCHED, _("Its patient waits for a person: %(value)s.")),
    "no_room_in_plan": (UNMATCHED, _("The plan of the clinic has no room for another location.")),
    "no_time": (INCOMPLETE, _("It is booked, and does not say for when.")),
    "both_changed": (CONFLICT, _("Both sides have changed it.")),
    "died": (CONFLICT, _("The EMR says that this patient has died.")),
    "went": (CONFLICT, _("The EMR says that this patient is no longer in use there.")),
    "deleted_there": (CONFLICT, _("The EMR has deleted it.")),
    "merged_there": (CONFLICT, _("The EMR has merged this patient with another: %(value)s.")),
    "deleted_here": (CONFLICT, _("This patient was deleted here and goes on there.")),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A key of REASONS and what its words are filled with."""

    code: str
    details: dict = field(default_factory=dict)

    @property
    def kind(self):
        return REASONS[self.code][0]

    def __str__(self):
        return in_words(self.code, self.details)


def because(code, **details):
    return Reason(code, {name: str(value)[:120] for name, value in details.items()})


def in_words(code, details):
    """The sentence of a reason, in the language of whoever reads it; a code of an older day stands for itself."""
    if code not in REASONS:
        return code
    return str(REASONS[code][1]) % details if details else str(REASONS[code][1])
