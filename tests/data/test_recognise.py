"""Which table a file holds, and which of its rows is the header."""

import random

import pytest

from data.contract import Contract, load_contracts
from data.home import Home
from data.recipe import Recipe, load_recipes
from data.recognise import ROWS_SEARCHED, Recogniser
from data.report import FileRefusedError

CONTRACTS = load_contracts()
EVERY_TABLE = [contract for contract in CONTRACTS.values() if not contract.generated]
FFT = ["team_id", "responded_on", "answer"]


def recipe(name: str, *header: str, table: str = "fft_response") -> Recipe:
    return Recipe(
        recipe=name,
        title=name,
        table=table,
        header=header,
        columns=dict(zip(FFT, header, strict=False)),
    )


SUPPLIER = recipe("supplier", "Where", "When", "What")


def recogniser(
    *levels: list[Recipe], as_named: str | None = None, stem: str = "export"
) -> Recogniser:
    return Recogniser(CONTRACTS, levels, as_named, stem)


def refusal(asked: Recogniser, *rows: list[str]) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as raised:
        asked.find(rows)
    return raised.value


@pytest.mark.parametrize("contract", EVERY_TABLE, ids=lambda contract: contract.table)
def test_every_table_is_known_by_its_own_columns_in_any_order(contract: Contract) -> None:
    header = [column.name for column in contract.columns if not column.filled]
    random.Random(contract.table).shuffle(header)

    found = recogniser(as_named=contract.table if contract.only_if_named else None).find([header])

    assert found.contract is contract
    assert (found.header_at, found.by_recipe) == (0, False)
    assert set(found.recipe.columns) == set(header)


@pytest.mark.parametrize("contract", EVERY_TABLE, ids=lambda contract: contract.table)
def test_every_table_is_known_by_its_name_and_the_columns_it_needs(contract: Contract) -> None:
    header = [column.name for column in contract.columns if column.required]

    by_option = recogniser(as_named=contract.table).find([header])

    assert by_option.contract is contract
    if not contract.only_if_named:
        by_name_of_file = recogniser(stem=contract.table.upper()).find([header])
        assert by_name_of_file.contract is contract


def test_comments_are_read_only_where_the_sender_asks_for_it() -> None:
    header = ["team_id", "month", "text"]

    error = refusal(recogniser(stem="comment"), header)

    assert [problem.rule for problem in error.problems] == ["only_if_named"]
    assert "say --as comment" in error.problems[0].message


def test_titles_above_the_header_are_passed_over() -> None:
    found = recogniser().find([["Answers"], [], ["Team N1", ""], FFT, ["N1", "2024-04-01", "good"]])

    assert found.header_at == 3


@pytest.mark.parametrize("recipes", [[], [SUPPLIER]])
def test_a_header_too_far_down_is_none(recipes: list[Recipe]) -> None:
    titles = [["A title"]] * (ROWS_SEARCHED - 1)
    header = list(SUPPLIER.header) if recipes else FFT

    found = recogniser(recipes).find([*titles, header])
    refused = refusal(recogniser(recipes), *titles, ["One more"], header)

    assert found.header_at == ROWS_SEARCHED - 1
    assert refused.problems[0].rule == "unknown_table"


def test_a_file_that_fits_two_tables_is_asked_about() -> None:
    header = ["team_id", "month", "employer", "in_post_fte", "headcount"]
    header += ["fte_days_lost", "fte_days_available"]

    refused = refusal(recogniser(), header)

    assert refused.problems[0].message == (
        "This may be absence_month or workforce_month. Say which with --as TABLE."
    )
    for table in ("absence_month", "workforce_month"):
        assert recogniser(as_named=table).find([header]).contract.table == table


def test_a_file_that_fits_no_table_is_told_the_closest() -> None:
    refused = refusal(recogniser(), ["team_id", "responded_on", "mode", "colour"])

    (problem,) = refused.problems
    assert problem.rule == "unknown_table"
    assert "The closest is fft_response, but there is no column answer." in problem.message


def test_a_file_of_something_else_is_told_which_tables_there_are() -> None:
    (problem,) = refusal(recogniser(), ["colour", "shape"]).problems

    assert problem.rule == "unknown_table"
    for contract in CONTRACTS.values():
        assert (contract.table in problem.message) != contract.generated


def test_each_missing_column_is_said_with_what_it_is_for() -> None:
    refused = refusal(recogniser(as_named="hospital_spell"), ["spell_id", "sex", "colour"])

    assert [(problem.column, problem.rule) for problem in refused.problems] == [
        ("practice_code", "missing_column"),
        ("admitted_on", "missing_column"),
        ("admission_method", "missing_column"),
    ]
    assert "(or Admission_Date): The day of admission." in refused.problems[1].message
    assert "this file has spell_id, sex" in refused.problems[1].message


def test_the_calendar_cannot_be_loaded() -> None:
    calendar = list(CONTRACTS["calendar"].names)

    for asked in (recogniser(), recogniser(stem="calendar"), recogniser(as_named="calendar")):
        assert refusal(asked, calendar).problems[0].rule == "generated"
    assert refusal(recogniser(as_named="calendar"), FFT).problems[0].rule == "generated"


def test_a_recipe_goes_before_the_contracts_own_columns() -> None:
    found = recogniser([recipe("by_supplier", *FFT)]).find([FFT])

    assert found.by_recipe
    assert found.recipe.recipe == "by_supplier"


def test_a_recipe_needs_all_of_its_header_and_minds_nothing_more() -> None:
    asked = recogniser([SUPPLIER])

    assert asked.find([["what", "WHERE ", "colour", "When"]]).recipe is SUPPLIER
    assert refusal(asked, ["Where", "When", "How"]).problems[0].rule == "unknown_table"


def test_a_partnerships_own_recipe_goes_before_a_shipped_one() -> None:
    own, shipped = recipe("own", "Where", "When"), recipe("shipped", "Where", "When", "What")

    assert recogniser([own], [shipped]).find([["Where", "When", "What"]]).recipe is own
    assert recogniser([], [shipped]).find([["Where", "When", "What"]]).recipe is shipped


def test_two_recipes_for_one_header_are_asked_about() -> None:
    first, second = recipe("first", "Where", "When"), recipe("second", "Where", "When", "What")
    header = ["Where", "When", "What"]

    (problem,) = refusal(recogniser([first, second]), header).problems

    assert problem.rule == "several_recipes"
    assert "first, second. Say which with --as RECIPE." in problem.message
    assert recogniser([first, second], as_named="second").find([header]).recipe is second


def test_the_table_named_chooses_among_recipes() -> None:
    counts = recipe("counts", "Where", "When", table="aggregate_submission")
    header = ["Where", "When", "What"]

    found = recogniser([SUPPLIER, counts], as_named="fft_response").find([header])

    assert found.recipe is SUPPLIER


def test_a_recipe_named_for_another_header_is_told_what_it_needs() -> None:
    (problem,) = refusal(recogniser([SUPPLIER], as_named="supplier"), FFT).problems

    assert problem.rule == "not_this_recipe"
    assert "which is: Where, When, What." in problem.message


def test_a_name_that_is_neither_table_nor_recipe_is_told_what_there_is() -> None:
    (problem,) = refusal(recogniser([SUPPLIER], as_named="refferal"), FFT).problems

    assert problem.rule == "not_this_recipe"
    assert "--as refferal names neither a table nor a recipe" in problem.message
    assert "referral" in problem.message
    assert "supplier" in problem.message


def test_shipped_recipes_are_sound(nowhere: Home) -> None:
    own, shipped = load_recipes(CONTRACTS, nowhere)

    assert own == []
    assert {known.table for known in shipped} <= {contract.table for contract in EVERY_TABLE}
