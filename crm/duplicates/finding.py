"""Finding who may be meant by what is known of somebody: equality look-ups in the index of keys, then comparing."""

from crm.duplicates.comparing import Person, Verdict, compare
from crm.duplicates.keys import match_keys
from crm.duplicates.people import person_of
from crm.models import Lead, LeadMatchKey

NEWEST_OF_A_KEY = 40  # "Maria Garcia" may be hundreds; whoever calls again was here lately
MOST_SHARING = 20  # a switchboard's number must not cost more with every lead
MOST_READ = 240
NAMES = ("pk", "first_name", "last_name", "patient_first_name", "patient_last_name")


def ids_by_keys(keys):
    """Ids of leads that have one of these keys, the newest of each key: one look-up in the index for each key."""
    questions = [
        LeadMatchKey.objects.filter(key=key).order_by("-lead_id").values_list("lead_id", flat=True)[:NEWEST_OF_A_KEY]
        for key in sorted(keys)
    ]
    if not questions:
        return []
    found = questions[0].union(*questions[1:], all=True) if len(questions) > 1 else questions[0]
    return list(dict.fromkeys(found))[:MOST_READ]


def named_alike(given, family, *, leaving_out=()):
    """Ids of leads who, or whose patients, bear this name or one that may be meant by it, the likeliest first."""
    wanted = Person(given=given, family=family)
    ids = set(ids_by_keys(match_keys(wanted))) - set(leaving_out)
    scored = []
    for pk, first_name, last_name, patient_first_name, patient_last_name in (
        Lead.objects.present().filter(pk__in=ids).values_list(*NAMES) if ids else ()
    ):
        names = [(first_name, last_name), (patient_first_name, patient_last_name or last_name)]
        score = max(_name_score(wanted, Person(given=one, family=other)) for one, other in names)
        if score:
            scored.append((score, pk))
    return [pk for _score, pk in sorted(scored, reverse=True)]


def _name_score(wanted, person):
    comparison = compare(wanted, person)
    return comparison.score if comparison.is_for_review else 0


def sharing_contact(phones, emails):
    """Leads whom one of these numbers (E.164) or e-mails (case-folded) reaches, in no more than two questions."""
    if not (phones or emails):
        return []
    probe = Lead(phone_e164=(phones or ("",))[0], phone_alt_e164=(*phones, "", "")[1], email_norm=(emails or ("",))[0])
    return list(Lead.objects.present().sharing_contact_with(probe).for_cards()[:MOST_SHARING])


def same_person_as(person):
    """The lead that is surely this Person, or None: for inquiries that come in while nobody looks."""
    candidates = {lead.pk: lead for lead in sharing_contact(person.phones, person.emails)}
    found = [(compare(person, person_of(lead)), lead) for lead in candidates.values()]
    sure = [(comparison.score, lead) for comparison, lead in found if comparison.verdict == Verdict.SAME]
    return max(sure, key=lambda pair: (pair[0], pair[1].pk), default=(0, None))[1]
