"""Who is away, who stands in for them, and whom somebody reports to."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.models import ClinicUser

LONGEST_CHAIN = 5


class OwnDeputy(RuleBroken):
    message = _("Nobody stands in for themselves. Choose somebody else, or nobody.")


class AbsenceBackwards(RuleBroken):
    message = _("The last day away is before the first.")


def stand_in_for(member):
    """Who takes care of things for a member today: they themselves, or their deputy, or the deputy's; or else they."""
    known, there = set(), member
    while there is not None and (there.is_out_of_office or not there.is_active) and len(known) < LONGEST_CHAIN:
        known.add(there.pk)
        deputies = ClinicUser.objects.active().select_related("user").exclude(pk__in=known)
        there = deputies.filter(pk=there.deputy_id).first()
    is_there = there is not None and there.is_active and not there.is_out_of_office
    return there if is_there else member


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
def change_absence(member, *, first_day, last_day, deputy, by):
    """Say when a member is out of office, and who stands in; days None mean they are here. Returns the member.

    Records "clinics.member.absence_changed". Raises OwnDeputy, AbsenceBackwards.
    """
    member = ClinicUser.objects.select_for_update(of=("self",)).select_related("user").get(pk=member.pk)
    if deputy is not None and deputy.pk == member.pk:
        raise OwnDeputy
    if first_day and last_day and last_day < first_day:
        raise AbsenceBackwards
    before = _absence(member)
    member.out_of_office_from, member.out_of_office_until, member.deputy = first_day, last_day, deputy
    if before != _absence(member):
        member.save(update_fields=["out_of_office_from", "out_of_office_until", "deputy", "updated_at"])
        record("clinics.member.absence_changed", member, by=by, before=before, after=_absence(member))
    return member


def _absence(member):
    days = {"from": member.out_of_office_from, "until": member.out_of_office_until}
    plain = {name: day.isoformat() if day else None for name, day in days.items()}
    return plain | {"deputy": str(member.deputy_id) if member.deputy_id else None}
