"""The page that everybody may see who has its address: what it shows, keeps, refuses and never tells."""

from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from clinics.models import Clinic, Location
from crm import public_forms
from crm.models import LeadForm, LeadSubmission
from crm.tests.factories import LeadFactory, LeadFormFactory
from crm.tests.filling_in import ANA, SITE, hidden_of, kept
from crm.understanding import process_submission


def test_the_page_asks_what_the_clinic_has_chosen(browser, form):
    Location.objects.create(name="Main", address="1 Main Street", phone_number="+12125550199")

    page = browser.get(form.public_path)

    text = page.content.decode()
    assert page.status_code == 200
    assert list(page.context["form"].fields) == [*(e["name"] for e in form.fields), "consent"]
    assert "Downtown Orthodontics may call, text or e-mail me" in text
    assert "1 Main Street" in text and "(212) 555-0199" in text
    assert "recare_csrf" not in page.cookies and "recare_session" not in page.cookies


def test_the_page_speaks_spanish(browser, form):
    page = browser.get(form.public_path + "?lang=es")

    assert '<html lang="es"' in page.content.decode()
    assert "Nombre" in page.content.decode()


def test_the_clinics_own_words_come_first(browser, clinic):
    form = LeadFormFactory(
        texts={"en": {"title": "Smile again"}}, fields=[{"name": "phone", "label": {"en": "Your cell"}}]
    )

    text = browser.get(form.public_path).content.decode()

    assert "<h1>Smile again</h1>" in text and "Your cell" in text


def test_what_is_sent_becomes_a_lead_with_its_touch_source_and_tag(send, form, coordinator):
    answer = send(query="?utm_source=google&utm_campaign=Spring&gclid=G1&fbclid=F1", HTTP_REFERER="https://x.example/p")

    submission = process_submission(kept())
    lead, touch = submission.lead, submission.lead.touchpoints.get()
    assert (answer.status_code, answer["Location"]) == (303, f"{form.public_path}thanks/?lang=en")
    assert (lead.first_name, lead.phone_e164, lead.source.name) == ("Ana", "+12125550101", "Landing page")
    assert lead.treatment_interest == ["RETAINER", "INVISALIGN"]
    assert (touch.utm_source, touch.utm_campaign, touch.gclid, touch.fbclid) == ("google", "Spring", "G1", "F1")
    assert touch.landing_page.startswith("http://") and f"{form.public_path}?utm_source=google" in touch.landing_page
    assert [link.tag.name for link in lead.tag_links.select_related("tag")] == ["Spring"]
    agreed = lead.activities.get(type="FORM_SUBMIT").payload["agreed"]
    assert agreed == {"consent": "Downtown Orthodontics may call, text or e-mail me about this request."}


def test_where_somebody_came_from_stands_on_the_page_of_the_lead_and_is_no_page_of_ours(client_of, send, coordinator):
    send(query="?utm_source=google&utm_campaign=Spring&gclid=G1", HTTP_REFERER="http://testserver/f/x/")

    lead = process_submission(kept()).lead
    page = client_of(coordinator).get(lead.get_absolute_url()).content.decode()
    assert lead.touchpoints.get().traces[1:] == [("Medium", "google"), ("Campaign", "Spring"), ("Click on an ad", "G1")]
    assert "<dd>G1</dd>" in page and f'href="/inquiries/{kept().pk}/"' in page


def test_everything_that_was_posted_is_kept_as_it_came(send, form):
    send(ANA | {"odd": "<b>x</b>"})

    assert kept().payload["posted"]["odd"] == ["<b>x</b>"]
    assert kept().payload["posted"]["treatment_interest"] == ["RETAINER", "INVISALIGN"]
    assert (kept().form, kept().channel) == (form, LeadSubmission.Channel.WEBFORM)


def test_sending_twice_is_sending_once(browser, form):
    page = browser.get(form.public_path)
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        answers = [browser.post(form.public_path, hidden_of(page) | ANA) for _again in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert LeadSubmission.objects.count() == 1


def test_the_answer_is_the_same_for_somebody_who_is_known(send, form, coordinator):
    unknown = send()
    LeadFactory(first_name="Eva", phone="+12125550102", email="eva@example.com", assigned_to=coordinator)
    known = send({"first_name": "Eva", "phone": "212 555 0102", "email": "eva@example.com", "consent": "on"})

    assert (unknown.status_code, unknown["Location"], unknown.content) == (
        known.status_code,
        known["Location"],
        known.content,
    )


@pytest.mark.parametrize(
    ("answers", "title", "words"),
    [
        ({"first_name": "Ana", "consent": "on"}, "One thing is missing", "We need a phone number or an e-mail address"),
        ({"first_name": "Ana", "phone": "12"}, "2 things are missing", "This number cannot be dialed."),
        (
            {"first_name": "Ana", "email": "ana", "consent": "on"},
            "One thing is missing",
            "Write it as name@example.com",
        ),
        ({"phone": "x" * 100, "consent": "on"}, "One thing is missing", "at most 40 characters"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(send, answers, title, words):
    answer = send(answers | {"notes": "Only <evenings>"}, query="?utm_source=google")

    text = answer.content.decode()
    assert answer.status_code == 422
    assert title in text and words in text and "Only &lt;evenings&gt;" in text
    assert 'name="utm_source" value="google"' in text
    assert LeadSubmission.objects.count() == 0


def test_only_the_sites_that_are_listed_may_show_it_in_a_frame(browser, form):
    LeadForm.objects.filter(pk=form.pk).update(allowed_origins=[SITE])

    framed, bare = browser.get(form.public_path + "?embed=1"), browser.get(form.public_path)

    assert f"frame-ancestors {SITE};" in framed["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'none'" in bare["Content-Security-Policy"]
    assert bare["X-Frame-Options"] == "DENY"


def test_a_frame_without_a_list_is_shown_to_nobody(browser, form):
    framed = browser.get(form.public_path + "?embed=1")

    assert "frame-ancestors 'none'" in framed["Content-Security-Policy"]
    assert framed["X-Frame-Options"] == "DENY"


def test_a_frame_stays_a_frame_through_errors_and_thanks(browser, form):
    LeadForm.objects.filter(pk=form.pk).update(allowed_origins=[SITE], redirect_url=f"{SITE}/thanks")
    page = browser.get(form.public_path + "?embed=1")
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        wrong = browser.post(form.public_path, hidden_of(page) | {"embed": "1"})
        right = browser.post(form.public_path, hidden_of(page) | ANA | {"embed": "1"})

    assert f"frame-ancestors {SITE}" in wrong["Content-Security-Policy"] and wrong.context["is_embedded"]
    assert right["Location"].endswith("thanks/?lang=en&embed=1")


@pytest.mark.parametrize("break_it", ["close", "clinic", "unknown", "no token"])
def test_a_closed_form_and_an_unknown_one_are_not_found_alike(browser, form, clinic, break_it):
    address = form.public_path
    if break_it == "close":
        LeadForm.objects.filter(pk=form.pk).update(is_active=False)
    elif break_it == "clinic":
        Clinic.objects.filter(pk=clinic.pk).update(is_active=False)
    elif break_it == "unknown":
        address = address[:-3] + "AA/"
    else:
        address = "/f/hello/"

    assert browser.get(address).status_code == browser.post(address, ANA).status_code == 404
    assert browser.get(f"{address}thanks/").status_code == 404


def test_minimal_privacy_hides_what_it_refuses_and_refuses_it_by_name(send, browser, form, clinic):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy=Clinic.LeadPrivacy.MINIMAL)

    shown = list(browser.get(form.public_path).context["form"].fields)
    answer = send(ANA | {"last_name": "Vega"})

    assert shown == ["first_name", "phone", "email", "treatment_interest", "consent"]
    assert answer.status_code == 422
    assert "This clinic does not keep this on leads: last name." in answer.content.decode()
    assert "This cannot be sent as it is" in answer.content.decode()
    assert LeadSubmission.objects.count() == 0


def test_what_a_clinic_does_not_keep_is_left_out_of_a_form_where_it_wants_that(send, clinic, coordinator):
    Clinic.objects.filter(pk=clinic.pk).update(lead_privacy="MINIMAL", leaves_out_private=True)

    assert send(ANA | {"last_name": "Vega", "notes": "has asthma"}).status_code == 303
    done = process_submission(LeadSubmission.objects.get())
    assert (done.lead.first_name, done.lead.last_name, done.lead.notes) == ("Ana", "", "")


def test_without_a_database_what_was_typed_comes_back_to_be_sent_again(browser, form, monkeypatch):
    monkeypatch.setattr(public_forms, "clinic_scope", broken_scope)

    answer = browser.post(form.public_path, ANA | {"stamp": "s", "notes": "<i>"}, HTTP_ACCEPT_LANGUAGE="es")

    text = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert 'name="first_name" value="Ana"' in text and 'name="notes" value="&lt;i&gt;"' in text
    assert text.count('name="treatment_interest"') == 2
    assert '<html lang="es">' in text
    assert browser.get(form.public_path).status_code == 503


def test_what_visitors_write_is_shown_as_words(send, form, coordinator, client_of, owner):
    """Names, notes, campaign and landing page are somebody's text, wherever they are read."""
    nasty = "<script>alert(1)</script>"
    send(ANA | {"first_name": nasty, "notes": nasty}, query=f"?utm_source={nasty}")
    lead = process_submission(kept()).lead

    text = client_of(owner).get(lead.get_absolute_url()).content.decode()
    assert nasty not in text and "&lt;script&gt;alert(1)" in text


def broken_scope(clinic_id):
    raise OperationalError("the database is away")
