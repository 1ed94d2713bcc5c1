"""Signatures that are known to be Twilio's, checked by the very code that guards the door."""

import pytest
from django.http import QueryDict

from clinics.webhook_sources import Refused, Secrets
from crm.hooks.twilio_calls import TwilioCalls

TOKEN = "12345"
PARAMS = "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"
ADDRESS = "mycompany.com{port}/myapp.php?foo=1&bar=2"
# Where Twilio calls, what it sends, and what it signs with: the address with and without a port, and a field twice.
KNOWN = [
    ("https://" + ADDRESS.format(port=""), PARAMS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ("https://" + ADDRESS.format(port=":1234"), PARAMS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ("http://" + ADDRESS.format(port=":1234"), PARAMS, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ("https://" + ADDRESS.format(port=""), PARAMS, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    ("http://" + ADDRESS.format(port=""), PARAMS, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    (
        "https://" + ADDRESS.format(port=""),
        "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234",
        "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
    ),
]


class Posted:
    """What a source looks at of a delivery."""

    def __init__(self, url, fields, signature, body=b""):
        self.url, self.form, self.headers = url, QueryDict(fields), {"X-Twilio-Signature": signature}
        self.query, self.body = QueryDict(url.partition("?")[2]), body


def verify(url, fields, signature, tokens=(TOKEN,)):
    TwilioCalls().verify(None, Posted(url, fields, signature), Secrets({"auth_token": list(tokens)}))


@pytest.mark.parametrize(("url", "fields", "signature"), KNOWN)
def test_a_known_signature_fits(url, fields, signature):
    verify(url, fields, signature)


@pytest.mark.parametrize(("url", "fields", "signature"), KNOWN)
def test_it_fits_nothing_else(url, fields, signature):
    for other in [(url + "x", fields, signature), (url, fields + "&More=1", signature), (url, fields, signature[::-1])]:
        with pytest.raises(Refused):
            verify(*other)
    with pytest.raises(Refused):
        verify(url, fields, signature, tokens=["54321"])


def test_what_is_no_form_is_signed_by_its_digest():
    digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    url = f"https://{ADDRESS.format(port='')}&bodySHA256={digest}"
    body = b'{"property": "value", "boolean": true}'
    secrets = Secrets({"auth_token": [TOKEN]})

    TwilioCalls().verify(None, Posted(url, "", "a9nBmqA0ju/hNViExpshrM61xv4=", body), secrets)
    with pytest.raises(Refused):
        TwilioCalls().verify(None, Posted(url, "", "a9nBmqA0ju/hNViExpshrM61xv4=", body + b" "), secrets)


def test_an_old_and_a_new_token_are_both_good():
    verify(*KNOWN[0], tokens=["54321", TOKEN])
