"""How a file as published becomes rows of a contract."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.batches import list_batches, read_rows
from data.contract import SHIPPED as CONTRACTS_SHIPPED
from data.contract import load_contracts
from data.errors import ContractError
from data.home import Home
from data.recipe import from_contract, load_recipes, plain_name
from data.report import Report
from tests.data.sent_files import places, rules

Take = Callable[..., Report]
CONTRACTS = load_contracts()
ENGLAND = Home(Path(__file__).resolve().parents[2] / "examples" / "england")

MONTHLY = """\
recipe = "council_monthly"
title = "Counts as the council sends them"
table = "aggregate_submission"
source = "Council, monthly return"
header = ["Neighbourhood", "Period", "Waiting", "Not allocated"]
ignores = ["Comment"]
dates = "dmy"

[columns]
team_id = "Neighbourhood"
month = "Period"

[leave_out]
Neighbourhood = ["England", "Not known"]

[codes.team_id]
"First area" = "N1"
"Second area" = "N2"

[[each]]
set = { measure_id = "F02" }
columns = { numerator = "Waiting" }

[[each]]
set = { measure_id = "F04" }
columns = { numerator = "Not allocated", denominator = "Waiting" }
"""
SENT = """\
Neighbourhood,Period,Waiting,Not allocated,Comment
first area,01/04/2024,"1,204",30,fine
Second  Area,01/04/2024,*,<5,
England,01/04/2024,90000,800,
"""


def own(home: Home, text: str, name: str = "council.toml") -> None:
    home.recipes.mkdir(exist_ok=True, parents=True)
    (home.recipes / name).write_text(text, encoding="utf-8")


def loaded(home: Home) -> list[dict[str, Any]]:
    return [row for batch in list_batches(home) for row in read_rows(batch).to_pylist()]


# ---------------------------------------------------------------- from the file to the rows


def test_a_file_is_known_by_its_header_and_turned_from_wide_to_long(home: Home, load: Take) -> None:
    own(home, MONTHLY)

    report = load(SENT)

    wanted = ("team_id", "month", "measure_id", "numerator", "denominator", "suppressed")
    april = datetime.date(2024, 4, 1)
    assert report.status == "accepted"
    assert report.recipe == "council_monthly"
    assert [tuple(row[name] for name in wanted) for row in loaded(home)] == [
        ("N1", april, "F02", 1204, None, False),
        ("N2", april, "F02", None, None, True),
        ("N1", april, "F04", 30, Decimal("1204.0000"), False),
        ("N2", april, "F04", None, None, True),
    ]


def test_rows_are_counted_as_the_file_has_them_whatever_becomes_of_them(
    home: Home, check: Take
) -> None:
    own(home, MONTHLY)

    report = check(SENT)

    assert (report.rows_in_file, report.rows_accepted, report.rows_loaded) == (3, 2, 4)
    assert report.rows_dropped == {"left_out": 1}
    assert report.fixes == {"thousands_comma": 2, "suppressed_mark": 3}
    assert report.warnings == []


def test_where_one_part_of_a_row_is_held_all_of_it_is(home: Home, check: Take) -> None:
    own(home, MONTHLY)

    report = check(SENT.replace("30", "thirty"))

    assert (report.rows_accepted, report.rows_held, report.rows_loaded) == (1, 1, 2)
    assert places(report) == [(2, "Not allocated")]


def test_the_source_is_kept_with_the_batch(home: Home, load: Take) -> None:
    own(home, MONTHLY)

    load(SENT)

    (batch,) = list_batches(home)
    assert batch.source_system == "Council, monthly return"
    assert batch.recipe == "council_monthly"


def test_the_recipe_says_how_dates_are_written_and_the_sender_may_say_otherwise(
    home: Home, check: Take
) -> None:
    own(home, MONTHLY)
    days = SENT.replace("01/04/2024", "01/05/2024")

    by_recipe, by_sender = check(days), check(days, dates="mdy")

    assert by_recipe.covers is not None
    assert by_sender.covers is not None
    assert by_recipe.covers.from_month == "2024-05"
    assert by_sender.covers.from_month == "2024-01"


def test_a_file_of_which_every_row_is_left_out_is_accepted_empty(home: Home, load: Take) -> None:
    own(home, MONTHLY)

    report = load("\n".join([SENT.splitlines()[0], "England,01/04/2024,9,8,"]))

    assert report.status == "accepted"
    assert (report.rows_in_file, report.rows_loaded) == (1, 0)
    assert report.rows_dropped == {"left_out": 1}


def test_a_column_that_a_recipe_reads_beyond_its_header_must_be_in_the_file(
    home: Home, check: Take
) -> None:
    own(home, MONTHLY.replace(', "Not allocated"]', "]"))

    report = check(SENT.replace("Not allocated", "Unallocated"))

    assert rules(report) == ["missing_column"]
    assert report.problems[0].column == "Not allocated"
    assert "Unallocated" in report.problems[0].message


def test_a_constant_that_is_no_code_holds_every_row_and_says_so(home: Home, check: Take) -> None:
    own(
        home,
        """\
recipe = "answers"
title = "Answers"
table = "fft_response"
header = ["Date", "How was it"]
set = { team_id = "N7" }
columns = { responded_on = "Date", answer = "How was it" }
""",
    )

    report = check("Date,How was it\n2024-04-01,good\n2024-04-02,poor\n")

    assert report.rows_held == 2
    assert places(report) == [(2, "team_id"), (3, "team_id")]


def test_a_constant_may_be_a_date(home: Home, load: Take) -> None:
    own(
        home,
        """\
recipe = "list_sizes"
title = "List sizes"
table = "population"
header = ["Team", "Band", "Sex", "Number"]
set = { as_at = "2024-04-01", basis = "registered" }
columns = { team_id = "Team", age_band = "Band", sex = "Sex", people = "Number" }
codes = { sex = { "Female" = "2", "Male" = "1" } }
""",
    )

    load("Team,Band,Sex,Number\nN1,65-74,female,310\n")

    (row,) = loaded(home)
    assert (row["as_at"], row["sex"], row["people"]) == (datetime.date(2024, 4, 1), "2", 310)


def test_the_example_of_a_country_is_sound() -> None:
    contracts = load_contracts(ENGLAND)

    own_recipes, _ = load_recipes(contracts, ENGLAND)

    assert own_recipes
    assert {recipe.table for recipe in own_recipes} <= set(contracts)


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Team ID", "team_id"),
        ("  Team-id ", "team_id"),
        ("ORGANISATION CODE (PROVIDER)", "organisation_code_provider"),
        ("Age 85+", "age_85+"),
        ("Team\nname", "team_name"),
        ("\ufeffteam_id", "team_id"),
        ("…", ""),
    ],
)
def test_names_of_columns_are_compared_without_case_and_punctuation(header: str, name: str) -> None:
    assert plain_name(header) == name


def test_a_file_may_use_the_national_names() -> None:
    spells = CONTRACTS["hospital_spell"]
    names = frozenset({"hospital_provider_spell_no", "admission_date", "sex", "colour"})

    recipe = from_contract(spells, names)

    assert recipe.columns == {
        "spell_id": "Hospital Provider Spell No",
        "admitted_on": "Admission_Date",
        "sex": "sex",
    }


def test_a_contracts_own_name_goes_before_the_national_one() -> None:
    names = frozenset({"spell_id", "hospital_provider_spell_no"})

    assert from_contract(CONTRACTS["hospital_spell"], names).columns == {"spell_id": "spell_id"}


def test_what_we_fill_is_not_read_but_stands_in_where_the_column_is_missing() -> None:
    referrals = CONTRACTS["referral"]

    both = from_contract(referrals, frozenset({"team_id", "raw_team_code"}))
    alone = from_contract(referrals, frozenset({"raw_team_code"}))

    assert both.columns == {"team_id": "team_id"}
    assert alone.columns == {"team_id": "raw_team_code"}


# ---------------------------------------------------------------- faults

FAULTS = {
    "not TOML": ("[columns]", "[columns", "not readable TOML"),
    "an entry that is none": ("[columns]", 'colour = "red"\n[columns]', "colour: Extra inputs"),
    "no header": (
        'header = ["Neighbourhood", "Period", "Waiting", "Not allocated"]',
        "header = []",
        "header: Tuple should have at least 1",
    ),
    "an order of dates that is none": ('"dmy"', '"British"', "dates: Input should be"),
    "a table that is none": ('"aggregate_submission"', '"tally"', "no contract for tally"),
    "the calendar": ('"aggregate_submission"', '"calendar"', "calendar is made here"),
    "a column that is not asked for": ("numerator =", "count =", "does not ask for a column count"),
    "a required column forgotten": ('month = "Period"\n', "", "month is, and it is required"),
    "a column given twice": (
        'month = "Period"',
        'month = "Period"\nnumerator = "Waiting"',
        "numerator: given twice",
    ),
    "codes for a column that is not asked for": ("[codes.team_id]", "[codes.team]", "for team,"),
}


@pytest.mark.parametrize(("old", "new", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_recipe_is_refused_with_its_file_and_fault(
    nowhere: Home, old: str, new: str, said: str
) -> None:
    assert old in MONTHLY
    own(nowhere, MONTHLY.replace(old, new, 1))

    with pytest.raises(ContractError) as raised:
        load_recipes(CONTRACTS, nowhere)

    assert "council.toml" in str(raised.value)
    assert said in str(raised.value)


def test_codes_must_be_those_of_the_contract(nowhere: Home) -> None:
    own(
        nowhere,
        """\
recipe = "answers"
title = "Answers"
table = "fft_response"
header = ["Date"]
columns = { team_id = "Team", responded_on = "Date", answer = "Answer" }
codes = { answer = { "1" = "excellent", "2" = "good" } }
""",
    )

    with pytest.raises(ContractError, match="'excellent' is not one of very good"):
        load_recipes(CONTRACTS, nowhere)


def test_every_fault_of_every_recipe_is_said_at_once(nowhere: Home) -> None:
    own(nowhere, MONTHLY.replace('month = "Period"\n', "").replace("numerator =", "count ="))
    own(nowhere, "recipe =", "broken.toml")

    with pytest.raises(ContractError) as raised:
        load_recipes(CONTRACTS, nowhere)

    said = str(raised.value)
    assert "broken.toml" in said
    assert "a column count" in said
    assert "month is, and it is required" in said


def test_a_partnerships_own_contract_can_have_a_recipe(home: Home, check: Take) -> None:
    shipped = (CONTRACTS_SHIPPED / "fft_response.toml").read_text(encoding="utf-8")
    home.contracts.mkdir()
    (home.contracts / "survey.toml").write_text(shipped.replace('"fft_response"', '"survey"'))
    own(
        home,
        """\
recipe = "leavers_survey"
title = "What people said on leaving"
table = "survey"
header = ["Left on", "Where", "How was it"]
columns = { team_id = "Where", responded_on = "Left on", answer = "How was it" }
""",
    )

    report = check("Left on,Where,How was it\n2024-04-01,N1,Good\n")

    assert (report.table, report.recipe, report.rows_accepted) == ("survey", "leavers_survey", 1)
