"""One row of each model of what other services tell."""

from clinics.models import WebhookConnection, WebhookLog, WebhookSecret
from clinics.webhook_connections import connect_service, rotate_secret
from tests.isolation.addresses import PLAIN, ROWS
from tests.isolation.rows import makes


@makes(WebhookConnection)
def webhook_connection(world):
    return connect_service("json", label=f"{world.word} website", settings={}, secrets={}, by=world.admin)


@makes(WebhookSecret)
def webhook_secret(world):
    return rotate_secret(world[WebhookConnection], "bearer", f"{world.word}-bearer", by=world.admin)


@makes(WebhookLog)
def webhook(world):
    return WebhookLog.objects.create(
        connection=world[WebhookConnection],
        source="META",
        event_type=f"{world.word}.leadgen",
        external_id=world.word,
        payload={"name": world.word},
        status="DEAD",
        error_message=f"{world.word} is not known",
    )


# What stands in the addresses of their pages.
ROWS["pk"] |= {
    "clinics:webhook_connection_detail": WebhookConnection,
    "clinics:webhook_connection_edit": WebhookConnection,
    "clinics:webhook_connection_pause": WebhookConnection,
    "clinics:webhook_connection_resume": WebhookConnection,
    "clinics:webhook_connection_test": WebhookConnection,
    "clinics:webhook_connection_try": WebhookConnection,
    "clinics:webhook_detail": WebhookLog,
    "clinics:webhook_replay": WebhookLog,
    "clinics:webhook_secret_end": WebhookSecret,
    "clinics:webhook_secret_rotate": WebhookConnection,
}
# Whoever holds the address of a connection is let in, wherever they work: no row of a neighbour is guessed by it.
PLAIN["address"] = lambda world, member: world[WebhookConnection].token
PLAIN["source"] = lambda world, member: "json"
PLAIN["name"] = lambda world, member: "bearer"
