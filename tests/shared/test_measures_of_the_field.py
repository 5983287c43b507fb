"""The shipped definitions beside what the field knows of its 47 measures."""

import json
from pathlib import Path
from typing import Any

import pytest

from data.contract import load_contracts
from data.records import schema_of
from metrics.definition import load_measures

FIELD = Path(__file__).resolve().parents[3] / "shared" / "field" / "measures.json"
KNOWN: list[dict[str, Any]] = json.loads(FIELD.read_text(encoding="utf-8"))
SHIPPED = load_measures(None, schema_of(load_contracts(None)))
each_known = pytest.mark.parametrize("known", KNOWN, ids=[known["id"] for known in KNOWN])

ATTRIBUTIONS = {
    "allocated team": "allocated",
    "first receiving team": "receiving",
    "population": "population",
    "population (residence)": "population",
    "receiving team": "receiving",
    "receiving team or locality": "receiving",
    "requesting team": "receiving",
    "respondent team": "respondent",
    "staff": "employing",
    "staff (employing team)": "employing",
    "visiting team": "visiting",
}
DISCLOSURE = {"R1": "people", "R2": "people", "R3": "questionnaire", "R4": "staff"}


def test_all_of_them_are_defined_and_nothing_else_is() -> None:
    assert set(SHIPPED) == {known["id"] for known in KNOWN}


@each_known
def test_a_definition_agrees_with_what_the_field_knows(known: dict[str, Any]) -> None:
    measure = SHIPPED[known["id"]]
    better, _, remark = known["better"].partition(" ")

    assert measure.kind == known["kind"]
    assert measure.better == better
    assert measure.contested == (remark == "(contested)")
    assert measure.logic_node == known["logic_node"]
    assert measure.family == (
        "conventional" if known["proposed_by"].startswith("national") else "proposed"
    )
    if known["attribution"] in ATTRIBUTIONS:
        assert measure.attribution == ATTRIBUTIONS[known["attribution"]]


@each_known
def test_a_period_is_as_long_as_the_field_says_a_figure_needs(known: dict[str, Any]) -> None:
    measure, grain = SHIPPED[known["id"]], known["grain"]

    assert measure.every in grain or measure.rolling is not None
    assert (measure.rolling == 12) == ("rolling 12 months" in grain)
    assert (measure.rolling == 3) == ("3-month rolling" in grain)


@each_known
def test_small_numbers_have_the_rule_that_the_field_says(known: dict[str, Any]) -> None:
    rule = known["min_count"].split()[0].rstrip("+,")
    if rule in DISCLOSURE:
        assert SHIPPED[known["id"]].disclosure == DISCLOSURE[rule]


def test_whatever_the_field_pairs_is_paired() -> None:
    pairs = [("H05", "H08"), ("F02", "F05"), ("F04", "W04"), ("P01", "P02"), ("X01", "X02")]
    for one, other in pairs:
        assert other in {pair.measure for pair in SHIPPED[one].pairs_with}
