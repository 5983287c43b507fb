"""What a team's page says besides its figures."""

from collections.abc import Sequence

from dashboard.book import Book
from dashboard.numbers import day
from metrics.reading import Area, Event

STAGES = {
    "forming": "The {team} is forming.",
    "team lead appointed": "The {team} has a lead.",
    "co-located": "The {team} shares a building.",
    "integrated": "The {team} works as one.",
}


def how_far_back(book: Book, area: Area) -> str:
    """Return how far the two kinds of measure go back, where they differ."""
    began = {"conventional": [], "proposed": []}
    for finding in book.findings_of(area):
        if finding.began:
            began[book.snapshot.measures[finding.measure_id].family].append(finding.points)
    if not all(began.values()):
        return ""
    old, new = max(began["conventional"]), max(began["proposed"])
    return "" if old == new else f"conventional figures: {old} so far; proposed ones: {new}"


def happened(book: Book, area: Area) -> list[str]:
    """Return what was noted down for an area or for what it lies in, newest first."""
    return event_sentences(sorted(book.events_for(area), key=lambda e: e.on, reverse=True))


def event_sentences(events: Sequence[Event]) -> list[str]:
    """Return each event with its day and kind, in the order given."""
    return [f"{day(event.on)} ({event.kind}): {event.text}" for event in events]


def stage(book: Book, area: Area) -> str:
    """Return how far a team has come together: context, never a score."""
    words = STAGES.get(area.stage, "")
    said = words.format(team=book.settings.words.team)
    return f"{said} That is context, not a score." if said else ""
