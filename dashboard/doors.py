"""What the start page offers, and what it says about the figures as a whole."""

from dataclasses import dataclass

from dashboard.book import Book
from dashboard.numbers import plural
from dashboard.selection import PageName, area_key
from dashboard.visit import FILES
from metrics.definition import Measure
from metrics.reading import Area

TEAM = FILES["team"]
# How many disagreements the start page names before it leads to the page with all of them.
MOST_NAMED = 3


@dataclass(frozen=True)
class Door:
    """One thing to do."""

    page: PageName
    title: str
    text: str
    label: str


def doors(book: Book) -> list[Door]:
    """Return the three ways in, in the partnership's words."""
    words = book.settings.words
    apart = ", and where hospital figures and working life went different ways"
    return [
        Door(
            "partnership",
            f"See all the {words.teams}",
            f"Every {words.team} and every measure on one page"
            f"{'' if book.hospital_only else apart}.",
            f"All {words.teams}",
        ),
        Door(
            "team",
            f"Look at one {words.team}",
            f"What one {words.team} might talk about this month, and all its measures.",
            f"One {words.team}",
        ),
        Door(
            "measure",
            "Look at one measure",
            "What it shows, whose idea it is, what makes it look better without being better.",
            "One measure",
        ),
    ]


def file_of(door: Door) -> str:
    """Return the page file that a door leads to."""
    return FILES[door.page]


def to_team(area: Area) -> dict[str, str]:
    """Return the parameters that lead to an area's own page."""
    return {"team": area_key(area)}


def first_words(book: Book) -> str:
    """Return what the figures are, in a sentence or two."""
    words = book.settings.words
    families = [measure.family for measure in book.shown.values()]
    proposed, conventional = families.count("proposed"), families.count("conventional")
    return (
        f"{len(families)} {plural(len(families), 'measure', 'measures')} for {len(book.teams)}"
        f" {plural(len(book.teams), words.team, words.teams)}:"
        f" {proposed} proposed by staff or people, {conventional} conventional."
    )


def about(book: Book) -> list[str]:
    """Return what there is to know about the figures as a whole."""
    settings = book.settings
    return [
        _whom_they_are_about(book),
        settings.about,
        settings.sources,
        _how_far_back(book),
        *book.snapshot.notes,
        _not_collected(book.never_collected),
    ]


def _whom_they_are_about(book: Book) -> str:
    """Return that nobody is meant, or that some could be found in small numbers."""
    if book.settings.fictional:
        return "These figures are fictional: no person, team or place in them exists."
    if all(measure.disclosure == "open" for measure in book.measures.values()):
        return ""
    return (
        "Small numbers are not hidden, and a small number can show who somebody is: show these"
        " pages only to people who may see the records."
    )


def _how_far_back(book: Book) -> str:
    begun = {
        kind: [
            finding.began
            for finding in book.snapshot.findings
            if finding.began
            and (book.snapshot.measures[finding.measure_id].group == "hospital") == kind
        ]
        for kind in (True, False)
    }
    if begun[True] and begun[False] and min(begun[True]) == min(begun[False]):
        return f"All kinds of figures go back to {min(begun[True]):%B %Y}."
    hospital = f"Hospital figures go back to {min(begun[True]):%B %Y}" if begun[True] else ""
    others = "other figures" if hospital else "Figures go back"
    other = f"{others} to {min(begun[False]):%B %Y}" if begun[False] else ""
    both = "; ".join(part for part in (hospital, other) if part)
    return f"{both}." if both else ""


def _not_collected(measures: list[Measure]) -> str:
    titles = ", ".join(measure.title for measure in measures)
    return f"Not collected here: {titles}." if titles else ""
