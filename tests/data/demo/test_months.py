import datetime

import numpy as np
import pytest

from data.demo import months
from data.errors import DataError


@pytest.mark.parametrize("text", ["2021-03", "2024-02", "2026-03", "2099-12"])
def test_a_month_is_written_as_it_was_read(text):
    assert months.month_name(months.month_of(text)) == text


@pytest.mark.parametrize(
    "text", ["2021-02", "2100-01", "2026-13", "2026-00", "2026-3", "March 2026", "", "2026-03-01"]
)
def test_what_is_no_month_of_the_city_is_refused_with_an_example(text):
    with pytest.raises(DataError, match="Write the year and the month as in 2026-03"):
        months.month_of(text)


def test_a_month_has_its_days():
    february = months.month_of("2024-02")

    assert months.days_in(february) == 29
    assert months.days_in(february + 12) == 28
    assert months.date_of(months.first_day(february)) == datetime.date(2024, 2, 1)
    assert months.calendar_month(february) == 1


def test_weekdays_count_from_monday():
    days = np.arange(
        months.day_of(datetime.date(2024, 12, 30)), months.day_of(datetime.date(2025, 1, 6))
    )

    assert months.weekday(days).tolist() == [months.date_of(int(day)).weekday() for day in days]


def test_days_and_minutes_become_dates_and_times():
    days = np.array([months.day_of(datetime.date(2025, 3, 30)), months.NO_DAY])

    assert months.dates(days).astype(str).tolist() == ["2025-03-30T00:00:00", "NaT"]
    assert months.times(days[:1], np.array([90])).astype(str).tolist() == ["2025-03-30T01:30:00"]
