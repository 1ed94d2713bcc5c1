"""The people of a clinic: what they may do, where they sit, whether they are still here.

The last clinic admin stays one, whoever asks: without one, nobody could let anybody in again. All changes to who is
admin wait in one line, so that two admins who remove each other at the same moment do not both succeed.
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.access import may
from clinics.api_tokens import narrow_tokens
from clinics.audit import SYSTEM, record
from clinics.errors import RuleBroken
from clinics.models import ClinicUser, Role
from clinics.sessions import end_sessions


class LastAdmin(RuleBroken):
    message = _("This is the only clinic admin. Give the role to somebody else first.")


class OwnMembership(RuleBroken):
    message = _("Nobody changes their own role or leaves by themselves. Ask another clinic admin to do it.")


class NoLongerAdmin(RuleBroken):
    message = _("You no longer look after the staff of this clinic.")


@transaction.atomic
def change_role(member, role, *, by):
    """Give a member another role. Their sessions in this clinic end, and their tokens lose what the role does not hold.

    Records "clinics.member.role_changed". Raises OwnMembership, LastAdmin, NoLongerAdmin.
    """
    member = _lock(member, by=by)
    if member.role == role:
        return member
    _guard_own(member, by)
    _guard_last_admin(member)
    before, member.role = member.role, role
    member.save(update_fields=["role", "updated_at"])
    end_sessions(member.user, clinic=member.clinic)
    narrow_tokens(member, by=by)
    record("clinics.member.role_changed", member, by=by, before={"role": before}, after={"role": role})
    return member


@transaction.atomic
def change_place(member, *, by, **changes):
    """Change a member's location, capacity or days out of office. Records "clinics.member.changed"."""
    member = _lock(member, by=by)
    before = {name: _plain(getattr(member, name)) for name in changes}
    for name, value in changes.items():
        setattr(member, name, value)
    after = {name: _plain(value) for name, value in changes.items()}
    if before == after:
        return member
    member.save(update_fields=[*changes, "updated_at"])
    record("clinics.member.changed", member, by=by, before=before, after=after)
    return member


@transaction.atomic
def deactivate_member(member, *, by):
    """Let a member in no more; their sessions and API tokens here end at once. What they did stays. Records
    "clinics.member.deactivated". Raises OwnMembership, LastAdmin, NoLongerAdmin.
    """
    member = _lock(member, by=by)
    if not member.is_active:
        return member
    _guard_own(member, by)
    _guard_last_admin(member)
    member.is_active = False
    member.save(update_fields=["is_active", "updated_at"])
    end_sessions(member.user, clinic=member.clinic)
    narrow_tokens(member, by=by)
    record("clinics.member.deactivated", member, by=by)
    return member


@transaction.atomic
def reactivate_member(member, *, by):
    """Let a member in again, with the role they had. Records "clinics.member.reactivated". Raises NoLongerAdmin."""
    member = _lock(member, by=by)
    if member.is_active:
        return member
    member.is_active = True
    member.save(update_fields=["is_active", "updated_at"])
    record("clinics.member.reactivated", member, by=by)
    return member


def _lock(member, *, by):
    """Lock the admins in one order, then the member; whoever was removed while waiting may no longer act."""
    admins = {admin.pk: admin for admin in ClinicUser.objects.admins().order_by("pk").select_for_update(of=("self",))}
    if by is not SYSTEM and not may(admins.get(by.pk), "staff:manage"):
        raise NoLongerAdmin
    return ClinicUser.objects.select_for_update(of=("self",)).select_related("user").get(pk=member.pk)


def _guard_own(member, by):
    if by is not SYSTEM and member.pk == by.pk:
        _guard_last_admin(member)
        raise OwnMembership


def _guard_last_admin(member):
    others = ClinicUser.objects.admins().exclude(pk=member.pk)
    if member.is_active and member.role == Role.CLINIC_ADMIN and not others.exists():
        raise LastAdmin


def _plain(value):
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value.pk) if hasattr(value, "pk") else value
