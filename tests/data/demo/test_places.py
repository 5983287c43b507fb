import pandas as pd
import pytest

from data.demo import places
from tests.data.demo.made_city import SPAN

POPULATION = places.population_frame(SPAN)


def share(bands: tuple[str, ...]) -> pd.Series:
    chosen = POPULATION[POPULATION["age_band"].isin(bands)]
    by = ["as_at", "team_id"]
    return chosen.groupby(by)["people"].sum() / POPULATION.groupby(by)["people"].sum()


def test_there_are_three_localities_of_four_teams():
    assert sorted(places.locality_frame()["name"]) == ["Central", "North", "South"]
    assert len(places.TEAMS) == 12
    localities = pd.Series([team.locality_id for team in places.TEAMS])
    assert localities.value_counts().to_dict() == {"N": 4, "C": 4, "S": 4}


def test_a_team_has_about_as_many_people_as_a_real_neighbourhood():
    people = POPULATION.groupby(["as_at", "team_id"])["people"].sum()

    assert people.between(32_000, 58_000).all()
    assert people.groupby("as_at").sum().between(530_000, 550_000).all()


def test_people_are_counted_every_quarter_and_there_are_a_few_more_each_time():
    people = POPULATION.groupby("as_at")["people"].sum()

    assert list(people.index) == list(pd.date_range("2023-04-01", "2026-01-01", freq="QS"))
    assert people.is_monotonic_increasing


@pytest.mark.parametrize(
    ("bands", "least", "most"),
    [
        (places.AGE_BANDS[1:], 77, 80),
        (("65-74", "75-84", "85+"), 9, 16),
        (("85+",), 1.0, 2.2),
    ],
    ids=["adults", "65 and over", "85 and over"],
)
def test_ages_are_those_of_a_young_city(bands, least, most):
    percent = 100 * share(bands)

    rounded = percent.round(0 if most > 3 else 1)
    assert rounded.between(least, most).all()


def test_central_is_young_and_the_south_is_old():
    older = share(("65-74", "75-84", "85+")).groupby("team_id").mean()

    assert (
        older[older.index.str.startswith("C")].max()
        < older.drop([team for team in older.index if team.startswith("C")]).min()
    )
    assert older.idxmax()[0] == "S"


def test_every_teams_ages_add_up_to_all_its_people():
    assert [sum(team.ages) for team in places.TEAMS] == [1000] * 12


def test_emergency_use_differs_by_deprivation_within_what_is_known():
    deprivation = [team.deprivation for team in places.TEAMS]

    assert min(deprivation) >= 80
    assert max(deprivation) <= 135


def test_practices_have_lists_of_usual_size():
    sizes = [size for team in places.TEAMS for size in places.practices(team)[1]]

    assert len(sizes) == 90
    assert min(sizes) >= 3_000
    assert max(sizes) <= 15_000
    assert all(6 <= len(places.practices(team)[0]) <= 9 for team in places.TEAMS)


def test_no_practice_and_no_hospital_can_be_a_real_one():
    codes = pd.Series(places.practice_codes())

    assert codes.is_unique
    assert codes.str.fullmatch(r"Z9\d{4}").all()
    assert {places.NORTHGATE[:2], places.ROYAL[:2]} == {"Z9"}


def test_three_practices_with_9400_people_change_their_team_and_no_other_does():
    rows = places.practice_team_frame()
    moved = rows[rows["practice_code"].isin(places.redrawn_practices())]
    people = POPULATION.groupby(["team_id", "as_at"])["people"].sum()
    change = people.unstack("as_at").diff(axis="columns")[pd.Timestamp(places.REDRAWN)]

    assert len(places.redrawn_practices()) == 3
    assert moved["team_id"].tolist() == ["C1", "C4"] * 3
    ends, starts = moved.iloc[::2]["valid_to"], moved.iloc[1::2]["valid_from"]
    assert ends.tolist() == starts.tolist() == [pd.Timestamp(places.REDRAWN)] * 3
    assert change["C1"] == pytest.approx(-9_400, abs=250)
    assert change["C4"] == pytest.approx(9_400, abs=250)
    assert change.drop(["C1", "C4"]).between(0, 200).all()
    (line,) = places.team_lineage_frame().to_dict("records")
    assert (line["from_team_id"], line["to_team_id"], float(line["share"])) == ("C1", "C4", 0.19)


def test_a_teams_history_runs_from_its_founding_without_a_gap():
    for _, stages in places.team_frame().groupby("team_id"):
        assert str(stages["valid_from"].iloc[0].date()) == places.FOUNDED
        assert stages["valid_to"].iloc[:-1].tolist() == stages["valid_from"].iloc[1:].tolist()
        assert stages["valid_to"].isna().tolist() == [False] * (len(stages) - 1) + [True]


def test_teams_are_at_different_stages():
    now = places.team_frame().drop_duplicates("team_id", keep="last")

    assert set(now["stage"]) == {"forming", "team lead appointed", "co-located", "integrated"}
    assert (now["colocated_from"].notna() == now["stage"].isin(["co-located", "integrated"])).all()


def test_a_practices_team_and_list_are_the_same_for_every_seed():
    places.practices.cache_clear()
    before = [places.practices(team) for team in places.TEAMS]

    places.practices.cache_clear()

    assert [places.practices(team) for team in places.TEAMS] == before
