"""What was measured, each figure beside its goal."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

# Wide enough for every row on one line, also where the tables go to a file.
WIDTH = 110
# With more than this share of the processors in use already, figures are about something else too.
BUSY = 0.25

Tell = Callable[[str], None]
out = Console(width=None if Console().is_terminal else WIDTH)


@dataclass(frozen=True)
class Figure:
    """Several runs of one thing.

    Attributes:
        what: What was measured.
        runs: What each run gave.
        goal: The figure that the median should stay under, or None where there is none.
        unit: What is counted.
        decimals: How many of them are worth printing.
    """

    what: str
    runs: Sequence[float]
    goal: float | None = None
    unit: str = "s"
    decimals: int = 2

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    def cells(self) -> list[str]:
        """Return the row of the table."""
        three = [self._plain(value) for value in (self.median, min(self.runs), max(self.runs))]
        return [self.what, self.unit, *three, str(len(self.runs)), *self._beside()]

    def _beside(self) -> tuple[str, str]:
        if self.goal is None:
            return "", ""
        return f"under {self.goal:g}", "met" if self.median < self.goal else "MISSED"

    def _plain(self, value: float) -> str:
        return f"{value:,.{self.decimals}f}"


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a table of figures."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("", min_width=48)
    table.add_column("unit")
    for name in ("median", "min", "max", "runs", "goal"):
        table.add_column(name, justify="right")
    table.add_column("")
    for figure in figures:
        table.add_row(*figure.cells())
    out.print()
    out.print(table)


def say(text: str) -> None:
    """Print a line beside the tables."""
    out.print(text, highlight=False)


def say_where() -> None:
    """Print on what machine this is, and how busy it was before, where that can be known."""
    cores = os.cpu_count() or 1
    say(f"Python {platform.python_version()}, {platform.platform()}, {cores} processors.")
    # Windows keeps no such average.
    if hasattr(os, "getloadavg"):
        load = os.getloadavg()[0]
        note = " Something else is running, and times are too long." if load > BUSY * cores else ""
        say(f"In the minute before this began, {load:.1f} processors' worth was in use.{note}")


@contextmanager
def progress(steps: int) -> Iterator[Tell]:
    """Show how far a long measurement has come; each call of what is yielded begins a step."""
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    shown_on = Console(stderr=True)
    unseen = not shown_on.is_terminal
    with Progress(*columns, console=shown_on, transient=True, disable=unseen) as bar:
        task = bar.add_task("Getting ready", total=steps + 1)

        def tell(doing: str) -> None:
            bar.update(task, description=doing, advance=1)

        yield tell


def seconds(work: Callable[[], object]) -> float:
    """Return how long something took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
