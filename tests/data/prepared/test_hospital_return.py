import datetime
import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import days, days_or_none, in_order, numbered, people, prepared

stays = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": people,
            "practice_code": st.just("P1"),
            "admitted_on": days,
            "discharged_on": days_or_none,
            "admission_method": st.sampled_from(["21", "2C", "11"]),
        }
    ),
    max_size=7,
).map(lambda rows: numbered("spell_id", rows))


def returns(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Say of each time in hospital whether the next one began with an emergency."""
    found = []
    for person in {row["person_key"] for row in rows} - {None}:
        own = [
            {**row, "left": row["discharged_on"] or datetime.date.max}
            for row in rows
            if row["person_key"] == person
        ]
        own = [row for row in own if row["left"] >= row["admitted_on"]]
        own.sort(key=lambda r: (r["admitted_on"], r["left"], r["spell_id"]))
        times: list[list[dict[str, Any]]] = []
        for row in own:
            in_a_bed_until = max((r["left"] for time in times for r in time), default=None)
            if in_a_bed_until is not None and in_a_bed_until > row["admitted_on"]:
                times[-1].append(row)
            else:
                times.append([row])
        for time, after in itertools.pairwise(times):
            # Where two end on the same day, the one that began later is the one left by.
            last = max(time, key=lambda r: (r["left"], own.index(r)))
            if after[0]["admission_method"] == "21":
                gap = (after[0]["admitted_on"] - last["left"]).days
                found.append((last["spell_id"], gap))
    return found


@given(stays)
def test_an_emergency_belongs_to_the_last_discharge_before_it(rows: list[dict[str, Any]]) -> None:
    found = prepared(
        "hospital_return", "spell_id, days_to_own_readmission", {"hospital_spell": rows}
    )

    assert found == in_order(returns(rows))
