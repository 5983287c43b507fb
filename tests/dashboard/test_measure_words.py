from typing import get_args

from dashboard.book import Book
from dashboard.measure_words import ORIGINS, about, beliefs, headline
from metrics.definition import Origin
from tests.dashboard.invented import (
    ADMISSIONS,
    NORTH_2,
    SHIPPED,
    WAITING,
    BookOf,
    finding,
    no_value,
)


def test_the_sentence_of_a_finding_names_its_place(book_of: BookOf) -> None:
    book = book_of(finding(WAITING, explained_by=("the system changed",)))

    assert headline(book, NORTH_2, WAITING) == (
        "North 2: people waiting: 150, usually 120 to 180, which may still be too high.",
        "This bears on the figure: The system changed.",
    )


def test_an_abbreviation_keeps_its_capitals_after_the_place(book_of: BookOf) -> None:
    says = WAITING.says.model_copy(update={"level": "A&E attendances"})
    book = book_of(finding(WAITING))
    attendances = WAITING.model_copy(update={"says": says})
    vars(book.snapshot).update(measures={**SHIPPED, "F02": attendances})

    lead, _ = headline(book, NORTH_2, attendances)

    assert lead.startswith("North 2: A&E attendances: 150")


def test_a_figure_that_is_not_there_says_why(book_of: BookOf) -> None:
    book = book_of(no_value(WAITING, reason="nothing was sent"))

    assert headline(book, NORTH_2, WAITING) == (
        "North 2: people waiting: not received for March 2026.",
        "Nothing was sent.",
    )


def test_a_measure_that_was_never_worked_out_here_is_not_collected(book_of: BookOf) -> None:
    assert headline(book_of(), NORTH_2, WAITING) == (
        "North 2: people waiting is not collected here.",
        "",
    )


def test_every_caveat_dispute_and_pair_is_shown(book: Book) -> None:
    for measure in book.measures.values():
        passages = dict(beliefs(book, measure))

        assert passages["What to know before believing it"] == [c.text for c in measure.caveat]
        assert ("Why some dispute it" in passages) == bool(measure.dispute)
        beside = passages.get("What to read beside it", [])
        assert len(beside) == sum(pair.measure in SHIPPED for pair in measure.pairs_with)


def test_a_pair_that_is_not_measured_here_is_left_out(book: Book) -> None:
    passages = dict(beliefs(book, ADMISSIONS))

    assert "Why some dispute it" in passages
    for text in passages["What to read beside it"]:
        assert text.partition(":")[0] in {measure.title for measure in SHIPPED.values()}


def test_what_is_counted_and_whose_idea_it_is_stand_beside_every_measure(book: Book) -> None:
    for measure in book.measures.values():
        passages = dict(about(book, measure))

        assert passages["What is counted"]
        (whose,) = [texts for title, texts in passages.items() if title.startswith("Whose idea")]
        assert whose[0] == ORIGINS[measure.origin.kind]
        assert measure.origin.source in whose[1]
        assert passages["What it was checked against"] == [measure.checked_against]


def test_every_kind_of_origin_is_worded() -> None:
    assert set(ORIGINS) == set(get_args(Origin.model_fields["kind"].annotation))
