"""Referrals to the teams: what was asked, who took it on, and how long people waited."""

from functools import lru_cache

import numpy as np
import pandas as pd

from data.demo import draws, months, stories
from data.demo.draws import Bands, Dice
from data.demo.months import NO_DAY, Month
from data.demo.places import (
    AGE_BANDS,
    TEAMS,
    Team,
    practice_codes,
    practice_places,
    practices,
    serving,
)
from data.demo.stories import DRIFT_MONTHS, drift, drifted

HEALTH, SOCIAL_CARE = 0, 1
_SECTORS = np.array(["health", "social care"], dtype=object)
_PRIORITIES = np.array(["2-hour", "2-day", "urgent", "routine"], dtype=object)
_TWO_HOUR, _ROUTINE = 0, 3
_PRIORITY_WEIGHTS = ((5, 13, 17, 65), (0, 0, 20, 80))

# Days to the first contact (health) or the assessment (social care), by sector and priority.
_WAITS = (
    (
        Bands((0, 0, 97), (1, 1, 3)),
        Bands((0, 0, 35), (1, 1, 40), (2, 2, 18), (3, 5, 7)),
        Bands((0, 1, 15), (2, 4, 35), (5, 7, 30), (8, 14, 20)),
        Bands(
            (0, 2, 11), (3, 5, 15), (6, 9, 15), (10, 13, 15), (14, 18, 13), (19, 25, 11),
            (26, 40, 12), (41, 90, 8),
        ),
    ),
    (
        Bands((0, 0, 1)),
        Bands((0, 0, 1)),
        Bands((0, 1, 10), (2, 5, 32), (6, 10, 36), (11, 20, 22)),
        Bands(
            (0, 8, 5), (9, 16, 9), (17, 24, 15), (25, 32, 22), (33, 42, 20), (43, 56, 16),
            (57, 90, 10), (91, 160, 3),
        ),
    ),
)  # fmt: skip
# A few routine ones fall out of sight; they are most of those who have waited 18 weeks.
_LOST_PER_MILLE = 9
_LOST_WAIT = Bands((91, 180, 20), (181, 364, 45), (365, 540, 35))

# Days from first contact or assessment to closing, by sector.
_UNDER_WAY = (
    Bands((0, 0, 20), (1, 7, 25), (8, 21, 25), (22, 42, 17), (43, 84, 10), (85, 180, 3)),
    Bands((0, 5, 22), (6, 14, 30), (15, 28, 26), (29, 56, 17), (57, 120, 5)),
)
# Open at the start of the first month: a lost one, then its longest time under way.
_LONGEST_OPEN_MONTHS = 24

# What closed this many days before the first month may have led to care in it.
_JUST_CLOSED = 120

# How much of the wait goes by before somebody is assigned, in percent of it: as usual, by sector,
# and in the mix that a team drifts into when there are too few to assign.
_TO_ALLOCATE = (
    Bands((0, 0, 68), (1, 20, 19), (21, 60, 9), (61, 100, 4)),
    Bands((0, 0, 52), (1, 20, 20), (21, 60, 18), (61, 100, 10)),
)
_SLOW_TO_ALLOCATE = Bands((0, 0, 8), (1, 20, 12), (21, 60, 35), (61, 100, 45))
_SLOW_PER_MILLE = 860
# The struggling team's waits at the end of its drift, in percent of those before.
_DRIFTED_WAIT = 320
# The struggling team assessed quickly before: its waits in percent of the city's usual ones.
_QUICK_ASSESSMENTS = 36
# Parked on a list that is nobody.
_DUTY_DESK = "DUTY"
_DUTY_PER_MILLE = 30
_WORKERS = 26

# Closed before anybody saw them: after triage, with advice, or because they no longer want it.
_UNSEEN_PER_MILLE = 70
_UNSEEN_DAYS = Bands((0, 1, 30), (2, 6, 45), (7, 14, 25))
# The same person again for the same reason, within 90 days of being closed.
_REPEATS_PER_MILLE = 125

# Of a thousand requests to social care, how many are asked whether health is busy with the person
# too; about half of them are.
_SHARED_PER_MILLE = 550
# The list that is cleared: how many routine requests in a thousand lie for half a year; within how
# many days the old ones are dealt with; how long everybody else then waits for their turn; and how
# many in a thousand are closed after a letter.
_LIES_PER_MILLE = 105
_OLDEST, _OLD_DAYS = 180, 50
_YOUNG, _IN_TURN, _LAST_IN_TURN = 10, 19, 4
_WITHOUT_PER_MILLE = 300
# A named coordinator is recorded for this many in a thousand; the most joined-up teams have more.
_COORDINATOR_PER_MILLE, _MORE_COORDINATORS = 420, 180
_COORDINATOR_ONLINE_PER_MILLE = 720

_WEEKS = ((17, 16, 16, 16, 17, 10, 8), (21, 20, 20, 19, 18, 1, 1))
# Hour of the day, from midnight.
_HOURS = (1, 0, 0, 0, 0, 1, 2, 6, 22, 40, 44, 40, 30, 32, 36, 36, 30, 20, 10, 6, 4, 3, 2, 1)
_AGES = (0, 3, 9, 18, 19, 29, 22)

_SOURCES = np.array(
    ["GP", "hospital discharge", "self", "carer/family", "ambulance", "internal", "other LA",
     "voluntary"],
    dtype=object,
)  # fmt: skip
_SOURCE_WEIGHTS = ((46, 26, 6, 4, 5, 12, 0, 1), (14, 24, 18, 22, 3, 12, 3, 4))
REASONS = np.array(
    ["wound/skin", "medication", "mobility/falls", "long-term condition", "end of life",
     "care needs", "carer", "safeguarding", "equipment", "mental health", "other"],
    dtype=object,
)  # fmt: skip
_REASON_WEIGHTS = ((27, 16, 18, 19, 6, 3, 0, 1, 4, 2, 4), (0, 1, 13, 4, 2, 44, 9, 9, 10, 4, 4))
OUTCOMES = np.array(
    ["Progress to reablement/ST-Max", "Progress to assessment, review or reassessment",
     "Progress to support planning or services", "Continuation of support or services",
     "Admitted to hospital", "NFA: Information and advice or signposting",
     "NFA: Support declined", "NFA: Support ended as planned",
     "NFA: Support ended for other reason", "NFA: Deceased", "NFA: Other"],
    dtype=object,
)  # fmt: skip
_SEEN_OUTCOMES = ((3, 2, 6, 12, 6, 8, 3, 50, 4, 4, 2), (16, 12, 30, 14, 3, 10, 4, 5, 2, 3, 1))
ADVICE, DECEASED, _OTHER = 5, 9, 10
_UNSEEN_OUTCOMES = (0, 0, 0, 0, 8, 52, 22, 0, 4, 6, 8)

Arrays = dict[str, np.ndarray]


def referral_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `referral` table: received in these months, or open when the first one began.

    What comes after the last month is not known yet and is blank.
    """
    return _frame(seed, sent(referrals(seed, span)), months.first_day(span.stop))


def sent(rows: Arrays) -> Arrays:
    """Return the referrals that are in the table, of those that others are made from."""
    return {name: column[rows["sent"]] for name, column in rows.items()}


@lru_cache(maxsize=2)
def referrals(seed: int, span: range) -> Arrays:
    """Return the same referrals as arrays, with all that ever came of them.

    Other tables are made from these; nothing may be written into them. Those closed in the months
    before are there too, though not `sent`: care that began in these months may come of them.
    `home` is the place in `TEAMS` of the team whose practice it was in April 2023, `team` that of
    the team that received it.
    """
    begins = months.first_day(span.start)
    kept: list[Arrays] = []
    for place, team in enumerate(TEAMS):
        earlier: list[Arrays] = []
        for month in range(span.start - _LONGEST_OPEN_MONTHS - 2, span.stop):
            own = _month(seed, team, month)
            received = _with_repeats(own, earlier[0], month) if len(earlier) == 2 else own
            earlier = [*earlier[-1:], own]
            if month < span.start:
                still_open = received["closed"] >= begins - _JUST_CLOSED
                received = {name: column[still_open] for name, column in received.items()}
            kept.append(received | {"home": np.full(len(received["closed"]), place)})
    rows = {name: np.concatenate([part[name] for part in kept]) for name in kept[0]}
    order = np.argsort(rows["received"] * 1440 + rows["minute"], kind="stable")
    rows = {name: column[order] for name, column in rows.items()}
    rows["team"] = serving(rows["home"], rows["practice"], rows["received"])
    rows["sent"] = rows["closed"] >= begins
    _given_to_the_duty_desk(rows, span)
    rows["at_home"] = rows["practice"]
    rows["practice"] = practice_places(rows["home"], rows["practice"])
    for column in rows.values():
        column.flags.writeable = False
    return rows


def _given_to_the_duty_desk(rows: Arrays, span: range) -> None:
    """Give one team's unallocated cases, and a few that somebody had, to a name that is nobody."""
    month = stories.DUTY_MONTH
    if not span.start <= month < span.stop:
        return
    begins, ends = months.first_day(month), months.first_day(month + 1)
    team = [team.team_id for team in TEAMS].index(stories.DUTY_TEAM)
    here = (rows["team"] == team) & (rows["received"] < ends) & (rows["closed"] >= ends)
    nobodys = here & ((rows["allocated"] == NO_DAY) | (rows["allocated"] >= ends))
    # A few that somebody had, and who are not seen yet, go the same way.
    named = here & ~nobodys & (rows["allocated"] >= begins) & (rows["worker"] >= 0)
    named = np.flatnonzero(named & ((rows["seen"] == NO_DAY) | (rows["seen"] >= ends)))
    dice = Dice(rows["referral"], "duty")
    named = named[np.argsort(dice.below("whose", 1 << 31)[named], kind="stable")]
    missing = max(0, stories.DUTY_CASES - int(nobodys.sum()))
    given = np.concatenate([np.flatnonzero(nobodys), named[:missing]])
    day = np.maximum(ends - 1 - dice.below("when", 7), rows["received"])
    rows["allocated"][given] = day[given]
    rows["worker"][given] = -1


def _month(seed: int, team: Team, month: Month) -> Arrays:
    """Return what a team received in a month, with all that ever came of it."""
    rng = draws.stream(seed, "referral", team.team_id, month)
    more = stories.MORE_REFERRALS if stories.seeks(team, month) else 100
    # Referrals do not follow the seasons much; they follow the days there are.
    sizes = [
        draws.count(rng, expected * more * 10 * months.days_in(month) * 48 // 1461)
        for expected in team.referrals
    ]
    parts = [_sector(rng, team, month, sector, size) for sector, size in enumerate(sizes)]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return _cleared(_known_to_both(rows), team, month)


def _sector(rng: np.random.Generator, team: Team, month: Month, sector: int, size: int) -> Arrays:
    days = np.arange(months.first_day(month), months.first_day(month + 1))
    by_day = np.array(_WEEKS[sector])[months.weekday(days)].tolist()
    received = days[draws.pick(rng, by_day, size)]
    priority = draws.pick(rng, _PRIORITY_WEIGHTS[sector], size)
    wait = _waits(rng, team, month, sector, priority)
    seen_on = received + wait
    if sector == SOCIAL_CARE:
        # Assessments are not made at weekends.
        seen_on += np.maximum(0, 7 - months.weekday(seen_on)) * (months.weekday(seen_on) >= 5)
    unseen = draws.happens(rng, _UNSEEN_PER_MILLE, size) & (priority != _TWO_HOUR)
    closed = np.where(
        unseen,
        received + _UNSEEN_DAYS.draw(rng, size),
        seen_on + _UNDER_WAY[sector].draw(rng, size),
    )
    slow = draws.happens(rng, _SLOW_PER_MILLE * drift(team, month) // DRIFT_MONTHS, size)
    share = np.where(slow, _SLOW_TO_ALLOCATE.draw(rng, size), _TO_ALLOCATE[sector].draw(rng, size))
    accepted = received + np.minimum(draws.pick(rng, (80, 15, 5), size), wait)
    # One in three of those closed unseen had not been accepted at all.
    declined = unseen & draws.happens(rng, 333, size)
    return {
        "person": draws.keys(rng, size),
        "referral": draws.keys(rng, size),
        "practice": draws.pick(rng, practices(team)[1], size),
        "age": draws.pick(rng, _AGES, size),
        "sector": np.full(size, sector),
        "source": draws.pick(rng, _SOURCE_WEIGHTS[sector], size),
        "reason": draws.pick(rng, _REASON_WEIGHTS[sector], size),
        "priority": priority,
        "received": received,
        "minute": draws.pick(rng, _HOURS, size) * 60 + draws.whole_numbers(rng, 60, size),
        "accepted": np.where(declined, NO_DAY, np.minimum(accepted, closed)),
        "allocated": np.where(unseen, NO_DAY, received + wait * share // 100),
        "seen": np.where(unseen, NO_DAY, seen_on),
        "closed": closed,
        # -1: the duty desk.
        "worker": np.where(
            draws.happens(rng, _DUTY_PER_MILLE, size), -1, draws.whole_numbers(rng, _WORKERS, size)
        ),
        "outcome": np.where(
            unseen,
            draws.pick(rng, _UNSEEN_OUTCOMES, size),
            draws.pick(rng, _SEEN_OUTCOMES[sector], size),
        ),
        "repeat": draws.happens(rng, _repeats(team, month), size),
    }


def _repeats(team: Team, month: Month) -> int:
    """Return how many in a thousand are somebody coming back."""
    after = month - stories.CLEARED_FROM
    more = team.team_id == stories.CLEARING_TEAM and after > stories.CLEARING_MONTHS
    return _REPEATS_PER_MILLE + (stories.MORE_REPEATS_PER_MILLE if more else 0)


def _known_to_both(rows: Arrays) -> Arrays:
    """Return a month's referrals, some for social care of people that health is busy with.

    Nobody comes back dead: whoever is here twice, or comes back later, does not die of it.
    """
    rows = dict(rows)
    died = rows["outcome"] == DECEASED
    rows["outcome"] = np.where(died & rows["repeat"], _OTHER, rows["outcome"])
    free = ~rows["repeat"] & ~died
    dice = Dice(rows["referral"], "known to both")
    shuffled = np.argsort(dice.below("in which order", 1 << 31), kind="stable")
    free &= dice.happens("at all", _SHARED_PER_MILLE) | (rows["sector"] == HEALTH)
    theirs, ours = (
        shuffled[(free & (rows["sector"] == sector))[shuffled]] for sector in (HEALTH, SOCIAL_CARE)
    )
    pairs = min(len(theirs), len(ours))
    theirs, ours = theirs[:pairs], ours[:pairs]
    meets = (rows["received"][theirs] <= rows["received"][ours]) & (
        rows["received"][ours] <= rows["closed"][theirs]
    )
    for name in ("person", "age", "practice"):
        rows[name] = rows[name].copy()
        rows[name][ours[meets]] = rows[name][theirs[meets]]
    rows["shared"] = np.zeros(len(died), dtype=bool)
    rows["shared"][ours[meets]] = rows["shared"][theirs[meets]] = True
    return rows


def _cleared(rows: Arrays, team: Team, month: Month) -> Arrays:
    """Return a month's referrals; where the list is cleared some lie, then are dealt with."""
    if team.team_id != stories.CLEARING_TEAM:
        return rows
    rows = dict(rows)
    dice = Dice(rows["referral"], "clearing the list")
    begins = months.first_day(stories.CLEARED_FROM)
    ends = months.first_day(stories.CLEARED_FROM + stories.CLEARING_MONTHS)
    received = rows["received"]
    routine = (rows["seen"] != NO_DAY) & (rows["priority"] == _ROUTINE)
    lies = routine & dice.happens("lies", _LIES_PER_MILLE)
    lies &= stories.LIES_FROM <= month < stories.CLEARED_FROM
    waits = routine & (lies | (rows["seen"] >= begins))
    old = waits & (received < begins - _YOUNG)
    young = waits & ~old & (received < ends - _LAST_IN_TURN)
    # Whoever has waited longest first, then everybody in their turn.
    turn = (received - begins + _OLDEST) * _OLD_DAYS // _OLDEST
    turn = begins + np.clip(turn - 6 + dice.below("turn", 13), 0, _OLD_DAYS)
    dealt = np.where(young, received + _IN_TURN + dice.below("in turn", 9), turn)
    weekend = np.maximum(0, months.weekday(dealt) - 4)
    dealt = dealt - weekend
    without = (old | young) & dice.happens("without contact", _WITHOUT_PER_MILLE)
    letter = np.where(young, received + 1 + dice.below("letter", 6), dealt)
    under_way = rows["closed"] - rows["seen"]
    letter = np.where(young, rows["received"] + 1 + dice.below("letter", 6), dealt)
    rows["seen"] = np.where(without, NO_DAY, np.where(old | young, dealt, rows["seen"]))
    rows["closed"] = np.where(
        without, letter, np.where(old | young, dealt + under_way, rows["closed"])
    )
    rows["outcome"] = np.where(without, ADVICE, rows["outcome"])
    late = without & (rows["allocated"] > letter)
    rows["allocated"] = np.where(late, NO_DAY, rows["allocated"])
    seen = (old | young) & ~without
    rows["allocated"] = np.where(
        seen, np.minimum(rows["allocated"], rows["seen"]), rows["allocated"]
    )
    rows["accepted"] = np.where(
        rows["accepted"] == NO_DAY, NO_DAY, np.minimum(rows["accepted"], rows["closed"])
    )
    return rows


def _waits(
    rng: np.random.Generator, team: Team, month: Month, sector: int, priority: np.ndarray
) -> np.ndarray:
    """Return days to the first contact or assessment."""
    size = len(priority)
    drawn = np.stack([bands.draw(rng, size) for bands in _WAITS[sector]])
    wait = drawn[priority, np.arange(size)]
    usual = team.pace
    if sector == SOCIAL_CARE and team.team_id == stories.STRUGGLING_TEAM:
        usual = _QUICK_ASSESSMENTS
    pace = usual * drifted(100, _DRIFTED_WAIT, team, month)
    # Stretching 12 days by 3.1 would give every wait the same remainder: the remainder is drawn.
    stretched = (wait * pace + draws.whole_numbers(rng, 10_000, size)) // 10_000
    wait = np.where(priority >= _ROUTINE - 1, stretched, wait)
    lost = (priority == _ROUTINE) & draws.happens(rng, _LOST_PER_MILLE, size)
    return np.where(lost, _LOST_WAIT.draw(rng, size), wait)


def _with_repeats(own: Arrays, two_before: Arrays, month: Month) -> Arrays:
    """Return the month's referrals, some of them of people closed one or two months ago.

    Only the month itself and the one two before are looked at, as they were drawn: so a month's
    rows are the same whatever came earlier.
    """
    able = np.flatnonzero(
        (two_before["closed"] < months.first_day(month))
        & ~two_before["repeat"]
        & (two_before["outcome"] != DECEASED)
    )
    back = np.flatnonzero(own["repeat"])[: len(able)]
    # The referrals' own keys, drawn already, shuffle those who may come back.
    chosen = able[np.argsort(two_before["referral"][able], kind="stable")][: len(back)]
    rows = dict(own)
    for name in ("person", "age", "practice", "reason"):
        rows[name] = own[name].copy()
        rows[name][back] = two_before[name][chosen]
    return rows


def _frame(seed: int, rows: Arrays, ends: int) -> pd.DataFrame:
    def known(name: str) -> np.ndarray:
        return np.where(rows[name] < ends, rows[name], NO_DAY)

    health = rows["sector"] == HEALTH
    allocated, closed = known("allocated"), known("closed")
    return pd.DataFrame(
        {
            "referral_id": draws.written("r", rows["referral"]),
            "person_key": draws.written("p", rows["person"]),
            "practice_code": practice_codes()[rows["practice"]],
            "age_band": np.array(AGE_BANDS, dtype=object)[rows["age"]],
            "sector": _SECTORS[rows["sector"]],
            "team_id": np.array([team.team_id for team in TEAMS], dtype=object)[rows["team"]],
            "source": _SOURCES[rows["source"]],
            "reason_group": REASONS[rows["reason"]],
            "priority": _PRIORITIES[rows["priority"]],
            "received_at": months.times(rows["received"], rows["minute"]),
            "accepted_on": months.dates(known("accepted")),
            "allocated_on": months.dates(allocated),
            "first_contact_on": months.dates(np.where(health, known("seen"), NO_DAY)),
            "assessed_on": months.dates(np.where(health, NO_DAY, known("seen"))),
            "closed_on": months.dates(closed),
            "allocated_to_key": draws.blank(
                workers(seed)[rows["team"], rows["worker"]], allocated != NO_DAY
            ),
            "coordinator_recorded": _coordinated(rows),
            "outcome": pd.Series(OUTCOMES[rows["outcome"]]).where(closed != NO_DAY),
        }
    )


def workers(seed: int) -> np.ndarray:
    """Return each team's workers as keys, by its place in `TEAMS`; the last is the duty desk."""
    return np.array(
        [
            [*draws.written("w", draws.keys(draws.stream(seed, "worker", team.team_id), _WORKERS)),
             _DUTY_DESK]
            for team in TEAMS
        ],
        dtype=object,
    )  # fmt: skip


def _coordinated(rows: Arrays) -> np.ndarray:
    month = months.months_of(rows["received"])
    per_mille = (
        _COORDINATOR_PER_MILLE
        + _MORE_COORDINATORS * stories.maturities(rows["team"], month) // 1000
    )
    names = [team.team_id for team in TEAMS]
    online = (rows["team"] == names.index(stories.ONLINE_TEAM)) & (month >= stories.ONLINE_FROM)
    per_mille = np.where(online, _COORDINATOR_ONLINE_PER_MILLE, per_mille)
    return Dice(rows["referral"], "coordinator").happens("recorded", per_mille)
