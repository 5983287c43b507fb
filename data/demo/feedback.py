"""What people answered to the Friends and Family Test, and what teams counted themselves."""

from decimal import Decimal

import numpy as np
import pandas as pd

from data.demo import draws, months
from data.demo.places import TEAMS, Team

_ANSWERS = np.array(
    ["very good", "good", "neither good nor poor", "poor", "very poor", "don't know"], dtype=object
)
_MODES = np.array(["text", "card", "online", "phone", "tablet"], dtype=object)
_MODE_WEIGHTS = (45, 30, 10, 10, 5)
_TEXT = 0
# In thousandths. By text people are three points less positive than on a card.
_TEXT_ANSWERS = (650, 243, 45, 22, 20, 20)
_OTHER_ANSWERS = (690, 234, 34, 16, 12, 14)
# The variance of a month's responses in percent of independent events': drives come and go.
_RESPONSE_SPREAD = 150

# Meetings in a month: 2 to 5.
_MEETING_WEIGHTS = (15, 20, 50, 15)
_FEWEST_MEETINGS = 2
GP_AT_MEETINGS = "J05"


def fft_response_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `fft_response` table: one row for each answer."""
    parts = [_responses(seed, team, month) for month in span for team in TEAMS]
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values("responded_on", kind="stable", ignore_index=True)


def aggregate_submission_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `aggregate_submission` table: meetings held, and those with a GP there."""
    rows = []
    for month in span:
        for team in TEAMS:
            rng = draws.stream(seed, "aggregate_submission", team.team_id, month)
            held = _FEWEST_MEETINGS + int(draws.pick(rng, _MEETING_WEIGHTS, 1)[0])
            with_gp = int(draws.happens(rng, team.gp_comes * 10, held).sum())
            rows.append((team.team_id, month, GP_AT_MEETINGS, with_gp, Decimal(held)))
    columns = "team_id month measure_id numerator denominator"
    frame = pd.DataFrame(rows, columns=columns.split())
    firsts = np.array([months.first_day(month) for month in frame["month"].tolist()])
    lasts = np.array([months.first_day(month + 1) - 1 for month in frame["month"].tolist()])
    return frame.assign(
        month=months.dates(firsts),
        suppressed=False,
        submitted_by_role="team administrator",
        submitted_on=months.dates(lasts),
    )


def _responses(seed: int, team: Team, month: months.Month) -> pd.DataFrame:
    rng = draws.stream(seed, "fft_response", team.team_id, month)
    size = draws.count(rng, team.responses * 1000, _RESPONSE_SPREAD)
    mode = draws.pick(rng, _MODE_WEIGHTS, size)
    answer = np.where(
        mode == _TEXT,
        draws.pick(rng, _TEXT_ANSWERS, size),
        draws.pick(rng, _OTHER_ANSWERS, size),
    )
    day = months.first_day(month) + draws.whole_numbers(rng, months.days_in(month), size)
    return pd.DataFrame(
        {
            "team_id": team.team_id,
            "responded_on": months.dates(day),
            "answer": _ANSWERS[answer],
            "mode": _MODES[mode],
        }
    )
