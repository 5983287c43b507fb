import datetime
import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import days, days_or_none, in_order, numbered, people, prepared

LONG = "Long term support: Community"
services = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": people,
            "team_id": st.sampled_from(["T1", "T2"]),
            "type": st.sampled_from([LONG, "Long term support: Nursing care", "Other"]),
            "started_on": days,
            "ended_on": days_or_none,
        }
    ),
    max_size=6,
).map(lambda rows: numbered("service_id", rows))
reviews = st.lists(
    st.fixed_dictionaries({"person_key": people, "ended_on": days_or_none}), max_size=5
).map(lambda rows: numbered("review_id", rows))


def supports(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put services of a person together, each with the next that begins within a week."""
    found: list[dict[str, Any]] = []
    last: dict[str, dict[str, Any]] = {}
    order = sorted(
        rows,
        key=lambda r: (r["started_on"], r["ended_on"] or datetime.date.max, r["service_id"]),
    )
    for row in order:
        end = row["ended_on"] or datetime.date.max
        if not row["type"].startswith("Long") or end < row["started_on"]:
            continue
        before = last.get(row["person_key"]) if row["person_key"] else None
        if before is not None and (row["started_on"] - before["end"]).days <= 7:
            before |= {"end": max(before["end"], end), "team_id": row["team_id"]}
            continue
        own = {**row, "end": end}
        found.append(own)
        if row["person_key"]:
            last[row["person_key"]] = own
    return found


def until(end: datetime.date) -> datetime.date | None:
    return None if end == datetime.date.max else end


@given(services)
def test_services_a_week_apart_or_less_are_one_support(rows: list[dict[str, Any]]) -> None:
    columns = "support_id, person_key, team_id, started_on, ended_on"

    assert prepared("long_term_support", columns, {"service": rows}) == in_order(
        [
            (s["service_id"], s["person_key"], s["team_id"], s["started_on"], until(s["end"]))
            for s in supports(rows)
        ]
    )


@given(services, reviews)
def test_support_without_a_review_runs_from_its_beginning_and_from_each_review(
    rows: list[dict[str, Any]], looked_at: list[dict[str, Any]]
) -> None:
    expected = []
    for support in supports(rows):
        marks = {support["started_on"]}
        for review in looked_at:
            own = review["person_key"] is not None and review["person_key"] == support["person_key"]
            on = review["ended_on"]
            if own and on is not None and support["started_on"] <= on < support["end"]:
                marks.add(on)
        ordered = [*sorted(marks), None]
        expected += [
            (support["service_id"], mark, after, until(support["end"]))
            for mark, after in itertools.pairwise(ordered)
        ]

    found = prepared(
        "review_gap",
        "support_id, last_review_on, next_review_on, support_ended_on",
        {"service": rows, "review": looked_at},
    )

    assert found == in_order(expected)
