"""What the error numbers of carriers mean, as reasons of `inbox.reasons`.

Sources: twilio.com/docs/api/errors; developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes and
.../messenger-platform/error-codes. A number that is not listed is a plain refusal, or a plain failure to deliver.
"""

TWILIO = {
    "20003": "credentials",
    "20429": "busy",
    "21211": "invalid_address",
    "21217": "invalid_address",
    "21408": "unreachable",
    "21610": "opted_out",
    "21611": "busy",
    "21612": "unreachable",
    "21614": "landline",
    "21617": "too_long",
    "21635": "landline",
    "30001": "busy",
    "30002": "credentials",
    "30003": "handset_off",
    "30004": "blocked_by_carrier",
    "30005": "invalid_address",
    "30006": "landline",
    "30007": "blocked_by_carrier",
    "30008": "not_delivered",
    "30022": "busy",
    "30034": "not_registered",
    "30036": "too_late",
    "63013": "refused",
    "63014": "opted_out",
    "63016": "window_closed",
    "63018": "busy",
    "63003": "invalid_address",
    "63021": "bad_template",
    "63024": "invalid_address",
}

META = {
    "4": "busy",
    "10": "window_closed",
    "80007": "busy",
    "100": "invalid_address",
    "190": "credentials",
    "200": "credentials",
    "551": "unreachable",
    "613": "busy",
    "2018065": "window_closed",
    "2018278": "window_closed",
    "131026": "unreachable",
    "131047": "window_closed",
    "131050": "opted_out",
    "131056": "busy",
    "132001": "bad_template",
}


def reason_of_twilio(code, *, otherwise="refused"):
    """The reason that a Twilio error number stands for."""
    return TWILIO.get(str(code or ""), otherwise)


def reason_of_meta(code, *, otherwise="refused"):
    """The reason that a Graph API error code (or its subcode) stands for."""
    return META.get(str(code or ""), otherwise)
