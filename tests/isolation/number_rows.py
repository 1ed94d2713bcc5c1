"""One row of each model of figures and money, and what stands in their addresses."""

from datetime import date, timedelta

from django.utils import timezone

from clinics.models import Location
from crm.figures.keeping import bring_up_to_date
from crm.models import (
    AdCampaign,
    AdSpend,
    Commission,
    CommissionMonth,
    CommissionRule,
    FigureFacts,
    FigureImport,
    FigureKind,
    FigureLine,
    FigureMove,
    KpiEvent,
    KpiKind,
    Lead,
    LeadMonth,
    LeadSource,
    MonthClose,
    PipelineStage,
    PurgeRun,
    ReportDelivery,
    ReportKind,
    ReportSubscription,
    StaleLead,
)
from patients.models import Patient, Payment, Provider
from tests.isolation import number_events
from tests.isolation.own_rows import failed_report_of, report_of
from tests.isolation.rows import makes


@makes(LeadMonth)
def lead_month(world):
    """The database has counted the world's lead by itself."""
    return LeadMonth.objects.filter(source=world[Lead].source_id).first()


@makes(FigureFacts)
def figure_facts(world):
    """What the figures know of the world's lead, once somebody has asked for them."""
    bring_up_to_date()
    return FigureFacts.objects.get(pk=world[Lead].pk)


@makes(FigureLine)
def figure_line(world):
    return FigureLine.objects.create(
        kind=FigureKind.MOVE, month=timezone.localdate().replace(day=1), source=world[LeadSource].pk, number=0,
        seconds=0, squares=0, leads=0, converted=0, cents=0,
    )  # fmt: skip


@makes(FigureMove)
def figure_move(world):
    return FigureMove.objects.create(
        lead=world[Lead].pk,
        moved_on=timezone.localdate(),
        source=world[LeadSource].pk,
        moved_to=PipelineStage.objects.order_by("order").first().pk,
    )


@makes(StaleLead)
def stale_lead(world):
    return StaleLead.objects.create(lead=world[Lead].pk)


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


@makes(FigureImport)
def figure_import(world):
    row = {
        "line": 2,
        "problem": "",
        "state": "new",
        "month": "2026-01-01",
        "source": str(world[LeadSource].pk),
        "campaign": None,
        "cents": 700,
        "note": f"{world.word} leaflets",
    }
    return FigureImport.objects.create(
        kind="SPEND", file_name=f"{world.word}-spend.csv", rows=[row], row_count=1, uploaded_by=world.admin
    )


@makes(MonthClose)
def month_close(world):
    return MonthClose.objects.create(
        month=date(2026, 1, 1), closed_on=date(2026, 2, 1), leads=1, converted=0, cost_cents=700, collected_cents=0
    )


@makes(CommissionRule)
def commission_rule(world):
    return CommissionRule.objects.create(
        name=f"{world.word} bonus",
        provider=world[Provider],
        rule={"pays": "percent", "percent": 5, "split": {"coordinator": 100}},
        effective_from=date(2026, 1, 1),
    )


@makes(CommissionMonth)
def commission_month(world):
    return CommissionMonth.objects.create(month=date(2026, 1, 1), locked_at=timezone.now(), locked_by=world.admin)


@makes(Commission)
def commission(world):
    return Commission.objects.create(
        month=world[CommissionMonth],
        member=world.admin,
        rule=world[CommissionRule],
        payment=world[Payment],
        patient=world[Patient],
        lead=world[Lead],
        paid_on=date(2026, 1, 9),
        cents=900,
        reason={
            "pays": "percent",
            "percent": 5,
            "rule": f"{world.word} bonus",
            "paid": 18_000,
            "role": "coordinator",
            "share": 100,
        },
    )


@makes(PurgeRun)
def purge_run(world):
    moment = timezone.now() - timedelta(days=3000)
    return PurgeRun.objects.create(
        events_before=moment, activities_before=moment, leads_before=moment, finished_at=timezone.now(), by=world.admin
    )


@makes(ReportSubscription)
def report_subscription(world):
    return ReportSubscription.objects.create(
        kind=ReportKind.WEEKLY,
        every="WEEK",
        member=world.admin,
        location=world[Location],
        due_at=timezone.now() + timedelta(days=3),
    )


@makes(ReportDelivery)
def report_delivery(world):
    return ReportDelivery.objects.create(
        subscription=world[ReportSubscription],
        since=date(2026, 1, 5),
        until=date(2026, 1, 11),
        claimed_at=timezone.now(),
        error=f"{world.word} mail server",
        status="FAILED",
    )


ADDRESSES = {
    **dict.fromkeys(
        [f"crm:figure_import_{name}" for name in ("csv", "detail", "run", "undo")],
        FigureImport,
    ),
    "crm:ad_campaign_edit": AdCampaign,
    "crm:ad_campaign_undo": lambda world, member: number_events.campaign_event(world),
    "crm:source_cost": LeadSource,
    "crm:source_cost_undo": lambda world, member: number_events.cost_event(world),
    "crm:commission_rule_edit": CommissionRule,
    "crm:commission_rule_remove": CommissionRule,
    "crm:commission_rule_undo": lambda world, member: number_events.rule_event(world),
    "crm:commission_unlock": CommissionMonth,
    "crm:purge_years_undo": lambda world, member: number_events.years_event(world),
    "crm:report_retry": lambda world, member: failed_report_of(member),
    "crm:report_end": lambda world, member: report_of(member),
    "crm:report_resume": lambda world, member: report_of(member),
    "crm:spend_delete": AdSpend,
    "crm:spend_undo": lambda world, member: number_events.spend_event(world),
}
BODIES = {
    "api:kpi_event_list": lambda world: {
        "kind": "ad_click",
        "occurred_at": "2026-01-05T10:00:00Z",
        "lead": world[Lead].pk,
        "source": world[LeadSource].pk,
        "ad_campaign": world[AdCampaign].pk,
    },
    "crm:spend_list": lambda world: {
        "month": "2026-02",
        "source": world[LeadSource].pk,
        "ad_campaign": world[AdCampaign].pk,
        "amount": "12",
    },
    "crm:ad_campaign_create": lambda world: {"name": "Spring", "platform": "Paper", "budget": "12"},
    "crm:ad_campaign_edit": lambda world: {"name": "Autumn", "platform": "Paper"},
    "crm:source_cost": lambda world: {"amount": "12.50"},
    "crm:purge_years": lambda world: {
        "lead_retention_years": "8",
        "activity_retention_years": "3",
        "kpi_retention_years": "5",
    },
    "crm:commission_lock": lambda world: {"month": "2026-02"},
    "crm:commission_rule_create": lambda world: {
        "name": "Bonus",
        "provider": world[Provider].pk,
        "effective_from": "2026-02-01",
        "pays": "percent",
        "percent": "5",
        "split_coordinator": "100",
    },
    "crm:commission_rule_edit": lambda world: {
        "name": "Bonus",
        "effective_from": "2026-02-01",
        "pays": "percent",
        "percent": "5",
        "split_coordinator": "100",
        "try": "1",
    },
    "crm:report_list": lambda world: {
        "kind": "LOST",
        "every": "WEEK",
        "hour": 7,
        "member": world.admin.pk,
        "location": world[Location].pk,
    },
}
