"""Hospital spells: who was admitted when, how, for how long and where they went."""

from functools import lru_cache

import numpy as np
import pandas as pd

from data.demo import draws, months, stories
from data.demo.draws import Bands, Dice
from data.demo.months import NO_DAY, Month
from data.demo.places import (
    AGE_BANDS,
    NORTHGATE,
    ROYAL,
    SEXES,
    TEAMS,
    Team,
    practice_codes,
    practice_places,
    practices,
)
from data.demo.stories import MOVED_PER_MILLE, RECORDING_CHANGE, STRUGGLING_TEAM, drifted

# Emergency admissions of 1,000 people in a year, for each of AGE_BANDS.
_EMERGENCIES_A_YEAR = (26, 55, 55, 80, 180, 330, 560)
_ADULT = 1

# January to December, in thousandths of the year's average. The struggling team's winter is
# milder, so that winter does not hide what its autumn showed.
_SEASON = (1060, 1020, 1000, 990, 985, 985, 980, 960, 985, 1000, 1010, 1060)
_MILD_SEASON = (1020, 1007, 1000, 997, 995, 995, 993, 987, 995, 1000, 1003, 1020)
# The variance of a month's emergencies in percent of independent events'. The struggling team is
# steadier than chance: its story must be there for every seed, not for the lucky ones.
_SPREAD, _STEADY_SPREAD = 130, 20
_ADMISSIONS_LEFT = 880

# Monday to Sunday.
_EMERGENCY_WEEK = (118, 104, 101, 100, 102, 88, 87)
_PLANNED_WEEK = (22, 22, 21, 20, 14, 1, 0)

_CHILD_EMERGENCY, _PLANNED, _MATERNITY = 1, 2, 3
_EMERGENCY_METHODS = ("21", "22", "23", "24", "25", "28", "2A", "2B", "2D")
_EMERGENCY_METHOD_WEIGHTS = (700, 90, 15, 40, 5, 40, 60, 20, 30)
_PLANNED_METHODS = ("11", "12", "13")
_PLANNED_METHOD_WEIGHTS = (60, 25, 15)
_MATERNITY_METHODS = ("31", "32")
_MATERNITY_METHOD_WEIGHTS = (80, 20)
EMERGENCY_METHODS = len(_EMERGENCY_METHODS)
_METHODS = np.array(_EMERGENCY_METHODS + _PLANNED_METHODS + _MATERNITY_METHODS, dtype=object)

# A third are home the same day. Of those who stay a night: mean 8.6 days, middle 4 to 5, and
# 33% / 15% / 8% stay 7, 14 and 21 days. The middle of all stays falls between 2 and 3 days.
_EMERGENCY_STAY = Bands(
    (0, 0, 330), (1, 1, 87), (2, 2, 83), (3, 3, 82), (4, 4, 72), (5, 5, 67), (6, 6, 53),
    (7, 13, 126), (14, 20, 47), (21, 34, 27), (35, 55, 15), (56, 90, 9), (91, 120, 2),
)  # fmt: skip
_CHILD_STAY = Bands((0, 0, 380), (1, 1, 220), (2, 2, 110), (3, 5, 210), (6, 14, 80))
_PLANNED_STAY = Bands((0, 0, 760), (1, 1, 90), (2, 4, 100), (5, 10, 42), (11, 30, 8))
_MATERNITY_STAY = Bands((0, 0, 15), (1, 1, 45), (2, 3, 32), (4, 6, 8))
_LONGEST_STAY_MONTHS = 5

# Longer stays lean to older people: a band's weight plus a number below 100, and the longest stay
# goes to the highest sum.
_AGE_LEAN = np.array([0, 0, 0, 2, 5, 7, 9])
_ADULT_PLANNED_AGES = (0, 6, 24, 36, 18, 13, 3)
_MATERNITY_AGES = (0, 22, 76, 2, 0, 0, 0)

HOME, _DIED = 0, 3
_DESTINATIONS = np.array(["19", "29", "51", "79", "54", "87", "88"], dtype=object)
_EMERGENCY_DESTINATION_WEIGHTS = (916, 8, 12, 36, 20, 4, 4)

# Of 1,000 adult emergencies, how many are somebody coming back within 30 days of a discharge.
_RETURNS_PER_MILLE = 200
_RETURN_DAYS = 30

# Of a thousand adults' emergencies, those for a long-term condition, and of those of people of 65
# and over, those after a fall.
_OLD = 4
_FALLS_PER_MILLE, _CHRONIC_PER_MILLE = 76, 92
# Hepatitis B, diabetes, anaemia, dementia, epilepsy, heart failure, angina, high blood pressure,
# atrial fibrillation, lung disease and asthma; the commoner ones are there more than once.
_CHRONIC = np.array(
    ["B181", "E101", "E116", "E119", "D509", "F03X", "G409", "I500", "I501", "I509", "I209",
     "I10X", "I48X", "I489", "J440", "J441", "J440", "J441", "J459", "J450"],
    dtype=object,
)  # fmt: skip
_INJURIES = np.array(["S720", "S721", "S525", "S099", "S010", "S324", "S423"], dtype=object)
_FALLS = np.array(["W010", "W180", "W190", "W060", "W100", "W199"], dtype=object)
_OTHERS = np.array(
    ["J189", "N390", "R074", "R55X", "L031", "K529", "A419", "R104", "I639", "K802", "R410",
     "J22X", "N179", "R060", "M545"],
    dtype=object,
)  # fmt: skip
_CHILDRENS = np.array(["J219", "J069", "B349", "R509", "A099"], dtype=object)
_PLANNED_CODES = np.array(["H269", "M170", "K409", "K635", "C509", "N40X"], dtype=object)
_BIRTHS = np.array(["O800", "O700", "O820"], dtype=object)
# Where the day on which people are ready is recorded, in thousandths: Northgate, the Royal.
_READY_RECORDED_PER_MILLE = 680, 900
_LATE_PER_MILLE = 158
_DAYS_LATE = Bands((1, 2, 12), (3, 6, 20), (7, 14, 33), (15, 50, 35))

Arrays = dict[str, np.ndarray]


def hospital_spell_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `hospital_spell` table: admissions in these months, and who was in on day one.

    A stay that ends after the last month has no end yet.
    """
    begins, ends = months.first_day(span.start), months.first_day(span.stop)
    rows = spells(seed, span)
    counted = ~rows["moved"] & (rows["admitted"] < ends)
    counted &= (rows["admitted"] >= begins) | (rows["discharged"] >= begins)
    return _frame({name: column[counted] for name, column in rows.items()}, ends)


@lru_cache(maxsize=2)
def spells(seed: int, span: range) -> Arrays:
    """Return spells as arrays, with all that comes of them, from before the months to after.

    Other tables are made from these; nothing may be written into them. The two months after the
    last are there for what has to be known ahead: who comes back, and who dies. `home` is the
    place in `TEAMS` of the team whose practice it was in April 2023; `moved` are stays that the
    hospital no longer records as admissions.
    """
    kept: list[Arrays] = []
    for place, team in enumerate(TEAMS):
        before = None
        for month in range(span.start - _LONGEST_STAY_MONTHS - 1, span.stop + 2):
            own = _month(seed, team, month)
            rows = own if before is None else _with_returns(own, before)
            before = own
            kept.append(rows | {"home": np.full(len(rows["person"]), place)})
    rows = {name: np.concatenate([part[name] for part in kept]) for name in kept[0]}
    order = np.argsort(rows["admitted"], kind="stable")
    rows = {name: column[order] for name, column in rows.items()}
    rows["practice_at_home"] = rows["practice"]
    rows["practice"] = practice_places(rows["home"], rows["practice"])
    for column in rows.values():
        column.flags.writeable = False
    return rows


def _month(seed: int, team: Team, month: Month) -> Arrays:
    """Return a team's admissions in a month, before anybody is known to be back."""
    rng = draws.stream(seed, "hospital_spell", team.team_id, month)
    emergencies = _emergencies_expected(team, month)
    adults = sum(emergencies[_ADULT:])
    steady = team.team_id == STRUGGLING_TEAM
    sizes = (
        draws.count(rng, adults, _STEADY_SPREAD if steady else _SPREAD),
        draws.count(rng, emergencies[0]),
        draws.count(rng, adults * 18 // 100),
        draws.count(rng, adults // 60),
    )
    parts = (
        _adult_emergencies(rng, emergencies, sizes[0]),
        _others(rng, _CHILD_STAY, (1, 0, 0, 0, 0, 0, 0), sizes[1]),
        _others(rng, _PLANNED_STAY, _ADULT_PLANNED_AGES, sizes[2]),
        _others(rng, _MATERNITY_STAY, _MATERNITY_AGES, sizes[3]),
    )
    kind = np.repeat(np.arange(4), sizes)
    stay, age = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    size = len(stay)
    emergency = kind <= _CHILD_EMERGENCY
    planned = kind == _PLANNED

    admitted = np.where(
        planned,
        _days(rng, month, _PLANNED_WEEK, size),
        _days(rng, month, _EMERGENCY_WEEK, size),
    )
    method = np.where(
        emergency,
        draws.pick(rng, _EMERGENCY_METHOD_WEIGHTS, size),
        np.where(
            planned,
            len(_EMERGENCY_METHODS) + draws.pick(rng, _PLANNED_METHOD_WEIGHTS, size),
            len(_EMERGENCY_METHODS + _PLANNED_METHODS)
            + draws.pick(rng, _MATERNITY_METHOD_WEIGHTS, size),
        ),
    )
    grown = emergency & (age >= _ADULT)
    destination = np.where(grown, draws.pick(rng, _EMERGENCY_DESTINATION_WEIGHTS, size), HOME)
    northgate = draws.happens(rng, team.northgate, size)
    back = grown & draws.happens(rng, _RETURNS_PER_MILLE, size)
    moved = northgate & grown & (stay == 0) & draws.happens(rng, MOVED_PER_MILLE, size)
    return {
        "person": draws.keys(rng, size),
        "spell": draws.keys(rng, size),
        "practice": draws.pick(rng, practices(team)[1], size),
        "age": age,
        # Six women to five men; only women in maternity.
        "woman": np.where(kind == _MATERNITY, 1, draws.pick(rng, (5, 6), size)),
        "northgate": northgate,
        "admitted": admitted,
        "discharged": admitted + stay,
        "method": method,
        "day_case": planned & (stay == 0),
        "destination": destination,
        "moved": moved & (month >= RECORDING_CHANGE),
        "back": back,
        # A discharge is followed by at most one return, so that nobody is in two beds at once:
        # half of those who leave may return this month, half the next.
        "may_return": ~back & (age >= _ADULT) & (kind != _MATERNITY) & (destination != _DIED),
        "returns_next_month": draws.happens(rng, 500, size),
    }


def _emergencies_expected(team: Team, month: Month) -> list[int]:
    """Return the emergencies to expect by age band, in thousandths."""
    season = _MILD_SEASON if team.team_id == STRUGGLING_TEAM else _SEASON
    factor = team.deprivation * season[months.calendar_month(month)]
    factor *= drifted(1000, _ADMISSIONS_LEFT, team, month) * months.days_in(month) * 4
    factor *= stories.MORE_ADMISSIONS if stories.seeks(team, month) else 100
    # A year has 1461 / 4 days; deprivation and what a story adds are in percent, season and drift
    # in thousandths.
    return [
        people * rate * factor // (1461 * 100 * 1000 * 1000 * 100)
        for people, rate in zip(team.people_in(month), _EMERGENCIES_A_YEAR, strict=True)
    ]


def _adult_emergencies(
    rng: np.random.Generator, expected: list[int], size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return stays and ages, the longer stays leaning to the older people."""
    stay = np.sort(_EMERGENCY_STAY.draw(rng, size), kind="stable")
    age = _ADULT + draws.pick(rng, expected[_ADULT:], size)
    lean = np.argsort(_AGE_LEAN[age] + draws.whole_numbers(rng, 100, size), kind="stable")
    return stay, age[lean]


def _others(
    rng: np.random.Generator, stays: Bands, ages: tuple[int, ...], size: int
) -> tuple[np.ndarray, np.ndarray]:
    return stays.draw(rng, size), draws.pick(rng, ages, size)


def _days(rng: np.random.Generator, month: Month, week: tuple[int, ...], size: int) -> np.ndarray:
    """Return days of the month, each as likely as its day of the week."""
    days = np.arange(months.first_day(month), months.first_day(month + 1))
    weights = np.array(week)[months.weekday(days)]
    return days[draws.pick(rng, weights.tolist(), size)]


def _with_returns(own: Arrays, before: Arrays) -> Arrays:
    """Return the month's spells, some of them of people who left a bed in the last 30 days.

    Only this month and the one before are looked at, as they were drawn: so a month's rows are the
    same whatever came earlier.
    """
    sources = (
        (before, before["may_return"] & before["returns_next_month"]),
        (own, own["may_return"] & ~own["returns_next_month"]),
    )

    def left(name: str) -> np.ndarray:
        return np.concatenate([spells[name][able] for spells, able in sources])

    order = np.argsort(left("discharged"), kind="stable")
    discharged = left("discharged")[order]
    back = np.flatnonzero(own["back"])
    admitted = own["admitted"][back]
    oldest = np.searchsorted(discharged, admitted - _RETURN_DAYS + 1, side="left")
    newest = np.searchsorted(discharged, admitted, side="left")
    # The spell's own key, drawn already, serves as the dice.
    widths = newest - oldest
    chosen = oldest + own["person"][back] % np.maximum(widths, 1)
    back, chosen = back[widths > 0], chosen[widths > 0]
    chosen, first = np.unique(chosen, return_index=True)
    back = back[first]
    spells = dict(own)
    for name in ("person", "age", "woman", "practice"):
        spells[name] = own[name].copy()
        spells[name][back] = left(name)[order][chosen]
    return spells


def _frame(spells: Arrays, ends: int) -> pd.DataFrame:
    out = spells["discharged"] < ends
    died = spells["destination"] == _DIED
    diagnosis, cause = _diagnoses(spells)
    ready = _ready(spells)
    return pd.DataFrame(
        {
            "spell_id": draws.written("s", spells["spell"]),
            "person_key": draws.written("p", spells["person"]),
            "practice_code": practice_codes()[spells["practice"]],
            "provider_code": np.where(spells["northgate"], NORTHGATE, ROYAL),
            "admitted_on": months.dates(spells["admitted"]),
            "discharged_on": months.dates(np.where(out, spells["discharged"], NO_DAY)),
            "discharge_ready_on": months.dates(np.where(ready < ends, ready, NO_DAY)),
            "admission_method": _METHODS[spells["method"]],
            "patient_classification": np.where(spells["day_case"], "2", "1"),
            "discharge_destination": np.where(out, _DESTINATIONS[spells["destination"]], "98"),
            "discharge_method": np.where(out, np.where(died, "4", "1"), "8"),
            "primary_icd10": diagnosis,
            "external_cause_icd10": cause,
            "age_band": np.array(AGE_BANDS, dtype=object)[spells["age"]],
            "sex": np.array(SEXES, dtype=object)[spells["woman"]],
        }
    )


def _diagnoses(spells: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """Return main diagnosis and external cause; who is still in has none yet."""
    dice = Dice(spells["spell"], "diagnosis")
    emergency = spells["method"] < len(_EMERGENCY_METHODS)
    grown = emergency & (spells["age"] >= _ADULT)
    old = grown & (spells["age"] >= _OLD)
    fell = old & dice.happens("fell", _FALLS_PER_MILLE)
    chronic = grown & ~fell & dice.happens("long-term condition", _CHRONIC_PER_MILLE)
    groups = (
        (spells["method"] >= len(_EMERGENCY_METHODS + _PLANNED_METHODS), _BIRTHS),
        (~emergency, _PLANNED_CODES),
        (fell, _INJURIES),
        (chronic, _CHRONIC),
        (emergency & ~grown, _CHILDRENS),
    )
    diagnosis = _OTHERS[dice.pick("other", [1] * len(_OTHERS))]
    for chosen, codes in reversed(groups):
        diagnosis = np.where(chosen, codes[dice.pick("which", [1] * len(codes))], diagnosis)
    cause = draws.blank(_FALLS[dice.pick("how", [1] * len(_FALLS))], fell)
    return diagnosis, cause


def _ready(spells: Arrays) -> np.ndarray:
    """Return the day on which a person was ready to leave, where the hospital recorded it."""
    dice = Dice(spells["spell"], "ready")
    stay = spells["discharged"] - spells["admitted"]
    recorded = np.where(spells["northgate"], *_READY_RECORDED_PER_MILLE)
    known = dice.happens("recorded", recorded) & (stay >= 1)
    known &= (spells["destination"] != _DIED) & (spells["method"] < len(_EMERGENCY_METHODS))
    late = np.where(dice.happens("late", _LATE_PER_MILLE), _DAYS_LATE.thrown(dice, "how late"), 0)
    late = np.minimum(late, np.maximum(stay - 1, 0))
    return np.where(known, spells["discharged"] - late, NO_DAY)
