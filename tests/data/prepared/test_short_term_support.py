from typing import Any

import pytest

from tests.data.prepared.few_rows import day, prepared

ST_MAX = "Short term support: ST-Max"
PLANNED = "NFA: Support ended as planned"


def service(key: str, kind: str, begins: str, ends: str | None, outcome: str | None = None) -> dict:
    return {
        "service_id": key,
        "person_key": "p1",
        "practice_code": "P1",
        "team_id": "T1",
        "type": kind,
        "started_on": day(begins),
        "ended_on": day(ends) if ends else None,
        "outcome": outcome,
    }


def support(*rows: dict[str, Any], **others: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return prepared(
        "short_term_support",
        "service_id, started_on, ended_on, is_new, sequel",
        {"service": list(rows), **others},
    )


@pytest.mark.parametrize(
    ("second", "runs"), [("8", [("8", "20")]), ("17", [("1", "20")]), ("18", [("1", "10")])]
)
def test_services_at_most_a_week_apart_are_one_run(second: str, runs: list) -> None:
    found = support(
        service("v1", ST_MAX, "1", "10", PLANNED), service("v2", ST_MAX, second, "20", PLANNED)
    )

    first_end = day(runs[0][1])
    assert found[0][1:3] == (day("1"), first_end)
    assert len(found) == (2 if second == "18" else 1)


@pytest.mark.parametrize(
    ("outcome", "sequel"),
    [
        (PLANNED, "no long-term support"),
        ("NFA: Deceased", "ended early"),
        ("Admitted to hospital", "ended early"),
        ("Progress to support planning or services", "long-term support"),
        ("Progress to assessment, review or reassessment", "not known"),
        (None, "not known"),
    ],
)
def test_the_outcome_says_what_came_of_it(outcome: str | None, sequel: str) -> None:
    ((*_, found),) = support(service("v1", ST_MAX, "1", "10", outcome))

    assert found == sequel


def test_what_is_still_running_has_no_sequel() -> None:
    ((*_, is_new, sequel),) = support(service("v1", ST_MAX, "1", None, PLANNED))

    assert (is_new, sequel) == (True, None)


@pytest.mark.parametrize(
    ("begins", "sequel"), [("17", "long-term support"), ("18", "no long-term support")]
)
def test_care_that_begins_within_a_week_of_the_end_is_the_sequel(begins: str, sequel: str) -> None:
    found = support(
        service("v1", ST_MAX, "1", "10", PLANNED),
        service("v2", "Long term support: Community", begins, None),
    )

    assert found[0][-1] == sequel


@pytest.mark.parametrize(
    ("ended", "is_new"), [("2023-12-02", False), ("2023-12-01", True), ("15", False)]
)
def test_whoever_had_care_in_the_90_days_before_is_not_new(ended: str, is_new: bool) -> None:
    found = support(
        service("v0", "Long term support: Community", "2023-01-01", ended),
        service("v1", ST_MAX, "1", "10", PLANNED),
    )

    assert found[0][3] == is_new


def test_a_death_within_a_week_of_the_end_ended_it_early() -> None:
    died = {
        "spell_id": "s1",
        "person_key": "p1",
        "practice_code": "P1",
        "admitted_on": day("12"),
        "discharged_on": day("17"),
        "discharge_method": "4",
    }

    found = support(service("v1", ST_MAX, "1", "10", PLANNED), hospital_spell=[died])

    assert found[0][-1] == "ended early"
