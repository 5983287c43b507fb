import pandas as pd
import pytest

from data.demo.stories import DUTY_TEAM
from tests.data.demo.made_city import (
    FIRST_DAY,
    LAST_DAY,
    MONTH_ENDS,
    THE_OTHERS,
    backlog,
    by_team_and_month,
    month_ends,
    table,
)

DATES = ["accepted_on", "allocated_on", "first_contact_on", "assessed_on", "closed_on"]


def received() -> pd.DataFrame:
    rows = table("referral")
    rows = rows[rows["received_at"] >= FIRST_DAY]
    return rows.assign(month=month_ends(rows["received_at"]))


def waits(sector: str, priority: str) -> pd.Series:
    """Return days to the first contact or assessment, in all teams but the struggling one."""
    rows = received()
    rows = rows[
        (rows["sector"] == sector)
        & (rows["priority"] == priority)
        & rows["team_id"].isin(THE_OTHERS)
    ]
    seen = rows[["first_contact_on", "assessed_on"]].min(axis="columns")
    return (seen - rows["received_at"].dt.normalize()).dt.days.dropna()


def test_a_team_receives_200_to_320_referrals_a_month_and_60_to_110_for_social_care():
    everybody = by_team_and_month(received()).mean()
    social_care = by_team_and_month(received().query("sector == 'social care'")).mean()

    assert everybody.between(200, 320).all()
    assert social_care.between(60, 110).all()


def test_60_to_150_wait_for_health_and_40_to_120_for_social_care():
    health = backlog(sector="health")["waiting"].mean()
    social_care = backlog(sector="social care")["waiting"].mean()

    assert health.between(60, 150).all()
    assert social_care.between(40, 120).all()


def test_of_those_who_wait_a_few_have_waited_18_weeks_and_hardly_any_a_year():
    rows = table("referral").query("sector == 'health' and team_id in @THE_OTHERS")
    seen_or_closed = rows[["first_contact_on", "closed_on"]].min(axis="columns")
    days: list[int] = []
    for day in MONTH_ENDS:
        waiting = (rows["received_at"].dt.normalize() <= day) & ~(seen_or_closed <= day)
        days += (day - rows["received_at"][waiting].dt.normalize()).dt.days.tolist()
    waited = pd.Series(days)

    assert 0.05 <= (waited >= 18 * 7).mean() <= 0.12
    assert 0.010 <= (waited >= 52 * 7).mean() <= 0.016


def test_8_to_22_percent_of_social_care_cases_and_2_to_8_of_nursing_have_nobody():
    shares = {}
    for sector in ("health", "social care"):
        counted = backlog(sector=sector)
        # Where cases were given to a duty desk they stay without anybody for longer.
        usual = [team for team in THE_OTHERS if team != DUTY_TEAM]
        shares[sector] = 100 * (counted["unallocated"] / counted["open"])[usual]

    # A team's own share moves about its level from month to month.
    assert 2 <= shares["health"].to_numpy().mean() <= 8
    assert shares["health"].mean().between(2, 8.5).all()
    assert 8 <= shares["social care"].to_numpy().mean() <= 22
    assert shares["social care"].mean().between(8, 22).all()


def test_urgent_nursing_comes_within_two_days_and_routine_after_twelve():
    assert waits("health", "2-hour").quantile(0.95) == 0
    assert waits("health", "2-day").median() <= 2
    routine = waits("health", "routine")
    assert routine.median() == pytest.approx(12, abs=1)
    assert routine.quantile(0.25) == pytest.approx(5, abs=1)
    assert 20 <= routine.quantile(0.75) <= 28


def test_an_assessment_comes_after_four_weeks_and_some_wait_most_of_a_year():
    days = pd.concat([waits("social care", "urgent"), waits("social care", "routine")])

    assert 27 <= days.median() <= 41
    assert 286 <= days.quantile(0.997) <= 540


def test_one_in_eight_comes_back_within_90_days_of_being_closed():
    rows = table("referral")[["referral_id", "person_key", "received_at", "closed_on"]]
    closed = rows[rows["closed_on"] < LAST_DAY - pd.Timedelta(days=90)]
    pairs = closed.merge(rows, on="person_key", suffixes=("", "_again"))
    days = (pairs["received_at_again"].dt.normalize() - pairs["closed_on"]).dt.days
    back = pairs[days.between(0, 90) & (pairs["referral_id"] != pairs["referral_id_again"])]

    assert 0.08 <= back["referral_id"].nunique() / len(closed) <= 0.16


def test_nothing_happens_before_it_can():
    rows = table("referral")
    day = rows["received_at"].dt.normalize()
    seen = rows[["first_contact_on", "assessed_on"]].min(axis="columns")

    for name in DATES:
        assert (rows[name] >= day)[rows[name].notna()].all(), name
    assert not (rows["closed_on"] < seen).any()
    assert not (rows["closed_on"] < rows["allocated_on"]).any()
    assert not (seen < rows["allocated_on"]).any()


def test_health_has_contacts_and_social_care_assessments_and_none_at_weekends():
    rows = table("referral")
    health = rows["sector"] == "health"

    assert rows["assessed_on"][health].isna().all()
    assert rows["first_contact_on"][~health].isna().all()
    assert rows["assessed_on"].dropna().dt.day_of_week.max() == 4


def test_what_comes_after_the_last_month_is_blank_and_not_invented():
    rows = table("referral")

    assert rows["received_at"].max() < LAST_DAY + pd.Timedelta(days=1)
    assert rows[DATES].max().max() == LAST_DAY
    assert (rows["allocated_to_key"].isna() == rows["allocated_on"].isna()).all()
    assert (rows["outcome"].isna() == rows["closed_on"].isna()).all()


def test_what_was_open_on_the_first_day_is_there_too():
    rows = table("referral")[table("referral")["received_at"] < FIRST_DAY]

    assert len(rows) > 2000
    assert not (rows["closed_on"] < FIRST_DAY).any()


def test_three_in_a_hundred_are_parked_on_a_duty_desk():
    workers = table("referral")["allocated_to_key"].dropna()

    assert (workers == "DUTY").mean() == pytest.approx(0.03, abs=0.004)
    assert workers.nunique() == 12 * 26 + 1


def test_every_referral_has_its_own_id():
    assert table("referral")["referral_id"].is_unique
