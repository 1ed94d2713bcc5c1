"""What an EMR tells by itself: a FHIR subscription names what has changed, and it is fetched and taken in.

Understood are the notifications of the R4 subscriptions backport (a Bundle that begins with Parameters), and the older
REST hooks, whose body is empty or the resource itself. What a body says of a person is not believed: only type and id
are read out of it.
"""

import re
from datetime import timedelta
from hashlib import sha256

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.forms.webhooks import ConnectionForm
from clinics.models import WebhookLog
from clinics.models.base import OpenClinicChoiceField
from clinics.tenancy import clinic_scope
from clinics.webhook_sources import (
    Check,
    Event,
    Hopeless,
    Outcome,
    Refused,
    SecretKind,
    TryLater,
    WebhookSource,
    matches_any,
)
from patients.emr.addresses import check_url, same_origin
from patients.emr.client import Client
from patients.emr.connections import server_of
from patients.emr.errors import AddressRefused, Busy, EmrError, Gone, LoginRefused, NotThere, ScopeRefused
from patients.emr.mapping import ORDER
from patients.emr.runs import finish_run, start_run
from patients.emr.telling import take_deletion, take_in, take_up_all_waiting
from patients.models import EmrConnection, EmrRun

ROW_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
NOTHING_TOLD = "look"  # an event that names no resource: look for yourself


class FhirForm(ConnectionForm):
    settings_fields = ("connection",)

    connection = OpenClinicChoiceField(EmrConnection.objects, label=gettext_lazy("EMR"))


class FhirSubscriptions(WebhookSource):
    log_source = WebhookLog.Source.EPIC
    label = gettext_lazy("FHIR subscription")
    description = gettext_lazy("An EMR tells at once when a patient, visit or appointment has changed.")
    icon = "zap"
    settings_form = FhirForm
    gathers = True
    secret_kinds = (SecretKind("bearer", gettext_lazy("Token"), generated=True),)
    steps = (
        gettext_lazy("Make a subscription in the EMR with the channel type rest-hook and this address as endpoint."),
        gettext_lazy("Add the header “Authorization: Bearer” followed by the token."),
        gettext_lazy("Subscribe to Patient, Appointment and Encounter; payload empty or id-only is enough."),
    )

    def log_source_of(self, connection):
        system = _emr_of(connection).emr_system
        return system or self.log_source

    def verify(self, connection, delivery, secrets):
        if not matches_any(delivery.bearer(), secrets.all("bearer")):
            raise Refused(_("The token is not ours."), status=401, detail="The bearer token does not match.")

    def read(self, connection, delivery):
        """One event for each resource that a notification names; heartbeats and handshakes tell nothing."""
        emr = _emr_of(connection)
        if not delivery.body.strip():
            minute = timezone.now().strftime("%Y-%m-%dT%H:%M")
            return [Event(f"{NOTHING_TOLD}:{minute}", NOTHING_TOLD, {})]
        said = delivery.json()
        if not isinstance(said, dict):
            raise Refused(_("This is no FHIR notification."), status=400, detail="Not a FHIR resource.")
        if said.get("resourceType") != "Bundle":
            return _events_of_resource(said)
        return _events_of_bundle(emr, said)

    def gather(self, connection, secrets, event):
        """Fetch what was named, from the EMR that the connection belongs to and from nowhere else."""
        with clinic_scope(event.clinic_id):
            emr = EmrConnection.objects.filter(pk=connection.settings.get("connection")).first()
            if emr is None or not emr.is_active:
                raise TryLater(_("The EMR connection is paused."), after=timedelta(hours=1), is_free=True)
            server = server_of(emr)
        if event.event_type == NOTHING_TOLD:
            return None
        kind, _slash, row_id = event.payload["reference"].partition("/")
        try:
            with Client(server) as client:
                return client.read(kind, row_id)
        except Gone:
            return None
        except NotThere as error:
            raise Hopeless(error) from None
        except Busy as error:
            raise TryLater(error, after=timedelta(seconds=max(error.after, 60)), is_free=True) from None
        except (LoginRefused, ScopeRefused) as error:
            raise TryLater(error, after=timedelta(hours=1), is_free=True, needs_person=True) from None
        except EmrError as error:
            raise TryLater(error) from None

    def take_in(self, clinic, event, gathered):
        emr = EmrConnection.objects.get(pk=event.connection.settings["connection"])
        if event.event_type == NOTHING_TOLD or _is_gap(emr, event.payload):
            EmrConnection.objects.filter(pk=emr.pk, is_active=True).update(next_sync_at=timezone.now())
        if event.event_type == NOTHING_TOLD:
            return Outcome(_("It is looked through for what has changed."))
        run = start_run(EmrRun.Kind.HOOK, by=None, connection=emr)
        if gathered is None:
            take_deletion(emr, run, event.payload["reference"], by=None)
        else:
            take_in(emr, run, [gathered], by=None)
        take_up_all_waiting(emr, run, by=None)
        run = finish_run(run, by=None)
        words = _("It is known already.") if run.unchanged_count == run.seen_count else event.payload["reference"]
        return Outcome(words, about=run)

    def test(self, connection, secrets):
        emr = _emr_of(connection)
        received = _("Change something of a test patient in the EMR. Nothing has come from it yet.")
        return [
            Check(_("There is a token."), bool(secrets.all("bearer")), _("Put it in under Keys.")),
            Check(_("The EMR connection is in use."), emr.is_active, _("Resume it on its own page.")),
            Check(_("The EMR has told something."), connection.last_received_at is not None, received),
        ]


def _emr_of(connection):
    with clinic_scope(connection.clinic_id):
        emr = EmrConnection.objects.filter(pk=connection.settings.get("connection")).first()
    if emr is None:
        raise Refused(_("The EMR of this address is no longer connected."), status=410, detail="Not connected.")
    return emr


def _events_of_resource(resource):
    """A REST hook with the resource itself: its version tells deliveries of one change from those of another."""
    meta = resource.get("meta") if isinstance(resource.get("meta"), dict) else {}
    mark = meta.get("versionId") or meta.get("lastUpdated") or sha256(repr(resource).encode()).hexdigest()[:32]
    return _named(f"{resource.get('resourceType')}/{resource.get('id')}", str(mark), number=0, subscription="")


def _events_of_bundle(emr, bundle):
    entries = bundle.get("entry") if isinstance(bundle.get("entry"), list) else []
    first = entries[0].get("resource") if entries and isinstance(entries[0], dict) else None
    rows = first.get("parameter") if isinstance(first, dict) else None
    parameters = [row for row in rows or [] if isinstance(row, dict)]
    by_name = {row.get("name"): row for row in parameters}
    told_of = by_name.get("subscription", {}).get("valueReference")
    subscription = str(told_of.get("reference", "") if isinstance(told_of, dict) else "").rpartition("/")[2][:60]
    events = []
    for row in parameters:
        parts = row.get("part") if row.get("name") == "notification-event" else None
        named = {part.get("name"): part for part in parts or [] if isinstance(part, dict)}
        focus = named.get("focus", {}).get("valueReference")
        if not isinstance(focus, dict):
            continue
        text = str(named.get("event-number", {}).get("valueString") or "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
        reference = _ours(emr, str(focus.get("reference") or ""))
        mark = f"{subscription}#{number}" if number else str(bundle.get("timestamp") or bundle.get("id") or "")
        events += _named(reference, mark, number=number, subscription=subscription)
    return events


def _ours(emr, reference):
    """Type and id of a reference, if it leads to the EMR of this connection; "" for any other server."""
    if "://" in reference:
        try:
            if not same_origin(check_url(reference), emr.base_url):
                return ""
        except AddressRefused:
            return ""
    return "/".join(reference.partition("/_history")[0].rsplit("/", 2)[-2:])


def _named(reference, mark, *, number, subscription):
    kind, _slash, row_id = reference.partition("/")
    if kind not in ORDER or not ROW_ID.fullmatch(row_id):
        return []
    payload = {"reference": reference, "number": number, "subscription": subscription}
    return [Event(f"{reference}@{mark}"[:255], kind, payload)]


def _is_gap(emr, payload):
    """Whether events of a subscription were missed: their numbers are without holes. Remembers the highest."""
    number, subscription = payload.get("number") or 0, payload.get("subscription") or ""
    if not number:
        return False
    emr = EmrConnection.objects.select_for_update().get(pk=emr.pk)
    heard = emr.cursor.get("heard") or {}
    last = heard.get(subscription)
    if last is not None and number <= last:
        return False
    EmrConnection.objects.filter(pk=emr.pk).update(
        cursor=emr.cursor | {"heard": heard | {subscription: number}}, updated_at=timezone.now()
    )
    return last is not None and number > last + 1
