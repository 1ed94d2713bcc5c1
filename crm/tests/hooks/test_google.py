"""Google's lead form: its key, its test lead, and what is read from its columns."""

import pytest

from clinics.models import WebhookLog
from crm.models import AdCampaign, Touchpoint

LEAD = {
    "lead_id": "TeSter-123-ABCDEFGHIJ",
    "user_column_data": [
        {"column_name": "Full Name", "string_value": "Ana Lopez", "column_id": "FULL_NAME"},
        {"column_name": "User Phone", "string_value": "+13125550147", "column_id": "PHONE_NUMBER"},
        {"column_name": "User Email", "string_value": "ana@example.com", "column_id": "EMAIL"},
        {"column_name": "Postal Code", "string_value": "60601", "column_id": "POSTAL_CODE"},
        {"string_value": "Clear braces", "column_id": "SERVICE"},
        {"column_name": "Do you wear glasses?", "string_value": "Sometimes"},
    ],
    "api_version": "1.0",
    "form_id": 40000000000,
    "campaign_id": 10000000000,
    "google_key": "testkey",
    "gcl_id": "click-1",
    "adgroup_id": 20000000000,
    "creative_id": 30000000000,
}


@pytest.fixture
def google(connected):
    return connected("google")


def test_a_lead_comes_in_with_its_campaign_and_click(google, deliver, work_off):
    response = deliver(google, LEAD)

    assert (response.status_code, response.json()) == (200, {})
    [lead] = work_off()
    assert (lead.first_name, lead.last_name, lead.postal_code, lead.treatment_interest, lead.ad_platform) == (
        "Ana",
        "Lopez",
        "60601",
        ["BRACES_CLEAR"],
        "Google",
    )
    assert "Do you wear glasses?: Sometimes" in lead.notes
    campaign = AdCampaign.objects.get()
    assert (campaign.platform, campaign.external_id, lead.ad_campaign) == ("Google", "10000000000", campaign)
    touch = Touchpoint.objects.get()
    assert (touch.gclid, touch.utm_source, touch.utm_term, touch.utm_content) == (
        "click-1",
        "google",
        "20000000000",
        "30000000000",
    )


def test_a_campaign_that_was_given_a_name_keeps_it(google, deliver, work_off):
    deliver(google, LEAD)
    work_off()
    AdCampaign.objects.update(name="Spring braces")

    deliver(google, LEAD | {"lead_id": "second", "user_column_data": LEAD["user_column_data"][1:2]})

    assert [lead.ad_campaign.name for lead in work_off()] == ["Spring braces"]
    assert AdCampaign.objects.count() == 1


def test_the_test_lead_is_acknowledged_and_never_a_lead(google, deliver, work_off):
    response = deliver(google, LEAD | {"is_test": True})

    assert response.status_code == 200
    assert (work_off(), WebhookLog.objects.get().status) == ([], "IGNORED")


@pytest.mark.parametrize("key", ["", "testkez", None, ["testkey"]])
def test_another_key_is_refused_in_words_that_google_shows(google, deliver, key):
    response = deliver(google, LEAD | {"google_key": key})

    assert (response.status_code, response.json()) == (403, {"message": "The key does not match."})
    assert WebhookLog.objects.count() == 0


def test_the_key_is_not_kept_with_the_lead(google, deliver):
    deliver(google, LEAD)

    assert "google_key" not in WebhookLog.objects.get().payload


def test_the_same_lead_twice_is_one(google, deliver, work_off):
    deliver(google, LEAD)
    deliver(google, LEAD)

    assert len(work_off()) == 1


def test_what_has_no_columns_is_refused(google, deliver):
    assert deliver(google, {"google_key": "testkey", "lead_id": "x"}).status_code == 400
