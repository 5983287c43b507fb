"""One result object for a measure and an area: everything shown is said from it.

The words, the icon, the colour, the table row and the export of a figure are all made from its
Finding, so that they cannot disagree.
"""

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from metrics.definition import Measure
from metrics.spc import XmrPoint, xmr

AreaLevel = Literal["team", "locality", "partnership"]
State = Literal["value", "missing", "suppressed", "not_collected", "not_applicable"]
Variation = Literal["common_cause", "improvement", "concern", "neutral_high", "neutral_low"]
Way = Literal["higher", "lower"]
Claim = Literal["may_judge", "too_new", "no_variation", "overlapping"]

# Making Data Count shows limits and icons from 13 points on.
POINTS_NEEDED = 13
# "Lately" in everything that is said about recent change.
RECENT_PERIODS = 6


class Finding(BaseModel):
    """What there is to say of one measure in one area at its latest period.

    Attributes:
        kind: `signal`: the latest point is beyond usual variation; `usual`: it is not; `too_new`:
            fewer than 13 values since the series began or last broke, so nothing is claimed;
            `no_variation`: the values hardly ever move (the average moving range is 0), so an
            XmR chart can claim nothing; `overlapping`: each figure shares days with the one
            before, so no run of them means anything; `no_value`: the latest period has no figure,
            and `state` and `reason` say why.
        way: For a signal, whether it is higher or lower than usual.
        mean, lower_limit, upper_limit: Centre and process limits in force at the latest period,
            in the measure's own unit, not clipped; absent unless `kind` is signal or usual.
        points: Values since the series began or last broke.
        began: First period with a value.
        signal_since: First period of the unbroken run of signals the same way.
        recent: Ways in which any of the last six periods was beyond usual variation.
        explained_by: Recorded changes (of recording, of boundaries) that bear on the last six
            periods of this figure in this area.
        worse_pair: A paired measure that is worse than usual while this one is better.
    """

    model_config = ConfigDict(frozen=True)

    measure_id: str
    measure_version: int
    split: str = ""
    area_level: AreaLevel
    area_id: str
    period_start: datetime.date
    period_end: datetime.date
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int | None
    state: State
    reason: str = ""
    provisional: bool = False
    kind: Literal["signal", "usual", "too_new", "no_variation", "overlapping", "no_value"]
    variation: Variation | None = None
    special_cause: str = "none"
    way: Way | None = None
    mean: float | None = None
    lower_limit: float | None = None
    upper_limit: float | None = None
    points: int = 0
    began: datetime.date | None = None
    previous: float | None = None
    signal_since: datetime.date | None = None
    recent: tuple[Way, ...] = ()
    explained_by: tuple[str, ...] = ()
    worse_pair: str | None = None


@dataclass(frozen=True)
class Judged:
    """A series with what may be claimed of it: its finding, and its points as charts draw them."""

    finding: Finding
    points: list[dict[str, object]]


def judge_series(
    measure: Measure,
    series: Sequence[Mapping[str, Any]],
    *,
    breaks: Iterable[datetime.date] = (),
    explained_by: tuple[str, ...] = (),
) -> Judged:
    """Return the finding and the chart points of one measure in one area.

    Args:
        measure: The definition; its direction decides what is better, unless it is contested.
        series: `measure_value` rows of the area, oldest first, one for every period; the finding
            is about the last.
        breaks: Starts of periods at which what is counted changed; limits begin anew there.
        explained_by: Recorded changes that bear on the recent periods.

    A missing value breaks a run and is never filled in. A provisional one is drawn, not judged.
    Where a stretch between breaks has fewer than 13 values, or its moving range is 0, nothing is
    claimed of any of its points.
    """
    chart = xmr(
        [row["value"] if _may_be_judged(row) else None for row in series],
        [row["period_start"] for row in series],
        improvement=measure.improvement,
        rebase_at=tuple(breaks),
    )
    claims: dict[int, Claim] = {
        segment: "overlapping" if measure.overlaps else _claim(points)
        for segment, points in _by_segment(chart.points)
    }
    points = [
        _drawn(row, point, claims[point.segment])
        for row, point in zip(series, chart.points, strict=True)
    ]
    return Judged(_finding(measure, series, points, claims, explained_by), points)


def _may_be_judged(row: Mapping[str, Any]) -> bool:
    return row["state"] == "value" and not row["provisional"]


def _by_segment(points: Sequence[XmrPoint]) -> Iterator[tuple[int, list[XmrPoint]]]:
    for segment, group in groupby(points, key=attrgetter("segment")):
        yield segment, list(group)


def _claim(points: Sequence[XmrPoint]) -> Claim:
    known = [point for point in points if not math.isnan(point.value)]
    if len(known) < POINTS_NEEDED:
        return "too_new"
    first = points[0]
    return "may_judge" if first.upper_limit > first.lower_limit else "no_variation"


def _drawn(row: Mapping[str, Any], point: XmrPoint, claim: Claim) -> dict[str, object]:
    judged = claim == "may_judge"
    return {
        "period_start": row["period_start"],
        "segment": point.segment,
        "mean": None if claim == "overlapping" else _known(point.mean),
        "lower_limit": point.lower_limit if judged else None,
        "upper_limit": point.upper_limit if judged else None,
        "lower_near_limit": point.lower_near_limit if judged else None,
        "upper_near_limit": point.upper_near_limit if judged else None,
        "special_cause": str(point.special_cause) if judged else "none",
        "judgement": str(point.judgement) if judged else "common_cause",
    }


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def way_of(special_cause: str) -> Way | None:
    """Return whether a special cause lies on the higher or the lower side; None for none."""
    if special_cause == "none":
        return None
    return "higher" if special_cause.endswith(("above", "up", "above_upper_limit")) else "lower"


def _finding(
    measure: Measure,
    series: Sequence[Mapping[str, Any]],
    points: Sequence[Mapping[str, Any]],
    claims: Mapping[int, Claim],
    explained_by: tuple[str, ...],
) -> Finding:
    row, point = series[-1], points[-1]
    ways: list[Way | None] = [way_of(str(p["special_cause"])) for p in points]
    here = [
        r
        for r, p in zip(series, points, strict=True)
        if p["segment"] == point["segment"] and _may_be_judged(r)
    ]
    with_value = [r for r in series if r["state"] == "value"]
    claim = claims[int(point["segment"])]
    kind = _kind(row, claim, ways[-1])
    judged = kind in ("signal", "usual")
    return Finding(
        measure_id=measure.id,
        measure_version=measure.version,
        split=row["split"],
        area_level=row["area_level"],
        area_id=row["area_id"],
        period_start=row["period_start"],
        period_end=row["period_end"],
        value=row["value"],
        numerator=row["numerator"],
        denominator=row["denominator"],
        n=row["n"],
        state=row["state"],
        reason=_reason(measure, row, with_value),
        provisional=row["provisional"],
        kind=kind,
        variation=point["judgement"] if judged else None,
        special_cause=point["special_cause"] if judged else "none",
        way=ways[-1] if judged else None,
        mean=point["mean"] if judged else None,
        lower_limit=point["lower_limit"] if judged else None,
        upper_limit=point["upper_limit"] if judged else None,
        points=len(here),
        began=with_value[0]["period_start"] if with_value else None,
        previous=with_value[-2]["value"] if row["state"] == "value" and with_value[1:] else None,
        signal_since=_since(points, ways) if kind == "signal" else None,
        recent=_distinct(ways[-RECENT_PERIODS:]),
        explained_by=explained_by,
    )


def _distinct(ways: Sequence[Way | None]) -> tuple[Way, ...]:
    both: tuple[Way, ...] = ("higher", "lower")
    return tuple(way for way in both if way in ways)


def _kind(
    row: Mapping[str, Any], claim: Claim, way: Way | None
) -> Literal["signal", "usual", "too_new", "no_variation", "overlapping", "no_value"]:
    if row["state"] != "value":
        return "no_value"
    if claim != "may_judge":
        return claim
    return "signal" if way else "usual"


def _reason(
    measure: Measure, row: Mapping[str, Any], with_value: Sequence[Mapping[str, Any]]
) -> str:
    if row["state"] == "missing" and with_value:
        latest = with_value[-1]
        months = f"{latest['period_end'] - datetime.timedelta(days=1):%B %Y}"
        if measure.every == "quarter":
            months = f"{latest['period_start']:%B} to {months}"
        return f"{row['reason']}; the last figure is for {months}"
    return row["reason"]


def _since(points: Sequence[Mapping[str, Any]], ways: Sequence[Way | None]) -> datetime.date:
    """Return the first period of the latest run; a run does not go back over a break."""
    first = len(ways) - 1
    while (
        first > 0
        and ways[first - 1] == ways[-1]
        and points[first - 1]["segment"] == points[-1]["segment"]
    ):
        first -= 1
    return points[first]["period_start"]


def with_pairs(findings: Sequence[Finding], measures: Mapping[str, Measure]) -> list[Finding]:
    """Return the findings of one area, each with the paired measure that worsens as it improves."""
    worse = {f.measure_id for f in findings if f.variation == "concern"}

    def conflict(finding: Finding) -> str | None:
        if finding.variation != "improvement":
            return None
        pairs = (pair.measure for pair in measures[finding.measure_id].pairs_with)
        return next((pair for pair in pairs if pair in worse), None)

    return [finding.model_copy(update={"worse_pair": conflict(finding)}) for finding in findings]
