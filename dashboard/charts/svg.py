"""The small drawings as SVG text, for what leaves the screen: packs and exports."""

from xml.etree import ElementTree as ET

from dashboard.charts.icons import MARKS
from dashboard.charts.palette import LIGHT, Palette, Role
from dashboard.charts.spc import Level, SmallChart
from metrics.findings import Variation

ROLES: dict[Variation, Role] = {
    "common_cause": "usual",
    "improvement": "improvement",
    "concern": "concern",
    "neutral_high": "neutral",
    "neutral_low": "neutral",
}


def small_chart(chart: SmallChart, alt: str, palette: Palette = LIGHT) -> str:
    """Return a chart as one SVG element, with its alternative text."""
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {chart.width:g} {chart.height:g}",
            "role": "img",
            "aria-label": alt,
        },
    )
    ET.SubElement(root, "title").text = alt
    for x in chart.steps:
        _line(root, x, 0, x, chart.height, palette.quiet, "1", "1 3")
    for limit in chart.limits:
        _level(root, limit, palette.usual, "1", "4 3")
    for mean in chart.means:
        _level(root, mean, palette.ink, "1.1", "")
    for x in chart.gaps:
        _line(root, x - 2, chart.height - 1, x + 2, chart.height - 1, palette.quiet, "1", "")
    for line in chart.lines:
        places = " ".join(f"{x:g},{y:g}" for x, y in line)
        ET.SubElement(
            root,
            "polyline",
            {
                "points": places,
                "fill": "none",
                "stroke": palette.usual,
                "stroke-width": "1.1",
                "opacity": "0.75",
            },
        )
    for mark in chart.marks:
        colour = palette.of(ROLES[mark.judgement])
        ET.SubElement(
            root,
            "path",
            {
                "d": MARKS[mark.judgement],
                "transform": f"translate({mark.x:g} {mark.y:g})",
                "fill": palette.card if mark.hollow else colour,
                "stroke": colour,
                "stroke-width": "1",
            },
        )
    return ET.tostring(root, encoding="unicode")


def _level(root: ET.Element, level: Level, colour: str, width: str, dash: str) -> None:
    _line(root, level.x1, level.y, level.x2, level.y, colour, width, dash)


def _line(
    root: ET.Element, x1: float, y1: float, x2: float, y2: float, colour: str, width: str, dash: str
) -> None:
    attributes = {"x1": f"{x1:g}", "y1": f"{y1:g}", "x2": f"{x2:g}", "y2": f"{y2:g}"}
    attributes |= {"stroke": colour, "stroke-width": width}
    if dash:
        attributes["stroke-dasharray"] = dash
    ET.SubElement(root, "line", attributes)
