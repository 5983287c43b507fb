import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.contract import (
    CARRIED_BY_THE_BATCH,
    SHIPPED,
    SQL_TYPES,
    Contract,
    in_reading_order,
    load_contracts,
    read_contract,
)
from data.errors import ContractError
from data.home import Home

CONTRACTS = load_contracts()
each_contract = pytest.mark.parametrize(
    "contract", CONTRACTS.values(), ids=[contract.table for contract in CONTRACTS.values()]
)

VISITS = """\
table = "visit"
title = "Visits"
describes = "One row for each visit."
version = 1
kind = "events"
key = ["visit_id"]
date = "on"
attribution = { visiting = "team_id" }

[[column]]
name = "visit_id"
type = "text"
required = true
words = "Identifies the visit."

[[column]]
name = "team_id"
type = "text"
required = true
refers_to = "team.team_id"
words = "The team that came."

[[column]]
name = "on"
type = "date"
required = true
words = "The day."

[[column]]
name = "minutes"
type = "int"
words = "How long it took."

[[column]]
name = "planned"
type = "int"
words = "How long it should have taken."

[[rule]]
name = "too_long"
not_more_than = ["minutes", "planned"]
times = 1.2
message = "It took much longer than planned."
"""


def own(home: Home, text: str, name: str = "visit.toml") -> Path:
    home.contracts.mkdir(parents=True, exist_ok=True)
    path = home.contracts / name
    path.write_text(text, encoding="utf-8")
    return path


# ---------------------------------------------------------------- the shipped contracts


def test_a_shipped_contract_is_named_after_its_table() -> None:
    assert {path.stem for path in SHIPPED.glob("*.toml")} == set(CONTRACTS)


@each_contract
def test_everything_said_to_a_sender_is_a_whole_sentence(contract: Contract) -> None:
    said = [contract.describes, *(column.words for column in contract.columns)]
    said += [rule.message for rule in contract.rules]

    for text in said:
        assert text[0].isupper() or text[0].isdigit(), text
        assert re.search(r"[.?]$", text), text


@each_contract
def test_nobody_is_asked_for_what_the_batch_carries(contract: Contract) -> None:
    asked = set(contract.names) & set(CARRIED_BY_THE_BATCH)

    # A list of spellings says which system writes them so: that is its content.
    assert asked == ({"source_system"} if contract.table == "team_alias" else set())


@each_contract
def test_numbers_are_exact_and_months_are_dates(contract: Contract) -> None:
    for column in contract.columns:
        assert contract.sql_type(column.name) == column.sql_type == SQL_TYPES[column.type]
    assert SQL_TYPES["dec"] == "DECIMAL(18,4)"
    assert SQL_TYPES["int"] == "BIGINT"
    assert SQL_TYPES["month"] == SQL_TYPES["date"] == "DATE"


@each_contract
def test_an_example_is_one_of_the_codes(contract: Contract) -> None:
    for column in contract.columns:
        if column.allowed and column.example:
            assert column.example in column.allowed


@each_contract
def test_figures_say_when_and_whose_they_are(contract: Contract) -> None:
    if contract.kind == "reference":
        return
    assert contract.date in contract.names
    assert contract.area_column in contract.names
    either = {name for rule in contract.rules if rule.either for name in rule.either}
    for name in {contract.date, contract.area_column}:
        assert contract.column(str(name)).required or name in either
    assert contract.kept_for_months is not None


@each_contract
def test_a_sender_is_shown_an_example_of_every_column_and_the_unit_of_every_number(
    contract: Contract,
) -> None:
    asked = [c for c in contract.columns if not c.filled and not contract.generated]

    assert [column.name for column in asked if not column.example] == []
    counted = [c.name for c in asked if c.type in ("int", "dec") and not c.unit]
    # What is counted there is what the measure counts.
    assert counted == (
        ["numerator", "denominator"] if contract.table == "aggregate_submission" else []
    )


def test_only_the_calendar_is_made_here() -> None:
    assert [contract.table for contract in CONTRACTS.values() if contract.generated] == ["calendar"]


def test_a_column_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(KeyError, match="profession has no column salary; it has profession_id"):
        CONTRACTS["profession"].column("salary")


def test_a_table_is_read_after_those_it_refers_to() -> None:
    order = in_reading_order(CONTRACTS)

    assert sorted(order) == sorted(CONTRACTS)
    for contract in CONTRACTS.values():
        for column in contract.columns:
            if column.list_referred_to:
                listed = column.list_referred_to[0]
                assert order.index(listed) < order.index(contract.table)


# ---------------------------------------------------------------- a partnership's own


def test_a_partnership_adds_its_own_tables(nowhere: Home) -> None:
    own(nowhere, VISITS)

    contracts = load_contracts(nowhere)

    assert set(contracts) == {*CONTRACTS, "visit"}
    assert contracts["visit"].rules[0].times == Decimal("1.2")


def test_a_partnership_may_change_a_shipped_table(nowhere: Home) -> None:
    shipped = (SHIPPED / "profession.toml").read_text(encoding="utf-8")
    own(nowhere, shipped.replace('title = "Professions"', 'title = "Trades"'))

    assert load_contracts(nowhere)["profession"].title == "Trades"


def test_a_file_saved_with_a_byte_order_mark_is_read(nowhere: Home) -> None:
    own(nowhere, "\ufeff" + VISITS)

    assert "visit" in load_contracts(nowhere)


def test_two_tables_may_refer_to_each_other(nowhere: Home) -> None:
    extra = '[[column]]\nname = "visit_id"\ntype = "text"\nrefers_to = "visit.visit_id"\n'
    locality = (SHIPPED / "locality.toml").read_text(encoding="utf-8")
    own(nowhere, VISITS)
    own(nowhere, locality.replace("[[rule]]", f'{extra}words = "."\n\n[[rule]]'), "locality.toml")

    assert sorted(in_reading_order(load_contracts(nowhere))) == sorted([*CONTRACTS, "visit"])


def column(**said: Any) -> str:
    lines = {"name": '"extra"', "type": '"text"', "words": '"Extra."'} | said
    return "\n[[column]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


FAULTS = {
    "not TOML": ("[[column", "", "not readable TOML"),
    "no version": ("version = 1\n", "", "version: Field required"),
    "an entry that is none": ('title = "V', 'colour = "red"\ntitle = "V', "colour: Extra inputs"),
    "a kind that is none": ('"events"', '"stories"', "kind: Input should be"),
    "a name in capitals": ('name = "minutes"', 'name = "Minutes"', "is not a name"),
    "a column twice": ('name = "planned"', 'name = "minutes"', "column minutes is there twice"),
    "a key of nothing": ('["visit_id"]', '["number"]', "key names number"),
    "a date that is none": ('date = "on"', 'date = "minutes"', "date names minutes"),
    "no date": ('date = "on"\n', "", "events need a date and an attribution"),
    "whose it is": ('visiting = "team_id"', 'visiting = "team"', "visiting names team"),
    "a list unknown": ('"team.team_id"', '"crew.crew_id"', "refers to crew.crew_id"),
    "a list without column": ('"team.team_id"', '"team"', "written table.column"),
    "a rule on a text": ('["minutes", "planned"]', '["minutes", "team_id"]', "too_long names team"),
    "a list of codes unknown": (
        'name = "team_id"',
        'name = "team_id"\ncodes = "hues"',
        "no list of codes hues",
    ),
    "a rule of nothing": (
        'not_more_than = ["minutes", "planned"]',
        'needs = ["minutes", "hue"]',
        "too_long names hue",
    ),
    "a table unknown across": (
        "[[rule]]",
        '[[across]]\nname = "x"\nmessage = "M."\ncolumn = "team_id"\nknown_in = "crew.id"\n'
        "\n[[rule]]",
        "speaks of crew.id",
    ),
    "known in nothing": (
        'refers_to = "team.team_id"',
        'known_in = "crew.crew_id"',
        "team_id refers to crew.crew_id",
    ),
    "episodes of nothing": (
        "attribution = {",
        'episodes = { order = "part", last = ["on"] }\nattribution = {',
        "episodes names part",
    ),
    "counted by nothing": (
        "attribution = {",
        'counted = { measure = "hue", numerator = "on", denominator = "on" }\nattribution = {',
        "counted names hue",
    ),
    "an agreement with nobody": (
        'not_more_than = ["minutes", "planned"]',
        'agree = ["minutes"]',
        "at least 2 items",
    ),
    "a rule that says two things": ("times = 1.2", 'order = ["on", "on"]', "give one of order"),
}


@pytest.mark.parametrize(("old", "new", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_contract_is_refused_with_its_file_and_fault(
    nowhere: Home, old: str, new: str, said: str
) -> None:
    assert old in VISITS
    path = own(nowhere, VISITS.replace(old, new, 1))

    with pytest.raises(ContractError) as raised:
        load_contracts(nowhere)

    assert said in str(raised.value)
    assert path.name in str(raised.value) or str(raised.value).startswith("visit")


COLUMN_FAULTS = {
    "codes for a number": ({"type": '"int"', "allowed": '["1"]'}, "only text has allowed codes"),
    "a least text": ({"at_least": "1"}, "only int and dec"),
    "filled from nothing": ({"filled": "true"}, "says with copy_of"),
    "a copy that is asked for": ({"copy_of": '"team_id"'}, "says with copy_of"),
    "filled and required": (
        {"filled": "true", "copy_of": '"team_id"', "required": "true"},
        "cannot be required",
    ),
    "a copy of nothing": ({"filled": "true", "copy_of": '"crew"'}, "copy of crew"),
    "hidden into a text": (
        {"type": '"int"', "suppressed_into": '"team_id"'},
        "suppressed into team_id",
    ),
    "a default of yes": ({"type": '"bool"', "default": '"yes"'}, "written true or false"),
    "quarters of a text": ({"quarters": "true"}, "only date and month can hold quarters"),
    "a shape of a number": ({"type": '"int"', "shape": '"icd10"'}, "only text has a shape"),
    "no words": ({"words": '""'}, "at least 1 character"),
}


@pytest.mark.parametrize(("said", "fault"), COLUMN_FAULTS.values(), ids=COLUMN_FAULTS.keys())
def test_a_column_that_makes_no_sense_is_refused(
    tmp_path: Path, said: dict[str, str], fault: str
) -> None:
    path = tmp_path / "visit.toml"
    path.write_text(VISITS.replace("\n[[rule]]", f"{column(**said)}\n[[rule]]"), encoding="utf-8")

    with pytest.raises(ContractError, match=fault):
        read_contract(path)


def test_every_fault_of_every_contract_is_said_at_once(nowhere: Home) -> None:
    own(nowhere, VISITS.replace("version = 1\n", "").replace('"events"', '"stories"'))
    own(nowhere, "table =", "broken.toml")
    own(
        nowhere, VISITS.replace('"visit"', '"call"').replace("team.team_id", "crew.id"), "call.toml"
    )

    with pytest.raises(ContractError) as raised:
        load_contracts(nowhere)

    assert len(str(raised.value).splitlines()) == 4
    for fault in ("version", "kind", "broken.toml", "call.team_id refers to crew.id"):
        assert fault in str(raised.value)


def test_two_files_about_one_table_are_refused(nowhere: Home) -> None:
    own(nowhere, VISITS)
    own(nowhere, VISITS, "visit_again.toml")

    with pytest.raises(ContractError, match=r"visit\.toml is about visit too"):
        load_contracts(nowhere)
