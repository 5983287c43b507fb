import datetime
from decimal import Decimal
from typing import Any

import pytest

from data.contract import load_contracts
from data.home import Words
from data.records import schema_of
from metrics.blocks import COUNT_BLOCKS, Condition, Quantile
from metrics.definition import Measure, load_measures
from metrics.explain import explain

CONTRACTS = load_contracts(None)
SCHEMA = schema_of(CONTRACTS)
SHIPPED = load_measures(None, SCHEMA)

WITHOUT_BLOCKS = {
    "id": "Z1",
    "slug": "a_measure",
    "title": "A measure",
    "question": "How many?",
    "family": "proposed",
    "group": "flow",
    "sector": ["health"],
    "kind": "process",
    "better": "lower",
    "attribution": "receiving",
    "unit": "referrals",
    "disclosure": "people",
    "checked_against": "nothing",
    "origin": {"kind": "workshop", "source": "a test"},
    "says": {"higher": "a", "lower": "b", "rose": "c", "fell": "d", "level": "e"},
}
REFERRALS = {"rows": "referral", "on": "received_at"}
ADULTS = ["18-24", "25-44", "45-64", "65-74", "75-84", "85+"]
BLOCKS: dict[str, tuple[dict[str, Any], str]] = {
    "rows": (REFERRALS, "referrals received in the month."),
    "sum": (
        {"sum": "fte_days_lost", "of": "absence_month", "on": "month"},
        "the total of “FTE days lost” in sickness absence for the month.",
    ),
    "days": (
        {
            "days": ["admitted_on", "discharged_on"],
            "of": "hospital_spell",
            "on": "discharged_on",
        },
        "the days from being admitted to being discharged, added up over hospital spells"
        " discharged in the month.",
    ),
    "people": (
        {"people": "person_key", "of": "contact", "on": "started_at"},
        "different people among contacts started in the month.",
    ),
    "days_inside": (
        {"days_inside": "hospital_spell", "from": "admitted_on", "until": ["discharged_on"]},
        "the nights from being admitted to being discharged that fall inside the month, added up"
        " over hospital spells; what has not ended goes on to the month's end.",
    ),
    "open": (
        {"open": "referral", "from": "received_at", "until": ["named_worker_on", "closed_on"]},
        "referrals open at the end of the month: received on or before its last day, with no"
        " named worker and not closed by then.",
    ),
    "level": (
        {"level": "in_post_fte", "of": "workforce_month", "on": "month"},
        "the total of “in post FTE” in staff in post at the latest date in the month.",
    ),
    "population": (
        {"population": {"age_bands": ["0-17"], "sex": ["2"]}},
        "people aged under 18, recorded as female, registered with the team's practices at the"
        " end of the month.",
    ),
    "person_days": (
        {"person_days": {"age_bands": ADULTS, "basis": "resident"}},
        "people aged 18 or over living in the team's area, each counted once for every day of the"
        " month.",
    ),
    "submitted": ({"submitted": "numerator"}, "the count that each team sent in for the month."),
}


def a_measure(**parts: Any) -> Measure:
    return Measure.model_validate({**WITHOUT_BLOCKS, "show": {"as": "count"}, **parts})


def sentences(**parts: Any) -> tuple[str, ...]:
    return explain(a_measure(**parts), SCHEMA)


def test_every_kind_of_block_is_tested_here() -> None:
    assert set(BLOCKS) == set(COUNT_BLOCKS)


@pytest.mark.parametrize(("block", "said"), BLOCKS.values(), ids=BLOCKS)
def test_every_kind_of_block_is_said_in_words(block: dict[str, Any], said: str) -> None:
    assert sentences(numerator=block)[0] == f"Counted: {said}"
    if "submitted" in block:
        # What it is out of is another number that was sent in, and has words of its own.
        return
    both = sentences(numerator=REFERRALS, denominator=block, show={"as": "percent"})

    assert both[:2] == ("Above: referrals received in the month.", f"Below: {said}")


def test_what_has_been_open_for_long_is_said_so() -> None:
    block = {"open": "referral", "from": "received_at", "until": ["closed_on"], "after_days": 127}

    assert sentences(numerator=block)[0] == (
        "Counted: referrals open at the end of the month, for at least 127 days: received on or"
        " before its last day and not closed by then."
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "followed_by",
            "there is another of the hospital spells (by “admitted”) with the same"
            " person where “admission method” is 21 0 to 29 days after it",
        ),
        ("not_followed_by", "there is not another of the hospital spells"),
        ("preceded_by", "29 days before it"),
        ("not_preceded_by", "there is not another"),
    ],
)
def test_what_lies_before_or_after_a_row_is_said_in_words(name: str, said: str) -> None:
    other = {
        "table": "hospital_spell",
        "on": "admitted_on",
        "within_days": [0, 29],
        "where": [{"column": "admission_method", "is": "21"}],
    }
    block = {"rows": "hospital_spell", "on": "discharged_on", name: [other]}

    first = sentences(numerator=block, attribution="population")[0]

    assert said in first


def test_windows_parts_and_follow_up_are_said() -> None:
    said = " ".join(
        sentences(
            numerator=REFERRALS,
            rolling=3,
            split_by="sector",
            complete_after_days=30,
            needs_shared_key=True,
        )
    )

    assert "Each figure covers 3 months" in said
    assert "shares 2 months with the one before" in said
    assert "There is a figure for everything, and one for each “sector”." in said
    assert "It needs 30 days after the month to be complete" in said
    assert "no key in common" in said


def test_different_people_are_never_added_up() -> None:
    said = sentences(numerator={"people": "person_key", "of": "contact", "on": "started_at"})

    assert any(sentence.endswith("and the partnership, never added up.") for sentence in said)


def test_what_a_team_counts_is_said_in_the_words_that_stand_beside_its_count() -> None:
    said = sentences(
        numerator={"submitted": "numerator", "words": "meetings with a GP"},
        denominator={"submitted": "denominator", "words": "meetings held"},
        show={"as": "percent"},
    )

    assert said[:2] == (
        "Above: the count that each team sent in for the month (meetings with a GP).",
        "Below: what that is out of, as each team sent it in (meetings held).",
    )


def test_what_was_sent_in_below_the_line_is_said_to_be_what_it_is_out_of() -> None:
    said = sentences(
        numerator={"submitted": "numerator"},
        denominator={"submitted": "denominator"},
        show={"as": "percent"},
    )

    assert said[1] == "Below: what that is out of, as each team sent it in."


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"column": "sector", "is": "health"}, "“sector” is health"),
        ({"column": "coordinator_recorded", "is": False}, "“coordinator recorded” is no"),
        ({"column": "source", "is_not": "GP"}, "“source” is anything but GP (a blank counts)"),
        (
            {"column": "priority", "in": ["2-hour", "2-day", "urgent"]},
            "“priority” is 2-hour, 2-day or urgent",
        ),
        (
            {"column": "source", "not_in": ["GP", "self"]},
            "“source” is anything but GP or self (a blank counts)",
        ),
        (
            {"column": "outcome", "is": "Progress to assessment, review or reassessment"},
            "“outcome” is “Progress to assessment, review or reassessment”",
        ),
        ({"column": "closed_on", "empty": True}, "“closed” is blank (still open)"),
        ({"column": "outcome", "not_empty": True}, "“outcome” is filled in"),
        (
            {"column": "closed_on", "at_least": datetime.date(2025, 3, 1)},
            "“closed” is 1 March 2025 or later",
        ),
        (
            {"column": "closed_on", "at_most": datetime.date(2025, 3, 1)},
            "“closed” is 1 March 2025 or earlier",
        ),
        ({"column": "age_band", "is": "85+"}, "the person is aged 85 or over"),
        (
            {"column": "age_band", "in": ["0-17", "65-74", "75-84"]},
            "the person is aged under 18 or 65 to 84",
        ),
        (
            {"days": ["received_at", "closed_on"], "at_least": 0},
            "they were not closed before being received",
        ),
        (
            {"days": ["received_at", "closed_on"], "at_least": 127},
            "they were closed at least 127 days after being received",
        ),
        (
            {"days": ["received_at", "first_contact_on"], "at_least": 0, "at_most": 1},
            "the “first contact” date came 0 to 1 day after being received",
        ),
        (
            {"days": ["received_at", "first_contact_on"], "at_least": 0},
            "the “first contact” date is not before being received",
        ),
    ],
)
def test_every_test_of_a_condition_is_said_in_words(condition: dict[str, Any], said: str) -> None:
    first = sentences(numerator={**REFERRALS, "where": [condition]})[0]

    assert first == (
        f"Counted: referrals received in the month, counting only those where {said};"
        " all others are left out."
    )


def test_no_test_of_a_condition_is_left_without_words() -> None:
    for name in Condition.TESTS:
        written = name.rstrip("_")
        tested = [1] if written in ("in", "not_in") else "empty" in written or 1

        first = sentences(numerator={**REFERRALS, "where": [{"column": "x", written: tested}]})[0]

        assert "those where “x” is " in first, name


def test_numbers_in_conditions_are_said_as_at_least_at_most_and_between() -> None:
    def said(**tests: Any) -> str:
        where = [{"column": "headcount", **tests}]
        block = {"level": "headcount", "of": "workforce_month", "on": "month", "where": where}
        return sentences(numerator=block)[0]

    assert "“headcount” is 1,200 or more;" in said(at_least=1200)
    assert "“headcount” is 2.5 or less;" in said(at_most=Decimal("2.5"))
    assert "“headcount” is from 5 to 10;" in said(at_least=5, at_most=10)


def test_a_limit_of_days_from_above_admits_that_it_lets_in_dates_that_run_backwards() -> None:
    where = [{"days": ["received_at", "closed_on"], "at_most": 28}]

    first = sentences(numerator={**REFERRALS, "where": where})[0]

    assert "they were closed at most 28 days after being received, or before it;" in first


def test_several_conditions_all_hold_at_once() -> None:
    where = [{"column": "sector", "is": "health"}, {"column": "priority", "is": "urgent"}]

    first = sentences(numerator={**REFERRALS, "where": where})[0]

    assert "where “sector” is health, and “priority” is urgent; all others" in first


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (["closed_on"], "received on or before its last day and not closed by then"),
        (
            ["first_seen_on", "closed_on"],
            "received on or before its last day and neither first seen nor closed by then",
        ),
        (["named_worker_on"], "received on or before its last day, with no named worker by then"),
        (
            ["first_contact_on"],
            "received on or before its last day, with no “first contact” date by then",
        ),
    ],
)
def test_an_open_case_is_said_by_what_had_not_happened(until: list[str], said: str) -> None:
    block = {"open": "referral", "from": "received_at", "until": until}

    assert sentences(numerator=block)[0].endswith(f"{said}.")


def test_a_median_says_what_it_is_and_who_is_left_out() -> None:
    said = explain(SHIPPED["F05"], SCHEMA)

    assert said[:3] == (
        "Counted: the median number of days from being received to being first seen, over"
        " referrals first seen in the month, counting only those where they were not first seen"
        " before being received; all others are left out.",
        "At least half of them took that long or less; with an even number, it is the mean of the"
        " middle two.",
        "Those with no date yet for being first seen are left out.",
    )
    assert (
        "There is one figure for each month, worked out anew for each team, each locality and the"
        " partnership, never averaged." in said
    )


@pytest.mark.parametrize(
    ("at", "name"),
    [("0.9", "90th"), ("0.01", "1st"), ("0.12", "12th"), ("0.33", "33rd"), ("0.975", "97.5th")],
)
def test_another_quantile_is_called_a_centile(at: str, name: str) -> None:
    quantile = Quantile.model_validate(
        {
            "at": Decimal(at),
            "days": ["received_at", "first_seen_on"],
            "of": "referral",
            "on": "received_at",
            "open_cases": "waiting",
        }
    )

    said = sentences(quantile=quantile, show={"as": "days"})

    assert said[0].startswith(f"Counted: the {name} centile of the days from being received")
    assert said[1].startswith(f"At least {(Decimal(at) * 100).normalize():f}% of them")
    assert said[2].startswith(
        "Those with no date yet for being first seen count as taking longer than all the others"
    )


def test_the_words_of_a_stock_a_share_and_a_meaning_stand_exactly_so() -> None:
    assert explain(SHIPPED["F04"], SCHEMA) == (
        "Above: referrals open at the end of the month: received on or before its last day, with"
        " no named worker and not closed by then.",
        "Below: referrals open at the end of the month: received on or before its last day and"
        " not closed by then.",
        "Each belongs to the team that received it.",
        "There is one figure for each month, as things stood at its end; months are never added"
        " up.",
        "Shown as a percentage: the number above as a share of the number below; beside it, the"
        " count itself.",
        "Lower is better.",
        "Small numbers: it counts people, and a small number could show who somebody is, so it has"
        " to be hidden before figures are shared.",
        "“Named worker”: the day it was given to a named worker; a duty desk is nobody.",
    )


def test_a_place_a_rate_and_a_dispute_are_said() -> None:
    said = explain(SHIPPED["H01"], SCHEMA)

    assert (
        "Each belongs to the team whose practices the person is registered with, whoever gives"
        " the care." in said
    )
    assert (
        "Shown as a rate per 1,000 people a year, so that long and short months can be compared;"
        " beside it, the count itself." in said
    )
    assert (
        "Officially lower is better; that is disputed, so no change is called better or worse."
        in said
    )


@pytest.mark.parametrize(
    ("better", "contested", "said"),
    [
        ("higher", False, "Higher is better."),
        ("neither", False, "Neither higher nor lower is better in itself."),
        (
            "neither",
            True,
            "Which way is better is disputed, so no change is called better or worse.",
        ),
    ],
)
def test_the_direction_is_said(better: str, contested: bool, said: str) -> None:
    dispute = "somebody disputes it" if contested else ""

    assert said in sentences(
        numerator=REFERRALS, better=better, contested=contested, dispute=dispute
    )


def test_the_words_of_the_author_are_not_used() -> None:
    silent = a_measure(numerator=REFERRALS)
    wordy = silent.model_copy(
        update={"question": "Is it so?", "title": "All of it", "dispute": "No", "find_them": "Look"}
    )

    assert explain(wordy, SCHEMA) == explain(silent, SCHEMA)


def test_the_partnerships_own_words_are_used() -> None:
    words = Words(people="residents", person="resident", team="hub", locality="district")

    said = " ".join(explain(SHIPPED["H01"], SCHEMA, words))
    median = " ".join(explain(SHIPPED["H05"], SCHEMA, words))

    assert "residents aged 18 or over registered with the hub's practices" in said
    assert "the hub whose practices the resident is registered with" in said
    assert "a rate per 1,000 residents a year" in said
    assert "each hub, each district" in median
    assert "team" not in said + median


def test_a_quarterly_measure_speaks_of_quarters() -> None:
    said = sentences(numerator=REFERRALS, every="quarter")

    assert said[0] == "Counted: referrals received in the quarter."
    assert "There is one figure for each quarter." in said


@pytest.mark.parametrize("measure", SHIPPED.values(), ids=SHIPPED)
def test_every_shipped_definition_is_explained_in_sentences(measure: Measure) -> None:
    said = explain(measure, SCHEMA)

    assert len(said) >= 5
    for sentence in said:
        assert sentence.endswith("."), sentence
        assert "_" not in sentence, sentence
        assert "{" not in sentence, sentence
        assert "None" not in sentence, sentence
        assert "  " not in sentence, sentence
