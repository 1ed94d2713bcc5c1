"""Everything told five times, shuffled, a tenth of it forged: each thing has its effect exactly once.

200 events here, 2,000 with --full.
"""

import os
import random
from urllib.parse import urlencode

from django.test import RequestFactory
from twilio.request_validator import RequestValidator

from clinics.models import WebhookConnection, WebhookLog
from clinics.webhook_processing import process_webhooks
from clinics.webhook_sources import Delivery
from clinics.webhooks import AT_A_TIME, accept_webhook
from inbox.models import DeliveryReport, UnifiedConversation, UnifiedMessage
from inbox.tests.factories import MessageFactory
from tests.doubles.twilio_messages import AUTH_TOKEN, report_about, text_from

EVENTS = 2000 if os.environ.get("DRILL_FULL") else 200
TIMES, FORGED, PEOPLE = 5, 0.1, 20


def told(events):
    """(fields, token) of every delivery, in no order: each event five times, and forgeries of a tenth more."""
    chance = random.Random(11)
    deliveries = [(fields, AUTH_TOKEN) for fields in events for _time in range(TIMES)]
    forged = [fields | {"Body": "forged", "MessageSid": f"SM{'f' * 24}{at:08d}"} for at, fields in enumerate(events)]
    deliveries += [(fields, "stolen-token") for fields in forged[: int(len(deliveries) * FORGED)]]
    chance.shuffle(deliveries)
    return deliveries


def delivery_of(path, fields, token, base):
    fields = {name: str(value) for name, value in fields.items()}
    signature = RequestValidator(token).compute_signature(base + path, fields)
    kind = "application/x-www-form-urlencoded"
    return Delivery(
        RequestFactory().post(path, urlencode(fields), content_type=kind, HTTP_X_TWILIO_SIGNATURE=signature)
    )


def test_what_is_told_five_times_in_any_order_happens_once(desk_number, clinic, settings):
    sent = [
        MessageFactory(
            account=desk_number, direction="OUTBOUND", status="SENT", external_message_id=f"SM{'a' * 24}{at:08d}"
        )
        for at in range(10)
    ]
    reports = [report_about(message.external_message_id, "delivered") for message in sent]
    texts = [
        text_from(f"+1202555{at % PEOPLE:04d}", f"Message {at}", sid=f"SM{'b' * 24}{at:08d}")
        for at in range(EVENTS - len(reports))
    ]
    path = desk_number.connection.get_path()

    statuses = [
        accept_webhook(desk_number.connection, delivery_of(path, fields, token, settings.BASE_URL)).status_code
        for fields, token in told(texts + reports)
    ]
    ids = list(WebhookLog.objects.values_list("pk", flat=True))
    for start in (*range(0, len(ids), AT_A_TIME), 0):  # and the first ones once more
        process_webhooks(clinic, ids[start : start + AT_A_TIME])

    forged = statuses.count(403)
    connection = WebhookConnection.objects.get(pk=desk_number.connection_id)
    assert (statuses.count(200), forged) == (EVENTS * TIMES, int(EVENTS * min(1, TIMES * FORGED)))
    assert (connection.received_count, connection.refused_count) == (EVENTS, forged)
    assert UnifiedMessage.objects.inbound().count() == len(texts)
    assert not UnifiedMessage.objects.filter(text="forged").exists()
    assert DeliveryReport.objects.count() == len(reports)
    assert UnifiedMessage.objects.outbound().filter(status="DELIVERED").count() == len(reports)
    people = UnifiedConversation.objects.exclude(pk__in=[message.conversation_id for message in sent])
    assert people.count() == PEOPLE
    assert sum(people.values_list("unread_count", flat=True)) == len(texts)
    assert WebhookLog.objects.filter(status="PROCESSED").count() == EVENTS
