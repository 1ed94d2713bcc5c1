"""Rows that stand in an address: those at hand, and those that are one's own and depend on the member who asks."""

from dataclasses import dataclass
from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from clinics.invitations import invitation_link
from clinics.models import ApiToken, BackgroundJob, ClinicUser, Invitation, SavedView, StaffNotification
from clinics.tests.factories import away
from crm.models import ReportDelivery, ReportSubscription


@dataclass(frozen=True)
class RowOf:
    """Fills a slot with the row that a world has of a model: it stands at hand, and no clinic has to be open for it."""

    model: type

    def __call__(self, world, member):
        return world[self.model].pk


def notice_of(member):
    return StaffNotification.objects.get_or_create(member=member, kind="job", text=f"{member.user.first_name} waits")[
        0
    ].pk


OF_ABSENCES = ["clinics:absence_end", "clinics:absence_list", "clinics:absence_resume"]


def oneself(world, member):
    return member.pk


def absence_of_theirs(world, member):
    """Days of theirs that are still to come, under an id of their own in each clinic."""
    member = ClinicUser.objects.get(pk=member.pk)
    if not member.times_away:
        away(member, first=timezone.localdate() + timedelta(days=9))
    return member.times_away[0].id


def view_of(member):
    word = member.user.first_name
    return SavedView.objects.get_or_create(
        owner=member, layout="LIST", name=f"{word}'s view", defaults={"query": f"q={word}"}
    )[0].pk


def report_of(member):
    return ReportSubscription.objects.get_or_create(
        member=member, kind="LOST", every="MONTH", defaults={"due_at": timezone.now() + timedelta(days=9)}
    )[0].pk


def failed_report_of(member):
    """A report to a member that did not go."""
    days = {"since": date(2026, 1, 1), "until": date(2026, 1, 31)}
    facts = {"claimed_at": timezone.now(), "status": "FAILED", "error": "unreachable"}
    return ReportDelivery.objects.get_or_create(subscription_id=report_of(member), **days, defaults=facts)[0].pk


def file_of(member):
    """A file of leads that a member has asked for."""
    job, is_new = BackgroundJob.objects.get_or_create(
        kind="crm.export", started_by=member, status="DONE", defaults={"title": f"{member.user.first_name}'s file"}
    )
    if is_new:
        name = default_storage.save(f"exports/{job.pk.hex}.csv", ContentFile(member.user.first_name.encode()))
        job.result, job.finished_at = {"rows": 1, "file": name}, timezone.now()
        job.save()
    return job.pk


def session_of(member):
    return UserSession.objects.get_or_create(
        user=member.user, session_key=f"elsewhere-{member.pk.hex[-20:]}", defaults={"ip": "192.0.2.1"}
    )[0].pk


def passkey_of(member):
    return Authenticator.objects.get_or_create(
        user=member.user, type=Authenticator.Type.WEBAUTHN, defaults={"data": {"name": "Laptop"}}
    )[0].pk


def token_of(world, member):
    """What stands in the link of this world's invitation."""
    return invitation_link(world[Invitation]).split("/")[-2]


def api_token_of(member):
    defaults = {
        "prefix": "rc_0",
        "token_digest": member.pk.hex,
        "scopes": [],
        "expires_at": timezone.now() + timedelta(days=1),
    }
    name = f"{member.user.first_name} reports"
    return ApiToken.objects.get_or_create(member=member, name=name, defaults=defaults)[0].pk
