"""How a column writes its dates is found for the whole column, never for one cell."""

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.dates import DatedColumn, Form, are_placeholders, find_forms, read_dates
from data.recipe import DateOrder
from data.report import FileRefusedError, Problem


def column(*texts: str, is_month: bool = False, times: list[int] | None = None) -> DatedColumn:
    return DatedColumn(
        pd.Series(list(texts), dtype="str"), np.array(times or [1] * len(texts)), is_month
    )


def form_of(dated: DatedColumn, declared: DateOrder | None = None) -> Form:
    return find_forms({"on": dated}, declared)["on"]


def read(*texts: str, is_month: bool = False, declared: DateOrder | None = None) -> list[str]:
    """Return what a column's texts are read as, in ISO; '' where one is no date."""
    form = form_of(column(*texts, is_month=is_month), declared)
    dates = read_dates(pd.Series(list(texts), dtype="str"), form)
    return ["" if np.isnat(date) else str(date.astype("datetime64[s]")) for date in dates]


def refusal(columns: dict[str, DatedColumn], declared: DateOrder | None = None) -> list[Problem]:
    with pytest.raises(FileRefusedError) as raised:
        find_forms(columns, declared)
    return raised.value.problems


WRITTEN = {
    "ISO": ["2024-04-13", "2024-04-03"],
    "ISO with times": ["2024-04-13T00:00:00", "2024-04-03 00:00"],
    "day first": ["13/04/2024", "03/04/2024"],
    "day first, short": ["13/4/24", "3/4/24"],
    "day first with dots": ["13.04.2024", "03.04.2024"],
    "day first with hyphens": ["13-04-2024", "03-04-2024"],
    "month first": ["04/13/2024", "04/03/2024"],
    "year first with slashes": ["2024/04/13", "2024/4/3"],
    "named": ["13-Apr-2024", "3-Apr-24"],
    "named in full": ["13 April 2024", "3 April 2024"],
    "named in capitals": ["13-APR-24", "03-APR-24"],
    "compact": ["20240413", "20240403"],
    "day numbers of Excel": ["45395", "45385"],
}


@pytest.mark.parametrize("texts", WRITTEN.values(), ids=WRITTEN.keys())
def test_the_ways_of_writing_a_day(texts: list[str]) -> None:
    assert read(*texts) == ["2024-04-13T00:00:00", "2024-04-03T00:00:00"]


MONTHS = {
    "ISO": ["2024-04", "2023-12"],
    "named, short": ["Apr-24", "Dec-23"],
    "named in full": ["April 2024", "December 2023"],
    "named without a gap": ["Apr2024", "Dec2023"],
    "compact": ["202404", "202312"],
    "slashed": ["04/2024", "12/2023"],
    "the first day of each": ["01/04/2024", "01/12/2023"],
    "day numbers of Excel": ["45383", "45261"],
}


@pytest.mark.parametrize("texts", MONTHS.values(), ids=MONTHS.keys())
def test_the_ways_of_writing_a_month(texts: list[str]) -> None:
    assert read(*texts, is_month=True) == ["2024-04-01T00:00:00", "2023-12-01T00:00:00"]


@pytest.mark.parametrize("texts", [MONTHS["ISO"], MONTHS["named, short"], MONTHS["slashed"]])
def test_a_month_alone_is_no_day(texts: list[str]) -> None:
    assert read(*texts, is_month=False) == ["", ""]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-04-13 09:30", "2024-04-13T09:30:00"),
        ("2024-04-13T09:30:59.123", "2024-04-13T09:30:59"),
        ("13/04/2024 9:05", "2024-04-13T09:05:00"),
        ("13-Apr-2024 23:59:59", "2024-04-13T23:59:59"),
        ("45395.75", "2024-04-13T18:00:00"),
    ],
)
def test_times_of_day_are_kept_to_the_second(text: str, moment: str) -> None:
    assert read(text) == [moment]


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2024-13-01",
        "31/04/2024",
        "31-Foo-2024",
        "20240431",
        "2024-04-01 25:00",
        "2024-04-01 09:61",
        "yesterday",
        "1",
    ],
)
def test_what_is_no_date_is_not_read(text: str) -> None:
    assert read("2024-04-13" if text[4:5] == "-" else text, text)[1] == ""


@pytest.mark.parametrize(
    ("short", "year"), [("00", 2000), ("69", 2069), ("70", 1970), ("99", 1999)]
)
def test_years_of_two_digits_turn_at_seventy(short: str, year: int) -> None:
    assert read(f"13/04/{short}") == [f"{year}-04-13T00:00:00"]


def test_a_cell_not_written_like_its_column_is_no_date() -> None:
    assert read("2024-04-13", "2024-04-14", "15/04/2024", "45395") == [
        "2024-04-13T00:00:00",
        "2024-04-14T00:00:00",
        "",
        "",
    ]


def test_the_commonest_way_counts_rows_and_not_different_texts() -> None:
    dated = column("2024-04-13", "14/04/2024", "15/04/2024", times=[9, 1, 1])

    assert form_of(dated).name == "iso"


# ---------------------------------------------------------------- which number is the day


def test_a_column_that_can_be_read_two_ways_is_asked_about() -> None:
    (problem,) = refusal({"received_at": column("03/04/2024", "05/06/2024")})

    assert (problem.rule, problem.column) == ("ambiguous_dates", "received_at")
    assert problem.message == (
        "Every date in this column can be read two ways. Is 03/04/2024 day 3 of month 4, or day 4"
        " of month 3? Say --dates dmy for the first, --dates mdy for the second."
    )


def test_the_question_shows_a_date_that_really_has_two_readings() -> None:
    (problem,) = refusal({"received_at": column("01/01/2024", "03/04/2024")})

    assert "Is 03/04/2024 day 3 of month 4" in problem.message


def test_a_mixed_column_says_how_many_dates_are_written_each_way() -> None:
    (problem,) = refusal({"closed_on": column("13/04/2024", "04/14/2024", "04/15/2024")})

    assert problem.message.startswith(
        "1 dates of this column have the day first and 2 the month first"
    )


@pytest.mark.parametrize(
    ("declared", "day"), [("dmy", "2024-04-03T00:00:00"), ("mdy", "2024-03-04T00:00:00")]
)
def test_the_answer_is_taken(declared: DateOrder, day: str) -> None:
    assert read("03/04/2024", declared=declared) == [day]


def test_an_answer_holds_for_dates_that_contradict_it() -> None:
    assert read("03/04/2024", "13/04/2024", declared="mdy") == ["2024-03-04T00:00:00", ""]


def test_an_answer_about_slashes_leaves_other_ways_of_writing_alone() -> None:
    assert read("2024-04-03", declared="mdy") == ["2024-04-03T00:00:00"]


def test_where_the_year_is_said_to_be_first_slashes_after_the_day_are_no_dates() -> None:
    assert read("2024/04/03", "03/04/2024", declared="ymd") == ["2024-04-03T00:00:00", ""]


def test_day_numbers_are_taken_where_the_sender_says_so() -> None:
    assert read("45395", "2024-04-13", declared="excel") == ["2024-04-13T00:00:00", ""]


def test_a_column_in_doubt_is_read_like_the_others_of_its_file() -> None:
    forms = find_forms(
        {
            "received_at": column("03/04/2024", "05/06/2024"),
            "closed_on": column("04/13/2024"),
            "allocated_on": column("2024-04-13"),
        }
    )

    assert [form.name for form in forms.values()] == ["month first", "month first", "iso"]


def test_where_the_others_contradict_each_other_the_column_stays_in_doubt() -> None:
    problems = refusal(
        {
            "received_at": column("03/04/2024"),
            "closed_on": column("04/13/2024"),
            "allocated_on": column("13/04/2024"),
        }
    )

    assert [(p.column, p.rule) for p in problems] == [("received_at", "ambiguous_dates")]


def test_a_column_that_mixes_both_orders_is_refused() -> None:
    (problem,) = refusal({"closed_on": column("13/04/2024", "04/14/2024", "03/04/2024")})

    assert (problem.column, problem.rule) == ("closed_on", "mixed_dates")
    assert "1 the month first" in problem.message


def test_one_slip_in_a_long_column_is_no_mixture() -> None:
    dated = column("13/04/2024", "04/14/2024", times=[19, 1])
    too_many = column("13/04/2024", "04/14/2024", times=[18, 1])

    assert form_of(dated).name == "day first"
    assert refusal({"on": too_many})[0].rule == "mixed_dates"


@pytest.mark.parametrize("texts", [["04/04/2024"], ["04/04/2024", "5/5/24"], []])
def test_dates_that_are_the_same_both_ways_leave_no_doubt(texts: list[str]) -> None:
    assert form_of(column(*texts)).name in ("day first", "iso")


def test_months_written_by_their_first_day_leave_no_doubt() -> None:
    assert read("01/04/2024", "01/05/2024", is_month=True)[1] == "2024-05-01T00:00:00"
    assert refusal({"month": column("4/1/2024", "5/1/2024", is_month=True)})[0].rule == (
        "ambiguous_dates"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("01/01/1900", "1900-01-01", "1/1/1900", "1900-01-01 00:00:00", "19000101"),
        *("31/12/9999", "12/31/9999", "9999-12-31T00:00", "30/12/1899", "1899-12-30"),
        *("01/01/1970", "1970-01-01", "00/00/0000", "0000-00-00"),
    ],
)
def test_dates_that_stand_for_no_date_are_known(text: str) -> None:
    assert are_placeholders(pa.array([text]))[0]


@pytest.mark.parametrize("text", ["02/01/1900", "1970-01-02", "31/12/1999", "2024-01-01", ""])
def test_other_dates_are_dates(text: str) -> None:
    assert not are_placeholders(pa.array([text]))[0]


# ---------------------------------------------------------------- any dates at all

PATTERNS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%b-%Y", "%Y%m%d", "%Y/%m/%d", "%d %B %Y")


def read_or_asked(*texts: str) -> list[str] | None:
    """Return what a column is read as; None where the sender is asked."""
    try:
        return read(*texts)
    except FileRefusedError:
        return None


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.dates(datetime.date(1960, 1, 1), datetime.date(2090, 12, 31)), min_size=1),
    pattern=st.sampled_from(PATTERNS),
)
def test_a_column_written_one_way_is_read_as_it_was_meant_or_asked_about(
    days: list[datetime.date], pattern: str
) -> None:
    dates = read_or_asked(*(day.strftime(pattern) for day in days))

    if dates is None:
        assert pattern in ("%d/%m/%Y", "%m/%d/%Y")
        assert all(day.day <= 12 for day in days)
    else:
        assert dates == [f"{day.isoformat()}T00:00:00" for day in days]


@pytest.mark.parametrize(
    ("usual", "text", "day"),
    [
        ("M02 2024/25", "M01 2024/25", "2024-04-01"),
        ("M02 2024/25", "P9 24-25", "2024-12-01"),
        ("M02 2024/25", "m10, 2024/2025", "2025-01-01"),
        ("2024/25 M02", "2024/25 M12", "2025-03-01"),
        ("M02 2024/25", "M13 2024/25", ""),
        # No financial year runs over two years, or none.
        ("M02 2024/25", "M01 2024/26", ""),
        ("M02 2024/25", "M01 24-24", ""),
    ],
)
def test_a_month_of_the_financial_year_is_one_of_the_calendar(
    usual: str, text: str, day: str
) -> None:
    read_as = read(usual, usual, text, is_month=True)

    assert read_as[0] == "2024-05-01T00:00:00"
    assert read_as[2][:10] == day


def test_times_with_their_zone_are_local_times_of_the_partnership() -> None:
    texts = pd.Series(["2024-07-01T09:30:00Z", "2024-01-01 09:30+0000"], dtype="str")
    form = form_of(column(*texts))

    london = [str(date)[:16] for date in read_dates(texts, form)]
    berlin = [str(date)[:16] for date in read_dates(texts, form, ZoneInfo("Europe/Berlin"))]

    assert london == ["2024-07-01T10:30", "2024-01-01T09:30"]
    assert berlin == ["2024-07-01T11:30", "2024-01-01T10:30"]


def test_two_cells_written_another_way_are_slips_and_three_in_six_are_a_mixture() -> None:
    slips = column("2024-04-13", "13/05/2024", times=[4, 2])
    mixture = column("2024-04-13", "13/05/2024", times=[4, 3])

    assert form_of(slips).name == "iso"
    assert refusal({"on": mixture})[0].rule == "mixed_dates"
