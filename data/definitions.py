"""What the definitions of measures say that concerns data: read as plain text, not understood.

Data comes before measures, so nothing here knows how one is computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from data.errors import ContractError
from data.home import Home
from data.toml import read_toml

SHIPPED = Path(__file__).parent.parent / "metrics" / "catalogue"


@dataclass(frozen=True)
class Definition:
    """One measure.

    Attributes:
        percent: It is a percentage: its numerator is a part of its denominator.
        said: The whole file, as plain values.
    """

    id: str
    title: str
    percent: bool
    said: Mapping[str, Any]

    def names(self, table: str, column: str) -> bool:
        """Return whether the definition counts a column of a table."""
        own = {key: value for key, value in self.said.items() if key not in ("case", "worked")}
        words = list(_words(own))
        return table in words and column in words


def load_definitions(home: Home | None = None) -> dict[str, Definition]:
    """Return every definition by its id: the shipped ones, and the partnership's own over them.

    One that is not TOML is left out: it gives no figure, and `python -m metrics list` says why.
    """
    return {**_shipped(), **(_definitions_in(home.measures) if home else {})}


@cache
def _shipped() -> Mapping[str, Definition]:
    return _definitions_in(SHIPPED)


def _definitions_in(folder: Path) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            said = read_toml(path)
        except ContractError:
            continue
        show = said.get("show")
        percent = isinstance(show, dict) and show.get("as") == "percent"
        name = str(said.get("id", path.stem))
        found[name] = Definition(name, str(said.get("title", "")), percent, said)
    return found


def _words(said: object) -> list[str]:
    if isinstance(said, str):
        return said.split()
    if isinstance(said, Mapping):
        return [word for key, value in said.items() for word in (str(key), *_words(value))]
    if isinstance(said, list):
        return [word for value in said for word in _words(value)]
    return []
