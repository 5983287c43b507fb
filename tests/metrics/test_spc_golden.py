from pathlib import Path

import pytest

from tests.metrics.spc_reference import ReferenceSeries, assert_agrees, read_reference

SERIES = read_reference(Path(__file__).resolve().parents[1] / "golden" / "spc")


def named(series: list[ReferenceSeries]) -> list:
    return [pytest.param(one, id=one.id) for one in series]


@pytest.mark.parametrize("series", named([one for one in SERIES if not one.error]))
def test_chart_agrees_with_the_reference(series: ReferenceSeries):
    assert_agrees(series)


@pytest.mark.parametrize("series", named([one for one in SERIES if one.error]))
def test_what_the_reference_refuses_is_refused(series: ReferenceSeries):
    with pytest.raises((ValueError, TypeError)):
        series.chart()


def test_the_golden_series_hold_every_rule_judgement_and_assurance():
    points = [point for one in SERIES for point in one.points]

    assert len({point["special_cause_type"] for point in points}) == 9
    assert len({point["point_type"] for point in points}) == 5
    assert {one.icons["assurance_type"] for one in SERIES if one.icons} == {
        "",
        "consistent_pass",
        "consistent_fail",
        "inconsistent",
    }
    assert any(point["knife_edge"] == "TRUE" for point in points)
