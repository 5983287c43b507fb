"""What a measure's page says besides its figures: what it counts, whose idea, what to doubt."""

from collections.abc import Iterator

from dashboard.book import Book
from dashboard.numbers import mid_sentence
from dashboard.prose import quoted
from dashboard.wording import FAMILIES
from metrics.definition import Measure
from metrics.reading import Area

ORIGINS = {
    "national": "A figure that is collected nationally.",
    "interview": "Named as a measure by somebody who was interviewed: a proposal to discuss.",
    "described": "Made by us from a problem that staff described.",
    "recommendation": "Recommended by the authors of a study.",
    "instrument": "From a published questionnaire.",
    "workshop": "Proposed in a workshop of this partnership.",
}


def headline(book: Book, area: Area, measure: Measure) -> tuple[str, str]:
    """Return the finding's sentence with its place, and what bears on it."""
    said = book.said(area, measure.id)
    if said is None:
        return f"{area.short_name}: {mid_sentence(measure.says.level)} is not collected here.", ""
    return f"{area.short_name}: {mid_sentence(said.sentence)}", " ".join(said.notes)


def beliefs(book: Book, measure: Measure) -> Iterator[tuple[str, list[str]]]:
    """Yield what to know before a figure is believed, as titled passages."""
    yield "What to know before believing it", [caveat.text for caveat in measure.caveat]
    if measure.dispute:
        yield "Why some dispute it", [measure.dispute]
    pairs = [
        f"{book.snapshot.measures[pair.measure].title}: {pair.why}."
        for pair in measure.pairs_with
        if pair.measure in book.snapshot.measures
    ]
    if pairs:
        yield "What to read beside it", pairs


def about(book: Book, measure: Measure) -> Iterator[tuple[str, list[str]]]:
    """Yield what a measure counts and whose idea it is, as titled passages."""
    explained = book.snapshot.explained[measure.id]
    yield "What is counted", list(explained.sentences)
    yield (
        f"Whose idea it is ({FAMILIES[measure.family][1]})",
        [ORIGINS[measure.origin.kind], quoted(measure.origin.words, measure.origin.source)],
    )
    if measure.find_them:
        yield "How to find these people or cases", [measure.find_them]
    yield "What it was checked against", [measure.checked_against]
