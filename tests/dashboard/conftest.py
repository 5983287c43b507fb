from collections.abc import Sequence

import pytest

from dashboard.book import Book
from data.home import Home, Settings, Words
from metrics.findings import Finding
from metrics.reading import Area, Event, Snapshot
from metrics.two_kinds import Disagreement
from tests.dashboard.invented import NORTH, NORTH_1, NORTH_2, WHOLE, BookOf


@pytest.fixture(scope="session")
def book(city: Home) -> Book:
    """The fictional city, as the pages read it."""
    return Book(Snapshot.current(city))


@pytest.fixture
def book_of(city: Home) -> BookOf:
    """Return books of other areas, findings and events than the city's, and its definitions."""

    def make(
        *findings: Finding,
        areas: Sequence[Area] = (WHOLE, NORTH, NORTH_1, NORTH_2),
        events: Sequence[Event] = (),
        disagreements: Sequence[Disagreement] = (),
        words: Words | None = None,
        **settings: object,
    ) -> Book:
        snapshot = Snapshot.current(city)
        said = {"id": "city", "name": "The City", "words": words or Words(), **settings}
        vars(snapshot).update(
            areas=list(areas),
            findings=list(findings),
            events=list(events),
            disagreements=list(disagreements),
            settings=Settings.model_validate(said),
        )
        return Book(snapshot)

    return make
