"""Where everything goes on a small SPC chart: one geometry for the screen, packs and exports.

The result holds numbers only. `components/drawings.js` and `svg.py` draw the same numbers, and a
test holds them together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from dashboard.charts.series import ChartPoint, Series
from metrics.findings import Variation

# Room at the edges for the largest mark, in the drawing's own pixels.
MARGIN = 7.0
# A scale reaches a little beyond what is drawn, so that no mark sits on the edge.
HEADROOM = 0.06


@dataclass(frozen=True)
class Scale:
    """The values at the bottom and the top of a drawing."""

    low: float
    high: float


@dataclass(frozen=True)
class Size:
    """Width and height of a drawing in pixels."""

    width: float
    height: float


@dataclass(frozen=True)
class Mark:
    """One value: where it is, what it was judged to be, and whether it will still change."""

    x: float
    y: float
    judgement: Variation
    hollow: bool


@dataclass(frozen=True)
class Level:
    """A horizontal piece of a mean or limit line."""

    x1: float
    x2: float
    y: float


@dataclass(frozen=True)
class SmallChart:
    """The numbers of one drawing, in pixels from its top left corner.

    Attributes:
        lines: Runs of neighbouring values; a missing value ends a run.
        gaps: Where a period has no value.
        steps: Where the mean and limits were calculated anew.
    """

    width: float
    height: float
    lines: tuple[tuple[tuple[float, float], ...], ...]
    marks: tuple[Mark, ...]
    means: tuple[Level, ...]
    limits: tuple[Level, ...]
    gaps: tuple[float, ...]
    steps: tuple[float, ...]


def scale_of(many: Iterable[Series]) -> Scale:
    """Return a scale on which every given series fits, with its limits.

    Where no value is below 0 the scale does not go there either, whatever the lower limit says.
    """
    points = [point for series in many for point in series]
    values = [point.value for point in points if point.value is not None]
    if not values:
        return Scale(0.0, 1.0)
    drawn = values + [
        limit for point in points for limit in (point.lower, point.upper) if limit is not None
    ]
    low, high = min(drawn), max(drawn)
    if min(values) >= 0:
        low = max(low, 0.0)
    if high == low:
        low, high = (0.0, 2 * high) if high > 0 else (low - 1, high + 1)
    room = (high - low) * HEADROOM
    floor = 0.0 if min(values) >= 0 else low - room
    return Scale(max(low - room, floor), high + room)


def spc_geometry(series: Series, size: Size, scale: Scale) -> SmallChart:
    """Return where everything goes; a period is one step to the right, whether or not it is there.

    Values outside the scale, as a limit below 0 may be, are drawn at its edge.
    """
    place = _Place(len(series), size, scale)
    return SmallChart(
        width=size.width,
        height=size.height,
        lines=tuple(_lines(series, place)),
        marks=tuple(
            Mark(place.x(i), place.y(point.value), point.judgement, point.provisional)
            for i, point in enumerate(series)
            if point.value is not None
        ),
        means=tuple(_levels(series, [point.mean for point in series], place)),
        limits=tuple(_levels(series, [point.lower for point in series], place))
        + tuple(_levels(series, [point.upper for point in series], place)),
        gaps=tuple(place.x(i) for i, point in enumerate(series) if point.value is None),
        steps=tuple(
            place.between(i)
            for i, (before, after) in enumerate(pairwise(series))
            if before.segment != after.segment
        ),
    )


@dataclass(frozen=True)
class _Place:
    """Turns a period's number and a value into pixels, to a tenth."""

    count: int
    size: Size
    scale: Scale

    @property
    def _stride(self) -> float:
        return (self.size.width - 2 * MARGIN) / max(self.count - 1, 1)

    def x(self, i: float) -> float:
        return round(MARGIN + i * self._stride, 1)

    def between(self, i: int) -> float:
        return self.x(i + 0.5)

    def y(self, value: float) -> float:
        inside = min(max(value, self.scale.low), self.scale.high)
        share = (inside - self.scale.low) / (self.scale.high - self.scale.low)
        return round(self.size.height - MARGIN - share * (self.size.height - 2 * MARGIN), 1)

    def run(self, first: int, last: int) -> tuple[float, float]:
        """Return the reach of a level line: half a period beyond its first and last point."""
        left = max(self.x(first - 0.5), 0.0)
        return left, min(self.x(last + 0.5), self.size.width)


def _lines(series: Series, place: _Place) -> Iterator[tuple[tuple[float, float], ...]]:
    """Yield the runs of two or more values in one segment with nothing missing between them."""
    numbered = enumerate(series)
    for _, run in groupby(numbered, key=lambda pair: (pair[1].value is None, pair[1].segment)):
        line = tuple((place.x(i), place.y(p.value)) for i, p in run if p.value is not None)
        if len(line) > 1:
            yield line


def _levels(
    series: Sequence[ChartPoint], levels: Sequence[float | None], place: _Place
) -> Iterator[Level]:
    numbered = list(zip(range(len(series)), series, levels, strict=True))
    for (level, _), group in groupby(numbered, key=lambda item: (item[2], item[1].segment)):
        run = [i for i, _, _ in group]
        if level is not None:
            left, right = place.run(run[0], run[-1])
            yield Level(left, right, place.y(level))
