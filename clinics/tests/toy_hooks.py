"""A source as small as can be, to try the engine with: it signs with one secret and adds a location for each event."""

import hashlib
import hmac

from clinics.models import Location
from clinics.webhook_connections import connect_service
from clinics.webhook_sources import (
    Check,
    Event,
    Hopeless,
    Ignored,
    Outcome,
    Refused,
    SecretKind,
    TryLater,
    WebhookSource,
    matches_any,
)

SECRET = "toy-secret-1"
SOURCES = {"toy": f"{__name__}.Toy", "slow": f"{__name__}.SlowToy", "many": f"{__name__}.ManyToys"}


class Toy(WebhookSource):
    label = "Toy"
    secret_kinds = (
        SecretKind("key", "Key"),
        SecretKind("token", "Token", outgoing=True, required=False),
        SecretKind("made", "Made here", generated=True),
    )

    def verify(self, connection, delivery, secrets):
        given = delivery.headers.get("X-Toy", "")
        if not matches_any(given, [signature(delivery.body, key) for key in secrets.all("key")]):
            raise Refused("The signature does not fit.", detail="Bad signature.")

    def read(self, connection, delivery):
        said = delivery.json()
        return [
            Event(each["id"], each.get("type", "toy.hello"), each, each.get("ignored", ""), each.get("hopeless", ""))
            for each in (said if isinstance(said, list) else [said])
        ]

    def take_in(self, clinic, event, gathered):
        does = event.payload.get("does", "")
        place, _made = Location.objects.get_or_create(name=f"{event.payload['id']} {gathered or ''}".strip())
        if does in TROUBLES:
            raise TROUBLES[does]
        return Outcome("A place was added", about=place)

    def test(self, connection, secrets):
        return [Check("There is a key", bool(secrets.all("key")), "Put one in.")]


class SlowToy(Toy):
    gathers = True

    def gather(self, connection, secrets, event):
        return ask(secrets.newest("token"))


class ManyToys(Toy):
    """Takes in many at once; how many at a time is in `portions`."""

    portions = []

    def take_in_many(self, clinic, events):
        self.portions.append(len(events))
        return [self.take_in(clinic, event, None) for event in events]


def ask(token):
    """What the other service would be asked for; tests put something else in its place."""
    return f"with {token}"


TROUBLES = {
    "later": TryLater("They are closed"),
    "free": TryLater("They are busy", is_free=True),
    "never": Hopeless("They do not know it"),
    "nothing": Ignored("Not for us"),
    "break": ValueError("secret words"),
}


def signature(body, key=SECRET):
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def connect(by, kind="toy", key=SECRET, **secrets):
    return connect_service(kind, label="Toys", settings={}, secrets={"key": key} | secrets, by=by)
