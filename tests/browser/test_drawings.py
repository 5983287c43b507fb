"""What the browser draws and what Python draws for packs and exports, held against each other."""

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import BrowserContext, Locator, Page

import dashboard
from dashboard.boards import TILE, matrix
from dashboard.book import Book
from dashboard.charts.icons import GLYPHS, MARKS
from dashboard.charts.palette import DARK, LIGHT, Palette
from dashboard.charts.series import as_drawn, series_by
from dashboard.charts.spc import Level, Mark, SmallChart, scale_of, spc_geometry
from dashboard.charts.svg import small_chart
from dashboard.numbers import Figures
from dashboard.selection import Selection
from data.home import Home
from metrics.definition import GROUPS
from metrics.reading import Snapshot
from tests.browser.conftest import OpenWindow, Theme
from tests.metrics.measure_tables import on_trial

FOLDER = Path(dashboard.__file__).parent
THEMES: dict[Theme, Palette] = {"light": LIGHT, "dark": DARK}
each_theme = pytest.mark.parametrize("theme", THEMES)
GEOMETRY = ("x1", "y1", "x2", "y2", "points", "d", "transform")
# Draws a board as Streamlit would have it drawn, without Streamlit.
DRAW = """async ({script, style, theme, data}) => {
  const sheet = document.createElement("style");
  sheet.textContent = `:root { color-scheme: ${theme} } ${style}`;
  document.head.append(sheet);
  document.body.className = "stApp";
  document.body.innerHTML = '<div id="here"><div class="root"></div></div>';
  const drawings = await import("data:text/javascript;base64," + script);
  drawings.default({ data, parentElement: document.getElementById("here") });
}"""
# What a shape is and how it looks, in the words of SVG.
LOOK = """shape => {
  const style = getComputedStyle(shape), own = {};
  for (const { name, value } of shape.attributes) own[name] = value;
  return [shape.localName, own, style.fill, style.stroke, style.strokeWidth, style.strokeDasharray,
          style.opacity];
}"""


def every_part() -> SmallChart:
    """Return a chart with a gap, a step, a young stretch and every mark, solid and hollow."""
    marks = [Mark(10.0 + 12 * n, 20.5 + n, judgement, False) for n, judgement in enumerate(MARKS)]
    marks += [Mark(80.0 + 12 * n, 40.0, judgement, True) for n, judgement in enumerate(MARKS)]  # type: ignore[arg-type]
    return SmallChart(
        width=186,
        height=84,
        lines=(((10.0, 20.5), (22.0, 21.5)), ((80.0, 40.0), (92.0, 40.0), (104.0, 40.0))),
        marks=tuple(marks),
        means=(Level(4.0, 60.0, 30.0), Level(60.0, 182.0, 44.4)),
        limits=(Level(60.0, 182.0, 70.0), Level(60.0, 182.0, 12.3)),
        gaps=(68.0,),
        steps=(60.0,),
    )


def drawn_by_python(chart: SmallChart, palette: Palette) -> Iterator[tuple[Any, ...]]:
    for shape in ET.fromstring(small_chart(chart, "A chart.", palette))[1:]:
        yield (
            shape.tag.rpartition("}")[2],
            {name: value for name, value in shape.attrib.items() if name in GEOMETRY},
            "none" if shape.tag.endswith("line") else shape.get("fill"),
            shape.get("stroke"),
            float(shape.get("stroke-width", "1")),
            shape.get("stroke-dasharray", ""),
            float(shape.get("opacity", "1")),
        )


def drawn_by_the_browser(chart: Locator) -> Iterator[tuple[Any, ...]]:
    for shape in chart.locator(":scope > :not(title)").all():
        tag, own, fill, stroke, width, dash, opacity = shape.evaluate(LOOK)
        yield (
            tag,
            {name: value for name, value in own.items() if name in GEOMETRY},
            "none" if tag.endswith("line") else in_hexadecimal(fill),
            in_hexadecimal(stroke),
            float(width.removesuffix("px")),
            "" if dash == "none" else dash.replace("px", "").replace(",", ""),
            float(opacity),
        )


def in_hexadecimal(colour: str) -> str:
    red, green, blue = (int(part) for part in colour[4:-1].split(", "))
    return f"#{red:02X}{green:02X}{blue:02X}"


def draw(page: Page, theme: Theme, board: dict[str, Any], kind: str = "tiles") -> None:
    style = (FOLDER / "theme" / "theme.css").read_text(encoding="utf-8")
    style += (FOLDER / "components" / "drawings.css").read_text(encoding="utf-8")
    script = (FOLDER / "components" / "drawings.js").read_bytes()
    data = {"kind": kind, "board": board, "glyphs": GLYPHS, "marks": MARKS}
    told = {
        "script": base64.b64encode(script).decode(),
        "style": style,
        "theme": theme,
        "data": json.loads(json.dumps(data)),
    }
    page.evaluate(DRAW, told)


def tile(chart: SmallChart, **what: Any) -> dict[str, Any]:
    sign = {"icon": "worse_higher", "role": "concern", "hollow": False, "alt": ""}
    return {
        "title": "People waiting",
        "letter": "P",
        "family": "proposed",
        "href": "measure",
        "number": "66",
        "unit": "referrals",
        "usual": "usually 20 to 41",
        "short": "worse than usual, higher",
        "sign": sign,
        "chart": asdict(chart),
        "chart_alt": "A chart.",
        **what,
    }


@pytest.fixture
def blank(contexts: dict[Theme, BrowserContext]) -> Iterator[Page]:
    page = contexts["light"].new_page()
    yield page
    page.close()


@each_theme
def test_every_shape_of_a_chart_is_the_same_in_the_browser_and_in_a_pack(
    blank: Page, theme: Theme
) -> None:
    chart = every_part()

    draw(blank, theme, {"groups": [{"title": "Flow", "note": "", "tiles": [tile(chart)]}]})

    seen = list(drawn_by_the_browser(blank.locator("svg.chart")))
    assert seen == list(drawn_by_python(chart, THEMES[theme]))
    assert len(seen) == 1 + 2 + 2 + 1 + 2 + 10


def test_the_charts_of_a_page_are_those_that_python_draws(window: OpenWindow, city: Home) -> None:
    here = window().go("team?team=N2")
    snapshot = Snapshot.current(city)
    all_series = series_by(snapshot.points_of_area("team", "N2"), "measure_id")

    for name, measure in Book(snapshot).shown.items():
        series = as_drawn(all_series[name], Figures(measure))
        chart = spc_geometry(series, TILE, scale_of([series]))
        shown = here.page.locator(".tile").filter(
            has=here.page.get_by_text(measure.title, exact=True)
        )
        seen = shown.locator("svg.chart").evaluate(
            "svg => [...svg.children].map(part => [part.localName, part.getAttribute('points')"
            " || part.getAttribute('transform') || part.getAttribute('x1')])"
        )
        root = ET.fromstring(small_chart(chart, ""))
        assert seen[1:] == [
            [
                part.tag.rpartition("}")[2],
                part.get("points") or part.get("transform") or part.get("x1"),
            ]
            for part in root[1:]
        ]


def test_every_sign_is_drawn_with_its_strokes(blank: Page) -> None:
    signs = [
        {"icon": icon, "role": "concern", "hollow": False, "alt": "", "words": icon}
        for icon in GLYPHS
    ]

    draw(blank, "light", {"signs": signs}, "legend")

    drawn = {
        entry.inner_text(): tuple(
            (path.get_attribute("class"), path.get_attribute("d"))
            for path in entry.locator(".sign path").all()
        )
        for entry in blank.locator(".legend li").all()
    }
    assert drawn == GLYPHS


def test_text_is_set_as_text_wherever_it_comes_from(blank: Page) -> None:
    text = '<img src="x" onerror="window.harmed = true">'
    named = dict.fromkeys(
        ("title", "family", "unit", "usual", "short", "number", "chart_alt"), text
    )
    board = {"groups": [{"title": text, "note": text, "tiles": [tile(every_part(), **named)]}]}

    draw(blank, "light", board)

    assert blank.locator("img").count() == 0
    assert blank.get_by_text(text).count() >= 5
    assert blank.evaluate("window.harmed") is None


def test_a_link_is_a_real_link_with_a_relative_address(blank: Page) -> None:
    board = {
        "groups": [{"title": "", "note": "", "tiles": [tile(every_part(), href="team?team=N2")]}]
    }

    draw(blank, "light", board)

    assert blank.get_by_role("link", name="People waiting").get_attribute("href") == "team?team=N2"


@pytest.mark.parametrize("count", [8, 10, 11, 21, 24])
def test_no_heading_of_the_matrix_runs_into_the_next_however_many_there_are(
    blank: Page, city: Home, count: int
) -> None:
    snapshot = Snapshot.current(city)
    shipped = list(snapshot.measures.values())
    many = [
        shipped[n % len(shipped)].model_copy(
            update={"id": f"Q{n}", "group": GROUPS[n * len(GROUPS) // count]}
        )
        for n in range(count)
    ]
    found = [
        one.model_copy(update={"measure_id": f"Q{n}"})
        for n in range(count)
        for one in snapshot.findings
        if one.measure_id == shipped[n % len(shipped)].id
    ]
    vars(snapshot).update(
        measures={measure.id: measure for measure in many},
        findings=found,
        adoption=on_trial(*many),
    )
    board = matrix(Book(snapshot), Selection(team="N2", measure="Q0"))
    # As narrow as it can be before it becomes a list.
    blank.set_viewport_size({"width": board["needs_width"] + 16, "height": 900})

    draw(blank, "light", board, "matrix")

    assert blank.locator(".matrix .title").count() == count
    for heading in blank.locator(".matrix .title, .matrix .group").all():
        cell, text = heading.bounding_box(), heading.locator("span").first.bounding_box()
        assert cell is not None
        assert text is not None
        assert cell["x"] <= text["x"] + 1
        assert text["x"] + text["width"] <= cell["x"] + cell["width"] + 1
    for name in blank.locator(".matrix .group-name").all():
        assert name.evaluate("name => name.scrollWidth <= name.clientWidth")
    assert blank.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
