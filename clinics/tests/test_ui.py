import datetime
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override
from django_scopes import scope

from clinics.templatetags import ui


def render(source, address="/", cookies=None, **context):
    request = RequestFactory().get(address)
    request.COOKIES.update(cookies or {})
    return Template(source).render(Context({"request": request, **context}))


def test_icon_without_a_label_is_decoration():
    href = staticfiles_storage.url("img/icons.svg")
    assert ui.icon("phone", "sm") == f'<svg class="icon icon--sm" aria-hidden="true"><use href="{href}#i-phone"/></svg>'


def test_icon_with_a_label_speaks():
    assert 'role="img" aria-label="Call &lt;now&gt;"' in ui.icon("phone", label="Call <now>")


@pytest.mark.parametrize(
    ("cents", "words"),
    [(1470000, "$14,700"), (1470050, "$14,700.50"), (0, "$0"), (-500, "−$5"), (None, "—"), ("", "—")],
)
def test_money_shows_cents_only_where_there_are_any(cents, words):
    assert ui.money(cents) == words


def test_money_speaks_the_currency_of_the_clinic_at_hand():
    with scope(clinic=SimpleNamespace(currency="EUR")):
        assert ui.money(250000) == "€2,500"
    assert ui.money(250000, "CHF") == "CHF 2,500"


@pytest.mark.parametrize(
    ("share", "words"), [(0.683, "68%"), (0.898, "90%"), (0.125, "13%"), (0.285, "29%"), (0, "0%"), (None, "—")]
)
def test_percent_of_a_share(share, words):
    assert ui.percent(share) == words


def test_percent_with_digits():
    assert ui.percent(0.0345, 1) == "3.5%"


@pytest.mark.parametrize(
    ("ago", "word"),
    [
        (datetime.timedelta(seconds=20), "0 min"),
        (datetime.timedelta(minutes=48), "48 min"),
        (datetime.timedelta(hours=3), "3 h"),
        (datetime.timedelta(days=2), "2 d"),
        (datetime.timedelta(days=70), "10 wk"),
    ],
)
def test_age_is_one_word(ago, word):
    assert ui.age(timezone.now() - ago) == word


def test_short_date_is_as_short_as_it_stays_clear():
    today = timezone.localdate()
    assert ui.short_date(today) == "Today"
    assert ui.short_date(today + datetime.timedelta(days=1)) == "Tomorrow"
    assert ui.short_date(today - datetime.timedelta(days=1)) == "Yesterday"
    assert ui.short_date(datetime.date(2019, 3, 4)) == "Mar 4, 2019"
    assert ui.short_date(None) == "—"


def test_short_date_is_written_as_the_reader_writes_dates():
    with override("es"):
        assert ui.short_date(datetime.date(2019, 1, 4)) == "4 ene 2019"


def test_exact_tells_the_whole_moment():
    moment = datetime.datetime(2026, 11, 24, 16, 15, tzinfo=datetime.UTC)
    assert ui.exact(moment) == "Tuesday, November 24, 2026, 4:15 PM"


def test_exact_tells_one_moment_in_the_time_of_each_clinic():
    moment = datetime.datetime(2026, 11, 24, 22, 15, tzinfo=datetime.UTC)

    with timezone.override("America/Chicago"):
        assert ui.exact(moment) == "Tuesday, November 24, 2026, 4:15 PM"
    with timezone.override("America/New_York"):
        assert ui.exact(moment) == "Tuesday, November 24, 2026, 5:15 PM"


def test_relative_holds_the_exact_moment_for_whoever_hovers():
    moment = datetime.datetime(2019, 11, 24, 16, 15, tzinfo=datetime.UTC)
    assert ui.relative(moment) == (
        '<relative-time datetime="2019-11-24T16:15:00+00:00" title="Sunday, November 24, 2019, 4:15 PM">'
        "Nov 24, 2019</relative-time>"
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [("+13125550131", "(312) 555-0131"), ("+34912345678", "+34 912 34 56 78"), ("hello", "hello"), (None, "")],
)
def test_phone_is_national_at_home_and_international_abroad(number, words):
    assert ui.phone(number) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Adaeze Okonkwo-Williams", "AO"), ("Cher", "CH"), ("(312) 555-0148", "?"), ("", "?"), ("Åsa B. Öst", "ÅÖ")],
)
def test_initials_of_a_name(name, letters):
    assert ui.initials(name) == letters


def test_tint_is_stable_and_one_of_six():
    tints = {ui.tint(number) for number in range(200)}
    assert tints == {1, 2, 3, 4, 5, 6}
    assert ui.tint(SimpleNamespace(pk=41)) == ui.tint(41)


def test_stage_mark_fills_along_the_way():
    assert 'stroke-dasharray="50 100"' in render("{% stage_mark 3 6 %}")
    assert "stage-mark--new" in render("{% stage_mark 0 6 %}")
    assert "stage-mark--won" in render("{% stage_mark 6 6 'won' %}")
    assert "stage-mark__fill" not in render("{% stage_mark 2 6 'lost' %}")


def test_ring_stays_between_empty_and_full():
    assert 'stroke-dasharray="0 100"' in ui.ring(-0.4)
    assert 'stroke-dasharray="100 100"' in ui.ring(7)


def test_push_bar_points_down_to_the_left():
    assert '<rect class="reasons__push reasons__push--down" x="-34" width="34" height="6"/>' in ui.push_bar(-34)


def test_appearance_takes_only_known_words_from_the_cookies():
    assert render("{% appearance %}", cookies={"theme": "dark", "density": "compact"}) == (
        ' data-theme="dark" data-density="compact"'
    )
    assert render("{% appearance %}", cookies={"theme": '"><script>'}) == ""


def test_sort_query_turns_round_and_keeps_the_filters():
    assert render("{% sort_query 'value' %}", "/?source=ads&page=3") == "?source=ads&amp;sort=value"
    assert render("{% sort_query 'value' %}", "/?sort=value") == "?sort=-value"


def test_sort_state_is_what_aria_sort_says():
    assert render("{% sort_state 'value' %}", "/?sort=-value") == "descending"
    assert render("{% sort_state 'name' %}", "/?sort=-value") == "none"
