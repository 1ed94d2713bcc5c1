import re
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from clinics.chart_scales import fit, nice_ticks, text_width
from clinics.charts import (
    Band,
    Bar,
    Column,
    Figure,
    Legend,
    Line,
    Table,
    Whisker,
    bars,
    columns,
    funnel,
    heat_map,
    histogram,
    lines,
    stacked_bars,
    whiskers,
)

LOST = [
    Bar("Cost", 38, "$214k"),
    Bar("Chose another clinic", 21, "$118k", "muted"),
    Bar("No reason recorded", 2, "—", "hatch"),
]
numbers = st.one_of(
    st.none(),
    st.integers(-(10**12), 10**12),
    st.floats(-1e12, 1e12).filter(lambda value: value == 0 or abs(value) > 1e-6),
)


def marks(plot, shape, kind=None):
    return [mark for mark in plot.marks if mark.shape == shape and (kind is None or mark.kind == kind)]


def drawn(plot, key="chart"):
    """The picture as a browser gets it, parsed."""
    return ElementTree.fromstring(render_to_string("parts/charts/_plot.html", {"plot": plot, "key": key}))


def inside(plot):
    """Whether every bar and dot lies within the picture."""
    return all(
        mark.x >= -0.1
        and mark.y >= -0.1
        and mark.x + mark.width <= plot.width + 0.6
        and mark.y + mark.height <= plot.height + 0.6
        and mark.width > 0
        and mark.height >= 0
        for mark in marks(plot, "rect")
    ) and all(0 <= mark.x <= plot.width + 0.1 and 0 <= mark.y <= plot.height for mark in marks(plot, "dot"))


@pytest.mark.parametrize(
    ("low", "high", "options", "ticks"),
    [
        (0, 41, {"most": 5}, [0, 10, 20, 30, 40, 50]), (0, 1, {"most": 5}, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (3, 4, {"most": 5, "whole": True}, [0, 1, 2, 3, 4]), (-5, 12, {"most": 5}, [-5, 0, 5, 10, 15]),
        (0, 0, {"most": 5, "whole": True}, [0, 1]), (7, 7, {"most": 5}, [0, 2, 4, 6, 8]), (0, 0.0004, {"most": 4},
        [0, 0.0001, 0.0002, 0.0003, 0.0004]),
        (0, 9e15, {"most": 3}, [0, 5e15, 1e16]),
    ],
)  # fmt: skip
def test_nice_ticks_are_round_and_reach_over_the_figures(low, high, options, ticks):
    assert nice_ticks(low, high, **options) == ticks


@given(st.floats(-1e15, 1e15), st.floats(-1e15, 1e15), st.integers(2, 20))
def test_nice_ticks_enclose_any_figures_with_few_steps(one, other, most):
    low, high = sorted((one, other))
    ticks = nice_ticks(low, high, most=most)
    slack = 1e-6 * (ticks[1] - ticks[0]) + 1e-9
    assert ticks[0] <= low + slack and ticks[-1] >= high - slack
    assert 0 in ticks and ticks == sorted(set(ticks)) and len(ticks) <= most + 3


def test_fit_shortens_a_label_to_the_room_it_has():
    assert (fit("Cost", 100), fit("Could not be reached", 60)[-1]) == ("Cost", "…")
    assert text_width(fit("Could not be reached", 60)) <= 60
    assert text_width("電話番号") > text_width("iiii")


def test_bars_are_as_long_as_their_figures_and_carry_them():
    plot = bars(LOST, title="Lost leads by reason")
    widths = [mark.width for mark in marks(plot, "rect")]
    assert widths[0] / widths[1] == pytest.approx(38 / 21, rel=0.01)
    assert [mark.kind for mark in marks(plot, "rect")] == ["fill-1", "fill-muted", "fill-hatch"]
    assert [mark.text for mark in marks(plot, "text", "chart__value")] == ["38", "21", "2"]
    assert plot.has_hatch


def test_bars_show_the_unknown_as_unknown_and_the_negative_to_the_left():
    plot = bars([Bar("Up", 5), Bar("Down", -5), Bar("Unknown", None)], title="Change")
    up, down = marks(plot, "rect")
    assert down.x + down.width == pytest.approx(up.x)
    assert [mark.text for mark in marks(plot, "text", "chart__value")] == ["5", "-5", "—"]


def test_columns_stand_on_zero_and_leave_out_labels_that_would_touch():
    plot = columns([Bar(f"{day} October", day) for day in range(1, 32)], title="Leads a day")
    feet = {round(mark.y + mark.height) for mark in marks(plot, "rect")}
    labels = [mark for mark in marks(plot, "text") if "October" in mark.whole]
    assert len(feet) == 1 and 1 < len(labels) < 16 and len(marks(plot, "rect")) == 31


def test_histogram_counts_every_known_value_once():
    plot = histogram([0, 0.4, 1, 7, 7, None, 30], title="Days until booked")
    assert sum(int(mark.title.rpartition(": ")[2]) for mark in marks(plot, "rect")) == 6


def test_whiskers_show_interval_reference_and_too_little_to_tell():
    rows = [
        Whisker("Renata", 0.28, 0.22, 0.35, "135 leads"),
        Whisker("Maud", None, remark="too few leads to compare", note="12 leads"),
    ]
    plot = whiskers(
        rows, title="Share started", write=lambda share: f"{share:.0%}", reference=0.24, reference_label="clinic 24%"
    )
    (dot,) = marks(plot, "dot")
    (whisker,) = marks(plot, "path", "chart__whisker")
    start, end = map(float, re.match(r"M([\d.]+) \d+H([\d.]+)", whisker.d).groups())
    assert start < dot.x < end and dot.title == "Renata: 28% (22% – 35%)"
    assert {"too few leads to compare", "clinic 24%", "135 leads"} <= {mark.text for mark in marks(plot, "text")}


def test_lines_break_where_a_figure_is_unknown_and_dash_what_has_not_happened():
    past, future = Line((1, 2, None, 4, 5, None)), Line((None, None, None, None, 5, 7), is_dashed=True)
    band = Band((None, None, None, None, 5, 6), (None, None, None, None, 5, 9))
    plot = lines(["Jan", "Feb", "Mar", "Apr", "May", "Jun"], [past, future], band=band, now=4, title="Starts")
    assert (len(marks(plot, "path", "line-1")), len(marks(plot, "path", "line-1 line-dash"))) == (2, 1)
    assert (len(marks(plot, "path", "fill-band")), len(marks(plot, "path", "chart__now"))) == (1, 1)


def test_lines_show_a_single_figure_as_a_dot():
    plot = lines(["Jan"], [Line((3,))], title="Starts")
    assert len(marks(plot, "dot")) == 1 and inside(plot)


def test_heat_map_is_darker_where_there_is_more_and_hatched_where_nothing_is_known():
    plot = heat_map(["Mon", "Tue"], ["8", "9"], [[0, 10], [5, None]], title="Calls answered")
    assert [mark.opacity for mark in marks(plot, "rect")] == [0.1, 1.0, 0.55, None]
    assert marks(plot, "rect")[3].kind == "fill-hatch"
    assert [mark.title for mark in marks(plot, "rect")][1:] == ["Mon, 9: 10", "Tue, 8: 5", "Tue, 9: —"]


def test_funnel_draws_each_step_inside_the_one_above():
    plot = funnel([Bar("New", 412), Bar("Contacted", 371, "90%"), Bar("Booked", 0)], title="Funnel")
    assert [mark.kind for mark in marks(plot, "rect")] == ["fill-1", "fill-band", "fill-1", "fill-band", "fill-1"]
    assert inside(plot)


def test_stacked_bars_lie_end_to_end_and_refuse_negative_parts():
    plot = stacked_bars([("Oct", [Bar("sent", 30), Bar("failed", 10, series="3")])], title="Messages")
    sent, failed = marks(plot, "rect")
    assert failed.x == pytest.approx(sent.x + sent.width + 1, abs=0.2)
    with pytest.raises(ValueError, match="negative"):
        stacked_bars([("Oct", [Bar("sent", -1)])], title="Messages")


EMPTY = [
    lambda: bars([], title="x"), lambda: columns([], title="x"), lambda: histogram([], title="x"),
    lambda: histogram([None], title="x"), lambda: whiskers([], title="x"), lambda: lines([], [], title="x"),
    lambda: lines(["Jan"], [Line((None,))], title="x"), lambda: heat_map([], [], [], title="x"),
    lambda: funnel([Bar("New", 0)], title="x"), lambda: stacked_bars([], title="x"),
]  # fmt: skip


@pytest.mark.parametrize("draw", EMPTY)
def test_nothing_to_show_is_an_empty_picture(draw):
    assert draw().is_empty


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_figures_that_are_no_figures_are_refused(value):
    for draw in (
        lambda: bars([Bar("x", value)], title="x"), lambda: columns([Bar("x", value)], title="x"),
        lambda: histogram([value], title="x"), lambda: whiskers([Whisker("x", value)], title="x"),
        lambda: lines(["x"], [Line((value,))], title="x"), lambda: heat_map(["x"], ["x"], [[value]], title="x"),
        lambda: funnel([Bar("x", value)], title="x"), lambda: stacked_bars([("x", [Bar("x", value)])], title="x"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="cannot show"):
            draw()


@given(st.lists(st.tuples(st.text(max_size=40), numbers), min_size=1, max_size=12))
def test_any_figures_stay_inside_their_picture(rows):
    drawn_from = [Bar(label, value) for label, value in rows]
    assert inside(bars(drawn_from, title="x"))
    assert inside(columns(drawn_from, title="x"))
    assert inside(histogram([value for _label, value in rows], title="x"))
    assert inside(whiskers([Whisker(label, value) for label, value in rows], title="x"))
    assert inside(lines([label for label, _value in rows], [Line(tuple(value for _label, value in rows))], title="x"))
    assert inside(heat_map([label for label, _value in rows], ["x"], [[value] for _label, value in rows], title="x"))


@pytest.mark.parametrize("language", ["en", "es", "de"])
def test_the_picture_is_one_named_image_without_styles_or_scripts(settings, language):
    settings.LANGUAGE_CODE = language
    plot = bars([Bar("<b>Cost & co</b>", 3_800.5)], title="Reasons", description="Cost leads")
    svg = drawn(plot, "reasons")

    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", "reasons-title reasons-desc")
    assert [child.text for child in svg[:2]] == ["Reasons", "Cost leads"]
    assert not [element for element in svg.iter() if element.get("style") or element.tag == "script"]
    assert all(
        re.fullmatch(r"-?[\d.]+", element.get(name))
        for element in svg.iter("rect")
        for name in ("x", "y", "width", "height")
    )
    assert svg.find("text").text == "<b>Cost & co</b>"


def figure_page(plot, **parts):
    table = Table((Column("Reason", is_number=False), Column("Leads")), (("Cost", "38"), ("Unknown", "—")))
    whole = Figure("lost", "Why do we lose people?", "Cost, one in three.", plot, table, **parts)
    return render_to_string("parts/charts/_figure.html", {"figure": whole})


def test_a_figure_has_question_answer_table_and_csv():
    html = figure_page(
        bars(LOST, title="Reasons"),
        csv_url="/lost.csv",
        legend=(Legend("held back", "muted", "hatch"),),
        foot="113 lost.",
    )
    for part in (
        '<h2 class="chart__title" id="lost-question">Why do we lose people?</h2>', "Cost, one in three.",
        'href="/lost.csv"',
        '<th scope="row">Cost</th><td class="num">38</td>', '<th scope="col" class="num">Leads</th>',
        'data-chart-view="table"',
        'legend__item--hatch" data-series="muted">held back', "113 lost.", '<pattern id="hatch"',
    ):  # fmt: skip
        assert part in html
    assert "style=" not in html and "<script" not in html


def test_a_wide_picture_scrolls_on_a_phone():
    assert "chart__plot--wide" in figure_page(lines(["Jan", "Feb"], [Line((1, 2))], title="Starts"))
    assert "chart__plot--wide" not in figure_page(bars(LOST, title="Reasons"))


def test_a_figure_without_figures_says_what_will_be_there():
    html = figure_page(bars([], title="Reasons"), csv_url="/lost.csv")
    assert "No figures yet" in html
    assert "<table" not in html and "/lost.csv" not in html
