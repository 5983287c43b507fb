"""Ways in which such figures are commonly got wrong, each held by a worked case that says so."""

import re
import tomllib
from pathlib import Path

import pytest

from metrics.definition import CATALOGUE

FILES = sorted(CATALOGUE.glob("*.toml"))
# How each trap is named in the comment above its case, and a measure that could fall into it.
TRAPS = {
    "readmission days 0 to 29": "H08",
    "bed days are clipped": "H07",
    "open spells are not closed today": "H06",
    "day 365": "F03",
    "discharge codes": "H10",
    "calendar against working days": "W01",
    "DUTY is nobody": "F04",
    "the mapping valid on the day": "H07",
    "a rate is annualised": "H02",
    "compared as text": "H03",
}


def cases_under(file: Path, trap: str) -> list[str]:
    """Return what the cases right under a comment about a trap are given."""
    found = []
    for after in re.split(rf"^# trap: [^\n]*{re.escape(trap)}[^\n]*$", _text(file), flags=re.M)[1:]:
        header, given = after.strip().splitlines()[:2]
        assert header in ("[[case]]", "[[figure.case]]"), header
        found.append(tomllib.loads(given)["given"])
    return found


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("trap", "measure"), TRAPS.items())
def test_every_trap_has_a_worked_case(trap: str, measure: str) -> None:
    (file,) = (file for file in FILES if file.stem.startswith(f"{measure}_"))

    assert cases_under(file, trap)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_called_a_trap_stands_above_a_case(file: Path) -> None:
    assert _text(file).count("# trap: ") == len(cases_under(file, ""))
