"""What the pretend phones and mailboxes of a clinic's sandbox say: told by the same door as every carrier's news."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import WebhookLog
from clinics.webhook_sources import Event, Refused, SecretKind, matches_any, unreadable
from inbox.channels.email.reading import incoming_of
from inbox.channels.hook import AccountHook
from inbox.models import Channel, ChannelAccount, MessageKind
from inbox.receiving import Incoming, Media


class SandboxPhones(AccountHook):
    """Posted as JSON: {"id", "account", "from", "name", "text", "kind", "seconds", "files"}, or "mail" for a letter."""

    log_source = WebhookLog.Source.WEBFORM
    label = gettext_lazy("Pretend phones and mailboxes")
    description = gettext_lazy("What you write as a pretend patient comes in by this address.")
    icon = "flask"
    secret_kinds = (SecretKind("bearer", gettext_lazy("Token"), generated=True),)

    def verify(self, connection, delivery, secrets):
        if not matches_any(delivery.bearer(), secrets.all("bearer")):
            raise Refused(_("The token is not ours."), status=401, detail="The token does not match.")

    def read(self, connection, delivery):
        said = delivery.json()
        if not isinstance(said, dict) or not all(isinstance(said.get(name), str) for name in ("id", "account", "from")):
            raise unreadable("id, account or from is missing.")
        return [said_event(said)]

    def account_of(self, event):
        """One address serves all pretend accounts: what is said names the one that it was said to."""
        accounts = ChannelAccount.objects.filter(connection=event.connection_id, pk=event.payload["account"])
        account = accounts.select_for_update(of=("self",), no_key=True).first()
        return account or super().account_of(event)

    def told_to(self, event):
        return event.payload["account"]

    def understand(self, account, event):
        is_letter = account.channel == Channel.EMAIL
        return incoming_of(event.payload["mail"], event=event) if is_letter else _spoken(event)


def said_event(said):
    """What somebody said, as an event of the sandbox."""
    return Event(said["id"], "message", said)


def _spoken(event):
    said = event.payload
    files = said.get("files") or []
    return Incoming(
        external_id=said["id"],
        address=said["from"],
        text=said.get("text", ""),
        happened_at=event.created_at,
        display_name=said.get("name", ""),
        kind=said.get("kind") or MessageKind.TEXT,
        duration_seconds=said.get("seconds"),
        media=tuple(
            Media(url=f"webhook:{event.pk}:{at}", content_type=each["content_type"], name=each["name"])
            for at, each in enumerate(files)
        ),
    )
