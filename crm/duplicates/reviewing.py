"""Deciding on two leads that may be one person: not a duplicate, the same household, and taking that back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.live import publish
from clinics.same_person.comparing import compare
from crm.duplicates.people import mark_of, person_of
from crm.duplicates.rules import PairIsDecided
from crm.models import DuplicatePair, Household, Lead

Status = DuplicatePair.Status
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


@transaction.atomic
def pair_of(lead, other):
    """The DuplicatePair of two leads, made if somebody puts them side by side whom no sweep has found."""
    one, other = sorted((lead, other), key=lambda each: each.pk)
    comparison = compare(person_of(one), person_of(other))
    pair, _created = DuplicatePair.objects.get_or_create(
        one=one,
        other=other,
        defaults={
            "verdict": comparison.verdict if comparison.is_for_review else DuplicatePair.Verdict.POSSIBLE,
            "score": comparison.score,
            "reasons": list(comparison.reasons),
            "facts": mark_of(one, other),
        },
    )
    return pair


@transaction.atomic
def dismiss_pair(pair, *, by):
    """Remember that two leads are two people; they are not asked about again unless their facts change.

    Records "crm.duplicate.decided". Raises PairIsDecided if somebody has decided otherwise meanwhile.
    """
    return _decide(_lock(pair, Status.DISMISSED), Status.DISMISSED, by=by)


@transaction.atomic
def keep_as_household(pair, *, by):
    """Remember that two leads are two people of one family, and put them into one household.

    Records "crm.duplicate.decided". Raises PairIsDecided.
    """
    pair = _lock(pair, Status.HOUSEHOLD)
    if pair.status == Status.HOUSEHOLD:
        return pair
    leads = list(Lead.objects.select_for_update().filter(pk__in=(pair.one_id, pair.other_id)).order_by("pk"))
    homes = [lead.household for lead in leads if lead.household_id]
    home = homes[0] if homes else Household.objects.create(name=leads[0].last_name or leads[0].first_name)
    pair.before = {str(lead.pk): str(lead.household_id or "") for lead in leads}
    for lead in leads:
        lead.household = home
        lead.save(update_fields=["household", "updated_at"])
    return _decide(pair, Status.HOUSEHOLD, by=by)


@transaction.atomic
def reopen_pair(pair, *, by):
    """Take a decision back: the pair waits again, and each lead is in the household that it had.

    Records "crm.duplicate.reopened". Raises PairIsDecided for two that were merged: undo the merge instead.
    """
    pair = DuplicatePair.objects.select_for_update().get(pk=pair.pk)
    if pair.status == Status.MERGED:
        raise PairIsDecided
    if pair.status == Status.OPEN:
        return pair
    for lead_id, household_id in pair.before.items():
        Lead.objects.filter(pk=lead_id).update(household_id=household_id or None, updated_at=timezone.now())
    before = {"status": pair.status}
    pair.status, pair.decided_by, pair.decided_at, pair.before = Status.OPEN, None, None, {}
    pair.save()
    record("crm.duplicate.reopened", pair, by=by, before=before)
    publish("duplicates")
    return pair


def _lock(pair, wanted):
    pair = DuplicatePair.objects.select_for_update().get(pk=pair.pk)
    if pair.status not in (Status.OPEN, wanted):
        raise PairIsDecided
    return pair


def _decide(pair, status, *, by):
    if pair.status == status:
        return pair
    pair.status, pair.decided_by, pair.decided_at = status, by, timezone.now()
    pair.save()
    record("crm.duplicate.decided", pair, by=by, after={"status": status, "leads": [pair.one_id, pair.other_id]})
    publish("duplicates")
    return pair


def next_open():
    """The pair that is looked at next, or None."""
    return DuplicatePair.objects.open().for_list().first()
