"""Meta's lead ads: a webhook names the lead, and its answers are fetched from the Graph API."""

import hashlib
import hmac
import json
from datetime import timedelta

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.models import WebhookLog
from clinics.webhook_rehearsal import Rehearsal
from clinics.webhook_sources import (
    Check,
    Event,
    Hopeless,
    Refused,
    SecretKind,
    TryLater,
    matches_any,
)
from crm.hooks.answers import read_answers
from crm.hooks.graph import Graph, GraphBusy, GraphError, NotThere, TokenRefused
from crm.hooks.keeping import LeadConnectionForm, SourceOfLeads, ad_campaign_of, keep_inquiry
from crm.models import LeadSubmission

PLATFORM = "Meta"
SAMPLE = {"full_name": "Ana Lopez", "phone_number": "+13125550147", "email": "ana@example.com"}


class MetaForm(LeadConnectionForm):
    settings_fields = ("page_id", *LeadConnectionForm.settings_fields)

    page_id = forms.RegexField(
        r"^\d{3,30}$",
        label=gettext_lazy("Page ID"),
        help_text=gettext_lazy(
            "The number of the Facebook page that the ads belong to: Page, About, Page transparency."
        ),
        error_messages={"invalid": gettext_lazy("The page ID has digits only.")},
    )


class MetaLeads(SourceOfLeads):
    log_source = WebhookLog.Source.META
    label = gettext_lazy("Meta lead ads")
    description = gettext_lazy("Leads of instant forms on Facebook and Instagram, with the campaign they came from.")
    icon = "megaphone"
    settings_form = MetaForm
    secret_kinds = (
        SecretKind("verify_token", gettext_lazy("Verify token"), generated=True),
        SecretKind(
            "app_secret",
            gettext_lazy("App secret"),
            gettext_lazy("Meta for Developers, your app, App settings, Basic. It proves that Meta speaks."),
        ),
        SecretKind(
            "page_token",
            gettext_lazy("Page access token"),
            gettext_lazy("One that does not run out, of a system user with leads_retrieval and pages_manage_metadata."),
            outgoing=True,
        ),
    )
    steps = (
        gettext_lazy("In Meta for Developers, open your app, Webhooks, choose Page and then Subscribe to this object."),
        gettext_lazy("Paste the address as callback URL and the verify token, then verify and save."),
        gettext_lazy("Subscribe to the field leadgen, and subscribe your page to the app."),
        gettext_lazy("Send a test lead with Meta’s Lead Ads Testing Tool. It arrives below within a minute."),
    )
    gathers = True
    answers_get = True

    def greet(self, connection, delivery, secrets):
        """Meta makes sure of the address: the right token earns its challenge back."""
        given = delivery.query.get("hub.verify_token", "")
        is_ours = matches_any(given, secrets.all("verify_token"))
        if delivery.query.get("hub.mode") != "subscribe" or not is_ours:
            raise Refused(_("Meta asked with another verify token."), detail="The verify token does not match.")
        return HttpResponse(delivery.query.get("hub.challenge", "")[:200], content_type="text/plain")

    def verify(self, connection, delivery, secrets):
        given = delivery.headers.get("X-Hub-Signature-256", "")
        if not matches_any(given, [f"sha256={_hmac(secret, delivery.body)}" for secret in secrets.all("app_secret")]):
            raise Refused(_("The signature does not fit the app secret."), detail="The signature does not match.")

    def read(self, connection, delivery):
        """One event for each lead in the batch; what else the page tells is none of ours."""
        said = delivery.json()
        entries = said.get("entry") if isinstance(said, dict) else None
        changes = [
            change
            for entry in (entries if isinstance(entries, list) else [])
            for change in (entry.get("changes") or [] if isinstance(entry, dict) else [])
            if isinstance(change, dict) and change.get("field") == "leadgen"
        ]
        values = [change["value"] for change in changes if isinstance(change.get("value"), dict)]
        return [_event(connection, value) for value in values if value.get("leadgen_id")]

    def gather(self, connection, secrets, event):
        try:
            return graph_of(secrets).lead(event.payload["leadgen_id"])
        except TokenRefused as error:
            raise TryLater(error, after=timedelta(hours=1), is_free=True, needs_person=True) from None
        except GraphBusy as error:
            raise TryLater(error, after=timedelta(minutes=15), is_free=True) from None
        except NotThere as error:
            raise Hopeless(error) from None
        except GraphError as error:
            raise TryLater(error) from None

    def take_in(self, clinic, event, gathered):
        campaign = ad_campaign_of(PLATFORM, str(gathered.get("campaign_id") or ""), gathered.get("campaign_name"))
        name = campaign.name if campaign else ""
        return keep_inquiry(event, LeadSubmission.Channel.META, gathered, campaign=name)

    def rehearsal(self, connection, secrets):
        """The signature and the batch as Meta sends them; the answers are ours, since Meta knows no such lead."""
        value = {"leadgen_id": "1", "form_id": "1", "page_id": connection.settings.get("page_id", "")}
        said = {"object": "page", "entry": [{"changes": [{"field": "leadgen", "value": value}]}]}
        body = json.dumps(said).encode()
        signature = _hmac(secrets.newest("app_secret"), body)
        answers = [{"name": name, "values": [text]} for name, text in SAMPLE.items()]
        gathered = {"id": "1", "form_id": "1", "field_data": answers}
        return Rehearsal(body, headers={"X-Hub-Signature-256": f"sha256={signature}"}, gathered=gathered)

    def test(self, connection, secrets):
        """Ask Meta step by step; the first step that fails explains those after it."""
        graph, page_id = graph_of(secrets), connection.settings.get("page_id", "")
        checks = [Check(_("There is an app secret."), bool(secrets.all("app_secret")), _("Put it in under Keys."))]
        checks.append(_tried(_("Meta knows the page and accepts the token."), lambda: graph.page(page_id)))
        checks.append(_tried(_("The token may read the lead forms of the page."), lambda: list(graph.forms(page_id))))
        checks.append(_subscribed(graph, page_id))
        received = _("Send a test lead with Meta’s Lead Ads Testing Tool. Nothing has come from Meta yet.")
        checks.append(Check(_("Meta has delivered something."), connection.last_received_at is not None, received))
        return checks


def graph_of(secrets):
    return Graph(secrets.newest("page_token"), secrets.newest("app_secret"))


def lead_event(leadgen_id, **facts):
    """The event of one lead, whoever told of it: the webhook, or the nightly look into the forms."""
    return Event(str(leadgen_id), "leadgen", {"leadgen_id": str(leadgen_id), **facts})


def _event(connection, value):
    leadgen_id, page_id = str(value["leadgen_id"]), str(value.get("page_id", ""))
    facts = {name: value[name] for name in ("page_id", "form_id", "ad_id", "created_time") if value.get(name)}
    if not leadgen_id.isdigit():
        return Event(leadgen_id, "leadgen", value, hopeless=_("The number of this lead is none."))
    if page_id and page_id != connection.settings.get("page_id", page_id):
        words = _("It belongs to the page %s. Connect that page, too: its leads need its own token.") % page_id
        return Event(leadgen_id, "leadgen", facts | {"leadgen_id": leadgen_id}, hopeless=words)
    return lead_event(leadgen_id, **facts)


def _hmac(secret, body):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _tried(text, ask):
    try:
        ask()
    except GraphError as error:
        return Check(text, False, str(error))
    return Check(text, True)


def _subscribed(graph, page_id):
    text = _("The page tells this app of its leads.")
    try:
        fields = graph.subscriptions(page_id)
    except GraphError as error:
        return Check(text, False, str(error))
    return Check(text, "leadgen" in fields, _("Subscribe the page to the app with the field leadgen."))


def read_submission(submission):
    """What a lead of an instant form says, as an Inquiry."""
    lead = submission.payload
    answers = read_answers(
        (each.get("name", ""), ", ".join(map(str, each.get("values") or [])))
        for each in lead.get("field_data") or []
        if isinstance(each, dict)
    )
    is_instagram = lead.get("platform") == "ig"
    answers.touch |= {
        "utm_source": "instagram" if is_instagram else "facebook",
        "utm_medium": "organic" if lead.get("is_organic") else "paid",
        "utm_campaign": submission.context.get("campaign", ""),
        "utm_term": lead.get("adset_name") or lead.get("adset_id") or "",
        "utm_content": lead.get("ad_name") or lead.get("ad_id") or "",
    }
    inquiry = answers.inquiry(submission.clinic)
    inquiry.values["ad_platform"] = PLATFORM
    inquiry.values["source_detail"] = inquiry.values.get("source_detail") or _("Form %s") % lead.get("form_id", "")
    return inquiry
