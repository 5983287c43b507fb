"""`python -m benchmarks`: print what was measured, each figure beside its goal.

Nothing is asserted and nothing is kept: figures belong to the machine and the moment.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks import big_file, homes, many_rows, mutated_files, ratios, writing
from benchmarks.figures import progress, say, say_where, show
from data.home import Home

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from benchmarks.pages import Place

RUNS = 5
# Each takes half a minute, and they differ little.
MOST_LOADS = 3


class Part(StrEnum):
    """What can be measured."""

    FIRST_PAGE = "first-page"
    PAGES = "pages"
    ENGLAND = "england"
    RATIOS = "ratios"
    BIG_FILE = "big-file"
    MANY_ROWS = "many-rows"
    WRITING = "writing"
    DAMAGED_FILES = "damaged-files"


IN_A_BROWSER = (Part.FIRST_PAGE, Part.PAGES, Part.ENGLAND)
PARTS = f"Which to measure, of {', '.join(Part)}. None named: all."

app = typer.Typer(add_completion=False)


@app.command()
def main(
    parts: Annotated[
        list[Part] | None, typer.Argument(metavar="PART", help=PARTS, show_default=False)
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="How often each is done.")] = RUNS,
) -> None:
    """Measure, and print tables: median, least and most of several runs, and the goal."""
    chosen = parts or list(Part)
    say_where()
    if any(part in IN_A_BROWSER for part in chosen):
        _in_a_browser(chosen, runs)
    if Part.RATIOS in chosen:
        _ratios(runs)
    if Part.BIG_FILE in chosen:
        _big_file(min(runs, MOST_LOADS))
    if Part.MANY_ROWS in chosen:
        _many_rows(min(runs, MOST_LOADS))
    if Part.WRITING in chosen:
        _writing(runs)
    if Part.DAMAGED_FILES in chosen:
        _damaged_files()


def _in_a_browser(chosen: Sequence[Part], runs: int) -> None:
    if find_spec("playwright") is None:
        say("Left out: all that needs a browser. Playwright is not installed; `make test` does it.")
        return
    # Only here, so that the rest can be measured without Playwright.
    from benchmarks import pages
    from benchmarks.browser import chromium
    from tests.browser.chromium import NoBrowserError

    try:
        with chromium() as browser:
            if Part.FIRST_PAGE in chosen:
                _first_page(browser, runs)
            if Part.PAGES in chosen:
                title = "Pages of the fictional city, 12 teams"
                _pages(browser, title, homes.fictional_city, pages.CITY, runs)
            if Part.ENGLAND in chosen and homes.has_englands_files():
                title = "Pages of England, 42 boards"
                _pages(browser, title, homes.england, pages.ENGLAND, runs)
            elif Part.ENGLAND in chosen:
                say(f"Left out: pages of England. Its published files are not in {homes.REAL}.")
    except NoBrowserError as error:
        say(f"Left out: all that needs a browser. {error}")


def _first_page(browser: "Browser", runs: int) -> None:
    from benchmarks import first_page

    with progress(runs) as tell:
        found = first_page.measure(browser, runs, tell)
    show("From nothing to the first page, installation left out", found)


def _pages(
    browser: "Browser",
    title: str,
    home: Callable[[], AbstractContextManager[Home]],
    places: "Sequence[Place]",
    runs: int,
) -> None:
    from benchmarks import pages

    with progress(pages.steps(places, runs)) as tell, home() as made:
        found, failed = pages.measure(browser, made.path, places, runs, tell)
    show(title, found)
    for words in failed:
        say(f"Left out: {words}.")


def _ratios(runs: int) -> None:
    with progress(2 * runs) as tell, homes.fictional_city() as home:
        publishing = ratios.publishing(home, runs, tell)
        charts = ratios.charts(runs, tell)
    show("Publishing the fictional city beside its SQL alone", publishing)
    show("Charts beside their means and limits alone", charts)


def _big_file(runs: int) -> None:
    with progress(runs + 1) as tell, homes.fictional_city() as home:
        found = big_file.measure(home, runs, tell)
    show("A large file beside reading it as text", found)
    if not big_file.knows_memory():
        say("Left out: memory. This system does not say how much a process used.")


def _many_rows(runs: int) -> None:
    with progress(many_rows.steps()) as tell:
        found = many_rows.measure(runs, tell)
    show("35 million rows, 1,300 teams, 5 years: each block beside SQL by hand", found)


def _writing(runs: int) -> None:
    with progress(runs * len(writing.THREADS)) as tell:
        found = writing.measure(runs, tell)
    show("Writing in the workspace", found)


def _damaged_files() -> None:
    with progress(mutated_files.steps()) as tell:
        found = mutated_files.measure(tell)
    mutated_files.show(found)


if __name__ == "__main__":
    app()
