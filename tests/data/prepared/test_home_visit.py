import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import in_order, people, prepared

MIDNIGHT = datetime.time(0)
starts = st.builds(
    datetime.datetime.combine,
    st.sampled_from([datetime.date(2024, 3, 5), datetime.date(2024, 3, 6)]),
    st.sampled_from([MIDNIGHT, *(datetime.time(9, minute) for minute in (0, 5, 15, 16, 30))]),
)
visits = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": people,
            "team_id": st.sampled_from(["T1", "T2"]),
            "profession_id": st.sampled_from(["nurse", "social_worker"]),
            "worker_key": st.sampled_from(["w1", "w2", "w3"]),
            "started_at": starts,
            "joint_with_professions": st.sampled_from(["nurse", "social_worker", None]),
            "planned_double_up": st.booleans(),
            "mechanism": st.sampled_from(["face to face home", "face to face home", "telephone"]),
            "attended": st.sampled_from(["5", "5", "3"]),
        }
    ),
    max_size=6,
).map(lambda rows: [{**row, "contact_id": f"c{at}"} for at, row in enumerate(rows)])


def said_joint(row: dict[str, Any]) -> bool:
    return row["joint_with_professions"] not in (None, row["profession_id"])


def is_same_visit(first: dict[str, Any], later: dict[str, Any]) -> bool:
    """Say whether a note is of the visit that an earlier one is of."""
    who = ("worker_key", "profession_id")
    if first["person_key"] is None or first["person_key"] != later["person_key"]:
        return False
    if all(first[name] == later[name] for name in who):
        return False
    begins, again = first["started_at"], later["started_at"]
    if begins.date() != again.date():
        return False
    if begins.time() != MIDNIGHT and again.time() != MIDNIGHT:
        order = (begins, first["contact_id"]) < (again, later["contact_id"])
        return order and again - begins <= datetime.timedelta(minutes=15)
    if again.time() != MIDNIGHT:
        return False
    together = all(said_joint(row) or row["planned_double_up"] for row in (first, later))
    return together and (begins.time() != MIDNIGHT or first["contact_id"] < later["contact_id"])


@given(visits)
def test_a_visit_that_several_people_noted_is_one_and_joint_if_two_professions_made_it(
    rows: list[dict[str, Any]],
) -> None:
    noted = [r for r in rows if r["mechanism"] != "telephone" and r["attended"] == "5"]
    expected = []
    for row in noted:
        if any(is_same_visit(other, row) for other in noted):
            continue
        others = [other for other in noted if is_same_visit(row, other)]
        joint = said_joint(row) or any(
            other["profession_id"] != row["profession_id"] or said_joint(other) for other in others
        )
        expected.append((row["contact_id"], row["team_id"], joint))

    found = prepared("home_visit", "contact_id, team_id, is_joint", {"contact": rows})

    assert found == in_order(expected)


@given(visits)
def test_professions_that_came_by_themselves_are_counted_over_the_whole_day(
    rows: list[dict[str, Any]],
) -> None:
    columns = "person_key, started_at, team_id, profession_id, is_joint, planned_double_up"
    made = [v for v in prepared("home_visit", columns, {"contact": rows}) if v[0] is not None]
    expected = set()
    for person, start, team, *_ in made:
        alone = {
            v[3]
            for v in made
            if (v[0], v[1].date()) == (person, start.date()) and not v[4] and not v[5]
        }
        expected.add((person, start.date(), team, len(alone)))

    found = prepared(
        "visit_day", "person_key, day, team_id, separate_professions", {"contact": rows}
    )

    assert found == sorted(expected)
