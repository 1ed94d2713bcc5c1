"""Google's lead form assets: one POST a lead, proved by the key that was typed in beside the address."""

import json

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import WebhookLog
from clinics.webhook_rehearsal import Rehearsal
from clinics.webhook_sources import Check, Event, Refused, SecretKind, matches_any, unreadable
from crm.hooks.answers import read_answers
from crm.hooks.keeping import SourceOfLeads, ad_campaign_of, keep_inquiry
from crm.models import LeadSubmission

PLATFORM = "Google"
SAMPLE = {"FULL_NAME": "Ana Lopez", "PHONE_NUMBER": "+13125550147", "EMAIL": "ana@example.com"}


class GoogleLeads(SourceOfLeads):
    log_source = WebhookLog.Source.ADS
    label = gettext_lazy("Google lead form")
    description = gettext_lazy("Leads of the forms in your Google ads, the moment they are sent.")
    icon = "megaphone"
    secret_kinds = (
        SecretKind(
            "google_key",
            gettext_lazy("Key"),
            gettext_lazy("Paste it beside the address in the lead form of Google Ads."),
            generated=True,
        ),
    )
    steps = (
        gettext_lazy("In Google Ads, open the lead form asset and go to Export leads, then Webhook."),
        gettext_lazy("Paste the address and the key from above and save."),
        gettext_lazy("Press Send test data there. The test arrives below and does not become a lead."),
    )

    def verify(self, connection, delivery, secrets):
        said = delivery.json()
        given = said.get("google_key") if isinstance(said, dict) else ""
        if not matches_any(given if isinstance(given, str) else "", secrets.all("google_key")):
            raise Refused(_("The key that Google sent is not ours."), detail="The key does not match.")

    def read(self, connection, delivery):
        said = delivery.json()
        lead_id, data = said.get("lead_id"), said.get("user_column_data")
        if not isinstance(lead_id, str) or not lead_id or not isinstance(data, list):
            raise unreadable("lead_id or user_column_data is missing.")
        said.pop("google_key")
        is_test = str(said.get("is_test")).lower() in ("true", "1")
        ignored = _("A test of Google Ads: it works. No lead was made of it.") if is_test else ""
        return [Event(lead_id, "test" if is_test else "lead", said, ignored=ignored)]

    def answer(self, connection, delivery, kept):
        return JsonResponse({})

    def refuse(self, refused):
        return JsonResponse({"message": refused.detail}, status=refused.status)

    def take_in(self, clinic, event, gathered):
        campaign_id = event.payload.get("campaign_id")
        campaign = ad_campaign_of(PLATFORM, str(campaign_id or ""), "")
        name = campaign.name if campaign else ""
        return keep_inquiry(event, LeadSubmission.Channel.GOOGLE, event.payload, campaign=name)

    def rehearsal(self, connection, secrets):
        columns = [{"column_id": name, "string_value": text} for name, text in SAMPLE.items()]
        said = {"lead_id": "test", "google_key": secrets.newest("google_key"), "user_column_data": columns}
        return Rehearsal(json.dumps(said | {"form_id": 1}).encode())

    def test(self, connection, secrets):
        tests = connection_tests(connection)
        return [
            Check(_("There is a key to paste."), bool(secrets.all("google_key")), _("Make one under Keys.")),
            Check(
                _("Google has sent something with the right key."),
                connection.last_received_at is not None,
                tests,
            ),
        ]


def connection_tests(connection):
    """What to do when nothing has come yet: it depends on whether something was refused."""
    if connection.refused_count:
        return _("Google calls, but with another key. Paste the key from above once more and save the form there.")
    return _("Press Send test data in the lead form of Google Ads. Nothing has come from there yet.")


def read_submission(submission):
    """What a lead of a Google form says, as an Inquiry."""
    said = submission.payload
    answers = read_answers(
        (_label(column), _text(column.get("string_value")))
        for column in said.get("user_column_data", [])
        if isinstance(column, dict)
    )
    answers.touch |= {
        "gclid": _text(said.get("gcl_id")),
        "utm_source": "google",
        "utm_medium": "paid",
        "utm_campaign": submission.context.get("campaign", ""),
        "utm_term": _text(said.get("adgroup_id")),
        "utm_content": _text(said.get("creative_id")),
    }
    inquiry = answers.inquiry(submission.clinic)
    inquiry.values["ad_platform"] = PLATFORM
    inquiry.values["source_detail"] = inquiry.values.get("source_detail") or _("Form %s") % said.get("form_id", "")
    return inquiry


def _label(column):
    """Questions of Google's own have an id that says what they are; those of the form have only their words."""
    return str(column.get("column_id") or column.get("column_name") or "").replace("_", " ")


def _text(value):
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
