"""What is planted in the city, on fixed dates, for the dashboard to find.

Each story is a lesson: what one chart alone would make people believe, and what is really so.
"""

import datetime

import numpy as np
import pandas as pd

from data.demo.months import Day, Month, day_of, month_of
from data.demo.places import REDRAWN, REDRAWN_FROM, REDRAWN_TO, TEAMS, Team

# The good hospital numbers. From April 2024 to September 2025, month by month, this team's
# emergency admissions fall by 12% while more people wait, fewer have anybody assigned to them and
# more staff are off sick; then everything stays as it has become.
STRUGGLING_TEAM = "N2"
_DRIFT_BEGINS: Month = month_of("2024-04")
DRIFT_MONTHS = 18

# The recording change. From July 2024 Northgate Infirmary records same-day emergency care as
# emergency care, no longer as admissions.
RECORDING_CHANGE: Month = month_of("2024-07")
# Of a thousand adults' same-day emergency stays there, how many are no longer admissions. With a
# third of stays same-day and two thirds of North's people going there, North loses 9%.
MOVED_PER_MILLE = 450

# The outage. The South's community system is down for six weeks; of what was done meanwhile seven
# tenths are typed in afterwards, and those who had waited longest are the likeliest to be left out.
OUTAGE_LOCALITY = "S"
OUTAGE_BEGINS: Day = day_of(datetime.date(2025, 2, 3))
OUTAGE_ENDS: Day = day_of(datetime.date(2025, 3, 17))
OUTAGE_MONTHS: tuple[Month, ...] = (month_of("2025-02"), month_of("2025-03"))
TYPED_IN_PER_MILLE, TYPED_IN_AFTER_A_LONG_WAIT_PER_MILLE = 710, 350
LONG_WAIT = 14

# Two teams move into one building in the same month. In the one people pass each other on less,
# get what they ask for and have to tell their story less often, two to eight months later; in the
# other nothing changes, and staff are less content.
TOGETHER, TOGETHER_ONLY_IN_A_ROOM = "S3", "N4"
MOVED_IN: Month = month_of("2024-06")
_LAG, _SETTLING_MONTHS = 2, 6

# The team that looks for people nobody had helped: for a year more of everything, and then the
# things that were to become better do.
SEEKING_TEAM = "S1"
_SEEKS_FROM: Month = month_of("2024-04")
_SEEKS_MONTHS = 12
MORE_REFERRALS, MORE_VISITS_TO_ED, MORE_ADMISSIONS = 130, 109, 105

# The list that is cleared. For half a year the team lets some routine requests lie; then for three
# months it works off the oldest, and closes three in ten of them without anybody having been seen.
CLEARING_TEAM = "C3"
LIES_FROM: Month = month_of("2025-03")
CLEARED_FROM: Month = month_of("2025-09")
CLEARING_MONTHS = 3
# People come back whose case was closed without having been seen.
MORE_REPEATS_PER_MILLE = 65

# The duty desk. In one month everybody whom nobody has is given to a name that is no person.
DUTY_TEAM = "S4"
DUTY_MONTH: Month = month_of("2025-01")
DUTY_CASES = 41

# The GP joins: a team's meetings go online.
ONLINE_TEAM = "N1"
ONLINE_FROM: Month = month_of("2025-01")

# The ward moves, and whoever leaves that hospital is seldom told whom to ask.
WARD_MOVED: Month = month_of("2025-03")


def drift(team: Team, month: Month) -> int:
    """Return how far the struggling team has drifted: 0 to 18; always 0 for the others."""
    if team.team_id != STRUGGLING_TEAM:
        return 0
    return min(max(month - _DRIFT_BEGINS + 1, 0), DRIFT_MONTHS)


def drifted(before: int, after: int, team: Team, month: Month) -> int:
    """Return a level on its straight way from `before` to `after`, in whole numbers."""
    return before + (after - before) * drift(team, month) // DRIFT_MONTHS


def settled(team: Team, month: Month) -> int:
    """Return how far the team that works well in one building has come: 0 to 1,000."""
    if team.team_id != TOGETHER:
        return 0
    steps = min(max(month - MOVED_IN - _LAG + 1, 0), _SETTLING_MONTHS)
    return 1000 * steps // _SETTLING_MONTHS


_USUAL_MATURITY = {
    "forming": 0, "team lead appointed": 150, "co-located": 550, "integrated": 900,
}  # fmt: skip


def maturity(team: Team, month: Month) -> int:
    """Return how well a team works as one, from 0 to 1,000: what its figures of joint work follow.

    A stage reached since April 2023 changes nothing by itself: only the story says what does.
    """
    if team.team_id == TOGETHER:
        return settled(team, month)
    reached = [stage for since, stage, _ in team.stages if since < "2023-04-01"]
    return _USUAL_MATURITY[reached[-1]]


def maturities(team: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Return `maturity` for places in `TEAMS` and months, one for each row."""
    first, last = int(month.min(initial=0)), int(month.max(initial=0))
    table = np.array(
        [[maturity(one, each) for each in range(first, last + 1)] for one in TEAMS], dtype=np.int64
    )
    return table[team, month - first]


def seeks(team: Team, month: Month) -> bool:
    """Return whether the team is in its year of looking for people nobody had helped."""
    return team.team_id == SEEKING_TEAM and 0 <= month - _SEEKS_FROM < _SEEKS_MONTHS


def found(team: Team, month: Month) -> int:
    """Return how far what came of that year has come, half a year after it: 0 to 1,000."""
    if team.team_id != SEEKING_TEAM:
        return 0
    return 1000 * min(max(month - _SEEKS_FROM - _SEEKS_MONTHS + 1, 0), 6) // 6


_BUILDING = "H01;F01;F02;F04;J01;J03;J04;J07;W05;X05;S01"
_EVENTS = (
    ("locality", "S", "2025-02-03", "2025-03-17", "outage",
     "The community system was down for six weeks. About seven in ten of the visits of that time"
     " were typed in afterwards from paper. What is missing was not sent; it is not none.",
     "F05;J03;J04;J09;X07", False, "Partnership analyst"),
    ("team", "S3", "2024-06-03", None, "co-location",
     "Nurses, social workers and therapists moved into one building.",
     _BUILDING, False, "Team lead"),
    ("team", "N4", "2024-06-03", None, "co-location",
     "Nurses, social workers and therapists moved into one building.",
     _BUILDING, False, "Team lead"),
    ("team", "S1", "2024-04-01", "2025-04-01", "policy",
     "For a year the team went through the practices' lists for people nobody had helped yet. More"
     " requests were expected, and more use of hospital at first.",
     "F01;H01;H04;J08;X03;P01", False, "Team lead"),
    ("team", "C3", "2025-09-01", "2025-12-01", "policy",
     "The waiting list was gone through: the oldest cases were seen first, and some were closed"
     " after a letter.",
     "F02;F03;F05;F08;J02", False, "Team lead"),
    ("team", "S4", "2025-01-13", None, "recording change",
     "Cases that nobody had were put under the name DUTY.",
     "F04", False, "Data quality lead"),
    ("team", "N1", "2025-01-06", None, "policy",
     "Team meetings are held online, at lunchtime.",
     "J05;J06", False, "Team lead"),
    ("locality", "N", "2025-03-03", None, "system change",
     "The ward for older people at Northgate Infirmary moved to another floor and changed its"
     " discharge papers.",
     "J08", False, "Partnership analyst"),
    *(
        ("team", team, REDRAWN, None, "reconfiguration",
         "Three practices with 9,400 people moved from Central 1 to Central 4. Numbers of people"
         " change on this day; rates hardly do.",
         "F01;F02;F03;F04;F07;H06", True, "Partnership analyst")
        for team in (REDRAWN_FROM, REDRAWN_TO)
    ),
)  # fmt: skip


def annotation_frame() -> pd.DataFrame:
    """Return the `annotation` table: what people have written down about the city's figures."""
    text = (
        "Northgate Infirmary moved same-day emergency care out of its admission records. Stays of"
        " less than a day are no longer counted as admissions, so admissions look lower and stays"
        " longer from this month. Nobody was treated differently."
    )
    rows = [
        ("team", team.team_id, "2024-07-01", None, "recording change", text, "H01;H05", True,
         "Partnership analyst")
        for team in TEAMS
        if team.seen_at_northgate
    ]  # fmt: skip
    rows = [*rows, *_EVENTS]
    columns = "scope scope_id on until kind text affects_measures is_break added_by"
    frame = pd.DataFrame(rows, columns=columns.split())
    return frame.assign(
        on=pd.to_datetime(frame["on"]).astype("datetime64[s]"),
        until=pd.to_datetime(frame["until"]).astype("datetime64[s]"),
    )
