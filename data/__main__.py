"""`python -m data`: check and load files, see to them later, back up, make the fictional city."""

import datetime
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from data import acts, doubtful, erasing
from data.batches import Covers, How
from data.check import Stated
from data.command_line import HomeOption, said_in_words, showing_progress
from data.demo import city
from data.errors import DataError
from data.feeds import feeds_of, in_notes, in_summary
from data.held import as_csv, held_rows_of
from data.home import Home
from data.inbox import load_inbox
from data.load import check_files, load_files
from data.recipe import DateOrder
from data.report import Report, covers_in_words, exit_code
from data.template_commands import template_command
from data.toml import in_words
from data.workspace_commands import audit_command, backup_command, restore_command

app = typer.Typer(
    help="Data: check a file, load it, see to it later, back up, or make the fictional city.",
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
AreasOption = Annotated[
    str | None,
    typer.Option(
        metavar="CODES",
        help="Areas the file speaks for besides those in its rows: codes of practices, teams or"
        " localities, as N1,N2; or all.",
    ),
]
ExtractedOption = Annotated[
    str | None,
    typer.Option(
        metavar="DAY",
        help="The day the file was drawn from its system, as 2025-03-15: a month not over then"
        " is only part-filled.",
    ),
]
Replaces = Annotated[
    bool,
    typer.Option(
        "--replaces",
        help="It is all there is for what it covers: whatever else was loaded for that is gone.",
    ),
]
Adds = Annotated[
    bool,
    typer.Option("--adds", help="Its rows come on top, in a table whose rows have no key."),
]
By = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Who does it. Else the user name of this computer."),
]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason, in a few words. It is kept.")]
BatchId = Annotated[
    str, typer.Argument(metavar="ID", help="The batch, by its id or the beginning of it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON array and nothing else.")]


def _stated(
    as_named: str | None,
    dates: str | None,
    covers: str | None,
    areas: str | None,
    extracted: str | None,
    how: tuple[bool, bool],
) -> Stated:
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
    drawn = None
    if extracted is not None:
        try:
            drawn = datetime.date.fromisoformat(extracted)
        except ValueError as error:
            said = f"{extracted} is not a day, written as 2025-03-15."
            raise typer.BadParameter(said, param_hint="--extracted") from error
    if all(how):
        said = "A file either replaces what was there or adds to it: leave one of them out."
        raise typer.BadParameter(said, param_hint="--replaces --adds")
    replaces, adds = how
    said_how: How = "replaces" if replaces else "adds" if adds else ""
    named = tuple(code.strip() for code in (areas or "").split(",") if code.strip())
    return Stated(as_named, dates, months, named, drawn, said_how)  # type: ignore[arg-type]


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
    areas: AreasOption = None,
    extracted: ExtractedOption = None,
    replaces: Replaces = False,
    adds: Adds = False,
) -> None:
    """Check files and keep nothing. Status 0: accepted; 3: some rows held; 4: refused."""
    stated = _stated(as_named, dates, covers, areas, extracted, (replaces, adds))
    with said_in_words(DataError), showing_progress() as tell:
        reports = check_files(Home.find(home), files, stated, tell)
    _print(reports, as_json)
    raise typer.Exit(exit_code(reports))


@app.command("load")
def _load(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE...]",
            help="Else every file in the partnership's inbox.",
            show_default=False,
        ),
    ] = None,
    as_named: As = None,
    home: HomeOption = None,
    as_json: AsJson = False,
    dates: Dates = None,
    covers: CoversOption = None,
    areas: AreasOption = None,
    extracted: ExtractedOption = None,
    replaces: Replaces = False,
    adds: Adds = False,
    by: By = None,
) -> None:
    """Check files and keep what is accepted. Status 0: accepted; 3: some rows held; 4: refused."""
    stated = _stated(as_named, dates, covers, areas, extracted, (replaces, adds))
    place = Home.find(home)
    moved: list[str] = []
    with said_in_words(DataError), showing_progress() as tell:
        if files:
            reports = load_files(place, files, stated, tell, by)
        else:
            taken = load_inbox(place, stated, tell, by)
            reports, moved = taken.reports, taken.said
    _print(reports, as_json)
    if not as_json:
        for line in moved:
            typer.echo(line)
        if not files and not reports:
            typer.echo(f"Nothing waits in {place.inbox}. Put files there, or name them.")
        here = f" --home {home}" if home else ""
        for report in reports:
            if report.batch_id and report.rows_held and files:
                ask = f"python -m data held {report.batch_id[:8]} --out held.csv{here}"
                typer.echo(f"To correct the {report.rows_held:,} held rows: {ask}")
        if any(report.batch_id for report in reports):
            typer.echo(f"To show it: python -m metrics publish{here}")
    raise typer.Exit(exit_code(reports))


@app.command("batches")
def _batches(home: HomeOption = None, as_json: AsJson = False) -> None:
    """List what was loaded, oldest first, with what was done to it since."""
    with said_in_words(DataError):
        place = Home.find(home)
        place.settings()
        standings = acts.standings(place)
    if as_json:
        typer.echo(json.dumps([_as_dict(one) for one in standings], indent=2))
        return
    if not standings:
        typer.echo("Nothing has been loaded here yet: python -m data load FILE")
        return
    names = ("no.", "table", "file", "rows", "held", "covers", "loaded", "by", "batch", "state")
    table = Table(*names, box=None)
    for one in standings:
        table.add_row(str(one.sequence), one.table, *_row(one), one.id, _state(one))
    Console(width=None if Console().is_terminal else 200).print(table)


def _row(one: acts.Standing) -> tuple[str, str, str, str, str, str]:
    said = one.batch or one.acts[-1]
    held = f"{said.rows_held:,}"
    if one.corrected:
        held += f", {one.corrected:,} since corrected"
    return (
        one.batch.source_name if one.batch else "",
        f"{said.rows_accepted:,}",
        held,
        covers_in_words(said.covers)
        + (", last month in part" if one.batch and one.batch.part_filled else ""),
        f"{said.loaded_at:%Y-%m-%d %H:%M}",
        said.loaded_by,
    )


def _state(one: acts.Standing) -> str:
    if one.acts:
        last = one.acts[-1]
        by = f" by {last.by}" if last.by else ""
        words = last.act.replace("_", " ")
        return f"{words} {last.at:%Y-%m-%d}{by}: {last.why}"
    if one.batch and one.batch.corrects:
        return f"corrects {one.batch.corrects}"
    return {"": "", "replaces": "replaces", "adds": "adds"}[one.batch.how if one.batch else ""]


def _as_dict(one: acts.Standing) -> dict[str, Any]:
    said = one.batch.model_dump(mode="json", by_alias=True) if one.batch else {}
    done = [act.model_dump(mode="json", by_alias=True, exclude_defaults=True) for act in one.acts]
    return {
        "id": one.id,
        "table": one.table,
        **said,
        "state": one.state,
        "held_rows_corrected": one.corrected,
        "acts": done,
    }


@app.command("doubts")
def _doubts(home: HomeOption = None, as_json: AsJson = False) -> None:
    """Say what is doubtful once everything is loaded, and what to do. Nothing is changed."""
    with said_in_words(DataError):
        found = doubtful.doubts_of(Home.find(home))
    if as_json:
        typer.echo(json.dumps([doubt.as_dict() for doubt in found], indent=2))
    else:
        typer.echo(doubtful.as_text(found))


@app.command("held")
def _held(
    batch: BatchId,
    out: Annotated[
        Path | None,
        typer.Option(metavar="F.csv", help="The file to write. Else it is printed."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write the held rows of a batch as a file, to correct and load again."""
    with said_in_words(DataError):
        place = Home.find(home)
        found, rows = held_rows_of(place, batch)
        text = as_csv(found, rows)
        if out is None:
            typer.echo(text, nl=False)
            return
        if out.exists():
            raise DataError(f"{out}: this is there already. Name another file with --out.")
        try:
            # With a mark, or Excel takes it for another encoding.
            out.write_text(text, encoding="utf-8-sig", newline="")
        except OSError as error:
            raise DataError(f"{out}: this cannot be written: {error.strerror}.") from error
    typer.echo(f"{rows.num_rows:,} held rows of {found.id} are in {out}. Correct them there, then:")
    typer.echo(f"    python -m data load {out}{f' --home {home}' if home else ''}")


@app.command("withdraw")
def _withdraw(batch: BatchId, why: Why, by: By = None, home: HomeOption = None) -> None:
    """Let a batch count no longer. Nothing of it is lost: it can be reinstated."""
    with said_in_words(DataError):
        done = acts.withdraw(Home.find(home), batch, why, by)
    typer.echo(f"{done.id} ({done.table}) is withdrawn. To show it: python -m metrics publish")


@app.command("reinstate")
def _reinstate(batch: BatchId, why: Why, by: By = None, home: HomeOption = None) -> None:
    """Let a withdrawn batch count again, in the place that it had."""
    with said_in_words(DataError):
        done = acts.reinstate(Home.find(home), batch, why, by)
    typer.echo(f"{done.id} ({done.table}) counts again. To show it: python -m metrics publish")


@app.command("erase")
def _erase(
    why: Why,
    batch: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The batch, by the beginning of its id.")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Erase the rows of one person, by person_key, instead."),
    ] = None,
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
    home: HomeOption = None,
) -> None:
    """Take rows away for good. Only a note stays that they were there, and why."""
    if (batch is None) == (person is None):
        raise typer.BadParameter("Name either a batch or, with --person, a person.")
    with said_in_words(DataError):
        place = Home.find(home)
        place.settings()
        if person is not None:
            found = erasing.batches_with_person(place, person)
            typer.echo(
                f"Rows of this person are in {len(found)} batches. They will be erased there."
            )
        else:
            found = erasing.to_be_erased(place, str(batch))
            for one in found:
                what = f"the corrections {one.id}" if one.corrects else f"batch {one.id}"
                typer.echo(
                    f"This erases {what}: {one.rows_accepted:,} rows of {one.table} and"
                    f" {one.rows_held:,} held rows, from {one.source_name}."
                )
        if found and not yes:
            typer.confirm("They cannot be brought back. Erase?", abort=True)
        if person is not None:
            done = erasing.erase_person(place, person, why, by)
        else:
            done = erasing.erase(place, found[-1].id, why, by)
    _say_erased(done)


def _say_erased(done: erasing.Erased) -> None:
    for stone in done.tombstones:
        instead = f" {stone.instead} has its other rows." if stone.instead else ""
        rows = f"{stone.rows_accepted:,} rows and {stone.rows_held:,} held rows"
        typer.echo(f"{stone.batch} ({stone.table}): {rows} are erased.{instead}")
    if done.still_served:
        typer.echo(
            f"The published version {done.still_served} was made from it and is still being served."
            " Publish now, and it goes too: python -m metrics publish"
        )
    typer.echo(
        "Copies elsewhere are not touched: the sender's file, backups, what was printed or handed"
        " out."
    )


@app.command("feeds")
def _feeds(home: HomeOption = None, as_json: AsJson = False) -> None:
    """List which table is expected from whom, how far it goes, and what is late or missing."""
    with said_in_words(DataError):
        feeds = feeds_of(Home.find(home))
    if as_json:
        typer.echo(json.dumps([feed.as_dict() for feed in feeds], indent=2))
        return
    if not feeds:
        typer.echo("Nothing is expected here and nothing has been loaded yet.")
        return
    table = Table("table", "from", "here", "part-filled", "late", "missing", "not due", box=None)
    for summary in in_summary(feeds):
        table.add_row(*summary)
    Console(width=None if Console().is_terminal else 200).print(table)
    for note in in_notes(feeds):
        typer.echo(note)


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
    spoiled: Annotated[
        bool,
        typer.Option(
            "--spoiled",
            help="Write dirty files into its folder `spoiled` too, to try loading on. They are not"
            " loaded.",
        ),
    ] = False,
) -> None:
    """Make the fictional city: three localities, twelve teams, 36 months of invented records."""
    place = Home.find(home)
    with said_in_words(DataError):
        if unless_there and place.exists() and not _was_left_unfinished(place):
            return
        with showing_progress() as tell:
            city.make(place, seed=seed, until=until, spoiled=spoiled, progress=tell)
    typer.echo(f"The fictional city is in {place.path}. To show it: python -m metrics publish")
    if spoiled:
        typer.echo(
            f"What is wrong with each spoiled file: {place.path / city.FOLDER / 'README.md'}"
        )


app.command("template")(template_command)
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
