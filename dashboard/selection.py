"""What a page is looking at, and the address that brings anybody back to it.

The address is the truth: a page reads it, a widget or a link writes it, and a value that is not
known here (any more) falls back to the first one that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args
from urllib.parse import urlencode

from metrics.areas import places_by_area
from metrics.definition import main_of
from metrics.findings import AreaLevel
from metrics.reading import Area, Snapshot
from metrics.worth_talking_about import group_order

PageName = Literal[
    "start", "partnership", "team", "measure", "logic_model", "monthly_counts", "data_health"
]
Kind = Literal["both", "conventional", "proposed"]
Known = TypeVar("Known", bound=str)

KINDS: tuple[Kind, ...] = get_args(Kind)
EVERYWHERE = "all"
# What each page's address carries; the order is the order in the address.
CARRIES: dict[PageName, tuple[str, ...]] = {
    "start": (),
    "partnership": ("locality", "kind"),
    "team": ("team",),
    "measure": ("measure", "team"),
    "logic_model": ("team",),
    "monthly_counts": ("team",),
    "data_health": (),
}


@dataclass(frozen=True)
class Selection:
    """What is being looked at.

    Attributes:
        team: The key of an area (`area_key`): most often a team's id.
        measure: A measure's id.
        locality: A locality's id, or "all".
        kind: Which of the two kinds of measure to show.
    """

    team: str
    measure: str
    locality: str = EVERYWHERE
    kind: Kind = "both"

    @classmethod
    def read(cls, params: Mapping[str, str], snapshot: Snapshot) -> "Selection":
        """Return what an address asks for, as far as it is known in this snapshot."""
        teams = [area_key(area) for area in areas_to_choose(snapshot.areas)]
        # What an address leaves open is first of all a measure that somebody looks at.
        measures = [*measures_shown(snapshot), *measures_to_choose(snapshot)] or [""]
        # A measure without a whole is asked for by its own id, or by that of one of its parts.
        parts = [name for name in measures if main_of(name) == params.get("measure")]
        localities = [area.id for area in snapshot.areas if area.level == "locality"]
        return cls(
            team=_known(params.get("team"), teams),
            measure=_known(params.get("measure"), [*parts, *measures]),
            locality=_known(params.get("locality"), [EVERYWHERE, *localities]),
            kind=_known(params.get("kind"), kinds_to_choose(snapshot)),
        )

    def carried_by(self, page: PageName) -> dict[str, str]:
        """Return the parameters of the address that brings anybody back to this on a page."""
        return {name: getattr(self, name) for name in CARRIES[page]}


def _known(asked: str | None, known: Sequence[Known]) -> Known:
    return next((one for one in known if one == asked), known[0])


def area_key(area: Area) -> str:
    """Return how an address names an area: a team by its id, others with their level before it."""
    return area.id if area.level == "team" else f"{area.level}:{area.id}"


def areas_to_choose(areas: Sequence[Area]) -> list[Area]:
    """Return the areas in the order of a list to choose from: teams, localities, the whole."""
    levels: tuple[AreaLevel, ...] = ("team", "locality", "partnership")
    return [area for level in levels for area in areas if area.level == level]


def measures_to_choose(snapshot: Snapshot) -> list[str]:
    """Return the ids of the measures that have ever had a figure here, in the groups' order."""
    collected = {f.measure_id for f in snapshot.findings if f.state != "not_collected"}
    known = [m for m in snapshot.measures.values() if m.id in collected and not m.is_figure]
    return [measure.id for measure in sorted(known, key=group_order)]


def measures_shown(snapshot: Snapshot) -> list[str]:
    """Return the ids of those that are on trial or adopted in any area, in the same order."""
    everywhere = places_by_area(snapshot.areas).values()
    return [
        name
        for name in measures_to_choose(snapshot)
        if any(snapshot.adoption.shows(name, places) for places in everywhere)
    ]


def kinds_to_choose(snapshot: Snapshot) -> list[Kind]:
    """Return "both" and, where there are both, each of the two kinds of measure."""
    families = {snapshot.measures[name].family for name in measures_shown(snapshot)}
    return list(KINDS) if len(families) > 1 else ["both"]


def address(page: PageName, **params: str) -> str:
    """Return the address of a page, relative to the others: "measure?measure=F04&team=N2"."""
    query = urlencode({name: value for name, value in params.items() if value})
    return f"{path_of(page) or '.'}{'?' + query if query else ''}"


def path_of(page: PageName) -> str:
    """Return the last part of a page's address: nothing for the start page."""
    return "" if page == "start" else page
