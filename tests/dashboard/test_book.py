import datetime

import pytest

from dashboard.book import Book
from metrics.reading import Area
from tests.dashboard.invented import (
    ADMISSIONS,
    NORTH,
    NORTH_1,
    NORTH_2,
    SHIPPED,
    STAY,
    WAITING,
    WHOLE,
    BookOf,
    event,
    finding,
    no_value,
)

STRAY = Area(level="team", id="X1", name="Stray", short_name="Stray")


def test_every_area_is_found_by_the_key_in_an_address(book: Book) -> None:
    assert len(book.areas) == len(book.snapshot.areas) == 16
    assert book.areas["N2"].name == "North 2 (Otterholm)"
    assert book.areas["locality:N"].level == "locality"
    assert book.whole.level == "partnership"


def test_something_is_said_of_every_measure_in_every_area(book: Book) -> None:
    for area in book.areas.values():
        for measure in book.measures.values():
            said, found = book.said(area, measure.id), book.finding(area, measure.id)
            assert said is not None
            assert found is not None
            assert area.short_name in said.alt
            assert measure.title in said.alt


def test_nothing_is_said_of_what_is_not_there(book: Book) -> None:
    assert book.said(book.whole, "Z99") is None
    assert book.finding(book.whole, "Z99") is None


def test_findings_come_in_the_order_of_the_measures(book: Book) -> None:
    for area in book.areas.values():
        shown = [measure.id for measure in book.shown_in(area)]
        assert shown
        assert [found.measure_id for found in book.findings_of(area)] == shown


def test_teams_stand_under_their_locality_and_each_stands_once(book: Book) -> None:
    groups = book.teams_by_locality()

    assert [locality.id for locality, _ in groups if locality] == ["C", "N", "S"]
    assert sorted(team.id for _, teams in groups for team in teams) == sorted(
        team.id for team in book.teams
    )
    for locality, teams in groups:
        assert locality is not None
        assert {team.parent_id for team in teams} == {locality.id}


def test_one_locality_alone_is_only_its_own_teams(book: Book) -> None:
    ((locality, teams),) = book.teams_by_locality("N")

    assert locality is not None
    assert locality.id == "N"
    assert [team.id for team in teams] == ["N1", "N2", "N3", "N4"]


def test_a_team_that_lies_in_no_locality_is_not_lost(book_of: BookOf) -> None:
    book = book_of(areas=(WHOLE, NORTH, NORTH_1, STRAY))

    assert book.teams_by_locality() == [(NORTH, [NORTH_1]), (None, [STRAY])]
    assert book.teams_by_locality("N") == [(NORTH, [NORTH_1])]


def test_events_are_those_of_the_area_and_of_what_it_lies_in(book_of: BookOf) -> None:
    own, beside, above, highest = (
        event("Own."),
        event("Beside.", scope_id="N1"),
        event("Above.", scope="locality", scope_id="N"),
        event("Highest.", scope="partnership", scope_id="city"),
    )
    book = book_of(events=(own, beside, above, highest))

    assert book.events_for(NORTH_2) == [own, above, highest]
    assert book.events_for(NORTH) == [above, highest]
    assert book.events_for(WHOLE) == [highest]


def test_for_a_measure_only_events_that_bear_on_it_are_named(book_of: BookOf) -> None:
    stays, anything = event("Stays.", measure_ids=("H05",)), event("Anything.")
    book = book_of(events=(stays, anything))

    assert book.events_for(NORTH_2, STAY.id) == [stays, anything]
    assert book.events_for(NORTH_2, ADMISSIONS.id) == [anything]


def test_a_locality_may_have_the_code_of_its_partnership(book_of: BookOf) -> None:
    locality = NORTH.model_copy(update={"id": "city"})
    team = NORTH_1.model_copy(update={"parent_id": "city"})
    above = event("Above.", scope="partnership", scope_id="city")
    book = book_of(areas=(WHOLE, locality, team), events=(above,))

    assert book.events_for(team) == [above]


def test_a_measure_that_nobody_collects_is_named_and_left_out(book_of: BookOf) -> None:
    absent = no_value(WAITING, NORTH_2, state="not_collected")
    book = book_of(finding(ADMISSIONS, NORTH_2), absent)

    assert list(book.measures) == ["H01"]
    assert WAITING in book.never_collected
    # What was retired is missed by nobody; what nobody ever took up is not either.
    assert SHIPPED["S02"] not in book.never_collected
    assert all(book.shows(NORTH_1, m.id) or book.shows(NORTH_2, m.id) for m in book.never_collected)


def test_hospital_figures_alone_are_said_to_be_alone(book: Book, book_of: BookOf) -> None:
    alone = book_of(finding(ADMISSIONS, NORTH_2), no_value(WAITING, NORTH_2))

    assert alone.hospital_only
    assert not book.hospital_only


def test_figures_reach_to_the_last_day_of_the_newest_that_is_there(book_of: BookOf) -> None:
    book = book_of(finding(WAITING, NORTH_2), no_value(ADMISSIONS, NORTH_2))

    assert book.last_day == datetime.date(2026, 3, 31)
    assert book.dates.startswith("Figures to 31 March 2026, updated ")


def test_without_any_figure_the_dates_say_so(book_of: BookOf) -> None:
    book = book_of(no_value(WAITING, NORTH_2))

    assert book.last_day is None
    assert book.dates.startswith("No figures yet, updated ")


@pytest.mark.parametrize(
    ("published", "said"),
    [
        ("2026-04-14T09:00", "Figures to 31 March 2026, updated 14 April"),
        ("2027-04-14T09:00", "Figures to 31 March 2026, updated 14 April 2027"),
    ],
)
def test_a_year_is_named_twice_only_where_it_differs(
    book_of: BookOf, published: str, said: str
) -> None:
    book = book_of(finding(WAITING, NORTH_2))
    vars(book.snapshot).update(published_at=datetime.datetime.fromisoformat(published))

    assert book.dates == said


def test_the_city_tells_where_its_two_kinds_of_measure_disagree(book: Book) -> None:
    assert [area.id for area in book.disagreements] == ["N2"]
