import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data import snapshots
from data.errors import SnapshotError
from data.home import Home
from data.snapshots import (
    MANIFEST,
    RECORDS,
    RESTRICTED,
    SNAPSHOTS_KEPT,
    building,
    current_version,
    is_whole,
    manifest,
    publishing,
    query,
    serve,
    version_of,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "home")
    place.path.mkdir()
    place.settings_file.write_text('id = "small"\nname = "Small"\n', encoding="utf-8")
    return place


def publish(home: Home, made_from: str, says: str = "") -> str:
    """Publish a snapshot whose one table holds one text; return the version."""
    inputs = {"input": made_from}
    with publishing(home), building(home, inputs) as build:
        build.connection.execute("CREATE TABLE referral AS SELECT 1 AS referral_id")
        build.connection.execute("CREATE TABLE restricted.note (text VARCHAR)")
        build.connection.execute("INSERT INTO restricted.note VALUES (?)", [says or made_from])
    return version_of(inputs)


def said(home: Home, version: str) -> list[str]:
    return query(home, version, "SELECT text FROM note")["text"].tolist()


def folders(home: Home) -> set[str]:
    return {path.name for path in home.snapshots.iterdir() if path.is_dir()}


def flip_one_bit(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def test_a_version_is_a_digest_of_what_the_snapshot_is_made_from():
    inputs = {"batch referral/a": "1", "file team.csv": "9f"}

    version = version_of(inputs)

    assert version == version_of(dict(reversed(inputs.items())))
    assert version != version_of({**inputs, "file team.csv": "9e"})
    assert version != version_of({**inputs, "batch referral/b": "2"})
    assert version != version_of({"batch referral/a": "1", "file teams.csv": "9f"})


def test_a_snapshot_holds_records_beside_what_is_served_and_says_what_it_is_made_from(home):
    version = publish(home, "a")

    folder = home.snapshots / version
    assert {path.name for path in folder.iterdir()} == {RECORDS, RESTRICTED, MANIFEST}
    assert manifest(home, version).made_from == {"input": "a"}
    assert manifest(home, version).version == version
    assert set(manifest(home, version).sha256) == {RECORDS, RESTRICTED}
    assert is_whole(home, version)
    assert current_version(home) == version
    assert said(home, version) == ["a"]
    with pytest.raises(duckdb.CatalogException):
        query(home, version, "SELECT * FROM referral")


def test_current_is_one_line_with_the_folders_name_alone(home):
    version = publish(home, "a")

    assert home.current_file.read_text(encoding="utf-8") == f"{version}\n"
    assert [path.name for path in home.path.glob("CURRENT*")] == ["CURRENT"]


def test_whoever_reads_current_while_it_is_replaced_finds_one_version_or_the_other(home):
    versions = [publish(home, "a"), publish(home, "b")]
    done = threading.Event()

    def look() -> list[str]:
        seen = []
        while not done.is_set():
            seen.append(current_version(home))
        return seen

    with ThreadPoolExecutor() as pool:
        looking = pool.submit(look)
        for number in range(200):
            serve(home, versions[number % 2])
        done.set()

    assert set(looking.result()) <= set(versions)
    assert len(looking.result()) > 10


def test_at_no_moment_of_publishing_is_what_is_served_not_there(home):
    versions = [publish(home, "input")]
    done = threading.Event()

    def look() -> int:
        looked = 0
        while not done.is_set():
            # Reads CURRENT and looks for the snapshot that it names.
            current_version(home)
            looked += 1
        return looked

    with ThreadPoolExecutor() as pool:
        looking = pool.submit(look)
        versions += [publish(home, f"input {number}") for number in range(SNAPSHOTS_KEPT + 3)]
        done.set()

    assert looking.result() > 100
    assert current_version(home) == versions[-1]


def test_before_anything_is_published_the_way_to_publish_is_said(home):
    with pytest.raises(SnapshotError, match="python -m metrics publish"):
        current_version(home)


@pytest.mark.parametrize(
    "damage",
    [b"", b"\n", b"1234", b"\xff\xfe\x00\x80", b"../../elsewhere\n", b"0123456789ABCDEF\n"],
)
def test_a_damaged_current_is_told_from_a_snapshot(home, damage):
    publish(home, "a")
    home.current_file.write_bytes(damage)

    with pytest.raises(SnapshotError, match=r"CURRENT: this does not name a snapshot; publish"):
        current_version(home)


def test_publishing_puts_a_damaged_current_right(home):
    version = publish(home, "a")
    home.current_file.write_bytes(b"\xff")

    serve(home, version)

    assert current_version(home) == version


def test_a_current_that_names_what_is_gone_says_so(home):
    publish(home, "a")
    home.current_file.write_text("0123456789abcdef\n", encoding="utf-8")

    with pytest.raises(SnapshotError, match="it names 0123456789abcdef, which is not in snapshots"):
        current_version(home)


@pytest.mark.parametrize("content", ["", "{", '{"version": "x"}'])
def test_a_damaged_manifest_is_told_and_makes_the_snapshot_not_whole(home, content):
    version = publish(home, "a")
    (home.snapshots / version / MANIFEST).write_text(content, encoding="utf-8")

    with pytest.raises(SnapshotError, match=r"manifest\.json: this snapshot cannot be read"):
        manifest(home, version)
    assert not is_whole(home, version)


def test_a_snapshot_without_its_database_cannot_be_opened_and_says_so(home):
    version = publish(home, "a")
    (home.snapshots / version / RESTRICTED).unlink()

    with pytest.raises(SnapshotError, match=r"restricted\.duckdb: this snapshot cannot be opened"):
        said(home, version)
    assert not is_whole(home, version)


@pytest.mark.parametrize("name", [RECORDS, RESTRICTED])
@pytest.mark.parametrize("share", [0.0, 0.37, 0.999999])
def test_a_single_flipped_bit_is_found(home, name, share):
    version = publish(home, "a")
    file = home.snapshots / version / name

    flip_one_bit(file, int(file.stat().st_size * share))

    assert not is_whole(home, version)


def test_a_damaged_snapshot_made_anew_is_what_the_same_process_reads_next(home):
    version = publish(home, "a", says="before")
    assert said(home, version) == ["before"]
    flip_one_bit(home.snapshots / version / RECORDS, 0)

    assert publish(home, "a", says="after") == version

    assert is_whole(home, version)
    assert said(home, version) == ["after"]
    assert folders(home) == {version}


def test_when_building_fails_what_was_served_stays_and_nothing_is_left_over(home):
    served = publish(home, "a")

    with (
        pytest.raises(duckdb.ConversionException),
        publishing(home),
        building(home, {"input": "b"}) as build,
    ):
        build.connection.execute("CREATE TABLE restricted.note AS SELECT CAST('b' AS INTEGER)")

    assert current_version(home) == served
    assert folders(home) == {served}
    assert said(home, served) == ["a"]


def test_a_database_without_a_table_is_never_served(home):
    served = publish(home, "a")

    with (
        pytest.raises(SnapshotError, match=r"restricted\.duckdb: it was written empty"),
        publishing(home),
        building(home, {"input": "b"}) as build,
    ):
        build.connection.execute("CREATE TABLE referral AS SELECT 1 AS referral_id")

    assert current_version(home) == served
    assert version_of({"input": "b"}) not in folders(home)


def test_what_a_killed_build_left_over_is_cleared_by_the_next(home):
    served = publish(home, "a")
    for name in ("building-0123456789abcdef", "building-old-0123456789abcdef-17"):
        (home.snapshots / name).mkdir()
        (home.snapshots / name / RECORDS).write_bytes(b"half")
    (home.path / "CURRENT.4711.new").write_text("0123456789abcdef\n", encoding="utf-8")

    with publishing(home):
        assert folders(home) == {served}

    assert [path.name for path in home.path.glob("CURRENT*")] == ["CURRENT"]
    assert current_version(home) == served


def test_only_the_newest_snapshots_are_kept(home):
    versions = [publish(home, f"input {number}") for number in range(SNAPSHOTS_KEPT + 3)]

    assert folders(home) == set(versions[-SNAPSHOTS_KEPT:])
    assert current_version(home) == versions[-1]


def test_the_snapshot_served_is_kept_however_old(home):
    versions = [publish(home, f"input {number}") for number in range(SNAPSHOTS_KEPT)]
    # One more, put in place by a publish that was killed before it was named in CURRENT.
    unnamed = "f" * len(versions[0])
    shutil.copytree(home.snapshots / versions[-1], home.snapshots / unnamed)
    os.utime(home.snapshots / versions[0], (0, 0))

    serve(home, versions[0])

    assert folders(home) == {*versions, unnamed}
    assert current_version(home) == versions[0]
    assert said(home, versions[0]) == ["input 0"]


def test_a_version_can_be_read_while_and_after_the_next_is_published(home):
    first = publish(home, "a")
    assert said(home, first) == ["a"]

    second = publish(home, "b")

    assert said(home, first) == ["a"]
    assert said(home, second) == ["b"]


def test_many_may_ask_at_once(home):
    version = publish(home, "a")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: said(home, version), range(64)))

    assert answers == [["a"]] * 64


def test_two_do_not_publish_to_one_partnership_at_once(home, monkeypatch):
    monkeypatch.setattr(snapshots, "PUBLISHING_WAIT_SECONDS", 0.1)

    def try_too() -> None:
        with publishing(home):
            pass

    with publishing(home), ThreadPoolExecutor() as pool:
        second = pool.submit(try_too)

        assert isinstance(second.exception(), SnapshotError)
        assert "somebody else is publishing here" in str(second.exception())


def test_values_are_given_beside_the_question_and_never_inside_it(home):
    version = publish(home, "a")

    asked = query(home, version, "SELECT text FROM note WHERE text = $1", ["a' OR 'a' = 'a"])

    assert asked.empty
    assert len(query(home, version, "SELECT text FROM note WHERE text = $1", ["a"])) == 1


# What a reader might be made to do if a question could be smuggled in. {file} is a file of the
# server, {folder} one to write to, {database} the database of records beside the one served.
ATTACKS = """
SELECT * FROM read_csv('{file}')
SELECT * FROM '{file}'
SELECT * FROM read_text('{file}')
SELECT * FROM read_blob('{file}')
SELECT * FROM read_json('{file}')
SELECT * FROM read_parquet('{file}')
SELECT * FROM parquet_metadata('{file}')
SELECT * FROM sniff_csv('{file}')
SELECT * FROM glob('{folder}/*')
SELECT * FROM '{database}'
SELECT * FROM read_csv('https://example.org/x.csv')
SELECT * FROM query('SELECT * FROM read_text(''{file}'')')
COPY note TO '{folder}/out.csv'
COPY (SELECT 1) TO '{folder}/out.parquet'
COPY note FROM '{file}'
EXPORT DATABASE '{folder}/out'
IMPORT DATABASE '{folder}'
ATTACH '{database}' AS other
ATTACH '{database}' AS other (READ_ONLY)
ATTACH ':memory:' AS other
INSTALL httpfs
LOAD httpfs
LOAD '{folder}/mine.duckdb_extension'
UPDATE EXTENSIONS
CREATE SECRET (TYPE http)
SELECT * FROM duckdb_secrets()
SELECT getenv('PATH')
SELECT * FROM table_of_the_caller
SET enable_external_access = true
SET lock_configuration = false
SET python_enable_replacements = true
SET memory_limit = '64GB'
RESET memory_limit
SET threads = 64
SET max_execution_time = 0
SET temp_directory = '{folder}'
SET log_query_path = '{folder}/log'
PRAGMA enable_profiling
CREATE TABLE mine (a INTEGER)
CREATE VIEW mine AS SELECT 1
CREATE SCHEMA mine
CREATE SEQUENCE mine
CREATE MACRO mine() AS 1
CREATE INDEX mine ON note (text)
DROP TABLE note
ALTER TABLE note ADD COLUMN a INTEGER
INSERT INTO note VALUES ('x')
UPDATE note SET text = 'x'
DELETE FROM note
TRUNCATE note
MERGE INTO note USING (SELECT 'x' AS t) AS s ON FALSE WHEN NOT MATCHED THEN INSERT VALUES (s.t)
WITH gone AS (DELETE FROM note RETURNING *) SELECT * FROM gone
WITH made AS (INSERT INTO note VALUES ('x') RETURNING *) SELECT * FROM made
EXPLAIN ANALYZE DELETE FROM note
SELECT 1; DELETE FROM note
BEGIN; DROP TABLE note; COMMIT
""".strip().splitlines()


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str, dict[str, str]]:
    """A published snapshot, its version, and the places that attacks aim at."""
    root = tmp_path_factory.mktemp("attacked")
    home = Home(root / "home")
    home.path.mkdir()
    home.settings_file.write_text('id = "small"\nname = "Small"\n', encoding="utf-8")
    version = publish(home, "a")
    secret = root / "secret.csv"
    secret.write_text("secret\n1\n", encoding="utf-8")
    (root / "out").mkdir()
    database = home.snapshots / version / RECORDS
    aims = {"file": secret, "folder": root / "out", "database": database}
    return home, version, {name: path.as_posix() for name, path in aims.items()}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_reader_can_do_nothing_but_read(attacked, attack):
    home, version, aims = attacked
    table_of_the_caller = pd.DataFrame({"secret": [1]})

    with pytest.raises(duckdb.Error) as refused:
        query(home, version, attack.format(**aims))

    # Refused, and not merely misspelt here.
    assert not isinstance(refused.value, duckdb.ParserException | duckdb.BinderException)
    assert len(table_of_the_caller) == 1
    assert said(home, version) == ["a"]
    assert list(Path(aims["folder"]).iterdir()) == []
    assert is_whole(home, version)


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TEMP TABLE note AS SELECT 'forged' AS text",
        "CREATE TEMP VIEW note AS SELECT 'forged' AS text",
        "CREATE TEMP MACRO upper(x) AS 'forged'",
        "SET VARIABLE mine = 'forged'",
        "SET search_path = 'pg_catalog'",
    ],
)
def test_what_is_made_for_one_question_is_gone_with_it(attacked, made):
    home, version, _ = attacked

    query(home, version, made)

    answer = query(home, version, "SELECT upper(text) AS text, getvariable('mine') AS m FROM note")
    assert answer["text"].tolist() == ["A"]
    assert answer["m"].isna().all()


def test_a_question_is_bound_in_memory(attacked):
    home, version, _ = attacked

    with pytest.raises(duckdb.OutOfMemoryException):
        query(home, version, "SELECT list(repeat('x', 1000) || i) FROM range(10_000_000) AS r(i)")

    assert said(home, version) == ["a"]
