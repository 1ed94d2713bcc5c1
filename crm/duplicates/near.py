"""Who may be the same person as one lead: those whom its keys and contact points find, or whom somebody looks for."""

from clinics.same_person.comparing import compare
from clinics.same_person.keys import match_keys
from crm.duplicates.finding import names_by_keys
from crm.duplicates.people import person_of
from crm.models import Lead

AT_MOST = 12


def near_to(lead, text=""):
    """(other lead, Comparison) of those who are likest, or of those whom `text` finds; at most a dozen."""
    person = person_of(lead)
    if len(text.strip()) > 1:
        others = list(Lead.objects.present().found_by(text).exclude(pk=lead.pk).for_cards()[:AT_MOST])
    else:
        ids = {row[0] for row in names_by_keys(match_keys(person))} - {lead.pk}
        others = {other.pk: other for other in Lead.objects.present().filter(pk__in=ids).for_cards()}
        others |= {other.pk: other for other in Lead.objects.present().sharing_contact_with(lead).for_cards()[:AT_MOST]}
        others = list(others.values())
    compared = [(other, compare(person, person_of(other))) for other in others]
    compared.sort(key=lambda pair: (-pair[1].score, str(pair[0].pk)))
    likely = [pair for pair in compared if text or pair[1].verdict != "DIFFERENT"]
    return likely[:AT_MOST]
