import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

import dashboard
from dashboard.charts.palette import DARK, LIGHT, Palette, Role

FOLDER = Path(dashboard.__file__).parent
STYLE = (FOLDER / "theme" / "theme.css").read_text(encoding="utf-8")
SHEETS = [STYLE, (FOLDER / "components" / "drawings.css").read_text(encoding="utf-8")]
THEMES = {"light": LIGHT, "dark": DARK}
TEXT, GRAPHICS = 4.5, 3.0
each_theme = pytest.mark.parametrize("theme", THEMES)


def colours(theme: str) -> dict[str, str]:
    """Return the colours of the style sheet by role, in one theme."""
    place = {"light": 0, "dark": 1}[theme]
    found = re.findall(r"--cm-(\w+): light-dark\((#\w{6}), (#\w{6})\)", STYLE)
    return {name: pair[place].upper() for name, *pair in found}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)


@each_theme
def test_the_style_sheet_and_the_palette_have_the_same_colours(theme: str) -> None:
    palette: Palette = THEMES[theme]

    sheet = colours(theme)

    for name, colour in vars(palette).items():
        assert sheet[name] == colour, name


@each_theme
@pytest.mark.parametrize("ground", ["paper", "card", "wash"])
@pytest.mark.parametrize("text", ["ink", "quiet", "link"])
def test_text_can_be_read_on_every_ground(theme: str, ground: str, text: str) -> None:
    sheet = colours(theme)

    assert contrast(sheet[text], sheet[ground]) >= TEXT


@each_theme
@pytest.mark.parametrize("ground", ["paper", "card", "wash"])
@pytest.mark.parametrize("role", get_args(Role))
def test_signs_and_marks_can_be_seen_on_every_ground(theme: str, ground: str, role: str) -> None:
    sheet = colours(theme)

    assert contrast(sheet[role], sheet[ground]) >= GRAPHICS


@each_theme
@pytest.mark.parametrize("role", ["improvement", "concern"])
def test_the_arrow_can_be_seen_on_its_sign(theme: str, role: str) -> None:
    sheet = colours(theme)

    assert contrast(sheet["card"], sheet[role]) >= GRAPHICS


@each_theme
def test_streamlits_own_parts_are_dressed_alike(theme: str) -> None:
    config = tomllib.loads((FOLDER / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    own, sheet = config["theme"][theme], colours(theme)

    assert own["backgroundColor"] == sheet["paper"]
    assert own["secondaryBackgroundColor"] == sheet["card"]
    assert own["textColor"] == sheet["ink"]
    assert own["primaryColor"] == own["linkColor"] == sheet["link"]
    # The border of what can be filled in is a graphic; hairlines are only decoration.
    for ground in ("paper", "card"):
        assert contrast(own["borderColor"], sheet[ground]) >= GRAPHICS


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_colour_that_is_used_is_one_of_these(sheet: str) -> None:
    used = set(re.findall(r"var\(--cm-(\w+)\)", sheet)) - {"serif", "sans"}

    assert used <= set(colours("light"))
    rest = re.sub(r"light-dark\([^)]*\)", "", sheet)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rest) == []
