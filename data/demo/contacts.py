"""Contacts: visits, clinics and calls, made from the referrals that they belong to."""

import numpy as np
import pandas as pd

from data.demo import draws, months, stories
from data.demo.draws import Dice
from data.demo.months import NO_DAY
from data.demo.places import TEAMS
from data.demo.referrals import HEALTH, SOCIAL_CARE, Arrays, referrals, workers

# Visits after the first one: how many days in a thousand there is one, for a referral of each kind
# (wounds and injections; usual; now and then; hardly ever), and how common each is, by sector.
_PACE = np.array([900, 520, 240, 60])
_PACE_WEIGHTS = ((27, 33, 28, 12), (8, 22, 42, 28))
_MOST_VISITS = 60

_PROFESSIONS = np.array(
    ["district_nurse", "community_nurse", "active_case_manager", "occupational_therapist",
     "physiotherapist", "social_worker", "social_care_assessor", "reablement_worker"],
    dtype=object,
)  # fmt: skip
_LEAD_WEIGHTS = ((33, 38, 9, 10, 10, 0, 0, 0), (0, 0, 0, 10, 0, 44, 30, 16))
_SECOND_WEIGHTS = ((0, 0, 20, 30, 25, 15, 0, 10), (20, 20, 10, 30, 10, 5, 5, 0))
# Of a thousand referrals, those in which a second profession takes part, and of its contacts those
# that the second one makes.
_SECOND_PER_MILLE, _BY_SECOND_PER_MILLE = 300, 350

_MECHANISMS = np.array(
    ["face to face home", "face to face clinic", "telephone", "video", "other"], dtype=object
)
_HOME = 0
_MECHANISM_WEIGHTS = ((64, 12, 20, 2, 2), (48, 3, 43, 5, 1))
_ATTENDED = np.array(["5", "6", "7", "2", "3", "4"], dtype=object)
_ATTENDED_WEIGHTS = (890, 35, 5, 28, 27, 15)
_TOO_LATE, _BY_PERSON, _BY_PROVIDER = 2, 3, 5

# Of a thousand home visits: those made together with somebody else, in teams that work apart and
# in those that work as one; those with another, separate visit of a different profession on the
# same day; and those for which two were planned from the start.
_JOINT_PER_MILLE, _JOINT_WHEN_MATURE = 11, 45
_SEPARATE_PER_MILLE, _SEPARATE_WHEN_MATURE = 66, 38
_PLANNED_TWO_PER_MILLE = 22
# Of joint visits, those that both workers recorded: in two systems, a few minutes apart.
_RECORDED_TWICE_PER_MILLE = 300

_PROACTIVE_PER_MILLE, _PROACTIVE_WHEN_SEEKING = 30, 190
_FIRST_MINUTE, _LAST_MINUTE = 8 * 60, 17 * 60 + 45
# A two-hour request: how many in a thousand are answered within two hours.
_IN_TIME_PER_MILLE = 785
_TWO_HOUR = 0
# Somebody with an open case has a visit booked; so have some of those who wait.
_BOOKED_PER_MILLE, _WAITING_BOOKED_PER_MILLE = 720, 380


def contact_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `contact` table: contacts of these months, then those booked for later.

    Of the weeks in which the community system of one locality was down, only what was typed in
    afterwards is here.
    """
    rows = referrals(seed, span)
    begins, ends = months.first_day(span.start), months.first_day(span.stop)
    made = _kept(_with_others(rows, _visits(rows, begins, ends)), rows)
    order = np.argsort(made["day"] * 1440 + made["minute"], kind="stable")
    made = {name: column[order] for name, column in made.items()}
    booked = _booked(rows, ends)
    return _frame(seed, rows, {name: np.concatenate([made[name], booked[name]]) for name in made})


def _visits(rows: Arrays, begins: int, ends: int) -> Arrays:
    """Return contacts as arrays; `of` is the place of the referral each belongs to."""
    seen = np.flatnonzero((rows["seen"] != NO_DAY) & (rows["closed"] >= begins))
    seen = seen[rows["seen"][seen] < ends]
    dice = Dice(rows["referral"][seen], "contact")
    health = rows["sector"][seen] == HEALTH
    pace = np.where(
        health,
        _PACE[dice.pick("pace", _PACE_WEIGHTS[HEALTH])],
        _PACE[dice.pick("pace", _PACE_WEIGHTS[SOCIAL_CARE])],
    )
    days = rows["closed"][seen] - rows["seen"][seen]
    more = np.minimum((days * pace + 500) // 1000, np.minimum(days, _MOST_VISITS))
    first = np.cumsum(more + 1) - (more + 1)
    at = np.repeat(np.arange(len(seen)), more + 1)
    number = np.arange(len(at)) - first[at]
    each = dice.each(np.zeros(len(seen)), "each")
    each = Dice(each.keys[at] + number.astype(np.uint64) * np.uint64(0x632BE59BD9B4E019), "one")
    # Visits are spread over the days there are, at most one a day.
    count = np.maximum(more[at], 1)
    start = np.maximum(number - 1, 0) * days[at] // count
    width = np.maximum(number, 1) * days[at] // count - start
    day = rows["seen"][seen][at] + np.where(
        number == 0, 0, 1 + start + each.below("day", np.maximum(width, 1))
    )
    # Social care does not work at weekends: the visit is on the Friday before.
    weekend = np.maximum(0, months.weekday(day) - 4) * ~health[at]
    day = np.maximum(day - weekend, rows["seen"][seen][at])
    inside = (day >= begins) & (day < ends)
    at, number, day = at[inside], number[inside], day[inside]
    each.keys = each.keys[inside]
    return _described(rows, seen[at], number, day, each)


def _described(
    rows: Arrays, of: np.ndarray, number: np.ndarray, day: np.ndarray, each: Dice
) -> Arrays:
    size = len(of)
    whole = Dice(rows["referral"], "contacts of one referral")
    health = rows["sector"] == HEALTH
    lead, second = (
        np.where(health, whole.pick(name, weights[HEALTH]), whole.pick(name, weights[SOCIAL_CARE]))
        for name, weights in (("lead", _LEAD_WEIGHTS), ("second", _SECOND_WEIGHTS))
    )
    second = np.where(second == lead, (lead + 3) % len(_PROFESSIONS), second)
    two = whole.happens("two", _SECOND_PER_MILLE)
    by_second = two[of] & each.happens("by second", _BY_SECOND_PER_MILLE) & (number > 0)
    mechanism = np.where(
        health[of],
        each.pick("mechanism", _MECHANISM_WEIGHTS[HEALTH]),
        each.pick("mechanism", _MECHANISM_WEIGHTS[SOCIAL_CARE]),
    )
    minute = _FIRST_MINUTE + each.below("minute", (_LAST_MINUTE - _FIRST_MINUTE) // 5) * 5
    first, same_day = number == 0, day == rows["received"][of]
    urgent = first & (rows["priority"][of] == _TWO_HOUR)
    within = np.where(
        each.happens("in time", _IN_TIME_PER_MILLE),
        15 + each.below("minutes", 100),
        125 + each.below("minutes", 240),
    )
    received = rows["minute"][of]
    minute = np.where(urgent & same_day, received + within, minute)
    minute = np.where(same_day & ~urgent, np.maximum(minute, received + 20), minute)
    attended = np.where(first, 0, each.pick("attended", _ATTENDED_WEIGHTS))
    seeks = _seeking(rows["team"][of], months.months_of(day))
    return {
        "key": each.keys,
        "of": of,
        "day": day,
        # Whoever is called after ten at night is seen before midnight, as far as the record goes.
        "minute": np.minimum(minute, 1439),
        "profession": np.where(by_second, second[of], lead[of]),
        "other": np.where(by_second, lead[of], second[of]),
        "shift": np.where(by_second, 9, 0),
        "mechanism": mechanism,
        "attended": attended,
        "joint": np.zeros(size, dtype=bool),
        "two_planned": (mechanism == _HOME) & each.happens("two planned", _PLANNED_TWO_PER_MILLE),
        "proactive": each.happens(
            "proactive", np.where(seeks, _PROACTIVE_WHEN_SEEKING, _PROACTIVE_PER_MILLE)
        ),
        "number": number,
        "booked": np.zeros(size, dtype=bool),
    }


def _seeking(team: np.ndarray, month: np.ndarray) -> np.ndarray:
    place = [one.team_id for one in TEAMS].index(stories.SEEKING_TEAM)
    first, last = int(month.min(initial=0)), int(month.max(initial=0))
    seeks = np.array([stories.seeks(TEAMS[place], each) for each in range(first, last + 1)])
    return (team == place) & seeks[month - first]


def _with_others(rows: Arrays, visits: Arrays) -> Arrays:
    """Return the contacts with those that another profession made on the same day."""
    dice = Dice(visits["key"], "with others")
    mature = stories.maturities(rows["team"][visits["of"]], months.months_of(visits["day"]))
    joint_per_mille, separate_per_mille = (
        apart + (as_one - apart) * mature // 1000
        for apart, as_one in (
            (_JOINT_PER_MILLE, _JOINT_WHEN_MATURE),
            (_SEPARATE_PER_MILLE, _SEPARATE_WHEN_MATURE),
        )
    )
    at_home = (visits["mechanism"] == _HOME) & (visits["attended"] <= 1)
    visits["joint"] = at_home & dice.happens("joint", joint_per_mille)
    separate = at_home & ~visits["joint"] & dice.happens("separate", separate_per_mille)
    twice = visits["joint"] & dice.happens("twice", _RECORDED_TWICE_PER_MILLE)
    again = np.flatnonzero(twice | separate)
    more = {name: column[again] for name, column in visits.items()}
    other = Dice(more["key"], "the other one")
    more["key"] = other.keys
    more["profession"], more["other"] = more["other"], more["profession"]
    more["shift"] = more["shift"] + 5
    # Nobody comes before they were asked to.
    asked_today = more["day"] == rows["received"][more["of"]]
    early = (more["minute"] < 12 * 60 + 30) | asked_today
    later = np.where(early, 1, -1) * (75 + other.below("hours", 150))
    more["minute"] = more["minute"] + np.where(twice[again], other.below("minutes", 12), later)
    more["minute"] = np.clip(more["minute"], 0, 1439)
    more["two_planned"] = more["two_planned"] & twice[again]
    more["number"] = np.ones(len(again), dtype=np.int64)
    return {name: np.concatenate([column, more[name]]) for name, column in visits.items()}


def _kept(visits: Arrays, rows: Arrays) -> Arrays:
    """Return the contacts without those that nobody typed in after the outage."""
    of = visits["of"]
    there = [team.locality_id == stories.OUTAGE_LOCALITY for team in TEAMS]
    down = np.array(there)[rows["team"][of]]
    down &= (visits["day"] >= stories.OUTAGE_BEGINS) & (visits["day"] < stories.OUTAGE_ENDS)
    long_wait = (visits["number"] == 0) & (
        rows["seen"][of] - rows["received"][of] > stories.LONG_WAIT
    )
    typed_in = Dice(visits["key"], "outage").happens(
        "typed in",
        np.where(
            long_wait, stories.TYPED_IN_AFTER_A_LONG_WAIT_PER_MILLE, stories.TYPED_IN_PER_MILLE
        ),
    )
    return {name: column[~down | typed_in] for name, column in visits.items()}


def _booked(rows: Arrays, ends: int) -> Arrays:
    """Return what is booked for after the last month, for cases that are open then."""
    still_open = np.flatnonzero((rows["closed"] >= ends) & (rows["received"] < ends))
    dice = Dice(rows["referral"][still_open], "booked")
    waits = (rows["seen"][still_open] == NO_DAY) | (rows["seen"][still_open] >= ends)
    has_one = dice.happens("at all", np.where(waits, _WAITING_BOOKED_PER_MILLE, _BOOKED_PER_MILLE))
    of = still_open[has_one]
    ahead = Dice(rows["referral"][of], "booked ahead")
    day = ends + ahead.below("day", 28)
    day += np.maximum(0, 7 - months.weekday(day)) * (months.weekday(day) >= 5)
    found = _described(rows, of, np.ones(len(of), dtype=np.int64), day, ahead)
    return found | {"booked": np.ones(len(of), dtype=bool)}


def _frame(seed: int, rows: Arrays, visits: Arrays) -> pd.DataFrame:
    of = visits["of"]
    of_referral, of_contact = rows["referral"], visits["key"] >> np.uint64(4)
    cancelled = np.isin(visits["attended"], (_BY_PERSON, _BY_PROVIDER))
    begun = ~visits["booked"] & ~cancelled
    when = months.times(visits["day"], visits["minute"])
    never = np.datetime64("NaT", "s")
    seen = begun & (visits["attended"] <= 1)
    teams = [team.team_id for team in TEAMS]
    team = rows["team"][of]
    every = workers(seed)
    desks = every.shape[1] - 1
    lead = np.where(rows["worker"] >= 0, rows["worker"], rows["minute"] % desks)
    who = (lead[of] + visits["shift"]) % desks
    length = Dice(visits["key"], "length").below("minutes", 11) * 5 + 10
    joint = np.where(visits["joint"], visits["other"], -1)
    attended = np.where(visits["booked"], -1, visits["attended"])
    return pd.DataFrame(
        {
            "contact_id": draws.written("c", of_contact),
            "person_key": _chosen(draws.written("p", rows["person"]), of),
            "referral_id": _chosen(draws.written("r", of_referral), of),
            "team_id": pd.Categorical.from_codes(team, teams),
            "profession_id": pd.Categorical.from_codes(visits["profession"], _PROFESSIONS),
            "worker_key": pd.Categorical.from_codes(
                team * desks + who, every[:, :-1].reshape(-1).tolist()
            ),
            "booked_on": np.where(begun, never, when),
            "started_at": np.where(begun, when, never),
            "duration_min": pd.Series(length, dtype="Int64").where(pd.Series(seen)),
            "mechanism": pd.Categorical.from_codes(visits["mechanism"], _MECHANISMS),
            "attended": pd.Categorical.from_codes(attended, _ATTENDED),
            "joint_with_professions": pd.Categorical.from_codes(joint, _PROFESSIONS),
            "planned_double_up": visits["two_planned"],
            "proactive": visits["proactive"],
        }
    )


def _chosen(texts: list[str], places: np.ndarray) -> np.ndarray:
    return np.array(texts, dtype=object)[places]
