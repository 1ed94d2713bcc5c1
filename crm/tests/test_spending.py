"""Spend, events and files of them: entered, taken over, taken back; each external id once."""

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from crm.figure_files.working import FileIsDone, NothingToTake, take_file, try_file, undo_file
from crm.figures.cohort import Period
from crm.figures.reading import Reading
from crm.kpi_events import AmountMissing, EventInTheFuture, EventSaysOtherwise, note_event
from crm.models import AdCampaign, AdSpend, FigureImport, KpiEvent, LeadStatus, MonthClose
from crm.month_closing import close_month, close_months
from crm.spending import SpendChangedSince, enter_spend, remove_spend, undo_spend
from crm.tests.factories import LeadFactory, LeadSourceFactory

MAY = date(2026, 5, 1)


def file_of(text, name="figures.csv"):
    return SimpleUploadedFile(name, text.encode())


@pytest.fixture
def ads(clinic):
    return LeadSourceFactory(name="Ads")


# Spend -----------------------------------------------------------------------------------------------


def test_spend_entered_again_replaces_what_was_said_and_both_are_taken_back(ads, owner):
    spend, _first = enter_spend(date(2026, 5, 17), ads, cents=10_000, by=owner)
    spend, second = enter_spend(MAY, ads, cents=20_000, by=owner)
    assert (AdSpend.objects.count(), spend.month, spend.cents) == (1, MAY, 20_000)

    undo_spend(second, by=owner)

    assert AdSpend.objects.get().cents == 10_000
    with pytest.raises(SpendChangedSince):
        undo_spend(second, by=owner)


def test_a_removed_entry_comes_back(ads, owner):
    spend, _event = enter_spend(MAY, ads, cents=10_000, note="Flyers", by=owner)

    undo_spend(remove_spend(spend, by=owner), by=owner)

    assert AdSpend.objects.get().note == "Flyers"


def test_marketing_enters_spend_on_its_page(client_of, ads, marketer, coordinator):
    form = {"month": "2026-05", "source": ads.pk, "amount": "123.45"}

    assert client_of(marketer).post("/analytics/spend/", form).status_code == 302
    assert AdSpend.objects.get().cents == 12_345
    assert client_of(marketer).post("/analytics/spend/", form | {"month": "2999-01"}).status_code == 422
    assert client_of(coordinator).get("/analytics/spend/").status_code == 403


# Files -----------------------------------------------------------------------------------------------

SPEND = (
    "Month;Source;Campaign;Amount spent\n"
    "2026-05;Ads;;1.234,50\n05/2026;Ads;Spring;300\n2026-05;Radio;;9\n2026-05;Ads;;1\n"
)


def test_a_file_of_spend_is_tried_taken_over_and_taken_back(clinic, ads, owner):
    campaign = AdCampaign.objects.create(name="Spring", platform="Meta")
    AdSpend.objects.create(month=MAY, source=ads, cents=7)

    file = try_file(clinic, "SPEND", file_of(SPEND), by=owner)
    assert [row["state"] for row in file.rows] == ["changed", "new", "problem", "problem"]
    assert "Radio" in file.rows[2]["problem"]
    assert AdSpend.objects.get().cents == 7

    take_file(file, by=owner)
    assert {(each.ad_campaign, each.cents) for each in AdSpend.objects.all()} == {(None, 123_450), (campaign, 30_000)}
    with pytest.raises(FileIsDone):
        take_file(file, by=owner)

    assert undo_file(file, by=owner) == 0
    assert [(each.ad_campaign, each.cents) for each in AdSpend.objects.all()] == [(None, 7)]


def test_a_file_of_spend_reads_months_in_words_and_takes_no_other_currency(clinic, ads, owner):
    text = "Month,Source,Amount spent (USD),Currency\noct-24,Ads,7,\nOctubre de 2025,Ads,8,usd\n"
    text += "2026-03,Ads,€ 9,\n2026-02,Ads,9,MXN\n"

    rows = try_file(clinic, "SPEND", file_of(text), by=owner).rows

    assert [row.get("month") for row in rows[:2]] == ["2024-10-01", "2025-10-01"]
    assert [row["problem"] for row in rows[2:]] == [
        "“€ 9” is in EUR, and the clinic reckons in USD.", "“9” is in MXN, and the clinic reckons in USD.",
    ]  # fmt: skip
    in_euros = try_file(clinic, "SPEND", file_of("Month,Source,Gasto EUR\n2026-03,Ads,9\n"), by=owner)
    assert in_euros.problem_count == 1


def test_a_file_of_events_again_changes_nothing(clinic, ads, owner):
    lead = LeadFactory(email="ana@example.com")
    text = (
        "event id,kind,date,value,lead\n"
        "c-1,ad_click,2026-05-03,,\n"
        "i-1,Invoice paid,2026-05-04,900.00,ana@example.com\n"
        "i-2,invoice_paid,2026-05-04,,\n"
        "x-1,ad_click,2026-05-03,,nobody@example.com\n"
    )

    take_file(try_file(clinic, "EVENTS", file_of(text), by=owner), by=owner)

    assert [(each.external_id, each.value_cents, each.lead) for each in KpiEvent.objects.order_by("external_id")] == [
        ("c-1", None, None),
        ("i-1", 90_000, lead),
    ]
    with pytest.raises(NothingToTake):
        take_file(try_file(clinic, "EVENTS", file_of(text), by=owner), by=owner)


def test_what_is_gone_since_the_trial_is_not_taken_over(clinic, ads, owner):
    lead = LeadFactory(email="ana@example.com")
    text = "event id,kind,date,value,lead\ni-1,invoice_paid,2026-05-04,9,ana@example.com\nc-1,ad_click,2026-05-04,,\n"
    file = try_file(clinic, "EVENTS", file_of(text), by=owner)
    lead.delete()

    file = take_file(file, by=owner)

    assert (file.taken_count, file.problem_count, KpiEvent.objects.get().external_id) == (1, 1, "c-1")
    assert file.rows[0]["problem"] == "What it names is not here any more."


def test_a_file_goes_its_way_on_the_pages(client_of, ads, marketer):
    browser = client_of(marketer)

    assert browser.post("/analytics/files/", {"kind": "SPEND", "file": file_of("a,b\n1,2\n")}).status_code == 422
    browser.post(
        "/analytics/files/", {"kind": "SPEND", "file": file_of("month,source,spend\n2026-05,Ads,12\n,,\nx,Ads,1\n")}
    )
    file = FigureImport.objects.get()
    text = browser.get(file.get_absolute_url()).content.decode()
    assert "“x” is no day." in text
    assert "is no day" in browser.get(f"{file.get_absolute_url()}problems/").content.decode()
    browser.post(f"{file.get_absolute_url()}run/")
    assert AdSpend.objects.get().cents == 1_200
    browser.post(f"{file.get_absolute_url()}undo/")
    assert not AdSpend.objects.exists()
    assert browser.post(f"{file.get_absolute_url()}undo/").status_code == 409


# Events ----------------------------------------------------------------------------------------------


def test_an_external_id_is_taken_once_and_stands_for_one_event(clinic, owner):
    values = {"kind": "invoice_paid", "value_cents": 500, "occurred_at": timezone.now(), "external_id": "i-1"}

    first, is_new = note_event(values, by=owner)
    again, is_new_again = note_event(values, by=owner)

    assert (first, is_new, is_new_again) == (again, True, False)
    with pytest.raises(EventSaysOtherwise):
        note_event(values | {"value_cents": 900}, by=owner)
    with pytest.raises(AmountMissing):
        note_event(values | {"value_cents": None, "external_id": "i-2"}, by=owner)
    with pytest.raises(EventInTheFuture):
        note_event(values | {"occurred_at": timezone.now() + timedelta(days=1), "external_id": "i-3"}, by=owner)


def test_events_are_listed_for_marketing(client_of, clinic, marketer):
    for number in range(3):
        note_event({"kind": "ad_click", "occurred_at": timezone.now(), "external_id": f"c-{number}"}, by=None)

    answer = client_of(marketer).get("/analytics/events/", {"kind": "ad_click"})

    assert b"c-2" in answer.content


# Closed months ---------------------------------------------------------------------------------------


def test_what_comes_after_the_close_is_told_apart(clinic, stages, ads):
    noon = timezone.make_aware(datetime(2026, 5, 10, 12))
    lead = LeadFactory(source=ads, captured_at=noon)
    close = close_month(MAY)
    lead.status, lead.stage = LeadStatus.CONVERTED, stages["treatment_started"]
    lead.converted_at = timezone.make_aware(datetime(2026, 6, 3, 12))
    lead.save()

    [late] = Reading(Period(MAY, date(2026, 6, 30))).late

    assert (close.leads, close.converted, close.closed_on) == (1, 0, date(2026, 6, 1))
    assert (late.converted_then, late.converted, late.late_starts) == (0, 1, 1)


def test_a_month_is_closed_once(clinic, ads):
    LeadFactory(source=ads, captured_at=timezone.make_aware(datetime(2026, 5, 10, 12)))

    assert len(close_months(date(2026, 6, 2))) == 1
    assert close_months(date(2026, 6, 2)) == []
    assert MonthClose.objects.count() == 1
