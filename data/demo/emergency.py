"""Visits to emergency departments: those that end in a bed, and those that do not."""

import numpy as np
import pandas as pd

from data.demo import draws, hospital, months, stories
from data.demo.draws import Dice
from data.demo.places import AGE_BANDS, TEAMS, Team, practice_codes, practice_places, practices

_ADMITTED, _DISCHARGED, _LEFT = 0, 1, 2
_OUTCOMES = np.array(["admitted", "discharged", "left"], dtype=object)
_OUTCOME_WEIGHTS = (0, 93, 7)
_DEPARTMENTS = np.array(["01", "02", "03", "04", "05"], dtype=object)
_DEPARTMENT_WEIGHTS = (900, 25, 45, 30, 0)
_SAME_DAY = 4
_THROUGH_ED = 0  # Admission method 21.

# Visits of 1,000 people in a year that end at home, for each of AGE_BANDS.
_VISITS_A_YEAR = (70, 190, 165, 150, 175, 240, 330)
_SEASON = (990, 985, 1000, 1000, 1015, 1020, 1015, 985, 1000, 1005, 1000, 985)
# Of a thousand visits, how many are somebody who was here earlier in the month.
_AGAIN_PER_MILLE = 90
# Hour of the day, from midnight.
_HOURS = (30, 24, 20, 17, 15, 16, 20, 28, 40, 55, 62, 63, 60, 58, 57, 56, 56, 57, 58, 56, 52, 46,
          40, 34)  # fmt: skip


def ed_attendance_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `ed_attendance` table.

    Whoever was admitted through the department was there on that day. Stays that a hospital no
    longer records as admissions are visits to same-day emergency care.
    """
    parts = [_month(seed, place, team, month) for month in span for place, team in enumerate(TEAMS)]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    admitted = _admitted(seed, span)
    rows = {name: np.concatenate([column, admitted[name]]) for name, column in rows.items()}
    order = np.argsort(rows["day"] * 1440 + rows["minute"], kind="stable")
    rows = {name: column[order] for name, column in rows.items()}
    return pd.DataFrame(
        {
            "attendance_id": draws.written("a", rows["visit"]),
            "person_key": draws.written("p", rows["person"]),
            "practice_code": practice_codes()[rows["practice"]],
            "arrived_at": months.times(rows["day"], rows["minute"]),
            "department_type": _DEPARTMENTS[rows["department"]],
            "outcome": _OUTCOMES[rows["outcome"]],
            "age_band": np.array(AGE_BANDS, dtype=object)[rows["age"]],
        }
    )


def _month(seed: int, place: int, team: Team, month: months.Month) -> dict[str, np.ndarray]:
    rng = draws.stream(seed, "ed_attendance", team.team_id, month)
    factor = team.deprivation * _SEASON[months.calendar_month(month)] * months.days_in(month) * 4
    factor *= stories.MORE_VISITS_TO_ED if stories.seeks(team, month) else 100
    expected = [
        people * rate * factor // (1461 * 100 * 1000 * 100)
        for people, rate in zip(team.people_in(month), _VISITS_A_YEAR, strict=True)
    ]
    size = draws.count(rng, sum(expected), 130)
    person, age = draws.keys(rng, size), draws.pick(rng, expected, size)
    practice = draws.pick(rng, practices(team)[1], size)
    day = np.sort(months.first_day(month) + draws.whole_numbers(rng, months.days_in(month), size))
    again = draws.happens(rng, _AGAIN_PER_MILLE, size)
    # Somebody of the first half of the month.
    earlier = draws.places_within(rng, np.arange(size) // 2)
    for column in (person, age, practice):
        column[again] = column[earlier[again]]
    return {
        "visit": draws.keys(rng, size),
        "person": person,
        "practice": practice_places(np.full(size, place), practice),
        "day": day,
        "minute": draws.pick(rng, _HOURS, size) * 60 + draws.whole_numbers(rng, 60, size),
        "department": draws.pick(rng, _DEPARTMENT_WEIGHTS, size),
        "outcome": draws.pick(rng, _OUTCOME_WEIGHTS, size),
        "age": age,
    }


def _admitted(seed: int, span: range) -> dict[str, np.ndarray]:
    spells = hospital.spells(seed, span)
    begins, ends = months.first_day(span.start), months.first_day(span.stop)
    inside = (spells["admitted"] >= begins) & (spells["admitted"] < ends)
    inside &= (spells["method"] == _THROUGH_ED) | spells["moved"]
    chosen = {name: column[inside] for name, column in spells.items()}
    dice = Dice(chosen["spell"], "ed")
    moved = chosen["moved"]
    return {
        "visit": dice.each(np.ones(len(moved)), "visit").below("id", 1 << 31) * (1 << 28)
        + dice.below("rest", 1 << 28),
        "person": chosen["person"],
        "practice": chosen["practice"],
        "day": chosen["admitted"],
        "minute": dice.pick("hour", _HOURS) * 60 + dice.below("minute", 60),
        "department": np.where(moved, _SAME_DAY, 0),
        "outcome": np.where(moved, _DISCHARGED, _ADMITTED),
        "age": chosen["age"],
    }
