import datetime
from typing import Any

import pytest

from dashboard.charts.full import JUDGEMENTS, NOT_JUDGED, PROVISIONAL, SYMBOLS, Look, spc_figure
from dashboard.charts.palette import DARK, LIGHT, Palette
from dashboard.charts.series import Series
from dashboard.charts.svg import ROLES
from dashboard.numbers import Figures
from metrics.reading import Event
from tests.dashboard.invented import EXPERIENCE, WAITING, event, point, series

LOOK = Look(LIGHT)


def drawn(
    what: Series, *events: Event, unit: str = "referrals", look: Look = LOOK, measure: Any = WAITING
) -> dict[str, Any]:
    return spc_figure(what, Figures(measure), unit, events, look).to_dict()


def traces(figure: dict[str, Any], mode: str, name: str | None = None) -> list[dict[str, Any]]:
    return [t for t in figure["data"] if t["mode"] == mode and t.get("name") == name]


def marks(figure: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {trace["name"]: trace for trace in figure["data"] if trace["mode"] == "markers"}


def test_every_judgement_has_a_shape_that_reads_without_colour() -> None:
    assert set(SYMBOLS) == set(JUDGEMENTS) == set(ROLES)
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_points_are_drawn_by_what_is_said_of_them(palette: Palette) -> None:
    points = tuple(point(n, 150.0 + n, judgement=j) for n, j in enumerate(JUDGEMENTS))

    found = marks(drawn(points, look=Look(palette)))

    assert list(found) == list(JUDGEMENTS.values())
    for number, (judgement, name) in enumerate(JUDGEMENTS.items()):
        marker = found[name]["marker"]
        assert found[name]["y"] == [150.0 + number]
        assert (marker["symbol"], marker["size"]) == SYMBOLS[judgement]
        assert marker["color"] == palette.of(ROLES[judgement])


def test_a_provisional_point_is_hollow_and_not_called_usual() -> None:
    found = marks(drawn((point(0), point(1, 90.0, provisional=True))))

    assert list(found) == ["as usual", PROVISIONAL]
    assert found[PROVISIONAL]["marker"]["color"] == LIGHT.card
    assert found[PROVISIONAL]["marker"]["line"]["color"] == LIGHT.usual


def test_points_of_a_young_series_are_not_called_usual() -> None:
    found = marks(drawn(series(5.0, 6.0, lower=None, upper=None)))

    assert list(found) == [NOT_JUDGED]


def test_a_missing_value_is_a_gap() -> None:
    (line,) = traces(drawn(series(1.0, 2.0, None, 4.0)), "lines")

    assert line["y"] == [1.0, 2.0, None, 4.0]
    assert line["connectgaps"] is False


def test_a_step_begins_every_line_anew_and_is_marked() -> None:
    before = tuple(point(n, 150.0) for n in range(3))
    after = tuple(point(n, 110.0, mean=110.0, segment=1) for n in range(3, 6))

    figure = drawn((*before, *after))

    assert [line["y"] for line in traces(figure, "lines")] == [[150.0] * 3, [110.0] * 3]
    assert [line["y"] for line in traces(figure, "lines", "average")] == [[150.0] * 3, [110.0] * 3]
    assert len(traces(figure, "lines", "usual range")) == 4
    (step,) = figure["layout"]["shapes"]
    assert step["x0"] == step["x1"] == "2023-07-01"


def test_each_kind_of_line_is_named_once_in_the_legend() -> None:
    before = tuple(point(n) for n in range(3))
    after = tuple(point(n, segment=1) for n in range(3, 6))

    shown = [t["name"] for t in drawn((*before, *after))["data"] if t.get("showlegend")]

    assert shown == ["average", "usual range"]


def test_a_young_series_has_an_average_and_no_range() -> None:
    figure = drawn(series(5.0, 6.0, lower=None, upper=None))

    assert len(traces(figure, "lines", "average")) == 1
    assert traces(figure, "lines", "usual range") == []


def test_events_are_numbered_as_in_the_list_beneath_and_only_those_in_reach_drawn() -> None:
    reach = [datetime.date(2023, 3, 31), datetime.date(2023, 4, 1), datetime.date(2023, 6, 30)]
    reach.append(datetime.date(2023, 7, 1))

    figure = drawn(series(1.0, 2.0, 3.0), *(event(on=day) for day in reach))

    assert [(flag["text"], flag["x"]) for flag in figure["layout"]["annotations"]] == [
        ("<b>2</b>", "2023-04-01"),
        ("<b>3</b>", "2023-06-30"),
    ]


def test_what_is_heard_of_a_point_is_what_its_table_row_says() -> None:
    (trace,) = marks(drawn((point(0, 247.0, judgement="concern"),))).values()
    (young,) = marks(drawn((point(0, 5.0, lower=None, upper=None),))).values()

    assert trace["text"] == ["<b>April 2023</b><br>247<br>worse than usual; usually 120 to 180"]
    assert young["text"] == ["<b>April 2023</b><br>5<br>not judged"]


def test_limits_are_drawn_where_the_words_put_them() -> None:
    what = series(92.0, 100.0, lower=78.0, upper=106.0, mean=92.0)

    upper, lower = traces(drawn(what, measure=EXPERIENCE), "lines", "usual range")

    assert (set(upper["y"]), set(lower["y"])) == ({100.0}, {78.0})


def test_every_limit_lies_within_the_axis() -> None:
    figure = drawn(series(3.0, 9.0, lower=-5.0, upper=14.0, mean=4.0))

    low, high = figure["layout"]["yaxis"]["range"]
    for trace in figure["data"]:
        assert all(low <= value <= high for value in trace["y"])


def test_a_unit_is_text_and_not_markup() -> None:
    figure = drawn(series(1.0), unit='<a href="http://elsewhere">cases</a>')

    assert figure["layout"]["yaxis"]["title"]["text"].startswith("&lt;a href=")


def test_no_figures_make_an_empty_chart() -> None:
    figure = drawn((), event())

    assert marks(figure) == {}
    assert "annotations" not in figure["layout"]


def test_a_chart_cannot_be_dragged_out_of_sight() -> None:
    layout = drawn(series(1.0, 2.0))["layout"]

    assert layout["dragmode"] is False
    assert layout["xaxis"]["fixedrange"]
    assert layout["yaxis"]["fixedrange"]
