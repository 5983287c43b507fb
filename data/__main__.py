"""`python -m data`: check and load files, list what was done, back up, make the fictional city."""

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from data.batches import Covers, list_batches
from data.check import Stated
from data.command_line import HomeOption, said_in_words
from data.command_line import showing_progress as _showing_progress
from data.demo import city
from data.errors import DataError
from data.home import Home
from data.load import check_files, load_files
from data.recipe import DateOrder
from data.report import Report, covers_in_words, exit_code
from data.toml import in_words
from data.workspace_commands import audit_command, backup_command, restore_command

app = typer.Typer(
    help="Data: check a file, load it, list what was done, back up, or make the fictional city.",
    no_args_is_help=True,
    add_completion=False,
)
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False)]
As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="TABLE", help="The table or recipe, where the header leaves it open."
    ),
]
Dates = Annotated[
    str | None,
    typer.Option(metavar="ORDER", help="How dates are written: dmy, mdy, ymd or excel."),
]
CoversOption = Annotated[
    str | None,
    typer.Option(
        metavar="FROM:TO",
        help="The months the file speaks for, as 2024-04:2025-03. Else those in its rows.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON array and nothing else.")]


def _stated(as_named: str | None, dates: str | None, covers: str | None) -> Stated:
    if dates is not None and dates not in get_args(DateOrder):
        orders = ", ".join(get_args(DateOrder))
        raise typer.BadParameter(f"{dates} is not one of {orders}.", param_hint="--dates")
    months = None
    if covers is not None:
        first, _, last = covers.partition(":")
        months = first, last or first
        try:
            Covers.of(months, ())
        except ValidationError as error:
            said = f"{covers} is not FROM:TO, as 2024-04:2025-03. {'; '.join(in_words(error))}"
            raise typer.BadParameter(said, param_hint="--covers") from error
    return Stated(as_named, dates, months)  # type: ignore[arg-type]


def _print(reports: Sequence[Report], as_json: bool) -> None:
    if as_json:
        said = [report.as_dict() for report in reports]
        typer.echo(json.dumps(said, indent=2))
        return
    for report in reports:
        typer.echo(report.as_text())


@app.command("check")
def _check(
    files: Files,
    as_named: As = None,
    home: HomeOption = None,
    as_json: AsJson = False,
    dates: Dates = None,
    covers: CoversOption = None,
) -> None:
    """Check files and keep nothing. Status 0: accepted; 3: some rows held; 4: refused."""
    stated = _stated(as_named, dates, covers)
    with said_in_words(DataError), _showing_progress() as tell:
        reports = check_files(Home.find(home), files, stated, tell)
    _print(reports, as_json)
    raise typer.Exit(exit_code(reports))


@app.command("load")
def _load(
    files: Files,
    as_named: As = None,
    home: HomeOption = None,
    as_json: AsJson = False,
    dates: Dates = None,
    covers: CoversOption = None,
) -> None:
    """Check files and keep what is accepted. Status 0: accepted; 3: some rows held; 4: refused."""
    stated = _stated(as_named, dates, covers)
    with said_in_words(DataError), _showing_progress() as tell:
        reports = load_files(Home.find(home), files, stated, tell)
    _print(reports, as_json)
    if not as_json and any(report.batch_id for report in reports):
        typer.echo("To show it: python -m metrics publish")
    raise typer.Exit(exit_code(reports))


@app.command("batches")
def _batches(home: HomeOption = None, as_json: AsJson = False) -> None:
    """List what was loaded, oldest first."""
    with said_in_words(DataError):
        place = Home.find(home)
        place.settings()
        batches = list_batches(place)
    if as_json:
        said = [batch.model_dump(mode="json", by_alias=True) for batch in batches]
        typer.echo(json.dumps(said, indent=2))
        return
    if not batches:
        typer.echo("Nothing has been loaded here yet: python -m data load FILE")
        return
    table = Table("no.", "table", "file", "rows", "held", "covers", "loaded", "batch", box=None)
    for batch in batches:
        table.add_row(
            str(batch.sequence),
            batch.table,
            batch.source_name,
            f"{batch.rows_accepted:,}",
            f"{batch.rows_held:,}",
            covers_in_words(batch.covers),
            f"{batch.loaded_at:%Y-%m-%d %H:%M}",
            batch.id,
        )
    Console(width=None if Console().is_terminal else 200).print(table)


@app.command("demo")
def _demo(
    home: HomeOption = None,
    seed: Annotated[int, typer.Option(help="Which city: the same seed, the same rows.")] = (
        city.DEFAULT_SEED
    ),
    until: Annotated[
        str, typer.Option(metavar="YYYY-MM", help="The last of its 36 months.")
    ] = city.DEFAULT_UNTIL,
    unless_there: Annotated[
        bool, typer.Option("--unless-there", help="Do nothing where there is a partnership.")
    ] = False,
) -> None:
    """Make the fictional city: three localities, twelve teams, 36 months of invented records."""
    place = Home.find(home)
    with said_in_words(DataError):
        if unless_there and place.exists() and not _was_left_unfinished(place):
            return
        with _showing_progress() as tell:
            city.make(place, seed=seed, until=until, progress=tell)
    typer.echo(f"The fictional city is in {place.path}. To show it: python -m metrics publish")


app.command("audit")(audit_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)


def _was_left_unfinished(place: Home) -> bool:
    return place.settings().fictional and not city.is_whole(place)


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal or a file that lacks a letter gets ? in its place, and not half a report.
        sys.stdout.reconfigure(errors="replace")
    app()
