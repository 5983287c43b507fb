from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import days, days_or_none, in_order, numbered, people, prepared

referrals = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": people,
            "source": st.sampled_from(["internal", "internal", "GP"]),
            "received_at": days,
            "closed_on": days_or_none,
            "previous_referral_id": st.sampled_from([None, None, "r00", "r01"]),
        }
    ),
    max_size=5,
).map(lambda rows: numbered("referral_id", rows))
handoffs = st.lists(
    st.fixed_dictionaries(
        {
            "referral_id": st.sampled_from(["r00", "r01"]),
            "kind": st.sampled_from(
                ["onward referral", "internal transfer", "returned", "declined"]
            ),
        }
    ),
    max_size=5,
).map(lambda rows: [{**row, "seq": at} for at, row in enumerate(rows, start=1)])


def came_from(row: dict[str, Any], rows: list[dict[str, Any]]) -> str | None:
    """Say which referral a new one was passed on from."""
    if row["previous_referral_id"] is not None:
        own = row["previous_referral_id"] == row["referral_id"]
        return None if own else row["previous_referral_id"]
    if row["source"] != "internal" or row["person_key"] is None:
        return None
    before = [
        other
        for other in rows
        if other["person_key"] == row["person_key"]
        and other["referral_id"] != row["referral_id"]
        and other["closed_on"] is not None
        and other["received_at"] <= row["received_at"]
        and 0 <= (row["received_at"] - other["closed_on"]).days <= 14
    ]
    # The one closed last; of these the one received last; of these the lowest id.
    before.sort(key=lambda r: r["referral_id"])
    before.sort(key=lambda r: (r["closed_on"], r["received_at"]), reverse=True)
    return before[0]["referral_id"] if before else None


@given(referrals, handoffs)
def test_what_is_written_both_as_a_hand_off_and_as_a_new_referral_counts_once(
    rows: list[dict[str, Any]], passed: list[dict[str, Any]]
) -> None:
    sources = [came_from(row, rows) for row in rows]
    expected = []
    for row in rows:
        if row["closed_on"] is None:
            continue
        own = [h["kind"] for h in passed if h["referral_id"] == row["referral_id"]]
        onward = max(own.count("onward referral"), sources.count(row["referral_id"]))
        moved = own.count("internal transfer") + own.count("returned")
        expected.append((row["referral_id"], onward + moved))

    found = prepared(
        "closed_referral",
        "referral_id, handoffs",
        {"referral": rows, "referral_handoff": passed},
    )

    assert found == in_order(expected)
