"""Channel accounts: connected, changed, taken first, paused and taken into use again."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.audit import record
from clinics.errors import RuleBroken
from clinics.live import publish
from clinics.models import WebhookSecret
from clinics.webhook_connections import connect_service, rotate_secret
from inbox.models import Carrier, ChannelAccount


class LastOfItsKind(RuleBroken):
    message = _("Choose another account that is taken first on this channel, then pause this one.")


@transaction.atomic
def connect_account(way, facts, *, proofs, by):
    """Connect a channel by a Way; returns the ChannelAccount, with an address here for its carrier to tell.

    `facts` and `proofs` are those of its form. The first real account of a channel is taken first, before a pretended
    one. Records "inbox.account.connected".
    """
    told = None
    if way.hook:
        told = connect_service(way.hook, label=facts["label"], settings=_told_settings(facts), secrets=proofs, by=by)
    others = ChannelAccount.objects.select_for_update(of=("self",)).filter(channel=way.channel, is_default=True)
    is_first = not others.exclude(carrier=Carrier.SANDBOX).exists()
    if is_first:
        others.update(is_default=False)
    account = ChannelAccount.objects.create(
        channel=way.channel, carrier=way.carrier, connection=told, is_default=is_first, **facts
    )
    record("inbox.account.connected", account, by=by, after={"channel": way.channel, "carrier": way.carrier})
    publish("inbox", "accounts")
    return account


@transaction.atomic
def change_account(account, facts, *, proofs, by):
    """Change an account; credentials that were not typed in stay. What blocked it is forgotten: it is tried again.

    A new key of its carrier is good beside the old one for a week. Records "inbox.account.changed".
    """
    account = lock_account(account)
    before = {"label": account.label, "address": account.address}
    account.label, account.address, account.location = facts["label"], facts["address"], facts["location"]
    account.settings = account.settings | facts["settings"]
    account.credentials = account.credentials | facts["credentials"]
    account.blocked_reason = ""
    account.save()
    if account.connection is not None and account.carrier != Carrier.SANDBOX:
        account.connection.label, account.connection.settings = account.label, _told_settings(facts)
        account.connection.save(update_fields=["label", "settings", "updated_at"])
        for name, value in proofs.items():
            if not _is_known(account.connection, name, value):
                rotate_secret(account.connection, name, value, by=by)
    after = {"label": account.label, "address": account.address, "keys": sorted(facts["credentials"])}
    record("inbox.account.changed", account, by=by, before=before, after=after)
    publish("inbox", "accounts")
    return account


def _is_known(connection, name, value):
    active = WebhookSecret.objects.active().filter(connection=connection, name=name)
    return any(secret.value == value for secret in active)


def _told_settings(facts):
    """What the webhook source has to know of an account: which mail service speaks."""
    return {name: facts["settings"][name] for name in ("provider",) if facts["settings"].get(name)}


@transaction.atomic
def make_default(account, *, by):
    """Take an account first on its channel; returns it. Records "inbox.account.made_default"."""
    of_channel = ChannelAccount.objects.select_for_update(of=("self",)).filter(channel=account.channel).order_by("pk")
    account = next(each for each in list(of_channel) if each.pk == account.pk)
    if not account.is_default:
        of_channel.filter(is_default=True).update(is_default=False)
        account.is_default = account.is_active = True
        account.save(update_fields=["is_default", "is_active", "updated_at"])
        record("inbox.account.made_default", account, by=by)
        publish("inbox", "accounts")
    return account


@transaction.atomic
def pause_account(account, *, by):
    """Send nothing by an account for now; what comes in is still taken in. What waits for it waits.

    Records "inbox.account.paused". Raises LastOfItsKind for the one taken first while there are others.
    """
    account = lock_account(account)
    others = ChannelAccount.objects.on(account.channel).exclude(pk=account.pk)
    if account.is_default and others.exists():
        raise LastOfItsKind
    return _switch(account, False, "inbox.account.paused", by=by)


@transaction.atomic
def resume_account(account, *, by):
    """Send by an account again, and forget what blocked it. Records "inbox.account.resumed"."""
    account = lock_account(account)
    if account.blocked_reason:
        account.blocked_reason, account.last_error_at = "", timezone.now()  # what failed before is looked at no more
        account.save(update_fields=["blocked_reason", "last_error_at", "updated_at"])
    if not account.is_active:
        return _switch(account, True, "inbox.account.resumed", by=by)
    record("inbox.account.resumed", account, by=by)
    publish("inbox", "accounts")
    return account


def _switch(account, is_active, action, *, by):
    if account.is_active != is_active:
        account.is_active = is_active
        account.save(update_fields=["is_active", "updated_at"])
        record(action, account, by=by)
        publish("inbox", "accounts")
    return account


def lock_account(account):
    """The row itself, with its connection, held until the end of the transaction."""
    rows = ChannelAccount.objects.select_related("connection", "location")
    return rows.select_for_update(of=("self",)).get(pk=account.pk)
