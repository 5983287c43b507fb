"""What a template makes is filled in here as a person would, and loaded without a change."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from data.batches import list_batches, read_rows
from data.check import Checked, Rulebook, Stated, check_all, check_file
from data.contract import Column, Contract, load_contracts
from data.errors import DataError
from data.home import Home
from data.lists import Lists
from data.load import load_files
from data.reference import rulebook
from data.template import (
    DARK,
    HEADER_ROW,
    LISTS,
    LONGEST_MESSAGE,
    NEEDED,
    NEEDED_ROW,
    READ_ME,
    asked,
    default_tables,
    write_template,
)
from data.template_rows import EXAMPLE, MARK
from tests.small_partnership import set_up

CONTRACTS = load_contracts()
SENT = sorted(name for name, contract in CONTRACTS.items() if not contract.generated)
NOBODYS = Home(Path("/nowhere/at/all"))
RULES = Rulebook.of(NOBODYS)
# Rows and columns as openpyxl counts them, from 1.
HEADER, SHOWN, FIRST = HEADER_ROW + 1, HEADER_ROW + 2, HEADER_ROW + 3
each_table = pytest.mark.parametrize("table", SENT)


def template(folder: Path, *tables: str, lists: Lists | None = None) -> Path:
    path = folder / "template.xlsx"
    path.unlink(missing_ok=True)
    write_template(path, CONTRACTS, tables, lists or Lists())
    return path


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """Return a template of every table, as it is before anybody fills it in."""
    return openpyxl.load_workbook(template(tmp_path_factory.mktemp("blank"), *SENT))


def typed(column: Column, text: str) -> object:
    """Return what a spreadsheet has in a cell into which somebody typed a text."""
    if not text:
        return None
    if column.type == "int":
        return int(text)
    if column.type == "dec":
        return float(text)
    if column.type == "month":
        return datetime.datetime.strptime(text, "%Y-%m")
    return datetime.datetime.fromisoformat(text) if column.type in ("date", "ts") else text


def an_answer(contract: Contract, codes: Mapping[str, str]) -> dict[str, str]:
    """Return a row that a person may fill in: the examples, with these codes in their places."""
    row = {c.name: codes.get(c.name, c.example) for c in asked(contract)}
    for rule in contract.rules:
        if rule.not_both:
            row[rule.not_both[1]] = ""
    return row


def fill_in(sheet: Worksheet, contract: Contract, *rows: Mapping[str, str]) -> None:
    names = [cell.value for cell in sheet[HEADER]]
    for down, row in enumerate(rows, start=FIRST):
        for name, text in row.items():
            sheet.cell(down, names.index(name) + 1, typed(contract.column(name), text))


def checked(path: Path, table: str | None = None) -> Checked:
    named = table is not None and CONTRACTS[table].only_if_named
    return check_file(path, RULES, Stated(as_named=table if named else None))


def said_of(sheet: Worksheet, name: str) -> Any:
    """Return what the cells of a column may hold, as the sheet says it."""
    at = next(cell.column_letter for cell in sheet[HEADER] if cell.value == name)
    rules = [rule for rule in sheet.data_validations.dataValidation if f"{at}{FIRST}" in rule.sqref]
    return rules[0] if rules else None


def choices(book: Workbook, rule: Any) -> list[str]:
    """Return the codes of a drop-down list."""
    ((sheet, cells),) = book.defined_names[rule.formula1].destinations
    return [cell.value for (cell,) in book[sheet][cells]]


# ---------------------------------------------------------------- what is filled in is loaded


@each_table
def test_an_example_filled_in_under_the_example_loads_without_a_change(
    tmp_path: Path, table: str
) -> None:
    path = template(tmp_path, table)
    book = openpyxl.load_workbook(path)
    fill_in(book[table], CONTRACTS[table], an_answer(CONTRACTS[table], {}))
    book.save(path)

    report = checked(path, table).report

    assert report.problems == []
    assert (report.status, report.table, report.rows_accepted) == ("accepted", table, 1)
    # Of the template itself nothing is said: neither of its sheets, nor of its column or sentences.
    ours = ("sheet", "asks for no column", "above the column names", MARK)
    assert [said for said in report.warnings if any(word in said for word in ours)] == []
    assert report.rows_dropped == {"example_row": 1}


@settings(deadline=None, max_examples=60)
@given(data=st.data(), table=st.sampled_from(SENT))
def test_whatever_codes_are_chosen_from_the_lists_every_row_is_accepted(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, table: str
) -> None:
    contract = CONTRACTS[table]
    offered = {c.name: c.allowed for c in contract.columns if c.allowed}
    chosen = {name: data.draw(st.sampled_from(codes)) for name, codes in offered.items()}
    path = template(tmp_path_factory.mktemp("chosen"), table)
    book = openpyxl.load_workbook(path)
    fill_in(book[table], contract, an_answer(contract, chosen))
    book.save(path)

    found = checked(path, table)

    assert found.report.problems == []
    assert (found.report.rows_held, found.report.rows_accepted) == (0, 1)
    (row,) = found.accepted.select(list(chosen)).to_pylist() if chosen else ({},)
    assert row == chosen


@each_table
def test_only_what_is_needed_may_be_filled_in(tmp_path: Path, table: str) -> None:
    contract = CONTRACTS[table]
    either = [rule.either[0] for rule in contract.rules if rule.either]
    asked_for = [rule.needs[1] for rule in contract.rules if rule.needs]
    needed = {c.name for c in contract.columns if c.required} | {*either, *asked_for}
    path = template(tmp_path, table)
    book = openpyxl.load_workbook(path)
    answer = an_answer(contract, {})
    fill_in(book[table], contract, {name: answer[name] for name in answer if name in needed})
    book.save(path)

    report = checked(path, table).report

    assert report.problems == []
    assert report.rows_accepted == 1


def test_codes_keep_their_leading_zeros_and_days_are_days(tmp_path: Path) -> None:
    path = template(tmp_path, "team_alias")
    book = openpyxl.load_workbook(path)
    fill_in(book["team_alias"], CONTRACTS["team_alias"], {"raw_code": "007", "team_id": "01"})
    book.save(path)

    (row,) = checked(path).accepted.to_pylist()

    assert (row["raw_code"], row["team_id"]) == ("007", "01")
    cells = openpyxl.load_workbook(path)["team_alias"]
    assert cells.column_dimensions["B"].number_format == "@"


# ---------------------------------------------------------------- the example is never data


@each_table
def test_a_template_that_nobody_filled_in_loads_as_no_rows_in_words(
    tmp_path: Path, table: str
) -> None:
    found = checked(template(tmp_path, table), table)

    assert found.report.status == "accepted"
    assert (found.report.rows_in_file, found.report.rows_accepted) == (1, 0)
    assert found.report.rows_dropped == {"example_row": 1}
    assert "No row of this template was filled in, so there is nothing to keep." in (
        found.report.warnings
    )
    # Nothing to keep: loading makes no batch of it.
    assert found.contract is None


def test_loading_what_nobody_filled_in_keeps_no_batch(tmp_path: Path) -> None:
    home = set_up(tmp_path / "home")
    before = len(list_batches(home))

    (report,) = load_files(home, [template(tmp_path, "referral")])

    assert report.batch_id is None
    assert len(list_batches(home)) == before


@each_table
def test_an_example_that_somebody_wrote_over_is_held_and_never_dropped(
    tmp_path: Path, table: str
) -> None:
    contract = CONTRACTS[table]
    changed = next(c for c in asked(contract) if c.type == "text" and c.example)
    path = template(tmp_path, table)
    book = openpyxl.load_workbook(path)
    names = [cell.value for cell in book[table][HEADER]]
    book[table].cell(SHOWN, names.index(changed.name) + 1, "something else")
    fill_in(book[table], contract, an_answer(contract, {}))
    book.save(path)

    report = checked(path, table).report

    assert (report.rows_accepted, report.rows_held) == (1, 1)
    assert not report.rows_dropped
    problem = next(p for p in report.problems if p.rule == "example_changed")
    assert (problem.row, problem.column) == (SHOWN, MARK)
    assert "clear the word" in problem.message


def test_a_row_like_the_example_is_data_where_it_is_not_marked(tmp_path: Path) -> None:
    path = template(tmp_path, "referral")
    book = openpyxl.load_workbook(path)
    book["referral"].cell(SHOWN, 1).value = None
    book.save(path)

    report = checked(path).report

    assert (report.rows_accepted, sum(report.rows_dropped.values())) == (1, 0)


def test_a_file_without_the_templates_column_loses_no_row_that_says_example(
    tmp_path: Path,
) -> None:
    path = tmp_path / "aliases.csv"
    path.write_text("raw_code,team_id\nexample,N1\n", encoding="utf-8")

    report = checked(path).report

    assert (report.rows_accepted, sum(report.rows_dropped.values())) == (1, 0)


# ---------------------------------------------------------------- what stands in a sheet


@each_table
def test_drop_down_lists_hold_exactly_the_codes_that_are_allowed(
    blank: Workbook, table: str
) -> None:
    for column in asked(CONTRACTS[table]):
        rule = said_of(blank[table], column.name)
        if column.allowed:
            assert choices(blank, rule) == list(column.allowed)
            assert rule.errorStyle in (None, "stop")
        elif column.type == "bool":
            assert choices(blank, rule) == ["yes", "no"]
        else:
            assert rule is None or rule.type != "list"


@each_table
def test_numbers_and_dates_are_asked_for_as_the_contract_has_them(
    blank: Workbook, table: str
) -> None:
    for column in asked(CONTRACTS[table]):
        rule = said_of(blank[table], column.name)
        if column.type in ("int", "dec"):
            assert rule.type == ("whole" if column.type == "int" else "decimal")
            if column.at_least is not None:
                assert Decimal(rule.formula1) == column.at_least
            # A mark for a hidden number is no number, and is only asked about.
            assert (rule.errorStyle == "warning") == (column.suppressed_into is not None)
        elif column.type in ("date", "month", "ts"):
            assert rule.type == "date"


@each_table
def test_what_is_needed_has_a_sign_and_a_colour_and_each_name_says_what_it_means(
    blank: Workbook, table: str
) -> None:
    sheet = blank[table]
    names = [cell.value for cell in sheet[HEADER]]

    assert names == [MARK, *(column.name for column in asked(CONTRACTS[table]))]
    assert sheet.freeze_panes == f"A{SHOWN}"
    for cell in sheet[HEADER][1:]:
        column = CONTRACTS[table].column(cell.value)
        sign = sheet.cell(NEEDED_ROW + 1, cell.column).value
        assert (sign == NEEDED) == column.required
        assert (cell.fill.start_color.rgb == f"FF{DARK[1:]}") == column.required
        assert cell.font.bold
        assert column.words in cell.comment.text
        assert sheet.cell(HEADER - 1, cell.column).value == column.words
    assert sheet.cell(SHOWN, 1).value == EXAMPLE


def test_boxes_that_open_beside_a_cell_are_no_longer_than_excel_takes(blank: Workbook) -> None:
    for table in SENT:
        for rule in blank[table].data_validations.dataValidation:
            assert len(rule.prompt or "") <= LONGEST_MESSAGE
            assert len(rule.error or "") <= LONGEST_MESSAGE
            assert len(rule.promptTitle or "") <= 32


def test_the_lists_are_hidden_and_the_first_sheet_says_what_to_do(blank: Workbook) -> None:
    assert blank.sheetnames == [READ_ME, *SENT, LISTS]
    assert blank[LISTS].sheet_state == "hidden"
    said = " ".join(str(cell.value) for (cell,) in blank[READ_ME].iter_rows(max_col=1))
    assert "python -m data load template.xlsx" in said
    assert "Nothing that says who somebody is may be in it" in said
    assert "--as comment" in said
    # Nothing is locked: whoever fills it in may change what they like.
    assert not any(sheet.protection.sheet for sheet in blank.worksheets)


def test_the_partnerships_own_teams_can_be_chosen_and_other_spellings_are_only_asked_about(
    tmp_path: Path,
) -> None:
    lists = rulebook(set_up(tmp_path / "home")).lists
    book = openpyxl.load_workbook(template(tmp_path, "referral", lists=lists))

    rule = said_of(book["referral"], "team_id")

    known = lists.of("team", "team_id")
    assert known is not None
    assert choices(book, rule) == sorted(known.exact)
    assert rule.errorStyle == "warning"


def test_a_template_without_a_table_named_has_every_table_but_free_text_figures_first() -> None:
    tables = default_tables(CONTRACTS)
    kinds = [CONTRACTS[table].kind == "reference" for table in tables]

    assert set(tables) == {name for name in SENT if not CONTRACTS[name].only_if_named}
    assert kinds == sorted(kinds)


# ---------------------------------------------------------------- what cannot be made


@pytest.mark.parametrize("table", ["calendar", "nothing"])
def test_a_table_that_nobody_sends_has_no_template(tmp_path: Path, table: str) -> None:
    with pytest.raises(DataError, match=f"There is no table {table} to send"):
        template(tmp_path, table)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"figures")

    with pytest.raises(DataError, match="may hold somebody's figures"):
        write_template(path, CONTRACTS, ["referral"], Lists())

    assert path.read_bytes() == b"figures"


def test_the_same_template_is_the_same_bytes(tmp_path: Path) -> None:
    first = template(tmp_path, "referral").read_bytes()

    assert template(tmp_path, "referral").read_bytes() == first


def test_what_was_filled_in_stands_in_the_batch(tmp_path: Path) -> None:
    home = set_up(tmp_path / "home")
    path = template(tmp_path, "absence_month", lists=rulebook(home).lists)
    book = openpyxl.load_workbook(path)
    answer = {**an_answer(CONTRACTS["absence_month"], {}), "team_id": "N1", "month": "2025-05"}
    fill_in(book["absence_month"], CONTRACTS["absence_month"], answer)
    book.save(path)

    (report,) = load_files(home, [path])

    assert report.status == "accepted", report.as_text()
    batch = next(b for b in list_batches(home) if b.id == report.batch_id)
    (row,) = read_rows(batch).to_pylist()
    assert (row["team_id"], row["month"]) == ("N1", datetime.date(2025, 5, 1))


# ---------------------------------------------------------------- the whole workbook in one go


def test_every_sheet_filled_in_is_loaded_in_one_go(tmp_path: Path) -> None:
    tables = default_tables(CONTRACTS)
    path = template(tmp_path, *tables)
    book = openpyxl.load_workbook(path)
    for table in tables:
        fill_in(book[table], CONTRACTS[table], an_answer(CONTRACTS[table], {}))
    book.save(path)

    reports = [found.report for found in check_all(path, RULES)]

    assert sorted(str(report.table) for report in reports) == sorted(tables)
    for report in reports:
        assert report.problems == [], report.as_text()
        assert report.rows_accepted == 1
        assert report.rows_dropped == {"example_row": 1}


def test_a_template_of_several_tables_may_be_named_after_one_of_them(tmp_path: Path) -> None:
    path = template(tmp_path, "referral", "contact").rename(tmp_path / "referral.xlsx")
    book = openpyxl.load_workbook(path)
    for table in ("referral", "contact"):
        fill_in(book[table], CONTRACTS[table], an_answer(CONTRACTS[table], {}))
    book.save(path)

    reports = [found.report for found in check_all(path, RULES)]

    assert sorted(str(report.table) for report in reports) == ["contact", "referral"]
    assert {report.rows_accepted for report in reports} == {1}


def test_sheets_that_nobody_filled_in_do_no_harm_beside_one_that_is(tmp_path: Path) -> None:
    home = set_up(tmp_path / "home")
    path = template(tmp_path, *default_tables(CONTRACTS))
    book = openpyxl.load_workbook(path)
    answer = {**an_answer(CONTRACTS["absence_month"], {}), "team_id": "N1", "month": "2025-05"}
    fill_in(book["absence_month"], CONTRACTS["absence_month"], answer)
    book.save(path)

    reports = load_files(home, [path])

    assert {report.status for report in reports} == {"accepted"}
    assert [report.table for report in reports if report.batch_id] == ["absence_month"]
    assert [batch.table for batch in list_batches(home)] == ["absence_month"]
