import pandas as pd
import pytest

from tests.data.demo.made_city import THE_OTHERS, sickness, table


def fte(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows.astype({column: float}).groupby(["team_id", "month"])[column].sum()


def test_a_team_has_30_to_48_staff_and_24_to_38_whole_posts_filled():
    rows = table("workforce_month")
    people = rows.groupby(["team_id", "month"])["headcount"].sum()

    assert people.between(30, 48).all()
    assert fte(rows, "in_post_fte").between(24, 38).all()


@pytest.mark.parametrize(
    ("professions", "least", "most"),
    [
        (["district_nurse", "community_nurse"], 8, 14),
        (["social_worker"], 8, 12),
    ],
    ids=["nursing", "social work"],
)
def test_posts_are_vacant_as_often_as_elsewhere(professions, least, most):
    rows = table("workforce_month").query("profession_id in @professions")
    filled, posts = fte(rows, "in_post_fte").sum(), fte(rows, "establishment_fte").sum()

    assert least <= 100 * (1 - filled / posts) <= most


def test_nobody_is_in_a_post_that_is_not_there():
    rows = table("workforce_month")

    assert (rows["in_post_fte"] <= rows["establishment_fte"]).all()
    assert (rows["in_post_fte"] <= rows["headcount"]).all()
    assert (rows["in_post_fte"] + rows["agency_fte"] <= rows["establishment_fte"]).all()


def test_sickness_is_5_percent_and_each_teams_between_4_and_6_and_a_half():
    others = sickness()[THE_OTHERS]

    assert others.to_numpy().mean() == pytest.approx(5.2, abs=0.25)
    assert others.mean().between(4, 6.5).all()


def test_sickness_is_worst_at_the_turn_of_the_year_and_least_in_spring():
    by_month = sickness()[THE_OTHERS].mean(axis="columns")
    level = by_month.groupby(by_month.index.month).mean() - by_month.mean()

    # 33 team-months of a standard deviation of 1.2 each.
    assert level[[12, 1]].mean() == pytest.approx(1.0, abs=0.35)
    assert level[[4, 5]].mean() == pytest.approx(-0.6, abs=0.35)


def test_a_small_teams_sickness_jumps_from_month_to_month():
    others = sickness()[THE_OTHERS]
    seasons = others.mean(axis="columns")
    around = others.sub(seasons, axis="index").sub((others - others.to_numpy().mean()).mean())

    assert around.to_numpy().std() == pytest.approx(1.2, abs=0.15)


def test_nobody_loses_more_days_than_there_are():
    rows = table("absence_month")

    assert (rows["fte_days_lost"] <= rows["fte_days_available"]).all()
    assert (rows["fte_days_lost"] > 0).all()
    assert len(rows) == 12 * 36 * 2
