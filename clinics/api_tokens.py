"""Personal API tokens: made in one's profile, shown once, good for some of one's permissions and for a time.

A token never does what its member may not: every request asks both. Who is deactivated loses all tokens, and who is
given another role loses the codes that went with the old one, for good.
"""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from clinics.access import PERMISSIONS, may
from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.models import ApiToken, Role
from clinics.requests import digest

MARK = "rc_"  # what every token begins with, so that a scanner for secrets knows one when it sees it
SHOWN = 10  # characters by which a token is told from others
AT_ONCE = 20
DAYS = (30, 90, 365)
USED_EVERY = timedelta(minutes=1)
# What the API has operations for, in words; a member is offered those that they hold.
SCOPES = {
    "lead:read": _("read leads, their activities, tasks, sources and stages"),
    "lead:create": _("add leads"),
    "lead:update": _("change leads, move them, log activities, set tasks"),
    "lead:assign": _("give leads to coordinators"),
    "lead:convert": _("convert leads to patients"),
    "lead:reopen": _("reopen lost leads"),
    "lead:configure": _("set up sources and stages"),
    "lead:analytics": _("read the figures"),
    "schedule:read": _("read appointments and free times"),
    "schedule:update": _("book, move and cancel appointments"),
    "patient:read": _("read patients, visits and payments"),
    "patient:create": _("add patients"),
    "patient:update": _("change patients, write visits down"),
    "payment:create": _("write payments and refunds down"),
    "inbox:read": _("read conversations"),
    "inbox:reply": _("send messages"),
    "marketing:update": _("write down clicks, paid invoices and other events of marketing"),
}


class ScopeNotHeld(RuleBroken):
    message = _("A token may do no more than you may.")


class TooManyTokens(RuleBroken):
    message = _("You have twenty tokens already. Revoke one that is no longer used.")


class TokenShownBefore(RuleBroken):
    message = _("This token was shown once already. Make another one if you have lost it.")


def scopes_of(member):
    """(code, words) of what a member's tokens can be made for."""
    return [(code, words) for code, words in SCOPES.items() if may(member, code)]


@transaction.atomic
def create_token(member, *, name, scopes, days, key):
    """Make a token for a member; returns (ApiToken, secret). The secret is kept nowhere.

    The same `key` (of a form) within a minute gives the same token and secret: a double click makes one. Records
    "clinics.api_token.created". Raises ScopeNotHeld, TooManyTokens, TokenShownBefore.
    """
    if not scopes or not all(code in SCOPES and may(member, code) for code in scopes):
        raise ScopeNotHeld
    secret = MARK + salted_hmac("clinics.api_token", f"{member.pk}:{key}", algorithm="sha256").hexdigest()
    identity = uuid.uuid5(member.pk, key)
    known = ApiToken.objects.filter(pk=identity).first()
    if known is not None:
        if known.created_at < timezone.now() - timedelta(minutes=1) or not known.is_standing:
            raise TokenShownBefore
        return known, secret
    if ApiToken.objects.of(member).standing().count() >= AT_ONCE:
        raise TooManyTokens
    token = ApiToken.objects.create(
        id=identity,
        member=member,
        name=name,
        prefix=secret[:SHOWN],
        token_digest=digest(secret),
        scopes=sorted(scopes),
        expires_at=timezone.now() + timedelta(days=days),
    )
    after = {"name": name, "scopes": token.scopes, "expires_at": token.expires_at}
    record("clinics.api_token.created", token, by=member, after=after)
    return token, secret


@transaction.atomic
def revoke_token(token, *, by):
    """End a token at once, for good; ending twice is ending once. Records "clinics.api_token.revoked"."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at", "updated_at"])
        record("clinics.api_token.revoked", token, by=by, before={"name": token.name})
    return token


@transaction.atomic
def narrow_tokens(member, *, by):
    """Take from a member's tokens what the member no longer holds; a token that is left with nothing ends.

    Records "clinics.api_token.narrowed", or "clinics.api_token.revoked".
    """
    held = PERMISSIONS[Role(member.role)] if member.is_active else set()
    for token in ApiToken.objects.of(member).standing().select_for_update():
        left = [code for code in token.scopes if code in held]
        if not left:
            revoke_token(token, by=by)
        elif left != token.scopes:
            before, token.scopes = token.scopes, left
            token.save(update_fields=["scopes", "updated_at"])
            record("clinics.api_token.narrowed", token, by=by, before={"scopes": before}, after={"scopes": left})


def note_use(token):
    """Note that a token is in use, once a minute; a request that finds the row taken leaves it to that one."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
        free = ApiToken.objects.filter(pk=token.pk).select_for_update(skip_locked=True)
        ApiToken.objects.filter(pk__in=free.values("pk")).update(last_used_at=now)
