"""The command that writes templates. `data.__main__` adds it."""

from pathlib import Path
from typing import Annotated

import typer

from data.command_line import HomeOption, said_in_words
from data.count_form import last_month, months_named, write_count_form
from data.errors import DataError
from data.home import Home
from data.reference import rulebook
from data.template import default_tables, write_template


def template_command(
    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLE]...", show_default=False, help="All, where none is named."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="F.xlsx", help="Else template.xlsx, or monthly_counts.xlsx."),
    ] = None,
    home: HomeOption = None,
    counts: Annotated[
        bool, typer.Option("--counts", help="The form for what teams count themselves.")
    ] = False,
    month: Annotated[
        str | None,
        typer.Option(
            metavar="MONTH", help="With --counts: 2026-04 or 2026-04:2026-06. Else the last month."
        ),
    ] = None,
) -> None:
    """Write a workbook to fill in. It loads as it is filled in; nothing in it has to be deleted."""
    place = Home.find(home)
    if counts and tables:
        raise typer.BadParameter("It is one form, for no table in particular.", param_hint="TABLE")
    if month is not None and not counts:
        raise typer.BadParameter("Say it with --counts.", param_hint="--month")
    with said_in_words(DataError):
        if counts:
            path = out or Path("monthly_counts.xlsx")
            months = [last_month(place)] if month is None else months_named(month)
            rows = write_count_form(path, place, months)
            typer.echo(f"{path} has {rows} rows to fill in. Then: python -m data load {path}")
            return
        path, rules = out or Path("template.xlsx"), rulebook(place)
        chosen = tables or default_tables(rules.contracts)
        write_template(path, rules.contracts, chosen, rules.lists)
    sheets = "1 table" if len(chosen) == 1 else f"{len(chosen)} tables"
    typer.echo(f"{path} has {sheets} to fill in. Then: python -m data load {path}")
