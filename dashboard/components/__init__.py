"""The custom components: signs and small charts as SVG, drawn from numbers; and the address.

Plotly needs seconds for a page of small charts where this needs a twentieth; the words and the
geometry come from Python, so that other mouths (packs, exports) draw the same.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from streamlit.components.v2 import component

from dashboard.charts.icons import GLYPHS, MARKS

Board = dict[str, Any]
Kind = Literal["matrix", "cards", "tiles", "legend", "model"]

_FOLDER = Path(__file__).parent
_DRAWINGS = component(
    "common_measure.drawings",
    html='<div class="root"></div>\n',
    css=(_FOLDER / "drawings.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "drawings.js").read_text(encoding="utf-8"),
)
_ADDRESS = component(
    "common_measure.address", js=(_FOLDER / "address.js").read_text(encoding="utf-8")
)


def draw(kind: Kind, board: Board, key: str) -> None:
    """Draw a board; its links lead to the addresses that it names."""
    _DRAWINGS(key=key, data={"kind": kind, "board": board, "glyphs": GLYPHS, "marks": MARKS})


def complete_address(path: str, params: Mapping[str, str]) -> None:
    """Have the browser's address say what is shown, where it leaves that open or names nothing."""
    _ADDRESS(key="address", data={"page": path, "params": dict(params)})
