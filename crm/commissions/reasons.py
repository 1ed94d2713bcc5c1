"""What a rule pays and why a line is what it is, in words of the reader."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from clinics.templatetags.ui import money
from crm.commissions.rules import ROLE_WORDS, ROLES


def reason_in_words(line):
    """One sentence or two: the rule by its name, the payment, the share, what a refund takes back."""
    reason = line.reason
    said = _how(reason)
    if reason["share"] != 100:
        words = _("%(said)s, %(share)s of it as %(role)s")
        said = words % {"said": said, "share": _percent(reason["share"]), "role": ROLE_WORDS[reason["role"]]}
    else:
        said = _("%(said)s, as %(role)s") % {"said": said, "role": ROLE_WORDS[reason["role"]]}
    if reason.get("back"):
        words = _("%(refund)s of %(paid)s was given back: that part of %(was)s goes back too. It was %(said)s")
        facts = {"refund": money(reason["refund"]), "paid": money(reason["of"]), "was": money(reason["was"])}
        said = words % (facts | {"said": said})
    if reason.get("event"):
        said = _("%(said)s. Of a paid invoice that another program told of") % {"said": said}
    if reason.get("gone"):
        words = _("the payment was deleted after its month was locked: %(was)s goes back. It was %(said)s")
        said = words % {"was": money(reason["was"]), "said": said}
    if reason.get("late"):
        said = _("%(said)s. Told after its own month was locked") % {"said": said}
    return f"{reason['rule']}: {said}."


def _how(reason):
    facts = {"paid": money(reason["paid"]), "percent": _percent(reason.get("percent", 0))}
    if reason["pays"] == "flat":
        return (
            _("the fixed amount for a new patient") if reason["per"] == "patient" else _("the fixed amount a payment")
        )
    if reason["pays"] == "tiers":
        return " + ".join(
            _("%(percent)s of %(part)s") % {"percent": _percent(percent), "part": money(part)}
            for part, percent in reason["parts"]
        )
    if reason["pays"] == "procedure":
        return _("%(percent)s of %(paid)s for this procedure") % facts
    return _("%(percent)s of %(paid)s") % facts


def rule_in_words(rule):
    """What the JSON of a rule pays, and to whom, in one line."""
    how = _pays(rule)
    if rule.get("procedures"):
        each = (f"{code} {_percent(percent)}" for code, percent in rule["procedures"].items())
        how = f"{how}, {', '.join(each)}"
    return f"{how} · {_people(rule['split'])}"


def _pays(rule):
    if rule["pays"] == "flat":
        words = _("%(amount)s for each new patient") if rule["per"] == "patient" else _("%(amount)s for each payment")
        return words % {"amount": money(rule["flat_cents"])}
    if rule["pays"] == "percent":
        return _("%(percent)s of each payment") % {"percent": _percent(rule["percent"])}
    (_zero, first), *higher = rule["tiers"]
    steps = (_("%(percent)s above %(start)s") % {"percent": _percent(p), "start": money(start)} for start, p in higher)
    return ", ".join([_percent(first), *steps])


def _people(split):
    if len(split) == 1:
        return str(ROLE_WORDS[next(iter(split))])
    return ", ".join(f"{ROLE_WORDS[role]} {_percent(split[role])}" for role in ROLES if role in split)


def _percent(value):
    """5 -> 5%, 12.5 -> 12.5%, 12.25 -> 12.25%: as many places as were typed."""
    places = len(f"{value:.2f}".rstrip("0").partition(".")[2])
    return f"{number_format(value, decimal_pos=places)}%"
