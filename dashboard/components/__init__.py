"""The one custom component: signs and small charts as SVG, drawn from numbers.

Plotly needs seconds for a page of small charts where this needs a twentieth; the words and the
geometry come from Python, so that other mouths (packs, exports) draw the same.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from streamlit.components.v2 import component

from dashboard.charts.icons import GLYPHS, MARKS

Board = dict[str, Any]
Kind = Literal["matrix", "cards", "tiles", "legend"]

_FOLDER = Path(__file__).parent
_DRAWINGS = component(
    "common_measure.drawings",
    html='<div class="root"></div>\n',
    css=(_FOLDER / "drawings.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "drawings.js").read_text(encoding="utf-8"),
)


def draw(kind: Kind, board: Board, key: str, go: Callable[[str], None]) -> None:
    """Draw a board; `go` is called with the address of a link that was clicked."""
    data = {"kind": kind, "board": board, "glyphs": GLYPHS, "marks": MARKS}
    clicked = _DRAWINGS(key=key, data=data, on_go_change=_heard)
    if clicked.get("go"):
        go(str(clicked["go"]))


def _heard() -> None:
    """Tell Streamlit that a click is of interest; `draw` acts on it in the run that follows."""
