"""Finding who may be meant by what is known of somebody: equality look-ups in the index of keys, then comparing."""

from dataclasses import replace

from django.db import connection

from clinics.models.base import current_clinic_id
from clinics.same_person.comparing import Person, Verdict, compare, name_score
from clinics.same_person.keys import match_keys
from crm.duplicates.people import person_of
from crm.models import Lead

NEWEST_OF_A_KEY = 40  # "Maria Garcia" may be hundreds; whoever calls again was here lately
MOST_SHARING = 20  # a switchboard's number must not cost more with every lead
# One look-up for each key, along the index that leads with clinic and key; a person types meanwhile.
NAMED = """
    SELECT DISTINCT lead.id, lead.first_name, lead.last_name, lead.patient_first_name, lead.patient_last_name
    FROM unnest(%(keys)s::bigint[]) wanted (key)
    CROSS JOIN LATERAL (
        SELECT lead_id FROM crm_leadmatchkey WHERE clinic_id = %(clinic)s AND key = wanted.key
        ORDER BY lead_id DESC LIMIT %(most)s
    ) found
    JOIN crm_lead lead ON lead.clinic_id = %(clinic)s AND lead.id = found.lead_id AND lead.deleted_at IS NULL
"""


def names_by_keys(keys):
    """(id, first and last name, the patient's first and last name) of leads with one of these keys, newest first."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"keys": sorted(keys), "clinic": current_clinic_id(), "most": NEWEST_OF_A_KEY})
        return cursor.fetchall()


def named_alike(given, family, *, leaving_out=()):
    """Ids of leads who, or whose patients, bear this name or one that may be meant by it, the likeliest first."""
    wanted, scored = Person(given=given, family=family), []
    for pk, first_name, last_name, patient_first_name, patient_last_name in names_by_keys(match_keys(wanted)):
        names = [(first_name, last_name), (patient_first_name, patient_last_name or last_name)]
        score = max(name_score(wanted, Person(given=one, family=other)) for one, other in names)
        if score and pk not in leaving_out:
            scored.append((score, pk))
    return [pk for _score, pk in sorted(scored, reverse=True)]


def sharing_contact(phones, emails):
    """Leads whom one of these numbers (E.164) or e-mails (case-folded) reaches, in no more than two questions."""
    if not (phones or emails):
        return []
    probe = Lead(phone_e164=(phones or ("",))[0], phone_alt_e164=(*phones, "", "")[1], email_norm=(emails or ("",))[0])
    return list(Lead.objects.present().sharing_contact_with(probe).for_cards().order_by("-pk")[:MOST_SHARING])


def same_person_as(person):
    """The lead of this Person as far as both are known, or None: for inquiries that come in while nobody looks.

    Who shares a number or e-mail, and bears no other name where both names are known; an address says nothing, since
    people move house. A parent who now asks for a child is not the card of the parent alone. Whoever is surely the same
    comes first, then open cards, then the latest: a call without a name is whoever of the household came in last.
    """
    person = replace(person, street="", city="", postal_code="")
    found = []
    for lead in sharing_contact(person.phones, person.emails):
        known = person_of(lead)
        comparison = compare(person, known)
        if comparison.is_same_as_far_as_known and not (person.patient and not known.patient):
            found.append((comparison.verdict == Verdict.SAME, -_rest(lead), lead.captured_at, lead.pk, lead))
    return max(found, key=lambda row: row[:4])[-1] if found else None


def _rest(lead):
    return 0 if lead.is_open else 2 if lead.is_locked else 1
