"""Staff in post and days lost to sickness, by team, month and employer."""

from decimal import Decimal
from functools import cache

import numpy as np
import pandas as pd

from data.demo import draws, months, stories
from data.demo.months import Month
from data.demo.places import LOCALITIES, TEAMS, Team
from data.demo.stories import DRIFT_MONTHS, STRUGGLING_TEAM, drift, drifted

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
_REPORTING: tuple[str, ...] = ("NHS", "council")

# January to December, in hundredths of a percent of days: worst at the turn of the year.
_SICKNESS_SEASON = (100, 60, 0, -60, -60, -40, -20, -20, 0, 20, 50, 100)
# In a team of 35, one person off for a month is 3%: figures jump. The struggling team's jump
# less, so that its story is there for every seed.
_TEAM_JUMP, _EMPLOYER_JUMP = 100, 90
_STEADY_TEAM_JUMP, _STEADY_EMPLOYER_JUMP = 30, 40
_SICKNESS_ADDED = 240
_LEAST_SICKNESS = 60

# In a hundred, who has their base in the team's building and who can open both records: in teams
# that share one, and in the others.
_AT_BASE, _AT_BASE_APART = 82, 38
_BOTH_RECORDS, _BOTH_RECORDS_APART = 58, 21

# What days are lost for, in thousandths: colds more in winter (October to March).
_REASONS = ("S10", "S12", "S11", "S25", "S13", "other", "S99")
_WINTER_REASONS = (260, 72, 28, 80, 150, 360, 50)
_SUMMER_REASONS = (260, 72, 28, 80, 50, 450, 60)

# Who visits people, and how many of five weekdays they are at work and not in training, in
# hundredths; how many of a thousand of these days they cannot go out.
_VISITING = (
    "district_nurse", "community_nurse", "active_case_manager", "occupational_therapist",
    "physiotherapist", "social_worker", "social_care_assessor", "reablement_worker",
)  # fmt: skip
_VISITING_DAYS = 410
_NOT_OUT_PER_MILLE = (48, 62, 55, 71, 66, 58, 78, 84, 45, 52, 50, 69)
_NOT_OUT_BEFORE, _NOT_OUT_AFTER = 60, 150
_NOT_OUT_IN_THE_OUTAGE = 250
_WHY = ("no car", "IT/system", "admin backlog", "duty cover", "lone-working risk", "other")
_WHY_WEIGHTS = (26, 14, 26, 20, 8, 6)
_WHY_IN_THE_OUTAGE = (8, 74, 8, 6, 2, 2)

# Open cases of a full-time worker, and of a thousand of them how many nobody has.
_CASELOADS = (
    ("district_nurse", 104, 45), ("community_nurse", 88, 50), ("social_worker", 22, 140),
    ("social_care_assessor", 24, 150), ("occupational_therapist", 30, 90),
)  # fmt: skip
_DRIFTED_CASELOAD, _DRIFTED_UNALLOCATED = 128, 300


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
    at_base, both = _placed(seed, frame)
    frame["at_team_base"], frame["both_records_access"] = at_base, both
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


def absence_reason_month_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `absence_reason_month` table: the same days lost, by locality and reason."""
    rows = []
    for month in span:
        winter = months.calendar_month(month) in (0, 1, 2, 9, 10, 11)
        usual = _WINTER_REASONS if winter else _SUMMER_REASONS
        for locality in LOCALITIES:
            lost: dict[str, int] = dict.fromkeys(_REPORTING, 0)
            for team in TEAMS:
                if team.locality_id == locality:
                    for employer, days, _ in _absence(seed, team, month):
                        lost[employer] += days
            rng = draws.stream(seed, "absence_reason_month", locality, month)
            for employer in _REPORTING:
                weights = [
                    max(1, weight + draws.wobble(rng, max(1, weight // 8))) for weight in usual
                ]
                shares = [lost[employer] * weight // sum(weights) for weight in weights]
                # What rounding left over goes to the last: the reasons add up to the days lost.
                shares[-1] += lost[employer] - sum(shares)
                rows += [
                    (locality, month, employer, reason, days)
                    for reason, days in zip(_REASONS, shares, strict=True)
                ]
    frame = pd.DataFrame(rows, columns=["locality_id", "month", "employer", "reason", "fte_days"])
    return _dated(frame, "fte_days")


def workday_constraint_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `workday_constraint` table: for each week, why staff could not go out."""
    begins, ends = months.first_day(span.start), months.first_day(span.stop)
    monday = begins + (-(begins + 3)) % 7
    rows = []
    for week in range(monday, ends, 7):
        for place, team in enumerate(TEAMS):
            available, kept_in = _week(seed, place, team, week)
            said = [(reason, days) for reason, days in kept_in.items() if days]
            for reason, days in said or [("none", 0)]:
                rows.append((team.team_id, week, reason, Decimal(available), Decimal(days)))
    columns = "team_id week_start reason field_staff_days_available days_not_out"
    frame = pd.DataFrame(rows, columns=columns.split())
    return frame.assign(week_start=months.dates(frame["week_start"].to_numpy()))


def _week(seed: int, place: int, team: Team, week: int) -> tuple[int, dict[str, int]]:
    """Return the days on which visiting staff were at work, and those they could not go out."""
    month = int(months.months_of(np.array([week]))[0])
    rng = draws.stream(seed, "workday_constraint", team.team_id, week)
    visiting = sum(post[3] for post in _staff(seed, team, month) if post[1] in _VISITING)
    available = max(1, visiting * (_VISITING_DAYS + draws.wobble(rng, 12)) // 10_000)
    outage = (
        team.locality_id == stories.OUTAGE_LOCALITY
        and stories.OUTAGE_BEGINS <= week < stories.OUTAGE_ENDS
    )
    if outage:
        share, why = _NOT_OUT_IN_THE_OUTAGE, _WHY_IN_THE_OUTAGE
    elif team.team_id == STRUGGLING_TEAM:
        share, why = drifted(_NOT_OUT_BEFORE, _NOT_OUT_AFTER, team, month), _WHY_WEIGHTS
    else:
        share, why = _NOT_OUT_PER_MILLE[place], _WHY_WEIGHTS
    days = min(available, draws.count(rng, available * share, 90))
    reasons = draws.pick(rng, why, days)
    counted = np.bincount(reasons, minlength=len(_WHY)).tolist()
    return available, dict(zip(_WHY, counted, strict=True))


def caseload_snapshot_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `caseload_snapshot` table: counted by hand on the last day of each month.

    A nurse's caseload has people in it who were referred years ago: there are more than the
    referrals of `referral` that are open.
    """
    rows = []
    for month in span:
        for team in TEAMS:
            rng = draws.stream(seed, "caseload_snapshot", team.team_id, month)
            in_post = {post[1]: post[3] for post in _staff(seed, team, month)}
            for profession, usual, nobody in _CASELOADS:
                level = usual * 1000 * team.deprivation // 100 * (100 + draws.wobble(rng, 5)) // 100
                level = level * drifted(100, _DRIFTED_CASELOAD, team, month) // 100
                cases = in_post[profession] * level // 100_000
                share = nobody + (_DRIFTED_UNALLOCATED - nobody) * drift(team, month) // (
                    DRIFT_MONTHS
                )
                unallocated = min(cases, draws.count(rng, cases * share, 60))
                rows.append((team.team_id, month, profession, cases, unallocated))
    frame = pd.DataFrame(
        rows, columns=["team_id", "as_at", "profession_id", "open_cases", "unallocated"]
    )
    lasts = [months.first_day(month + 1) - 1 for month in frame["as_at"].tolist()]
    return frame.assign(as_at=months.dates(np.array(lasts)))


def _placed(seed: int, frame: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Return how many people are at the team's base, and how many can open both records."""
    at_base, both = [], []
    teams = {team.team_id: team for team in TEAMS}
    for name, month, profession, people in zip(
        frame["team_id"], frame["month"], frame["profession_id"], frame["headcount"], strict=True
    ):
        day = months.date_of(months.first_day(month)).isoformat()
        together = any(base and since <= day for since, _, base in teams[name].stages)
        # The same people are there until the posts change.
        rng = draws.stream(seed, "placed", name, profession, month // 6, int(together))
        limits = (_AT_BASE, _BOTH_RECORDS) if together else (_AT_BASE_APART, _BOTH_RECORDS_APART)
        for found, percent in zip((at_base, both), limits, strict=True):
            found.append(min(people, max(0, (people * percent + 50) // 100 + draws.wobble(rng, 1))))
    return at_base, both


@cache
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
