"""What is erased is really gone, and a tombstone says so."""

import datetime
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from data import erasing
from data.acts import in_force, list_acts, standings, withdraw
from data.authority import Actor
from data.backup import backup, restore
from data.batches import list_batches
from data.check import Stated
from data.erasing import batches_with_person, erase, erase_person
from data.errors import DataError, SnapshotError
from data.held import as_csv, held_rows_of
from data.home import Home
from data.inbox import load_inbox
from data.load import load_files
from data.report import Report
from data.snapshots import current_version, versions
from metrics.publish import publish, values_known
from tests.data.sent_files import counts
from tests.data.test_acts import NOON, numerators
from tests.small_partnership import load_everything

Take = Callable[..., Report]
CANARY = "qcanaryq"
SPELLS = "spell_id,person_key,practice_code,admitted_on,discharged_on,admission_method,age_band\n"


def everything_said_in(home: Home) -> Iterator[tuple[Path, str]]:
    """Yield every file of a home and all that it holds, Parquet, workbooks and databases read."""
    for path in home.path.rglob("*"):
        if not path.is_file():
            continue
        text = path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            text += str(pq.read_table(path).to_pydict())
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for (table,) in connection.execute(
                    "SELECT schema_name || '.\"' || table_name || '\"' FROM duckdb_tables()"
                ).fetchall():
                    text += str(connection.execute(f"SELECT * FROM {table}").fetchall())
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                text += "".join(archive.read(name).decode("latin-1") for name in archive.namelist())
        yield path, text


def files_with(home: Home, word: str = CANARY) -> list[str]:
    found = [path for path, text in everything_said_in(home) if word in text]
    return sorted(path.relative_to(home.path).as_posix() for path in found)


pytestmark = pytest.mark.usefixtures("few_measures")


@pytest.fixture
def loaded(home: Home) -> Home:
    """A home with a few months of records, and one file from the inbox that has a canary."""
    load_everything(home, ("2024-04", "2024-05"))
    home.inbox.mkdir()
    rows = [f"s{n},person{n},Z90001,2024-04-0{n},2024-04-1{n},21,75-84\n" for n in range(1, 4)]
    text = SPELLS + "".join(rows) + f"{CANARY}1,{CANARY}p,Z90002,2024-04-05,,21,75-84\n"
    # One row is held, and its canary is only there.
    text += f"{CANARY}2,{CANARY}h,Z90002,2024-04-05,,never,75-84\n"
    (home.inbox / "spells.csv").write_text(text, encoding="utf-8")
    load_inbox(home, Stated("hospital_spell", "ymd"))
    return home


def the_batch(home: Home) -> str:
    return next(b.id for b in in_force(home) if b.source_name == "spells.csv")


# ---------------------------------------------------------------- a batch


def test_the_search_for_the_canary_finds_it_wherever_rows_are_kept(loaded: Home) -> None:
    publish(loaded)

    found = files_with(loaded)

    version, batch = current_version(loaded), the_batch(loaded)
    assert found == sorted(
        [
            f"batches/hospital_spell/{batch}.parquet",
            f"batches/hospital_spell/{batch}.held.parquet",
            "inbox/done/spells.csv",
            f"inbox/held/spells held {batch[:8]}.csv",
            f"snapshots/{version}/records.duckdb",
        ]
    )


def test_after_erasing_and_publishing_no_file_has_the_rows(loaded: Home) -> None:
    publish(loaded)
    (loaded.path / "reference" / "note.txt").write_text("another input", encoding="utf-8")
    batch = the_batch(loaded)
    served = current_version(loaded)

    done = erase(loaded, batch, "asked for by the sender", "Ann")

    assert done.still_served == served
    assert files_with(loaded) == [f"snapshots/{served}/records.duckdb"]
    publish(loaded)
    assert files_with(loaded) == []
    assert served not in versions(loaded)
    assert [b.table for b in in_force(loaded)] == [b.table for b in list_batches(loaded)]


def test_snapshots_that_are_not_served_go_at_once(loaded: Home) -> None:
    publish(loaded)
    old = current_version(loaded)
    withdraw(loaded, the_batch(loaded), "wrong")
    publish(loaded)

    done = erase(loaded, the_batch_of_any(loaded), "a legal duty")

    assert done.still_served is None
    assert old not in versions(loaded)
    assert files_with(loaded) == []
    assert publish(loaded).changed is False


def the_batch_of_any(home: Home) -> str:
    return next(s.id for s in standings(home) if s.batch and s.batch.source_name == "spells.csv")


def test_a_tombstone_says_what_is_missing_and_why(loaded: Home) -> None:
    publish(loaded)
    batch = the_batch(loaded)
    erase(loaded, batch[:8], "asked for by the sender", "Ann")

    (stone,) = [one for one in standings(loaded) if one.state == "erased"]

    act = stone.acts[-1]
    assert (stone.id, stone.table, stone.batch) == (batch, "hospital_spell", None)
    assert (act.by, act.why) == ("Ann", "asked for by the sender")
    assert (act.rows_accepted, act.rows_held) == (4, 1)
    assert act.covers.areas == ("Z90001", "Z90002")
    assert act.snapshots == (current_version(loaded),)
    with pytest.raises(DataError, match="was erased already"):
        erase(loaded, batch, "again")
    with pytest.raises(DataError, match=r"was erased on .*: asked for by the sender\."):
        withdraw(loaded, batch, "again")


def test_corrections_of_its_held_rows_are_erased_with_it(loaded: Home, write) -> None:
    batch = the_batch(loaded)
    file = write(as_csv(*held_rows_of(loaded, batch)).replace("never", "21"), "corrected.csv")
    (loaded.inbox / "corrected.csv").write_bytes(file.read_bytes())
    load_inbox(loaded)
    file.unlink()
    assert len(files_with(loaded, f"{CANARY}2")) > 2

    done = erase(loaded, batch, "asked for by the sender")

    assert len(done.tombstones) == 2
    assert files_with(loaded) == []


def test_backups_in_the_home_are_written_anew_without_it_and_can_be_restored(
    loaded: Home, tmp_path: Path
) -> None:
    ann = Actor("Ann")
    made = backup(loaded, ann)
    before = len(files_with(loaded))
    others = backup(loaded, ann, tmp_path / "elsewhere.zip")

    erase(loaded, the_batch(loaded), "asked for by the sender")

    assert before > len(files_with(loaded)) == 0
    assert zipfile.is_zipfile(made.file)
    assert zipfile.is_zipfile(others.file)
    there = Home(tmp_path / "restored")
    restore(made.file, there, ann)
    assert [b.table for b in in_force(there)] == [b.table for b in in_force(loaded)]
    assert files_with(there) == []


def test_where_nothing_is_left_publishing_takes_what_was_served_away(
    home: Home, load: Take
) -> None:
    kept = load(counts(f"N1,2024-04,W03,5,10,{CANARY}"))
    publish(home)
    erase(home, str(kept.batch_id), "all of it")

    with pytest.raises(DataError, match="nothing has been loaded here yet"):
        publish(home)

    assert files_with(home) == []
    with pytest.raises(SnapshotError, match="nothing has been published here yet"):
        current_version(home)


def test_erasing_needs_a_reason(loaded: Home) -> None:
    with pytest.raises(DataError, match="Say why"):
        erase(loaded, the_batch(loaded), "")

    assert list_acts(loaded) == []


def test_what_was_erased_and_is_loaded_again_is_kept_with_a_warning(home: Home, load: Take) -> None:
    first = load(counts("N1,2024-04,W03,5,10,"))
    erase(home, str(first.batch_id), "asked for by the sender")
    assert numerators(home) == {}

    again = load(counts("N1,2024-04,W03,5,10,"))

    assert "was erased on" in again.warnings[0]
    assert "asked for by the sender. This file has the same content" in again.warnings[0]
    assert numerators(home) == {"N1": "5"}
    assert [one.state for one in standings(home)] == ["erased", "counts"]
    erase(home, str(again.batch_id), "again")
    assert numerators(home) == {}
    assert files_with(home, "W03") == []


@pytest.mark.parametrize("files_gone", [0, 1, 2, 3])
def test_a_kill_while_erasing_leaves_nothing_that_counts_and_is_finished_later(
    loaded: Home, monkeypatch: pytest.MonkeyPatch, files_gone: int
) -> None:
    batch = the_batch(loaded)
    unlink, done = Path.unlink, []

    def killed(path: Path, *words: object, **options: object) -> None:
        if len(done) == files_gone:
            raise KeyboardInterrupt
        done.append(path)
        unlink(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            erase(loaded, batch, "asked for by the sender")
    assert batch not in {b.id for b in in_force(loaded)}

    load_files(loaded, [])

    assert files_with(loaded) == []


def test_what_was_known_before_something_was_erased_is_not_reproducible(
    home: Home, load: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on(day: int) -> datetime.date:
        monkeypatch.setattr(Home, "clock", lambda _: NOON.replace(day=day))
        return datetime.date(2025, 6, day)

    on(2)
    load(counts("N1,2024-04,W03,5,10,"))
    on(4)
    gone = load(counts("N1,2024-04,W03,7,10,"))
    on(6)
    erase(home, str(gone.batch_id), "asked for by the sender")

    for day in (2, 3, 6, 7):
        assert len(in_force(home, datetime.date(2025, 6, day))) == 1
    for day in (4, 5):
        with pytest.raises(DataError, match="is not reproducible: erased") as said:
            values_known(home, datetime.date(2025, 6, day))
        assert f"Batch {gone.batch_id} (aggregate_submission, 1 rows, loaded" in str(said.value)
        assert "was erased on 2025-06-06: asked for by the sender." in str(said.value)


def test_what_was_withdrawn_by_then_is_not_missed_when_it_is_erased(
    home: Home, load: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day, step in enumerate(
        [
            lambda: load(counts()),
            lambda: withdraw(home, in_force(home)[0].id, "wrong"),
            lambda: None,
            lambda: erase(home, standings(home)[0].id, "a legal duty"),
        ],
        start=1,
    ):
        monkeypatch.setattr(Home, "clock", lambda _, day=day: NOON.replace(day=day))
        step()

    assert in_force(home, datetime.date(2025, 6, 3)) == []
    with pytest.raises(DataError, match="not reproducible"):
        in_force(home, datetime.date(2025, 6, 1))


# ---------------------------------------------------------------- a person


def test_after_erasing_a_person_no_file_has_the_key(loaded: Home) -> None:
    publish(loaded)
    key, other = f"{CANARY}p", f"{CANARY}h"
    (before,) = [b for b in in_force(loaded) if b.id == the_batch(loaded)]

    done = erase_person(loaded, key, "asked for by the person", "Ann")
    publish(loaded)

    assert files_with(loaded, key) == []
    (stone,) = done.tombstones
    assert (stone.batch, stone.rows_accepted, stone.rows_held) == (before.id, 1, 0)
    (after,) = [b for b in in_force(loaded) if b.id == stone.instead]
    assert (after.sequence, after.covers) == (before.sequence, before.covers)
    assert (after.rows_in_file, after.rows_accepted, after.rows_held) == (4, 3, 1)
    erase_person(loaded, other, "asked for by the person")
    publish(loaded)
    assert files_with(loaded) == files_with(loaded, f"{CANARY}1")
    assert batches_with_person(loaded, other) == []


def test_the_other_rows_count_as_before_also_where_later_ones_won(home: Home, load: Take) -> None:
    head = SPELLS + "s1,p1,Z90001,2024-04-01,2024-04-02,21,75-84\n"
    load(head + "s2,p2,Z90001,2024-04-01,2024-04-02,21,75-84\n", "hospital_spell.csv")
    load(SPELLS + "s1,p1,Z90001,2024-04-01,2024-04-09,21,75-84\n", "hospital_spell.csv")
    publish(home)

    erase_person(home, "p2", "asked for by the person")

    assert [b.sequence for b in in_force(home)] == [1, 2]
    from tests.data.test_acts import rows_in_force

    (row,) = rows_in_force(home, "hospital_spell")
    assert "2024-04-09" in row


def test_what_was_done_to_the_whole_batch_holds_for_the_one_without_the_person(
    loaded: Home,
) -> None:
    batch = the_batch(loaded)
    withdraw(loaded, batch, "wrong")

    (stone,) = erase_person(loaded, f"{CANARY}p", "asked for by the person").tombstones

    (standing,) = [one for one in standings(loaded) if one.id == stone.instead]
    assert (standing.state, [act.act for act in standing.acts]) == ("withdrawn", ["withdrawn"])


@pytest.mark.parametrize("moment", ["record", "list"])
def test_a_kill_while_erasing_a_person_loses_no_other_row(
    loaded: Home, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        place = (erasing, "record") if moment == "record" else (os, "replace")
        real = os.replace

        def only_the_last(one: Path, other: Path) -> None:
            if str(one).endswith(erasing.WAITING):
                raise KeyboardInterrupt
            real(one, other)

        patch.setattr(*place, killed if moment == "record" else only_the_last)
        with pytest.raises(KeyboardInterrupt):
            erase_person(loaded, f"{CANARY}p", "asked for by the person")

    load_files(loaded, [])

    (batch,) = [b for b in in_force(loaded) if b.source_name == "spells.csv"]
    left = 4 if moment == "record" else 3
    assert pq.read_table(batch.rows_file).num_rows == left
    assert list(loaded.batches.glob(f"*/*{erasing.WAITING}")) == []
    assert (files_with(loaded, f"{CANARY}p") == []) == (moment == "list")


def test_a_person_who_is_in_no_batch_is_said(loaded: Home) -> None:
    with pytest.raises(DataError, match="No batch here has a row with this key"):
        erase_person(loaded, "nobody", "asked")
    with pytest.raises(DataError, match="Name the person"):
        erase_person(loaded, " ", "asked")
