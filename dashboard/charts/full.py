"""The full SPC chart of one measure in one area, as a Plotly figure: the one chart to explore."""

import datetime
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise

import plotly.graph_objects as go

from dashboard.charts.palette import Palette
from dashboard.charts.series import ChartPoint, Series, as_drawn
from dashboard.charts.spc import Scale, scale_of
from dashboard.charts.svg import ROLES
from dashboard.numbers import Figures, day, period, sentence_case
from metrics.adoption import Aim
from metrics.findings import Variation
from metrics.reading import Event

HEIGHT = 430
# A shape for every judgement, so that the chart reads without colour.
SYMBOLS: dict[Variation, tuple[str, int]] = {
    "common_cause": ("circle", 6),
    "improvement": ("circle", 10),
    "concern": ("diamond", 11),
    "neutral_high": ("triangle-up", 11),
    "neutral_low": ("triangle-down", 11),
}
# How long a line of the legend may be, and which part of the height an aim's words take.
_LEGEND_LETTERS = 34
_ROOM_FOR_WORDS = 0.08
NOT_JUDGED = "not judged"
PROVISIONAL = "provisional"
JUDGEMENTS: dict[Variation, str] = {
    "common_cause": "as usual",
    "improvement": "better than usual",
    "concern": "worse than usual",
    "neutral_high": "higher than usual",
    "neutral_low": "lower than usual",
}


@dataclass(frozen=True)
class Look:
    """How the chart is dressed."""

    palette: Palette
    font: str = "Source Sans, sans-serif"
    size: int = 15


def spc_figure(
    series: Series,
    figures: Figures,
    unit: str,
    events: Sequence[Event],
    look: Look,
    aims: Sequence[Aim] = (),
) -> go.Figure:
    """Return values with their shapes, mean, process limits, steps, numbered events and aims.

    Args:
        series: The points, oldest first; a missing value is a gap.
        figures: How the measure's figures are said.
        unit: What the vertical axis counts.
        events: What happened, drawn as numbered flags in this order.
        look: Colours and type.
        aims: What was agreed to be reached or kept, each drawn while it holds.
    """
    figure = go.Figure()
    series = as_drawn(series, figures)
    for traces in (_levels(series, look), _lines(series, look), _marks(series, figures, look)):
        figure.add_traces(list(traces))
    lines = [(aim, _aim_points(aim, series)) for aim in aims]
    lines = [(aim, points) for aim, points in lines if points]
    figure.add_traces([_aim_line(aim, points, figures, look) for aim, points in lines])
    _add_steps(figure, series, look)
    _add_events(figure, series, events, look)
    drawn = [value for _, points in lines for _, value in points]
    _dress(figure, _with_room_for(scale_of([series]), drawn), unit, look)
    return figure


def aim_in_words(aim: Aim, figures: Figures) -> str:
    """Return "local standard: 15%, agreed by the neighbourhood board"."""
    value = figures.value(float(aim.value))
    if aim.start is not None and aim.by is not None:
        value = f"from {figures.value(float(aim.start))} to {value} by {day(aim.by)}"
    by = f"agreed by {aim.agreed_by}" if aim.agreed_by else "nobody named who agreed it"
    return f"{aim.kind}: {value}, {by}"


def _aim_points(aim: Aim, series: Series) -> list[tuple[datetime.date, float]]:
    """Return where an aim's line goes: from its first day in the series to its last."""
    if not series:
        return []
    begins = max(aim.from_, series[0].start)
    ends = min(aim.until or datetime.date.max, series[-1].end)
    if begins >= ends:
        return []
    turns = [aim.by] if aim.by and begins < aim.by < ends else []
    return [(on, aim.value_on(on)) for on in (begins, *turns, ends)]


def _aim_line(
    aim: Aim, points: Sequence[tuple[datetime.date, float]], figures: Figures, look: Look
) -> go.Scatter:
    said = aim_in_words(aim, figures)
    label = f"{sentence_case(aim.kind)} {figures.bare(float(aim.value))}"
    return go.Scatter(
        x=[on.isoformat() for on, _ in points],
        y=[value for _, value in points],
        mode="lines+text",
        text=[label, *[""] * (len(points) - 1)],
        textposition="top right",
        textfont={"color": look.palette.standard},
        # The whole of it stands in the legend, in lines that a narrow screen can hold.
        name="<br>".join(escape(part) for part in textwrap.wrap(said, _LEGEND_LETTERS)),
        line={"color": look.palette.standard, "width": 2, "dash": "longdashdot"},
        hoverinfo="skip",
    )


def _with_room_for(scale: Scale, values: Sequence[float]) -> Scale:
    """Return a scale that an aim's line lies inside as well, with room for its words."""
    if not values:
        return scale
    room = (max(scale.high, *values) - min(scale.low, *values)) * _ROOM_FOR_WORDS
    low = scale.low if min(values) >= scale.low else min(values) - (room if min(values) < 0 else 0)
    return Scale(low, max(scale.high, max(values) + room))


def judged_as(point: ChartPoint) -> str:
    """Return what is claimed of one point, in words; of most of a young series, nothing is."""
    if point.provisional:
        return PROVISIONAL
    return NOT_JUDGED if point.upper is None else JUDGEMENTS[point.judgement]


def _start(point: ChartPoint) -> str:
    return point.start.isoformat()


def _levels(series: Series, look: Look) -> Iterator[go.Scatter]:
    """Yield mean and limit lines, broken where they were calculated anew."""
    drawn = (
        ("mean", "average", look.palette.ink, "solid", 1.6),
        ("upper", "usual range", look.palette.usual, "dash", 1.4),
        ("lower", "usual range", look.palette.usual, "dash", 1.4),
    )
    for attribute, name, colour, dash, width in drawn:
        for number, (_, group) in enumerate(groupby(series, key=lambda point: point.segment)):
            points = list(group)
            if getattr(points[0], attribute) is None:
                continue
            yield go.Scatter(
                x=[_start(point) for point in points],
                y=[getattr(point, attribute) for point in points],
                mode="lines",
                name=name,
                legendgroup=name,
                showlegend=attribute != "lower" and number == 0,
                line={"color": colour, "dash": dash, "width": width},
                hoverinfo="skip",
            )


def _lines(series: Series, look: Look) -> Iterator[go.Scatter]:
    """Yield the line through the values, broken where a value is missing or limits begin anew."""
    for _, group in groupby(series, key=lambda point: point.segment):
        points = list(group)
        yield go.Scatter(
            x=[_start(point) for point in points],
            y=[point.value for point in points],
            mode="lines",
            connectgaps=False,
            line={"color": look.palette.usual, "width": 1.4},
            hoverinfo="skip",
            showlegend=False,
        )


def _marks(series: Series, figures: Figures, look: Look) -> Iterator[go.Scatter]:
    """Yield the values, one set of marks for each thing that is said of some of them."""
    for said in (*JUDGEMENTS.values(), NOT_JUDGED, PROVISIONAL):
        points = [p for p in series if p.value is not None and judged_as(p) == said]
        if not points:
            continue
        symbol, size = SYMBOLS[points[0].judgement]
        colour = look.palette.of(ROLES[points[0].judgement])
        yield go.Scatter(
            x=[_start(point) for point in points],
            y=[point.value for point in points],
            mode="markers",
            name=said,
            marker={
                "symbol": symbol,
                "size": size,
                "color": look.palette.card if said == PROVISIONAL else colour,
                "line": {"color": colour, "width": 1.6},
            },
            text=[_heard(point, figures) for point in points],
            hovertemplate="%{text}<extra></extra>",
        )


def _heard(point: ChartPoint, figures: Figures) -> str:
    assert point.value is not None
    usual, decimals = "", None
    if point.lower is not None and point.upper is not None:
        said, decimals = figures.between(point.lower, point.upper, point.value)
        usual = f"; usually {said}"
    value = escape(figures.value(point.value, decimals))
    return f"<b>{period(point.start, point.end)}</b><br>{value}<br>{judged_as(point)}{usual}"


def _add_steps(figure: go.Figure, series: Series, look: Look) -> None:
    for before, after in pairwise(series):
        if before.segment != after.segment:
            figure.add_vline(
                x=after.start.isoformat(), line={"color": look.palette.quiet, "dash": "dot"}
            )


def _add_events(figure: go.Figure, series: Series, events: Sequence[Event], look: Look) -> None:
    for number, event in enumerate(events, start=1):
        if series and series[0].start <= event.on < series[-1].end:
            figure.add_annotation(
                x=event.on.isoformat(),
                y=1,
                yref="paper",
                yanchor="bottom",
                text=f"<b>{number}</b>",
                showarrow=False,
                font={"color": look.palette.ink},
                bgcolor=look.palette.card,
                bordercolor=look.palette.quiet,
                borderpad=3,
            )


def _dress(figure: go.Figure, scale: Scale, unit: str, look: Look) -> None:
    palette = look.palette
    axis = {
        "showgrid": False,
        "zeroline": False,
        "linecolor": palette.hairline,
        "tickcolor": palette.hairline,
        "tickfont": {"color": palette.quiet},
    }
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 44, "b": 8},
        font={"family": look.font, "size": look.size, "color": palette.ink},
        paper_bgcolor=palette.card,
        plot_bgcolor=palette.card,
        hoverlabel={
            "bgcolor": palette.card,
            "bordercolor": palette.quiet,
            "font": {"color": palette.ink, "size": look.size},
            "align": "left",
        },
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0, "title": None},
        dragmode=False,
    )
    figure.update_xaxes(**axis, tickformat="%b<br>%Y", tickangle=0, nticks=6, fixedrange=True)
    figure.update_yaxes(
        **{**axis, "showgrid": True, "gridcolor": palette.hairline},
        title={"text": escape(unit), "font": {"color": palette.quiet, "size": look.size - 1}},
        range=[scale.low, scale.high],
        fixedrange=True,
        automargin=True,
        nticks=6,
    )
