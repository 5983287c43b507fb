"""What teams count themselves is what their own records say."""

import pandas as pd

from data.demo import joining_up
from tests.data.demo.made_city import TEAMS, table


def counts(measure: str) -> pd.DataFrame:
    """Return numerators and denominators by team and month."""
    rows = table("aggregate_submission").query("measure_id == @measure")
    indexed = rows.set_index(["team_id", "month"])[["numerator", "denominator"]]
    return indexed.sort_index()


def by_month(rows: pd.DataFrame, date: str) -> pd.Series:
    month = rows[date].dt.to_period("M").dt.to_timestamp().rename("month")
    counted = rows.groupby(["team_id", month]).size()
    return counted.reindex(counts("W03").index, fill_value=0)


def test_five_measures_are_sent_by_every_team_for_every_month():
    rows = table("aggregate_submission")

    assert set(rows["measure_id"]) == {"W03", "J05", "J07", "J08", "S02"}
    assert len(rows) == 5 * 12 * 36
    with_denominator = rows[rows["measure_id"] != "S02"]
    fits = with_denominator["numerator"] <= with_denominator["denominator"].astype(float)
    assert fits.all()


def test_teams_meet_two_to_five_times_and_a_gp_comes_to_some():
    rows = table("aggregate_submission").query("measure_id == 'J05'")
    totals = (
        rows.astype({"denominator": float}).groupby("team_id")[["numerator", "denominator"]].sum()
    )
    share = totals["numerator"] / totals["denominator"]

    assert rows["denominator"].between(2, 5).all()
    assert (rows["numerator"] <= rows["denominator"]).all()
    assert sorted(rows["team_id"].unique()) == sorted(TEAMS)
    # 40 to 90 in a hundred of about 130 meetings each.
    assert share.between(0.4 - 0.09, 0.9 + 0.09).all()
    assert share.max() - share.min() > 0.3


def test_meetings_with_a_gp_are_those_of_the_minutes():
    held = table("mdt_meeting").query("status == 'held'")
    gps = table("mdt_attendance").query("profession_id == 'gp' and mode != 'written'")

    said = counts("J05")
    assert by_month(held, "held_on").equals(said["denominator"].astype(int))
    with_gp = held[held["meeting_id"].isin(gps["meeting_id"])]
    assert by_month(with_gp, "held_on").equals(said["numerator"])
    assert table("mdt_attendance")["meeting_id"].isin(held["meeting_id"]).all()


def test_requests_refused_or_late_are_those_of_the_log():
    rows = table("information_request")
    silent = rows["answered_on"].isna()
    slow = pd.Series(
        [
            len(pd.bdate_range(asked, answered, inclusive="right")) > 2
            for asked, answered in zip(
                rows["asked_on"], rows["answered_on"].fillna(rows["asked_on"]), strict=True
            )
        ]
    )

    said = counts("J07")
    assert by_month(rows, "asked_on").equals(said["denominator"].astype(int))
    short = rows[(rows["result"] == "refused") | silent | slow]
    assert by_month(short, "asked_on").equals(said["numerator"])


def test_good_handovers_are_those_in_which_nothing_was_missing():
    rows = table("discharge_handover")
    good = rows[~rows[list(joining_up.ITEMS)].isin(["no"]).any(axis="columns")]

    said = counts("J08")
    assert by_month(rows, "discharged_on").equals(said["denominator"].astype(int))
    assert by_month(good, "discharged_on").equals(said["numerator"])


def test_days_not_out_are_those_of_the_weekly_tally():
    rows = table("workday_constraint")
    month = rows["week_start"].dt.to_period("M").dt.to_timestamp().rename("month")
    days = rows["days_not_out"].astype(int).groupby([rows["team_id"], month]).sum()

    assert days.tolist() == counts("W03")["numerator"].tolist()


def test_learning_is_counted_once_for_each_session():
    assert by_month(table("learning_session"), "held_on").equals(counts("S02")["numerator"])
