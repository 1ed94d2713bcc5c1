"""Who is away, who stands in for them, and whom somebody reports to."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.models import ClinicUser
from clinics.models.absence import Absence

LONGEST_CHAIN = 5
KEPT = timedelta(days=731)
SHOWN_PAST = 10


class OwnDeputy(RuleBroken):
    message = _("Nobody stands in for themselves. Choose somebody else, or nobody.")


class AbsenceBackwards(RuleBroken):
    message = _("The last day away is before the first.")


class AbsenceMeetsAnother(RuleBroken):
    message = _("They are away on some of these days already. End that absence first, or choose other days.")


class AbsenceIsOver(RuleBroken):
    message = _("These days are over. They stay, so that rules can be tried out on them.")


class UnknownAbsence(RuleBroken):
    message = _("These days are not there any more.")


def stand_in_for(member):
    """Who takes care of things for a member today: they themselves, or their deputy, or the deputy's; or else they."""
    known, there = set(), member
    while there is not None and (there.is_out_of_office or not there.is_active) and len(known) < LONGEST_CHAIN:
        known.add(there.pk)
        deputies = ClinicUser.objects.active().select_related("user").exclude(pk__in=known)
        there = deputies.filter(pk=there.stand_in_id).first()
    is_there = there is not None and there.is_active and not there.is_out_of_office
    return there if is_there else member


def covered_by(member):
    """Who is out of office today and has this member stand in for them, through deputies who are away too; by name."""
    known = {each.pk: each for each in ClinicUser.objects.active().select_related("user")}
    away = [each for each in known.values() if each.is_out_of_office and each.pk != member.pk]
    return sorted((each for each in away if _who_is_there(each, known) == member.pk), key=str)


def _who_is_there(member, known):
    """The id of whoever stands in for somebody today; None if nobody is there."""
    seen = set()
    while member is not None and member.is_out_of_office and member.pk not in seen:
        seen.add(member.pk)
        member = known.get(member.stand_in_id)
    return None if member is None or member.is_out_of_office else member.pk


def managers_of(member):
    """Whom to tell when a member has let something slip: whoever they report to, or else the clinic admins."""
    active = ClinicUser.objects.active().select_related("user", "clinic")
    manager = active.filter(pk=member.manager_id).first() if member is not None else None
    if manager is not None and not manager.is_out_of_office:
        return [manager]
    admins = ClinicUser.objects.admins().select_related("user", "clinic").order_by("pk")
    others = [admin for admin in admins if member is None or admin.pk != member.pk]
    return others or list(admins)


@transaction.atomic
def add_absence(member, *, first_day, last_day, deputy, by):
    """Say when a member is out of office (`last_day` None: until they say so), and who stands in; returns the Absence.

    Records "clinics.member.absence_changed". Raises OwnDeputy, AbsenceBackwards, AbsenceMeetsAnother.
    """
    member = _lock(member)
    if deputy is not None and deputy.pk == member.pk:
        raise OwnDeputy
    if last_day and last_day < first_day:
        raise AbsenceBackwards
    absence = Absence(uuid7(), first_day, last_day, deputy.pk if deputy else None)
    _keep(member, [*member.times_away, absence], by=by)
    return absence


@transaction.atomic
def end_absence(member, absence_id, *, by, today=None):
    """Say that a member is back, or call off what has not begun; what was before today stays. Returns the Absence.

    Records "clinics.member.absence_changed". Raises UnknownAbsence, AbsenceIsOver.
    """
    member, today = _lock(member), today or timezone.localdate()
    absence = _find(member, absence_id)
    if absence.is_over_on(today):
        raise AbsenceIsOver
    ended = replace(absence, back_on=max(absence.first_day, today))
    _keep(member, [ended if each.id == absence.id else each for each in member.times_away], by=by)
    return ended


@transaction.atomic
def resume_absence(member, absence_id, *, by):
    """Take back that an absence has ended. Returns the Absence.

    Records "clinics.member.absence_changed". Raises UnknownAbsence, AbsenceMeetsAnother.
    """
    member = _lock(member)
    absence = replace(_find(member, absence_id), back_on=None)
    _keep(member, [absence if each.id == absence.id else each for each in member.times_away], by=by)
    return absence


def shown_absences(member, today=None):
    """[(Absence, deputy or None)] that a page shows: what is and comes, the next first, then the last that are over."""
    today = today or timezone.localdate()
    known = [absence for absence in member.times_away if not absence.is_called_off]
    over = [absence for absence in known if absence.is_over_on(today)]
    shown = [absence for absence in known if absence not in over] + over[::-1][:SHOWN_PAST]
    ids = {absence.deputy_id or member.deputy_id for absence in shown} - {None}
    deputies = ClinicUser.objects.select_related("user").in_bulk(ids) if ids else {}
    return [(absence, deputies.get(absence.deputy_id or member.deputy_id)) for absence in shown]


def _lock(member):
    return ClinicUser.objects.select_for_update(of=("self",)).select_related("user").get(pk=member.pk)


def _find(member, absence_id):
    found = next((absence for absence in member.times_away if absence.id == absence_id), None)
    if found is None:
        raise UnknownAbsence
    return found


def _keep(member, absences, *, by):
    """Keep the times away of a locked member in their order, without those that ended too long ago."""
    absences = sorted(absences, key=lambda absence: absence.first_day)
    if any(one.meets(other) for one, other in combinations(absences, 2)):
        raise AbsenceMeetsAnother
    long_ago = timezone.localdate() - KEPT
    before, member.absences = member.absences, [each.plain for each in absences if not each.is_over_on(long_ago)]
    if before == member.absences:
        return
    member.save(update_fields=["absences", "updated_at"])
    before, after = ({"absences": absences} for absences in (before, member.absences))
    record("clinics.member.absence_changed", member, by=by, before=before, after=after)
