"""Whether Twilio speaks: its signature over the public address and everything it sends."""

from django.utils.translation import gettext as _
from twilio.request_validator import RequestValidator

from clinics.webhook_sources import Refused


def check_signature(delivery, tokens):
    """Raise Refused unless a delivery is signed with one of the auth tokens; all are tried, so that time tells nothing.

    A form is signed with its fields; any other body by its digest, which then stands in the address.
    """
    given = delivery.headers.get("X-Twilio-Signature", "")
    is_form = "bodySHA256" not in delivery.query
    said = delivery.form if is_form else delivery.body.decode("utf-8", "replace")
    fits = [RequestValidator(token).validate(delivery.url, said, given) for token in tokens]
    if not given or not any(fits):
        raise Refused(_("The signature does not fit the auth token."), detail="The signature does not match.")
