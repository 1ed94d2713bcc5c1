"""The nightly look for leads who are here twice; how it goes stands in clinics/same_person/sweeping.py."""

from collections import Counter

from django.db.models import Count

from clinics.same_person.sweeping import Sweep
from crm.duplicates.indexing import index_leads
from crm.duplicates.people import mark_of, person_of
from crm.models import DuplicatePair, DuplicateSweep, Lead

RARE = 3  # a name that more leads bear says nothing by itself
NAME_REASONS = {
    "given_same", "given_nickname", "given_part", "given_typo", "given_doubtful", "given_initial", "family_same",
    "family_part", "family_typo", "family_initial", "names_swapped", "patient_same", "is_patient_of_other",
    "patient_only_here",
}  # fmt: skip
# Those who share a key or a contact point with the leads of a batch, the newest of each; every question is an equality.
NEAR = """
    SELECT DISTINCT mine.lead_id, theirs.lead_id FROM crm_leadmatchkey mine CROSS JOIN LATERAL (
        SELECT other.lead_id FROM crm_leadmatchkey other
        WHERE other.clinic_id = mine.clinic_id AND other.key = mine.key ORDER BY other.lead_id DESC LIMIT 40
    ) theirs WHERE mine.clinic_id = %(clinic)s AND mine.lead_id = ANY(%(ids)s) AND theirs.lead_id <> mine.lead_id
    UNION
    SELECT DISTINCT mine.lead_id, theirs.lead_id FROM crm_leadcontactpoint mine CROSS JOIN LATERAL (
        SELECT other.lead_id FROM crm_leadcontactpoint other
        WHERE other.clinic_id = mine.clinic_id AND other.contact_point_id = mine.contact_point_id LIMIT 40
    ) theirs WHERE mine.clinic_id = %(clinic)s AND mine.lead_id = ANY(%(ids)s) AND theirs.lead_id <> mine.lead_id
"""


def _worth_a_look(found, people):
    """Leave out pairs that cannot be merged any more, and those of whom only a name speaks that many bear."""
    found = {
        (one, other): comparison
        for (one, other), comparison in found.items()
        if not (people[one].is_locked and people[other].is_locked)
    }
    by_name = {pair for pair, comparison in found.items() if NAME_REASONS.issuperset(comparison.reasons)}
    names = {people[pk].name_key for pair in by_name for pk in pair}
    counted = Lead.objects.present().filter(name_key__in=names).order_by().values_list("name_key")
    bearers = Counter(dict(counted.annotate(count=Count("pk")))) if names else Counter()
    common = {pair for pair in by_name if any(bearers[people[pk].name_key] > RARE for pk in pair)}
    return {pair: comparison for pair, comparison in found.items() if pair not in common}


LEADS = Sweep(
    people=lambda: Lead.objects.present(),
    pairs=DuplicatePair,
    stand=DuplicateSweep,
    near=NEAR,
    person_of=person_of,
    mark_of=mark_of,
    topic="duplicates",
    prepare=index_leads,
    worth_a_look=_worth_a_look,
)
sweep_duplicates = LEADS.run
run_sweep = LEADS.run_job  # the job "crm.duplicate_sweep"
