"""The parts that pages are made of, each with what it must say."""

import datetime
from types import SimpleNamespace

import django_filters
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory


def part(name, address="/", /, **context):
    return render_to_string(f"parts/_{name}.html", context, request=RequestFactory().get(address))


def test_pagination_counts_exactly_and_keeps_the_filters():
    html = part("pagination", "/?source=ads&page=2", page=Paginator(range(1234), 50).page(2), things="leads")
    assert "51 to 100 of 1,234 leads" in html
    assert 'href="?source=ads&amp;page=3"' in html
    assert 'href="?source=ads&amp;page=1"' in html


def test_pagination_says_nothing_about_an_empty_list():
    assert part("pagination", page=Paginator([], 50).page(1)).strip() == ""


def test_filter_bar_shows_what_is_on_and_the_way_to_take_it_off():
    class LeadFilter(django_filters.FilterSet):
        q = django_filters.CharFilter(label="Find")
        source = django_filters.ChoiceFilter(label="Source", choices=[("ads", "Google Ads")])
        since = django_filters.DateFilter(label="Since", widget=forms.DateInput)

    address = "q=ana&source=ads&sort=name"
    found = LeadFilter(QueryDict(address), queryset=ContentType.objects.none())
    html = part("filter_bar", f"/leads/?{address}", filter=found, count=38, things="leads", csv_url="/leads.csv")
    assert '<span class="chip__value truncate">Google Ads</span>' in html
    assert 'href="?q=ana&amp;sort=name" aria-label="Take off the filter Source Google Ads"' in html
    assert '<input type="hidden" name="sort" value="name">' in html
    assert "38 leads" in html
    assert 'href="/leads.csv?q=ana&amp;source=ads&amp;sort=name"' in html


def test_table_head_sorts_and_says_how():
    html = part("table_head", "/?sort=-value", field="value", label="Value", num=True)
    assert 'aria-sort="descending" class="num"' in html
    assert 'href="?sort=value"' in html


def test_empty_place_teaches():
    html = part("empty", title="No leads yet", text="They arrive here.", action_url="/new/", action="New lead")
    assert '<h2 class="empty-state__title">No leads yet</h2>' in html
    assert '<a class="button" href="/new/">New lead</a>' in html


def test_confirm_dialog_names_the_act():
    html = part(
        "confirm_dialog",
        dialog_id="x",
        title="Erase?",
        text="3",
        action="/erase/",
        confirm="Erase 3 leads",
        danger=True,
    )
    assert '<button class="button button--primary button--danger">Erase 3 leads</button>' in html
    assert 'action="/erase/"' in html


def test_avatar_without_a_person_says_so():
    assert 'aria-label="Nobody yet"' in part("avatar", name="")
    assert 'aria-label="Renata Vasquez"' in part("avatar", name="Renata Vasquez", of=4)


def test_score_without_a_reason_is_no_score():
    assert "78" in part("score", score=78, reason="Asked for a payment plan")
    assert "78" not in part("score", score=78, reason="")


def job(**values):
    known = {"pk": 1, "title": "Importing leads.csv", "status": "RUNNING", "done_count": 2310, "total_count": 4100}
    rest = {"percent": 56, "is_unfinished": True, "note": "", "error": "", "finished_at": None, "result_url": ""}
    return SimpleNamespace(**(known | rest | values), get_absolute_url="/jobs/1/", get_status_display="Running")


def test_running_job_shows_how_far_it_is():
    html = part("job", job=job())
    assert "2,310 of 4,100" in html
    assert '<progress class="progress" max="100" value="56" aria-label="Importing leads.csv"></progress>' in html


def test_job_of_unknown_length_shows_no_figure():
    assert 'max="100" aria-label' in part("job", job=job(percent=None, total_count=None))


def test_finished_job_leads_to_its_result():
    done = job(
        status="DONE",
        is_unfinished=False,
        note="412 new",
        result_url="/r/",
        finished_at=datetime.datetime.now(datetime.UTC),
    )
    html = part("job", job=done)
    assert "<progress" not in html
    assert '<a href="/r/">See the result</a>' in html


def test_facts_that_are_empty_are_the_way_to_fill_them():
    html = part(
        "facts", facts=[{"label": "School", "value": "", "edit_url": "/edit/"}, {"label": "Value", "value": "$5"}]
    )
    assert 'add<span class="visually-hidden"> School</span>' in html
    assert "<dd>$5</dd>" in html


def test_phone_can_be_dialled():
    assert 'href="tel:+13125550131">(312) 555-0131</a>' in part("phone", number="+13125550131")


def test_error_pages_need_no_request_and_no_database():
    for name in ("500.html", "503.html"):
        html = render_to_string(name)
        assert "<script" not in html
        assert "<h1>" in html
    assert "7F3K-22" in render_to_string("500.html", {"request_id": "7F3K-22"})


def test_plain_error_pages_speak_to_everybody(rf):
    for name in ("403.html", "404.html"):
        assert "<h1>" in render_to_string(name, request=rf.get("/"))


def test_emails_carry_the_same_words_as_text_and_as_page():
    context = {
        "title": "You are invited",
        "button_url": "https://x.example/i/1",
        "button_label": "Join",
        "clinic_name": "Downtown",
    }
    html, text = render_to_string("email/base.html", context), render_to_string("email/base.txt", context)
    for words in ("You are invited", "https://x.example/i/1", "Join", "Downtown"):
        assert words in html
        assert words in text
