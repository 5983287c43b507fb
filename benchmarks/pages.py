"""How long people wait for the pages, and for what they choose on them, in a real browser."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.browser import NeverCompleteError, Painted, choose, new_visitor, visit
from benchmarks.figures import Figure, Tell
from benchmarks.server import dashboard

COLD_GOAL, WARM_GOAL, RERUN_GOAL = 2, 1, 0.5
# Small charts and signs are drawn by our component, the large chart by Plotly.
SMALL, SIGNS, LARGE = "svg.chart", "svg.sign", ".main-svg"


@dataclass(frozen=True)
class Place:
    """A page to open.

    Attributes:
        path: Its address.
        draws: The drawings without which it is not complete; '' for none.
        choices: What can be chosen on it.
    """

    path: str
    draws: str = ""
    choices: Sequence[str] = ()


CITY = (
    Place("/"),
    Place("/partnership", SIGNS, ("locality", "kind")),
    Place("/team?team=N2", SMALL, ("team",)),
    Place("/measure?measure=F04&team=N2", LARGE, ("measure", "team")),
)
ENGLAND = (
    Place("/"),
    Place("/partnership", SIGNS, ("locality",)),
    Place("/team?team=E54000057", SMALL, ("team",)),
    Place("/measure?measure=E05&team=E54000057", LARGE, ("measure", "team")),
)


@dataclass
class Waits:
    """What was waited for on one page, run by run; and what went wrong, in words."""

    cold: list[Painted] = field(default_factory=list)
    warm: list[Painted] = field(default_factory=list)
    rerun: dict[str, list[float]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def steps(places: Sequence[Place], runs: int) -> int:
    """Return how many steps `measure` tells of."""
    return len(places) * runs


def measure(
    browser: Browser, home: Path, places: Sequence[Place], runs: int, tell: Tell
) -> tuple[list[Figure], list[str]]:
    """Return the waits for each page, cold and warm, then for every choice; and what failed.

    Cold is the very first visit: to a server that was only just started, by a browser that was
    never there. Warm is the same browser again. Each choice is the first of its kind on that
    server.
    """
    waits = {place.path: Waits() for place in places}
    for run in range(runs):
        for place in places:
            tell(f"{place.path}, run {run + 1} of {runs}")
            try:
                _run(browser, home, place, waits[place.path])
            except NeverCompleteError as error:
                waits[place.path].failed.append(f"{place.path}, run {run + 1}: {error}")
    loads = [figure for path, found in waits.items() for figure in _loads(path, found)]
    reruns = [figure for path, found in waits.items() for figure in _reruns(path, found)]
    failed = [words for found in waits.values() for words in found.failed]
    return [figure for figure in (*loads, *reruns) if figure.runs], failed


def _run(browser: Browser, home: Path, place: Place, waits: Waits) -> None:
    with dashboard(home) as address, new_visitor(browser) as page:
        waits.cold.append(visit(page, address + place.path, place.draws))
        waits.warm.append(visit(page, address + place.path, place.draws))
        for parameter in place.choices:
            waits.rerun.setdefault(parameter, []).append(choose(page, parameter))


def _loads(path: str, waits: Waits) -> Iterator[Figure]:
    for name, painted, goal in (("cold", waits.cold, COLD_GOAL), ("warm", waits.warm, WARM_GOAL)):
        yield Figure(f"{path} {name}, first sentence", [one.heading for one in painted], goal)
        yield Figure(f"{path} {name}, all of it", [one.all_of_it for one in painted])


def _reruns(path: str, waits: Waits) -> Iterator[Figure]:
    for parameter, runs in waits.rerun.items():
        yield Figure(f"{path} another {parameter}, all of it", runs, RERUN_GOAL)
