"""Questionnaires and the staff pulse. Items have short names and scores of our own.

No text of any published instrument is here: the keys say what an item is about, in our words.
"""

from decimal import Decimal

import numpy as np
import pandas as pd

from data.demo import draws, months, stories
from data.demo.feedback import asked
from data.demo.months import Month
from data.demo.places import TEAMS, Team
from data.demo.stories import TOGETHER, TOGETHER_ONLY_IN_A_ROOM, found, maturity, settled

P3CEQ, INTEGRATE, LOCAL = "P3CEQ", "IntegRATE", "local"
_PERSON, _COORDINATION = "person_centred", "coordination"
_BOTH = f"{_PERSON};{_COORDINATION}"
# Key, scales, usual score in thousandths of a point (0 to 3). Three items count in both scales.
_P3CEQ_ITEMS = (
    ("what_matters", _PERSON, 2150), ("in_decisions", _PERSON, 2150),
    ("whole_person", _PERSON, 2050), ("information", _PERSON, 2150),
    ("joined_up", _BOTH, 1550), ("told_once", _COORDINATION, 1500),
    ("care_plan", _COORDINATION, 1350), ("self_care", _BOTH, 1550),
    ("whom_to_ask", _BOTH, 1600), ("confidence", _PERSON, 1950),
)  # fmt: skip
TOLD_ONCE = "told_once"
_INTEGRATE_ITEMS = ("shared", "agreed", "got_on", "whose_job")
STORY_ONCE = "told_story_once"
_FREQUENCY = np.array(["never", "rarely", "often", "always"], dtype=object)
_STORY_ANSWERS = np.array(["no", "mostly", "yes"], dtype=object)
_MODES = np.array(["post", "face to face", "phone", "online", "tablet"], dtype=object)
_MODE_WEIGHTS = (60, 12, 8, 12, 8)

# Returned in a quarter by a team of 45,000 people, in thousandths.
_P3CEQ_SIZE, _INTEGRATE_SIZE, _LOCAL_SIZE = 24_000, 18_000, 26_000
# How much people differ as a whole, and from item to item, in thousandths of a point.
_BETWEEN_PEOPLE, _BETWEEN_ITEMS = 620, 700
# What teams that work as one score more on each item.
_MATURE_MORE = 150
_FOUND_MORE = 170
_FACE_TO_FACE_MORE = 150
# In a thousand, those who had to tell their story once; fourteen points more where people moved in
# together and it worked.
_ONCE_APART, _ONCE_AS_ONE, _ONCE_TOGETHER = 470, 560, 140

Columns = dict[str, np.ndarray]

PULSE_ITEMS = ("understand_others", "trust_colleagues", "decide_locally")
_PULSE_SIZE = 21_000
# Weights of the answers 1 to 5, where staff are content as usual and where they are not.
_CONTENT, _LESS_CONTENT = (4, 10, 24, 42, 20), (13, 24, 31, 24, 8)


def instrument_item_frame() -> pd.DataFrame:
    """Return the `instrument_item` table: the questions, and how answers make a score."""
    rows = [(P3CEQ, "1", key, scale, 0, 3) for key, scale, _ in _P3CEQ_ITEMS]
    rows += [(INTEGRATE, "1", key, "integration", 0, 4) for key in _INTEGRATE_ITEMS]
    rows += [(LOCAL, "1", STORY_ONCE, "story_once", 0, 2)]
    columns = "instrument version item_key scale min max"
    frame = pd.DataFrame(rows, columns=columns.split())
    return frame.assign(reverse=False, weight=1)


def questionnaire_response_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `questionnaire_response` table: one row for each item that was answered."""
    parts = [
        made
        for month in span
        if month % 3 == 0
        for team in TEAMS
        for made in (
            _p3ceq(seed, team, month), _integrate(seed, team, month), _local(seed, team, month)
        )
    ]  # fmt: skip
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    inside = rows["completed_on"] < months.date64(months.first_day(span.stop))
    frame = pd.DataFrame({name: column[inside] for name, column in rows.items()})
    frame = frame.sort_values(by=["completed_on", "response_id"], kind="stable", ignore_index=True)
    scores = np.array([Decimal(score) for score in range(5)], dtype=object)
    return frame.assign(score=scores[frame["score"].to_numpy()])


def team_pulse_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `team_pulse` table: how many gave each answer, quarter by quarter."""
    rows = []
    for month in span:
        if month % 3:
            continue
        for team in TEAMS:
            rng = draws.stream(seed, "team_pulse", team.team_id, month)
            size = max(8, draws.count(rng, _PULSE_SIZE, 60))
            sad = team.team_id == TOGETHER_ONLY_IN_A_ROOM and month > stories.MOVED_IN
            for item in PULSE_ITEMS:
                given = draws.pick(rng, _LESS_CONTENT if sad else _CONTENT, size)
                for answer, people in enumerate(np.bincount(given, minlength=5).tolist(), start=1):
                    if people:
                        rows.append((team.team_id, months.first_day(month), item, answer, people))
    frame = pd.DataFrame(rows, columns=["team_id", "quarter", "item_key", "answer", "n"])
    return frame.assign(quarter=months.dates(frame["quarter"].to_numpy(np.int64)))


def _returned(
    seed: int, team: Team, month: Month, instrument: str, size: int
) -> tuple[np.random.Generator, Columns]:
    """Return the dice and one row for each questionnaire that came back in a quarter."""
    rng = draws.stream(seed, "questionnaire_response", instrument, team.team_id, month)
    back = draws.count(rng, size * team.people // 45_000, 70)
    days = months.first_day(month + 3) - months.first_day(month)
    return rng, {
        "response_id": np.array(draws.written("v", draws.keys(rng, back)), dtype=object),
        "team_id": np.full(back, team.team_id, dtype=object),
        "completed_on": months.dates(
            months.first_day(month) + draws.whole_numbers(rng, days, back)
        ),
        "instrument": np.full(back, instrument, dtype=object),
        "instrument_version": np.full(back, "1", dtype=object),
        "mode": _MODES[draws.pick(rng, _MODE_WEIGHTS, back)],
    } | asked(rng, back)


def _wobbles(rng: np.random.Generator, deviation: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return whole numbers from a bell around 0: the sum of twelve dice each."""
    rolled = rng.integers(0, 65_536, (*shape, 12), dtype=np.int64).sum(axis=-1) - 6 * 65_535
    return deviation * rolled // 65_536


def _scored(
    rng: np.random.Generator, returned: Columns, usual: np.ndarray, most: int
) -> np.ndarray:
    """Return the scores of each questionnaire (rows) on each item (columns)."""
    size, items = len(returned["mode"]), len(usual)
    level = usual[None, :] + _wobbles(rng, _BETWEEN_PEOPLE, (size, 1))
    level = level + _wobbles(rng, _BETWEEN_ITEMS, (size, items))
    level += _FACE_TO_FACE_MORE * (returned["mode"] == "face to face")[:, None]
    return np.clip((level + 500) // 1000, 0, most)


def _long(
    returned: Columns, keys: tuple[str, ...], scores: np.ndarray, answers: np.ndarray
) -> Columns:
    """Return one row for each questionnaire and item."""
    size = len(returned["mode"])
    return {name: np.repeat(column, len(keys)) for name, column in returned.items()} | {
        "item_key": np.tile(np.array(keys, dtype=object), size),
        "answer_raw": answers.reshape(-1),
        "score": scores.reshape(-1),
    }


def _p3ceq(seed: int, team: Team, month: Month) -> Columns:
    rng, returned = _returned(seed, team, month, P3CEQ, _P3CEQ_SIZE)
    usual = np.array([level for _, _, level in _P3CEQ_ITEMS], dtype=np.int64)
    middle = month + 1
    usual = usual + _MATURE_MORE * maturity(team, middle) // 1000
    usual = usual + _FOUND_MORE * found(team, middle) // 1000
    keys = tuple(key for key, _, _ in _P3CEQ_ITEMS)
    if team.team_id == TOGETHER:
        usual[keys.index(TOLD_ONCE)] += 330 * settled(team, middle) // 1000
    scores = _scored(rng, returned, usual, 3)
    answers = np.array(["0", "1", "2", "3"], dtype=object)[scores]
    # How often people had to repeat themselves: never scores most.
    once = keys.index(TOLD_ONCE)
    answers[:, once] = _FREQUENCY[3 - scores[:, once]]
    return _long(returned, keys, scores, answers)


def _integrate(seed: int, team: Team, month: Month) -> Columns:
    rng, returned = _returned(seed, team, month, INTEGRATE, _INTEGRATE_SIZE)
    usual = np.full(len(_INTEGRATE_ITEMS), 2980 + 200 * maturity(team, month + 1) // 1000)
    scores = _scored(rng, returned, usual, 4)
    answers = np.array(["0", "1", "2", "3", "4"], dtype=object)[scores]
    return _long(returned, _INTEGRATE_ITEMS, scores, answers)


def _local(seed: int, team: Team, month: Month) -> Columns:
    rng, returned = _returned(seed, team, month, LOCAL, _LOCAL_SIZE)
    middle = month + 1
    if team.team_id == TOGETHER:
        once = _ONCE_APART + _ONCE_TOGETHER * settled(team, middle) // 1000
    else:
        once = _ONCE_APART + (_ONCE_AS_ONE - _ONCE_APART) * maturity(team, middle) // 1000
    size = len(returned["mode"])
    # Each takes a turn in the thousand, so that the story is there for every seed: a quarter's
    # share is as near to what it should be as its number of answers allows.
    turn = (np.arange(size) * 1000 + draws.whole_numbers(rng, 1000, size)) // max(size, 1)
    steps = np.cumsum((1000 - once, once * 2 // 5, once - once * 2 // 5))
    scores = np.searchsorted(steps, turn, side="right")
    return _long(returned, (STORY_ONCE,), scores[:, None], _STORY_ANSWERS[scores][:, None])
