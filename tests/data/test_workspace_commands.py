"""`python -m data audit`, `backup` and `restore`, run as whoever looks after a partnership does."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.authority import Verb
from data.home import ENVIRONMENT_VARIABLE, Home
from data.snapshots import manifest
from data.workspace import Subject, Workspace
from metrics.publish import publish
from tests.data.workspace_home import ANN, BOB, TEAM, note, without_triggers
from tests.small_partnership import load_everything, set_up

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = set_up(tmp_path / "home")
    load_everything(made, ["2025-01"])
    yield made
    Workspace.open(made).close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def _run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if k != ENVIRONMENT_VARIABLE}
        return subprocess.run(
            [sys.executable, "-m", "data", *map(str, words)],
            cwd=tmp_path,
            env={**kept, "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return _run


def test_a_backup_is_made_and_restored_and_the_audit_says_so(run, home, tmp_path):
    note(Workspace.open(home))
    file, new = tmp_path / "kept.zip", tmp_path / "new"

    saved = run("backup", "--home", home.path, "--out", file, "--by", "Ann Example")
    back = run("restore", file, "--home", new, "--by", "Bob Example")
    told = run("audit", "--home", new)

    assert (saved.returncode, back.returncode, told.returncode) == (0, 0, 0)
    assert saved.stdout.startswith(f"{file}: ")
    assert "2 events" in saved.stdout
    assert f"{new}: restored" in back.stdout
    assert "python -m metrics publish --home" in back.stdout
    lines = told.stdout.splitlines()
    assert "Ann Example (unverified)" in lines[1]
    assert "write a note" in lines[1]
    assert "team N1" in lines[1]
    assert "make a backup" in lines[2]
    assert "Bob Example (unverified)  restore a backup" in lines[3]
    assert lines[4].startswith("3 events. The record is whole.")
    assert run("restore", file, "--home", new).returncode == 1


def test_an_audit_says_who_and_not_what_they_wrote(run, home):
    workspace = Workspace.open(home)
    said = note(workspace, "Jo Bloggs was sent home.")
    workspace.append(BOB, Verb.LOAD, TEAM, Subject("batch", "[bold]b1"), {"table": "referral"})
    workspace.redact(BOB, said.id, "It names Jo Bloggs.")

    words, array = run("audit", "--home", home.path), run("audit", "--home", home.path, "--json")

    assert "Bloggs" not in words.stdout + words.stderr + array.stdout
    assert "write a note (redacted)" in words.stdout
    assert "batch [bold]b1" in words.stdout
    told = json.loads(array.stdout)
    assert (told["events"], told["whole"], told["faults"]) == (3, True, [])
    assert [act["verb"] for act in told["acts"]] == ["note", "load", "redact"]
    assert [act["redacted"] for act in told["acts"]] == [True, False, False]
    assert told["acts"][1]["role"] == "analyst"
    since = json.loads(run("audit", "--home", home.path, "--json", "--since", "2").stdout)
    assert [act["seq"] for act in since["acts"]] == [3]


def test_an_audit_of_a_home_where_nobody_wrote_makes_nothing(run, home):
    told = run("audit", "--home", home.path)

    assert (told.returncode, told.stdout) == (0, "Nothing has been written here yet.\n")
    assert not home.workspace_file.exists()


def test_an_audit_says_where_the_chain_breaks_and_ends_with_status_1(run, home):
    workspace = Workspace.open(home)
    for _ in range(3):
        note(workspace)
    with without_triggers(home) as connection:
        connection.execute("UPDATE event SET actor = 'Somebody else' WHERE seq = 2")
        connection.execute("UPDATE event SET at = 'never' WHERE seq = 3")

    told = run("audit", "--home", home.path)

    assert told.returncode == 1
    assert "event 2 is not as it was written" in told.stderr
    assert "The record is whole" not in told.stdout
    assert told.stdout.count("Ann Example") == 1
    told = json.loads(run("audit", "--home", home.path, "--json").stdout)
    assert (told["events"], told["whole"]) == (1, False)


def test_a_record_that_lost_its_end_is_found_by_what_a_snapshot_names(run, home):
    workspace = Workspace.open(home)
    note(workspace)
    last = note(workspace)
    version = publish(home).version
    said = manifest(home, version)
    assert (said.workspace_upto, said.workspace_hash) == (2, last.hash)
    assert run("audit", "--home", home.path).returncode == 0

    with without_triggers(home) as connection:
        connection.execute("DELETE FROM event_body WHERE seq = 2")
        connection.execute("DELETE FROM event WHERE seq = 2")

    assert workspace.verify().is_whole
    told = run("audit", "--home", home.path)
    assert told.returncode == 1
    assert f"the snapshot {version} was made when event 2 was the last" in told.stderr


def test_an_event_that_changes_no_figure_makes_no_new_version(home):
    before = publish(home)

    note(Workspace.open(home))

    again = publish(home)
    assert (again.version, again.changed) == (before.version, False)


@pytest.mark.parametrize("command", ["audit", "backup"])
def test_where_there_is_no_partnership_that_is_said(run, tmp_path, command):
    told = run(command, "--home", tmp_path / "nowhere")

    assert told.returncode == 1
    assert "there is no partnership here" in told.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_backup_is_made_by_whoever_is_at_the_computer(run, home):
    assert run("backup", "--home", home.path).returncode == 0

    (event,) = Workspace.open(home).events()
    assert event.actor.name
    assert event.actor != ANN
    assert [path.suffix for path in home.backups.iterdir()] == [".zip"]
