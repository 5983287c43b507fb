from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import day, prepared

THINGS = (
    "summary_received",
    "medicines_listed",
    "reason_and_plan",
    "equipment_and_care_confirmed",
    "named_contact",
    "family_told",
)
answers = st.fixed_dictionaries(
    {name: st.sampled_from(["yes", "no", "not applicable"]) for name in THINGS}
)


@given(answers)
def test_what_does_not_apply_lacks_nothing_and_where_nothing_applies_nothing_is_known(
    said: dict[str, Any],
) -> None:
    row = {**said, "discharge_id": "d1", "team_id": "T1", "discharged_on": day("5")}
    missing = list(said.values()).count("no")
    nothing_applies = set(said.values()) == {"not applicable"}

    found = prepared("discharge_handover", "items_met, is_complete", {"discharge_handover": [row]})

    assert found == [(None, None) if nothing_applies else (6 - missing, missing == 0)]
