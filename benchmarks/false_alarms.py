"""How often "where the two kinds disagree" would name a team in which nothing happened.

Every series is 36 independent, steady, normally distributed points, so whatever is found is a
false alarm. Real series also have seasons and memory, which make more of them.

Run with `python benchmarks/false_alarms.py [TEAMS]`.
"""

import datetime
import random
import sys

from metrics.findings import RECENT_PERIODS, Way, way_of
from metrics.spc import xmr
from metrics.two_kinds import WORKING_LIFE_NEEDED

PERIODS = 36
HOSPITAL_MEASURES = 2
WORKING_LIFE_MEASURES = 5


def ways_lately(noise: random.Random) -> set[Way]:
    """Return the ways in which a steady series looks beyond usual variation lately."""
    values = [noise.gauss(0, 1) for _ in range(PERIODS)]
    chart = xmr(values, [_month(number) for number in range(PERIODS)])
    ways = (way_of(str(point.special_cause)) for point in chart.points[-RECENT_PERIODS:])
    return {way for way in ways if way is not None}


def _month(number: int) -> datetime.date:
    return datetime.date(2023 + number // 12, number % 12 + 1, 1)


def is_named(noise: random.Random) -> bool:
    """Return whether a team in which nothing happened would be named.

    Which way is better does not matter to chance, so each side is counted by its way alone.
    """
    hospital = [ways_lately(noise) for _ in range(HOSPITAL_MEASURES)]
    working = [ways_lately(noise) for _ in range(WORKING_LIFE_MEASURES)]
    ways: tuple[Way, Way] = ("higher", "lower")
    return any({way} in hospital and working.count({way}) >= WORKING_LIFE_NEEDED for way in ways)


def main(teams: int) -> None:
    """Print the rate, and what it means for a partnership of 12 teams."""
    noise = random.Random(20260401)
    one = sum(bool(ways_lately(noise)) for _ in range(teams)) / teams
    named = sum(is_named(noise) for _ in range(teams)) / teams
    print(f"steady series that show a signal in the last {RECENT_PERIODS} periods: {one:.1%}")
    print(f"steady teams that would be named: {named:.2%}, or {named * 12:.3f} of 12 teams")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
