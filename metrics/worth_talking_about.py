"""Which findings a team might talk about first: a short, fixed order, at most three."""

from collections.abc import Mapping, Sequence

from metrics.definition import GROUPS, Measure
from metrics.findings import Finding
from metrics.two_kinds import Disagreement

AT_MOST = 3
_OTHERS = ("concern", "neutral_high", "neutral_low", "improvement")


def worth_talking_about(
    findings: Sequence[Finding],
    measures: Mapping[str, Measure],
    found: Disagreement | None = None,
    at_most: int = AT_MOST,
) -> list[Finding]:
    """Return the findings to put first, fewest needed.

    First those that are part of a disagreement between the two kinds of measure, working life
    before hospital, and those whose paired measure got worse while they got better; then concern,
    then changes that are neither good nor bad, then improvement. Within each, the order of the
    groups. Only figures beyond their usual ups and downs come into it.
    """
    signals = [finding for finding in findings if finding.kind == "signal"]
    return sorted(signals, key=lambda f: (_rank(f, found), group_order(measures[f.measure_id])))[
        :at_most
    ]


def group_order(measure: Measure) -> tuple[int, str]:
    """Return the key that puts measures in the order of the groups: people first, hospital last."""
    return GROUPS.index(measure.group), measure.id


def _rank(finding: Finding, found: Disagreement | None) -> int:
    moved = (finding.measure_id, finding.way)
    if found and moved in found.working_life:
        return 0
    if finding.worse_pair:
        return 1
    if found and moved in found.hospital:
        return 2
    return 3 + _OTHERS.index(str(finding.variation))
