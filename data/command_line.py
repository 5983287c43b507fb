"""What all our commands share: the option that names a home, and errors said in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

HomeOption = Annotated[
    Path | None,
    typer.Option(help="The partnership's folder. Else $PARTNERSHIP_HOME, else ./partnership."),
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
