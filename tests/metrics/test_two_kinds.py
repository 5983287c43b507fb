from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.definition import load_measures
from metrics.findings import Finding
from metrics.two_kinds import WORKING_LIFE_NEEDED, Disagreement, find_disagreement
from tests.metrics.measure_tables import SCHEMA, a_measure, day


def a_kind(measure_id: str, speaks_for: str | None, better: str = "lower", **more: Any) -> Any:
    return a_measure(
        id=measure_id,
        numerator={"rows": "referral", "on": "received_at"},
        speaks_for=speaks_for,
        better=better,
        **more,
    )


MEASURES = {
    measure.id: measure
    for measure in (
        a_kind("H1", "hospital use", contested=True, dispute="Some say so."),
        a_kind("H2", "hospital use"),
        a_kind("F1", "working life"),
        a_kind("W1", "working life"),
        a_kind("X1", "working life", better="higher"),
        a_kind("N1", "working life", better="neither"),
        a_kind("O1", None),
    )
}


def a_finding(measure_id: str, *recent: str, explained: bool = False) -> Finding:
    return Finding.model_validate(
        {
            "measure_id": measure_id,
            "measure_version": 1,
            "area_level": "team",
            "area_id": "N2",
            "period_start": day("2025-03-01"),
            "period_end": day("2025-04-01"),
            "value": 1.0,
            "numerator": 1.0,
            "denominator": None,
            "n": 1,
            "state": "value",
            "kind": "usual",
            "recent": recent,
            "explained_by": ("A new system.",) if explained else (),
        }
    )


def found(*findings: Finding) -> Disagreement | None:
    return find_disagreement(findings, MEASURES)


def test_hospital_figures_fell_while_two_of_working_life_got_worse():
    disagreement = found(
        a_finding("H1", "lower"), a_finding("F1", "higher"), a_finding("W1", "higher")
    )

    assert disagreement == Disagreement(
        area_level="team",
        area_id="N2",
        hospital_better=True,
        hospital=(("H1", "lower"),),
        working_life=(("F1", "higher"), ("W1", "higher")),
    )


def test_the_reverse_is_a_disagreement_too():
    disagreement = found(
        a_finding("H2", "higher"), a_finding("F1", "lower"), a_finding("X1", "higher")
    )

    assert disagreement is not None
    assert not disagreement.hospital_better
    assert disagreement.working_life == (("F1", "lower"), ("X1", "higher"))


def test_the_side_depends_on_which_way_is_better():
    worse = found(a_finding("H1", "lower"), a_finding("F1", "higher"), a_finding("X1", "lower"))
    mixed = found(a_finding("H1", "lower"), a_finding("F1", "higher"), a_finding("X1", "higher"))

    assert worse is not None
    assert mixed is None


@pytest.mark.parametrize(
    "findings",
    [
        [a_finding("H1", "lower"), a_finding("F1", "higher")],
        [a_finding("F1", "higher"), a_finding("W1", "higher")],
        [a_finding("H1"), a_finding("F1", "higher"), a_finding("W1", "higher")],
        [a_finding("H1", "lower"), a_finding("F1", "lower"), a_finding("W1", "lower")],
        [a_finding("H1", "lower"), a_finding("F1", "higher"), a_finding("W1", "lower")],
        [a_finding("H1", "lower"), a_finding("F1", "higher"), a_finding("N1", "higher")],
        [a_finding("H1", "lower"), a_finding("F1", "higher"), a_finding("O1", "higher")],
        [a_finding("O1", "lower"), a_finding("F1", "higher"), a_finding("W1", "higher")],
        [],
    ],
    ids=[
        "one of working life",
        "no hospital figure",
        "a hospital figure as usual",
        "both kinds the same way",
        "working life both ways",
        "neither way is better",
        "speaks for nothing",
        "hospital speaks for nothing",
        "nothing at all",
    ],
)
def test_there_is_no_disagreement_without_two_sides(findings):
    assert found(*findings) is None


def test_a_figure_that_a_recorded_change_explains_does_not_count():
    enough = [a_finding("F1", "higher"), a_finding("W1", "higher")]

    assert found(a_finding("H1", "lower", explained=True), *enough) is None
    assert (
        found(a_finding("H1", "lower"), a_finding("F1", "higher", explained=True), enough[1])
        is None
    )
    assert found(a_finding("H1", "lower", explained=True), a_finding("H2", "lower"), *enough) == (
        found(a_finding("H2", "lower"), *enough)
    )


def test_a_figure_that_went_both_ways_does_not_count():
    enough = [a_finding("F1", "higher"), a_finding("W1", "higher")]

    assert found(a_finding("H1", "higher", "lower"), *enough) is None
    assert found(a_finding("H1", "lower"), a_finding("F1", "higher", "lower"), enough[1]) is None


def test_the_shipped_measures_speak_for_both_sides():
    sides = [measure.speaks_for for measure in load_measures(None, SCHEMA).values()]

    assert sides.count("hospital use") >= 1
    assert sides.count("working life") >= WORKING_LIFE_NEEDED


def test_a_disagreement_comes_back_from_json_as_it_was():
    disagreement = found(
        a_finding("H1", "lower"), a_finding("F1", "higher"), a_finding("W1", "higher")
    )

    assert disagreement is not None
    assert Disagreement.model_validate_json(disagreement.model_dump_json()) == disagreement


ways = st.sampled_from([(), ("higher",), ("lower",), ("higher", "lower")])


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.sampled_from(sorted(MEASURES)), st.tuples(ways, st.booleans())))
def test_the_rule_is_the_one_that_is_written_down(drawn):
    findings = [a_finding(name, *recent, explained=why) for name, (recent, why) in drawn.items()]

    disagreement = found(*findings)

    better: dict[tuple[str, bool], int] = {}
    for name, (recent, explained) in drawn.items():
        measure = MEASURES[name]
        if len(recent) == 1 and not explained and measure.better != "neither":
            key = (str(measure.speaks_for), recent[0] == measure.better)
            better[key] = better.get(key, 0) + 1
    expected = any(
        better.get(("hospital use", way), 0) >= 1 and better.get(("working life", not way), 0) >= 2
        for way in (True, False)
    )
    assert (disagreement is not None) == expected
