"""Who may be the same person as one patient: those whom their keys and contacts find, or whom somebody looks for."""

from clinics.same_person.comparing import compare
from clinics.same_person.keys import match_keys
from patients.duplicates.finding import names_by_keys
from patients.duplicates.people import person_of
from patients.models import Patient

AT_MOST = 12


def near_to(patient, text=""):
    """(other patient, Comparison) of those who are likest, or of those whom `text` finds; at most a dozen."""
    person, present = person_of(patient), Patient.objects.present().exclude(pk=patient.pk)
    if len(text.strip()) > 1:
        others = {each.pk: each for each in present.found_by(text).order_by("name_key", "pk")[:AT_MOST]}
    else:
        others = present.in_bulk({row[0] for row in names_by_keys(match_keys(person))})
        others |= {each.pk: each for each in present.sharing_contact_with(patient).order_by("pk")[:AT_MOST]}
    compared = [(other, compare(person, person_of(other))) for other in others.values()]
    compared.sort(key=lambda pair: (-pair[1].score, str(pair[0].pk)))
    likely = [pair for pair in compared if text or pair[1].verdict != "DIFFERENT"]
    return likely[:AT_MOST]
