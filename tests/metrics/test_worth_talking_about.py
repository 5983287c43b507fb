from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.definition import GROUPS, Measure
from metrics.findings import Finding
from metrics.two_kinds import Disagreement
from metrics.worth_talking_about import AT_MOST, group_order, worth_talking_about
from tests.dashboard.invented import (
    ADMISSIONS,
    EXPERIENCE,
    SHIPPED,
    SICKNESS,
    STAY,
    UNALLOCATED,
    WAIT,
    WAITING,
    finding,
    findings,
    no_value,
    signal,
    too_new,
)

APART = Disagreement(
    area_level="team",
    area_id="N2",
    hospital_better=True,
    hospital=(("H01", "lower"),),
    working_life=(("F02", "higher"), ("W01", "higher")),
)


def first(found: list[Finding], apart: Disagreement | None = None, at_most: int = 9) -> list[str]:
    return [f.measure_id for f in worth_talking_about(found, SHIPPED, apart, at_most)]


def test_at_most_three_are_named() -> None:
    many = [signal(measure) for measure in SHIPPED.values()]

    assert len(worth_talking_about(many, SHIPPED)) == AT_MOST == 3


def test_only_what_is_beyond_its_usual_range_is_named() -> None:
    assert first([finding(WAITING), too_new(UNALLOCATED), no_value(SICKNESS)]) == []


def test_a_disagreement_comes_before_anything_else_and_working_life_before_hospital() -> None:
    found = [
        signal(EXPERIENCE, way="lower"),
        signal(ADMISSIONS, way="lower"),
        signal(SICKNESS),
        signal(WAITING),
    ]

    assert first(found, APART) == ["F02", "W01", "H01", "X01"]


def test_a_measure_that_moved_back_is_no_longer_part_of_the_disagreement() -> None:
    found = [signal(WAITING, way="lower"), signal(UNALLOCATED)]

    assert first(found, APART) == ["F04", "F02"]


def test_what_got_better_while_its_pair_got_worse_comes_before_concern() -> None:
    found = [signal(UNALLOCATED), signal(WAIT, way="lower", worse_pair="F04")]

    assert first(found) == ["F05", "F04"]


def test_concern_comes_before_what_is_disputed_and_improvement_last() -> None:
    found = [
        signal(STAY, way="lower"),
        signal(WAITING, way="lower"),
        signal(EXPERIENCE, way="lower"),
        signal(SICKNESS),
    ]

    assert first(found) == ["X01", "W01", "H05", "F02"]


@settings(deadline=None)
@given(st.data())
def test_the_order_does_not_depend_on_the_order_of_what_was_found(data: st.DataObject) -> None:
    several = [data.draw(findings(measure)) for measure in list(SHIPPED.values())[:4]]

    assert len({tuple(first(list(order))) for order in permutations(several)}) == 1


def test_groups_go_from_people_to_hospital() -> None:
    ordered: list[Measure] = sorted(SHIPPED.values(), key=group_order)

    places = [GROUPS.index(measure.group) for measure in ordered]
    assert places == sorted(places)
    assert [ordered[0].group, ordered[-1].group] == ["people", "hospital"]
