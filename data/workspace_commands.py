"""The commands that keep the record: audit, backup and restore. `data.__main__` adds them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from data.authority import Actor, Scope, in_words
from data.backup import Done, backup, restore
from data.chain import Chain
from data.command_line import ByOption, HomeOption, said_in_words, showing_progress
from data.errors import DataError
from data.home import Home
from data.snapshots import manifest, versions
from data.workspace import Event, Workspace


def audit_command(
    home: HomeOption = None,
    since: Annotated[int, typer.Option(metavar="NUMBER", help="Only events after this one.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print who did what, and look whether the record is whole. Status 1: it is not."""
    with said_in_words(DataError):
        place = Home.find(home)
        place.settings()
        if not Workspace.is_there(place):
            typer.echo("Nothing has been written here yet." if not as_json else "{}")
            return
        workspace = Workspace.open(place)
        chain = workspace.verify()
        faults = [chain.fault] if chain.fault else list(_snapshots_that_differ(place, workspace))
        # Where the chain is broken, what stands after the break need not be readable.
        events = workspace.events(since=since, upto=chain.events)
    if as_json:
        typer.echo(json.dumps(_as_json(events, chain, faults), indent=2))
    else:
        _print(events, chain)
    for fault in faults:
        typer.echo(
            f"The record is not whole: {fault}. Keep it, and compare it with a backup.", err=True
        )
    raise typer.Exit(1 if faults else 0)


def _snapshots_that_differ(home: Home, workspace: Workspace) -> Iterator[str]:
    """Yield what is wrong with the record, held against the events that snapshots name."""
    for version in versions(home):
        said = manifest(home, version)
        if said.workspace_hash and workspace.hash_of(said.workspace_upto) != said.workspace_hash:
            yield (
                f"the snapshot {version} was made when event {said.workspace_upto} was the last,"
                " and that event is another now or is gone"
            )


def _print(events: Sequence[Event], chain: Chain) -> None:
    table = Table("no.", "when (UTC)", "who", "act", "for", "on", box=None)
    for event in events:
        # A name is what somebody typed: never read as formatting.
        cells = (
            str(event.seq),
            f"{event.at:%Y-%m-%d %H:%M:%S}",
            event.actor.in_words,
            f"{in_words(event.verb)}{' (redacted)' if event.redacted else ''}",
            _area(event.area),
            f"{event.subject.kind} {event.subject.id}",
        )
        table.add_row(*(Text(cell) for cell in cells))
    Console(width=None if Console().is_terminal else 200).print(table)
    if not chain.fault:
        typer.echo(f"{_events(chain.events)}. The record is whole. Last hash: {chain.last_hash}")


def _area(area: Scope) -> str:
    return f"{area.level} {area.id}" if area.id else "the whole partnership"


def _as_json(events: Sequence[Event], chain: Chain, faults: Sequence[str]) -> dict[str, Any]:
    """Return who did what, without what they said: a text can speak of a person."""
    return {
        "events": chain.events,
        "last_hash": chain.last_hash,
        "whole": not faults,
        "faults": list(faults),
        "acts": [
            {
                "seq": event.seq,
                "id": event.id,
                "at": event.at.isoformat(),
                "actor": event.actor.name,
                "kind": event.actor.kind,
                "role": event.actor.role,
                "verified": event.actor.verified,
                "verb": event.verb,
                "area": {"level": event.area.level, "id": event.area.id},
                "subject": {"kind": event.subject.kind, "id": event.subject.id},
                "redacted": event.redacted,
            }
            for event in events
        ],
    }


def backup_command(
    home: HomeOption = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.zip", help="The file. Else a new one in its folder backups."),
    ] = None,
    by: ByOption = None,
) -> None:
    """Put everything that cannot be made again into one file. It is not encrypted."""
    with said_in_words(DataError), showing_progress() as tell:
        done = backup(Home.find(home), Actor.typed(by), out, tell)
    typer.echo(f"{done.file}: {_in_words(done)}.")
    typer.echo("It holds records of people: keep it where they may be kept, and on another disk.")


def restore_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", show_default=False)],
    home: HomeOption = None,
    by: ByOption = None,
) -> None:
    """Bring a backup back into an empty folder, after looking whether all of it is whole."""
    place = Home.find(home)
    with said_in_words(DataError), showing_progress() as tell:
        done = restore(file, place, Actor.typed(by), tell)
    typer.echo(f"{place.path}: restored {_in_words(done)}. Everything is as the backup says.")
    typer.echo(f'To show it: python -m metrics publish --home "{place.path}"')


def _in_words(done: Done) -> str:
    return f"{done.files:,} files, {done.bytes / 1e6:,.1f} MB, {_events(done.events)}"


def _events(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"
