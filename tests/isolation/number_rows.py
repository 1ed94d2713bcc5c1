"""One row of each model of figures and money, and what stands in their addresses."""

from django.utils import timezone

from crm.models import AdCampaign, AdSpend, KpiEvent, KpiKind, Lead, LeadMonth, LeadSource
from tests.isolation.rows import makes

ADDRESSES = {}


@makes(LeadMonth)
def lead_month(world):
    """The database has counted the world's lead by itself."""
    return LeadMonth.objects.filter(source=world[Lead].source_id).first()


@makes(AdSpend)
def ad_spend(world):
    return AdSpend.objects.create(
        month=timezone.localdate().replace(day=1),
        source=world[LeadSource],
        ad_campaign=world[AdCampaign],
        cents=42_000,
        note=f"{world.word} flyers",
        entered_by=world.admin,
    )


@makes(KpiEvent)
def kpi_event(world):
    return KpiEvent.objects.create(
        kind=KpiKind.INVOICE_PAID,
        lead=world[Lead],
        source=world[LeadSource],
        ad_campaign=world[AdCampaign],
        value_cents=90_000,
        occurred_at=timezone.now(),
        metadata={"invoice": f"{world.word}-1"},
        external_id=f"{world.word}-paid",
        created_by=world.admin,
    )
