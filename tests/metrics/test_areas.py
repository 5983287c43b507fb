import datetime
from collections.abc import Iterator
from dataclasses import replace

import pytest

from data.records import create_tables
from data.snapshots import Connection, memory
from data.team_changes import TeamChange
from metrics.areas import Area, Event, read_areas, read_events, with_team_changes
from tests.metrics.measure_tables import CITY, CONTRACTS, a_team, day

LAST_MONTH = day("2025-03-01")


@pytest.fixture
def connection() -> Iterator[Connection]:
    with memory() as connection:
        create_tables(connection, CONTRACTS)
        yield connection


def insert(connection: Connection, table: str, *rows: dict) -> None:
    for row in rows:
        columns = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        connection.execute(
            f'INSERT INTO main."{table}" ({columns}) VALUES ({marks})', list(row.values())
        )


def a_locality(code: str, name: str, since: str = "2000-01-01", until: str | None = None) -> dict:
    return {
        "locality_id": code,
        "name": name,
        "valid_from": day(since),
        "valid_to": None if until is None else day(until),
    }


def read(connection: Connection) -> list[tuple[str, str, str]]:
    return [(area.level, area.id, area.name) for area in read_areas(connection, CITY, LAST_MONTH)]


# ---------------------------------------------------------------- areas


def test_the_partnership_comes_first_then_each_locality_followed_by_its_teams(connection):
    insert(connection, "locality", a_locality("S", "South"), a_locality("N", "North"))
    insert(connection, "team", a_team("S1", "S"), a_team("N2", "N"), a_team("N1", "N"))

    areas = read_areas(connection, CITY, LAST_MONTH)

    assert [area.id for area in areas] == ["city", "N", "N1", "N2", "S", "S1"]
    assert [area.order for area in areas] == list(range(6))
    assert [area.parent_id for area in areas] == [None, "city", "N", "N", "city", "S"]
    assert areas[0].name == areas[0].short_name == "City"


def test_a_team_has_its_latest_name_locality_and_stage(connection):
    insert(connection, "locality", a_locality("N", "North"), a_locality("S", "South"))
    insert(
        connection,
        "team",
        {**a_team("T1", "N", until="2024-07-01"), "name": "Old", "stage": "forming"},
        {
            **a_team("T1", "S", since="2024-07-01"),
            "name": "New",
            "short_name": "Nw",
            "stage": "co-located",
        },
    )

    team = read_areas(connection, CITY, LAST_MONTH)[-1]

    assert (team.name, team.short_name, team.parent_id) == ("New", "Nw", "S")
    assert team.stage == "co-located"


def test_without_a_short_name_it_is_the_name(connection):
    insert(connection, "locality", a_locality("N", "North"))
    insert(connection, "team", {**a_team("T1", "N"), "name": "North 1"})

    assert read_areas(connection, CITY, LAST_MONTH)[-1].short_name == "North 1"


def test_what_is_planned_for_later_is_not_true_yet(connection):
    insert(
        connection,
        "locality",
        a_locality("N", "North", until="2025-09-01"),
        a_locality("N", "Far North", since="2025-09-01"),
        a_locality("S", "South"),
    )
    insert(
        connection,
        "team",
        {**a_team("T1", "N", until="2025-04-01"), "name": "Now"},
        {**a_team("T1", "S", since="2025-04-01"), "name": "Soon"},
        a_team("T2", "N", since="2025-04-01"),
    )

    assert read(connection) == [
        ("partnership", "city", "City"),
        ("locality", "N", "North"),
        ("team", "T1", "Now"),
    ]


def test_what_began_or_ended_within_the_last_month_is_there(connection):
    insert(connection, "locality", a_locality("N", "North"))
    insert(
        connection,
        "team",
        a_team("T1", "N", since="2025-03-31"),
        a_team("T2", "N", until="2025-03-02"),
        a_team("T3", "N", until="2025-03-01"),
    )

    assert [name for _, _, name in read(connection)] == ["City", "North", "T1", "T2"]


def test_a_locality_without_teams_is_left_out(connection):
    insert(connection, "locality", a_locality("N", "North"), a_locality("S", "South"))
    insert(connection, "team", a_team("T1", "N"), a_team("T2", "S", until="2024-01-01"))

    assert [area for _, area, _ in read(connection)] == ["city", "N", "T1"]


def test_an_area_comes_back_from_json_as_it_was(connection):
    insert(connection, "locality", a_locality("N", "“North” & co"))
    insert(connection, "team", a_team("T1", "N"))

    for area in read_areas(connection, CITY, LAST_MONTH):
        assert Area.model_validate_json(area.model_dump_json(by_alias=True)) == area


# ---------------------------------------------------------------- events


def an_event(**more: object) -> Event:
    whole = {"scope": "locality", "scope_id": "N", "on": day("2025-02-03"), "kind": "winter"}
    return Event.model_validate({**whole, "text": "Snow.", **more})


def test_events_are_read_oldest_first_with_the_measures_they_bear_on(connection):
    insert(
        connection,
        "annotation",
        {
            "scope": "team",
            "scope_id": "T1",
            "on": day("2025-02-03"),
            "until": day("2025-03-01"),
            "kind": "outage",
            "text": "The system was down.",
            "affects_measures": "H01; H05 ;",
            "is_break": True,
        },
        {
            "scope": "partnership",
            "scope_id": "city",
            "on": day("2024-12-01"),
            "kind": "winter",
            "text": "Flu.",
        },
    )

    earlier, later = read_events(connection)

    assert (earlier.text, earlier.measure_ids, earlier.is_break) == ("Flu.", (), False)
    assert earlier.until is None
    assert (later.measure_ids, later.is_break) == (("H01", "H05"), True)
    assert later.until == day("2025-03-01")


TEAM_IN_N = [("team", "T1"), ("locality", "N"), ("partnership", "city")]


@pytest.mark.parametrize(
    ("scope", "scope_id", "bears"),
    [
        ("team", "T1", True),
        ("locality", "N", True),
        ("partnership", "city", True),
        ("team", "T2", False),
        ("locality", "S", False),
        ("partnership", "other", False),
        # The code of the locality, but a team's.
        ("team", "N", False),
    ],
)
def test_an_event_bears_on_the_area_it_names_and_on_those_inside(scope, scope_id, bears):
    event = an_event(scope=scope, scope_id=scope_id)

    assert event.bears_on("F02", TEAM_IN_N) == bears


def test_an_event_in_a_team_does_not_bear_on_its_locality():
    event = an_event(scope="team", scope_id="T1")

    assert not event.bears_on("F02", TEAM_IN_N[1:])


def test_an_event_bears_on_the_measures_it_names_and_on_all_if_it_names_none():
    assert an_event(measure_ids=("H01", "F02")).bears_on("F02", TEAM_IN_N)
    assert not an_event(measure_ids=("H01",)).bears_on("F02", TEAM_IN_N)
    assert an_event().bears_on("F02", TEAM_IN_N)


@pytest.mark.parametrize(
    ("kind", "is_break", "explains"),
    [
        ("recording change", False, True),
        ("reconfiguration", False, True),
        ("system change", False, True),
        ("outage", False, True),
        ("winter", False, False),
        ("staffing", False, False),
        ("co-location", False, False),
        ("policy", False, False),
        ("policy", True, True),
    ],
)
def test_a_change_of_what_is_counted_may_explain_a_figure(kind, is_break, explains):
    assert an_event(kind=kind, is_break=is_break).may_explain == explains


def test_every_kind_of_event_that_can_be_recorded_is_tested_here():
    recorded = {
        *("recording change", "reconfiguration", "system change", "outage"),
        *("winter", "staffing", "co-location", "policy"),
    }

    assert set(CONTRACTS["annotation"].column("kind").allowed) == recorded


def test_an_event_comes_back_from_json_as_it_was():
    event = an_event(until=datetime.date(2025, 3, 1), measure_ids=("H01",), is_break=True)

    assert Event.model_validate_json(event.model_dump_json(by_alias=True)) == event


NORTH = [
    Area(level="partnership", id="city", name="City", short_name="City"),
    Area(level="locality", id="N", name="North", short_name="North", parent_id="city"),
    Area(level="team", id="N1", name="North 1", short_name="North 1", parent_id="N"),
]
CHANGED = TeamChange("team", "N1", datetime.date(2025, 2, 3), "It has another practice.")


def test_a_change_of_whose_people_an_area_has_is_an_event_at_which_it_starts_again():
    snow = an_event(on="2025-05-01")

    first, second = with_team_changes([snow], [CHANGED], NORTH)

    assert second == snow
    assert (first.scope, first.scope_id, first.on) == ("team", "N1", CHANGED.on)
    assert (first.text, first.kind) == (CHANGED.text, "reconfiguration")
    assert first.is_break
    assert first.bears_on("H01", [("team", "N1"), ("locality", "N"), ("partnership", "city")])


def test_a_locality_that_has_other_people_is_no_break_of_the_teams_in_it():
    (event,) = with_team_changes([], [replace(CHANGED, scope="locality", scope_id="N")], NORTH)

    assert event.bears_on("H01", [("locality", "N"), ("partnership", "city")])
    assert not event.bears_on("H01", [("team", "N1"), ("locality", "N"), ("partnership", "city")])


@pytest.mark.parametrize(
    ("written", "doubled"),
    [
        ({}, False),
        ({"scope": "locality", "scope_id": "N"}, False),
        ({"scope": "partnership", "scope_id": "city"}, False),
        ({"on": "2025-02-08"}, False),
        ({"measure_ids": ("F01",)}, False),
        ({"on": "2025-03-03"}, True),
        ({"scope_id": "N2"}, True),
        ({"is_break": False}, True),
        ({"kind": "outage"}, True),
    ],
)
def test_a_break_that_somebody_wrote_down_is_not_said_twice(written, doubled):
    same = {"scope": "team", "scope_id": "N1", "kind": "reconfiguration", "is_break": True}
    event = an_event(**{**same, **written})

    assert len(with_team_changes([event], [CHANGED], NORTH)) == 1 + doubled


def test_nothing_is_said_of_a_team_that_is_there_no_longer():
    gone = replace(CHANGED, scope_id="N9")

    assert with_team_changes([], [gone], NORTH) == []
