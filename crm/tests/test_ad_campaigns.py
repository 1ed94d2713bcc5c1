"""Ad campaigns and usual costs on their page, kept by marketing; cost figures follow at once."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import last_audit
from crm.ad_campaigns import CampaignChangedSince, CampaignIsUsed, save_campaign, undo_campaign
from crm.figures.campaigns import read_campaigns
from crm.figures.cohort import Period
from crm.figures.reading import Reading
from crm.figures.spending import read_costs
from crm.models import AdCampaign, AdSpend, KpiEvent, LeadSource
from crm.sources import CostChangedSince, set_usual_cost, undo_usual_cost
from crm.tests.factories import LeadFactory, LeadSourceFactory
from crm.tests.test_figures import asked, started

MAY = date(2026, 5, 1)
LIST, FORM = "/analytics/campaigns/", {"name": "Spring", "platform": "Meta", "external_id": "77", "budget": "1200.50"}


@pytest.fixture
def ads(clinic):
    return LeadSourceFactory(name="Ads", monthly_cost_cents=50_000)


def test_marketing_adds_a_campaign_changes_it_and_takes_that_back(client_of, clinic, marketer, coordinator):
    browser = client_of(marketer)

    browser.post(f"{LIST}new/", FORM)
    campaign = AdCampaign.objects.get()
    browser.post(f"{LIST}{campaign.pk}/", FORM | {"budget": "900"})
    browser.post(f"{LIST}{last_audit(campaign).pk}/undo/")

    campaign.refresh_from_db()
    assert (campaign.name, campaign.external_id, campaign.monthly_spend_cents) == ("Spring", "77", 120_050)
    assert "$1,200.50" in browser.get(LIST).text
    twice = browser.post(f"{LIST}new/", FORM | {"external_id": ""})
    assert (twice.status_code, "a campaign of this name" in twice.text) == (409, True)
    assert browser.post(f"{LIST}new/", {"name": ""}).status_code == 422
    assert client_of(coordinator).get(LIST).status_code == 403


def test_a_campaign_that_was_added_goes_again_while_nothing_belongs_to_it(ads, owner):
    values = {"name": "Spring", "platform": "Meta"}
    campaign, event = save_campaign(None, values, by=owner)
    spend = AdSpend.objects.create(month=MAY, source=ads, ad_campaign=campaign, cents=1)
    with pytest.raises(CampaignIsUsed):
        undo_campaign(event, by=owner)

    spend.delete()
    undo_campaign(event, by=owner)

    assert not AdCampaign.objects.exists()
    with pytest.raises(CampaignChangedSince):
        undo_campaign(event, by=owner)


def test_the_usual_cost_of_a_source_counts_at_once_and_is_taken_back(client_of, ads, marketer, owner):
    browser = client_of(marketer)

    browser.post(f"/analytics/costs/{ads.pk}/", {"amount": "620.10"})
    assert read_costs(Period(MAY, date(2026, 5, 31))).of(ads.pk) == 62_010
    browser.post(f"/analytics/costs/{last_audit(ads).pk}/undo/")
    assert LeadSource.objects.get(pk=ads.pk).monthly_cost_cents == 50_000
    browser.post(f"/analytics/costs/{ads.pk}/", {"amount": "-3"})
    assert LeadSource.objects.get(pk=ads.pk).monthly_cost_cents == 50_000

    event = set_usual_cost(ads, None, by=owner)
    set_usual_cost(ads, 7, by=owner)
    with pytest.raises(CostChangedSince):
        undo_usual_cost(event, by=owner)


def test_a_month_costs_what_was_entered_or_else_the_usual_and_a_part_of_it_by_days(ads):
    campaign = AdCampaign.objects.create(name="Spring", platform="Meta")
    AdSpend.objects.create(month=MAY, source=ads, ad_campaign=campaign, cents=30_000)
    AdSpend.objects.create(month=MAY, source=ads, cents=1_000)

    costs = read_costs(Period(date(2026, 5, 1), date(2026, 6, 15)))

    # 310 entered for May; half of June's usual 500.
    assert (costs.of(ads.pk), costs.total) == (31_000 + 25_000, 56_000)
    assert costs.by_campaign[ads.pk, campaign.pk] == 30_000
    assert costs.by_month == {MAY: 31_000, date(2026, 6, 1): 25_000}


def test_events_are_counted_for_their_campaign_or_that_of_their_lead(ads):
    campaign, other = (AdCampaign.objects.create(name=name, platform="Meta") for name in ("Spring", "Autumn"))
    lead = LeadFactory(ad_campaign=campaign)
    noon = timezone.make_aware(datetime(2026, 5, 10, 12))
    for kind, facts in [
        ("ad_click", {"ad_campaign": campaign}),
        ("ad_click", {"ad_campaign": campaign}),
        ("ad_click", {"source": ads}),
        ("consult_booked", {"lead": lead}),
        ("consult_show", {"lead": lead, "ad_campaign": other}),
        ("invoice_paid", {"lead": lead, "value_cents": 5}),
    ]:
        KpiEvent.objects.create(kind=kind, occurred_at=noon, **facts)

    assert KpiEvent.objects.totals_by_campaign() == {
        (campaign.pk, "ad_click"): (2, 0),
        (campaign.pk, "consult_booked"): (1, 0),
        (other.pk, "consult_show"): (1, 0),
        (campaign.pk, "invoice_paid"): (1, 5),
    }


def test_the_list_of_campaigns_asks_as_often_for_three_as_for_one(client_of, ads, marketer):
    asked, browser = [], client_of(marketer)
    for names in ("A", "BC"):
        for name in names:
            AdCampaign.objects.create(name=name, platform="Meta")
            LeadSourceFactory(name=name)
        browser.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            browser.get(LIST)
        asked.append(len(queries))

    assert asked[0] == asked[1]


def test_a_campaign_from_the_click_to_the_money_worked_out_by_hand(ads, stages, client_of, marketer):
    """Spring: budget 400 a month, 300 spent, 40 clicks, 4 leads; one started, paid 900 and got 150 back."""
    campaign = AdCampaign.objects.create(name="Spring", platform="Meta", monthly_spend_cents=40_000)
    AdSpend.objects.create(month=MAY, source=ads, ad_campaign=campaign, cents=30_000)
    noon = timezone.make_aware(datetime(2026, 5, 10, 12))
    leads = [asked(ads, ad_campaign=campaign) for _each in range(4)]
    started(leads[0], stages, after=5, paid=[90_000], refunded=15_000)
    KpiEvent.objects.bulk_create(
        KpiEvent(kind="ad_click", ad_campaign=campaign, occurred_at=noon) for _each in range(40)
    )
    for lead in leads[:2]:
        KpiEvent.objects.create(kind="consult_booked", lead=lead, occurred_at=noon)
    KpiEvent.objects.create(kind="invoice_paid", lead=leads[0], value_cents=90_000, occurred_at=noon)

    [row] = read_campaigns(Reading(Period(MAY, date(2026, 5, 31))))

    assert (row.budget_cents, row.spent_cents, row.leads, row.converted, row.rate) == (40_000, 30_000, 4, 1, 0.25)
    assert row.events == {"ad_click": 40, "consult_booked": 2, "invoice_paid": 1}
    assert (row.invoiced_cents, row.cents) == (90_000, 75_000)
    asked_for = {"period": "custom", "since": "2026-05-01", "until": "2026-05-31"}
    file = client_of(marketer).get("/analytics/export/campaigns/", asked_for).text
    # 75.00 a lead, 300.00 a patient, 750.00 collected: a return of 150 percent.
    assert "Spring,Meta,400.00,300.00,40,2,,1,900.00,4.0,1.0,0.25,75.00,300.00,750.00,1.5" in file
