import re

import pytest

from dashboard.book import Book
from dashboard.headlines import (
    BY_CHANCE,
    disagreement,
    hospital_only,
    nothing_disagrees,
    team_headline,
    the_rule,
)
from dashboard.numbers import spell
from metrics.findings import Way
from metrics.two_kinds import Disagreement
from tests.dashboard.invented import (
    ADMISSIONS,
    EXPERIENCE,
    NORTH_2,
    SHIPPED,
    SICKNESS,
    STAY,
    UNALLOCATED,
    WAITING,
    BookOf,
    finding,
    no_value,
    signal,
    too_new,
)


def apart(
    hospital: tuple[tuple[str, Way], ...] = (("H01", "lower"),),
    working_life: tuple[tuple[str, Way], ...] = (("F02", "higher"), ("F04", "higher")),
) -> Disagreement:
    return Disagreement(
        area_level="team",
        area_id="N2",
        hospital_better=True,
        hospital=hospital,
        working_life=working_life,
    )


def test_a_disagreement_is_one_sentence_about_one_team() -> None:
    assert disagreement(apart(), NORTH_2, SHIPPED) == (
        "In North 2, emergency admissions fell while more people waited and more of the open cases"
        " had nobody assigned."
    )


def test_both_sides_may_have_several_figures_and_go_either_way() -> None:
    found = apart(
        hospital=(("H01", "higher"), ("H05", "higher")),
        working_life=(("F02", "lower"), ("F04", "lower"), ("W01", "lower")),
    )

    assert disagreement(found, NORTH_2, SHIPPED) == (
        "In North 2, emergency admissions rose and the typical emergency stay in hospital grew"
        " longer while fewer people waited, fewer of the open cases had nobody assigned and less of"
        " the staff's time was lost to sickness."
    )


def test_the_rule_names_every_measure_that_can_speak() -> None:
    rule = the_rule(SHIPPED)

    for measure in SHIPPED.values():
        assert (measure.title[1:] in rule) == (measure.speaks_for is not None)
    assert "within its last six figures" in rule
    assert rule.endswith(BY_CHANCE)


def test_nothing_found_and_nothing_to_find_are_told_apart() -> None:
    assert nothing_disagrees("boards").startswith("None of the boards shows")
    assert hospital_only().startswith("Hospital figures only")


def test_a_team_begins_with_what_is_most_worth_talking_about(book_of: BookOf) -> None:
    book = book_of(
        signal(WAITING),
        signal(SICKNESS, value=9.0, lower_limit=3.0, upper_limit=7.0, mean=5.0),
        finding(ADMISSIONS),
        too_new(EXPERIENCE),
        no_value(UNALLOCATED),
    )

    assert team_headline(book, NORTH_2) == (
        "More people than usual are waiting: 247; usually 120 to 180.",
        "One other measure is also beyond usual ups and downs; one is in its usual range, which may"
        " still be too high or too low; one is too new to say; one was not received.",
    )


def test_a_team_where_the_two_kinds_disagree_says_both_at_once(book_of: BookOf) -> None:
    book = book_of(
        signal(WAITING),
        signal(UNALLOCATED, value=30.0, lower_limit=4.0, upper_limit=14.0, mean=9.0),
        signal(ADMISSIONS, way="lower"),
        disagreements=[apart()],
    )

    lead, rest = team_headline(book, NORTH_2)

    assert lead == (
        "More people than usual are waiting: 247; usually 120 to 180. Within the last six months"
        " emergency admissions fell."
    )
    assert rest == "Two other measures are also beyond usual ups and downs."


def test_a_team_without_a_signal_is_not_praised(book_of: BookOf) -> None:
    book = book_of(finding(WAITING), finding(SICKNESS))

    assert team_headline(book, NORTH_2) == (
        "Nothing in North 2 is beyond its usual ups and downs at the moment.",
        "Two measures are in their usual range, which may still be too high.",
    )


def test_what_hardly_moves_is_counted_by_itself(book_of: BookOf) -> None:
    still = {"kind": "no_variation", "variation": None, "points": 20}
    still |= dict.fromkeys(("mean", "lower_limit", "upper_limit"))
    book = book_of(finding(STAY, **still), finding(WAITING))

    _, rest = team_headline(book, NORTH_2)

    assert rest == (
        "One measure is in its usual range, which may still be too high; one hardly ever moves."
    )


def test_every_measure_of_every_team_is_accounted_for(book: Book) -> None:
    numbers = {spell(count): count for count in range(1, 60)}
    for area in book.areas.values():
        lead, rest = team_headline(book, area)

        counted = re.findall(r"(?:^|; )(\w+) ", rest)
        named = 0 if lead.startswith("Nothing") else 1
        assert named + sum(numbers[word.lower()] for word in counted) == len(book.shown_in(area)), (
            rest
        )


@pytest.mark.parametrize("area", ["team", "locality", "partnership"])
def test_a_headline_is_whole_sentences(book: Book, area: str) -> None:
    for one in (each for each in book.areas.values() if each.level == area):
        for text in team_headline(book, one):
            assert re.fullmatch(r"[A-Z1-9].*\.", text), text
