import datetime
from collections.abc import Callable, Iterator

import pytest

from data.contract import load_contracts
from data.doubtful import DOUBTS, Doubt, find_doubts
from data.home import Settings
from data.records import create_prepared, create_tables
from data.snapshots import Connection, memory

CONTRACTS = load_contracts()
TODAY = datetime.date(2025, 6, 1)
Put = Callable[..., None]


@pytest.fixture
def tables() -> Iterator[Connection]:
    with memory() as connection:
        create_tables(connection, CONTRACTS)
        create_prepared(connection, Settings(id="small", name="Small", duty_desks=("DUTY",)))
        yield connection


@pytest.fixture
def put(tables: Connection) -> Put:
    """Put one row into a table."""

    def _put(table: str, **row: object) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        tables.execute(f'INSERT INTO main."{table}" ({names}) VALUES ({marks})', [*row.values()])

    return _put


def found(tables: Connection) -> dict[str, Doubt]:
    return {doubt.rule: doubt for doubt in find_doubts(tables, CONTRACTS, TODAY)}


def test_every_doubt_says_what_it_is_and_what_to_do() -> None:
    for file in DOUBTS.glob("*.sql"):
        comment = [line for line in file.read_text("utf-8").splitlines() if line.startswith("--")]
        said = " ".join(line.removeprefix("-- ") for line in comment)
        assert said.count(". ") >= 1, file.name
        assert said.endswith("."), file.name


def test_where_nothing_is_loaded_nothing_is_doubtful(tables: Connection) -> None:
    assert found(tables) == {}


def test_a_doubt_has_its_areas_months_and_examples_and_no_person(
    tables: Connection, put: Put
) -> None:
    put(
        "hospital_spell",
        spell_id="s1",
        person_key="p1",
        admitted_on="2024-01-01",
        discharged_on="2024-02-01",
        discharge_method="4",
    )
    for number in range(7):
        put(
            "referral",
            referral_id=f"r{number}",
            person_key="p1",
            team_id=f"N{number % 2 + 1}",
            received_at=f"2024-0{number + 3}-01",
        )

    doubt = found(tables)["after_death"]

    assert (doubt.rows, dict(doubt.areas)) == (7, {"N1": 4, "N2": 3})
    assert doubt.months == ("2024-03", "2024-09")
    assert doubt.examples == ("r0", "r1", "r2", "r3", "r4")
    assert "p1" not in str(doubt.as_dict())


def test_on_the_day_of_death_itself_nothing_is_doubtful(tables: Connection, put: Put) -> None:
    put(
        "service",
        service_id="e1",
        person_key="p1",
        team_id="N1",
        started_on="2024-01-01",
        ended_on="2024-02-01",
        died_on="2024-02-01",
    )
    put(
        "referral",
        referral_id="r1",
        person_key="p1",
        team_id="N1",
        received_at="2024-02-01",
        closed_on="2024-02-01",
    )

    assert found(tables) == {}


@pytest.mark.parametrize(
    ("received", "doubtful"), [("2023-05-31", True), ("2023-06-01", False), ("2023-06-02", False)]
)
def test_a_record_is_old_after_two_years(
    tables: Connection, put: Put, received: str, doubtful: bool
) -> None:
    put("referral", referral_id="r1", team_id="N1", received_at=received)

    assert ("open_without_contact" in found(tables)) is doubtful


def test_a_contact_shows_that_somebody_is_there(tables: Connection, put: Put) -> None:
    put("referral", referral_id="r1", team_id="N1", received_at="2020-05-31")
    put("contact", contact_id="c1", referral_id="r1", team_id="N1", started_at="2020-06-01 10:00")

    assert "open_without_contact" not in found(tables)


@pytest.mark.parametrize(
    ("kind", "began", "ended", "doubtful"),
    [
        ("a", "2023-11-06", None, True),
        ("a", "2023-11-06", "2024-04-02", True),
        ("a", "2023-11-06", "2024-03-31", False),
        ("b", "2023-11-06", None, False),
        ("a", "2024-04-01", None, False),
    ],
)
def test_a_start_on_1_april_is_doubtful_only_beside_an_earlier_one_still_open(
    tables: Connection, put: Put, kind: str, began: str, ended: str | None, doubtful: bool
) -> None:
    put(
        "service",
        service_id="e1",
        person_key="p1",
        team_id="N1",
        type=kind,
        started_on=began,
        ended_on=ended,
    )
    put(
        "service", service_id="e2", person_key="p1", team_id="N1", type="a", started_on="2024-04-01"
    )

    assert ("restarted_on_1_april" in found(tables)) is doubtful


@pytest.mark.parametrize(("cases", "doubtful"), [(5, False), (6, True)])
def test_more_than_five_times_the_middle_is_far_more(
    tables: Connection, put: Put, cases: int, doubtful: bool
) -> None:
    for worker, count in {"w1": 1, "w2": 1, "w3": 1, "duty ": 30, "big": cases}.items():
        for number in range(count):
            put(
                "referral",
                referral_id=f"{worker}{number}",
                team_id="N1",
                received_at="2025-04-01",
                allocated_on="2025-04-02",
                allocated_to_key=worker,
            )

    assert ("worker_with_far_more" in found(tables)) is doubtful


def test_what_another_table_should_know_is_doubtful_where_it_does_not(
    tables: Connection, put: Put
) -> None:
    put("contact", contact_id="c1", referral_id="r1", team_id="N1", started_at="2025-06-01 10:00")
    put("contact", contact_id="c2", referral_id="r2", team_id="N1", started_at="2025-06-01 10:00")
    put("contact", contact_id="c3", team_id="N1", started_at="2025-06-01 10:00")
    nothing_to_compare = found(tables)
    put("referral", referral_id="r1", team_id="N1", received_at="2025-05-01")

    assert nothing_to_compare == {}
    assert found(tables)["contact_without_referral"].examples == ("c2",)


def test_a_list_with_dates_is_asked_about_the_day_of_the_row(tables: Connection, put: Put) -> None:
    put(
        "practice_team",
        practice_code="Z1",
        team_id="N1",
        valid_from="2024-01-01",
        valid_to="2025-01-01",
    )
    put("hospital_spell", spell_id="s1", practice_code="Z1", admitted_on="2024-12-31")
    put("hospital_spell", spell_id="s2", practice_code="Z1", admitted_on="2025-01-01")

    assert found(tables)["practice_unmapped"].examples == ("s2",)


def test_the_days_there_were_are_counted_once_a_week(tables: Connection, put: Put) -> None:
    for week, reason, days in [
        *[("2024-04-01", "no car", 90), ("2024-04-01", "weather", 90)],
        *[("2024-04-08", "no car", None), ("2024-04-08", "weather", 80)],
    ]:
        put(
            "workday_constraint",
            team_id="N1",
            week_start=week,
            reason=reason,
            field_staff_days_available=days,
        )

    weeks = tables.execute(
        "SELECT week_start, SUM(days_available_once) FROM prepared.workday_constraint"
        " GROUP BY week_start ORDER BY week_start"
    ).fetchall()

    assert [float(days) for _, days in weeks] == [90, 80]
