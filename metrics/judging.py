"""Judging everything that was computed: one finding for each measure and area."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.batches import Batch
from data.calendar import add_months, months_covered, periods
from data.records import Schema
from metrics.adoption import Adoption
from metrics.areas import Area, Event, Place, places_by_area
from metrics.definition import Measure
from metrics.findings import (
    RECENT_PERIODS,
    Finding,
    Judged,
    judge_series,
    with_pairs,
)
from metrics.two_kinds import Disagreement, find_disagreement


@dataclass(frozen=True)
class Judgement:
    """All that is claimed of a snapshot.

    Attributes:
        points: Rows of `spc_point`: the process limits and judgement of every point drawn.
    """

    findings: list[Finding]
    points: list[dict[str, object]]
    disagreements: list[Disagreement]


def judge_all(
    values: pd.DataFrame,
    measures: Mapping[str, Measure],
    schema: Schema,
    areas: Sequence[Area],
    events: Sequence[Event],
    batches: Sequence[Batch],
    adoption: Adoption,
) -> Judgement:
    """Return the findings, chart points and disagreements of all the values of a snapshot.

    Measures are set against each other only where both are shown: on trial in an area, or adopted.
    An area that is no longer there at the end keeps its values, and nothing is claimed of it.
    """
    places = places_by_area(areas)
    latest = {m.id: _latest_period(m, schema, batches) for m in measures.values()}
    findings: list[Finding] = []
    points: list[dict[str, object]] = []
    further: list[Finding] = []
    for (measure_id, split, level, area_id), series in _series(values).items():
        if (level, area_id) not in places:
            continue
        bearing = [e for e in events if e.bears_on(measure_id, places[level, area_id])]
        measure = measures[measure_id]
        judged = _judge(measure, series, latest[measure_id], bearing)
        # Further figures and parts are said on their measure's own page, and nowhere weighed.
        (further if split or measure.is_figure else findings).append(judged.finding)
        place = {"measure_id": measure_id, "split": split, "area_level": level, "area_id": area_id}
        points += [{**place, **point} for point in judged.points]
    by_area: list[Finding] = []
    disagreements: list[Disagreement] = []
    for (level, area_id), group in _by_area(findings).items():
        shown, not_shown = _shown(group, adoption, places[level, area_id])
        shown = with_pairs(shown, measures)
        by_area += [*shown, *not_shown]
        if level == "team" and (found := find_disagreement(shown, measures)):
            disagreements.append(found)
    return Judgement([*by_area, *further], points, disagreements)


def _shown(
    findings: Iterable[Finding], adoption: Adoption, places: Sequence[Place]
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings of one area that its boards show, and the others."""
    shown: list[Finding] = []
    not_shown: list[Finding] = []
    for finding in findings:
        here = adoption.shows(finding.measure_id, places)
        (shown if here else not_shown).append(finding)
    return shown, not_shown


def _judge(
    measure: Measure,
    series: Sequence[Mapping[str, Any]],
    latest: datetime.date | None,
    events: Sequence[Event],
) -> Judged:
    starts = [row["period_start"] for row in series]
    upto = starts.index(latest) + 1 if latest in starts else len(starts)
    recent, end = starts[max(0, upto - RECENT_PERIODS)], series[upto - 1]["period_end"]
    breaks = (_first_after(e.on, starts[:upto]) for e in events if e.is_break and e.on > starts[0])
    return judge_series(
        measure,
        series[:upto],
        breaks=[start for start in breaks if start is not None],
        explained_by=tuple(
            e.text for e in events if e.may_explain and e.on < end and _lasted_until(e, recent)
        ),
    )


def _lasted_until(event: Event, day: datetime.date) -> bool:
    """Return whether an event was on a day or after it: an outage lasts until it is over."""
    return event.on >= day or (event.until is not None and event.until > day)


def _latest_period(
    measure: Measure, schema: Schema, batches: Sequence[Batch]
) -> datetime.date | None:
    """Return the period a measure's findings are about: the last that its feeds were sent for.

    A quarter of which only the first month or two were sent is not over yet.
    """
    tables = {
        table for block in measure.blocks for table in schema.countable[block.table].received_with
    }
    covered = months_covered([batch for batch in batches if batch.table in tables])
    if covered is None:
        return None
    first, last = covered
    starts = [s for s, end in periods(measure.periods, first, last) if end <= add_months(last, 1)]
    return starts[-1] if starts else None


def _first_after(day: datetime.date, starts: Sequence[datetime.date]) -> datetime.date | None:
    """Return the start of the first period that lies wholly after a change; None if none does."""
    return next((start for start in starts if start >= day), None)


def _series(values: pd.DataFrame) -> dict[tuple[str, str, Any, str], list[dict[str, Any]]]:
    """Return the values of each measure and area, oldest first, with plain dates and numbers."""
    frame = values.copy()
    for name in ("period_start", "period_end"):
        frame[name] = pd.to_datetime(frame[name]).dt.date
    for name in ("numerator", "denominator", "n", "value"):
        amounts = frame[name].astype("object")
        frame[name] = amounts.where(frame[name].notna(), None)
    series: dict[tuple[str, str, Any, str], list[dict[str, Any]]] = {}
    for row in frame.to_dict("records"):
        row["n"] = None if row["n"] is None else int(row["n"])
        key = (row["measure_id"], row["split"], row["area_level"], row["area_id"])
        series.setdefault(key, []).append({str(name): value for name, value in row.items()})
    return series


def _by_area(findings: Iterable[Finding]) -> dict[Place, list[Finding]]:
    groups: dict[Place, list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.area_level, finding.area_id), []).append(finding)
    return groups
