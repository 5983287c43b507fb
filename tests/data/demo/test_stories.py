"""What is planted is in the records, for more seeds than the one that everybody sees."""

import pandas as pd
import pytest

from data.demo import stories
from data.demo.months import month_of
from data.demo.places import TEAMS
from tests.data.demo.made_city import (
    SEEDS,
    STRUGGLING,
    THE_OTHERS,
    adult_emergencies,
    backlog,
    by_team_and_month,
    sickness,
)

each_seed = pytest.mark.parametrize("seed", SEEDS)

BEFORE = slice("2023-04-30", "2024-03-31")
# From October 2025, when 18 months of drift are over.
AFTER = slice("2025-10-31", "2026-03-31")
SAME_MONTHS_BEFORE = slice("2023-10-31", "2024-03-31")

AT_NORTHGATE = [team.team_id for team in TEAMS if team.seen_at_northgate]
ELSEWHERE = [team for team in THE_OTHERS if team[0] != "N"]
# Teams with a story of their own that moves how many wait.
OWN_STORY = ["C1", "C3", "C4", "S1"]
YEAR_BEFORE, YEAR_AFTER = slice("2023-07-31", "2024-06-30"), slice("2024-07-31", "2025-06-30")


def test_the_drift_takes_18_months_and_one_team():
    struggling, other = TEAMS[1], TEAMS[0]

    steps = [stories.drift(struggling, month_of("2024-03") + number) for number in range(21)]

    assert steps == [*range(19), 18, 18]
    assert stories.drift(other, month_of("2026-03")) == 0
    assert stories.drifted(1000, 880, struggling, month_of("2024-12")) == 940
    assert stories.drifted(1000, 880, other, month_of("2024-12")) == 1000


@each_seed
def test_the_struggling_teams_admissions_fall_by_12_percent(seed):
    counts = by_team_and_month(adult_emergencies(seed))[STRUGGLING]

    fell = counts[AFTER].mean() / counts[SAME_MONTHS_BEFORE].mean() - 1

    assert fell == pytest.approx(-0.12, abs=0.03)


@each_seed
def test_meanwhile_its_backlog_grows_from_95_to_260(seed):
    waiting = backlog(seed)["waiting"][STRUGGLING]

    assert waiting[BEFORE].mean() == pytest.approx(95, abs=12)
    assert waiting[AFTER].mean() == pytest.approx(260, abs=25)


@each_seed
def test_meanwhile_those_without_anybody_grow_from_9_to_27_percent(seed):
    stands = backlog(seed)
    share = 100 * (stands["unallocated"] / stands["open"])[STRUGGLING]

    assert share[BEFORE].mean() == pytest.approx(9, abs=1.5)
    assert share[AFTER].mean() == pytest.approx(27, abs=3)


@each_seed
def test_meanwhile_its_sickness_grows_from_5_to_7_percent(seed):
    percent = sickness(seed)[STRUGGLING]

    # October to March is worse than the year by half a point, before as after.
    assert percent[BEFORE].mean() == pytest.approx(5.0, abs=0.35)
    assert percent[AFTER].mean() - percent[SAME_MONTHS_BEFORE].mean() == pytest.approx(2.4, abs=0.6)
    assert percent["2025-04-30":"2026-03-31"].mean() == pytest.approx(7.2, abs=0.4)


@each_seed
def test_the_other_teams_stay_as_they_were(seed):
    waiting, emergencies = backlog(seed)["waiting"], by_team_and_month(adult_emergencies(seed))

    unmoved = [team for team in THE_OTHERS if team not in OWN_STORY]
    for counts, teams in ((waiting, unmoved), (emergencies, ELSEWHERE)):
        change = counts.loc[AFTER, teams].mean() / counts.loc[SAME_MONTHS_BEFORE, teams].mean() - 1
        assert change.abs().max() < 0.25
        assert abs(change.mean()) < 0.04


@each_seed
def test_norths_admissions_are_9_percent_lower_from_july_2024(seed):
    counts = by_team_and_month(adult_emergencies(seed))
    before, after = counts[YEAR_BEFORE].sum(), counts[YEAR_AFTER].sum()
    # As many as there would be without the change, as elsewhere; the drifting team stands still.
    growth = after[ELSEWHERE].sum() / before[ELSEWHERE].sum()
    lost = before[AT_NORTHGATE].sum() * growth - after[AT_NORTHGATE].sum()

    fell = -lost / (before[[*AT_NORTHGATE, STRUGGLING]].sum() * growth)

    assert fell == pytest.approx(-0.09, abs=0.02)


@each_seed
def test_from_one_day_to_the_next_fewer_of_those_counted_go_home_the_same_day(seed):
    rows = adult_emergencies(seed)
    rows = rows[rows["team_id"].isin(AT_NORTHGATE)]
    quarter = rows["admitted_on"].dt.to_period("Q")

    same_day = (rows["nights"] == 0).groupby(quarter).mean()

    assert same_day[:"2024Q2"].between(0.29, 0.37).all()
    assert same_day["2024Q3":].between(0.19, 0.27).all()


@each_seed
def test_stays_look_longer_and_those_of_a_night_or_more_are_as_they_were(seed):
    rows = adult_emergencies(seed)
    rows = rows[rows["team_id"].isin(AT_NORTHGATE)]
    before = rows[rows["admitted_on"].between("2023-07-01", "2024-06-30")]
    after = rows[rows["admitted_on"].between("2024-07-01", "2025-06-30")]

    assert after["nights"].mean() - before["nights"].mean() == pytest.approx(0.9, abs=0.4)
    nights = (after["nights"] >= 1).sum() / (before["nights"] >= 1).sum()
    assert nights == pytest.approx(1, abs=0.05)


def test_the_recording_change_is_written_down_as_a_break_where_people_go_there():
    written = stories.annotation_frame()
    written = written[written["kind"] == "recording change"].query("scope_id != 'S4'")

    assert sorted(written["scope_id"]) == sorted(AT_NORTHGATE) == ["N1", "N3", "N4"]
    assert set(written["scope"]) == {"team"}
    assert set(written["on"]) == {pd.Timestamp("2024-07-01")}
    assert written["is_break"].all()
    assert set(written["affects_measures"]) == {"H01;H05"}
