import datetime

import pandas as pd

from dashboard.charts.series import as_drawn, series_by
from dashboard.numbers import Figures
from tests.dashboard.invented import EXPERIENCE, WAITING, point, series

ROW = {
    "area_level": "team",
    "area_id": "N2",
    "period_start": pd.Timestamp("2026-03-01"),
    "period_end": pd.Timestamp("2026-04-01"),
    "value": 27.0,
    "numerator": 66.0,
    "denominator": 244.0,
    "state": "value",
    "provisional": False,
    "reason": "",
    "segment": 2,
    "mean": 20.0,
    "lower_limit": 10.0,
    "upper_limit": 30.0,
    "judgement": "concern",
}


def test_a_published_row_becomes_a_plain_record() -> None:
    ((key, (only,)),) = series_by(pd.DataFrame([ROW]), ["area_level", "area_id"]).items()

    assert key == ("team", "N2")
    assert only.start == datetime.date(2026, 3, 1)
    assert (only.value, only.lower, only.upper, only.segment) == (27.0, 10.0, 30.0, 2)
    assert (only.judgement, only.provisional) == ("concern", False)


def test_what_is_not_there_is_none_whatever_the_frame_calls_it() -> None:
    for nothing in (None, float("nan"), pd.NA):
        gap = {
            **ROW,
            "state": "missing",
            **dict.fromkeys(("value", "mean", "lower_limit"), nothing),
        }

        ((only,),) = series_by(pd.DataFrame([gap]), "area_id").values()

        assert (only.value, only.mean, only.lower) == (None, None, None)


def test_a_hidden_figure_is_not_drawn_even_where_a_number_was_kept() -> None:
    ((only,),) = series_by(pd.DataFrame([{**ROW, "state": "suppressed"}]), "area_id").values()

    assert (only.value, only.numerator, only.denominator) == (None, None, None)


def test_a_true_nought_is_a_value() -> None:
    ((only,),) = series_by(pd.DataFrame([{**ROW, "value": 0.0}]), "area_id").values()

    assert only.value == 0.0


def test_series_keep_the_order_of_their_rows_and_are_not_mixed() -> None:
    later = {**ROW, "period_start": pd.Timestamp("2026-04-01"), "value": 28.0}
    other = {**ROW, "area_id": "N1", "value": 1.0}

    found = series_by(pd.DataFrame([ROW, other, later]), "area_id")

    assert {key: [p.value for p in one] for key, one in found.items()} == {
        "N2": [27.0, 28.0],
        "N1": [1.0],
    }


def test_a_provisional_figure_is_known_whatever_type_says_so() -> None:
    for yes in (True, 1):
        ((only,),) = series_by(pd.DataFrame([{**ROW, "provisional": yes}]), "area_id").values()
        assert only.provisional is True


def test_limits_are_drawn_where_the_words_put_them() -> None:
    (share,) = as_drawn((point(0, 92.0, lower=78.0, upper=106.0),), Figures(EXPERIENCE))
    (count,) = as_drawn((point(0, 5.0, lower=-3.0, upper=106.0),), Figures(WAITING))

    assert (share.lower, share.upper) == (78.0, 100.0)
    assert (count.lower, count.upper) == (0.0, 106.0)


def test_a_series_without_limits_or_values_is_drawn_as_it_is() -> None:
    young = series(5.0, 6.0, lower=None, upper=None)
    gone = series(None, None)

    assert as_drawn(young, Figures(WAITING)) == young
    assert as_drawn(gone, Figures(WAITING)) == gone
