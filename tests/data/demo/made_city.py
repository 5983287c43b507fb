"""The city's tables for the tests beside this, each made once for each seed, and counts of them."""

from functools import cache

import pandas as pd

from data.demo import places
from data.demo.city import DEFAULT_SEED, DEFAULT_UNTIL, MONTHS, RECORD_MAKERS
from data.demo.months import month_of

# More than one where something must be so for every city, or one city says too little.
SEEDS = (1, 2, 3, 4)
SPAN = range(month_of(DEFAULT_UNTIL) - MONTHS + 1, month_of(DEFAULT_UNTIL) + 1)
FIRST_DAY, LAST_DAY = pd.Timestamp("2023-04-01"), pd.Timestamp("2026-03-31")
MONTH_ENDS = pd.date_range(FIRST_DAY, LAST_DAY, freq="ME")
TEAMS = [team.team_id for team in places.TEAMS]
# The one whose figures drift: it is looked at by itself.
STRUGGLING = "N2"
THE_OTHERS = [team for team in TEAMS if team != STRUGGLING]
TEAM_OF_PRACTICE = {
    code: team.team_id for team in places.TEAMS for code in places.practices(team)[0]
}
EMERGENCY = ["21", "22", "23", "24", "25", "28", "2A", "2B", "2D"]


@cache
def table(name: str, seed: int = DEFAULT_SEED) -> pd.DataFrame:
    return RECORD_MAKERS[name](seed, SPAN)


@cache
def adult_emergencies(seed: int = DEFAULT_SEED) -> pd.DataFrame:
    """Return emergency admissions of adults in the 36 months, with their team, month and nights."""
    spells = table("hospital_spell", seed)
    chosen = spells[
        spells["admission_method"].isin(EMERGENCY)
        & (spells["age_band"] != "0-17")
        & (spells["admitted_on"] >= FIRST_DAY)
    ]
    return chosen.assign(
        team_id=chosen["practice_code"].map(TEAM_OF_PRACTICE),
        month=month_ends(chosen["admitted_on"]),
        nights=(chosen["discharged_on"] - chosen["admitted_on"]).dt.days,
    )


def month_ends(days: pd.Series) -> pd.Series:
    return days.dt.normalize() + pd.offsets.MonthEnd(0)


def by_team_and_month(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how many rows there are: a column for each team, a row for each of the 36 months."""
    counted = rows.groupby(["month", "team_id"]).size().unstack(fill_value=0)
    return counted.reindex(MONTH_ENDS, fill_value=0)[TEAMS]


@cache
def backlog(seed: int = DEFAULT_SEED, sector: str | None = None) -> dict[str, pd.DataFrame]:
    """Return what stands at each month's end: open, waiting and unallocated, by team and month.

    Counted one month's end after the other, as somebody with the list on paper would.
    """
    rows = table("referral", seed)
    if sector is not None:
        rows = rows[rows["sector"] == sector]
    seen_on = rows[["first_contact_on", "assessed_on"]].min(axis="columns")
    named_on = rows["allocated_on"].where(rows["allocated_to_key"] != "DUTY")
    stands: dict[str, list[pd.DataFrame]] = {"open": [], "waiting": [], "unallocated": []}
    for day in MONTH_ENDS:
        still_open = (rows["received_at"].dt.normalize() <= day) & ~(rows["closed_on"] <= day)
        for name, until in (("open", None), ("waiting", seen_on), ("unallocated", named_on)):
            chosen = rows[still_open if until is None else still_open & ~(until <= day)]
            stands[name].append(chosen.assign(month=day))
    return {name: by_team_and_month(pd.concat(parts)) for name, parts in stands.items()}


@cache
def sickness(seed: int = DEFAULT_SEED) -> pd.DataFrame:
    """Return the percentage of days lost, by team and month."""
    rows = table("absence_month", seed)
    rows = rows.assign(month=month_ends(rows["month"]))
    names = ["fte_days_lost", "fte_days_available"]
    days = rows.astype(dict.fromkeys(names, float)).groupby(["month", "team_id"])[names].sum()
    return (100 * days["fte_days_lost"] / days["fte_days_available"]).unstack()[TEAMS]
