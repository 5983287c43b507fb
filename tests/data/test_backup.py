"""A backup holds what cannot be made again, and comes back whole or not at all."""

import hashlib
import json
import shutil
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.authority import Verb
from data.backup import MANIFEST, WORKSPACE, backup, restore
from data.code_lists import SHIPPED
from data.errors import BackupError, DataError, NotAllowedError
from data.home import Home
from data.snapshots import query
from data.workspace import Workspace
from metrics.publish import publish
from tests.data.workspace_home import ANN, BOB, forget, note
from tests.small_partnership import load_everything, set_up

MONTHS = ["2025-01", "2025-02"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A partnership with lists, batches, its own files and two notes."""
    made = set_up(tmp_path / "home")
    load_everything(made, MONTHS)
    forget(made)
    on_trial = "measure = [{ id = 'F04', status = 'trial' }]\n"
    made.path.joinpath("adoption.toml").write_text(on_trial, encoding="utf-8")
    made.recipes.mkdir()
    made.recipes.joinpath("Éric's.txt").write_text("A word to ourselves.", encoding="utf-8")
    made.codes.mkdir()
    made.codes.joinpath("sex.toml").write_text(
        (SHIPPED / "sex.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    made.inbox.mkdir()
    made.inbox.joinpath("waiting.csv").write_text("a\n", encoding="utf-8")
    workspace = Workspace.open(made)
    note(workspace)
    note(workspace, "Another.")
    yield made
    workspace.close()


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Home]:
    """Where a backup is restored: the folder is not there yet."""
    place = Home(tmp_path / "restored" / "home")
    yield place
    if place.exists():
        Workspace.open(place).close()


def contents(home: Home) -> dict[str, str]:
    """Return the digest of each file that a backup keeps as it is."""
    places = [home.path / name for name in ("reference", "codes", "recipes", "batches")]
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    return {
        file.relative_to(home.path).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in [*files, *home.path.glob("*.toml")]
        if file.suffix != ".lock"
    }


def values(home: Home, version: str) -> list[str]:
    frame = query(home, version, "SELECT * FROM measure_value ORDER BY ALL")
    return frame.to_csv(index=False).splitlines()


# --- there and back ---


def test_a_backup_made_while_people_write_restores_to_the_same_figures(home, new):
    published = publish(home)
    stop, written = threading.Event(), []

    def write() -> None:
        workspace = Workspace.open(home)
        while not stop.is_set():
            written.append(note(workspace, "While it is copied.").id)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        before = set(written)
        made = backup(home, ANN)
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    done = restore(made.file, new, BOB)

    assert done == made
    assert contents(new) == contents(home)
    workspace = Workspace.open(new)
    ids = [event.id for event in workspace.events()]
    assert ids[:-1] == [event.id for event in Workspace.open(home).events()][: len(ids) - 1]
    assert before <= set(ids)
    assert len(written) > len(before)
    assert workspace.verify().is_whole
    again = publish(new)
    assert (again.version, again.changed) == (published.version, True)
    assert values(new, again.version) == values(home, published.version)
    assert len(values(new, again.version)) > 50


def test_what_can_be_made_again_and_what_waits_is_left_out(home):
    publish(home)

    made = backup(home, ANN)

    with zipfile.ZipFile(made.file) as packed:
        names = packed.namelist()
        tops = {name.partition("/")[0] for name in names}
        said = json.loads(packed.read(MANIFEST))
    assert tops == {
        *("partnership.toml", "adoption.toml", "reference", "codes", "recipes", "batches"),
        *(WORKSPACE, MANIFEST),
    }
    assert sorted(said["files"]) == sorted(set(names) - {MANIFEST})
    assert not [name for name in names if name.endswith((".lock", ".partial"))]
    assert made.files == len(names) - 1
    assert [path.name for path in home.backups.iterdir()] == [made.file.name]


def test_the_record_says_who_made_a_backup_and_who_restored_it(home, new):
    made = backup(home, ANN, home.path.parent / "kept.zip")
    restore(made.file, new, BOB)

    saved, brought_back = Workspace.open(new).events(since=2)
    assert (saved.verb, saved.actor, saved.subject.id) == (Verb.BACKUP, ANN, "kept.zip")
    assert (brought_back.verb, brought_back.actor) == (Verb.RESTORE, BOB)
    assert brought_back.body is not None
    assert brought_back.body["last_event"] == saved.seq == made.events


def test_progress_is_told_of_every_file(home, new):
    told: list[tuple[str, int, int]] = []
    made = backup(home, ANN, progress=lambda *said: told.append(said))
    restored: list[tuple[str, int, int]] = []
    restore(made.file, new, ANN, lambda *said: restored.append(said))

    assert len(told) == made.files
    assert told == restored
    assert [done for _, done, _ in told] == list(range(made.files))


def test_a_backup_is_made_of_a_home_where_nobody_has_written(tmp_path, new):
    home = set_up(tmp_path / "quiet")

    made = backup(home, ANN)
    restore(made.file, new, ANN)

    assert made.events == 1
    assert Workspace.open(new).last_seq() == 2
    Workspace.open(home).close()


@pytest.mark.parametrize("there", [False, True])
def test_an_empty_folder_will_do_as_well_as_none(home, new, there):
    if there:
        new.path.mkdir(parents=True)

    restore(backup(home, ANN).file, new, ANN)

    assert contents(new) == contents(home)


# --- what is refused ---


def assert_nothing_is_left(new: Home) -> None:
    assert not new.path.exists()
    assert not new.path.parent.exists() or list(new.path.parent.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(home, new):
    made = backup(home, ANN)
    new.path.mkdir(parents=True)
    (new.path / "letter.txt").write_text("Dear all", encoding="utf-8")

    with pytest.raises(BackupError, match="into an empty folder only"):
        restore(made.file, new, ANN)

    assert [path.name for path in new.path.iterdir()] == ["letter.txt"]


def test_a_file_that_is_there_is_not_written_over(home, tmp_path):
    there = tmp_path / "there.zip"
    there.write_text("Mine.", encoding="utf-8")

    with pytest.raises(BackupError, match="this file is there already"):
        backup(home, ANN, there)

    assert there.read_text(encoding="utf-8") == "Mine."


def test_a_backup_that_cannot_be_written_is_said_in_words(home, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(BackupError, match="the backup could not be written"):
        backup(home, ANN, tmp_path / "file" / "backup.zip")


def test_nobody_backs_up_or_restores_without_a_name(home, new):
    made = backup(home, ANN)
    nobody = ANN.typed("")

    with pytest.raises(NotAllowedError, match="say who you are"):
        backup(home, nobody)
    with pytest.raises(NotAllowedError, match="say who you are"):
        restore(made.file, new, nobody)

    assert len(list(home.backups.iterdir())) == 1
    assert_nothing_is_left(new)


def test_what_is_broken_off_leaves_nothing_behind(home, new):
    made = backup(home, ANN)

    def break_off(_doing: str, done: int, of: int) -> None:
        if done == of // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(home, ANN, progress=break_off)
    with pytest.raises(KeyboardInterrupt):
        restore(made.file, new, ANN, break_off)

    assert [path.name for path in home.backups.iterdir()] == [made.file.name]
    assert_nothing_is_left(new)


@pytest.mark.parametrize("seen", ["", "/partnership.toml", "/workspace.sqlite"])
def test_a_restore_that_is_killed_leaves_no_home_or_a_whole_one(home, new, seen):
    made = backup(home, ANN)
    command = [sys.executable, "-m", "data", "restore", str(made.file), "--home", str(new.path)]
    pattern = f".{new.path.name}.restoring-*{seen}"

    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not list(new.path.parent.glob(pattern)):
        time.sleep(0.0002)
    process.kill()
    process.wait()

    if not new.path.exists():
        # What was begun lies beside it, and does not stand in the way.
        restore(made.file, new, ANN)
    assert contents(new) == contents(home)
    assert Workspace.open(new).verify().events == made.events + 1


Change = Callable[[dict[str, bytes]], None]


def rewritten(file: Path, change: Change, to: Path) -> Path:
    """Write a backup again with other members; the manifest is left as the change leaves it."""
    with zipfile.ZipFile(file) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    change(members)
    with zipfile.ZipFile(to, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return to


def in_manifest(members: dict[str, bytes], name: str, content: bytes) -> None:
    """Put a member in as somebody would who knows the manifest."""
    members[name] = content
    said = json.loads(members[MANIFEST])
    digest = hashlib.sha256(content).hexdigest()
    said["files"][name] = {"bytes": len(content), "sha256": digest}
    members[MANIFEST] = json.dumps(said).encode()


def without_manifest(members: dict[str, bytes]) -> None:
    del members[MANIFEST]


def newer(members: dict[str, bytes]) -> None:
    members[MANIFEST] = members[MANIFEST].replace(b'"format": 1', b'"format": 2')


def another_list(members: dict[str, bytes]) -> None:
    members["reference/team.csv"] = members["reference/team.csv"].replace(b"North 1", b"North 9")


def longer(members: dict[str, bytes]) -> None:
    members["reference/team.csv"] += b"x" * 5_000_000


def one_more(members: dict[str, bytes]) -> None:
    members["reference/more.csv"] = b"a"


def one_less(members: dict[str, bytes]) -> None:
    del members["reference/team.csv"]


def no_settings(members: dict[str, bytes]) -> None:
    del members["partnership.toml"]
    said = json.loads(members[MANIFEST])
    del said["files"]["partnership.toml"]
    members[MANIFEST] = json.dumps(said).encode()


def another_end(members: dict[str, bytes]) -> None:
    said = json.loads(members[MANIFEST])
    members[MANIFEST] = json.dumps({**said, "last_hash": "0" * 64}).encode()


def no_workspace_at_all(members: dict[str, bytes]) -> None:
    in_manifest(members, WORKSPACE, b"Dear all, " * 1_000)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_manifest, "this program did not make it"),
        (newer, "its form is 2"),
        (another_list, "reference/team.csv is not as it was"),
        (longer, "reference/team.csv is not as it was"),
        (one_more, "does not hold the files that its MANIFEST.json names"),
        (one_less, "does not hold the files that its MANIFEST.json names"),
        (no_settings, "it lacks partnership.toml"),
        (another_end, "does not end where it should"),
        (no_workspace_at_all, "what it holds cannot be used"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_backup_that_is_not_as_it_was_is_refused_and_leaves_nothing(
    home, new, tmp_path, change, said
):
    other = rewritten(backup(home, ANN).file, change, tmp_path / "other.zip")

    with pytest.raises(BackupError, match=said):
        restore(other, new, ANN)

    assert_nothing_is_left(new)


@pytest.mark.parametrize(
    "name",
    [
        "../outside.toml",
        "reference/../../outside.csv",
        "/outside.toml",
        "C:outside.toml",
        "reference\\..\\..\\outside.csv",
        "reference//team2.csv",
        "./other.toml",
        "snapshots/0123456789abcdef/restricted.duckdb",
        "inbox/file.csv",
        "CURRENT",
        "batches/loading.lock",
        ".hidden.toml",
    ],
)
def test_a_file_that_would_land_elsewhere_is_refused(home, new, tmp_path, name):
    def put_in(members: dict[str, bytes]) -> None:
        in_manifest(members, name, b"a = 1\n")

    other = rewritten(backup(home, ANN).file, put_in, tmp_path / "other.zip")
    before = {path for path in tmp_path.rglob("*") if "outside" in path.name}

    with pytest.raises(BackupError, match="belongs in no partnership's folder"):
        restore(other, new, ANN)

    assert_nothing_is_left(new)
    assert {path for path in tmp_path.rglob("*") if "outside" in path.name} == before == set()


def test_a_link_is_refused(home, new, tmp_path):
    other = rewritten(
        backup(home, ANN).file,
        lambda m: in_manifest(m, "reference/a.csv", b"/"),
        tmp_path / "o.zip",
    )
    with zipfile.ZipFile(other) as packed:
        members = [(one, packed.read(one)) for one in packed.infolist()]
    with zipfile.ZipFile(other, "w") as packed:
        for one, content in members:
            if one.filename == "reference/a.csv":
                one.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(one, content)

    with pytest.raises(BackupError, match="belongs in no partnership's folder"):
        restore(other, new, ANN)

    assert_nothing_is_left(new)


@pytest.mark.parametrize("content", [b"", b"Dear all", b"PK\x03\x04" + b"\0" * 500])
def test_what_is_no_backup_is_said_to_be_none(new, tmp_path, content):
    file = tmp_path / "letter.zip"
    file.write_bytes(content)

    with pytest.raises(BackupError, match=f"{file.name}: this backup cannot be used"):
        restore(file, new, ANN)
    with pytest.raises(BackupError, match="there is no such file"):
        restore(tmp_path / "nowhere.zip", new, ANN)

    assert_nothing_is_left(new)


def test_a_flipped_byte_or_a_missing_end_is_found_or_changes_nothing(home, new, tmp_path):
    made = backup(home, ANN)
    whole = made.file.read_bytes()
    other = tmp_path / "other.zip"
    refused = harmless = 0

    for at in range(7, len(whole), max(1, len(whole) // 120)):
        damaged = bytearray(whole)
        damaged[at] ^= 0x20
        other.write_bytes(damaged)
        if said_by_restoring(other, new):
            assert_nothing_is_left(new)
            refused += 1
            continue
        # A date in a header of the ZIP file, say: what is restored is the same.
        assert contents(new) == contents(home)
        restored = Workspace.in_file(new.workspace_file)
        assert restored.verify().events == made.events + 1
        restored.close()
        shutil.rmtree(new.path)
        harmless += 1
    for length in range(0, len(whole), len(whole) // 20):
        other.write_bytes(whole[:length])
        with pytest.raises(BackupError, match="cannot be used"):
            restore(other, new, ANN)
        assert_nothing_is_left(new)

    assert refused > 80
    assert harmless < refused


def said_by_restoring(file: Path, new: Home) -> str:
    """Return why a backup is refused, in words; '' where it is restored."""
    try:
        restore(file, new, ANN)
    except DataError as error:
        return str(error)
    return ""
