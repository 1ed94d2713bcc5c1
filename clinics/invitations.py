"""Bringing people into a clinic: an invitation goes out by mail, and one press of its receiver makes a member.

The secret in the link is derived from the invitation and the server's key, so that the worker that writes the mail
can work it out; the database keeps its digest. Sending again makes another secret, and the former link dies.
"""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.mail import absolute
from clinics.models import ClinicUser, Invitation, User

GOOD_FOR = timedelta(days=7)
AT_ONCE = 100  # open invitations of one clinic: more would be a mailing, not a team


class AlreadyMember(RuleBroken):
    message = _("This person works here already.")


class AlreadyInvited(RuleBroken):
    message = _("This person has an invitation already. Send it again from the list.")


class TooManyInvited(RuleBroken):
    message = _("A hundred invitations are open already. Withdraw some of them first.")


class InvitationClosed(RuleBroken):
    message = _("This invitation is no longer open.")


@transaction.atomic
def invite_member(email, *, role, location, by):
    """Invite somebody to the clinic's staff; the mail goes out after the commit. Records "clinics.invitation.sent".

    Raises AlreadyMember, AlreadyInvited, TooManyInvited.
    """
    email = email.strip().lower()
    if ClinicUser.objects.active().filter(user__email=email).exists():
        raise AlreadyMember
    if Invitation.objects.open().filter(email=email).exists():
        raise AlreadyInvited
    if Invitation.objects.open().count() >= AT_ONCE:
        raise TooManyInvited
    invitation = Invitation(email=email, role=role, location=location, invited_by=by)
    _open_for_a_week(invitation)
    invitation.save()
    record("clinics.invitation.sent", invitation, by=by, after={"role": role, "location": location})
    return invitation


@transaction.atomic
def resend_invitation(invitation, *, by):
    """Send an invitation again with a new link, good for another week. Records "clinics.invitation.resent".

    Raises InvitationClosed once it was accepted.
    """
    invitation = _lock(invitation)
    if invitation.accepted_at:
        raise InvitationClosed
    invitation.withdrawn_at = None
    _open_for_a_week(invitation)
    invitation.save(update_fields=["token_digest", "expires_at", "withdrawn_at", "updated_at"])
    record("clinics.invitation.resent", invitation, by=by)
    return invitation


@transaction.atomic
def withdraw_invitation(invitation, *, by):
    """Make the link of an invitation useless. Records "clinics.invitation.withdrawn". Raises InvitationClosed."""
    invitation = _lock(invitation)
    if invitation.accepted_at:
        raise InvitationClosed
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at", "updated_at"])
    record("clinics.invitation.withdrawn", invitation, by=by)
    return invitation


@transaction.atomic
def accept_invitation(invitation, *, user=None, **person):
    """Make the receiver a member: `user` if they had a login, else a new one from first_name, last_name and password.

    Somebody who worked here before comes back to the same membership. Records "clinics.invitation.accepted". Raises
    InvitationClosed, also when two presses of the button meet.
    """
    invitation = _lock(invitation)
    if not invitation.is_open:
        raise InvitationClosed
    user = user or User.objects.create_user(invitation.email, **person)
    member, _created = ClinicUser.objects.update_or_create(
        user=user, defaults={"role": invitation.role, "location": invitation.location, "is_active": True}
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at", "updated_at"])
    record("clinics.invitation.accepted", invitation, by=member, after={"member": member, "role": invitation.role})
    return member


def find_open(token):
    """The open invitation of the open clinic that a secret belongs to, or None."""
    return Invitation.objects.open().filter(token_digest=digest(token)).select_related("invited_by__user").first()


def invitation_link(invitation):
    """The address to send to the receiver; None if the server's key has changed since and the link would be dead."""
    token = _secret(invitation)
    if not constant_time_compare(digest(token), invitation.token_digest):
        return None
    return absolute(reverse("clinics:invitation_accept", args=[invitation.clinic_id, token]))


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def _lock(invitation):
    return Invitation.objects.select_for_update().get(pk=invitation.pk)


def _open_for_a_week(invitation):
    invitation.expires_at = timezone.now() + GOOD_FOR
    invitation.token_digest = digest(_secret(invitation))


def _secret(invitation):
    moment = invitation.expires_at.timestamp()
    return salted_hmac("clinics.invitation", f"{invitation.pk}:{moment:.6f}", algorithm="sha256").hexdigest()
