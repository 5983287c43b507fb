"""Calderbrook itself: its localities, teams, practices, people and professions.

Every name is invented, and so is every number; sizes and shares are those of a large English city.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np
import pandas as pd

from data.demo.draws import stream, whole_numbers
from data.demo.months import Month, date_of, first_day

CITY_ID = "calderbrook"
CITY_NAME = "Calderbrook Care Partnership"
FOUNDED = "2016-04-01"

AGE_BANDS = ("0-17", "18-24", "25-44", "45-64", "65-74", "75-84", "85+")
SEXES = ("1", "2")
LOCALITIES = {"N": "North", "C": "Central", "S": "South"}

# Two hospitals. No provider in the NHS lists has a code that begins with Z9.
NORTHGATE, ROYAL = "Z9N", "Z9R"

# April 2023, from which the population is counted on; it grows by 0.2% a quarter.
_BASE_QUARTER: Month = 2023 * 12 + 3
_GROWTH_PER_MILLE = 2


# The boundary that was redrawn: from 1 October 2024 three practices of the one team, with 9,400
# people, belong to the other. What their people need is as it was; only whose they are changes.
REDRAWN_FROM, REDRAWN_TO, REDRAWN = "C1", "C4", "2024-10-01"
_REDRAWN_MONTH: Month = 2024 * 12 + 9
_REDRAWN_PEOPLE = 9_400
_REDRAWN_LISTS = (8_450, 7_110, 6_240, 8_930, 8_170, 3_060, 3_140, 3_200)
_REDRAWN_PRACTICES = 3


@dataclass(frozen=True)
class Team:
    """A neighbourhood as it was in April 2023.

    Attributes:
        people: Registered people, all ages.
        ages: How many in a thousand of them are in each of `AGE_BANDS`.
        deprivation: Emergency use in percent of what their ages alone would give.
        northgate: How many in a thousand hospital stays are at Northgate Infirmary.
        practices: How many general practices it has.
        gp_comes: In percent, how often a GP comes to a team meeting.
        referrals: Referrals expected in a month: community health, social care.
        pace: How long people wait, in percent of the city's usual wait.
        responses: Friends and Family Test responses expected in a month.
        sickness: Sickness absence but for the seasons, in hundredths of a percent.
        stages: Its history: from when, which stage, and since when the team shares a base.
    """

    team_id: str
    name: str
    people: int
    ages: tuple[int, int, int, int, int, int, int]
    deprivation: int
    northgate: int
    practices: int
    gp_comes: int
    referrals: tuple[int, int]
    pace: int
    responses: int
    sickness: int
    stages: tuple[tuple[str, str, str | None], ...]

    @property
    def locality_id(self) -> str:
        return self.team_id[0]

    @property
    def short_name(self) -> str:
        return f"{LOCALITIES[self.locality_id]} {self.team_id[1:]}"

    @property
    def seen_at_northgate(self) -> bool:
        """Whether most of its people who are admitted go to Northgate Infirmary."""
        return self.northgate >= 500

    def people_in(self, month: Month) -> list[int]:
        """Return registered people by age band in the quarter that the month lies in."""
        quarters = (month - _BASE_QUARTER) // 3
        growth = 1000 + _GROWTH_PER_MILLE * quarters
        return [self.people * share * growth // 1_000_000 for share in self.ages]


# Stage by stage. Where a team is on this road is history and context, never a score.
_FORMING, _LED = "forming", "team lead appointed"
_BASED, _WHOLE = "co-located", "integrated"

TEAMS = (
    Team(
        "N1", "Millrace", people=41_200, ages=(225, 95, 315, 245, 66, 40, 14),
        deprivation=108, northgate=880, practices=7, gp_comes=45,
        referrals=(158, 80), pace=100, responses=44, sickness=510,
        stages=(
            (FOUNDED, _FORMING, None), ("2020-10-01", _LED, None),
        ),
    ),
    Team(
        "N2", "Otterholm", people=56_700, ages=(228, 112, 330, 232, 52, 33, 13),
        deprivation=115, northgate=20, practices=9, gp_comes=70,
        referrals=(178, 92), pace=66, responses=52, sickness=490,
        stages=(
            (FOUNDED, _FORMING, None), ("2019-07-01", _LED, None),
            ("2022-03-01", _BASED, "2022-03-01"),
        ),
    ),
    Team(
        "N3", "Larkscar", people=46_500, ages=(226, 92, 310, 248, 68, 41, 15),
        deprivation=104, northgate=900, practices=8, gp_comes=80,
        referrals=(170, 84), pace=98, responses=38, sickness=495,
        stages=(
            (FOUNDED, _LED, None), ("2021-09-01", _BASED, "2021-09-01"),
        ),
    ),
    Team(
        "N4", "Thistlegarth", people=38_900, ages=(220, 88, 305, 255, 72, 44, 16),
        deprivation=98, northgate=860, practices=6, gp_comes=55,
        referrals=(150, 72), pace=106, responses=36, sickness=520,
        stages=(
            (FOUNDED, _FORMING, None), ("2022-05-01", _LED, None),
            ("2024-06-01", _BASED, "2024-06-01"),
        ),
    ),
    Team(
        "C1", "Lanternfold", people=48_300, ages=(205, 150, 355, 200, 50, 29, 11),
        deprivation=112, northgate=60, practices=8, gp_comes=60,
        referrals=(172, 88), pace=97, responses=47, sickness=505,
        stages=(
            (FOUNDED, _FORMING, None), ("2021-01-01", _LED, None),
        ),
    ),
    Team(
        "C2", "Brassgate", people=52_100, ages=(208, 146, 350, 203, 51, 30, 12),
        deprivation=118, northgate=50, practices=9, gp_comes=85,
        referrals=(190, 98), pace=90, responses=52, sickness=495,
        stages=(
            (FOUNDED, _LED, None), ("2020-02-01", _BASED, "2020-02-01"),
            ("2023-10-01", _WHOLE, "2020-02-01"),
        ),
    ),
    Team(
        "C3", "Copperwell Cross", people=44_700, ages=(202, 155, 358, 197, 49, 28, 11),
        deprivation=122, northgate=70, practices=7, gp_comes=50,
        referrals=(168, 86), pace=104, responses=36, sickness=530,
        stages=(
            (FOUNDED, _FORMING, None), ("2022-01-01", _LED, None),
        ),
    ),
    Team(
        "C4", "Tannersfold", people=35_600, ages=(210, 145, 350, 205, 50, 29, 11),
        deprivation=133, northgate=60, practices=6, gp_comes=40,
        referrals=(150, 70), pace=107, responses=34, sickness=540,
        stages=(
            (FOUNDED, _FORMING, None),
        ),
    ),
    Team(
        "S1", "Heronsmere", people=45_900, ages=(215, 70, 285, 272, 86, 52, 20),
        deprivation=88, northgate=30, practices=8, gp_comes=75,
        referrals=(176, 84), pace=98, responses=49, sickness=475,
        stages=(
            (FOUNDED, _LED, None), ("2021-04-01", _BASED, "2021-04-01"),
        ),
    ),
    Team(
        "S2", "Quillbrook", people=39_800, ages=(218, 72, 290, 268, 83, 50, 19),
        deprivation=84, northgate=30, practices=7, gp_comes=65,
        referrals=(156, 76), pace=105, responses=38, sickness=485,
        stages=(
            (FOUNDED, _FORMING, None), ("2020-06-01", _LED, None),
        ),
    ),
    Team(
        "S3", "Marlthorpe", people=50_200, ages=(213, 68, 282, 275, 88, 53, 21),
        deprivation=92, northgate=40, practices=9, gp_comes=90,
        referrals=(194, 96), pace=91, responses=54, sickness=495,
        stages=(
            (FOUNDED, _FORMING, None), ("2021-11-01", _LED, None),
            ("2024-06-01", _BASED, "2024-06-01"), ("2025-09-01", _WHOLE, "2024-06-01"),
        ),
    ),
    Team(
        "S4", "Saltersend", people=33_600, ages=(216, 70, 288, 270, 85, 51, 20),
        deprivation=94, northgate=20, practices=6, gp_comes=60,
        referrals=(146, 68), pace=108, responses=35, sickness=505,
        stages=(
            (FOUNDED, _LED, None),
        ),
    ),
)  # fmt: skip

# profession_id, name, sector
PROFESSIONS = (
    ("district_nurse", "district nurse", "health"),
    ("community_nurse", "community nurse", "health"),
    ("active_case_manager", "active case manager", "health"),
    ("social_worker", "social worker", "social care"),
    ("social_care_assessor", "social care assessor", "social care"),
    ("occupational_therapist", "occupational therapist", "health"),
    ("physiotherapist", "physiotherapist", "health"),
    ("reablement_worker", "reablement worker", "social care"),
    ("gp", "GP", "primary care"),
    ("pharmacist", "pharmacist", "primary care"),
    ("mental_health", "mental health", "health"),
    ("care_navigator", "care navigator", "voluntary"),
    ("admin", "admin", "health"),
    ("other", "other", "health"),
)


@cache
def practices(team: Team) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the codes of a team's practices and how many people each has on its list.

    The codes have the shape of English practice codes (a letter and five digits), in a range that
    no practice has: English and Welsh ones do not begin with Z, and Northern Ireland's, which do,
    stay far below Z9.
    """
    before = sum(other.practices for other in TEAMS[: TEAMS.index(team)])
    codes = tuple(f"Z9{1001 + 7 * (before + place):04d}" for place in range(team.practices))
    if team.team_id == REDRAWN_FROM:
        return codes, _REDRAWN_LISTS
    # Lists of unequal size, the same for every seed: which practices a team has is not chance.
    shares = (whole_numbers(stream(0, "practice", team.team_id), 100, team.practices) + 60).tolist()
    return codes, tuple(team.people * share // sum(shares) for share in shares)


def locality_frame() -> pd.DataFrame:
    """Return the `locality` table."""
    rows = [(key, CITY_ID, name, FOUNDED, None) for key, name in LOCALITIES.items()]
    return _table(rows, "locality_id partnership_id name valid_from valid_to")


def team_frame() -> pd.DataFrame:
    """Return the `team` table: one row for each stage of each team, end to end."""
    rows = []
    for team in TEAMS:
        ends = [start for start, _, _ in team.stages[1:]] + [None]
        for (start, stage, based), end in zip(team.stages, ends, strict=True):
            rows.append(
                (team.team_id, team.locality_id, f"{team.short_name} ({team.name})",
                 team.short_name, start, end, stage, based)
            )  # fmt: skip
    return _table(
        rows, "team_id locality_id name short_name valid_from valid_to stage colocated_from"
    )


@cache
def practice_codes() -> np.ndarray:
    """Return every practice's code, team by team: what `practice_places` counts in."""
    return np.array([code for team in TEAMS for code in practices(team)[0]], dtype=object)


def practice_places(team: np.ndarray, practice: np.ndarray) -> np.ndarray:
    """Return places in `practice_codes` from places in `TEAMS` and in their own practices."""
    before = np.cumsum([0] + [one.practices for one in TEAMS[:-1]])
    return before[team] + practice


def serving(team: np.ndarray, practice: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return the place in `TEAMS` of the team that a practice belonged to on a day.

    Args:
        team: Where in `TEAMS` the practice was in April 2023.
        practice: Where among that team's practices it is.
        days: The day of each.
    """
    names = [one.team_id for one in TEAMS]
    left, came = names.index(REDRAWN_FROM), names.index(REDRAWN_TO)
    first = TEAMS[left].practices - _REDRAWN_PRACTICES
    moved = (team == left) & (practice >= first) & (days >= first_day(_REDRAWN_MONTH))
    return np.where(moved, came, team)


def redrawn_practices() -> tuple[str, ...]:
    """Return the codes of the practices that went from one team to another."""
    (team,) = (team for team in TEAMS if team.team_id == REDRAWN_FROM)
    return practices(team)[0][-_REDRAWN_PRACTICES:]


def practice_team_frame() -> pd.DataFrame:
    """Return the `practice_team` table."""
    moved = redrawn_practices()
    rows = []
    for team in TEAMS:
        for code in practices(team)[0]:
            ends = REDRAWN if code in moved else None
            rows.append((code, team.team_id, FOUNDED, ends))
            if ends:
                rows.append((code, REDRAWN_TO, REDRAWN, None))
    return _table(rows, "practice_code team_id valid_from valid_to")


def team_lineage_frame() -> pd.DataFrame:
    """Return the `team_lineage` table: whose people became whose."""
    rows = [(REDRAWN_FROM, REDRAWN_TO, REDRAWN, Decimal("0.19"), "boundary")]
    return _table(rows, "from_team_id to_team_id changed_on share kind")


def team_alias_frame() -> pd.DataFrame:
    """Return the `team_alias` table: how other systems spell the teams."""
    rows = [
        row
        for team in TEAMS
        for row in (
            (f"NBHD-{team.team_id}", team.team_id, "community health system"),
            (f"{team.short_name} INT", team.team_id, "social care system"),
            (f"{team.name} Neighbourhood", team.team_id, "staff records"),
        )
    ]
    return _table(rows, "raw_code team_id source_system")


def profession_frame() -> pd.DataFrame:
    """Return the `profession` table."""
    return _table(list(PROFESSIONS), "profession_id name sector")


def population_frame(months: range) -> pd.DataFrame:
    """Return the `population` table: registered people on the first day of each quarter."""
    first_quarter = months.start - (months.start - _BASE_QUARTER) % 3
    rows = []
    for quarter in range(first_quarter, months.stop, 3):
        as_at = date_of(first_day(quarter)).isoformat()
        for team in TEAMS:
            for band, people in zip(AGE_BANDS, _served(team, quarter), strict=True):
                # Women live longer: 49% men below 75, 43% above.
                men = people * (43 if band in ("75-84", "85+") else 49) // 100
                for sex, number in zip(SEXES, (men, people - men), strict=True):
                    rows.append((team.team_id, as_at, band, sex, number, "registered"))
    return _table(rows, "team_id as_at age_band sex people basis")


def _served(team: Team, quarter: Month) -> list[int]:
    """Return registered people by age band, once those of the redrawn practices have moved."""
    people = team.people_in(quarter)
    if quarter < _REDRAWN_MONTH or team.team_id not in (REDRAWN_FROM, REDRAWN_TO):
        return people
    (before,) = (other for other in TEAMS if other.team_id == REDRAWN_FROM)
    sign = 1 if team.team_id == REDRAWN_TO else -1
    return [
        there + sign * (all_there * _REDRAWN_PEOPLE // before.people)
        for there, all_there in zip(people, before.people_in(quarter), strict=True)
    ]


def _table(rows: list[tuple], columns: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.split())
    for name in ("valid_from", "valid_to", "colocated_from", "as_at", "changed_on"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame
