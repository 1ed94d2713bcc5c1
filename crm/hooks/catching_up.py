"""Every night: what the forms of a service hold and nobody told us of, since a webhook may get lost on the way."""

from datetime import timedelta

from django.utils import timezone, translation

from clinics.models import WebhookConnection
from clinics.tenancy import clinic_scope
from clinics.webhooks import keep_events, note_error, secrets_of
from crm.hooks.graph import GraphError
from crm.hooks.meta import graph_of, lead_event

OVERLAP = timedelta(days=1)


def catch_up_meta(clinic):
    """Look through the lead forms of each connected page for leads that came since the last time, a day of overlap
    included; those that are known already stay as they are. What fails is said on the connection's page."""
    with clinic_scope(clinic):
        connections = [
            (connection, secrets_of(connection)) for connection in WebhookConnection.objects.active().of_kind("meta")
        ]
    for connection, secrets in connections:
        began, trouble, events = timezone.now(), "", []
        with translation.override(clinic.language):
            try:
                events = list(_leads_of(connection, graph_of(secrets)))
            except GraphError as error:
                trouble = str(error)
        with clinic_scope(clinic):
            if trouble:
                note_error(connection.pk, trouble)
            else:
                keep_events(connection, events)
                WebhookConnection.objects.filter(pk=connection.pk).update(caught_up_at=began)


def _leads_of(connection, graph):
    since = (connection.caught_up_at or connection.created_at) - OVERLAP
    page_id = connection.settings.get("page_id", "")
    for form in graph.forms(page_id):
        for lead in graph.leads_since(form["id"], since):
            yield lead_event(lead["id"], page_id=page_id, form_id=form["id"], found="nightly")
