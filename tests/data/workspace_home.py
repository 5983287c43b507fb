"""A partnership that people write in, and somebody to write."""

import contextlib
import sqlite3
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.authority import Actor, Scope, Verb
from data.home import Home
from data.workspace import Event, Subject, Workspace

ANN, BOB = Actor("Ann Example"), Actor("Bob Example", role="analyst")
TEAM = Scope("team", "N1")
CASES = Subject("measure", "F04")


def note(workspace: Workspace, text: str = "Two people left in March.", **given: Any) -> Event:
    return workspace.append(ANN, Verb.NOTE, TEAM, CASES, {"text": text}, **given)


def forget(home: Home) -> None:
    """Take away what was written so far, as the loading of the records that a test needs."""
    Workspace.open(home).close()
    for file in home.path.glob("workspace.sqlite*"):
        file.unlink()


@contextlib.contextmanager
def raw(home: Home) -> Iterator[sqlite3.Connection]:
    """Yield a connection to the file itself, past everything that the workspace does."""
    connection = sqlite3.connect(home.workspace_file, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def without_triggers(home: Home) -> Iterator[sqlite3.Connection]:
    """Yield a connection as somebody would have it who first took the triggers away."""
    with raw(home) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        yield connection


# Appends notes from some threads for as long as it lives; prints each one's id once it is kept.
WRITER = textwrap.dedent(
    """
    import sys, threading
    from pathlib import Path
    from data.authority import Actor, Scope, Verb
    from data.home import Home
    from data.workspace import Subject, Workspace

    folder, name, threads, each = sys.argv[1:]
    workspace = Workspace.open(Home(Path(folder)))
    says = threading.Lock()

    def write(thread):
        for number in range(int(each)):
            event = workspace.append(
                Actor(name), Verb.NOTE, Scope("team", "N1"), Subject("measure", "F04"),
                {"text": f"{name} {thread} {number}"},
            )
            with says:
                print(event.id, flush=True)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(int(threads))]
    [writer.start() for writer in writers]
    [writer.join() for writer in writers]
    """
)


def writer_command(python: str, folder: Path, name: str, threads: int, each: int) -> list[str]:
    return [python, "-c", WRITER, str(folder), name, str(threads), str(each)]
