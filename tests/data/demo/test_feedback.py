import pandas as pd
import pytest

from tests.data.demo.made_city import TEAMS, by_team_and_month, month_ends, table

POSITIVE, NEGATIVE = ["very good", "good"], ["poor", "very poor"]


def answers() -> pd.DataFrame:
    rows = table("fft_response")
    return rows.assign(month=month_ends(rows["responded_on"]))


def test_a_team_hears_from_20_to_70_people_a_month():
    counts = by_team_and_month(answers())

    assert counts.mean().between(20, 70).all()
    # Now and then a drive, or nobody to hand out cards.
    assert counts.stack().between(20, 70).mean() > 0.98
    assert counts.to_numpy().min() > 0


def test_nine_in_ten_are_positive_and_one_in_thirty_negative():
    given = answers()["answer"]

    assert given.isin(POSITIVE).mean() == pytest.approx(0.91, abs=0.01)
    assert given.isin(NEGATIVE).mean() == pytest.approx(0.035, abs=0.005)


def test_by_text_people_are_three_points_less_positive():
    rows = answers()
    by_text = rows["mode"] == "text"
    positive = rows["answer"].isin(POSITIVE)

    assert positive[~by_text].mean() - positive[by_text].mean() == pytest.approx(0.03, abs=0.012)


def test_answers_are_dated_on_every_day_of_every_month():
    assert answers()["responded_on"].nunique() == 3 * 365 + 1


def test_teams_meet_two_to_five_times_and_a_gp_comes_to_some():
    rows = table("aggregate_submission")
    totals = (
        rows.astype({"denominator": float}).groupby("team_id")[["numerator", "denominator"]].sum()
    )
    share = totals["numerator"] / totals["denominator"]

    assert set(rows["measure_id"]) == {"J05"}
    assert rows["denominator"].between(2, 5).all()
    assert (rows["numerator"] <= rows["denominator"]).all()
    assert sorted(rows["team_id"].unique()) == sorted(TEAMS)
    # 40 to 90 in a hundred of about 130 meetings each.
    assert share.between(0.4 - 0.09, 0.9 + 0.09).all()
    assert share.max() - share.min() > 0.3
