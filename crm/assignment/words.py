"""A rule of assignment in plain words, so that whoever reads the list knows who gets what."""

from django.utils.text import format_lazy
from django.utils.translation import gettext as _

from crm.models import AssignmentRule, LeadSource, TreatmentInterest

Hours = AssignmentRule.Hours


def source_names():
    """The names of all sources by their ids."""
    return dict(LeadSource.objects.values_list("pk", "name"))


def rule_in_words(rule, names):
    """What leads a rule is about, in phrases; `names` are those of the sources."""
    phrases = []
    if rule.source_ids:
        named = [names.get(pk, _("a source that is gone")) for pk in rule.source_ids]
        phrases.append(_("from %(sources)s") % {"sources": _either(named)})
    if rule.interests:
        wanted = [str(TreatmentInterest(value).label) for value in rule.interests if value in TreatmentInterest]
        phrases.append(_("interested in %(interests)s") % {"interests": _either(wanted)})
    if rule.location_id:
        phrases.append(_("for %(location)s") % {"location": rule.location})
    if rule.postal_codes:
        phrases.append(_("postal code %(codes)s") % {"codes": _either(rule.postal_codes)})
    if rule.near_location_id:
        near = {"km": rule.within_km, "location": rule.near_location}
        phrases.append(_("lives within %(km)s km of %(location)s") % near)
    if rule.hours == Hours.OPEN:
        phrases.append(_("asked while open"))
    if rule.hours == Hours.CLOSED:
        phrases.append(_("asked while closed"))
    return phrases or [_("every lead")]


def people_in_words(rule):
    """Who gets them, and how: "Dana ×2, Hye-jin, in fair turn"."""
    people = [
        share.member.short_name if share.weight == 1 else f"{share.member.short_name} ×{share.weight}"
        for share in rule.people
    ]
    how = [rule.get_way_display().lower()]
    if rule.only_on_shift:
        how.append(_("only who is on shift"))
    if not rule.minds_capacity:
        how.append(_("even who is full"))
    return str(format_lazy("{people}: {how}", people=", ".join(people) or _("nobody"), how=", ".join(how)))


def _either(words):
    return (" " + _("or") + " ").join(map(str, words))
