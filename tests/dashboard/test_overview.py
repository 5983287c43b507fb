from dashboard.book import Book
from dashboard.overview import (
    KIND_NAMES,
    against_its_own_past,
    first_sentence,
    new_signals,
    new_title,
    sentences,
)
from dashboard.selection import KINDS
from data.home import Words
from metrics.reading import Area
from tests.dashboard.invented import (
    ADMISSIONS,
    NORTH,
    NORTH_1,
    SICKNESS,
    WAITING,
    WHOLE,
    BookOf,
    finding,
    month,
    no_value,
    signal,
)


def test_the_city_begins_with_the_team_in_which_two_kinds_disagree(book: Book) -> None:
    assert first_sentence(book) == (
        "In North 2, emergency admissions fell while more people waited, more of the open cases had"
        " nobody assigned, more of the staff's time was lost to sickness and more of the field"
        " staff's days were spent unable to go out."
    )
    assert sentences(book) == [first_sentence(book)]


def test_without_a_disagreement_that_is_said_in_the_partnerships_words(book_of: BookOf) -> None:
    book = book_of(finding(WAITING), words=Words(teams="boards"))

    assert first_sentence(book).startswith(
        "None of the boards shows hospital figures going one way"
    )


def test_with_hospital_figures_alone_nobody_is_said_to_agree(book_of: BookOf) -> None:
    assert first_sentence(book_of(finding(ADMISSIONS))).startswith("Hospital figures only")


def test_signs_are_counted_among_what_could_be_judged(book_of: BookOf) -> None:
    book = book_of(
        signal(WAITING, NORTH_1), finding(WAITING), finding(ADMISSIONS), no_value(SICKNESS)
    )

    assert against_its_own_past(book) == (
        "Each team against its own past: 1 of 3 figures is beyond usual ups and downs. With this"
        " many figures, a few such signs come by chance alone."
    )


def test_localities_are_not_counted_with_their_teams(book_of: BookOf) -> None:
    book = book_of(signal(WAITING), signal(WAITING, NORTH))

    assert "1 of 1 figures is" in against_its_own_past(book)


def test_only_what_has_just_left_its_usual_range_is_new(book_of: BookOf) -> None:
    older = signal(SICKNESS, signal_since=month(30)[0])
    book = book_of(signal(WAITING), older, finding(ADMISSIONS))

    assert new_signals(book) == [
        "North 2: more people than usual are waiting: 247; usually 120 to 180."
    ]


def test_at_most_four_are_written_out_and_the_rest_counted(book_of: BookOf) -> None:
    teams = [
        Area(level="team", id=f"T{n}", name=f"Team {n}", short_name=f"Team {n}", parent_id="N")
        for n in range(1, 8)
    ]
    book = book_of(*(signal(WAITING, team) for team in teams), areas=[WHOLE, NORTH, *teams])

    said = new_signals(book)

    assert [text[:6] for text in said[:4]] == ["Team 1", "Team 2", "Team 3", "Team 4"]
    assert said[4:] == ["Three more."]


def test_what_is_new_is_dated_by_the_newest_figure(book_of: BookOf) -> None:
    february = {"period_start": month(34)[0], "period_end": month(34)[1]}
    book = book_of(finding(WAITING), finding(ADMISSIONS, **february))

    assert new_title(book) == "New in March 2026"
    assert new_title(book_of(no_value(WAITING))) == "What is new"


def test_every_kind_has_a_name() -> None:
    assert tuple(KIND_NAMES) == KINDS
