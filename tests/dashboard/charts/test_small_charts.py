from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.charts.icons import MARKS
from dashboard.charts.palette import DARK, LIGHT
from dashboard.charts.series import Series
from dashboard.charts.spc import MARGIN, Scale, Size, SmallChart, scale_of, spc_geometry
from dashboard.charts.svg import ROLES, small_chart
from tests.dashboard.invented import LACKS, point, series

TILE = Size(186, 84)
SVG = "{http://www.w3.org/2000/svg}"


def geometry(drawn: Series, size: Size = TILE, scale: Scale | None = None) -> SmallChart:
    return spc_geometry(drawn, size, scale or scale_of([drawn]))


@st.composite
def any_series(draw: st.DrawFn) -> Series:
    values = st.one_of(st.none(), st.floats(-1e4, 1e6), st.just(0.0))
    limits = st.one_of(
        st.just((None, None)), st.tuples(st.floats(-1e4, 1e6), st.floats(-1e4, 1e6)).map(sorted)
    )
    points, segment = [], 0
    for number, value in enumerate(draw(st.lists(values, max_size=40))):
        segment += draw(st.integers(0, 9)) == 0
        lower, upper = draw(limits)
        points.append(
            point(
                number,
                value,
                segment=segment,
                lower=lower,
                upper=upper,
                mean=None if lower is None or upper is None else (lower + upper) / 2,
                state="value" if value is not None else draw(st.sampled_from(LACKS)),
                provisional=draw(st.booleans()),
                judgement=draw(st.sampled_from(list(MARKS))),
            )
        )
    return tuple(points)


sizes = st.tuples(st.integers(40, 600), st.integers(30, 200)).map(lambda pair: Size(*pair))


@settings(deadline=None, max_examples=300)
@given(any_series(), any_series(), sizes)
def test_nothing_is_drawn_outside_its_box(drawn: Series, other: Series, size: Size) -> None:
    # On a scale that is shared with other teams, and with none.
    for scale in (scale_of([drawn]), scale_of([drawn, other]), scale_of([other])):
        chart = geometry(drawn, size, scale)

        places = [(mark.x, mark.y) for mark in chart.marks]
        places += [place for line in chart.lines for place in line]
        for x, y in places:
            assert MARGIN <= x <= size.width - MARGIN
            assert MARGIN <= y <= size.height - MARGIN
        for level in chart.means + chart.limits:
            assert 0 <= level.x1 < level.x2 <= size.width
            assert MARGIN <= level.y <= size.height - MARGIN
        for x in chart.gaps + chart.steps:
            assert 0 < x < size.width


@settings(deadline=None, max_examples=200)
@given(any_series())
def test_every_figure_has_one_mark_and_every_other_period_a_gap(drawn: Series) -> None:
    chart = geometry(drawn)

    there = [one for one in drawn if one.value is not None]
    assert [(m.judgement, m.hollow) for m in chart.marks] == [
        (one.judgement, one.provisional) for one in there
    ]
    assert len(chart.gaps) == len(drawn) - len(there)
    assert {mark.x for mark in chart.marks}.isdisjoint(chart.gaps)


@settings(deadline=None, max_examples=200)
@given(any_series())
def test_a_line_never_crosses_a_gap_or_a_step(drawn: Series) -> None:
    chart = geometry(drawn)

    for line in chart.lines:
        left, right = line[0][0], line[-1][0]
        assert not any(left < x < right for x in chart.gaps + chart.steps)
    for level in chart.means + chart.limits:
        assert not any(level.x1 + 0.1 < x < level.x2 - 0.1 for x in chart.steps)


@settings(deadline=None, max_examples=200)
@given(any_series())
def test_higher_values_are_drawn_higher(drawn: Series) -> None:
    chart = geometry(drawn)

    heights = sorted(
        zip([one.value for one in drawn if one.value is not None], chart.marks, strict=True),
        key=lambda pair: pair[0],
    )
    for (_, lower), (_, higher) in pairwise(heights):
        assert lower.y >= higher.y


def test_a_missing_value_breaks_the_line_in_two() -> None:
    chart = geometry(series(1.0, 2.0, None, 4.0, 5.0))

    assert [len(line) for line in chart.lines] == [2, 2]
    assert chart.gaps == (geometry(series(1.0, 2.0, 3.0, 4.0, 5.0)).marks[2].x,)


def test_a_value_alone_between_two_gaps_has_a_mark_and_no_line() -> None:
    chart = geometry(series(1.0, None, 3.0, None, 5.0))

    assert chart.lines == ()
    assert len(chart.marks) == 3


def test_a_step_breaks_lines_means_and_limits() -> None:
    before = [point(n, 150.0, mean=150.0) for n in range(3)]
    after = [point(n, 110.0, mean=110.0, lower=90.0, upper=130.0, segment=1) for n in range(3, 6)]

    chart = geometry((*before, *after))

    assert len(chart.steps) == 1
    assert [len(line) for line in chart.lines] == [3, 3]
    assert len({mean.y for mean in chart.means}) == 2
    assert len(chart.limits) == 4
    assert chart.means[0].x2 == chart.steps[0] == chart.means[1].x1


def test_a_step_breaks_levels_that_go_on_as_they_were() -> None:
    chart = geometry((*series(150.0, 151.0), point(2, 150.0, segment=1)))

    (step,) = chart.steps
    assert [(level.x2 == step, level.x1 == step) for level in chart.means] == [
        (True, False),
        (False, True),
    ]
    assert len(chart.limits) == 4


def test_a_young_series_has_its_average_and_no_limits() -> None:
    chart = geometry(series(5.0, 6.0, 7.0, mean=6.0, lower=None, upper=None))

    assert len(chart.means) == 1
    assert chart.limits == ()


@pytest.mark.parametrize("values", [(), (None, None), (3.0,), (0.0, 0.0), (5.0, 5.0)])
def test_the_smallest_series_can_be_drawn(values: tuple[float | None, ...]) -> None:
    chart = geometry(series(*values, lower=None, upper=None, mean=None))

    assert len(chart.marks) == len([value for value in values if value is not None])
    assert chart.lines == () or len(values) > 1


def test_the_scale_holds_limits_and_does_not_go_below_nought() -> None:
    scale = scale_of([series(5.0, 9.0, lower=-4.0, upper=20.0)])

    assert scale.low == 0.0
    assert scale.high > 20.0


def test_values_below_nought_are_not_cut_off() -> None:
    scale = scale_of([series(-5.0, 9.0, lower=-8.0, upper=20.0)])

    assert scale.low < -8.0


# --- The same as SVG, for what leaves the screen -------------------------------------------------


@settings(deadline=None, max_examples=100)
@given(any_series(), st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_svg_draws_every_part_and_says_its_text(drawn: Series, alt: str) -> None:
    chart = geometry(drawn)

    root = ET.fromstring(small_chart(chart, alt))

    lines = len(chart.steps) + len(chart.limits) + len(chart.means) + len(chart.gaps)
    assert len(root.findall(f"{SVG}line")) == lines
    assert len(root.findall(f"{SVG}polyline")) == len(chart.lines)
    assert [path.get("d") for path in root.findall(f"{SVG}path")] == [
        MARKS[mark.judgement] for mark in chart.marks
    ]
    assert (root.get("aria-label"), root.get("role")) == (alt, "img")
    assert (root.findtext(f"{SVG}title") or "") == alt


def test_text_in_svg_is_never_markup() -> None:
    text = small_chart(geometry(series(1.0, 2.0)), '"><script>alert(1)</script>')

    assert "<script" not in text
    assert ET.fromstring(text).get("aria-label") == '"><script>alert(1)</script>'


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_marks_have_the_colour_of_their_role_and_hollow_ones_that_of_the_card(palette) -> None:
    for judgement, role in ROLES.items():
        solid = point(0, 150.0, judgement=judgement)
        hollow = point(1, 150.0, judgement=judgement, provisional=True)

        root = ET.fromstring(small_chart(geometry((solid, hollow)), "A chart.", palette))

        first, second = root.findall(f"{SVG}path")
        assert (first.get("fill"), first.get("stroke")) == (palette.of(role), palette.of(role))
        assert (second.get("fill"), second.get("stroke")) == (palette.card, palette.of(role))
