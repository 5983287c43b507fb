"""Months that were not over, and months in which rows were lost."""

import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from data.batches import Covers, list_batches
from data.check import Stated
from data.completeness import falls_in_words, part_filled, rows_by_month
from data.contract import load_contracts
from data.home import Home
from data.load import check_files, load_files
from data.report import Report
from tests.data.sent_files import rules
from tests.small_partnership import load, set_up

CONTRACTS = load_contracts(None)
ANSWERS = CONTRACTS["fft_response"]
LONG_AFTER = datetime.date(2026, 1, 1)
HEADER = "team_id,responded_on,answer\n"


def days_of(first: str, last: str, each: int = 2) -> list[datetime.date]:
    begin, end = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    length = (end - begin).days + 1
    return [begin + datetime.timedelta(days=n) for n in range(length) for _ in range(each)]


def rows(days: list[datetime.date]) -> pa.Table:
    return pa.table({"responded_on": pa.array(days, pa.date32())})


def found(
    days: list[datetime.date],
    months: tuple[str, str],
    today: datetime.date = LONG_AFTER,
    extracted_on: datetime.date | None = None,
) -> str:
    return part_filled(ANSWERS, rows(days), Covers.of(months, ["N1"]), today, extracted_on)[0]


def answers(days: list[datetime.date]) -> str:
    return HEADER + "".join(f"N1,{day},good\n" for day in days)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(tmp_path / "home")


def check(home: Home, text: str, stated: Stated | None = None) -> Report:
    file = home.path / "fft_response.csv"
    file.write_text(text, encoding="utf-8")
    (report,) = check_files(home, [file], stated)
    return report


# ---------------------------------------------------------------- the last month


@pytest.mark.parametrize(
    ("last_row", "part"),
    [("2025-03-31", ""), ("2025-03-29", ""), ("2025-03-28", "2025-03"), ("2025-03-12", "2025-03")],
)
def test_a_month_whose_last_three_days_have_nothing_is_taken_as_part_filled(last_row, part):
    assert found(days_of("2025-01-01", last_row), ("2025-01", "2025-03")) == part


def test_a_service_with_few_rows_is_not_taken_to_be_part_filled():
    every_third_day = days_of("2025-01-01", "2025-03-12", each=1)[::3]

    assert found(every_third_day, ("2025-01", "2025-03")) == ""


def test_a_silence_no_longer_than_one_before_it_is_no_sign():
    easter = days_of("2025-01-01", "2025-02-10") + days_of("2025-02-15", "2025-03-27")

    assert found(easter, ("2025-01", "2025-03")) == ""
    assert found(easter[:-2], ("2025-01", "2025-03")) == "2025-03"


def test_any_date_that_says_what_has_happened_shows_how_far_a_file_goes():
    spells = CONTRACTS["hospital_spell"]
    admitted = days_of("2025-01-01", "2025-03-20")
    table = pa.table(
        {
            name: pa.array(
                admitted if name == "admitted_on" else [None] * len(admitted), pa.date32()
            )
            for name in ("admitted_on", "admitted_at", "discharged_on", "discharge_ready_on")
        }
    )
    covers = Covers.of(("2025-01", "2025-03"), ["Z90001"])
    left = pa.array([datetime.date(2025, 3, 31)] * len(admitted), pa.date32())
    with_discharges = table.set_column(2, "discharged_on", left)

    assert part_filled(spells, table, covers, LONG_AFTER, None)[0] == "2025-03"
    assert part_filled(spells, with_discharges, covers, LONG_AFTER, None)[0] == ""


@pytest.mark.parametrize(
    ("drawn", "part"), [("2025-03-31", "2025-03"), ("2025-04-01", ""), ("2025-03-05", "2025-03")]
)
def test_the_day_a_file_was_drawn_says_whether_its_month_was_over(drawn, part):
    day = datetime.date.fromisoformat(drawn)

    assert (
        found(days_of("2025-01-01", "2025-03-05"), ("2025-01", "2025-03"), LONG_AFTER, day) == part
    )


def test_a_month_that_is_not_over_today_is_part_filled_whatever_it_holds():
    today = datetime.date(2025, 3, 31)

    assert found(days_of("2025-03-01", "2025-03-31"), ("2025-03", "2025-03"), today) == "2025-03"


def test_what_is_reported_by_the_month_is_whole_unless_the_month_was_not_over():
    months = pa.table({"month": pa.array([datetime.date(2025, 3, 1)] * 40, pa.date32())})
    covers = Covers.of(("2025-03", "2025-03"), ["N1"])
    contract = CONTRACTS["absence_month"]
    early = datetime.date(2025, 3, 20)

    assert part_filled(contract, months, covers, LONG_AFTER, None)[0] == ""
    assert part_filled(contract, months, covers, LONG_AFTER, early)[0] == "2025-03"


def test_a_list_and_an_empty_table_are_never_part_filled():
    none = Covers.of(None, ["N1"])

    assert part_filled(ANSWERS, rows([]), none, LONG_AFTER, None) == ("", "")
    assert part_filled(CONTRACTS["team"], rows([]), none, LONG_AFTER, None) == ("", "")


def test_the_report_says_so_and_the_batch_keeps_it(home):
    text = answers(days_of("2025-01-01", "2025-03-12"))

    report = check(home, text)

    assert report.part_filled == "2025-03"
    assert report.warnings == [
        "There are rows for most days, and none after 2025-03-12: March 2025 is taken as"
        " part-filled and its figures as provisional. If the file was drawn later, say when:"
        " --extracted DAY."
    ]
    load(home, "fft_response", text)
    (batch,) = list_batches(home)
    assert (batch.part_filled, batch.extracted_on) == ("2025-03", None)
    assert batch.rows_by_month == {"2025-01": 62, "2025-02": 56, "2025-03": 24}


def test_the_same_rows_said_to_be_of_a_later_day_are_another_batch_and_the_month_is_whole(home):
    text = answers(days_of("2025-01-01", "2025-03-12"))

    first = load(home, "fft_response", text)
    second = load(home, "fft_response", text, extracted="2025-04-02")

    assert first != second
    assert [batch.part_filled for batch in list_batches(home)] == ["2025-03", ""]


def test_a_row_after_the_day_the_file_was_drawn_is_held(home):
    report = check(
        home,
        answers(days_of("2025-03-14", "2025-03-16", each=1)),
        Stated(extracted_on=datetime.date(2025, 3, 15)),
    )

    assert rules(report) == ["future_date"]


@pytest.mark.parametrize("months", [("2025-01", "2025-04"), ("2025-01", "2199-12")])
def test_a_file_cannot_speak_for_months_that_had_not_begun(home, months):
    drawn = datetime.date(2025, 3, 15)

    report = check(
        home, answers(days_of("2025-01-01", "2025-03-01")), Stated(None, None, months, (), drawn)
    )

    assert (report.status, rules(report)) == ("refused", ["covers_the_future"])
    assert "say --covers to 2025-03" in report.problems[0].message


def test_a_file_cannot_have_been_drawn_tomorrow(home):
    tomorrow = datetime.date.today() + datetime.timedelta(days=2)

    report = check(
        home, answers(days_of("2025-01-01", "2025-01-02")), Stated(extracted_on=tomorrow)
    )

    assert rules(report) == ["drawn_in_the_future"]


def test_areas_that_nobody_knows_are_refused_and_other_spellings_are_understood(home):
    text = answers(days_of("2025-03-01", "2025-03-31"))

    wrong = check(home, text, Stated(areas=("N1", "N9")))
    right = check(home, text, Stated(areas=("n1", "S")))

    assert rules(wrong) == ["area_not_known"]
    assert "--areas names N9, which" in wrong.problems[0].message
    assert right.covers is not None
    assert (right.covers.areas, right.covers.stated_areas) == (("N1",), ("S",))


# ---------------------------------------------------------------- a fall in rows


def test_a_month_with_far_fewer_rows_is_named_once_and_asks_what_happened(home):
    months = [f"2025-{month:02}" for month in range(1, 9)]
    counts = dict(zip(months, [100, 104, 96, 100, 59, 58, 101, 99], strict=True))

    said = falls_in_words(ANSWERS, counts, [], "")

    assert said == [
        "2025-05 has 59 rows; the months before it had about 100. If a system was switched or"
        " something is recorded in another way, say so in the list annotation, with the day."
    ]


@pytest.mark.parametrize("rows_then", [60, 61, 100, 400])
def test_a_smaller_fall_is_no_news(rows_then):
    counts = {"2025-01": 100, "2025-02": 100, "2025-03": 100, "2025-04": rows_then}

    assert falls_in_words(ANSWERS, counts, [], "") == []


def test_few_rows_or_few_months_are_not_judged():
    few_rows = {"2025-01": 29, "2025-02": 29, "2025-03": 29, "2025-04": 2}
    few_months = {"2025-01": 100, "2025-02": 100, "2025-03": 2}

    assert falls_in_words(ANSWERS, few_rows, [], "") == []
    assert falls_in_words(ANSWERS, few_months, [], "") == []


def test_a_fall_in_the_newest_month_asks_whether_it_was_over(home):
    counts = {"2025-01": 100, "2025-02": 100, "2025-03": 100, "2025-04": 30}

    (said,) = falls_in_words(ANSWERS, counts, [], "")

    assert "load it with --extracted" in said
    assert falls_in_words(ANSWERS, counts, [], "2025-04") == []


def test_a_file_of_one_month_is_compared_with_the_files_before_it(home):
    for month in ("2025-01", "2025-02", "2025-03"):
        load(home, "fft_response", answers(days_of(f"{month}-01", f"{month}-28")), name=month)

    report = check(home, answers(days_of("2025-04-01", "2025-04-30", each=1)))

    assert report.status == "accepted"
    assert [w[:60] for w in report.warnings] == [
        "2025-04 has 30 rows; the months before it had about 56. If a"
    ]


def test_files_loaded_together_are_compared_with_each_other_too(home):
    files = []
    for month, each in (("2025-01", 2), ("2025-02", 2), ("2025-03", 2), ("2025-04", 1)):
        file = home.path / f"{month}.csv"
        file.write_text(answers(days_of(f"{month}-01", f"{month}-28", each)), encoding="utf-8")
        files.append(file)

    reports = load_files(home, files)

    assert [any("rows; the months before" in w for w in r.warnings) for r in reports] == [
        *(False, False, False),
        True,
    ]


def test_only_months_covered_are_counted():
    days = days_of("2024-11-01", "2025-02-28", each=1)

    assert rows_by_month(ANSWERS, rows(days), Covers.of(("2025-01", "2025-03"), ["N1"])) == {
        "2025-01": 31,
        "2025-02": 28,
        "2025-03": 0,
    }
