import datetime
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from data.batches import list_batches, read_rows
from data.contract import load_contracts
from data.demo.city import (
    DEFAULT_SEED,
    DEFAULT_UNTIL,
    MONTHS,
    RECORD_MAKERS,
    RECORD_TABLES,
    REFERENCE_TABLES,
    digest,
    frames,
    is_whole,
    make,
)
from data.demo.months import month_of
from data.errors import DataError
from data.home import Home

# The whole city of the default seed and month: the same on any machine and on any day. When it is
# meant to give other rows, raise EDITION in data/demo/city.py, so that no home becomes a mixture of
# two cities, and write the new digest here. When it is not meant to, this test found a mistake.
DIGEST = "0625c737f5f62ab33a034428b984103d5e9491d7a17cafe526fdd51f04bc95ef"

CONTRACTS = load_contracts(None)
# What becomes known after the month in which a row belongs.
LATER = {
    "hospital_spell": [
        "discharged_on", "discharge_ready_on", "discharge_destination", "discharge_method",
    ],
    "referral": [
        "accepted_on", "allocated_on", "first_contact_on", "assessed_on", "closed_on",
        "allocated_to_key", "outcome",
    ],
    "contact": [],
    "assessment": ["ended_on", "outcome", "eligible_needs"],
    "service": ["ended_on", "outcome", "died_on"],
    "review": ["ended_on", "outcome"],
    "discharge_handover": ["assessed_on"],
    "information_request": ["answered_on", "result", "reason_given"],
    "signpost": ["confirmed_on", "feedback"],
    # A team that counts by hand counts what it knows.
    "aggregate_submission": ["numerator"],
}  # fmt: skip
# Tables of which not every team has a row in every month.
NOT_EVERY_MONTH = {
    "team_pulse", "questionnaire_response", "comment", "learning_session", "interpretation",
    "feedback_item", "service", "review",
}  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return frames()


@pytest.fixture(scope="module")
def tables_to_august() -> dict[str, pd.DataFrame]:
    """The same city, as it was known seven months before."""
    return frames(until="2025-08")


def command(home: Home, *options: str) -> list[str]:
    return [sys.executable, "-m", "data", "demo", "--home", str(home.path), *options]


def run(home: Home, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(home, *options), capture_output=True, text=True, check=False)


def kill_when_there_is(home: Home, pattern: str, *options: str) -> None:
    """Make the city in another process, and kill that process once a file is there."""
    process = subprocess.Popen(
        command(home, *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not any(home.path.glob(pattern)) and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.wait()


def everything_in(home: Home) -> dict[str, bytes]:
    return {
        path.relative_to(home.path).as_posix(): path.read_bytes()
        for path in home.path.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def test_the_city_is_the_same_on_every_machine_and_day(tables):
    assert digest(tables) == DIGEST


def test_neither_the_process_nor_the_place_nor_the_clock_has_a_say(tmp_path):
    script = "from data.demo.city import digest, frames; print(digest(frames()))"
    elsewhere = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "4711", "LC_ALL": "C"}

    said = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, **elsewhere, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.strip() == DIGEST


def test_another_seed_is_another_city_in_the_same_places(tables):
    other = frames(seed=2)

    assert digest(other) != digest(tables)
    for table in RECORD_TABLES:
        assert not other[table].equals(tables[table]), table
    for table in REFERENCE_TABLES:
        assert other[table].equals(tables[table]), table


def test_a_digest_tells_tables_rows_and_values_apart(tables):
    team = tables["team"]

    digests = {
        digest({"team": team}),
        digest({"team": team.iloc[:-1]}),
        digest({"team": team.iloc[::-1]}),
        digest({"team": team.assign(name=team["name"].str.upper())}),
    }
    assert len(digests) == 4
    both = team[["locality_id", "name"]]
    assert digest({"team": both}) != digest({"locality": both})


def test_twelve_teams_in_three_localities_have_36_months_of_everything(tables):
    # Where each practice was first: one that moved is counted there throughout.
    first = tables["practice_team"].drop_duplicates("practice_code")
    team_of = first.set_index("practice_code")["team_id"]

    assert tables["locality"]["locality_id"].nunique() == 3
    assert tables["team"]["team_id"].nunique() == 12
    for table in RECORD_TABLES:
        rows, contract = tables[table], CONTRACTS[table]
        rows = rows.dropna(subset=[contract.date])
        month = rows[contract.date].dt.strftime("%Y-%m")
        assert max(month) <= DEFAULT_UNTIL, table
        if table in NOT_EVERY_MONTH:
            assert len(rows) > 20, table
            continue
        column = contract.area_column
        area = rows["practice_code"].map(team_of) if column == "practice_code" else rows[column]
        filled = {pair for pair in zip(area, month, strict=True) if pair[1] >= "2023-04"}
        assert len(filled) == (3 if column == "locality_id" else 12) * 36, table


@pytest.mark.parametrize("table", [*REFERENCE_TABLES, *RECORD_TABLES])
def test_a_table_has_its_contracts_columns_and_no_two_rows_of_one_key(tables, table):
    contract, rows = CONTRACTS[table], tables[table]

    assert set(rows.columns) <= set(contract.names)
    for column in contract.columns:
        if column.required:
            assert rows[column.name].notna().all(), column.name
        if column.allowed and column.name in rows:
            assert set(rows[column.name].dropna()) <= set(column.allowed), column.name
    assert not contract.key or not rows.duplicated(list(contract.key)).any()


@pytest.mark.parametrize(
    "table", [table for table in (*RECORD_TABLES, "population") if table != "comment"]
)
def test_a_months_rows_are_the_same_whatever_the_last_month_is(tables, tables_to_august, table):
    date = CONTRACTS[table].date
    assert date is not None
    begins, ends = pd.Timestamp("2023-04-01"), pd.Timestamp("2025-09-01")

    def of_the_months_in_both(rows: pd.DataFrame) -> pd.DataFrame:
        chosen = rows[(rows[date] >= begins) & (rows[date] < ends)].reset_index(drop=True)
        return chosen.drop(columns=LATER.get(table, []))

    earlier = of_the_months_in_both(tables_to_august[table])
    assert len(earlier) > 20
    pd.testing.assert_frame_equal(earlier, of_the_months_in_both(tables[table]))


@pytest.mark.parametrize(
    ("table", "key"), [("hospital_spell", "spell_id"), ("referral", "referral_id")]
)
def test_what_is_not_known_yet_is_blank_and_the_rest_is_as_it_will_be(
    tables, tables_to_august, table, key
):
    ends = pd.Timestamp("2025-09-01")
    earlier = tables_to_august[table].set_index(key)
    later = tables[table].set_index(key)
    both = later.index.intersection(earlier.index)
    earlier, later = earlier.loc[both], later.loc[both]

    assert len(both) > 50_000
    for name in (name for name in LATER[table] if name.endswith("_on")):
        known = later[name] < ends
        assert earlier[name][~known].isna().all(), name
        assert (earlier[name][known] == later[name][known]).all(), name
        assert 0 < (later[name].notna() & ~known).sum() < 5_000, name


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_cannot_be_used_is_refused(seed):
    with pytest.raises(DataError, match=f"The seed {seed} cannot be used: write one from 0 to"):
        frames(seed=seed)


def test_the_records_are_loaded_as_they_were_made_and_nothing_is_held_back(city, tables):
    batches = list_batches(city)

    assert {batch.table for batch in batches} == set(RECORD_TABLES)
    for batch in batches:
        assert batch.rows_held == 0, batch.source_name
        assert batch.rows_dropped == {}, batch.source_name
        assert batch.rows_accepted == read_rows(batch).num_rows
    for table in RECORD_TABLES:
        own = [batch for batch in batches if batch.table == table]
        assert sum(batch.rows_accepted for batch in own) == len(tables[table]), table
        covered = {month for batch in own for month in batch.covers.months()}
        assert len(covered) == 36, table
        areas = {area for batch in own for area in batch.covers.areas}
        column = CONTRACTS[table].area_column
        assert len(areas) == {"practice_code": 90, "locality_id": 3, "scope_id": 11}.get(
            column or "", 12
        ), table


def test_the_city_says_that_it_is_invented(city):
    settings = city.settings()

    assert settings.fictional
    assert "No person, practice, hospital or neighbourhood in it is real." in settings.sources
    assert settings.name == "Calderbrook Care Partnership"


def test_made_again_a_home_stays_as_it_is_with_the_lists_that_somebody_has_changed(city_copy):
    file = city_copy.reference / "annotation.csv"
    changed = file.read_text(encoding="utf-8").replace("Partnership analyst", "Somebody else")
    file.write_text(changed, encoding="utf-8")
    before = everything_in(city_copy)

    make(city_copy)

    assert everything_in(city_copy) == before


def test_another_partnerships_home_is_refused_and_left_alone(tmp_path):
    home = Home(tmp_path)
    home.settings_file.write_text('id = "real"\nname = "A Real One"\n', encoding="utf-8")
    before = everything_in(home)

    with pytest.raises(DataError, match="this is the home of A Real One, and the fictional city"):
        make(home)

    assert everything_in(home) == before


@pytest.mark.parametrize("options", [{"seed": 2}, {"until": "2026-02"}])
def test_another_city_in_the_same_home_is_refused(city_copy, options):
    before = everything_in(city_copy)

    with pytest.raises(DataError, match="the fictional city is here already, but not this one"):
        make(city_copy, **options)

    assert everything_in(city_copy) == before


@pytest.mark.parametrize("path", ["reference/team.csv", "batches/referral/1234.toml"])
def test_files_without_settings_to_say_whose_they_are_are_refused(tmp_path, path):
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text("somebody's\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"no partnership\.toml to say whose they are"):
        make(Home(tmp_path))

    assert list(everything_in(Home(tmp_path))) == [path]


def test_a_month_that_is_not_over_is_refused_before_anything_is_made(tmp_path):
    home = Home(tmp_path / "home")
    this_month = f"{datetime.date.today():%Y-%m}"

    with pytest.raises(DataError, match=f"{this_month} is not over yet"):
        make(home, until=this_month)

    assert not home.path.exists()


def test_a_city_killed_half_way_is_finished_and_is_then_like_any_other(city, tmp_path):
    home = Home(tmp_path / "home")
    steps: list[tuple[str, int, int]] = []

    # Among the lists, also in the middle of writing one, and then among the records.
    kill_when_there_is(home, "reference/practice_team.csv")
    half_a_list = home.reference / ".population.csv.partial"
    half_a_list.write_text("team_id,as_at,age_band,sex,peo", encoding="utf-8")
    (home.reference / "population.csv").unlink(missing_ok=True)
    assert not is_whole(home)
    kill_when_there_is(home, "batches/hospital_spell/*.toml")
    half_way = {batch.table for batch in list_batches(home)}
    # The two largest tables, as they would be: making them takes longest, and finishing the
    # others shows the same.
    for table in {"contact", "ed_attendance"} - half_way:
        shutil.copytree(city.batches / table, home.batches / table, dirs_exist_ok=True)
    make(home, progress=lambda *step: steps.append(step))

    assert {"hospital_spell"} <= half_way < set(RECORD_TABLES)
    assert is_whole(home)
    # A batch's name is a digest of its rows.
    assert {b.id for b in list_batches(home)} == {b.id for b in list_batches(city)}
    for name in (f"{table}.csv" for table in REFERENCE_TABLES):
        assert (home.reference / name).read_bytes() == (city.reference / name).read_bytes()
    assert not any(home.path.rglob("*.partial"))

    doing, done, of = zip(*steps, strict=True)
    missing = [t for t in RECORD_TABLES if t not in {*half_way, "contact", "ed_attendance"}]
    made = [f"Making {table}" for table in REFERENCE_TABLES]
    both = [f"{what} {table}" for table in missing for what in ("Making", "Loading")]
    assert list(doing) == [*made, *both, "Done"]
    assert list(done) == sorted(done)
    assert set(of) == {done[-1]}


def test_the_command_makes_the_city_asked_for(tmp_path):
    home = Home(tmp_path / "home")

    # It is not waited for until all is there.
    kill_when_there_is(home, "batches/referral/*.toml", "--seed", "5", "--until", "2025-06")

    batches = {batch.table: batch for batch in list_batches(home)}
    assert {b.covers.from_month for b in batches.values()} == {"2022-07"}
    assert {b.covers.to_month for b in batches.values()} == {"2025-06"}
    span = range(month_of("2022-07"), month_of("2025-06") + 1)
    expected = RECORD_MAKERS["referral"](5, span)
    loaded = read_rows(batches["referral"]).column("referral_id").to_pylist()
    assert loaded == expected["referral_id"].tolist()


def test_the_command_says_where_the_city_is_and_what_comes_next(city_copy):
    done = run(city_copy)

    assert done.returncode == 0, done.stderr
    assert f"The fictional city is in {city_copy.path}" in done.stdout
    assert "python -m metrics publish" in done.stdout


def test_the_command_does_nothing_where_there_is_a_partnership(city_copy):
    before = everything_in(city_copy)

    done = run(city_copy, "--unless-there", "--seed", "9")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert everything_in(city_copy) == before


def test_the_command_says_what_it_cannot_use_and_no_more(tmp_path):
    done = run(Home(tmp_path / "home"), "--until", "March 2026")

    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("'March 2026' is not a month the fictional city can end with.")


def test_the_defaults_are_three_whole_financial_years():
    assert (DEFAULT_SEED, DEFAULT_UNTIL, MONTHS) == (1, "2026-03", 36)
