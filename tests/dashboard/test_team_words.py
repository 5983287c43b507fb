import datetime

import pytest

from dashboard.book import Book
from dashboard.team_words import STAGES, event_sentences, happened, how_far_back, stage
from data.contract import load_contracts
from data.home import Words
from tests.dashboard.invented import (
    ADMISSIONS,
    EXPERIENCE,
    NORTH_2,
    SICKNESS,
    WAITING,
    BookOf,
    event,
    finding,
)


def test_kinds_that_go_back_differently_far_say_how_far(book_of: BookOf) -> None:
    book = book_of(finding(ADMISSIONS, points=36), finding(WAITING, points=4))

    assert how_far_back(book, NORTH_2) == "conventional figures: 36 so far; proposed ones: 4"


def test_nothing_is_said_where_they_go_back_equally_far(book_of: BookOf) -> None:
    book = book_of(finding(ADMISSIONS), finding(WAITING), finding(SICKNESS, points=4))

    assert how_far_back(book, NORTH_2) == ""


def test_nothing_is_said_where_there_is_only_one_kind(book_of: BookOf) -> None:
    assert how_far_back(book_of(finding(WAITING), finding(EXPERIENCE)), NORTH_2) == ""


def test_what_happened_comes_newest_first_with_its_day_and_kind(book_of: BookOf) -> None:
    first = event("Moved.", kind="move", on=datetime.date(2024, 1, 9))
    last = event("New system.", kind="system change", on=datetime.date(2025, 2, 1))
    book = book_of(events=(first, last))

    assert happened(book, NORTH_2) == [
        "1 February 2025 (system change): New system.",
        "9 January 2024 (move): Moved.",
    ]
    assert event_sentences([first, last]) == happened(book, NORTH_2)[::-1]


@pytest.mark.parametrize("name", STAGES)
def test_how_far_a_team_has_come_is_context_in_its_own_words(book_of: BookOf, name: str) -> None:
    book = book_of(words=Words(team="board"))

    said = stage(book, NORTH_2.model_copy(update={"stage": name}))

    assert said.startswith("The board ")
    assert said.endswith("That is context, not a score.")


def test_every_stage_that_a_team_may_have_is_worded() -> None:
    (column,) = [c for c in load_contracts(None)["team"].columns if c.name == "stage"]

    assert set(STAGES) == set(column.allowed or ())


def test_a_team_without_a_stage_is_not_given_one(book: Book) -> None:
    assert stage(book, NORTH_2) == ""
