"""What is said about one file: counts that add up, and where to look."""

import json
from collections import Counter

import pytest

from data.batches import Covers
from data.report import PROBLEMS_SHOWN, Problem, Report, Status, covers_in_words, exit_code
from tests.data.sent_files import adds_up

ASKED_FOR = (
    *("file", "table", "status", "rows_in_file", "rows_accepted", "rows_held"),
    *("rows_dropped", "fixes", "warnings", "problems"),
)


def report(**said: object) -> Report:
    known: dict[str, object] = {
        "file": "counts.csv",
        "table": "aggregate_submission",
        "rows_in_file": 10,
        "rows_accepted": 7,
        "rows_held": 2,
        "rows_dropped": Counter(total_row=1),
        "status": "accepted_with_held_rows",
    }
    return Report(**{**known, **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ([], 0),
        (["accepted"], 0),
        (["accepted", "accepted_with_held_rows"], 3),
        (["accepted_with_held_rows", "refused", "accepted"], 4),
        (["refused"], 4),
    ],
)
def test_the_worst_file_decides_what_a_command_ends_with(statuses: list[Status], code: int) -> None:
    assert exit_code(report(status=status) for status in statuses) == code


def test_plain_values_hold_everything_that_is_asked_for() -> None:
    problem = Problem(3, "month", "not_a_month", "Correct it.", "May")

    said = report(problems=[problem], covers=Covers.of(("2024-04", "2024-05"), ["N1"])).as_dict()

    assert list(said)[: len(ASKED_FOR)] == list(ASKED_FOR)
    assert json.loads(json.dumps(said)) == said
    assert said["rows_dropped"] == {"total_row": 1}
    assert said["problems"] == [
        {
            "row": 3,
            "column": "month",
            "rule": "not_a_month",
            "message": "Correct it.",
            "sheet": "May",
        }
    ]
    assert said["covers"] == {"from": "2024-04", "to": "2024-05", "areas": ["N1"]}


def test_a_refused_file_keeps_no_count_of_what_it_might_have_been() -> None:
    refused = report(fixes=Counter(rounded=3), covers=Covers(), batch_id="a").refuse(
        [Problem(None, None, "empty_file", "The file is empty.")]
    )

    assert adds_up(refused)
    assert (refused.status, refused.rows_accepted, refused.rows_held) == ("refused", 0, 0)
    assert refused.rows_dropped == {"file_refused": 10}
    assert (refused.fixes, refused.covers, refused.batch_id) == ({}, None, None)


def test_a_file_refused_before_its_rows_were_counted_adds_up_too() -> None:
    refused = Report("counts.csv").refuse([Problem(None, None, "empty_file", "It is empty.")])

    assert adds_up(refused)
    assert refused.rows_dropped == {}


def test_the_text_says_what_happened_and_where_to_look() -> None:
    said = report(
        fixes=Counter(thousands_comma=2, blank_word=1),
        warnings=["One thing."],
        problems=[
            Problem(3, "month", "not_a_month", "Correct it."),
            Problem(4, None, "too_many_cells", "Take it out."),
        ],
        covers=Covers.of(("2024-04", "2024-04"), ["N1"]),
        recipe="council_monthly",
        batch_id="abc",
    ).as_text()

    assert said.splitlines() == [
        "counts.csv: accepted, 2 rows held back (aggregate_submission, by the recipe"
        " council_monthly)",
        "  10 rows in the file: 7 accepted, 2 held, 1 dropped (total row 1)",
        "  put right: blank word 1, thousands comma 2",
        "  covers 2024-04, for N1",
        "  note: One thing.",
        "  row 3, month: Correct it.",
        "  row 4: Take it out.",
        "  kept as batch abc",
    ]


def test_the_text_of_a_refused_file_says_that_nothing_is_kept() -> None:
    refused = Report("x.pdf").refuse([Problem(None, None, "wrong_kind", "This is a PDF.")])

    assert refused.as_text().splitlines() == [
        "x.pdf: refused (not recognised); nothing of it is kept",
        "  This is a PDF.",
    ]


def test_a_long_list_of_problems_is_cut_in_the_text_and_whole_in_the_plain_values() -> None:
    problems = [Problem(row, "month", "not_a_month", "Correct it.") for row in range(2, 32)]
    long = report(problems=problems, rows_in_file=30, rows_accepted=0, rows_held=30)

    said = long.as_text()

    assert said.count("Correct it.") == PROBLEMS_SHOWN
    assert "… and 10 more; in all: not a month 30. --json lists every one." in said
    assert len(long.as_dict()["problems"]) == 30


@pytest.mark.parametrize(
    ("months", "areas", "words"),
    [
        (("2024-04", "2024-04"), ["N1"], "2024-04, for N1"),
        (("2024-04", "2025-03"), ["N1", "N2", "S1"], "2024-04 to 2025-03, for N1, N2, S1"),
        (("2024-04", "2025-03"), list("ABCDE"), "2024-04 to 2025-03, for A, B, C and 2 more"),
        (None, ["N1"], "no months, for N1"),
        (None, [], "no months, for no areas"),
    ],
)
def test_what_is_covered_is_said_shortly(
    months: tuple[str, str] | None, areas: list[str], words: str
) -> None:
    assert covers_in_words(Covers.of(months, areas)) == words
