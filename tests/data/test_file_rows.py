"""The rows of one file: which are taken, which are held and why, and which are no data."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from data.batches import list_batches, read_rows
from data.check import Checked, check_file
from data.home import Home
from data.reference import rulebook
from data.report import Report
from tests.data.sent_files import COUNTS, counts, places, rules

Take = Callable[..., Report]
Write = Callable[..., Path]
SPELLS = "spell_id,practice_code,admitted_on,discharge_ready_on,discharged_on,admission_method"
STAFF = "team_id,month,employer,in_post_fte,headcount,at_team_base"


@pytest.fixture
def checked(home: Home, write: Write) -> Callable[[str], Checked]:
    def _check(text: str) -> Checked:
        return check_file(write(text), rulebook(home))

    return _check


def loaded(home: Home) -> list[dict[str, Any]]:
    return [row for batch in list_batches(home) for row in read_rows(batch).to_pylist()]


# ---------------------------------------------------------------- rows too wide or too narrow


def test_a_row_with_more_cells_than_the_header_is_held(check: Take) -> None:
    report = check(counts("N1,2024-04,W03,5,10,yes, no", "N2,2024-04,W03,6,12,fine,,"))

    assert (report.rows_accepted, report.rows_held) == (1, 1)
    assert rules(report) == ["too_many_cells"]
    assert "has 7 cells and the header 6" in report.problems[0].message


def test_a_row_with_fewer_cells_is_blank_in_the_others(check: Take) -> None:
    report = check(counts("N1,2024-04,W03", "N2,2024-04"))

    assert (report.rows_accepted, report.rows_held) == (1, 1)
    assert places(report) == [(3, "measure_id")]
    assert rules(report) == ["required_blank"]


# ---------------------------------------------------------------- rules between columns


@pytest.mark.parametrize(
    ("cells", "broken"),
    [
        ("2024-04-03,2024-04-05,2024-04-09", []),
        ("2024-04-03,2024-04-03,2024-04-03", []),
        ("2024-04-03,,", []),
        ("2024-04-03,,2024-04-02", ["discharged_before_admitted"]),
        ("2024-04-03,2024-04-02,", ["ready_before_admitted"]),
        ("2024-04-03,2024-04-09,2024-04-05", ["discharged_before_ready"]),
        (
            "2024-04-03,2024-04-02,2024-04-01",
            ["discharged_before_admitted", "ready_before_admitted", "discharged_before_ready"],
        ),
    ],
)
def test_dates_must_not_run_backwards(check: Take, cells: str, broken: list[str]) -> None:
    report = check(f"{SPELLS}\ns1,Z90001,{cells},21\n")

    assert rules(report) == broken


def test_a_broken_rule_says_what_stands_against_what(check: Take) -> None:
    report = check(f"{SPELLS}\ns1,Z90001,2024-04-03,,2024-04-02,21\n")

    (problem,) = report.problems
    assert (problem.row, problem.column) == (2, None)
    assert problem.message == (
        "The person left before they came in. Here admitted_on is 2024-04-03 and discharged_on is"
        " 2024-04-02. Correct whichever is wrong."
    )


def test_the_time_of_day_does_not_make_a_date_run_backwards(check: Take) -> None:
    report = check(
        "referral_id,team_id,received_at,first_contact_on\n"
        "r1,N1,2024-04-03 16:05,2024-04-03\n"
        "r2,N1,2024-04-03 16:05,2024-04-02\n"
    )

    assert [(p.row, p.rule) for p in report.problems] == [(3, "first_contact_before_received")]
    assert "received_at is 2024-04-03" in report.problems[0].message


@pytest.mark.parametrize(
    ("cells", "broken"),
    [
        ("11.4,14,3", []),
        ("16.8,14,14", []),
        ("16.8001,14,", ["hours_for_fte"]),
        ("375,10,", ["hours_for_fte"]),
        ("11.4,14,15", ["more_at_base_than_people"]),
        ("0,0,0", []),
    ],
)
def test_a_number_must_not_be_more_than_another(check: Take, cells: str, broken: list[str]) -> None:
    report = check(f"{STAFF}\nN1,2024-04,NHS,{cells}\n")

    assert rules(report) == broken


def test_the_largest_numbers_are_compared_exactly(check: Take) -> None:
    most = "99999999999999.9999"
    header = "team_id,month,employer,fte_days_lost,fte_days_available"

    report = check(
        f"{header}\nN1,2024-04,NHS,{most},{most}\nN2,2024-04,NHS,{most},99999999999999.9998\n"
    )

    assert [(p.row, p.rule) for p in report.problems] == [(3, "lost_more_than_available")]


# ---------------------------------------------------------------- the same key again


def test_a_row_that_only_says_again_what_another_says_is_dropped(check: Take) -> None:
    report = check(
        counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,6,12,", "n1 ,2024-04,W03,5,10.0,")
    )

    assert report.status == "accepted"
    assert (report.rows_accepted, report.rows_dropped) == (2, {"duplicate_row": 1})


def test_rows_that_contradict_each_other_are_all_held(check: Take) -> None:
    report = check(
        counts(
            "N1,2024-04,W03,5,10,",
            "N1,2024-04,W03,5,10,",
            "N1,2024-04,W03,7,10,",
            "N2,2024-04,W03,6,12,",
        )
    )

    assert (report.rows_accepted, report.rows_held, report.rows_dropped) == (1, 3, {})
    assert set(rules(report)) == {"same_key_twice"}
    assert "the same team_id and month and measure_id" in report.problems[0].message


def test_a_row_held_for_something_else_contradicts_nobody(check: Take) -> None:
    report = check(counts("N1,2024-04,W03,5,10,", "N1,2024-04,W03,many,10,"))

    assert (report.rows_accepted, report.rows_held) == (1, 1)
    assert rules(report) == ["not_a_whole_number"]


def test_a_blank_in_a_key_is_a_value_of_its_own(check: Take) -> None:
    header = "team_id,month,employer,profession_id,in_post_fte,headcount"

    report = check(
        f"{header}\nN1,2024-04,NHS,,9,10\nN1,2024-04,NHS,DN,9,10\nN1,2024-04,NHS,,8,10\n"
    )

    assert (report.rows_accepted, report.rows_held) == (1, 2)
    assert [row for row, _ in places(report)] == [2, 4]


def test_how_a_code_is_spelt_contradicts_nothing(home: Home, load: Take) -> None:
    report = load("referral_id,team_id,received_at\nr1,Nbhd 2,2024-04-01\nr1,n2,2024-04-01\n")

    assert report.status == "accepted"
    assert report.rows_dropped == {"duplicate_row": 1}
    assert [(row["team_id"], row["raw_team_code"]) for row in loaded(home)] == [("N2", "Nbhd 2")]


def test_without_a_key_equal_rows_are_all_kept(check: Take) -> None:
    report = check("team_id,responded_on,answer\nN1,2024-04-01,good\nN1,2024-04-01,good\n")

    assert (report.rows_accepted, report.rows_dropped) == (2, {})


# ---------------------------------------------------------------- what is no data


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Total,,,11,22,", "total_row"),
        ("TOTAL,2024-04,W03,11,22,", "total_row"),
        ("Grand total,,,11,22,", "total_row"),
        ("Sub-total: North,,,11,22,", "total_row"),
        ("Subtotals,,,11,22,", "total_row"),
        (",,Sum of all,11,22,", "total_row"),
        ("Source: the teams' own lists", "footer"),
        ('"Notes: 1. counted by hand, weekly"', "footer"),
        ("© The partnership", "footer"),
        ("Published by the partnership,,,,,", "footer"),
    ],
)
def test_totals_and_footers_are_dropped_and_counted(check: Take, line: str, rule: str) -> None:
    report = check(counts("N1,2024-04,W03,5,10,", "", line))

    assert report.status == "accepted"
    assert (report.rows_accepted, report.rows_dropped) == (1, {rule: 1})


@pytest.mark.parametrize(
    "line", ["Totally North,2024-04,W03,5,10,", "Sourceland,2024-04,W03,5,10,"]
)
def test_a_code_that_only_begins_like_one_is_held(check: Take, line: str) -> None:
    report = check(counts(line))

    assert rules(report) == ["unknown_team"]


def test_a_row_that_could_be_taken_is_no_total(check: Take) -> None:
    report = check("raw_code,team_id,source_system\nTotal North,N1,A\n")

    assert (report.rows_accepted, report.rows_dropped) == (1, {})


# ---------------------------------------------------------------- what is kept


def test_held_rows_are_kept_as_they_were_written_with_the_reasons(home: Home, load: Take) -> None:
    load(
        counts(
            "n1 ,2024-04,W03,5,10,,red",
            "N9,spring,W03,06 ,12,,blue",
            header=f"{COUNTS},colour",
        )
    )

    (batch,) = list_batches(home)
    assert batch.held_file is not None
    held = pq.read_table(batch.held_file).to_pylist()
    assert [{name: row[name] for name in list(row)[:-1]} for row in held] == [
        {
            "team_id": "N9",
            "month": "spring",
            "measure_id": "W03",
            "numerator": "06 ",
            "denominator": "12",
            "note": "",
            "held_row": 3,
        }
    ]
    assert 'team_id: "N9" is not in the list of team codes.' in held[0]["held_reason"]
    assert 'month: "spring" is not a month' in held[0]["held_reason"]


def test_a_long_text_is_not_told_but_measured(check: Take) -> None:
    report = check(counts(f"N1,2024-04,W03,{'x' * 25},10,", f"N1,2024-05,W03,{'x' * 24},10,"))

    assert report.problems[0].message.startswith("A text of 25 characters is not a whole number.")
    assert report.problems[1].message.startswith(f'"{"x" * 24}" is not a whole number.')


def test_a_text_with_braces_is_told_as_it_is(check: Take) -> None:
    report = check(counts("N1,2024-04,W03,{} of {},10,"))

    assert report.problems[0].message.startswith('"{} of {}" is not a whole number.')


def test_a_default_stands_where_nothing_was_sent(checked: Callable[[str], Checked]) -> None:
    annotations = checked("scope,scope_id,on,kind,text\nteam,N1,2024-04-01,staffing,Two left.\n")
    answered = checked(
        counts("N1,2024-04,W03,5,10,yes", header=COUNTS.replace("note", "suppressed"))
    )
    blank = checked(counts("N1,2024-04,W03,5,10,", header=COUNTS.replace("note", "suppressed")))

    assert annotations.accepted.column("is_break").to_pylist() == [False]
    assert answered.accepted.column("suppressed").to_pylist() == [True]
    assert blank.accepted.column("suppressed").to_pylist() == [False]


def test_a_hidden_number_is_blank_and_said_to_be_hidden(
    checked: Callable[[str], Checked],
) -> None:
    header = COUNTS.replace("note", "suppressed")

    rows = checked(
        counts(
            "N1,2024-04,W03,<5,10,no",
            "N2,2024-04,W03,5,*,",
            "S1,2024-04,W03,,10,",
            "S1,2024-05,W03,0,10,",
            header=header,
        )
    ).accepted.to_pylist()

    assert [(row["numerator"], row["denominator"], row["suppressed"]) for row in rows] == [
        (None, Decimal(10), True),
        (5, None, True),
        (None, Decimal(10), False),
        (0, Decimal(10), False),
    ]


def test_what_was_not_sent_is_blank(checked: Callable[[str], Checked]) -> None:
    accepted = checked("referral_id,team_id,received_at\nr1,nbhd 2 ,2024-04-01 09:30\n").accepted

    (row,) = accepted.to_pylist()
    assert {name for name, value in row.items() if value is not None} == {
        "referral_id",
        "team_id",
        "raw_team_code",
        "received_at",
    }
    assert (row["team_id"], row["raw_team_code"]) == ("N2", "nbhd 2 ")
    assert row["received_at"] == datetime.datetime(2024, 4, 1, 9, 30)
