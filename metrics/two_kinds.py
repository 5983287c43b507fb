"""Where the two kinds of measure disagree: hospital use went one way, working life the other.

The rule is on directions of change, not on good and bad, because what hospital figures are worth
is disputed. It names a team when, within its last six periods,

* a measure that speaks for hospital use was beyond usual variation one way, and
* at least two measures that speak for working life were beyond theirs to the other side:
  where hospital figures went the way that is officially better, these went the way that is worse,
  or the reverse;
* leaving out any figure that a recorded change of recording or of boundaries in the same six
  periods explains, and any that was beyond usual variation both ways.

Which measures speak for what stands in their definitions (`speaks_for`).
"""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from metrics.definition import Measure
from metrics.findings import AreaLevel, Finding, Way

WORKING_LIFE_NEEDED = 2
# Steady teams that the rule would name by chance alone: `benchmarks/false_alarms.py`, 36 months of
# independent noise, two hospital measures and five of working life.
FALSE_ALARMS_PER_TEAM = 0.0014


class Disagreement(BaseModel):
    """A team where hospital figures moved one way and working life the other.

    `hospital_way` is the way the hospital figures went by their official direction; `measures`
    on each side are (measure id, way it moved).
    """

    model_config = ConfigDict(frozen=True)

    area_level: AreaLevel
    area_id: str
    hospital_better: bool
    hospital: tuple[tuple[str, Way], ...]
    working_life: tuple[tuple[str, Way], ...]


def find_disagreement(
    findings: Iterable[Finding], measures: Mapping[str, Measure]
) -> Disagreement | None:
    """Return the disagreement in one area, given all its findings, or None."""
    moved = [f for f in findings if len(f.recent) == 1 and not f.explained_by]
    for hospital_better in (True, False):
        hospital = _moves(moved, measures, "hospital use", better=hospital_better)
        working_life = _moves(moved, measures, "working life", better=not hospital_better)
        if hospital and len(working_life) >= WORKING_LIFE_NEEDED:
            return Disagreement(
                area_level=moved[0].area_level,
                area_id=moved[0].area_id,
                hospital_better=hospital_better,
                hospital=hospital,
                working_life=working_life,
            )
    return None


def _moves(
    findings: Sequence[Finding], measures: Mapping[str, Measure], side: str, *, better: bool
) -> tuple[tuple[str, Way], ...]:
    return tuple(
        (finding.measure_id, finding.recent[0])
        for finding in findings
        if (measure := measures[finding.measure_id]).speaks_for == side
        and measure.better != "neither"
        and (finding.recent[0] == measure.better) == better
    )
