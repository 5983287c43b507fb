from pathlib import Path

import pytest

from tests.metrics.spc_reference import ReferenceSeries, assert_agrees, read_reference

ORACLE = Path(__file__).resolve().parents[3] / "shared" / "oracle" / "spc"
SERIES = read_reference(ORACLE)


def named(series: list[ReferenceSeries]) -> list:
    return [pytest.param(one, id=one.id) for one in series]


@pytest.mark.parametrize("series", named([one for one in SERIES if not one.error]))
def test_chart_agrees_with_the_reference(series: ReferenceSeries):
    assert_agrees(series)


@pytest.mark.parametrize("series", named([one for one in SERIES if one.is_refused_here_too]))
def test_what_the_reference_refuses_is_refused(series: ReferenceSeries):
    with pytest.raises((ValueError, TypeError)):
        series.chart()


def test_a_missing_value_that_stops_the_reference_only_breaks_the_run():
    stopped = [one for one in SERIES if one.error and not one.is_refused_here_too]

    for series in stopped:
        chart = series.chart()

        missing = [point for point in chart.points if point.value != point.value]
        assert missing, series.id
        assert {point.special_cause for point in missing} == {"none"}, series.id


def test_every_series_says_what_to_expect():
    assert SERIES
    for series in SERIES:
        assert bool(series.error) == (series.options["expect"] == "error"), series.id
        assert bool(series.points) == bool(series.icons) == (not series.error), series.id
