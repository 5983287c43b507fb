"""The workspace: what was acknowledged is there, in one unbroken chain, and cannot be changed."""

import datetime
import os
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.event import listen

from data import chain
from data import workspace as module
from data.authority import WHOLE_PARTNERSHIP, Actor, Scope, Verb
from data.errors import HomeError, NotAllowedError, WorkspaceError
from data.home import Home
from data.workspace import MIGRATIONS, URL_VARIABLE, Subject, Workspace, last_written
from tests.data.workspace_home import (
    ANN,
    BOB,
    CASES,
    TEAM,
    note,
    raw,
    without_triggers,
    writer_command,
)
from tests.small_partnership import set_up

VERSION_1 = Path(__file__).with_name("workspace_version_1.sql")


@pytest.fixture
def workspace(home: Home) -> Iterator[Workspace]:
    opened = Workspace.open(home)
    yield opened
    opened.close()


# --- events ---


def test_an_event_comes_back_as_it_was_written(home, workspace):
    before = datetime.datetime.now(datetime.UTC)
    said = {"text": "É 10 < 12\x00", "n": [1, None]}
    written = workspace.append(BOB, Verb.NOTE, TEAM, CASES, said)

    workspace.close()
    (read,) = Workspace.open(home).events()

    assert read == written
    assert (read.seq, read.actor, read.verb, read.area, read.subject) == (
        1,
        BOB,
        Verb.NOTE,
        TEAM,
        CASES,
    )
    assert read.body == said
    assert before <= read.at <= datetime.datetime.now(datetime.UTC)


def test_events_are_found_by_number_verb_area_and_subject(workspace):
    first, second = note(workspace), note(workspace)
    elsewhere = workspace.append(ANN, Verb.LOAD, WHOLE_PARTNERSHIP, Subject("batch", "b1"))

    assert workspace.events() == [first, second, elsewhere]
    assert workspace.events(since=1) == [second, elsewhere]
    assert workspace.events(since=1, upto=2) == [second]
    assert workspace.events(verbs=[Verb.LOAD, Verb.ERASE]) == [elsewhere]
    assert workspace.events(area=TEAM) == [first, second]
    assert workspace.events(area=Scope("locality", "N1")) == []
    assert workspace.events(subject=Subject("batch", "b1")) == [elsewhere]
    assert workspace.event(second.id) == second
    assert workspace.last() == (3, elsewhere.hash)


def test_in_one_process_a_workspace_is_opened_once(home, workspace):
    assert Workspace.open(home) is workspace
    assert Workspace.open(Home(home.path)) is workspace


def test_nothing_is_made_where_nothing_was_written(home):
    assert last_written(home) == (0, chain.FIRST_HASH)
    assert not home.workspace_file.exists()

    workspace = Workspace.open(home)

    assert workspace.last_seq() == 0
    assert workspace.verify() == chain.Chain(0, chain.FIRST_HASH)
    assert last_written(home) == (0, chain.FIRST_HASH)
    workspace.close()


def test_there_is_no_workspace_where_there_is_no_partnership(nowhere):
    with pytest.raises(HomeError, match="there is no partnership here"):
        Workspace.open(nowhere)


def test_the_same_event_sent_twice_is_kept_once(workspace):
    first = note(workspace, event_id="from-a-form-1")
    again = note(workspace, event_id="from-a-form-1")

    assert again == first
    assert workspace.events() == [first]
    with pytest.raises(WorkspaceError, match="another event with the id from-a-form-1"):
        note(workspace, "Something else.", event_id="from-a-form-1")
    assert workspace.last_seq() == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"n": float("nan")}, "cannot be kept as JSON"),
        ({"when": datetime.date(2025, 1, 1)}, "cannot be kept as JSON"),
        ({"text": "x" * 100_001}, "too long to keep"),
    ],
)
def test_a_body_that_cannot_be_kept_is_refused_in_words(workspace, body, said):
    with pytest.raises(WorkspaceError, match=said):
        workspace.append(ANN, Verb.NOTE, TEAM, CASES, body)
    assert workspace.last_seq() == 0


@pytest.mark.parametrize("bad", ["two\nlines", "x" * 201])
def test_an_id_is_one_short_line(workspace, bad):
    with pytest.raises(WorkspaceError, match="one line of at most 200 letters"):
        workspace.append(ANN, Verb.NOTE, TEAM, Subject("measure", bad))


# --- who may ---


def test_a_proposal_is_approved_by_somebody_else(workspace):
    proposal = workspace.append(ANN, Verb.PROPOSE_STEP, TEAM, CASES, {"from": "2025-04-01"})
    subject = Subject("event", proposal.id)

    with pytest.raises(NotAllowedError, match="a second person"):
        workspace.append(Actor(" ann EXAMPLE "), Verb.APPROVE_STEP, TEAM, subject)
    assert workspace.last_seq() == 1

    approval = workspace.append(BOB, Verb.APPROVE_STEP, TEAM, subject)
    assert approval.subject.id == proposal.id


def test_what_is_approved_is_a_proposal_for_the_same_area(workspace):
    said = note(workspace)
    proposal = workspace.append(ANN, Verb.PROPOSE_STEP, TEAM, CASES)
    elsewhere = Scope("team", "N2")

    for area, subject in (
        (TEAM, Subject("event", "nobody-knows")),
        (TEAM, Subject("event", said.id)),
        (TEAM, Subject("measure", proposal.id)),
        (elsewhere, Subject("event", proposal.id)),
    ):
        with pytest.raises(NotAllowedError, match="propose a step change first"):
            workspace.append(BOB, Verb.APPROVE_STEP, area, subject)
    assert workspace.last_seq() == 2


def test_nothing_is_written_that_the_policy_does_not_allow(workspace):
    with pytest.raises(NotAllowedError, match="a name is needed"):
        workspace.append(Actor(" "), Verb.NOTE, TEAM, CASES)
    assert workspace.last_seq() == 0


# --- many at once ---


def test_fifty_threads_writing_at_once_lose_nothing(workspace):
    acknowledged: list[tuple[str, str]] = []
    together = threading.Barrier(50)

    def write(thread: int) -> None:
        together.wait()
        for number in range(10):
            text = f"{thread} {number}"
            acknowledged.append((note(workspace, text).id, text))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = [(event.id, event.body["text"]) for event in workspace.events() if event.body]
    assert len(acknowledged) == 500
    assert sorted(kept) == sorted(acknowledged)
    assert [event.seq for event in workspace.events()] == list(range(1, 501))
    assert workspace.verify() == chain.Chain(500, workspace.last()[1])


def test_one_that_may_not_write_does_not_keep_the_others_from_it(workspace):
    refused: list[Exception] = []
    together = threading.Barrier(20)

    def write(thread: int) -> None:
        together.wait()
        try:
            workspace.append(Actor("" if thread % 2 else "Ann"), Verb.NOTE, TEAM, CASES)
        except NotAllowedError as error:
            refused.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(refused), workspace.last_seq()) == (10, 10)
    assert workspace.verify().is_whole


def test_several_processes_writing_at_once_lose_nothing(home):
    # All of them find no workspace and make one.
    processes = [
        subprocess.Popen(
            writer_command(sys.executable, home.path, f"Writer {n}", threads=4, each=25),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(4)
    ]
    acknowledged: list[str] = []
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, "")
        acknowledged += out.split()

    workspace = Workspace.open(home)
    assert len(acknowledged) == 400
    assert {event.id for event in workspace.events()} == set(acknowledged)
    assert workspace.verify() == chain.Chain(400, workspace.last()[1])
    workspace.close()


# --- what cannot be done ---


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'Somebody else'",
        "UPDATE event SET seq = seq + 1 WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
        "DELETE FROM event",
        "UPDATE event_body SET body = '{}'",
        "UPDATE event_body SET body = NULL, salt = NULL",
        "DELETE FROM event_body",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 1",
        "INSERT OR REPLACE INTO event_body SELECT seq, salt, '{}' FROM event_body",
    ],
)
def test_what_was_written_cannot_be_changed_or_removed(home, workspace, statement):
    note(workspace)
    note(workspace)
    before = workspace.events()

    with raw(home) as connection, pytest.raises(sqlite3.IntegrityError, match="is never"):
        connection.execute(statement)

    assert workspace.events() == before


def test_a_redaction_allows_nothing_but_to_take_that_text_away(home, workspace):
    said, other = note(workspace), note(workspace)
    workspace.redact(BOB, said.id, "It named somebody.")

    for statement in (
        f"UPDATE event_body SET body = '{{}}', salt = 'a' WHERE seq = {said.seq}",
        f"UPDATE event_body SET body = NULL, salt = NULL WHERE seq = {other.seq}",
    ):
        with raw(home) as connection, pytest.raises(sqlite3.IntegrityError, match="is never"):
            connection.execute(statement)
    assert workspace.verify().is_whole


# --- redaction ---


def test_a_redacted_note_leaves_a_tombstone_and_its_text_is_gone(home, workspace):
    said = note(workspace, "Jo Bloggs of Elm Street was sent home.")
    note(workspace, "Something else.")

    tombstone = workspace.redact(BOB, said.id, "It named somebody.")

    after = workspace.event(said.id)
    assert after.redacted
    assert (after.seq, after.actor, after.at, after.hash) == (
        said.seq,
        said.actor,
        said.at,
        said.hash,
    )
    assert (tombstone.verb, tombstone.subject) == (Verb.REDACT, Subject("event", said.id))
    assert tombstone.body == {"why": "It named somebody."}
    assert workspace.verify() == chain.Chain(3, tombstone.hash)
    for file in home.path.glob("workspace.sqlite*"):
        assert b"Bloggs" not in file.read_bytes(), file.name


def test_nothing_is_redacted_that_is_not_there(workspace):
    said = note(workspace)
    workspace.redact(ANN, said.id, "A slip.")

    with pytest.raises(WorkspaceError, match="event 1 has been redacted already"):
        workspace.redact(ANN, said.id, "Once more.")
    with pytest.raises(WorkspaceError, match="there is no event nobody-knows"):
        workspace.redact(ANN, "nobody-knows", "A slip.")
    assert workspace.last_seq() == 2


# --- the chain ---

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
lines = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]), min_size=1, max_size=9)
acts = st.tuples(
    st.builds(Actor, lines, role=lines | st.just(""), verified=st.booleans()),
    st.sampled_from([Verb.NOTE, Verb.LOAD, Verb.PROPOSE_STEP]),
    st.just(WHOLE_PARTNERSHIP) | st.builds(Scope, st.sampled_from(["team", "locality"]), lines),
    st.builds(Subject, lines, lines),
    st.dictionaries(texts, texts | st.integers() | st.none(), max_size=3),
)
FIELDS = [("event", name) for name in (*chain.SEALED, "hash")]
FIELDS += [("event_body", name) for name in ("seq", "salt", "body")]


@pytest.fixture(scope="module")
def anywhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return set_up(tmp_path_factory.mktemp("chain") / "home").path


def emptied(folder: Path) -> Home:
    """Return a home without a workspace."""
    for file in folder.glob("workspace.sqlite*"):
        file.unlink()
    return Home(folder)


# Each example makes a workspace on the disk, and how long that takes is the disk's affair.
@settings(deadline=None, max_examples=80)
@given(st.data(), st.lists(acts, min_size=1, max_size=6))
def test_every_sequence_verifies_and_every_changed_byte_is_found(anywhere, data, sequence):
    home = emptied(anywhere)
    workspace = Workspace.open(home)
    for act in sequence:
        workspace.append(*act)
    assert workspace.verify() == chain.Chain(len(sequence), workspace.last()[1])
    workspace.close()

    table, name = data.draw(st.sampled_from(FIELDS))
    seq = data.draw(st.integers(1, len(sequence)))
    with without_triggers(home) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        ((value,),) = connection.execute(f"SELECT {name} FROM {table} WHERE seq = ?", [seq])
        if isinstance(value, int):
            # A high bit, so that it is no other event's number.
            changed = value ^ (1 << data.draw(st.integers(8, 40)))
        else:
            content = bytearray(value.encode() or b"\0")
            at = data.draw(st.integers(0, len(content) - 1))
            content[at] ^= data.draw(st.integers(1, 255))
            # Written as text even where it is no longer UTF-8, as a flipped bit leaves it.
            changed = bytes(content)
        value_sql = "?" if isinstance(changed, int) else "CAST(? AS TEXT)"
        connection.execute(f"UPDATE {table} SET {name} = {value_sql} WHERE seq = ?", [changed, seq])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    workspace = Workspace.open(home)
    fault = said_by_verifying(workspace)
    workspace.close()
    assert "damaged" in fault or str(seq) in fault


def said_by_verifying(workspace: Workspace) -> str:
    """Return what is wrong with a workspace, in words; '' where nothing is."""
    try:
        return workspace.verify().fault
    except WorkspaceError as error:
        return str(error)


def test_a_removed_event_and_one_put_in_are_found(home, workspace):
    for _ in range(4):
        note(workspace)
    with without_triggers(home) as connection:
        connection.execute("DELETE FROM event WHERE seq = 3")
    assert workspace.verify().fault == "event 3 is missing or out of its place"

    with without_triggers(home) as connection:
        connection.execute("UPDATE event SET seq = 3 WHERE seq = 4")
        connection.execute("DELETE FROM event_body WHERE seq = 4")
    assert workspace.verify().fault == "event 3 does not follow from the one before it"


def test_a_text_that_was_taken_away_without_a_redaction_is_found(home, workspace):
    note(workspace)
    note(workspace)
    with without_triggers(home) as connection:
        connection.execute("UPDATE event_body SET body = NULL, salt = NULL WHERE seq = 1")

    assert workspace.verify().fault == (
        "event 1 has lost its text, and no event says that it was redacted"
    )


# --- migrations ---


def at_version_1(home: Home) -> None:
    """Make the workspace as version 1 of its form left it: with an event, and one redacted."""
    with raw(home) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))


def test_a_workspace_of_version_1_is_brought_up_to_date_after_a_copy_was_made(home):
    at_version_1(home)

    workspace = Workspace.open(home)

    first, second, third = workspace.events()
    assert (first.body, first.actor) == ({"text": "Written long ago."}, ANN)
    assert (second.body, third.verb) == (None, Verb.REDACT)
    assert workspace.verify() == chain.Chain(3, third.hash)
    assert note(workspace).seq == 4
    with raw(home) as connection:
        applied = connection.execute("SELECT version FROM schema_version ORDER BY version")
        assert applied.fetchall() == [(number,) for number in range(1, len(MIGRATIONS) + 1)]
    copy = home.path / f"workspace.before-{len(MIGRATIONS)}.sqlite"
    before = sqlite3.connect(copy)
    assert before.execute("SELECT MAX(version) FROM schema_version").fetchone() == (1,)
    assert before.execute("SELECT COUNT(*) FROM event").fetchone() == (3,)
    before.close()
    workspace.close()


def test_a_new_workspace_needs_no_copy(home, workspace):
    note(workspace)

    assert list(home.path.glob("*before*")) == []


def test_a_migration_that_fails_changes_nothing(home, monkeypatch):
    at_version_1(home)

    def half_a_step(connection: sa.Connection) -> None:
        connection.execute(sa.text("CREATE TABLE half (a INTEGER)"))
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS[:1], half_a_step))
    with pytest.raises(KeyboardInterrupt):
        Workspace.open(home)
    with raw(home) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert ("half",) not in tables.fetchall()
        assert connection.execute("SELECT MAX(version) FROM schema_version").fetchone() == (1,)

    monkeypatch.undo()
    workspace = Workspace.open(home)
    assert workspace.verify().is_whole
    workspace.close()


def test_a_workspace_of_a_newer_program_is_refused_and_left_alone(home, workspace):
    note(workspace)
    workspace.close()
    with raw(home) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, 'then')")
    before = home.workspace_file.read_bytes()

    with pytest.raises(WorkspaceError, match=r"newer version of the program wrote this \(form 99"):
        Workspace.open(home)

    assert home.workspace_file.read_bytes() == before


# --- what a disk can do ---


def test_a_full_disk_is_said_in_words_and_what_was_kept_before_stays(home, workspace):
    # SQLite's own bound on the size of a file: at it, a write fails as it does on a full disk.
    listen(workspace.engine, "connect", lambda c, _: c.execute("PRAGMA max_page_count = 40"))
    workspace.engine.dispose()
    acknowledged: list[str] = []

    def write_until_it_is_refused() -> None:
        for number in range(1_000):
            acknowledged.append(note(workspace, f"{number} {'x' * 1_000}").id)

    with pytest.raises(WorkspaceError, match=r"the disk is full\. Nothing was saved"):
        write_until_it_is_refused()

    assert len(acknowledged) > 10
    assert [event.id for event in workspace.events()] == acknowledged
    assert workspace.verify().is_whole


# As an account that may read and not write: root may do everything, and becomes nobody first.
READER = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from data.authority import Actor, Scope, Verb
    from data.errors import WorkspaceError
    from data.home import Home
    from data.workspace import Subject, Workspace

    def write(folder):
        workspace = Workspace.open(Home(Path(folder)))
        workspace.append(Actor("Ann"), Verb.NOTE, Scope("team", "N1"), Subject("measure", "F04"))

    # All of Python that is needed is read while it may be.
    write(sys.argv[2])
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.seteuid(65534)
    try:
        write(sys.argv[1])
    except WorkspaceError as error:
        print(error)
    """
)


@pytest.mark.parametrize("written_before", [True, False])
def test_a_folder_that_may_only_be_read_is_said_in_words(home, written_before):
    # Not in pytest's own folder, which nobody else may enter.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        closed = set_up(Path(folder) / "home")
        if written_before:
            workspace = Workspace.open(closed)
            note(workspace)
            workspace.close()
            closed.workspace_file.chmod(0o444)
        closed.path.chmod(0o555)
        try:
            command = [sys.executable, "-c", READER, str(closed.path), str(home.path)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        finally:
            closed.path.chmod(0o755)

    assert done.stderr == ""
    assert done.stdout.startswith(f"{closed.workspace_file}: this file")
    assert len(done.stdout.splitlines()) == 1
    assert "this account may" in done.stdout or "by this account" in done.stdout


def test_a_file_that_is_no_database_is_said_in_words(home):
    home.workspace_file.write_text("Dear all, " * 1_000, encoding="utf-8")

    with pytest.raises(WorkspaceError, match="this file is damaged"):
        Workspace.open(home)


def test_a_file_that_was_taken_away_while_in_use_is_noticed(home, workspace):
    note(workspace)
    home.workspace_file.rename(home.path / "elsewhere.sqlite")

    with pytest.raises(WorkspaceError, match="moved, removed or replaced"):
        note(workspace)

    fresh = Workspace.open(home)
    assert fresh is not workspace
    assert fresh.last_seq() == 0
    fresh.close()


@pytest.mark.parametrize("part", range(4))
def test_a_flipped_byte_of_the_file_is_found_or_lay_where_nothing_stands(home, part):
    workspace = Workspace.open(home)
    for number in range(20):
        note(workspace, f"Note {number}.")
    events, last = workspace.events(), workspace.last()
    workspace.close()
    whole = home.workspace_file.read_bytes()
    found = 0

    for at in range(part * 97, len(whole), 4 * 97):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        home.workspace_file.write_bytes(damaged)
        try:
            opened = Workspace.in_file(home.workspace_file)
        except WorkspaceError:
            found += 1
            continue
        if said_by_verifying(opened):
            found += 1
        else:
            assert opened.last() == last
            assert opened.events() == events
        opened.close()

    assert found > 10


# --- another database ---


def test_the_address_of_a_database_comes_from_the_environment(home, monkeypatch, tmp_path):
    file = tmp_path / "elsewhere.sqlite"
    monkeypatch.setenv(URL_VARIABLE, f"sqlite:///{file.as_posix()}")

    workspace = Workspace.open(home)
    note(workspace)

    assert last_written(home) == workspace.last()
    assert file.exists()
    assert not home.workspace_file.exists()
    workspace.close()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("not an address", "is not the address of a database"),
        ("postgresql+nosuchdriver://somewhere/name", "is not the address of a database"),
        ("mysql+mysqlconnector://somewhere/name", r"is not the address|can be kept in sqlite or"),
    ],
)
def test_an_address_that_cannot_be_used_is_said_in_words(home, monkeypatch, address, said):
    monkeypatch.setenv(URL_VARIABLE, address)

    with pytest.raises(WorkspaceError, match=f"{URL_VARIABLE}.*{said}"):
        Workspace.open(home)
