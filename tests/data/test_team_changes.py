import datetime
from collections.abc import Iterator

import pytest

from data.contract import load_contracts
from data.home import Settings, Words
from data.records import create_prepared, create_tables
from data.snapshots import Connection, memory
from data.team_changes import TeamChange, team_changes

CONTRACTS = load_contracts()
CITY = Settings(id="city", name="City")
FIRST, LAST = datetime.date(2024, 1, 1), datetime.date(2025, 12, 1)
OLD = "2015-01-01"


class Places:
    """The lists of a small partnership, to which a test adds what became of them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        create_tables(connection, CONTRACTS)
        create_prepared(connection, CITY)
        for code, name in (("N", "North"), ("S", "South")):
            self.add("locality", locality_id=code, name=name, valid_from=OLD)

    def add(self, table: str, **row: object) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*row.values()])

    def team(
        self, code: str, locality: str = "", since: str = OLD, until: str | None = None
    ) -> None:
        self.add(
            "team",
            team_id=code,
            locality_id=locality or code[0],
            name=f"Team {code}",
            valid_from=since,
            valid_to=until,
        )

    def practice(self, code: str, team: str, since: str = OLD, until: str | None = None) -> None:
        self.add(
            "practice_team", practice_code=code, team_id=team, valid_from=since, valid_to=until
        )

    def moved(self, code: str, left: str, came: str, on: str) -> None:
        self.practice(code, left, until=on)
        self.practice(code, came, since=on)

    def people(self, team: str, **on: int) -> None:
        for quarter, people in on.items():
            as_at = {"before": "2025-04-01", "after": "2025-07-01"}[quarter]
            self.add(
                "population",
                team_id=team,
                as_at=as_at,
                age_band="25-44",
                sex="1",
                people=people,
                basis="registered",
            )

    def became(self, left: str, came: str, on: str, share: float, kind: str) -> None:
        self.add(
            "team_lineage",
            from_team_id=left,
            to_team_id=came,
            changed_on=on,
            share=share,
            kind=kind,
        )

    def changes(self, words: Words = CITY.words) -> list[TeamChange]:
        return team_changes(self.connection, words, FIRST, LAST)

    def areas(self) -> list[tuple[str, str, str]]:
        return [(c.scope, c.scope_id, f"{c.on}") for c in self.changes()]


@pytest.fixture
def places() -> Iterator[Places]:
    with memory() as connection:
        yield Places(connection)


@pytest.fixture
def north(places: Places) -> Places:
    """Two teams in one locality, with two practices each."""
    for team in ("N1", "N2"):
        places.team(team)
        for number in (1, 2):
            places.practice(f"{team}-{number}", team)
    return places


def test_where_nothing_changed_there_is_nothing_to_say(north: Places) -> None:
    north.people("N1", before=10_000, after=14_000)

    assert north.changes() == []


@pytest.mark.parametrize(
    ("after", "areas"),
    [
        (9_700, []),
        (9_501, []),
        (9_500, [("team", "N1", "2025-06-01")]),
        (9_000, [("team", "N1", "2025-06-01")]),
    ],
)
def test_a_practice_that_moves_breaks_where_a_twentieth_of_the_people_go(
    north: Places, after: int, areas: list[tuple[str, str, str]]
) -> None:
    # The team that it came to is ten times as large: to that one it is little.
    north.moved("P", "N1", "N2", "2025-06-01")
    north.people("N1", before=10_000, after=after)
    north.people("N2", before=100_000, after=100_000 + 10_000 - after)

    assert north.areas() == areas


def test_what_is_said_names_the_practice_the_other_team_and_how_many(north: Places) -> None:
    north.moved("P", "N1", "N2", "2025-06-01")
    north.people("N1", before=10_000, after=9_000)
    north.people("N2", before=5_000, after=6_000)

    assert [change.text for change in north.changes()] == [
        "From June 2025 Team N1 no longer has practice P, which went to Team N2: 10% of its people."
        " Figures before and after are of different people, so the series starts again.",
        "From June 2025 Team N2 has practice P from Team N1: 20% of its people."
        " Figures before and after are of different people, so the series starts again.",
    ]


def test_a_move_of_unknown_size_is_a_break_and_says_so(north: Places) -> None:
    north.moved("P", "N1", "N2", "2025-06-11")

    left, came = north.changes()

    assert left.text.startswith("From 11 June 2025 Team N1 no longer has practice P, which went")
    assert "how many people that is was not said" in left.text
    assert (left.scope_id, came.scope_id) == ("N1", "N2")


def test_the_share_in_the_list_of_what_became_of_teams_goes_before_the_count_of_people(
    north: Places,
) -> None:
    north.moved("P", "N1", "N2", "2025-06-01")
    north.became("N1", "N2", "2025-06-01", 0.04, "boundary")
    north.people("N1", before=10_000, after=2_000)
    # To the other, which is smaller, 400 people are a tenth.
    north.people("N2", before=4_000, after=4_000)

    (change,) = north.changes()

    assert change.scope_id == "N2"
    assert "10% of its people" in change.text


def test_people_who_came_and_others_who_went_do_not_cancel_out(north: Places) -> None:
    north.moved("P", "N1", "N2", "2025-06-01")
    north.moved("Q", "N2", "N1", "2025-06-01")
    north.people("N1", before=10_000, after=10_000)
    north.people("N2", before=10_000, after=10_000)

    assert north.areas() == [("team", "N1", "2025-06-01"), ("team", "N2", "2025-06-01")]


def test_a_practice_under_a_new_code_is_no_change_where_the_people_are_as_many(
    north: Places,
) -> None:
    north.practice("P", "N1", until="2025-06-01")
    north.practice("Q", "N1", since="2025-06-01")
    north.people("N1", before=10_000, after=10_010)

    assert north.changes() == []


def test_a_team_that_others_merged_into_starts_again_and_their_locality_does_not(
    north: Places,
) -> None:
    north.team("N3", until="2025-06-01")
    north.moved("P", "N3", "N1", "2025-06-01")
    north.became("N3", "N1", "2025-06-01", 1, "merge")

    (change,) = north.changes()

    assert (change.scope, change.scope_id) == ("team", "N1")
    assert "has the people of Team N3, which merged into it" in change.text


def test_a_practice_still_listed_under_a_merged_team_belongs_to_the_one_that_took_over(
    north: Places,
) -> None:
    north.team("N3", until="2025-06-01")
    north.practice("P", "N3")
    north.became("N3", "N1", "2025-06-01", 1, "merge")

    assert north.areas() == [("team", "N1", "2025-06-01")]


def test_a_team_that_was_divided_starts_again_and_the_new_one_just_starts(north: Places) -> None:
    north.team("N3", since="2025-06-01")
    north.moved("P", "N1", "N3", "2025-06-01")
    north.became("N1", "N3", "2025-06-01", 0.3, "split")

    (change,) = north.changes()

    assert (change.scope, change.scope_id) == ("team", "N1")
    assert "no longer has practice P, which went to Team N3: 30% of its people" in change.text


def test_a_team_under_another_code_or_another_name_is_the_same_team(north: Places) -> None:
    north.team("N3", until="2025-06-01")
    north.team("N4", since="2025-06-01")
    north.moved("P", "N3", "N4", "2025-06-01")
    north.became("N3", "N4", "2025-06-01", 1, "rename")
    north.team("N5", until="2025-06-01")
    north.team("N5", since="2025-06-01")

    assert north.changes() == []


def test_a_list_of_practices_that_begins_later_than_its_team_is_no_change(north: Places) -> None:
    north.team("N3")
    north.practice("P", "N3", since="2025-06-01")

    assert north.changes() == []


def test_a_practice_that_belonged_to_no_team_before_is_new(north: Places) -> None:
    north.practice("P", "N1", since="2025-06-01")

    (change,) = [change for change in north.changes() if change.scope == "team"]

    assert "has practice P, which belonged to no neighbourhood before" not in change.text
    assert "has practice P, which belonged to no team before" in change.text


def test_the_partnerships_own_words_are_used(north: Places) -> None:
    north.practice("P", "N1", until="2025-06-01")

    changes = north.changes(Words(team="neighbourhood"))

    assert "which belongs to no neighbourhood now" in changes[0].text


def test_changes_before_the_first_figure_and_after_the_last_are_no_breaks(north: Places) -> None:
    north.moved("P", "N1", "N2", "2024-01-01")
    north.moved("Q", "N1", "N2", "2026-01-01")

    assert north.changes() == []


def test_a_locality_starts_again_only_where_people_came_to_it_or_left_it(north: Places) -> None:
    north.team("S1")
    north.practice("S1-1", "S1")
    north.moved("P", "N1", "S1", "2025-06-01")

    assert north.areas() == [
        ("team", "N1", "2025-06-01"),
        ("team", "S1", "2025-06-01"),
        ("locality", "N", "2025-06-01"),
        ("locality", "S", "2025-06-01"),
    ]


def test_what_is_much_to_a_team_may_be_little_to_its_locality(north: Places) -> None:
    north.team("S1")
    north.moved("P", "N1", "S1", "2025-06-01")
    north.people("N1", before=10_000, after=9_000)
    north.people("N2", before=90_000, after=90_000)
    north.people("S1", before=50_000, after=51_000)

    assert north.areas() == [("team", "N1", "2025-06-01")]


def test_a_team_that_goes_to_another_locality_breaks_both_and_not_itself(north: Places) -> None:
    north.team("S1")
    north.team("N3", until="2025-06-01")
    north.team("N3", "S", since="2025-06-01")
    north.practice("P", "N3")

    assert [(change.scope_id, change.text.split(".")[0]) for change in north.changes()] == [
        ("N", "From June 2025 North no longer has Team N3"),
        ("S", "From June 2025 South has Team N3"),
    ]


def test_a_team_that_is_new_or_closed_with_nobody_taking_over_changes_its_locality(
    north: Places,
) -> None:
    north.team("S1")
    north.team("S2", since="2025-06-01")
    north.team("N3", until="2025-09-01")

    assert north.areas() == [("locality", "S", "2025-06-01"), ("locality", "N", "2025-09-01")]
