"""What a measure's page says besides its figures: what it counts, whose idea, what to doubt."""

import datetime
from collections.abc import Iterator

from dashboard.book import Book
from dashboard.charts.full import aim_in_words
from dashboard.numbers import Figures, day, join, mid_sentence, number, sentence_case
from dashboard.prose import quoted
from dashboard.wording import FAMILIES, as_sentence
from metrics.adoption import Aim, Standing
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
    if measure.gaming_risk:
        yield "How it could look better without being better", list(measure.gaming_risk)
    if measure.dispute:
        yield "Why some dispute it", [measure.dispute]
    pairs = [
        f"{book.snapshot.definitions[pair.measure].title}: {pair.why}."
        for pair in measure.pairs_with
        if pair.measure in book.snapshot.definitions
    ]
    if pairs:
        yield "What to read beside it", pairs


def standing_here(
    book: Book, area: Area, measure: Measure, today: datetime.date
) -> tuple[str, list[str]]:
    """Return how a measure stands in an area, as a titled passage: who answers for it, till when.

    Args:
        book: The published figures.
        area: The team, locality or partnership whose page it is.
        measure: The measure.
        today: The day on which somebody asks, for whether its review is due.
    """
    return f"How it stands in {area.short_name}", [
        _stands(book.standing(area, measure.id)),
        _answered_for(book.standing(area, measure.id), today),
        _elsewhere(book, area, measure),
    ]


def _stands(standing: Standing | None) -> str:
    if standing is None:
        return "Nobody has tried or adopted it here. It is worked out all the same."
    since = f" since {day(standing.since)}" if standing.since else ""
    said = {"trial": "On trial", "adopted": "Adopted", "retired": "Retired"}[standing.status]
    return f"{said}{since}.{' ' + as_sentence(standing.why) if standing.why else ''}"


def _answered_for(standing: Standing | None, today: datetime.date) -> str:
    if standing is None or not standing.is_shown:
        return ""
    parts = []
    if standing.owner:
        parts.append(f"{sentence_case(standing.owner)} answers for it.")
    if standing.checker:
        parts.append(f"{sentence_case(standing.checker)} checks it.")
    if standing.review_on:
        due = ": that day has come, and the review is due" if standing.review_is_due(today) else ""
        parts.append(f"It is looked at again on {day(standing.review_on)}{due}.")
    return " ".join(parts)


def _elsewhere(book: Book, area: Area, measure: Measure) -> str:
    """Return where it was adopted, where that is not here."""
    names = [
        other.short_name
        for other in book.areas.values()
        if other != area
        and (standing := book.standing(other, measure.id))
        and standing.status == "adopted"
    ]
    here = book.standing(area, measure.id)
    if not names or (here and here.status == "adopted"):
        return ""
    return f"Adopted in {join(names)}."


def aims(book: Book, area: Area, measure: Measure) -> tuple[str, list[str]]:
    """Return what was agreed to be reached or kept in an area, as a titled passage."""
    figures = Figures(measure)
    return "What was agreed to aim at", [
        f"{sentence_case(aim_in_words(aim, figures))}; {_while_it_holds(aim)}."
        for aim in book.aims(area, measure.id)
    ]


def _while_it_holds(aim: Aim) -> str:
    until = f" until {day(aim.until - datetime.timedelta(days=1))}" if aim.until else ""
    return f"it holds from {day(aim.from_)}{until}"


def about(book: Book, measure: Measure) -> Iterator[tuple[str, list[str]]]:
    """Yield what a measure counts and whose idea it is, as titled passages."""
    explained, words = book.snapshot.explained[measure.id], book.settings.words
    yield "What is counted", list(explained.sentences)
    yield "What is left out", list(measure.exclusions)
    yield (
        f"Whose idea it is ({FAMILIES[measure.family][1]})",
        [ORIGINS[measure.origin.kind], quoted(measure.origin.words, measure.origin.source)],
    )
    model = book.snapshot.logic_model
    yield "Where it stands in how we think it works", model.sentences_about(measure.id)
    if measure.find_them:
        yield "How to find these people or cases", [measure.find_them]
    yield "What it was checked against", [measure.checked_against]
    if measure.burden_minutes_per_month:
        minutes = number(measure.burden_minutes_per_month, 0)
        yield "What it costs", [f"About {minutes} minutes a month of a {words.team}'s time."]
