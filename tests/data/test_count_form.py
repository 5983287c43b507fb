"""The monthly counts form is filled in here as a team lead would, loaded, and published."""

import datetime
import shutil
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data.contract import load_contracts
from data.count_form import (
    CATALOGUE,
    NOTHING_BELOW,
    SHEET,
    Counted,
    counted_measures,
    months_named,
    teams_of,
    write_count_form,
)
from data.errors import DataError
from data.home import Home
from data.load import check_files, load_files
from data.recipe import load_recipes
from data.template import HEADER_ROW
from data.template_rows import TO_FILL_IN
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.small_partnership import load_everything, set_up

HEADER, FIRST = HEADER_ROW + 1, HEADER_ROW + 2
COUNTED = ["J05", "J07", "J08", "S02", "W03"]
MARCH = datetime.date(2025, 3, 1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(tmp_path / "home")


@pytest.fixture
def form(home: Home, tmp_path: Path) -> Path:
    path = tmp_path / "counts.xlsx"
    write_count_form(path, home, [MARCH])
    return path


def rows_of(sheet: Worksheet) -> list[dict[str, object]]:
    names = [cell.value for cell in sheet[HEADER]]
    return [
        dict(zip(names, row, strict=True))
        for row in sheet.iter_rows(min_row=FIRST, values_only=True)
    ]


def fill_in(path: Path, counts: dict[tuple[str, str, str], tuple[object, object]]) -> None:
    """Write counts into the rows of a team, month and measure."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    names = [cell.value for cell in sheet[HEADER]]
    for down, row in enumerate(rows_of(sheet), start=FIRST):
        key = (str(row["team_id"]), str(row["month"]), str(row["measure_id"]))
        if key in counts:
            above, below = counts[key]
            sheet.cell(down, names.index("numerator") + 1).value = above
            sheet.cell(down, names.index("denominator") + 1).value = below
    book.save(path)


def test_there_is_a_row_for_each_team_month_and_measure_in_words(home: Home, form: Path) -> None:
    book = openpyxl.load_workbook(form)

    rows = rows_of(book[SHEET])

    assert book.sheetnames == [SHEET]
    teams = [team.team_id for team in teams_of(home)]
    assert [(row["team_id"], row["month"], row["measure_id"]) for row in rows] == [
        (team, "2025-03", measure) for team in teams for measure in COUNTED
    ]
    meetings, sessions = rows[0], rows[3]
    assert meetings["measure"] == "GP took part in team meetings"
    assert str(meetings["what_to_count"]).startswith("team meetings in which at least one GP")
    assert meetings["out_of_what"] == "team meetings held"
    assert sessions["out_of_what"] == NOTHING_BELOW
    for row in rows:
        assert row["this_row_is"] == TO_FILL_IN
        assert (row["numerator"], row["denominator"], row["note"]) == (None, None, None)


def test_a_form_that_nobody_filled_in_loads_as_no_rows(home: Home, form: Path) -> None:
    (report,) = load_files(home, [form])

    assert (report.status, report.table) == ("accepted", "aggregate_submission")
    assert report.rows_dropped == {"not_filled_in": report.rows_in_file}
    assert report.batch_id is None


def test_what_was_typed_is_the_value_of_the_measure(home: Home, tmp_path: Path) -> None:
    load_everything(home, ("2025-01", "2025-02", "2025-03"))
    path = tmp_path / "counts.xlsx"
    months = months_named("2025-01:2025-03")
    write_count_form(path, home, months)
    quarter = {("N1", f"{month:%Y-%m}", "S02"): (2, None) for month in months}
    fill_in(
        path,
        {
            ("N1", "2025-03", "W03"): (31, 540),
            ("N1", "2025-03", "J05"): (3, 4),
            ("N1", "2025-03", "J07"): ("<5", 12),
            ("N1", "2025-03", "J08"): (0, 0),
            ("N2", "2025-03", "J08"): (0, 9),
            **quarter,
        },
    )

    (report,) = load_files(home, [path])
    publish(home)

    assert (report.status, report.recipe) == ("accepted", "monthly_counts")
    assert (report.rows_accepted, report.rows_held) == (8, 0)
    assert report.warnings == []
    snapshot = Snapshot.current(home)

    def figure(measure: str, team: str) -> tuple[str, float | None]:
        points = snapshot.points(measure, "team")
        last = points[points["area_id"] == team].iloc[-1]
        return last["state"], None if last["value"] != last["value"] else last["value"]

    assert figure("W03", "N1") == ("value", pytest.approx(100 * 31 / 540))
    assert figure("J05", "N1") == ("value", 75)
    assert figure("J07", "N1") == ("suppressed", None)
    assert figure("J08", "N1") == ("not_applicable", None)
    assert figure("J08", "N2") == ("value", 0)
    assert figure("S02", "N1") == ("value", 6)
    # What was left blank is a gap.
    assert figure("W03", "N2") == ("missing", None)


def test_rows_left_blank_take_nothing_back_that_was_sent_before(home: Home, tmp_path: Path) -> None:
    load_everything(home, ("2025-03",))
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    for path, measure in ((first, "J05"), (second, "W03")):
        write_count_form(path, home, [MARCH])
        fill_in(path, {("N1", "2025-03", measure): (1, 4)})
        load_files(home, [path])

    publish(home)

    for measure in ("J05", "W03"):
        points = Snapshot.current(home).points(measure, "team")
        assert points[points["area_id"] == "N1"].iloc[-1]["value"] == 25


def test_a_team_is_asked_only_for_months_on_whose_first_day_it_was_there(
    home: Home, tmp_path: Path
) -> None:
    teams = (
        "team_id,locality_id,name,valid_from,valid_to\n"
        "N1,N,North 1,2024-01-01,2025-03-01\n"
        "N2,N,North 2,2025-03-01,\n"
        "S1,S,South 1,2025-03-02,\n"
    )
    (home.reference / "team.csv").write_text(teams, encoding="utf-8")

    write_count_form(tmp_path / "f.xlsx", home, months_named("2025-02:2025-03"))

    sheet = openpyxl.load_workbook(tmp_path / "f.xlsx")[SHEET]
    assert {(row["team_id"], row["month"]) for row in rows_of(sheet)} == {
        ("N1", "2025-02"),
        ("N2", "2025-03"),
    }


def test_a_definition_of_the_partnership_takes_the_shipped_ones_place(home: Home) -> None:
    home.measures.mkdir()
    shipped = (CATALOGUE / "J05_gp_at_team_meetings.toml").read_text(encoding="utf-8")
    own = shipped.replace("GP took part in team meetings", "A doctor was there")
    (home.measures / "J05.toml").write_text(own, encoding="utf-8")

    found = {measure.measure_id: measure for measure in counted_measures(home)}

    assert found["J05"].title == "A doctor was there"
    assert sorted(found) == COUNTED


def test_a_count_that_no_team_counts_itself_is_not_asked_for(home: Home) -> None:
    england = Home(CATALOGUE.parents[1] / "examples" / "england")

    assert [measure.measure_id for measure in counted_measures(england)] == COUNTED
    assert (
        Counted(
            "S02",
            "Learning across teams",
            "sessions held with another team or profession to learn from each other, and days of"
            " shadowing",
            "",
        )
        in counted_measures()
    )


def test_the_recipe_knows_the_form_and_nothing_else_of_the_partnerships(
    home: Home, form: Path
) -> None:
    header = [cell.value for cell in openpyxl.load_workbook(form)[SHEET][HEADER]]
    contracts = load_contracts(home)

    (recipe,) = (r for level in load_recipes(contracts) for r in level)

    assert recipe.recipe == "monthly_counts"
    assert sorted(header) == sorted({*recipe.header, *recipe.ignores})
    (report,) = check_files(home, [form])
    assert report.problems == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2025-13", "is not a month"),
        ("March", "is not a month"),
        ("2025-03:2025-01", "is 0 months"),
        ("2020-01:2025-01", "is 61 months"),
    ],
)
def test_a_month_that_is_none_is_said_to_be_none(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        months_named(text)


def test_without_teams_in_the_month_there_is_no_form(home: Home, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no team was there in 1999-01"):
        write_count_form(tmp_path / "f.xlsx", home, [datetime.date(1999, 1, 1)])

    assert not (tmp_path / "f.xlsx").exists()


def test_without_a_partnership_there_is_no_form(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no partnership here"):
        write_count_form(tmp_path / "f.xlsx", Home(tmp_path / "none"), [MARCH])


def test_a_form_that_is_there_is_never_written_over(home: Home, form: Path) -> None:
    kept = shutil.copy(form, form.with_name("kept.xlsx"))

    with pytest.raises(DataError, match="may hold somebody's figures"):
        write_count_form(form, home, [MARCH])

    assert form.read_bytes() == Path(kept).read_bytes()
