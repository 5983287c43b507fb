"""Staff in post and days lost to sickness, by team, month and employer."""

from decimal import Decimal

import numpy as np
import pandas as pd

from data.demo import draws, months
from data.demo.months import Month
from data.demo.places import TEAMS, Team
from data.demo.stories import STRUGGLING_TEAM, drifted

# profession_id, employer, posts in hundredths of a full-time equivalent in a team of 45,000
# people, and the usual share of posts that is vacant, in percent.
_POSTS = (
    ("district_nurse", "NHS", 640, 11),
    ("community_nurse", "NHS", 820, 11),
    ("active_case_manager", "NHS", 200, 8),
    ("occupational_therapist", "NHS", 220, 8),
    ("physiotherapist", "NHS", 180, 7),
    ("admin", "NHS", 160, 4),
    ("social_worker", "council", 540, 10),
    ("social_care_assessor", "council", 300, 9),
    ("reablement_worker", "council", 360, 10),
    ("care_navigator", "voluntary", 100, 0),
)
_USUAL_PEOPLE = 45_000
# Full-time equivalents of one person, in hundredths.
_ONE_PERSON = 88
# The employers who report sickness; the voluntary sector's one or two people are nobody's figure.
_REPORTING = ("NHS", "council")

# January to December, in hundredths of a percent of days: worst at the turn of the year.
_SICKNESS_SEASON = (100, 60, 0, -60, -60, -40, -20, -20, 0, 20, 50, 100)
# In a team of 35, one person off for a month is 3%: figures jump. The struggling team's jump
# less, so that its story is there for every seed.
_TEAM_JUMP, _EMPLOYER_JUMP = 100, 90
_STEADY_TEAM_JUMP, _STEADY_EMPLOYER_JUMP = 30, 40
_SICKNESS_ADDED = 240
_LEAST_SICKNESS = 60


def workforce_month_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `workforce_month` table."""
    rows = [
        (team.team_id, month, *staff)
        for month in span
        for team in TEAMS
        for staff in _staff(seed, team, month)
    ]
    columns = "team_id month employer profession_id establishment_fte in_post_fte headcount"
    frame = pd.DataFrame(rows, columns=[*columns.split(), "agency_fte"])
    return _dated(frame, "establishment_fte", "in_post_fte", "agency_fte")


def absence_month_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `absence_month` table; days are calendar days for both employers."""
    rows = [
        (team.team_id, month, *absence)
        for month in span
        for team in TEAMS
        for absence in _absence(seed, team, month)
    ]
    columns = "team_id month employer fte_days_lost fte_days_available"
    frame = pd.DataFrame(rows, columns=columns.split()).assign(basis="calendar")
    return _dated(frame, "fte_days_lost", "fte_days_available")


def _staff(seed: int, team: Team, month: Month) -> list[tuple[str, str, int, int, int, int]]:
    """Return employer, profession, posts, in post, people and agency cover."""
    # People come and go, but not every month: what is vacant changes twice a year.
    rng = draws.stream(seed, "workforce_month", team.team_id, month // 6)
    staff = []
    for profession, employer, usual, vacant in _POSTS:
        # A team twice the size has 1.5 times the posts. To a tenth of a full-time equivalent.
        posts = usual * (_USUAL_PEOPLE + team.people) // (2 * _USUAL_PEOPLE) // 10 * 10
        gap = max(0, vacant + draws.wobble(rng, 4)) if vacant else 0
        in_post = posts * (100 - gap) // 1000 * 10
        agency = (posts - in_post) // 3 // 10 * 10
        people = -(-in_post // _ONE_PERSON)
        staff.append((employer, profession, posts, in_post, people, agency))
    return staff


def _absence(seed: int, team: Team, month: Month) -> list[tuple[str, int, int]]:
    """Return employer, days lost and days available, in hundredths."""
    rng = draws.stream(seed, "absence_month", team.team_id, month)
    steady = team.team_id == STRUGGLING_TEAM
    rate = drifted(team.sickness, team.sickness + _SICKNESS_ADDED, team, month)
    rate += _SICKNESS_SEASON[months.calendar_month(month)]
    rate += draws.wobble(rng, _STEADY_TEAM_JUMP if steady else _TEAM_JUMP)
    staff = _staff(seed, team, month)
    absences = []
    for employer in _REPORTING:
        in_post = sum(post[3] for post in staff if post[0] == employer)
        jump = draws.wobble(rng, _STEADY_EMPLOYER_JUMP if steady else _EMPLOYER_JUMP)
        available = in_post * months.days_in(month)
        lost = available * max(rate + jump, _LEAST_SICKNESS) // 10_000
        absences.append((employer, lost, available))
    return absences


def _dated(frame: pd.DataFrame, *hundredths: str) -> pd.DataFrame:
    """Return the frame with months as their first day and these columns as decimals."""
    firsts = [months.first_day(month) for month in frame["month"].tolist()]
    decimals = {
        name: [Decimal(number).scaleb(-2) for number in frame[name].tolist()] for name in hundredths
    }
    return frame.assign(month=months.dates(np.array(firsts)), **decimals)
