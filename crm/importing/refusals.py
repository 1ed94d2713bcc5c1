"""What the rows of a file refuse, as addresses; whoever sends keeps it, in the transaction of the batch that brings it.

A refusal belongs to an address and not to a lead: it holds whatever becomes of the row, unless somebody left that out
by hand.
"""

from dataclasses import dataclass

from django.db.models import Q

from clinics.normalising import email_norm
from crm.forgetting import hooks
from crm.models import Lead, LeadImportRow
from patients.models import Channel

LONGEST_SHOWN = 300
WAYS = ("phone_e164", "phone_alt_e164", "email_norm")


@dataclass(frozen=True)
class Refusal:
    """That nothing is wanted at a normal address on a channel, for a purpose; `words` and `line` are the proof."""

    channel: str
    address: str
    purpose: str
    words: str
    line: int


def keep_refusals(lead_import, drafts, *, by):
    """Hand the refusals of a batch of drafts to whoever sends; they hold with the transaction of the caller."""
    if refusals := refusals_of(drafts):
        for keep in hooks("KEEP_REFUSALS"):
            keep(lead_import, refusals, by=by)


def take_back_refusals(lead_import, *, by):
    """Take back what a file had refused, but for rows whose undo has kept them; returns how many addresses."""
    kept = LeadImportRow.objects.of_import().filter(lead_import=lead_import, undo=LeadImportRow.Undo.KEPT)
    lines = set(kept.values_list("line", flat=True))
    return sum(take_back(lead_import, lines, by=by) for take_back in hooks("TAKE_BACK_REFUSALS"))


def refusals_of(drafts):
    """The Refusals of some drafts, each address of theirs once for a channel and a purpose."""
    told = [draft for draft in drafts if draft.refusals]
    known, found = _known_addresses(told), {}
    for draft in told:
        numbers, mails = _addresses_of(draft, known)
        for channels, purposes, words in draft.refusals:
            for channel in channels:
                for address in sorted(mails if channel == Channel.EMAIL else numbers):
                    for purpose in purposes:
                        refusal = Refusal(channel, address, purpose, words[:LONGEST_SHOWN], draft.row.line)
                        found.setdefault((channel, address, purpose), refusal)
    return list(found.values())


def _addresses_of(draft, known):
    """(numbers, e-mails) that a row names, and those of the lead who it is: the row may not name them."""
    reached = draft.reached
    numbers, mails = {reached["phone"], reached["phone_alt"]}, {email_norm(reached["email"])}
    for who in (draft.known and draft.known.pk, reached["external_id"]):
        more_numbers, more_mails = known.get(who, ((), ()))
        numbers, mails = numbers | set(more_numbers), mails | set(more_mails)
    return numbers - {""}, mails - {""}


def _known_addresses(drafts):
    """{lead id, or number in the other system: (numbers, e-mails)} of people who are here already."""
    ids = {draft.known.pk for draft in drafts if draft.known is not None and draft.known.pk}
    numbers = {draft.reached["external_id"] for draft in drafts} - {""}
    leads = Lead.objects.filter(Q(pk__in=ids) | Q(external_id__in=numbers)).order_by()
    known = {}
    for pk, number, phone, other, mail in leads.values_list("pk", "external_id", *WAYS):
        known[pk] = known[number or pk] = ((phone, other), (mail,))
    return known
