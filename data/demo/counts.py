"""What teams send as counts: measures that no system holds, added up from their own records."""

from decimal import Decimal

import numpy as np
import pandas as pd

from data.demo import joining_up, meetings, months, workforce
from data.demo.places import TEAMS

UNABLE_TO_GO_OUT, GP_AT_MEETINGS, REFUSED, GOOD_HANDOVERS, LEARNING = (
    "W03", "J05", "J07", "J08", "S02",
)  # fmt: skip
MEASURES = (UNABLE_TO_GO_OUT, GP_AT_MEETINGS, REFUSED, GOOD_HANDOVERS, LEARNING)


def aggregate_submission_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `aggregate_submission` table.

    Each count is that of the records a team keeps: of `workday_constraint` (weeks that begin in the
    month), `mdt_meeting`, `information_request`, `discharge_handover` and `learning_session`.
    """
    weeks = workforce.workday_constraint_frame(seed, span)
    requests = joining_up.information_request_frame(seed, span)
    handovers = joining_up.discharge_handover_frame(seed, span)
    sessions = meetings.learning_session_frame(seed, span)
    missing = np.asarray(handovers[list(joining_up.ITEMS)] == "no")
    whole = np.asarray(~missing.any(axis=1))
    kept_in = weeks.astype({"days_not_out": int, "field_staff_days_available": int})
    once = kept_in.drop_duplicates(["team_id", "week_start"])
    counted = {
        UNABLE_TO_GO_OUT: (
            _by_month(kept_in, "week_start", kept_in["days_not_out"].to_numpy()),
            _by_month(once, "week_start", once["field_staff_days_available"].to_numpy()),
        ),
        REFUSED: (
            _by_month(requests, "asked_on", joining_up.refused_or_late(requests).to_numpy()),
            _by_month(requests, "asked_on"),
        ),
        GOOD_HANDOVERS: (
            _by_month(handovers, "discharged_on", whole),
            _by_month(handovers, "discharged_on"),
        ),
        LEARNING: (_by_month(sessions, "held_on"), None),
    }
    rows = []
    for month in span:
        for team in TEAMS:
            held, with_gp = meetings.held_and_with_gp(seed, team, month)
            rows.append((team.team_id, month, GP_AT_MEETINGS, with_gp, Decimal(held)))
            for measure, (some, of) in counted.items():
                key = team.team_id, month
                rows.append(
                    (
                        *key,
                        measure,
                        some.get(key, 0),
                        None if of is None else Decimal(of.get(key, 0)),
                    )
                )
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


def _by_month(
    rows: pd.DataFrame, date: str, number: np.ndarray | None = None
) -> dict[tuple[str, int], int]:
    month = months.months_of(rows[date].to_numpy().astype("datetime64[D]").astype(np.int64))
    counted = pd.Series(np.ones(len(rows)) if number is None else number).astype(int)
    sums = counted.groupby([rows["team_id"].to_numpy(), month]).sum()
    return {key: int(total) for key, total in sums.items()}  # type: ignore[misc]
