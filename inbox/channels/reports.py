"""What carriers tell about messages of ours, in one shape, handed on to whoever keeps their state."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from clinics.webhook_sources import Outcome
from inbox.models import DeliveryReport, UnifiedMessage


@dataclass(frozen=True)
class Report:
    """One word of a carrier: `status` in its own language, `external_id` the message's id there."""

    external_id: str
    status: str
    told_at: datetime
    error_code: str = ""
    payload: dict = field(default_factory=dict)


def tell_report(account, report):
    """Keep what a carrier told about one of our messages; returns an Outcome about the message, if it is known."""
    message = UnifiedMessage.objects.outbound().filter(account=account, external_message_id=report.external_id).first()
    DeliveryReport.objects.create(
        account=account,
        message=message,
        external_message_id=report.external_id[:255],
        status=report.status[:40],
        error_code=report.error_code[:40],
        payload=report.payload,
        told_at=report.told_at,
    )
    return Outcome(_("Told of a message: %s") % report.status, about=message)
