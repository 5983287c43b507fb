"""How fast the workspace acknowledges, and how fast the disk alone could."""

import os
import tempfile
import threading
from pathlib import Path

from benchmarks.figures import Figure, Tell, seconds
from data.authority import Actor, Scope, Verb
from data.home import Home
from data.workspace import Subject, Workspace

EVENTS = 1_000
THREADS = (1, 50)


def measure(runs: int, tell: Tell) -> list[Figure]:
    """Return acknowledged events a second, from one thread and from many, and the disk alone."""
    found: dict[int, list[float]] = {threads: [] for threads in THREADS}
    disk: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.settings_file.write_text('name = "Nowhere"\n', encoding="utf-8")
        workspace = Workspace.open(home)
        for run in range(runs):
            for threads in THREADS:
                tell(f"Writing from {threads} threads, run {run + 1} of {runs}")
                found[threads].append(_a_second(workspace, threads))
            disk.append(_flushes_a_second(home.path / "flushed"))
        workspace.close()
    return [
        *(
            Figure(_words(threads), rates, unit="events/s", decimals=0)
            for threads, rates in found.items()
        ),
        Figure("the disk alone: 1 kB added and flushed", disk, unit="times/s", decimals=0),
    ]


def _words(threads: int) -> str:
    return f"acknowledged, from {threads} thread{'' if threads == 1 else 's'}"


def _a_second(workspace: Workspace, threads: int) -> float:
    each = EVENTS // threads

    def write() -> None:
        for number in range(each):
            workspace.append(
                Actor("Ann Example"),
                Verb.NOTE,
                Scope("team", "N1"),
                Subject("measure", "F04"),
                {"text": f"Note {number}: two people left in March, and nobody has come yet."},
            )

    def write_all() -> None:
        writers = [threading.Thread(target=write) for _ in range(threads)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()

    return each * threads / seconds(write_all)


def _flushes_a_second(file: Path) -> float:
    def flush() -> None:
        with file.open("ab") as opened:
            for _ in range(EVENTS):
                opened.write(b"x" * 1_000)
                opened.flush()
                os.fsync(opened.fileno())

    return EVENTS / seconds(flush)
