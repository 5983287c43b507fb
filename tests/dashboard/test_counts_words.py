import datetime
from decimal import Decimal

import pytest

from dashboard import counts_words
from data.contract import load_contracts
from data.counts import Count
from data.home import Settings
from data.records import schema_of
from metrics.definition import Measure, load_measures

FEBRUARY, MARCH = datetime.date(2024, 2, 1), datetime.date(2024, 3, 1)


@pytest.fixture(scope="module")
def measures() -> dict[str, Measure]:
    contracts = load_contracts()
    return load_measures(None, schema_of(contracts))


def counted(measures: dict[str, Measure]) -> list[Measure]:
    return [measures[name] for name in ("W03", "J05", "S02")]


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ((), "North 2, March 2024: none of the three counts is in yet."),
        (("W03",), "North 2, March 2024: one of three counts is in."),
        (("W03", "S02"), "North 2, March 2024: two of three counts are in."),
        (("W03", "J05", "S02"), "North 2, March 2024: every count is in. Thank you."),
    ],
)
def test_the_page_opens_with_how_many_counts_are_in(
    measures: dict[str, Measure], there: tuple[str, ...], said: str
) -> None:
    sent = {MARCH: {name: Count(1) for name in there}, FEBRUARY: {"J05": Count(9)}}

    assert counts_words.first_sentence("North 2", MARCH, counted(measures), sent) == said


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (None, "nothing was sent before"),
        ((FEBRUARY, Count(12, Decimal(540))), "last sent, February 2024: 12 of 540"),
        ((FEBRUARY, Count(1200, Decimal("540.5"))), "last sent, February 2024: 1,200 of 540.5"),
        ((FEBRUARY, Count(None, None, True)), "last sent, February 2024: hidden, because it was"),
        ((FEBRUARY, Count(None, Decimal(540))), "last sent, February 2024: not known"),
    ],
)
def test_the_last_count_stands_beside_the_field(
    measures: dict[str, Measure], last: tuple[datetime.date, Count] | None, said: str
) -> None:
    assert counts_words.before(measures["W03"], last).startswith(said)


def test_a_jump_is_asked_about_with_both_numbers(measures: dict[str, Measure]) -> None:
    last = (FEBRUARY, Count(12, Decimal(540)))

    asked = counts_words.odd(measures["W03"], Count(60, Decimal(540)), last)
    of_fewer = counts_words.odd(measures["W03"], Count(12, Decimal(54)), last)

    assert asked == "Staff unable to go out: 60 now, 12 in February 2024. Is that right?"
    assert of_fewer == "Staff unable to go out: 54 now, 540 in February 2024. Is that right?"
    assert counts_words.odd(measures["W03"], Count(14, Decimal(520)), last) == ""
    assert counts_words.odd(measures["W03"], Count(60), None) == ""
    assert counts_words.odd(measures["W03"], Count(60), (FEBRUARY, Count(hidden=True))) == ""


def test_a_part_is_never_more_than_the_whole(measures: dict[str, Measure]) -> None:
    said = counts_words.too_many(measures["W03"], Count(600, Decimal(540)))

    assert said == "Staff unable to go out: 600 cannot be out of 540. Correct one of them."
    assert counts_words.too_many(measures["W03"], Count(540, Decimal(540))) == ""
    assert counts_words.too_many(measures["W03"], Count(600)) == ""
    assert counts_words.too_many(measures["S02"], Count(600)) == ""


def test_fields_are_named_in_the_definitions_own_words(measures: dict[str, Measure]) -> None:
    assert counts_words.counted(measures["J05"]).startswith("Team meetings in which")
    assert counts_words.out_of(measures["J05"]) == "Out of: Team meetings held"


def test_a_page_with_nothing_to_fill_in_says_why() -> None:
    settings = Settings(name="Small")

    assert "no list of teams" in counts_words.nothing_to_count(settings, False)
    assert "counted by hand" in counts_words.nothing_to_count(settings, True)
