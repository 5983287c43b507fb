"""How the parts work together: hand-offs, handovers, requests for information, signposting."""

import numpy as np
import pandas as pd

from data.demo import draws, hospital, months, referrals, stories
from data.demo.draws import Bands, Dice
from data.demo.months import NO_DAY, Month
from data.demo.places import NORTHGATE, ROYAL, TEAMS, Team, serving
from data.demo.referrals import HEALTH, Arrays
from data.demo.stories import TOGETHER, found, maturity, settled

_TEAM_IDS = np.array([team.team_id for team in TEAMS], dtype=object)

# Of a thousand referrals, those passed on once or more, twice or more and three times: where teams
# work apart (0.95 times on average) and where they work as one (0.58 times).
_PASSED_ON_APART, _PASSED_ON_AS_ONE = (728, 182, 40), (455, 103, 22)
_KINDS = np.array(["onward referral", "internal transfer", "returned", "declined"], dtype=object)
_KIND_WEIGHTS = (50, 42, 5, 3)
_ELSEWHERE = np.array(
    ["hospital outpatients", "community mental health team", "specialist nursing", "hospice"],
    dtype=object,
)
_PROFESSIONS = np.array(
    ["district_nurse", "community_nurse", "occupational_therapist", "physiotherapist",
     "social_worker", "social_care_assessor", "mental_health"],
    dtype=object,
)  # fmt: skip
_FROM_WEIGHTS = ((36, 34, 12, 12, 2, 2, 2), (2, 2, 14, 2, 44, 34, 2))
_TO_WEIGHTS = ((16, 10, 22, 16, 18, 10, 8), (26, 14, 26, 6, 14, 6, 8))

# Discharges that a team looks at, of a thousand adults who leave after a night or more, and in
# how many of a thousand of these each of the six things was there.
_LOOKED_AT_PER_MILLE = 190
ITEMS = ("summary_received", "medicines_listed", "reason_and_plan",
         "equipment_and_care_confirmed", "named_contact", "family_told")  # fmt: skip
_THERE_PER_MILLE = (955, 965, 950, 940, 570, 945)
_CONTACT = ITEMS.index("named_contact")
_CONTACT_BEFORE_PER_MILLE, _CONTACT_AFTER_PER_MILLE = 620, 380
_FOUND_PER_MILLE = 180
_NOT_APPLICABLE_PER_MILLE = {"equipment_and_care_confirmed": 40, "family_told": 50}
_LOOKED_AT_AFTER = Bands((0, 1, 30), (2, 4, 45), (5, 10, 25))
_SAMPLES = np.array(["all", "random", "convenience"], dtype=object)

# Requests for information in a month, by the number of people; of a thousand those refused, in
# teams that work apart and as one, and in the team whose people move in together.
_REQUESTS_FOR_45_000 = 46
_REFUSED_APART, _REFUSED_AS_ONE = 180, 110
_REFUSED_BEFORE, _REFUSED_TOGETHER = 180, 70
_NO_ANSWER_PER_MILLE, _PART_PER_MILLE = 45, 90
_ANSWERED = Bands((0, 0, 24), (1, 1, 24), (2, 2, 20), (3, 5, 18), (6, 14, 12), (15, 30, 2))
_ASKED_OF = np.array(
    ["acute", "GP", "mental health", "council", "community health", "police/fire", "care provider"],
    dtype=object,
)
_ASKED_OF_WEIGHTS = (30, 24, 14, 12, 8, 3, 9)
_ABOUT = np.array(
    ["assessment copy", "capacity assessment", "medication", "risk", "care plan", "other"],
    dtype=object,
)
_ABOUT_WEIGHTS = (22, 10, 26, 12, 24, 6)
_GIVEN, _PART_GIVEN, _REFUSED, _NO_ANSWER = range(4)
_RESULTS = np.array(["given", "part given", "refused", "no answer"], dtype=object)
_REASONS = np.array(
    ["confidentiality", "no agreement", "no access", "not held", "other"], dtype=object
)
_REASON_WEIGHTS = (46, 22, 18, 8, 6)
_LATE_AFTER_WORKING_DAYS = 2

# Of a thousand closed after advice, and of a thousand others that were seen, those signposted.
_ADVISED_PER_MILLE, _OTHERS_PER_MILLE, _FOUND_OTHERS_PER_MILLE = 880, 175, 100
_CONFIRMED_PER_MILLE, _STARTED_PER_MILLE, _FOUND_STARTED_PER_MILLE = 400, 600, 120
_CONFIRMED_AFTER = Bands((7, 14, 40), (15, 27, 40), (28, 56, 20))
_OFFERS = np.array(
    ["voluntary group", "benefits advice", "exercise or falls class", "carer support", "housing",
     "equipment", "self-care information", "other"],
    dtype=object,
)  # fmt: skip
_OFFER_WEIGHTS = (22, 15, 16, 12, 6, 10, 14, 5)


def referral_handoff_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `referral_handoff` table: each time a referral was passed on."""
    rows = referrals.sent(referrals.referrals(seed, span))
    ends = months.first_day(span.stop)
    # How well a team works as one shows when the case is closed.
    mature = stories.maturities(
        rows["team"], months.months_of(np.minimum(rows["closed"], ends + 60))
    )
    passed = Dice(rows["referral"], "handoff").below("how often", 1000)
    times = np.zeros(len(passed), dtype=np.int64)
    for apart, as_one in zip(_PASSED_ON_APART, _PASSED_ON_AS_ONE, strict=True):
        times += passed < apart + (as_one - apart) * mature // 1000
    of = np.repeat(np.arange(len(passed)), times)
    seq = np.arange(len(of)) - np.repeat(np.cumsum(times) - times, times) + 1
    dice = Dice(rows["referral"][of], "one handoff")
    dice.keys = dice.keys + seq.astype(np.uint64) * np.uint64(0x632BE59BD9B4E019)
    days = rows["closed"][of] - rows["received"][of]
    start = days * (seq - 1) // (times[of] + 1)
    width = np.maximum(days * seq // (times[of] + 1) - start, 1)
    day = rows["received"][of] + start + dice.below("day", width)
    minute = np.where(
        day == rows["received"][of],
        np.minimum(rows["minute"][of] + 5 + 6 * seq, 1439),
        540 + 60 * seq + dice.below("minute", 60),
    )
    inside = day < ends
    sector = rows["sector"][of]

    def by_sector(name: str, weights: tuple[tuple[int, ...], tuple[int, ...]]) -> np.ndarray:
        drawn = [dice.pick(name, each) for each in weights]
        return _PROFESSIONS[np.where(sector == HEALTH, *drawn)]

    kind = dice.pick("kind", _KIND_WEIGHTS)
    team = rows["team"][of]
    to = np.where(
        kind == 1,
        _TEAM_IDS[team],
        np.where(
            dice.happens("inside", 550),
            _TEAM_IDS[team // 4 * 4 + (team + 1 + dice.below("which", 3)) % 4],
            _ELSEWHERE[dice.pick("where", (40, 20, 30, 10))],
        ),
    )
    frame = pd.DataFrame(
        {
            "referral_id": np.array(draws.written("r", rows["referral"]), dtype=object)[of],
            "seq": seq,
            "from_team": _TEAM_IDS[team],
            "to_team": to,
            "from_profession": by_sector("from", _FROM_WEIGHTS),
            "to_profession": by_sector("to", _TO_WEIGHTS),
            "handed_on": months.times(day, minute),
            "kind": _KINDS[kind],
        }
    )
    return frame.loc[inside].sort_values(by="handed_on", kind="stable", ignore_index=True)


def discharge_handover_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `discharge_handover` table: discharges that teams looked at."""
    begins, ends = months.first_day(span.start), months.first_day(span.stop)
    spells = hospital.spells(seed, span)
    dice = Dice(spells["spell"], "handover")
    chosen = (spells["discharged"] >= begins) & (spells["discharged"] < ends)
    chosen &= (spells["discharged"] > spells["admitted"]) & (spells["age"] >= 1)
    chosen &= (spells["destination"] == hospital.HOME) & ~spells["moved"]
    chosen &= (spells["method"] < hospital.EMERGENCY_METHODS) & dice.happens(
        "looked at", _LOOKED_AT_PER_MILLE
    )
    rows = {name: column[chosen] for name, column in spells.items()}
    dice = Dice(rows["spell"], "handover")
    team = serving(rows["home"], rows["practice_at_home"], rows["discharged"])
    month = months.months_of(rows["discharged"])
    north = np.where(
        month < stories.WARD_MOVED, _CONTACT_BEFORE_PER_MILLE, _CONTACT_AFTER_PER_MILLE
    )
    more = _found(team, month)
    items = {}
    for place, item in enumerate(ITEMS):
        there = np.full(len(team), _THERE_PER_MILLE[place])
        if place == _CONTACT:
            there = np.where(rows["northgate"], north, there) + _FOUND_PER_MILLE * more // 1000
        yes = np.where(dice.happens(item, there), "yes", "no").astype(object)
        spared = dice.happens(f"{item} not needed", _NOT_APPLICABLE_PER_MILLE.get(item, 0))
        items[item] = np.where(spared, "not applicable", yes)
    looked_at = rows["discharged"] + _LOOKED_AT_AFTER.thrown(dice, "looked at")
    frame = pd.DataFrame(
        {
            "discharge_id": draws.written("d", (dice.keys >> np.uint64(4))),
            "team_id": _TEAM_IDS[team],
            "spell_id": draws.written("s", rows["spell"]),
            "provider_code": np.where(rows["northgate"], NORTHGATE, ROYAL),
            "discharged_on": months.dates(rows["discharged"]),
            "assessed_on": months.dates(np.where(looked_at < ends, looked_at, NO_DAY)),
            "sample_method": _SAMPLES[team % 3],
        }
        | items
    )
    return frame.sort_values("discharged_on", kind="stable", ignore_index=True)


def information_request_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `information_request` table: what teams asked other organisations for."""
    ends = months.first_day(span.stop)
    parts = [
        _requests(seed, place, team, month) for month in span for place, team in enumerate(TEAMS)
    ]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(rows["asked"], kind="stable")
    rows = {name: column[order] for name, column in rows.items()}
    answered = rows["answered"] < ends
    silent = rows["result"] == _NO_ANSWER
    return pd.DataFrame(
        {
            "request_id": draws.written("q", rows["request"]),
            "team_id": _TEAM_IDS[rows["team"]],
            "asked_on": months.dates(rows["asked"]),
            "asked_of": _ASKED_OF[rows["of"]],
            "about": _ABOUT[rows["about"]],
            "answered_on": months.dates(np.where(answered & ~silent, rows["answered"], NO_DAY)),
            "result": draws.blank(_RESULTS[rows["result"]], answered),
            "reason_given": draws.blank(
                _REASONS[rows["reason"]], answered & (rows["result"] == _REFUSED)
            ),
        }
    )


def _requests(seed: int, place: int, team: Team, month: Month) -> Arrays:
    rng = draws.stream(seed, "information_request", team.team_id, month)
    size = draws.count(rng, team.people * _REQUESTS_FOR_45_000 // 45)
    days = np.arange(months.first_day(month), months.first_day(month + 1))
    week = np.array((20, 20, 20, 20, 20, 0, 0))[months.weekday(days)].tolist()
    asked = days[draws.pick(rng, week, size)]
    if team.team_id == TOGETHER:
        refused = (
            _REFUSED_BEFORE + (_REFUSED_TOGETHER - _REFUSED_BEFORE) * settled(team, month) // 1000
        )
    else:
        refused = (
            _REFUSED_APART + (_REFUSED_AS_ONE - _REFUSED_APART) * maturity(team, month) // 1000
        )
    rest = 1000 - refused - _NO_ANSWER_PER_MILLE - _PART_PER_MILLE
    answered = asked + _ANSWERED.draw(rng, size)
    answered += np.maximum(0, 7 - months.weekday(answered)) * (months.weekday(answered) >= 5)
    result = draws.pick(rng, (rest, _PART_PER_MILLE, refused, _NO_ANSWER_PER_MILLE), size)
    return {
        "request": draws.keys(rng, size),
        "team": np.full(size, place),
        "asked": asked,
        # After a month without an answer it is called none.
        "answered": np.where(result == _NO_ANSWER, asked + 30, answered),
        "of": draws.pick(rng, _ASKED_OF_WEIGHTS, size),
        "about": draws.pick(rng, _ABOUT_WEIGHTS, size),
        "result": result,
        "reason": draws.pick(rng, _REASON_WEIGHTS, size),
    }


def refused_or_late(requests: pd.DataFrame) -> pd.Series:
    """Return for each request whether it was refused or not answered in two working days.

    Working days are Monday to Friday here: a team that counts by hand looks up no bank holidays.
    """
    asked = requests["asked_on"].to_numpy().astype("datetime64[D]")
    answered = requests["answered_on"].to_numpy().astype("datetime64[D]")
    known = ~np.isnat(answered)
    taken = np.busday_count(asked, np.where(known, answered, asked))
    late = ~known | (taken > _LATE_AFTER_WORKING_DAYS)
    refused = requests["result"].to_numpy() == "refused"
    return pd.Series(late | refused, index=requests.index)


def signpost_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `signpost` table: who was told where else help is, and what came of it."""
    begins, ends = months.first_day(span.start), months.first_day(span.stop)
    rows = referrals.referrals(seed, span)
    dice = Dice(rows["referral"], "signpost")
    advised = rows["outcome"] == referrals.ADVICE
    more = _found(rows["team"], months.months_of(np.minimum(rows["closed"], ends)))
    others = (rows["seen"] != NO_DAY) & (rows["outcome"] != referrals.DECEASED)
    per_mille = np.where(
        advised,
        _ADVISED_PER_MILLE,
        np.where(others, _OTHERS_PER_MILLE + _FOUND_OTHERS_PER_MILLE * more // 1000, 0),
    )
    told = dice.happens("at all", per_mille) & (rows["closed"] >= begins) & (rows["closed"] < ends)
    rows = {name: column[told] for name, column in rows.items()}
    dice, more = Dice(rows["referral"], "signposted"), more[told]
    confirmed = np.where(
        dice.happens("confirmed", _CONFIRMED_PER_MILLE),
        rows["closed"] + _CONFIRMED_AFTER.thrown(dice, "when"),
        NO_DAY,
    )
    known = (confirmed != NO_DAY) & (confirmed < ends)
    started = dice.happens("started", _STARTED_PER_MILLE + _FOUND_STARTED_PER_MILLE * more // 1000)
    silent = dice.happens("nobody knows", 80)
    said = np.where(silent, "unknown", np.where(started, "started", "did not start"))
    frame = pd.DataFrame(
        {
            "signpost_id": draws.written("g", (dice.keys >> np.uint64(4))),
            "person_key": draws.written("p", rows["person"]),
            "team_id": _TEAM_IDS[rows["team"]],
            "signposted_on": months.dates(rows["closed"]),
            "reason_group": referrals.REASONS[rows["reason"]],
            "offer_kind": _OFFERS[dice.pick("offer", _OFFER_WEIGHTS)],
            "confirmed_on": months.dates(np.where(known, confirmed, NO_DAY)),
            "feedback": draws.blank(said, known),
        }
    )
    return frame.sort_values("signposted_on", kind="stable", ignore_index=True)


def _found(team: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Return `stories.found` for each row."""
    first, last = int(month.min(initial=0)), int(month.max(initial=0))
    table = np.array(
        [[found(one, each) for each in range(first, last + 1)] for one in TEAMS], dtype=np.int64
    )
    return table[team, month - first]
