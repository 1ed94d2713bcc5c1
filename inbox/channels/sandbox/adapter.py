"""The pretend carrier: it delivers into a phone and mailbox on a page, and fails on demand, as real ones do.

Addresses that fail as those of the carriers' own test accounts do; words in the text ask for a fault anywhere else:
[busy] [refused] [timeout] (it has it, but did not answer) [lost] (it never had it) [undelivered] [crash].
"""

import uuid
from datetime import timedelta

from django.utils.translation import gettext as _

from clinics.tenancy import clinic_scope
from clinics.webhook_sources import Check
from inbox.carrier_errors import reason_of_twilio
from inbox.channels.contract import Accepted, Adapter, NotSent, Unclear
from inbox.models import MessageStatus, SandboxDelivery
from inbox.reporting import Report, take_report

REFUSED_ADDRESSES = {  # twilio.com/docs/iam/test-credentials
    "+15005550001": "21211",
    "+15005550002": "21612",
    "+15005550004": "21610",
    "+15005550009": "21614",
}
FAILED_MAILBOXES = {"bounce": "bounced", "complaint": "complaint", "full": "mailbox_full"}


class SandboxAdapter(Adapter):
    """Accepts at once and tells of the delivery by the same way as every carrier; can be asked afterwards."""

    can_look_up = True

    def send(self, account, outgoing):
        self._refuse(outgoing)
        if "[lost]" in outgoing.text:
            raise Unclear
        accepted = self._deliver(account, outgoing)
        if "[timeout]" in outgoing.text:
            raise Unclear
        if "[crash]" in outgoing.text:
            raise RuntimeError("the pretend carrier fell over")
        return accepted

    def look_up(self, account, outgoing, *, since):
        with clinic_scope(account.clinic_id):
            rows = SandboxDelivery.objects.filter(account=account, is_from_person=False, payload__key=outgoing.key)
            found = rows.values_list("external_message_id", flat=True).first()
        return Accepted(found) if found else None

    def check(self, account):
        return [Check(_("This is the pretend carrier: nothing leaves the house."), True)]

    def _refuse(self, outgoing):
        if "[busy]" in outgoing.text:
            raise NotSent("busy", "429", is_passing=True, retry_after=timedelta(seconds=5))
        if "[refused]" in outgoing.text:
            raise NotSent("refused", "400")
        code = REFUSED_ADDRESSES.get(outgoing.to_address)
        if code:
            raise NotSent(reason_of_twilio(code), code)

    def _deliver(self, account, outgoing):
        external_id = f"SX{uuid.uuid4().hex}"
        with clinic_scope(account.clinic_id):
            SandboxDelivery.objects.create(
                account=account,
                external_message_id=external_id,
                to_address=outgoing.to_address,
                from_address=outgoing.from_address,
                subject=outgoing.subject,
                text=outgoing.text,
                payload={
                    "key": outgoing.key,
                    "html": outgoing.html,
                    "template": outgoing.template,
                    "files": [each.name for each in outgoing.enclosures],
                    "unsubscribe_url": outgoing.unsubscribe_url,
                },
            )
            self._report(account, outgoing, external_id)
        return Accepted(external_id, "queued")

    def _report(self, account, outgoing, external_id):
        """Tell of the delivery, as carriers do, before the answer to the call has been read."""
        mailbox = outgoing.to_address.partition("@")[0].partition("+")[0] if "@" in outgoing.to_address else ""
        reason = FAILED_MAILBOXES.get(mailbox) or ("not_delivered" if "[undelivered]" in outgoing.text else "")
        status = MessageStatus.FAILED if reason else MessageStatus.DELIVERED
        take_report(account, Report(external_id, status, word=status.label, reason=reason, key=outgoing.key))
