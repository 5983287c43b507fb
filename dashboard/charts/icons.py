"""The signs: one shape for each thing that can be said of a figure.

The shapes speak without colour: a circle is better, a diamond worse, a triangle neither, and the
arrow or the triangle's point says which way. The vocabulary is that of NHS Making Data Count.
"""

from typing import Literal

Icon = Literal[
    "better_higher",
    "better_lower",
    "worse_higher",
    "worse_lower",
    "higher",
    "lower",
    "usual",
    "too_new",
    "hardly_moves",
    "overlapping",
    "provisional",
    "missing",
    "hidden",
    "not_collected",
    "not_applicable",
]

# A stroke takes the colour of the role; `solid` is filled with it; `over` is drawn on a solid in
# the colour of the card. Paths are in a box of 24 by 24.
Stroke = tuple[Literal["line", "dashed", "solid", "over"], str]

_UP = "M12 17.5V7.5M7.8 11.2L12 7L16.2 11.2"
_DOWN = "M12 6.5V16.5M7.8 12.8L12 17L16.2 12.8"
_CIRCLE = "M12 1.5A10.5 10.5 0 1 1 12 22.5A10.5 10.5 0 1 1 12 1.5Z"
_DIAMOND = "M12 .5L23.5 12L12 23.5L.5 12Z"

GLYPHS: dict[Icon, tuple[Stroke, ...]] = {
    "better_higher": (("solid", _CIRCLE), ("over", _UP)),
    "better_lower": (("solid", _CIRCLE), ("over", _DOWN)),
    "worse_higher": (("solid", _DIAMOND), ("over", _UP)),
    "worse_lower": (("solid", _DIAMOND), ("over", _DOWN)),
    "higher": (("solid", "M12 3L22.5 20.5H1.5Z"),),
    "lower": (("solid", "M12 21L22.5 3.5H1.5Z"),),
    "usual": (("line", "M2.5 13.5C5 7.5 8 7.5 10.5 11.5S16 17.5 21.5 10.5"),),
    "too_new": (("dashed", "M12 4A8 8 0 1 1 12 20A8 8 0 1 1 12 4Z"),),
    "hardly_moves": (("line", "M3 10H21M3 14H21"),),
    "overlapping": (("line", "M3 8H14"), ("line", "M7 12H18"), ("line", "M10 16H21")),
    "provisional": (
        ("line", "M12 7.5A4.5 4.5 0 1 1 12 16.5A4.5 4.5 0 1 1 12 7.5ZM1.5 12H7.5M16.5 12H22.5"),
    ),
    "missing": (("line", "M2.5 12H8M16 12H21.5"), ("line", "M10.2 14.5L13.8 9.5")),
    "hidden": (
        ("line", "M4.5 4.5H19.5V19.5H4.5Z"),
        ("line", "M4.5 12L12 4.5M4.5 19.5L19.5 4.5M12 19.5L19.5 12"),
    ),
    "not_collected": (("line", "M8 12H16"),),
    "not_applicable": (),
}

# The marks on a chart, around 0, 0, before they are scaled: the same shapes, small.
MARKS: dict[str, str] = {
    "common_cause": "M0 -2.1A2.1 2.1 0 1 1 0 2.1A2.1 2.1 0 1 1 0 -2.1Z",
    "improvement": "M0 -4A4 4 0 1 1 0 4A4 4 0 1 1 0 -4Z",
    "concern": "M0 -5L5 0L0 5L-5 0Z",
    "neutral_high": "M0 -4.6L4.8 3.6H-4.8Z",
    "neutral_low": "M0 4.6L4.8 -3.6H-4.8Z",
}
