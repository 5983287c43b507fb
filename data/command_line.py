"""What all our commands share: the option that names a home, and errors said in words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

HomeOption = Annotated[
    Path | None,
    typer.Option(help="The partnership's folder. Else $PARTNERSHIP_HOME, else ./partnership."),
]
ByOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Your name, for the record. Else that of your account."),
]
# Progress goes beside what was asked for, never into it.
progress_console = Console(stderr=True)


@contextmanager
def said_in_words(*errors: type[Exception]) -> Iterator[None]:
    """Say what a person can put right, without a traceback, and end with status 1."""
    try:
        yield
    except errors as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@contextmanager
def showing_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar; what is yielded is told what is being done, how much is done, and of how much."""
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=progress_console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(doing: str, done: int, of: int) -> None:
            bar.update(task, description=doing, completed=done, total=of)

        yield tell
