"""The colours of meaning, for light and dark paper, where a drawing cannot use the style sheet.

Contrast against paper is at least 4.3 to 1 for every one of them. No colour speaks alone: each
comes with a shape and a word (`icons.py`, `wording.py`).
"""

from dataclasses import dataclass
from typing import Literal

Role = Literal["improvement", "concern", "usual", "neutral", "quiet"]


@dataclass(frozen=True)
class Palette:
    """One theme's colours, as #RRGGBB."""

    paper: str
    card: str
    ink: str
    quiet: str
    hairline: str
    improvement: str
    concern: str
    usual: str
    neutral: str
    standard: str

    def of(self, role: Role) -> str:
        """Return the colour of a role."""
        return str(getattr(self, role))


LIGHT = Palette(
    paper="#FBFAF7",
    card="#FFFFFF",
    ink="#1E2A32",
    quiet="#55636E",
    hairline="#D9D5CC",
    improvement="#0067B8",
    concern="#B84A00",
    usual="#6F7780",
    neutral="#6A3FA0",
    standard="#A3123C",
)
DARK = Palette(
    paper="#14191F",
    card="#1C232B",
    ink="#E8EDF1",
    quiet="#A9B6C1",
    hairline="#36424D",
    improvement="#5BB4F5",
    concern="#FF9A52",
    usual="#95A1AC",
    neutral="#C3A3F0",
    standard="#FF8FA9",
)
