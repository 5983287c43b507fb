import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.book import Book
from dashboard.cached import series_of_measure
from dashboard.tables import CSV_COLUMNS, as_csv, as_table, file_name
from data.home import Home
from metrics.definition import Measure
from tests.dashboard.invented import (
    ADMISSIONS,
    EXPERIENCE,
    NORTH_2,
    UNALLOCATED,
    WAITING,
    BookOf,
    point,
    series,
)


def rows(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_table_is_newest_first_in_words_and_numbers_as_people_say_them() -> None:
    table = as_table(series(150.0, 247.0, lower=120.2, upper=179.8), WAITING)

    assert table.index.tolist() == ["May 2023", "April 2023"]
    assert table.loc["April 2023"].to_dict() == {
        "people": "150",
        "Usually": "121 to 179",
        "That is": "as usual",
        "Note": "",
    }


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("missing", "not received"),
        ("suppressed", "hidden to protect people"),
        ("not_collected", "not collected here"),
        ("not_applicable", "does not apply here"),
    ],
)
def test_a_figure_that_is_not_there_says_why_and_is_no_nought(state: str, said: str) -> None:
    table = as_table((point(0, None, state=state, reason="5 of 6 teams"),), WAITING)

    assert table.iloc[0].to_dict() == {
        "people": said,
        "Usually": "",
        "That is": "",
        "Note": "5 of 6 teams",
    }


def test_a_true_nought_is_a_figure() -> None:
    assert as_table(series(0.0, lower=0.0, upper=3.0), WAITING).iloc[0]["people"] == "0"


def test_a_figure_that_is_not_judged_says_so() -> None:
    young = point(0, 5.0, lower=None, upper=None)
    newest = point(1, 5.0, provisional=True)

    table = as_table((young, newest), WAITING)

    assert table["That is"].tolist() == ["provisional", "not judged"]


def test_what_stands_above_and_below_the_line_is_shown_where_there_is_one() -> None:
    share = as_table((point(0, 27.05, numerator=66.0, denominator=244.0),), UNALLOCATED)
    count = as_table(series(5.0), WAITING)

    assert share.loc["April 2023", ["Above the line", "Below the line"]].tolist() == ["66", "244"]
    assert "Above the line" not in count.columns


def test_no_figures_make_an_empty_table() -> None:
    assert as_table((), WAITING).empty


def test_a_file_has_every_area_and_period_with_all_decimals(book: Book, city: Home) -> None:
    own = series_of_measure(city.path, book.snapshot.version, "F04")

    written = rows(as_csv(book, UNALLOCATED, own))

    assert len(written) == sum(len(one) for one in own.values()) == 16 * 36
    assert tuple(written[0]) == CSV_COLUMNS
    for row in written:
        exact = float(row["numerator"]) / float(row["denominator"]) * 100
        assert math.isclose(float(row["value"]), exact, rel_tol=1e-9)


def test_a_file_opens_in_excel_as_utf_8(book: Book) -> None:
    content = as_csv(book, WAITING, {("team", "N2"): series(1.0)})

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == 2


def test_a_figure_that_is_not_there_is_an_empty_cell_with_its_reason(book: Book) -> None:
    gap = point(0, None, state="suppressed", reason="fewer than five", lower=None, upper=None)

    (row,) = rows(as_csv(book, WAITING, {("team", "N2"): (gap,)}))

    assert (row["value"], row["numerator"], row["lower_process_limit"]) == ("", "", "")
    assert (row["state"], row["reason"]) == ("suppressed", "fewer than five")
    assert row["area"] == "North 2 (Otterholm)"


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_run_as_a_formula(book_of: BookOf, text: str) -> None:
    team = NORTH_2.model_copy(update={"name": text})
    odd = WAITING.model_copy(update={"title": text, "unit": text})
    book = book_of(areas=[NORTH_2.model_copy(update={"level": "partnership", "id": "X"}), team])

    (row,) = rows(as_csv(book, odd, {("team", "N2"): (point(0, 1.0, reason=text),)}))

    assert {row[name] for name in ("title", "unit", "area", "reason")} == {f"'{text}"}


@given(st.text(st.characters(codec="utf-8")))
def test_whatever_a_reason_says_the_file_can_be_read_back(book: Book, reason: str) -> None:
    content = as_csv(book, WAITING, {("team", "N2"): (point(0, None, reason=reason),)})

    (row,) = rows(content)
    assert row["reason"].removeprefix("'") == reason.removeprefix("'")
    assert not row["reason"].startswith(("=", "+", "-", "@"))


def test_numbers_below_nought_are_no_formulas(book: Book) -> None:
    (row,) = rows(as_csv(book, WAITING, {("team", "N2"): series(5.0, lower=-3.25)}))

    assert row["lower_process_limit"] == "-3.25"


@pytest.mark.parametrize("measure", [WAITING, ADMISSIONS, EXPERIENCE])
def test_a_file_of_invented_figures_says_so_in_its_name(
    book: Book, book_of: BookOf, measure: Measure
) -> None:
    assert file_name(book, measure) == f"{measure.id}_{measure.slug}_fictional.csv"
    assert file_name(book_of(), measure) == f"{measure.id}_{measure.slug}.csv"
