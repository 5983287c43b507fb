"""What is planted in the city, on fixed dates, for the dashboard to find.

Each story is a lesson: what one chart alone would make people believe, and what is really so.
"""

import pandas as pd

from data.demo.months import Month, month_of
from data.demo.places import TEAMS, Team

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


def drift(team: Team, month: Month) -> int:
    """Return how far the struggling team has drifted: 0 to 18; always 0 for the others."""
    if team.team_id != STRUGGLING_TEAM:
        return 0
    return min(max(month - _DRIFT_BEGINS + 1, 0), DRIFT_MONTHS)


def drifted(before: int, after: int, team: Team, month: Month) -> int:
    """Return a level on its straight way from `before` to `after`, in whole numbers."""
    return before + (after - before) * drift(team, month) // DRIFT_MONTHS


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
    columns = "scope scope_id on until kind text affects_measures is_break added_by"
    frame = pd.DataFrame(rows, columns=columns.split())
    return frame.assign(
        on=pd.to_datetime(frame["on"]).astype("datetime64[s]"),
        until=pd.to_datetime(frame["until"]).astype("datetime64[s]"),
    )
