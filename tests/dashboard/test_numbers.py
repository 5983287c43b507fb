import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.numbers import (
    Figures,
    day,
    join,
    mid_sentence,
    number,
    period,
    plural,
    sentence_case,
    spell,
)
from metrics.definition import Measure
from tests.dashboard.invented import EXPERIENCE, STAY, UNALLOCATED, WAIT, WAITING, amounts, measures


@pytest.mark.parametrize(
    ("count", "words"), [(0, "no"), (1, "one"), (10, "ten"), (11, "11"), (12_345, "12,345")]
)
def test_small_counts_are_spelled_and_larger_ones_written(count: int, words: str) -> None:
    assert spell(count) == words


def test_one_thing_is_singular_and_none_is_not() -> None:
    assert [plural(count, "team", "teams") for count in (0, 1, 2)] == ["teams", "team", "teams"]


@pytest.mark.parametrize(
    ("parts", "said"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_a_list_ends_with_and(parts: list[str], said: str) -> None:
    assert join(parts) == said


def test_a_capital_is_put_first_and_nothing_else_is_touched() -> None:
    assert sentence_case("open NHS cases") == "Open NHS cases"
    assert sentence_case("") == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("More people wait", "more people wait"),
        ("A smaller share", "a smaller share"),
        ("A&E attendances", "A&E attendances"),
        ("NHS answers", "NHS answers"),
        ("A&E: over 4 hours", "A&E: over 4 hours"),
        ("", ""),
        ("I only had to tell my story once", "I only had to tell my story once"),
    ],
)
def test_in_mid_sentence_only_an_abbreviation_keeps_its_capital(text: str, said: str) -> None:
    assert mid_sentence(text) == said


def test_a_day_is_said_with_or_without_its_year() -> None:
    date = datetime.date(2026, 3, 5)

    assert day(date) == "5 March 2026"
    assert day(date, with_year=False) == "5 March"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-03-01", "2026-04-01", "March 2026"),
        ("2026-12-01", "2027-01-01", "December 2026"),
        ("2026-01-01", "2026-04-01", "January to March 2026"),
        ("2025-12-01", "2026-03-01", "December 2025 to February 2026"),
        ("2026-02-09", "2026-02-16", "February 2026"),
    ],
)
def test_a_period_ends_before_its_exclusive_end(start: str, end: str, said: str) -> None:
    assert period(datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)) == said


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [
        (1234567.0, 0, "1,234,567"),
        (0.5, 0, "1"),
        (2.675, 2, "2.68"),
        (-0.4, 0, "0"),
        (-0.6, 0, "-1"),
        (1e-9, 3, "0.000"),
        (3.0, 1, "3.0"),
    ],
)
def test_numbers_are_rounded_half_up_and_never_minus_nought(
    value: float, decimals: int, said: str
) -> None:
    assert number(value, decimals) == said


@given(amounts, st.integers(0, 4))
def test_a_number_said_is_within_half_a_step_of_itself(value: float, decimals: int) -> None:
    said = Decimal(number(value, decimals).replace(",", ""))

    assert abs(said - Decimal(repr(value))) <= Decimal(1).scaleb(-decimals) / 2


@pytest.mark.parametrize(
    ("measure", "value", "said", "bare"),
    [
        (WAITING, 1066.4, "1,066", "1,066"),
        (UNALLOCATED, 7.4, "7%", "7%"),
        (WAIT, 1.0, "1 day", "1"),
        (WAIT, 12.0, "12 days", "12"),
        (STAY, 1.0, "1.0 days", "1.0"),
    ],
)
def test_a_figure_says_its_unit_and_alone_only_the_percent_sign(
    measure: Measure, value: float, said: str, bare: str
) -> None:
    assert Figures(measure).value(value) == said
    assert Figures(measure).bare(value) == bare


def test_a_rate_says_what_it_is_per() -> None:
    rate = WAITING.model_copy(
        update={
            "show": WAITING.show.model_copy(update={"as_": "per_1000_people_a_year"}),
            "unit": "admissions per 1,000 people a year",
        }
    )

    assert Figures(rate).value(87.2) == "87 per 1,000 people a year"


def test_the_usual_range_is_cut_at_what_is_possible() -> None:
    assert Figures(EXPERIENCE).between(78.2, 105.7, 87.0) == ("79% to 100%", 0)
    assert Figures(WAITING).between(-12.0, 40.2, 7.0) == ("0 to 40", 0)


def test_a_share_above_100_keeps_its_range() -> None:
    assert Figures(EXPERIENCE).between(90.0, 120.0, 105.0) == ("90% to 120%", 0)
    assert Figures(EXPERIENCE).between(101.0, 105.0, 99.0) == ("101% to 105%", 0)


def test_rounding_never_moves_a_figure_over_the_end_of_its_range() -> None:
    within, decimals_within = Figures(WAITING).between(8.2, 11.7, 8.4)
    beyond, decimals_beyond = Figures(WAITING).between(8.2, 11.7, 11.9)

    assert (within, decimals_within) == ("8.2 to 11.7", 1)
    assert (beyond, decimals_beyond) == ("9 to 11", 0)


@given(measures(), amounts, amounts, amounts)
def test_a_figure_is_said_on_the_side_of_its_range_where_it_lies(
    measure: Measure, first: float, second: float, value: float
) -> None:
    lower, upper = sorted((first, second))

    usual, decimals = Figures(measure).between(lower, upper, value)

    low, high = (
        Decimal(end.strip("% days").replace(",", "")) for end in usual.split(" to ", maxsplit=1)
    )
    said = Decimal(number(value, decimals).replace(",", ""))
    # From the seventh decimal on, two figures are the same to anybody.
    near = any(abs(value - end) < 1e-6 for end in (lower, upper))
    assert near or (low <= said <= high) == (lower <= value <= upper)
    assert low <= high
