"""Meta's lead ads: signature, batches, fetching each lead from a Graph API, its errors, and the nightly look back."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from clinics.models import StaffNotification, WebhookLog
from clinics.webhook_connections import rotate_secret, run_test, start_test
from conftest import Browser
from crm.hooks.catching_up import catch_up_meta
from crm.models import AdCampaign, Touchpoint
from tests.doubles import graph as doubles
from tests.doubles.graph import FORM_ID, PAGE_ID, GraphDouble

# The shape in which Meta tells of leads: two of one form in one batch.
BATCH = {
    "object": "page",
    "entry": [
        {
            "id": PAGE_ID,
            "time": 1758794733,
            "changes": [
                {
                    "field": "leadgen",
                    "value": {"created_time": 1758794728, "leadgen_id": "101", "page_id": PAGE_ID, "form_id": FORM_ID},
                },
                {
                    "field": "leadgen",
                    "value": {"created_time": 1758794730, "leadgen_id": "102", "page_id": PAGE_ID, "form_id": FORM_ID},
                },
            ],
        }
    ],
}


@pytest.fixture
def graph(settings):
    with GraphDouble() as double:
        settings.GRAPH_API_URL = double.url
        yield double


@pytest.fixture
def meta(connected):
    return connected("meta", page_id=PAGE_ID)


@pytest.fixture
def tell(meta, deliver):
    """tell(batch): deliver as Meta does, signed with the app secret over the bytes as they are."""

    def post(batch, secret="app-secret-1"):
        body = batch if isinstance(batch, bytes) else json.dumps(batch, ensure_ascii=False).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return deliver(meta, body, HTTP_X_HUB_SIGNATURE_256=f"sha256={signature}")

    return post


def statuses():
    return dict(WebhookLog.objects.values_list("external_id", "status"))


def ask(connection, **query):
    return Browser().get(connection.get_path(), {f"hub.{name}": value for name, value in query.items()})


def test_the_challenge_is_answered_for_the_right_token_alone(meta):
    right = ask(meta, mode="subscribe", verify_token="verify-1", challenge="1158201444")
    wrong = ask(meta, mode="subscribe", verify_token="verify-2", challenge="1158201444")
    none = ask(meta, mode="subscribe", challenge="1158201444")

    assert (right.status_code, right.content, right["Content-Type"]) == (200, b"1158201444", "text/plain")
    assert [wrong.status_code, none.status_code] == [403, 403]
    meta.refresh_from_db()
    assert meta.refused_count == 2


def test_each_lead_of_a_batch_is_fetched_and_becomes_a_lead(tell, graph, work_off):
    facts = {
        "campaign_id": "555",
        "campaign_name": "Spring",
        "adset_name": "Parents",
        "ad_name": "Smile",
        "platform": "ig",
    }
    graph.add_lead(
        "101", answers={"full_name": "José Álvarez", "phone_number": "+13125550147", "¿Cuándo?": "Mañana"}, **facts
    )
    graph.add_lead("102", answers={"first_name": "Ana", "last_name": "Lopez", "email": "ana@example.com"}, **facts)

    assert tell(BATCH).status_code == 200
    assert graph.asked == []  # nothing is fetched before Meta is answered
    jose, ana = sorted(work_off(), key=lambda lead: lead.first_name, reverse=True)

    assert (jose.first_name, jose.last_name, jose.phone_e164, ana.email) == (
        "José",
        "Álvarez",
        "+13125550147",
        "ana@example.com",
    )
    assert "¿Cuándo?: Mañana" in jose.notes
    campaign = AdCampaign.objects.get()
    assert (campaign.name, campaign.external_id, jose.ad_campaign, ana.ad_platform) == (
        "Spring",
        "555",
        campaign,
        "Meta",
    )
    touch = Touchpoint.objects.get(lead=jose)
    assert (touch.utm_source, touch.utm_medium, touch.utm_campaign, touch.utm_term, touch.utm_content) == (
        "instagram",
        "paid",
        "Spring",
        "Parents",
        "Smile",
    )


def test_the_token_travels_in_a_header_and_the_app_proves_itself(tell, graph, work_off):
    graph.add_lead("101")
    graph.add_lead("102")
    tell(BATCH)
    work_off()

    proof = hmac.new(b"app-secret-1", b"page-token-1", hashlib.sha256).hexdigest()
    assert {asked.query["appsecret_proof"] for asked in graph.asked} == {proof}
    assert not any("page-token-1" in str(asked.query) for asked in graph.asked)


def test_words_that_are_not_ascii_are_signed_as_they_are(tell, graph):
    batch = json.loads(json.dumps(BATCH))
    batch["entry"][0]["note"] = "Señor Ñandú 😀"

    assert tell(batch).status_code == 200
    assert tell(json.dumps(batch, ensure_ascii=True).encode()).status_code == 200


def test_the_known_example_of_a_signature_fits(connected, deliver):
    known = connected("meta", secrets={"app_secret": "It's a Secret to Everybody"}, page_id=PAGE_ID)
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    right = deliver(known, b"Hello, World!", HTTP_X_HUB_SIGNATURE_256=signature)
    wrong = deliver(known, b"Hello, World?", HTTP_X_HUB_SIGNATURE_256=signature)

    assert [right.status_code, wrong.status_code] == [400, 403]  # it fits, and is no JSON


def test_what_is_told_again_and_again_is_one_lead(tell, graph, work_off):
    graph.add_lead("101")
    graph.add_lead("102")
    for _turn in range(5):
        tell(BATCH)

    assert len(work_off()) == 2
    assert len(graph.asked) == 2


def test_other_changes_and_odd_shapes_are_passed_over(tell):
    for odd in (
        {"object": "page", "entry": {"id": "X"}},
        {"entry": []},
        [],
        {"entry": [{"changes": [{"field": "feed"}]}]},
    ):
        assert tell(odd).status_code == 200

    assert WebhookLog.objects.count() == 0


def test_a_lead_of_another_page_waits_with_what_to_do(tell, owner):
    batch = json.loads(json.dumps(BATCH).replace(PAGE_ID, "999"))

    tell(batch)

    assert set(statuses().values()) == {"DEAD"}
    assert "page 999" in WebhookLog.objects.first().error_message
    assert StaffNotification.objects.filter(member=owner).exists()


def test_an_expired_token_is_said_to_admins_and_nothing_is_lost(tell, graph, meta, work_off, owner):
    graph.add_lead("101")
    graph.add_lead("102")
    graph.tokens = {"page-token-2"}
    tell(BATCH)

    assert work_off() == []
    assert statuses() == {"101": "RETRY", "102": "RETRY"}
    meta.refresh_from_db()
    assert "no longer accepts the page token" in meta.last_error
    assert StaffNotification.objects.filter(member=owner, kind="webhook").count() == 1
    assert set(WebhookLog.objects.values_list("attempts", flat=True)) == {0}

    rotate_secret(meta, "page_token", "page-token-2", by=owner)

    assert len(work_off()) == 2


@pytest.mark.parametrize(
    ("fault", "attempts", "pause"),
    [
        (doubles.TOO_MANY_CALLS, 0, timedelta(minutes=15)),
        (doubles.BROKEN, 1, timedelta(seconds=30)),
        (doubles.NOT_JSON, 1, timedelta(seconds=30)),
        (doubles.CUT_OFF, 1, timedelta(seconds=30)),
        (doubles.NO_PERMISSION, 0, timedelta(hours=1)),
    ],
)
def test_what_goes_wrong_at_meta_is_tried_again_later(tell, graph, work_off, fault, attempts, pause):
    graph.add_lead("101")
    batch = json.loads(json.dumps(BATCH))
    del batch["entry"][0]["changes"][1]
    tell(batch)
    graph.fail(fault)
    with time_machine.travel(timezone.now(), tick=False):
        assert work_off() == []
        event = WebhookLog.objects.get()
        assert (event.status, event.attempts, event.due_at - timezone.now()) == ("RETRY", attempts, pause)

    with time_machine.travel(timezone.now() + pause + timedelta(seconds=1)):
        assert len(work_off()) == 1


def test_a_lead_that_meta_does_not_know_is_given_up_with_its_words(tell, graph, work_off):
    tell(BATCH)

    assert work_off() == []
    assert statuses() == {"101": "DEAD", "102": "DEAD"}
    assert "does not exist" in WebhookLog.objects.first().error_message


def test_the_nightly_look_back_finds_what_was_never_told(clinic, meta, graph, tell, work_off):
    graph.add_lead("50", created=datetime.now(UTC) - timedelta(days=30))
    for lead_id in ("101", "102", "103", "104", "105"):
        graph.add_lead(lead_id)
    tell(BATCH)

    catch_up_meta(clinic)
    catch_up_meta(clinic)

    assert sorted(statuses()) == ["101", "102", "103", "104", "105"]
    assert len(work_off()) == 5
    meta.refresh_from_db()
    assert meta.caught_up_at is not None


def test_a_look_back_that_fails_is_said_on_the_page_and_is_made_up_for_the_next_night(clinic, meta, graph):
    graph.fail(doubles.BROKEN)

    catch_up_meta(clinic)

    meta.refresh_from_db()
    assert (meta.caught_up_at, "problem of its own" in meta.last_error) == (None, True)


@pytest.mark.parametrize(
    ("breaks", "failing"),
    [
        (lambda graph: None, ["Meta has delivered something."]),
        (lambda graph: graph.subscribed.clear(), ["The page tells this app of its leads."]),
        (lambda graph: graph.tokens.clear(), ["Meta knows the page and accepts the token."]),
    ],
)
def test_the_test_of_the_connection_explains_each_failure(clinic, meta, graph, owner, breaks, failing):
    breaks(graph)

    result = run_test(clinic, start_test(meta, by=owner))

    failed = {str(check["text"]): str(check["advice"]) for check in result["checks"] if not check["passed"]}
    assert set(failing) <= set(failed)
    assert all(failed.values())
