"""From a row of a file to what it says, as JSON, or the reason why not in words for whoever looks at the trial."""

import hashlib

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.normalising import email_norm, phone_e164
from clinics.tables.values import (
    MONTH,
    day_first_by_evidence,
    other_currency,
    read_cents,
    read_moment,
    read_month,
)
from crm.figure_files.columns import plain
from crm.models import AdCampaign, KpiKind, Lead, LeadSource

KINDS = {
    KpiKind.AD_CLICK: "ad click|click|clic|clic en un anuncio",
    KpiKind.CONSULT_BOOKED: "consult booked|consultation booked|booked|consulta agendada|agendada",
    KpiKind.CONSULT_SHOW: "consult show|show|showed|attended|came to the consultation|asistio|vino",
    KpiKind.INVOICE_PAID: "invoice paid|paid|payment|purchase|factura pagada|pago|pagada",
}


class RowRefused(Exception):
    """Raised for a row that cannot be taken; its text says why."""


class _Reader:
    def __init__(self, clinic, places, moments, headers=()):
        self.clinic, self.places, self.headers = clinic, places, headers
        self.sources = {source.name.casefold(): source for source in LeadSource.objects.all()}
        self.campaigns = {}
        for campaign in AdCampaign.objects.all():
            self.campaigns.setdefault(campaign.name.casefold(), []).append(campaign)
            if campaign.external_id:
                self.campaigns.setdefault(campaign.external_id.casefold(), []).append(campaign)
        self.day_first = day_first_by_evidence(moments)
        if self.day_first is None:
            self.day_first = clinic.phone_region not in ("US", "PH", "PR")

    def said(self, cells, name):
        place = self.places.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def cents(self, cells, name):
        """An amount in cents, None where nothing is said; one in the currency of another country is not taken."""
        text, place = self.said(cells, name), self.places.get(name)
        if not text:
            return None
        for said in (text, self.said(cells, "currency"), self.headers[place] if place < len(self.headers) else ""):
            if other := other_currency(said, self.clinic.currency):
                words = _("“%(text)s” is in %(other)s, and the clinic reckons in %(own)s.")
                raise RowRefused(words % {"text": text[:40], "other": other, "own": self.clinic.currency})
        cents = read_cents(text)
        if cents is None or cents < 0:
            raise RowRefused(_("“%(text)s” is no amount of money.") % {"text": text[:40]})
        return cents

    def source(self, text, *, is_needed):
        if not text and not is_needed:
            return None
        found = self.sources.get(text.casefold())
        if found is None:
            raise RowRefused(_("No source is called “%(text)s”.") % {"text": text[:80]})
        return str(found.pk)

    def campaign(self, text):
        if not text:
            return None
        found = {campaign.pk: campaign for campaign in self.campaigns.get(text.casefold(), [])}
        if not found:
            raise RowRefused(_("No ad campaign is called “%(text)s”.") % {"text": text[:80]})
        if len(found) > 1:
            raise RowRefused(_("Several ad campaigns are called “%(text)s”.") % {"text": text[:80]})
        return str(next(iter(found)))

    def moment(self, text):
        found = read_moment(text, day_first=self.day_first, zone=self.clinic.zone)
        if found is None:
            raise RowRefused(_("“%(text)s” is no day.") % {"text": text[:40]})
        return found


class SpendReader(_Reader):
    """Reads rows of spend: {"month", "source", "campaign", "cents", "note"}."""

    def read(self, cells):
        """Raises RowRefused."""
        cents = self.cents(cells, "cents")
        if cents is None:
            raise RowRefused(_("“%(text)s” is no amount of money.") % {"text": ""})
        return {
            "month": str(self._month(self.said(cells, "month"))),
            "source": self.source(self.said(cells, "source"), is_needed=True),
            "campaign": self.campaign(self.said(cells, "campaign")),
            "cents": cents,
            "note": self.said(cells, "note")[:255],
        }

    def _month(self, text):
        first = read_month(text)
        if first is None and MONTH.fullmatch(text):
            raise RowRefused(_("“%(text)s” is no month.") % {"text": text[:40]})
        first = first or self.moment(text).date().replace(day=1)
        if first > timezone.localdate() or first.year < 2000:
            raise RowRefused(_("This month is still to come, or long ago."))
        return first

    def key(self, row):
        """What may stand only once in a file."""
        return row["month"], row["source"], row["campaign"]


class EventReader(_Reader):
    """Reads rows of events: {"kind", "occurred_at", "value", "lead", "source", "campaign", "external_id"}."""

    def read(self, cells):
        """Raises RowRefused."""
        kind, moment = self._kind(self.said(cells, "kind")), self.moment(self.said(cells, "occurred_at"))
        if moment > timezone.now():
            raise RowRefused(_("This day is still to come."))
        cents = self.cents(cells, "value")
        if kind == KpiKind.INVOICE_PAID and not cents:
            raise RowRefused(_("A paid invoice has an amount."))
        return {
            "kind": kind,
            "occurred_at": moment.isoformat(),
            "value": cents or None,
            "lead": self._lead(self.said(cells, "lead")),
            "source": self.source(self.said(cells, "source"), is_needed=False),
            "campaign": self.campaign(self.said(cells, "campaign")),
            "external_id": self.said(cells, "external_id")[:120] or self._made_id(cells),
        }

    def _kind(self, text):
        wanted = plain(text)
        found = next(
            (kind for kind, words in KINDS.items() if wanted in words.split("|") or wanted == plain(kind)), None
        )
        if found is None:
            raise RowRefused(_("“%(text)s” is no kind of event.") % {"text": text[:40]})
        return str(found)

    def _lead(self, text):
        """The one lead of an external id, e-mail or phone number; a click need not name anybody."""
        if not text:
            return None
        number = phone_e164(text, region=self.clinic.phone_region)
        found = list(Lead.objects.called(text, email=email_norm(text), number=number).values_list("pk", flat=True)[:2])
        if len(found) != 1:
            words = _("Several leads fit: %(text)s.") if found else _("No lead fits: %(text)s.")
            raise RowRefused(words % {"text": text[:80]})
        return str(found[0])

    def _made_id(self, cells):
        """An id by what the row says, so that the file again is known."""
        said = "|".join(cell.strip() for cell in cells)
        return f"file:{hashlib.sha256(said.encode()).hexdigest()[:40]}"

    def key(self, row):
        return row["external_id"]
