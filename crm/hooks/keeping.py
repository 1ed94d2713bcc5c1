"""What all sources of leads share: the settings of their connections, and how an event becomes an inquiry."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.background import wake_for_all
from clinics.forms.webhooks import ConnectionForm
from clinics.models import Location
from clinics.webhook_sources import Outcome, WebhookSource
from crm.importing.mapping import TARGETS
from crm.models import AdCampaign, Lead, LeadSource, LeadSubmission
from crm.submissions import build_submission, write_submissions
from crm.understanding import process_submission


class LeadConnectionForm(ConnectionForm):
    """Where the leads of a connection are counted, and for which location they are."""

    settings_fields = ("source", "location")

    source = forms.ModelChoiceField(
        LeadSource.objects.none(),
        label=gettext_lazy("Source of these leads"),
        help_text=gettext_lazy("Counted under this source, unless what comes names another one."),
    )
    location = forms.ModelChoiceField(Location.objects.none(), label=gettext_lazy("Location"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = LeadSource.objects.filter(is_active=True)
        self.fields["source"].empty_label = gettext_lazy("Choose a source")
        self.fields["location"].queryset = Location.objects.filter(is_active=True)
        self.fields["location"].empty_label = gettext_lazy("All locations")


class SourceOfLeads(WebhookSource):
    """A source of leads: its events are kept as inquiries, and these are then taken in."""

    settings_form = LeadConnectionForm
    can_rehearse = True

    def rehearse(self, clinic, event, gathered):
        """A test goes on to the lead that it would be, as an inquiry does."""
        about = self.take_in(clinic, event, gathered).about
        if not isinstance(about, LeadSubmission):
            return about is not None, _("It would be an entry of %(lead)s.") % {"lead": about}
        done = process_submission(about)
        if done.lead is None:
            return False, done.error
        is_new = done.outcome == LeadSubmission.Outcome.NEW_LEAD
        words = _("It would be a new lead: %(lead)s.") if is_new else _("It would be a touch of %(lead)s.")
        return True, words % {"lead": done.lead}

    def go_on(self):
        wake_for_all("crm.tasks.process_submissions")


def keep_inquiry(event, channel, payload, **context):
    """Keep what an event tells as an inquiry, once for each event; a lead is made of it in the background."""
    (outcome,) = keep_inquiries([event], channel, [payload], [context])
    return outcome


def keep_inquiries(events, channel, payloads, contexts):
    """The same for many events of one source at once; returns their Outcomes in order."""
    rows = [
        build_submission(
            channel,
            payload,
            idempotency_key=f"{event.connection_id}:{event.external_id}",
            context=door_of(event.connection) | context,
            received_at=event.created_at,
        )
        for event, payload, context in zip(events, payloads, contexts, strict=True)
    ]
    text = _("Kept as an inquiry")
    return [Outcome(text, about=LeadSubmission(pk=kept)) for kept in write_submissions(rows)]


def door_of(connection):
    """Through which door an inquiry of this connection comes; never what a person said."""
    chosen = {name: connection.settings.get(name) for name in ("source", "location")}
    return {"connection": str(connection.pk)} | {name: value for name, value in chosen.items() if value}


def ad_campaign_of(platform, external_id, name):
    """The clinic's row for an advertising campaign of a platform, made when it is first heard of; None without an id.

    A campaign that somebody entered by hand under this name is taken for the same.
    """
    if not external_id:
        return None
    campaigns = AdCampaign.objects.filter(platform=platform)
    known = campaigns.filter(external_id=external_id).first()
    if known is not None:
        return known
    name = (name or f"{platform} {external_id}")[:120]
    campaign, _created = AdCampaign.objects.get_or_create(
        platform=platform, name=name, defaults={"external_id": external_id}
    )
    if not campaign.external_id:
        campaign.external_id = external_id
        campaign.save(update_fields=["external_id", "updated_at"])
    return campaign


def shown(values):
    """What was read, as label and value for a page."""
    return [{"label": _label(name), "value": str(value)} for name, value in values.items() if value]


def _label(name):
    return str(TARGETS.get(name) or Lead._meta.get_field(name).verbose_name)
