"""England's published figures, unedited, all the way from the files to what is published."""

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from data.home import Home
from data.load import load_files
from data.snapshots import query
from metrics.publish import publish
from metrics.reading import Snapshot

PROJECT = Path(__file__).resolve().parents[2]
REAL = PROJECT.parent / "shared" / "real"
FILES = [REAL / "ae_icb_monthly.csv", REAL / "discharge_icb_daily.csv"]
SILENT_BOARD = "E54000056"


@pytest.fixture(scope="module")
def values(home: Home, reports: list) -> pd.DataFrame:
    version = publish(home).version
    frame = query(
        home, version, "SELECT * FROM measure_value WHERE regexp_matches(measure_id, '^E[0-9]+$')"
    )
    frame["month"] = frame["period_start"].dt.strftime("%Y-%m")
    return frame


def rows_of(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def totals_by_board_and_month(file: Path, date: str, column: str) -> dict[tuple[str, str], int]:
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows_of(file):
        if row[column] != "":
            totals[row["icb22_code"], row[date][:7]] += int(row[column])
    return dict(totals)


def numerators(values: pd.DataFrame, measure_id: str, level: str) -> dict[tuple[str, str], int]:
    chosen = values[
        (values["measure_id"] == measure_id)
        & (values["area_level"] == level)
        & (values["state"] == "value")
    ]
    return {
        (area, month): int(numerator)
        for area, month, numerator in zip(
            chosen["area_id"], chosen["month"], chosen["numerator"], strict=True
        )
    }


def test_both_files_load_unedited(reports):
    assert [report.status for report in reports] == ["accepted", "accepted"]
    assert [report.rows_in_file for report in reports] == [1680, 51727]


def test_all_boards_and_regions_appear(home, values):
    areas = Snapshot.current(home).areas

    assert sum(area.level == "team" for area in areas) == 42
    assert sum(area.level == "locality" for area in areas) == 7
    assert values["area_id"].nunique() == 42 + 7 + 1


@pytest.mark.parametrize(
    ("measure_id", "file", "date", "column"),
    [
        ("E01", FILES[0], "period", "total_attendances"),
        ("E02", FILES[0], "period", "attendances_over_4hours"),
        ("E03", FILES[0], "period", "total_emergency_admissions"),
        ("E04", FILES[0], "period", "emergency_admissions_over_4hours"),
        ("E05", FILES[1], "date", "do_not_meet_criteria_to_reside"),
        ("E06", FILES[1], "date", "discharged_total"),
    ],
)
def test_totals_equal_the_files_own_board_by_board(values, measure_id, file, date, column):
    assert numerators(values, measure_id, "team") == totals_by_board_and_month(file, date, column)


@pytest.mark.parametrize(
    ("measure_id", "column"),
    [("E01", "total_attendances"), ("E03", "total_emergency_admissions")],
)
def test_england_equals_the_sum_of_the_file(values, measure_id, column):
    published = sum(numerators(values, measure_id, "partnership").values())
    regions = sum(numerators(values, measure_id, "locality").values())

    in_the_file = sum(int(row[column]) for row in rows_of(FILES[0]))
    assert published == regions == in_the_file


def test_a_share_uses_the_same_rows_above_and_below(values):
    chosen = values[(values["measure_id"] == "E07") & (values["area_level"] == "team")]
    published = chosen[chosen["state"] == "value"].set_index(["area_id", "month"])["denominator"]
    early = totals_by_board_and_month(FILES[1], "date", "discharged_by_1700")
    both: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows_of(FILES[1]):
        if row["discharged_by_1700"] != "":
            both[row["icb22_code"], row["date"][:7]] += int(row["discharged_total"])
    nobody = {key for key, total in both.items() if total == 0}

    assert {key: int(value) for key, value in published.items()} == {
        key: total for key, total in both.items() if total
    }
    assert numerators(values, "E07", "team") == {
        key: total for key, total in early.items() if key not in nobody
    }
    # Months in which a board reported every day, and nobody at all: no share, and not 0%.
    without = chosen[chosen["state"] == "not_applicable"].set_index(["area_id", "month"])
    assert nobody
    assert set(without.index) == nobody


def test_a_blank_hour_of_discharge_is_missing_and_not_zero(values):
    late = values[(values["measure_id"] == "E07") & (values["month"] >= "2023-06")]

    assert set(late["state"]) == {"missing"}
    assert late["value"].isna().all()


def test_a_board_that_stopped_reporting_is_missing_and_so_is_its_regions_count(values):
    after = values[(values["month"] == "2023-09") & (values["measure_id"] == "E05")]
    states = dict(zip(after["area_id"], after["state"], strict=True))
    reasons = dict(zip(after["area_id"], after["reason"], strict=True))

    assert states[SILENT_BOARD] == "missing"
    assert (states["Y61"], reasons["Y61"]) == ("missing", "5 of 6 boards")
    assert states["Y56"] == "value"


def test_a_regions_people_in_hospital_is_the_sum_of_its_boards_daily_means(values):
    chosen = values[(values["measure_id"] == "E05") & (values["month"] == "2025-02")]
    london = {"E54000027", "E54000028", "E54000029", "E54000030", "E54000031"}
    boards = chosen[chosen["area_id"].isin(london)]["value"].sum()

    assert chosen[chosen["area_id"] == "Y56"]["value"].item() == pytest.approx(boards, rel=1e-12)


def test_a_month_reported_in_part_says_so_and_a_region_still_sums_daily_means(
    home, reports, tmp_path
):
    place = tmp_path / "england"
    shutil.copytree(home.path, place, ignore=shutil.ignore_patterns("snapshots", "batches"))
    lines = FILES[1].read_text(encoding="utf-8").splitlines(keepends=True)
    left_out = [f'"E54000027","2025-04-{day:02d}"' for day in range(13, 31)]
    part = tmp_path / "discharge_icb_daily.csv"
    kept = [line for line in lines if not line.startswith(tuple(left_out))]
    part.write_text("".join(kept), encoding="utf-8")
    fresh = Home(place)

    load_files(fresh, [part])
    version = publish(fresh).version

    frame = query(
        fresh,
        version,
        "SELECT area_id, value, state, reason FROM measure_value"
        " WHERE measure_id = 'E05' AND period_start = DATE '2025-04-01'",
    ).set_index("area_id")
    london = ["E54000027", "E54000028", "E54000029", "E54000030", "E54000031"]
    days = [
        int(row["do_not_meet_criteria_to_reside"])
        for row in rows_of(part)
        if row["icb22_code"] == london[0] and row["date"].startswith("2025-04")
    ]
    assert len(days) == 12
    assert frame.loc[london[0], "reason"] == "12 of 30 days"
    assert frame.loc[london[0], "value"] == pytest.approx(sum(days) / 12, rel=1e-12)
    assert frame.loc["Y56", "state"] == "value"
    assert frame.loc["Y56", "value"] == pytest.approx(frame.loc[london, "value"].sum(), rel=1e-9)
