from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import days, in_order, numbered, people, prepared

HOMES = ("Long term support: Nursing care", "Long term support: Residential care")
services = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": people,
            "practice_code": st.sampled_from(["P1", "P2", None]),
            "type": st.sampled_from([*HOMES, "Long term support: Community"]),
            "started_on": days,
        }
    ),
    max_size=6,
).map(lambda rows: numbered("service_id", rows))
assessments = st.lists(
    st.fixed_dictionaries(
        {"person_key": people, "practice_code": st.sampled_from(["P3", None]), "started_on": days}
    ),
    max_size=3,
).map(lambda rows: [{**row, "assessment_id": f"a{at}"} for at, row in enumerate(rows)])


@given(services, assessments)
def test_only_the_first_move_counts_at_the_practice_before_it(
    rows: list[dict[str, Any]], looked_at: list[dict[str, Any]]
) -> None:
    records = [(r["started_on"], r["service_id"], r) for r in rows]
    records += [(r["started_on"], r["assessment_id"], r) for r in looked_at]
    expected = []
    for person in {row["person_key"] for row in rows} - {None}:
        moves = [r for r in rows if r["person_key"] == person and r["type"] in HOMES]
        if not moves:
            continue
        move = min(moves, key=lambda r: (r["started_on"], r["service_id"]))
        known = [
            (on, record, row["practice_code"])
            for on, record, row in records
            if row["person_key"] == person and row["practice_code"] and on < move["started_on"]
        ]
        practice = max(known)[2] if known else move["practice_code"]
        expected.append(
            (move["service_id"], practice, move["started_on"], move["type"] == HOMES[0])
        )

    found = prepared(
        "care_home_move",
        "service_id, practice_code, moved_on, with_nursing",
        {"service": rows, "assessment": looked_at},
    )

    assert found == in_order(expected)
