import pandas as pd
import pytest

from data.demo import places
from tests.data.demo.made_city import (
    EMERGENCY,
    FIRST_DAY,
    LAST_DAY,
    SEEDS,
    TEAMS,
    adult_emergencies,
    by_team_and_month,
    table,
)

# From then on some stays of less than a day are no longer recorded as admissions.
RECORDING_CHANGE = pd.Timestamp("2024-07-01")


def test_a_team_has_210_to_390_emergencies_of_adults_a_month_and_290_on_average():
    by_team = by_team_and_month(adult_emergencies()).mean()

    assert by_team.between(210, 390).all()
    assert by_team.mean() == pytest.approx(290, rel=0.02)


def test_of_1000_adults_about_99_are_admitted_in_an_emergency_each_year():
    people = places.population_frame(range(2024 * 12 + 9, 2024 * 12 + 12))
    adults = people[people["age_band"] != "0-17"]["people"].sum()
    before = adult_emergencies()[adult_emergencies()["admitted_on"] < RECORDING_CHANGE]

    assert 1000 * len(before) / 15 * 12 / adults == pytest.approx(99, rel=0.03)


def test_winter_has_more_emergencies_and_august_fewer():
    # Away from the North, where a recording change took some; four cities, for one's months jump.
    away = [team for team in TEAMS if team[0] != "N"]
    counts = sum(by_team_and_month(adult_emergencies(seed))[away].sum(axis=1) for seed in SEEDS)
    a_day = counts / counts.index.days_in_month

    level = a_day.groupby(a_day.index.month).mean() / a_day.mean()

    assert level[[12, 1]].mean() == pytest.approx(1.06, abs=0.015)
    assert level[8] == pytest.approx(0.96, abs=0.02)
    assert level.idxmin() == 8


def test_monday_is_the_busiest_day_for_emergencies_and_sunday_the_quietest():
    days = adult_emergencies()["admitted_on"].dt.day_of_week.value_counts(normalize=True)

    assert days.idxmax() == 0
    assert set(days.nsmallest(2).index) == {5, 6}
    assert 7 * days[0] == pytest.approx(1.18, abs=0.03)


def test_a_third_of_emergencies_go_home_the_same_day():
    before = adult_emergencies()[adult_emergencies()["admitted_on"] < RECORDING_CHANGE]

    assert (before["nights"] == 0).mean() == pytest.approx(0.33, abs=0.01)


def test_those_who_stay_a_night_stay_eight_and_a_half_days_on_average():
    nights = adult_emergencies()["nights"]
    stays = nights[nights >= 1]

    assert stays.mean() == pytest.approx(8.5, abs=0.25)
    assert stays.median() in (4, 5)
    for least, share in ((7, 0.33), (14, 0.15), (21, 0.08)):
        assert (stays >= least).mean() == pytest.approx(share, abs=0.012)


def test_the_oldest_stay_longest():
    stays = adult_emergencies()[adult_emergencies()["nights"] >= 1]
    by_age = stays.groupby("age_band")["nights"].mean()

    assert 10.8 <= by_age["85+"] <= 12.5
    assert by_age.idxmax() == "85+"
    assert by_age[["65-74", "75-84", "85+"]].is_monotonic_increasing


def test_one_in_seven_who_leave_is_back_in_an_emergency_within_30_days():
    spells = table("hospital_spell")
    adults = spells[spells["age_band"] != "0-17"]
    left = adults[
        adults["discharged_on"].notna()
        & (adults["discharge_method"] != "4")
        & ~adults["admission_method"].isin(["31", "32"])
    ]
    came = adults[adults["admission_method"].isin(EMERGENCY)]
    pairs = left.merge(came, on="person_key", suffixes=("", "_again"))
    days = (pairs["admitted_on_again"] - pairs["discharged_on"]).dt.days
    back = pairs[(days.between(0, 29)) & (pairs["spell_id"] != pairs["spell_id_again"])]

    assert 0.127 <= back["spell_id"].nunique() / len(left) <= 0.149


def test_nobody_lies_in_two_beds_on_one_night():
    spells = table("hospital_spell").sort_values(["person_key", "admitted_on", "discharged_on"])
    same = spells["person_key"] == spells["person_key"].shift()

    before = spells["discharged_on"].shift()
    assert same.sum() > 1000
    assert (spells["admitted_on"][same] >= before[same]).all()


def test_nine_in_ten_go_home_where_they_lived():
    left = adult_emergencies()[adult_emergencies()["discharged_on"].notna()]

    assert (left["discharge_destination"] == "19").mean() == pytest.approx(0.92, abs=0.01)


def test_what_comes_after_the_last_month_is_blank_and_not_invented():
    spells = table("hospital_spell")
    inside = spells["discharged_on"].isna()

    assert spells["admitted_on"].max() == LAST_DAY
    assert spells["discharged_on"].max() == LAST_DAY
    assert 300 < inside.sum() < 2000
    assert (inside == (spells["discharge_destination"] == "98")).all()
    assert (inside == (spells["discharge_method"] == "8")).all()


def test_whoever_was_in_hospital_on_the_first_day_is_there_too():
    earlier = table("hospital_spell")["admitted_on"] < FIRST_DAY

    rows = table("hospital_spell")[earlier]
    assert len(rows) > 300
    assert (rows["discharged_on"] >= FIRST_DAY).all()
    assert rows["admitted_on"].min() > FIRST_DAY - pd.DateOffset(months=6)


def test_every_spell_has_its_own_id_and_codes_that_fit_together():
    spells = table("hospital_spell")

    assert spells["spell_id"].is_unique
    mothers = spells[spells["admission_method"].isin(["31", "32"])]
    assert set(mothers["sex"]) == {"2"}
    day_cases = spells[spells["patient_classification"] == "2"]
    assert set(day_cases["admission_method"]) == {"11", "12", "13"}
    died = spells[spells["discharge_method"] == "4"]
    assert set(died["discharge_destination"]) == {"79"}
