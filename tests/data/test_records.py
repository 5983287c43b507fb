import datetime
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from data.batches import HELD_ROW, Batch, Covers, arrow_schema, keep, list_batches
from data.check import Stated
from data.contract import load_contracts
from data.errors import DataError
from data.home import Home
from data.load import load_files
from data.records import (
    check_areas,
    collected_tables,
    create_prepared,
    create_tables,
    fill_tables,
    schema_of,
)
from data.reference import reference_tables
from data.snapshots import Connection, memory
from tests.small_partnership import LISTS, load, records, set_up

CONTRACTS = load_contracts(None)
LONG_AHEAD = datetime.date(9999, 12, 31)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(tmp_path / "home")


@pytest.fixture
def connection() -> Iterator[Connection]:
    with memory() as opened:
        yield opened


def fill(connection: Connection, home: Home, batches: Sequence[Batch] | None = None) -> None:
    """Fill every table from a home's lists and batches, and make the prepared views."""
    create_tables(connection, CONTRACTS)
    loaded = list_batches(home) if batches is None else batches
    fill_tables(connection, CONTRACTS, reference_tables(home, CONTRACTS), loaded)
    create_prepared(connection, home.settings())


def rows(connection: Connection, sql: str) -> list[tuple]:
    return connection.execute(sql).fetchall()


def contents(home: Home, tables: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return what fills some tables, in one order of rows and columns."""
    with memory() as connection:
        fill(connection, home)
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY ALL").df()
            for table in tables
        }


def test_rows_arrive_with_the_contracts_types_and_what_was_not_sent_is_blank(home, connection):
    load(home, "referral", records("referral", ["2025-01"]))

    fill(connection, home)

    assert rows(
        connection,
        "SELECT referral_id, received_at, first_contact_on, outcome FROM referral"
        " WHERE referral_id LIKE '%N1_' ORDER BY referral_id",
    ) == [
        ("r2025-01N1a", datetime.datetime(2025, 1, 2, 9, 30), datetime.date(2025, 1, 9), None),
        ("r2025-01N1b", datetime.datetime(2025, 1, 21, 16, 5), None, None),
    ]
    described = rows(
        connection,
        "SELECT table_name, column_name, data_type FROM duckdb_columns()"
        " WHERE schema_name = 'main' AND NOT internal AND table_name <> 'duty_desk'",
    )
    assert set(described) == {
        (contract.table, column.name, contract.sql_type(column.name))
        for contract in CONTRACTS.values()
        for column in contract.columns
    }


def test_of_one_key_the_row_loaded_last_stands(home, connection):
    load(
        home,
        "referral",
        "referral_id,team_id,received_at,priority,closed_on\n"
        "r1,N1,2025-01-02 09:00,urgent,\n"
        "r2,N1,2025-01-03 09:00,routine,\n",
    )
    load(
        home,
        "referral",
        "referral_id,team_id,received_at,closed_on\nr1,N1,2025-01-02 09:00,2025-02-01\n",
    )

    fill(connection, home)

    # The whole row is the later one: what it leaves out is blank, not kept from before.
    assert rows(connection, "SELECT referral_id, priority, closed_on FROM referral ORDER BY 1") == [
        ("r1", None, datetime.date(2025, 2, 1)),
        ("r2", "routine", None),
    ]


def test_a_correction_wins_in_the_order_of_loading_and_not_of_file_names(home, connection):
    head = "team_id,month,employer,fte_days_lost,fte_days_available\n"
    load(home, "absence_month", f"{head}N1,2025-01,NHS,10,600\n", name="z")
    load(home, "absence_month", f"{head}N1,2025-01,NHS,20,600\n", name="a")
    load(home, "absence_month", f"{head}N1,2025-01,NHS,30,600\n", name="m")

    fill(connection, home)

    assert rows(connection, "SELECT CAST(fte_days_lost AS INTEGER) FROM absence_month") == [(30,)]


def test_without_a_key_a_later_file_takes_the_place_of_its_months_and_areas(home, connection):
    load(
        home,
        "fft_response",
        "team_id,responded_on,answer\n"
        "N1,2025-01-05,good\nN1,2025-01-05,good\nN1,2025-02-05,poor\nN2,2025-01-07,good\n",
    )
    load(home, "fft_response", "team_id,responded_on,answer\nN1,2025-01-06,very poor\n")

    fill(connection, home)

    assert rows(
        connection,
        "SELECT team_id, responded_on, answer FROM fft_response ORDER BY team_id, responded_on",
    ) == [
        ("N1", datetime.date(2025, 1, 6), "very poor"),
        ("N1", datetime.date(2025, 2, 5), "poor"),
        ("N2", datetime.date(2025, 1, 7), "good"),
    ]


def test_months_that_a_file_says_it_covers_are_replaced_also_where_it_has_no_rows(home, connection):
    head = "team_id,responded_on,answer\n"
    load(home, "fft_response", f"{head}N1,2025-01-05,good\nN1,2025-02-05,poor\n")
    months = ("2025-01", "2025-02")
    load(home, "fft_response", f"{head}N1,2025-01-06,good\n", covers=months, how="replaces")

    fill(connection, home)

    assert rows(connection, "SELECT responded_on FROM fft_response") == [
        (datetime.date(2025, 1, 6),)
    ]


def test_identical_rows_without_a_key_are_all_kept(home, connection):
    load(home, "fft_response", "team_id,responded_on,answer\n" + "N1,2025-01-05,good\n" * 4)

    fill(connection, home)

    assert rows(connection, "SELECT COUNT(*) FROM fft_response") == [(4,)]


def test_months_loaded_in_any_order_fill_the_same_tables(tmp_path):
    tables = ("hospital_spell", "referral", "absence_month", "fft_response")
    forward, backward = set_up(tmp_path / "forward"), set_up(tmp_path / "backward")
    for home, months in (
        (forward, ("2025-01", "2025-02", "2025-03")),
        (backward, ("2025-03", "2025-02", "2025-01")),
    ):
        for month in months:
            for table in tables if home is forward else reversed(tables):
                load(home, table, records(table, [month]))

    there, back = contents(forward, tables), contents(backward, tables)

    for table in tables:
        assert len(there[table]) >= 9
        pd.testing.assert_frame_equal(there[table], back[table])


def test_lists_are_read_before_what_refers_to_them_in_whatever_order_files_are_given(
    tmp_path, connection
):
    home = Home(tmp_path / "home")
    home.path.mkdir()
    home.settings_file.write_text('id = "new"\nname = "New"\n', encoding="utf-8")
    files = []
    for table, text in {
        "referral": records("referral", ["2025-01"]),
        "practice_team": LISTS["practice_team"],
        "team": LISTS["team"],
        "locality": LISTS["locality"],
    }.items():
        files.append(tmp_path / f"{table}.csv")
        files[-1].write_text(text, encoding="utf-8")

    reports = load_files(home, files, Stated(dates="ymd"))
    fill(connection, home)

    assert [report.table for report in reports] == ["referral", "practice_team", "team", "locality"]
    assert [report.status for report in reports] == ["accepted"] * 4
    assert [report.warnings for report in reports] == [[]] * 4
    assert rows(connection, "SELECT COUNT(*) FROM prepared.practice_area") == [(3,)]


def test_a_list_loaded_as_a_file_wins_over_the_folder_of_lists(home, connection):
    load(
        home,
        "team",
        "team_id,locality_id,name,valid_from\nN2,N,North Two,2020-01-01\nS2,S,South 2,2024-04-01\n",
    )

    fill(connection, home)

    assert rows(connection, "SELECT team_id, name FROM team ORDER BY team_id") == [
        ("N1", "North 1"),
        ("N2", "North Two"),
        ("S1", "South 1"),
        ("S2", "South 2"),
    ]


def test_a_list_may_be_in_several_files(home, connection):
    (home.reference / "team_new.csv").write_text(
        "team_id,locality_id,name,valid_from\nS2,S,South 2,2024-04-01\n", encoding="utf-8"
    )

    fill(connection, home)

    assert rows(connection, "SELECT COUNT(*) FROM team") == [(4,)]


def test_two_files_that_say_different_things_of_one_team_are_refused(home):
    (home.reference / "team_new.csv").write_text(
        "team_id,locality_id,name,valid_from\nN1,S,South 9,2020-01-01\n", encoding="utf-8"
    )

    with pytest.raises(DataError, match=r"team_new\.csv: team_id N1, valid_from 2020-01-01"):
        reference_tables(home, CONTRACTS)


# Team N1 was in the South until April 2024; practice Z90001 is N1's, and was N2's until July 2024.
MOVED = {
    "team": """\
team_id,locality_id,name,valid_from,valid_to
N1,S,South 4,2020-01-01,2024-04-01
N1,N,North 1,2024-04-01,
N2,N,North 2,2020-01-01,
S1,S,South 1,2020-01-01,
""",
    "practice_team": """\
practice_code,team_id,valid_from,valid_to
Z90001,N2,2020-01-01,2024-07-01
Z90001,N1,2024-07-01,
Z90002,N1,2020-01-01,2025-01-01
""",
}


def test_a_teams_history_says_which_locality_it_was_in_on_any_day(tmp_path, connection):
    fill(connection, set_up(tmp_path / "home", **MOVED))

    assert rows(
        connection,
        "SELECT locality_id, valid_from, valid_to FROM prepared.team_area WHERE code = 'N1'"
        " ORDER BY valid_from",
    ) == [
        ("S", datetime.date(2020, 1, 1), datetime.date(2024, 4, 1)),
        ("N", datetime.date(2024, 4, 1), LONG_AHEAD),
    ]


def test_a_practices_people_follow_its_team_and_its_teams_locality(tmp_path, connection):
    fill(connection, set_up(tmp_path / "home", **MOVED))

    assert rows(
        connection,
        "SELECT code, team_id, locality_id, valid_from, valid_to FROM prepared.practice_area"
        " ORDER BY code, valid_from",
    ) == [
        ("Z90001", "N2", "N", datetime.date(2020, 1, 1), datetime.date(2024, 7, 1)),
        ("Z90001", "N1", "N", datetime.date(2024, 7, 1), LONG_AHEAD),
        ("Z90002", "N1", "S", datetime.date(2020, 1, 1), datetime.date(2024, 4, 1)),
        ("Z90002", "N1", "N", datetime.date(2024, 4, 1), datetime.date(2025, 1, 1)),
    ]


def test_people_are_registered_where_a_list_does_not_say(tmp_path, connection):
    counted = "team_id,as_at,age_band,sex,people\nN1,2024-01-01,25-44,1,900\n"

    fill(connection, set_up(tmp_path / "home", population=counted))

    assert rows(connection, "SELECT basis, people FROM main.population") == [("registered", 900)]


@pytest.mark.parametrize(
    ("table", "text", "told"),
    [
        (
            "team",
            "team_id,locality_id,name,valid_from,valid_to\n"
            "N1,N,North 1,2020-01-01,2024-05-01\nN1,S,South 4,2024-04-01,\n"
            "N2,N,North 2,2020-01-01,\nS1,S,South 1,2020-01-01,\n",
            "Each team belongs to one place on any day, .* N1 on 2024-04-01",
        ),
        (
            "practice_team",
            "practice_code,team_id,valid_from,valid_to\n"
            "Z90001,N1,2020-01-01,\nZ90001,N2,2024-07-01,\n",
            "Each practice belongs to one place on any day, .* Z90001 on 2024-07-01",
        ),
    ],
)
def test_what_is_in_two_places_on_one_day_is_refused(tmp_path, connection, table, text, told):
    fill(connection, set_up(tmp_path / "home", **{table: text}))

    with pytest.raises(DataError, match=told):
        check_areas(connection)


def test_a_move_from_one_day_to_the_next_is_not_two_places(tmp_path, connection):
    fill(connection, set_up(tmp_path / "home", **MOVED))

    check_areas(connection)

    assert rows(connection, "SELECT COUNT(DISTINCT locality_id) FROM prepared.team_area") == [(2,)]


REFERRED = (
    "referral_id,team_id,received_at,first_contact_on,assessed_on,allocated_on,allocated_to_key"
)


@pytest.mark.parametrize(
    ("worker", "named_on"),
    [
        ("w91c2", datetime.date(2025, 1, 8)),
        ("DUTY", None),
        ("Duty ", None),
        ("pool", None),
        ("DUTY2", datetime.date(2025, 1, 8)),
        ("", datetime.date(2025, 1, 8)),
    ],
)
def test_a_duty_desk_is_nobody(home, connection, worker, named_on):
    load(home, "referral", f"{REFERRED}\nr1,N1,2025-01-06 09:00,,,2025-01-08,{worker}\n")

    fill(connection, home)

    assert rows(connection, "SELECT named_worker_on FROM prepared.referral") == [(named_on,)]


def test_which_desks_are_nobody_is_the_partnerships_to_say(home, connection):
    with home.settings_file.open("a", encoding="utf-8") as file:
        file.write('duty_desks = [" screening ", "Hub"]\n')
    load(
        home,
        "referral",
        f"{REFERRED}\nr1,N1,2025-01-06 09:00,,,2025-01-08,DUTY\n"
        "r2,N1,2025-01-06 09:00,,,2025-01-08,Screening\n"
        "r3,N1,2025-01-06 09:00,,,2025-01-08,hub\n",
    )

    fill(connection, home)

    named = rows(
        connection,
        "SELECT referral_id FROM prepared.referral WHERE named_worker_on IS NOT NULL",
    )
    assert named == [("r1",)]


@pytest.mark.parametrize(
    ("contact", "assessment", "seen"),
    [
        ("2025-01-09", "", datetime.date(2025, 1, 9)),
        ("", "2025-01-10", datetime.date(2025, 1, 10)),
        ("2025-01-09", "2025-01-10", datetime.date(2025, 1, 9)),
        ("2025-01-11", "2025-01-10", datetime.date(2025, 1, 10)),
        ("", "", None),
    ],
)
def test_first_seen_is_the_earlier_of_contact_and_assessment(
    home, connection, contact, assessment, seen
):
    load(home, "referral", f"{REFERRED}\nr1,N1,2025-01-06 09:00,{contact},{assessment},,\n")

    fill(connection, home)

    assert rows(connection, "SELECT first_seen_on FROM prepared.referral") == [(seen,)]


def test_a_prepared_view_has_a_row_for_each_of_its_tables_and_all_its_columns(home, connection):
    load(home, "referral", records("referral", ["2025-01"]))

    fill(connection, home)

    schema = schema_of(CONTRACTS)
    assert rows(connection, "SELECT COUNT(*) FROM prepared.referral") == [(6,)]
    assert list(schema.columns("referral")) == [
        *CONTRACTS["referral"].names,
        "named_worker_on",
        "first_seen_on",
    ]
    assert list(schema.contract_columns("referral")) == list(CONTRACTS["referral"].names)
    assert schema.relation("referral") == 'prepared."referral"'
    assert schema.relation("service") == 'main."service"'
    # What a view adds is derived only where somebody asks for it.
    assert schema.relation("referral", ["received_at", "sector"]) == 'main."referral"'
    assert schema.relation("referral", ["closed_on"]) == 'prepared."referral"'
    assert schema.relation("people_waiting", ["received_on"]) == 'prepared."people_waiting"'
    assert schema.columns("no_such_table") == {}


def test_a_table_is_collected_once_anything_of_it_has_been_received(home, connection):
    load(home, "fft_response", records("fft_response", ["2025-01"]))

    fill(connection, home)

    assert collected_tables(connection, CONTRACTS) == {*LISTS, "fft_response"}


@pytest.mark.parametrize(
    ("areas", "left"), [(("all",), set()), (("N",), {"S1"}), (("N1",), {"N2", "S1"})]
)
def test_areas_that_a_file_is_said_to_cover_are_replaced_also_where_it_has_no_rows(
    home, connection, areas, left
):
    head = "team_id,responded_on,answer\n"
    rows = "".join(f"{team},2025-01-05,good\n" for team in ("N1", "N2", "S1"))
    load(home, "fft_response", head + rows)
    load(home, "fft_response", f"{head}N1,2025-01-20,poor\n", areas=areas, how="replaces")

    fill(connection, home)

    teams = connection.execute(
        "SELECT team_id FROM fft_response WHERE responded_on = DATE '2025-01-05'"
    ).fetchall()
    assert {team for (team,) in teams} == left


# ---------------------------------------------------------------- layers, beside the plain slow way


# One table with a key, of which a part may be blank, and one without.
KEYED, KEYLESS = "caseload_snapshot", "fft_response"
TEAMS = ("N1", "N2", "S1")
# What a batch has of each row: team, month, the rest of the key, and a mark to tell rows apart.
Row = tuple[str, int, str | None, int]
LAYERS = st.lists(
    st.fixed_dictionaries(
        {
            "rows": st.lists(
                st.tuples(
                    st.sampled_from(TEAMS),
                    st.integers(1, 3),
                    st.sampled_from([None, "nurse", "doctor"]),
                ),
                max_size=6,
            ),
            "how": st.sampled_from(["", "replaces", "adds"]),
            "months": st.tuples(st.integers(1, 3), st.integers(1, 3)).map(sorted),
            "areas": st.lists(st.sampled_from([*TEAMS, "N", "all"]), max_size=2, unique=True),
            "corrects": st.none() | st.integers(0, 3),
            "settles": st.lists(st.integers(1, 3), min_size=6, max_size=6),
        }
    ),
    min_size=1,
    max_size=5,
)


def arrow_rows(table: str, marked: list[Row]) -> pa.Table:
    """Return rows of a table: the mark is in a number that means nothing to filling."""
    columns = {
        KEYED: ("team_id", "as_at", "profession_id", "open_cases"),
        KEYLESS: ("team_id", "responded_on", "answer", "eligible_count"),
    }[table]
    schema = arrow_schema(CONTRACTS[table])
    content: list[tuple[Any, ...]] = [
        (team, datetime.date(2025, month, 28), kind, mark) for team, month, kind, mark in marked
    ]
    return pa.table(
        {
            name: pa.array([row[at] for row in content], schema.field(name).type)
            for at, name in enumerate(columns)
        }
    )


def kept_batches(
    home: Home, table: str, layers: list[dict[str, Any]]
) -> tuple[list[Batch], list[list[Row]]]:
    """Keep a batch for each layer, and return them with the rows of each, marked."""
    kept: list[Batch] = []
    marked: list[list[Row]] = []
    for number, layer in enumerate(layers):
        rows_of: list[Row] = [
            (team, month, kind, 100 * number + row)
            for row, (team, month, kind) in enumerate(layer["rows"])
        ]
        at = layer["corrects"]
        corrected = kept[at].id if at is not None and at < number and not kept[at].corrects else ""
        accepted = arrow_rows(table, rows_of)
        if corrected:
            numbers = layer["settles"][: len(rows_of)]
            accepted = accepted.append_column(HELD_ROW, pa.array(numbers, pa.int64()))
        first, last = layer["months"]
        batch = Batch(
            id=f"{number:020d}",
            table=table,
            contract_version=1,
            sequence=0,
            source_name="rows.csv",
            source_sha256="0" * 64,
            loaded_at=datetime.datetime(2025, 5, 1, tzinfo=datetime.UTC),
            how=layer["how"],
            corrects=corrected,
            settles=tuple(sorted(set(layer["settles"]))) if corrected else (),
            rows_in_file=len(rows_of),
            rows_accepted=len(rows_of),
            rows_loaded=len(rows_of),
            rows_held=0,
            covers=Covers.of(
                (f"2025-{first:02d}", f"2025-{last:02d}"),
                sorted({team for team, _, _, _ in rows_of}),
                () if layer["how"] == "" else tuple(layer["areas"]),
            ),
            folder=Path("nowhere"),
        )
        kept.append(keep(home, batch, accepted, accepted.slice(0, 0)))
        marked.append(rows_of)
    return kept, marked


def slowly(
    table: str, layers: list[dict[str, Any]], kept: list[Batch], marked: list[list[Row]]
) -> set[int]:
    """Return the marks of the rows that count, found row by row in plain Python."""
    place = {batch.id: number for number, batch in enumerate(kept)}
    standing: list[tuple[tuple[int, int], Row]] = []
    for number, batch in enumerate(kept):
        for at, row in enumerate(marked[number]):
            if not batch.corrects:
                standing.append(((number, -1), row))
                continue
            settled_later = any(
                layers[number]["settles"][at] in other.settles
                for other in kept[number + 1 :]
                if other.corrects == batch.corrects
            )
            if not settled_later:
                standing.append(((place[batch.corrects], number), row))
    if table == KEYED:
        last: dict[tuple, tuple[tuple[int, int], int]] = {}
        for when, row in standing:
            last[row[:3]] = max(last.get(row[:3], (when, row[3])), (when, row[3]))
        standing = [(when, row) for when, row in standing if last[row[:3]] == (when, row[3])]
    counting = set()
    for (when, _), row in standing:
        gone = False
        for number, batch in enumerate(kept):
            clears = batch.how == "replaces" or (batch.how == "" and table == KEYLESS)
            if number <= when or batch.corrects or not clears:
                continue
            covers = batch.covers
            areas = {*covers.areas, *covers.stated_areas}
            in_areas = bool({row[0], row[0][0], "all"} & areas)
            in_months = datetime.date(2025, row[1], 1) in covers.months()
            gone = gone or (in_areas and in_months)
        if not gone:
            counting.add(row[3])
    return counting


@pytest.mark.parametrize("table", [KEYED, KEYLESS])
# What fails is small as it is: to make it smaller, with a database for each try, takes minutes.
@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(layers=LAYERS)
def test_whatever_was_loaded_in_whatever_order_the_rows_that_count_are_the_same_as_one_by_one(
    table: str, layers: list[dict[str, Any]]
):
    mark = {KEYED: "open_cases", KEYLESS: "eligible_count"}[table]
    with tempfile.TemporaryDirectory() as folder, memory() as connection:
        home = set_up(Path(folder) / "home")
        for layer in layers:
            if table == KEYED:
                # A key is in one file once: a file that has it twice is held before.
                layer["rows"] = list(dict.fromkeys(layer["rows"]))
        kept, marked = kept_batches(home, table, layers)
        contracts = {name: CONTRACTS[name] for name in ("team", "practice_team", table)}
        create_tables(connection, contracts)
        fill_tables(connection, contracts, reference_tables(home, contracts), kept)
        found = [n for (n,) in rows(connection, f'SELECT {mark} FROM "{table}"')]
    assert len(found) == len(set(found))
    assert set(found) == slowly(table, layers, kept, marked)
