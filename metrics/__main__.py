"""`python -m metrics`: publish, hand over values, list, explain, try out and test measures."""

import datetime
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from data.acts import as_day
from data.command_line import HomeOption, progress_console, said_in_words
from data.contract import load_contracts
from data.errors import DataError
from data.home import Home
from data.records import Schema, schema_of
from data.safe_cells import as_safe_text
from metrics.adoption import Adoption, Standing, places_listed, read_adoption
from metrics.cases import run_cases
from metrics.compiler import compile_measure
from metrics.definition import Catalogue, Measure, read_catalogue, with_figures
from metrics.errors import MeasureError
from metrics.explain import explain
from metrics.export import as_csv, exported, write_export
from metrics.logic_model import LogicModel, in_time, read_logic_model
from metrics.preview import preview
from metrics.publish import publish, values_known
from metrics.reading import Snapshot

FEWEST_CASES = 3

app = typer.Typer(
    help=(
        "Measures: compute and publish them, hand them over, list them, explain one, try a draft,"
        " test their worked cases."
    ),
    no_args_is_help=True,
    add_completion=False,
)
ERRORS = (DataError, MeasureError)


def _catalogue(home: Path | None) -> tuple[Catalogue, Schema]:
    place = Home.find(home)
    schema = schema_of(load_contracts(place))
    return read_catalogue(place, schema), schema


def _one(catalogue: Catalogue, measure_id: str) -> Measure:
    measures = with_figures(catalogue.measures)
    faults = [said for f in catalogue.left_out if measure_id in f.ids for said in f.faults]
    if faults:
        raise MeasureError("\n".join(faults))
    if measure_id not in measures:
        known = ", ".join(catalogue.measures)
        raise MeasureError(f"{measure_id}: there is no such measure. There are {known}.")
    return measures[measure_id]


def _say_left_out(catalogue: Catalogue) -> None:
    """Say beside what was asked for which files give no figures, and all that is wrong in each."""
    for file in catalogue.left_out:
        typer.echo("\n    ".join([f"{file.lead()}:", *file.faults]), err=True)


@app.command("publish")
def _publish(home: HomeOption = None) -> None:
    """Compute every measure on what has been loaded, and serve the result."""
    with said_in_words(*ERRORS):
        place = Home.find(home)
        with progress_console.status("Publishing") as status:
            done = publish(place, lambda text: status.update(text))
    if done.changed:
        typer.echo(
            f"Published {done.version}: {done.values:,} values in {done.seconds:.1f} s."
            " An open dashboard shows it by itself."
        )
    else:
        typer.echo(f"Nothing has changed since {done.version}; it is being served.")
    for said in done.left_out:
        typer.echo(said, err=True)


@app.command("values")
def _values(
    as_known_on: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="From what counted at the end of a day, as 2025-06-30."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="F.csv", help="The file to write. Else they are printed."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write every value as CSV, as of now or as known on a day. What is served stays as it is."""
    with said_in_words(*ERRORS):
        place = Home.find(home)
        day = as_day(as_known_on) if as_known_on else None
        with progress_console.status("Computing") as status:
            values = values_known(place, day, lambda text: status.update(text))
        # A reason may be in words that somebody wrote into a list.
        values["reason"] = values["reason"].map(as_safe_text, na_action="ignore")
        if out is None:
            typer.echo(values.to_csv(index=False, lineterminator="\n"), nl=False)
            return
        try:
            values.to_csv(out, index=False, lineterminator="\n")
        except OSError as error:
            raise DataError(f"{out}: this cannot be written: {error.strerror}.") from error
    typer.echo(
        f"{len(values):,} values are in {out}. They are not checked for small numbers: do not pass"
        " them on as they are."
    )


@app.command("list")
def _list(home: HomeOption = None) -> None:
    """List every measure: its id, kind, direction, how it stands here, and its title."""
    with said_in_words(*ERRORS):
        catalogue, _ = _catalogue(home)
        adoption = _adoption_here(home, catalogue)
    for measure in catalogue.measures.values():
        better = "contested" if measure.contested else f"better: {measure.better}"
        stands = _in_short(adoption.of_measure(measure.id))
        typer.echo(f"{measure.id:6} {measure.family:13} {better:15} {stands:18} {measure.title}")
    _say_left_out(catalogue)


@app.command("adoption")
def _adoption(home: HomeOption = None) -> None:
    """List which measures are on trial, adopted or retired, for whom, and when one is reviewed."""
    with said_in_words(*ERRORS):
        place = Home.find(home)
        catalogue, _ = _catalogue(home)
        adoption = _adoption_here(home, catalogue)
        today = place.now().date() if place.exists() else datetime.date.today()
    for measure in catalogue.measures.values():
        standings = adoption.of_measure(measure.id)
        typer.echo(f"{measure.id:6} {measure.title}{'' if standings else ': not in use'}")
        for standing in standings:
            typer.echo(f"       {_stands(standing, today)}")
    _say_left_out(catalogue)


@app.command("logic-model")
def _logic_model(home: HomeOption = None) -> None:
    """List the logic model, what is measured where and what nowhere; status 1 if any is astray."""
    with said_in_words(*ERRORS):
        catalogue, _ = _catalogue(home)
        model = read_logic_model(Home.find(home), catalogue.measures, catalogue.ids_left_out)
    for line in _modelled(model, catalogue):
        typer.echo(line)
    _say_left_out(catalogue)
    if astray := model.said_astray():
        typer.echo(astray, err=True)
    sys.exit(1 if astray else 0)


def _modelled(model: LogicModel, catalogue: Catalogue) -> Iterator[str]:
    for stage in model.stages:
        when = f": {in_time(stage)} after {model.counted_from}" if in_time(stage) else ""
        yield f"{stage.title}{when}"
        for node in model.nodes_in(stage):
            leads = f" > {', '.join(node.leads_to)}" if node.leads_to else ""
            yield f"  {node.id:5} {node.title}{leads}"
            for name in model.measures_on(node):
                yield f"        {name:5} {catalogue.measures[name].title}"
            if not model.measures_on(node):
                yield "        not measured yet"
    on_none = [name for name in catalogue.measures if name not in model.placed]
    if on_none:
        yield f"On no node: {', '.join(on_none)}"
    unmeasured = len(model.unmeasured())
    yield f"{len(model.nodes)} nodes, of which {unmeasured or 'none'} not measured yet."


def _adoption_here(home: Path | None, catalogue: Catalogue) -> Adoption:
    place = Home.find(home)
    return read_adoption(
        place, catalogue.measures, places_listed(place), left_out=catalogue.ids_left_out
    )


def _in_short(standings: list[Standing]) -> str:
    """Return "trial", "adopted in part", or a dash for what no area has taken up."""
    said = {standing.status for standing in standings}
    status = next((one for one in ("adopted", "trial", "retired") if one in said), "-")
    everywhere = any(one.place is None and one.status == status for one in standings)
    whole = everywhere and len(said) == 1
    return status if whole or status == "-" else f"{status} in part"


def _stands(standing: Standing, today: datetime.date) -> str:
    """Return one line: "N1: adopted since 2025-04-01; owner …; checker …; review due …"."""
    where = standing.place[1] if standing.place else "all areas"
    since = f" since {standing.since}" if standing.since else ""
    parts = [f"{where}: {standing.status}{since}"]
    parts += [f"owner {standing.owner}"] if standing.owner else []
    parts += [f"checker {standing.checker}"] if standing.checker else []
    if standing.review_on:
        due = " (due)" if standing.review_is_due(today) else ""
        parts.append(f"review on {standing.review_on}{due}")
    return "; ".join(parts)


@app.command("explain")
def _explain(
    measure_id: Annotated[str, typer.Argument(metavar="ID")], home: HomeOption = None
) -> None:
    """Say in plain English what a measure counts, and print the SQL that counts it."""
    with said_in_words(*ERRORS):
        catalogue, schema = _catalogue(home)
        measure = _one(catalogue, measure_id)
    typer.echo(f"{measure.id} {measure.title}\n{measure.question}\n")
    for sentence in explain(measure, schema):
        typer.echo(sentence)
    typer.echo(f"\nSQL:\n{compile_measure(measure, schema)}")
    _say_left_out(catalogue)


@app.command("preview")
def _preview(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The draft definition.")],
    home: HomeOption = None,
) -> None:
    """Try a draft definition on the published records; nothing is kept, and nobody else sees it."""
    with said_in_words(*ERRORS), progress_console.status("Trying it out"):
        tried = preview(file, Home.find(home))
    for line in tried.in_words():
        typer.echo(line)
    sys.exit(1 if tried.problems else 0)


@app.command("export")
def _export(
    out: Annotated[
        Path | None,
        typer.Option(metavar="F.csv", help="The file to write, or F.parquet. Else it is printed."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Hand every published value over with its definition, as one flat file for other tools."""
    with said_in_words(*ERRORS):
        table = exported(Snapshot.current(Home.find(home)))
        if out is None:
            typer.echo(as_csv(table), nl=False)
        else:
            write_export(table, out)
    place = "printed" if out is None else f"in {out}"
    typer.echo(
        f"{table.num_rows:,} values are {place}. They are not checked for small numbers: do not"
        " pass them on as they are.",
        err=out is None,
    )


@app.command("test")
def _test(
    measure_id: Annotated[str | None, typer.Argument(metavar="[ID]")] = None,
    home: HomeOption = None,
) -> None:
    """Run the worked cases of one measure, or of all; status 1 if any does not come out."""
    with said_in_words(*ERRORS):
        catalogue, schema = _catalogue(home)
        every = list(catalogue.measures.values())
        chosen = [_one(catalogue, measure_id)] if measure_id else every
    _say_left_out(catalogue)
    wrong = 0 if measure_id else len(catalogue.left_out)
    for measure in [one for main in chosen for one in (main, *main.figures)]:
        if len(measure.case) < FEWEST_CASES and not measure.is_figure:
            wrong += 1
            typer.echo(
                f"{measure.id}: {len(measure.case)} worked cases; a measure needs at least"
                f" {FEWEST_CASES}, one of them an error or an edge."
            )
        for outcome in run_cases(measure, schema):
            if outcome.holds:
                typer.echo(f"{measure.id} case {outcome.number} holds: {outcome.given}")
                continue
            wrong += 1
            typer.echo(f"{measure.id} case {outcome.number} DOES NOT HOLD: {outcome.given}")
            for answer in outcome.answers():
                typer.echo(f"    {answer}")
    typer.echo(f"{wrong} wrong." if wrong else "Every worked case holds.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    app()
