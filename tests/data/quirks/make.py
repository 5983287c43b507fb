"""Write the fixtures that are too long to write by hand, and the workbook."""

import datetime
from collections.abc import Iterable
from pathlib import Path

import openpyxl

from tests.data.sent_files import numbers_for_tests

HERE = Path(__file__).parent
REFERRAL = "referral_id,team_id,received_at"


def _write(name: str, header: str, rows: Iterable[str]) -> None:
    (HERE / name).write_text("\n".join([header, *rows, ""]), encoding="utf-8", newline="\n")


def _days(first: datetime.date, every: int, count: int) -> list[datetime.date]:
    return [first + datetime.timedelta(days=every * number) for number in range(count)]


def main() -> None:
    """Write every file anew; the same each time, but for the day in the workbook."""
    days = _days(datetime.date(2024, 1, 3), 5, 66)
    low = [day for day in days if day.day <= 12]
    swapped = [day.replace(month=day.day, day=day.month) for day in low]
    # What is left of the higher days, which such a spreadsheet cannot read, was taken out by hand.
    kept = [*swapped, *swapped, *[day for day in days if day.day > 12][:12]]
    _write(
        "02_days_and_months_swapped.csv",
        REFERRAL,
        (f"r{number},N1,{day}" for number, day in enumerate(kept)),
    )
    _write(
        "26_nhs_numbers.csv",
        f"{REFERRAL},ref",
        (f"r{n},N1,2024-04-01,{number}" for n, number in enumerate(numbers_for_tests(24))),
    )
    cases = [f"r{n},N1,2024-04-01,2024-04-03,w{n % 12}" for n in range(24)]
    cases += [f"b{n},N1,2024-04-01,2024-04-03,wmanager" for n in range(40)]
    cases += [f"d{n},N1,2024-04-01,2024-04-03,DUTY" for n in range(40)]
    _write("32_pseudo_workers.csv", f"{REFERRAL},allocated_on,allocated_to_key", cases)
    drawn = _days(datetime.date(2024, 4, 1), 1, 71)
    _write(
        "37_drawn_in_the_middle_of_a_month.csv",
        REFERRAL,
        (f"r{number},N1,{day}" for number, day in enumerate(drawn)),
    )
    volumes = {"2024-04": 60, "2024-05": 64, "2024-06": 58, "2024-07": 20}
    _write(
        "38_fall_in_volume.csv",
        REFERRAL,
        (f"{m}-{n},N1,{m}-{n % 30 + 1:02d}" for m, rows in volumes.items() for n in range(rows)),
    )
    _write(
        "D4_sentences_for_codes.csv",
        f"{REFERRAL},reason_group",
        (
            f"r{n},N1,2024-04-01,asked about number {'abcdefghijklmnopqrstuvwxyz'[n]} zzcanary"
            for n in range(26)
        ),
    )
    _write(
        "D4_rows_of_people.csv",
        "team_id,month,employer,fte_days_lost,fte_days_available",
        (f"N1,2024-04,NHS,{n}.5,600" for n in range(201)),
    )
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Referrals received"])
    sheet.append(["referral_id", "team_id", "received_at"])
    for number, day in enumerate(_days(datetime.date(2024, 4, 1), 9, 4)):
        sheet.append([f"r{number}", "N1", day])
    book.save(HERE / "01_dates_in_a_workbook.xlsx")


if __name__ == "__main__":
    main()
