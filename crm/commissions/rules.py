"""What the JSON of a commission rule may say. Pure; the form and every other path ask `faults_of`.

{"pays": "percent", "percent": 5, "procedures": {"BTX": 8}, "split": {"coordinator": 60, "closer": 40}}
{"pays": "flat", "flat_cents": 5000, "per": "patient", "split": {"coordinator": 100}}
{"pays": "tiers", "tiers": [[0, 3], [1000000, 5]], "split": {"provider": 100}}

- percent: of each payment; another percentage for payments of visits with one of the procedures.
- flat: an amount for each payment, or for the first payment of each patient.
- tiers: of what the rule has collected in the month so far, each part at the percentage of its tier.
- split: percentages of the commission, 100 in all; the part of a role that nobody had is not paid.
"""

from django.utils.translation import gettext_lazy as _

PAYS = ("percent", "flat", "tiers")
PER = ("payment", "patient")
ROLES = ("coordinator", "closer", "provider", "referrer")
ROLE_WORDS = {
    "coordinator": _("coordinator"),
    "closer": _("closer"),
    "provider": _("provider"),
    "referrer": _("referrer"),
}
KEYS = {"pays", "percent", "flat_cents", "per", "tiers", "procedures", "split"}


def faults_of(rule, procedures=()):
    """What is wrong with a rule: [(field, words)]; empty if nothing is. `procedures` are the codes that are known."""
    if not isinstance(rule, dict) or set(rule) - KEYS:
        return [("pays", _("A rule has other fields."))]
    faults, pays = [], rule.get("pays")
    if pays not in PAYS:
        return [("pays", _("Say how it is paid."))]
    if pays == "percent" and not _is_percent(rule.get("percent")):
        faults.append(("percent", _("A percentage between 0 and 100.")))
    if pays == "flat":
        if not _is_whole(rule.get("flat_cents")) or rule["flat_cents"] <= 0:
            faults.append(("flat", _("An amount above zero.")))
        if rule.get("per") not in PER:
            faults.append(("per", _("Say for what it is paid.")))
    if pays == "tiers":
        faults += [("tiers", words) for words in _tier_faults(rule.get("tiers"))]
    faults += [("procedures", words) for words in _procedure_faults(rule.get("procedures"), procedures)]
    return faults + [("split", words) for words in _split_faults(rule.get("split"))]


def _procedure_faults(rates, known):
    if rates is None:
        return []
    if not isinstance(rates, dict) or set(rates) - set(known):
        return [_("This procedure is not known.")]
    return [] if all(map(_is_percent, rates.values())) else [_("A percentage between 0 and 100.")]


def _tier_faults(tiers):
    if not isinstance(tiers, list) or not tiers:
        return [_("Name at least one tier.")]
    if not all(isinstance(tier, list | tuple) and len(tier) == 2 for tier in tiers):
        return [_("A tier is where it begins and its percentage.")]
    starts = [tier[0] for tier in tiers]
    if not all(map(_is_whole, starts)) or starts[0] != 0 or starts != sorted(set(starts)):
        return [_("The first tier begins at zero, each other one above the one before.")]
    return [] if all(_is_percent(tier[1]) for tier in tiers) else [_("A percentage between 0 and 100.")]


def _split_faults(split):
    if not isinstance(split, dict) or not split or set(split) - set(ROLES):
        return [_("Say who gets it.")]
    if not all(_is_percent(share) and share > 0 for share in split.values()):
        return [_("A percentage between 0 and 100.")]
    return [] if abs(sum(split.values()) - 100) < 1e-9 else [_("The shares must be 100 percent in all.")]


def _is_percent(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100


def _is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
