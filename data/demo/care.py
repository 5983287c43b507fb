"""Social care as the council records it: assessments, services and reviews."""

import numpy as np
import pandas as pd

from data.demo import draws, hospital, months, referrals
from data.demo.draws import Bands, Dice, blank
from data.demo.months import NO_DAY
from data.demo.places import (
    AGE_BANDS,
    TEAMS,
    Team,
    practice_codes,
    practice_places,
    practices,
    serving,
)
from data.demo.referrals import DECEASED, OUTCOMES, SOCIAL_CARE, Arrays

_REABLEMENT, _SUPPORT, _CONTINUES, _HOSPITAL, _AS_PLANNED = 0, 2, 3, 4, 7
_SUPPORT_REASONS = np.array(
    ["Physical support", "Sensory support", "Support with memory and cognition",
     "Learning disability support", "Mental health support", "Social support", "Unknown"],
    dtype=object,
)  # fmt: skip
_SUPPORT_WEIGHTS = (62, 3, 14, 6, 8, 5, 2)

_ASSESSMENT_TYPES = np.array(["Short term", "Long term", "unpaid carer"], dtype=object)
_ASSESSMENT_WEIGHTS = (16, 74, 10)
# Days from the first conversation to the end of an assessment.
_ASSESSING = Bands((0, 0, 20), (1, 3, 30), (4, 9, 30), (10, 18, 20))
_WITH_NEEDS = (_REABLEMENT, _SUPPORT, _CONTINUES)

_TYPES = np.array(
    ["Long term support: Community", "Long term support: Residential care",
     "Long term support: Nursing care", "Short term support: ST-Max",
     "Short term support: Ongoing low level", "Unpaid carer support"],
    dtype=object,
)  # fmt: skip
_COMMUNITY, _RESIDENTIAL, _NURSING, _ST_MAX, _LOW_LEVEL, _CARER = range(6)
_COMPONENTS = np.array(
    ["home support", "residential care", "nursing care", "reablement", "equipment",
     "support for a carer"],
    dtype=object,
)  # fmt: skip

# Starts in a month for 10,000 people of 65 and over, in thousandths: care at home, residential and
# nursing care, low-level support, support for a carer. New moves into care homes are then 580 for
# 100,000 in a year.
_STARTS = ((_COMMUNITY, 16_000), (_RESIDENTIAL, 3_900), (_NURSING, 2_450), (_LOW_LEVEL, 4_500),
           (_CARER, 4_500))  # fmt: skip
_RUNS = {
    _COMMUNITY: Bands((20, 180, 14), (181, 540, 20), (541, 1200, 26), (1201, 3000, 40)),
    _RESIDENTIAL: Bands((10, 120, 16), (121, 500, 26), (501, 1100, 32), (1101, 2400, 26)),
    _NURSING: Bands((5, 90, 24), (91, 300, 30), (301, 800, 30), (801, 1700, 16)),
    _LOW_LEVEL: Bands((14, 90, 50), (91, 365, 50)),
    _CARER: Bands((60, 365, 50), (366, 1200, 50)),
}
_LONGEST_RUN_MONTHS = 100
_OLDER = 4
_AGES = (0, 4, 8, 14, 16, 30, 28)
_DIES_PER_MILLE = {_COMMUNITY: 420, _RESIDENTIAL: 900, _NURSING: 960, _LOW_LEVEL: 60, _CARER: 20}

# Reablement: of a thousand people of 65 and over who go home after a night or more in hospital,
# those it is started for; how long it lasts; what comes of it.
_AFTER_HOSPITAL_PER_MILLE = 285
_REABLING = Bands((5, 13, 14), (14, 27, 33), (28, 41, 38), (42, 48, 15))
_SEQUELS = (0, 0, 17, 4, 0, 4, 3, 66, 5, 0, 1)
_DIES_IN_REABLEMENT_PER_MILLE = 22
_CARE_FOLLOWS_PER_MILLE = 700
# Within a year it has ended, or become what is counted among the starts above.
_FOLLOWING = Bands((20, 90, 30), (91, 200, 40), (201, 350, 30))

# A year after the start, and each year after that, a review is due: how many in a thousand are
# held, when, and how many more come of a crisis.
_REVIEWED_PER_MILLE, _CRISIS_PER_MILLE = 560, 100
_REVIEW_LATE = Bands((0, 30, 40), (31, 60, 30), (61, 120, 20), (121, 240, 10))
_YEAR = 365
_MOST_YEARS = 9
_LONG_TERM = (_COMMUNITY, _RESIDENTIAL, _NURSING)


def assessment_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `assessment` table: those begun for requests of `referral`."""
    rows = referrals.sent(referrals.referrals(seed, span))
    ends = months.first_day(span.stop)
    assessed = (rows["sector"] == SOCIAL_CARE) & (rows["seen"] != NO_DAY)
    rows = {name: column[assessed] for name, column in rows.items()}
    dice = Dice(rows["referral"], "assessment")
    started = np.maximum(rows["seen"] - _ASSESSING.thrown(dice, "how long"), rows["received"])
    begun = started < ends
    rows = {name: column[begun] for name, column in rows.items()}
    dice, started = Dice(rows["referral"], "assessment"), started[begun]
    done = rows["seen"] < ends
    needs = np.isin(rows["outcome"], _WITH_NEEDS)
    return _sorted(
        pd.DataFrame(
            {
                "assessment_id": draws.written("e", (dice.keys >> np.uint64(4))),
                "person_key": draws.written("p", rows["person"]),
                "age_band": np.array(AGE_BANDS, dtype=object)[rows["age"]],
                "practice_code": practice_codes()[rows["practice"]],
                "team_id": _team_ids(rows["team"]),
                "type": _ASSESSMENT_TYPES[dice.pick("type", _ASSESSMENT_WEIGHTS)],
                "started_on": months.dates(started),
                "ended_on": months.dates(np.where(done, rows["seen"], NO_DAY)),
                "outcome": blank(OUTCOMES[rows["outcome"]], done),
                "primary_support_reason": _SUPPORT_REASONS[dice.pick("why", _SUPPORT_WEIGHTS)],
                "eligible_needs": pd.Series(needs, dtype="boolean").where(pd.Series(done)),
                "referral_id": draws.written("r", rows["referral"]),
            }
        ),
        "started_on",
    )


def service_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `service` table: services that ran in these months, also those begun before."""
    ends = months.first_day(span.stop)
    rows = _services(seed, span)
    over = rows["ended"] < ends
    died = over & rows["died"]
    ended = months.dates(np.where(over, rows["ended"], NO_DAY))
    return _sorted(
        pd.DataFrame(
            {
                "service_id": draws.written("e", rows["service"]),
                "person_key": draws.written("p", rows["person"]),
                "age_band": np.array(AGE_BANDS, dtype=object)[rows["age"]],
                "practice_code": practice_codes()[rows["practice"]],
                "team_id": _team_ids(rows["team"]),
                "type": _TYPES[rows["type"]],
                "started_on": months.dates(rows["started"]),
                "ended_on": ended,
                "outcome": blank(OUTCOMES[rows["outcome"]], over),
                "primary_support_reason": _SUPPORT_REASONS[
                    Dice(rows["service"], "why").pick("why", _SUPPORT_WEIGHTS)
                ],
                "service_component": _COMPONENTS[rows["type"]],
                "died_on": np.where(died, ended, np.datetime64("NaT", "s")),
            }
        ),
        "started_on",
    )


def review_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `review` table: reviews of long-term support, from a year before the months."""
    begins, ends = months.first_day(span.start) - _YEAR, months.first_day(span.stop)
    services = _services(seed, span)
    lasting = np.isin(services["type"], _LONG_TERM)
    lasting &= services["ended"] - services["started"] > _YEAR
    services = {name: column[lasting] for name, column in services.items()}
    parts = []
    for year in range(1, _MOST_YEARS):
        dice = Dice(services["service"], "review", year)
        due = services["started"] + _YEAR * year
        for kind, per_mille, day in (
            (0, _REVIEWED_PER_MILLE, due + _REVIEW_LATE.thrown(dice, "planned")),
            (1, _CRISIS_PER_MILLE, due - 1 - dice.below("crisis", _YEAR)),
        ):
            held = dice.happens(f"held {kind}", per_mille)
            held &= (day >= begins) & (day < np.minimum(ends, services["ended"]))
            parts.append(
                {name: services[name][held] for name in ("person", "age", "practice", "home")}
                | {
                    "at_home": services["at_home"][held],
                    "key": (dice.keys[held] >> np.uint64(4)) + np.uint64(kind),
                    "kind": np.full(int(held.sum()), kind),
                    "day": day[held],
                    "due": due[held],
                }
            )
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    dice = Dice(rows["key"], "review")
    over = np.minimum(rows["day"] + dice.below("how long", 8), ends)
    done = over < ends
    changed = np.where(dice.happens("changed", 240), _SUPPORT, _CONTINUES)
    return _sorted(
        pd.DataFrame(
            {
                "review_id": draws.written("e", rows["key"]),
                "person_key": draws.written("p", rows["person"]),
                "age_band": np.array(AGE_BANDS, dtype=object)[rows["age"]],
                "practice_code": practice_codes()[rows["practice"]],
                "team_id": _team_ids(serving(rows["home"], rows["at_home"], rows["day"])),
                "type": np.array(["planned", "unplanned"], dtype=object)[rows["kind"]],
                "started_on": months.dates(rows["day"]),
                "ended_on": months.dates(np.where(done, over, NO_DAY)),
                "outcome": blank(OUTCOMES[changed], done),
                "primary_support_reason": _SUPPORT_REASONS[dice.pick("why", _SUPPORT_WEIGHTS)],
                "due_on": months.dates(np.where(rows["kind"] == 0, rows["due"], NO_DAY)),
            }
        ),
        "started_on",
    )


def _services(seed: int, span: range) -> Arrays:
    """Return services as arrays, with all that comes of them."""
    begins, ends = months.first_day(span.start), months.first_day(span.stop)
    parts = [
        _starts(seed, place, team, month)
        for month in range(span.start - _LONGEST_RUN_MONTHS, span.stop)
        for place, team in enumerate(TEAMS)
    ]
    reablement = _reablement(seed, span)
    parts += [reablement, _care_that_follows(reablement)]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rows["team"] = serving(rows["home"], rows["at_home"], rows["started"])
    rows["practice"] = practice_places(rows["home"], rows["at_home"])
    there = (rows["ended"] >= begins) & (rows["started"] < ends)
    return {name: column[there] for name, column in rows.items()}


def _starts(seed: int, place: int, team: Team, month: months.Month) -> Arrays:
    rng = draws.stream(seed, "service", team.team_id, month)
    older = sum(team.people_in(month)[_OLDER:])
    sizes = [draws.count(rng, rate * older // 10_000) for _, rate in _STARTS]
    kind = np.repeat([kind for kind, _ in _STARTS], sizes)
    size = len(kind)
    runs = np.concatenate(
        [_RUNS[of].draw(rng, number) for (of, _), number in zip(_STARTS, sizes, strict=True)]
    )
    started = months.first_day(month) + draws.whole_numbers(rng, months.days_in(month), size)
    dies = np.array([_DIES_PER_MILLE[of] for of in kind.tolist()], dtype=np.int64)
    died = draws.whole_numbers(rng, 1000, size) < dies
    return {
        "service": draws.keys(rng, size),
        "person": draws.keys(rng, size),
        "home": np.full(size, place),
        "at_home": draws.pick(rng, practices(team)[1], size),
        "age": draws.pick(rng, _AGES, size),
        "type": kind,
        "started": started,
        "ended": started + runs,
        "outcome": np.where(died, DECEASED, _AS_PLANNED),
        "died": died,
    }


def _reablement(seed: int, span: range) -> Arrays:
    """Return reablement after hospital, and where a request led to it."""
    spells = hospital.spells(seed, span)
    again = _next_admission(spells)
    went_home = (
        (spells["age"] >= _OLDER)
        & (spells["discharged"] > spells["admitted"])
        & (spells["destination"] == hospital.HOME)
        & (spells["method"] < hospital.EMERGENCY_METHODS)
        & ~spells["moved"]
    )
    dice = Dice(spells["spell"], "reablement")
    chosen = went_home & dice.happens("at all", _AFTER_HOSPITAL_PER_MILLE)
    asked = referrals.referrals(seed, span)
    led = (asked["sector"] == SOCIAL_CARE) & (asked["outcome"] == _REABLEMENT)
    led &= asked["seen"] != NO_DAY
    dice = Dice(
        np.concatenate([spells["spell"][chosen], asked["referral"][led]]), "reablement runs"
    )
    before = int(chosen.sum())
    never = np.full(int(led.sum()), np.iinfo(np.int64).max)
    back = np.concatenate([again[chosen], never])
    came_from = np.concatenate([spells["discharged"][chosen], asked["closed"][led]])
    started = came_from + dice.below("after", 3)
    started = np.where(started > back, came_from, started)
    ended = started + _REABLING.thrown(dice, "runs")
    interrupted = back <= ended
    died = ~interrupted & (back == np.iinfo(np.int64).max)
    died &= (np.arange(len(died)) < before) & dice.happens("dies", _DIES_IN_REABLEMENT_PER_MILLE)
    outcome = np.where(interrupted, _HOSPITAL, dice.pick("sequel", _SEQUELS))
    return {
        "service": (dice.keys >> np.uint64(4)).astype(np.int64),
        "person": np.concatenate([spells["person"][chosen], asked["person"][led]]),
        "home": np.concatenate([spells["home"][chosen], asked["home"][led]]),
        "at_home": np.concatenate([spells["practice_at_home"][chosen], asked["at_home"][led]]),
        "age": np.concatenate([spells["age"][chosen], asked["age"][led]]),
        "type": np.full(len(died), _ST_MAX),
        "started": started,
        "ended": np.where(interrupted, np.minimum(back, ended), ended),
        "outcome": np.where(died, DECEASED, outcome),
        "died": died,
    }


def _next_admission(spells: Arrays) -> np.ndarray:
    """Return for each spell the day of the same person's next one, or one far ahead."""
    order = np.lexsort((spells["discharged"], spells["admitted"], spells["person"]))
    person, admitted = spells["person"][order], spells["admitted"][order]
    following = np.full(len(order), np.iinfo(np.int64).max)
    same = person[1:] == person[:-1]
    following[:-1][same] = admitted[1:][same]
    found = np.empty_like(following)
    found[order] = following
    return found


def _care_that_follows(reablement: Arrays) -> Arrays:
    """Return the care at home that comes after reablement, for those who go on needing it."""
    dice = Dice(reablement["service"], "care follows")
    goes_on = np.isin(reablement["outcome"], (_SUPPORT, _CONTINUES))
    goes_on &= dice.happens("at all", _CARE_FOLLOWS_PER_MILLE)
    rows = {name: column[goes_on] for name, column in reablement.items()}
    dice = Dice(rows["service"], "care that follows")
    started = rows["ended"] + 1 + dice.below("after", 10)
    size = len(started)
    return rows | {
        "service": (dice.keys >> np.uint64(4)).astype(np.int64),
        "type": np.full(size, _COMMUNITY),
        "started": started,
        "ended": started + _FOLLOWING.thrown(dice, "runs"),
        "outcome": np.full(size, _AS_PLANNED),
        "died": np.zeros(size, dtype=bool),
    }


def _team_ids(team: np.ndarray) -> np.ndarray:
    return np.array([one.team_id for one in TEAMS], dtype=object)[team]


def _sorted(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    return frame.sort_values(by, kind="stable", ignore_index=True)
