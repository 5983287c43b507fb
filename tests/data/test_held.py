"""Held rows go out as a file, and come back corrected."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.acts import in_force, standings, withdraw
from data.errors import DataError
from data.held import as_csv, held_rows, held_rows_of
from data.home import Home
from data.report import Report
from data.safe_cells import as_it_was, as_safe_text
from tests.data.sent_files import rules
from tests.data.test_acts import FFT, answers, numerators
from tests.data.test_acts import counts as counts_file

Take = Callable[..., Report]
Write = Callable[..., Path]
# Of five answers, two cannot be taken.
SENT = f"{FFT}N1,2025-01-05,good\nN1,2025-01-06,goood\nN2,2025-01-07,poor\nN9,2025-01-08,poor\n"
RIGHT = SENT.replace("goood", "good").replace("N9", "N2")


def held_file(home: Home, batch: str | None) -> list[dict[str, str]]:
    """Return the held rows of a batch as they are written for correction."""
    found, rows = held_rows_of(home, str(batch))
    return list(csv.DictReader(io.StringIO(as_csv(found, rows), newline="")))


def as_file(rows: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def corrected(rows: list[dict[str, str]], **cells: str) -> str:
    """Return a held-rows file in which each text is replaced by what it ought to be."""
    return as_file([{name: cells.get(cell, cell) for name, cell in row.items()} for row in rows])


def of_batch(home: Home, identity: str | None) -> tuple[int, int]:
    """Return how many rows of a batch were held, and how many of them are corrected."""
    (one,) = [one for one in standings(home) if one.id == identity]
    assert one.batch is not None
    return one.batch.rows_held, one.corrected


# ---------------------------------------------------------------- going out


def test_held_rows_are_written_as_sent_with_the_batch_the_row_and_the_reason(
    home: Home, load: Take
) -> None:
    sent = load(SENT, "fft_response.csv")

    first, second = held_file(home, sent.batch_id)

    assert list(first) == [
        *("team_id", "responded_on", "answer"),
        *("held_in_batch", "held_row", "held_reason"),
    ]
    assert [first[name] for name in ("team_id", "answer", "held_row")] == ["N1", "goood", "3"]
    assert first["held_in_batch"] == sent.batch_id
    assert first["held_reason"].startswith('answer: "goood" is not')
    assert (second["team_id"], second["held_row"]) == ("N9", "5")


def test_a_batch_without_held_rows_has_none_to_write(home: Home, load: Take) -> None:
    kept = load(RIGHT, "fft_response.csv")

    with pytest.raises(DataError, match="no row of it is held"):
        held_rows_of(home, str(kept.batch_id))


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-5", "@SUM(A1)", "\tx", "\rx", "'=x", "''-"])
def test_no_cell_is_a_formula_and_each_is_as_it_was_when_it_comes_back(cell: str) -> None:
    assert as_safe_text(cell) == f"'{cell}"
    assert as_it_was(as_safe_text(cell)) == cell


@pytest.mark.parametrize("cell", ["", "good", "'tis", "O'Neill", "'", "5-", "''"])
def test_other_cells_are_written_as_they_are(cell: str) -> None:
    assert as_safe_text(cell) == cell
    assert as_it_was(cell) == cell


@given(st.text(st.sampled_from("'=+-@\t\rab "), max_size=6))
def test_any_cell_comes_back_as_it_was(cell: str) -> None:
    assert as_it_was(as_safe_text(cell)) == cell
    assert as_safe_text(cell)[:1] not in tuple("=+-@\t\r")


def test_a_formula_that_was_sent_goes_out_harmless_and_comes_back_as_sent(
    home: Home, load: Take
) -> None:
    sent = load(counts_file("N9,2024-04,W03,5,10,=HYPERLINK(1)"))
    (row,) = held_file(home, sent.batch_id)
    assert row["note"] == "'=HYPERLINK(1)"

    load(as_file([{**row, "team_id": "N1"}]), "held.csv")

    (batch,) = [batch for batch in in_force(home) if batch.corrects]
    assert pa.parquet.read_table(batch.rows_file).column("note").to_pylist() == ["=HYPERLINK(1)"]


# ---------------------------------------------------------------- coming back


def test_what_is_put_right_is_added_and_the_rest_stays(home: Home, load: Take) -> None:
    sent = load(SENT, "fft_response.csv")
    file = corrected(held_file(home, sent.batch_id), goood="good", N9="N2")

    report = load(file, "anything.csv")

    assert (report.status, report.table, report.rows_accepted) == ("accepted", "fft_response", 2)
    assert "Of 2 held there, 2 are put right with this file." in report.warnings[0]
    assert of_batch(home, sent.batch_id) == (2, 2)
    assert sum(answers(home).values()) == 4
    assert answers(home)["N2", "2025-01-08", "poor"] == 1


def test_rows_that_are_still_wrong_stay_held_as_they_came_back(home: Home, load: Take) -> None:
    sent = load(SENT, "fft_response.csv")
    file = corrected(held_file(home, sent.batch_id), goood="good", N9="N8")

    report = load(file, "held.csv")

    assert (report.status, report.rows_accepted, report.rows_held) == (
        "accepted_with_held_rows",
        1,
        1,
    )
    assert of_batch(home, sent.batch_id) == (2, 1)
    (row,) = held_file(home, sent.batch_id)
    assert (row["team_id"], row["held_row"]) == ("N8", "5")
    assert held_file(home, report.batch_id) == [row]
    load(as_file([{**row, "team_id": "N2"}]), "held.csv")
    assert of_batch(home, sent.batch_id) == (2, 2)
    assert sum(answers(home).values()) == 4


def test_the_same_correction_twice_changes_nothing(home: Home, load: Take) -> None:
    sent = load(SENT, "fft_response.csv")
    file = corrected(held_file(home, sent.batch_id), goood="good", N9="N2")
    first = load(file, "held.csv")

    again = load(file, "held again.csv")

    assert again.batch_id == first.batch_id
    assert sum(answers(home).values()) == 4


def test_a_second_correction_of_a_row_takes_the_place_of_the_first(home: Home, load: Take) -> None:
    sent = load(SENT, "fft_response.csv")
    rows = held_file(home, sent.batch_id)
    load(corrected(rows, goood="good", N9="N2"), "held.csv")

    load(corrected(rows[:1], goood="very good"), "held.csv")

    assert sum(answers(home).values()) == 4
    assert answers(home)["N1", "2025-01-06", "very good"] == 1
    assert answers(home)["N2", "2025-01-08", "poor"] == 1
    assert of_batch(home, sent.batch_id) == (2, 2)


def test_an_earlier_correction_again_changes_nothing_and_the_report_says_why(
    home: Home, load: Take
) -> None:
    sent = load(SENT, "fft_response.csv")
    rows = held_file(home, sent.batch_id)
    load(corrected(rows[:1], goood="good"), "held.csv")
    second = load(corrected(rows[:1], goood="poor"), "held.csv")

    again = load(corrected(rows[:1], goood="good"), "held.csv")

    assert answers(home)["N1", "2025-01-06", "poor"] == 1
    assert f"has since been corrected by {second.batch_id}" in again.warnings[1]


@pytest.mark.parametrize("first", ["the correction", "the whole file"])
def test_the_whole_file_sent_again_doubles_nothing(home: Home, load: Take, first: str) -> None:
    sent = load(SENT, "fft_response.csv")
    file = corrected(held_file(home, sent.batch_id), goood="good", N9="N2")
    steps = [lambda: load(file, "held.csv"), lambda: load(RIGHT, "fft_response.csv")]

    for step in steps if first == "the correction" else reversed(steps):
        step()

    assert sum(answers(home).values()) == 4
    assert max(answers(home).values()) == 1


def test_a_corrected_row_gives_way_to_a_later_file_with_its_key(home: Home, load: Take) -> None:
    sent = load(counts_file("N1,2024-04,W03,5,10,", "N2,2024-04,W03,many,12,"))
    file = corrected(held_file(home, sent.batch_id), many="6")
    load(file, "held.csv")
    assert numerators(home) == {"N1": "5", "N2": "6"}

    load(counts_file("N2,2024-04,W03,7,12,"))

    assert numerators(home) == {"N1": "5", "N2": "7"}


def test_a_correction_counts_as_long_as_what_it_corrects(home: Home, load: Take) -> None:
    sent = load(SENT, "fft_response.csv")
    load(corrected(held_file(home, sent.batch_id), goood="good", N9="N2"), "held.csv")

    withdraw(home, str(sent.batch_id), "another year's file")

    assert not answers(home)


def test_a_withdrawn_correction_leaves_its_rows_held(home: Home, load: Take) -> None:
    sent = load(SENT, "fft_response.csv")
    before = held_file(home, sent.batch_id)
    file = corrected(before, goood="good", N9="N2")
    withdraw(home, str(load(file, "held.csv").batch_id), "guessed")

    assert of_batch(home, sent.batch_id) == (2, 0)
    assert held_file(home, sent.batch_id) == before


def test_dates_are_read_as_in_the_file_that_they_come_from(home: Home, load: Take) -> None:
    sent = load(f"{FFT}N1,25/01/2025,good\nN9,02/01/2025,poor\n", "fft_response.csv")

    report = load(corrected(held_file(home, sent.batch_id), N9="N2"), "held.csv")

    assert report.status == "accepted"
    assert answers(home)["N2", "2025-01-02", "poor"] == 1


def test_a_file_that_a_recipe_reads_is_corrected_through_that_recipe(
    home: Home, load: Take
) -> None:
    home.recipes.mkdir()
    (home.recipes / "council.toml").write_text(
        'recipe = "council"\ntitle = "Sickness"\ntable = "absence_month"\n'
        'header = ["Directorate", "Team", "Month", "Lost", "Available"]\n'
        'ignores = ["Directorate"]\n[set]\nemployer = "council"\n[columns]\n'
        'team_id = "Team"\nmonth = "Month"\nfte_days_lost = "Lost"\n'
        'fte_days_available = "Available"\n',
        encoding="utf-8",
    )
    sent = load("Directorate,Team,Month,Lost,Available\nA,N1,2024-04,1,20\nA,N2,2024-04,x,20\n")
    (row,) = held_file(home, sent.batch_id)
    assert "Directorate" not in row

    report = load(as_file([{**row, "Lost": "2"}]), "held.csv")

    assert (report.status, report.recipe) == ("accepted", "council")
    assert [b.rows_accepted for b in in_force(home)] == [1, 1]


def test_a_correction_speaks_for_no_month_but_those_of_its_file(home: Home, load: Take) -> None:
    sent = load(f"{FFT}N1,2025-01-05,good\nN1,2025-31-01,good\n", "fft_response.csv")
    load(corrected(held_file(home, sent.batch_id), **{"2025-31-01": "2025-02-01"}), "held.csv")

    _, correction = in_force(home)

    assert (correction.covers.from_month, correction.covers.to_month) == ("2025-01", "2025-01")
    assert sum(answers(home).values()) == 2


# ---------------------------------------------------------------- what is no correction

WRONG = {
    "a number that was not held": ({"held_row": "2"}, "not_a_held_row"),
    "no number": ({"held_row": ""}, "not_a_held_row"),
    "another batch": ({"held_in_batch": "0" * 20}, "not_this_batch"),
}


@pytest.mark.parametrize(("cells", "rule"), WRONG.values(), ids=WRONG.keys())
def test_what_names_no_held_row_is_refused(
    home: Home, load: Take, cells: dict[str, str], rule: str
) -> None:
    sent = load(SENT, "fft_response.csv")
    one, other = held_file(home, sent.batch_id)
    file = as_file([{**one, "answer": "good"}, {**other, "team_id": "N2", **cells}])

    report = load(file, "held.csv")

    assert (report.status, rules(report)) == ("refused", [rule])
    assert len(in_force(home)) == 1


def test_a_row_that_is_there_twice_is_refused(home: Home, load: Take) -> None:
    sent = load(SENT, "fft_response.csv")
    one, _ = held_file(home, sent.batch_id)

    report = load(as_file([{**one, "answer": "good"}, {**one, "answer": "poor"}]), "held.csv")

    assert (report.status, rules(report)) == ("refused", ["held_row_twice"] * 2)


def test_rows_of_a_batch_that_no_longer_counts_are_refused(home: Home, load: Take) -> None:
    sent = load(SENT, "fft_response.csv")
    file = corrected(held_file(home, sent.batch_id), goood="good", N9="N2")
    withdraw(home, str(sent.batch_id), "wrong")

    report = load(file, "held.csv")

    assert (report.status, rules(report)) == ("refused", ["not_this_batch"])
    assert "no batch of that id counts here" in report.problems[0].message
    with pytest.raises(DataError, match="was withdrawn: there is nothing of it to correct"):
        held_rows_of(home, str(sent.batch_id))


def test_nothing_that_named_somebody_is_written(home: Home, load: Take) -> None:
    sent = load(counts_file("N9,2024-04,W03,5,10,ask Mrs Smith on 07700 900123"))

    (batch,) = in_force(home)

    assert batch.id == sent.batch_id
    assert "900123" not in as_csv(batch, held_rows(batch, [batch]))


def test_rows_held_on_two_sheets_are_told_apart(home: Home, load: Take, workbook: Write) -> None:
    header = ["team_id", "responded_on", "answer"]
    one = [header, ["N1", "2025-01-05", "good"], ["N8", "2025-01-06", "poor"]]
    two = [header, ["N1", "2025-02-05", "good"], ["N9", "2025-02-06", "good"]]
    sent = load(workbook("fft_response.xlsx", January=one, February=two))

    rows = held_file(home, sent.batch_id)
    load(corrected(rows, N8="N2", N9="N2"), "held.csv")

    assert [row["held_row"] for row in rows] == ["3", "10000003"]
    assert of_batch(home, sent.batch_id) == (2, 2)
    assert answers(home)["N2", "2025-01-06", "poor"] == 1
    assert answers(home)["N2", "2025-02-06", "good"] == 1
