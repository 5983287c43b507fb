"""Reading a TOML file that people write about their measures, and saying on which line it is wrong.

Every fault is said with its file and line, what was found and what to do, and all of them at once.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from data.toml_lines import EntryPath, line_of, lines_of
from metrics.errors import MeasureError

Form = TypeVar("Form", bound=BaseModel)

_WHAT_TO_DO = {
    "missing": "this is missing; write it",
    "extra_forbidden": "there is no such entry; check its spelling or remove it",
    "tuple_type": "write a list: between [ and ], with commas",
    "tuple_long": "write fewer entries",
    "too_short": "write at least one",
    "too_long": "write fewer",
    "string_too_short": "write something",
    "string_type": "write text, in quotes",
    "int_type": "write a whole number, without quotes",
    "bool_type": "write true or false, without quotes",
    "model_type": "write a table of entries: between { and }, or under a heading in [ and ]",
}
_A_DATE = "write a date without quotes, such as 2026-09-30"
# What a value may be shown as in a message: a text is quoted, and a long one cut.
_LONGEST = 60


@dataclass(frozen=True)
class OwnToml:
    """One file as it was read, with the line of each entry."""

    name: str
    document: dict[str, Any]
    lines: dict[EntryPath, int]

    @classmethod
    def read(cls, file: Path) -> "OwnToml":
        """Return what a file says.

        Raises:
            MeasureError: If it is not readable TOML.
        """
        try:
            text = file.read_text(encoding="utf-8-sig")
            document = tomllib.loads(text, parse_float=Decimal)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise MeasureError(f"{file.name}: this is not readable TOML: {error}") from error
        return cls(file.name, document, lines_of(text.replace("\r\n", "\n")))

    def fault(self, path: EntryPath, text: str) -> str:
        """Return a fault with its place: "adoption.toml, line 7 (measure 2, status): …"."""
        where = _in_words(path)
        place = f"{self.name}, line {line_of(self.lines, path)}"
        return f"{place} ({where}): {text}" if where else f"{place}: {text}"

    def refuse(self, faults: Iterable[tuple[EntryPath, str]]) -> None:
        """Raise all faults at once, in the order of their lines; nothing for none.

        Raises:
            MeasureError: If there are any.
        """
        found = sorted(faults, key=lambda fault: line_of(self.lines, fault[0]))
        if found:
            raise MeasureError("\n".join(self.fault(*fault) for fault in found))

    def as_form(self, form: type[Form]) -> Form:
        """Return the document in its form.

        Raises:
            MeasureError: If it does not have it; the message lists every fault.
        """
        try:
            return form.model_validate(self.document)
        except ValidationError as error:
            faults = [(_known_path(fault["loc"]), _said(dict(fault))) for fault in error.errors()]
            self.refuse(dict.fromkeys(faults))
            raise


def _known_path(loc: tuple[int | str, ...]) -> EntryPath:
    return tuple(part for part in loc if not str(part).startswith("function-"))


def _in_words(path: EntryPath) -> str:
    """Return a place as its author knows it: "measure 2, aim 1, value"."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        else:
            words.append(str(part))
    return ", ".join(words)


def _said(fault: dict[str, Any]) -> str:
    kind, found = fault["type"], fault["input"]
    shown = f"found {_shown(found)}; " if isinstance(found, str | int | Decimal) else ""
    if kind.startswith("date"):
        return f"{shown}{_A_DATE}"
    if kind == "literal_error":
        allowed = fault["ctx"]["expected"].replace("'", '"')
        return f"{shown}write one of {allowed}"
    if kind.startswith("decimal") or kind == "finite_number":
        return f"{shown}write a number, without quotes"
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    if kind == "missing":
        return _WHAT_TO_DO[kind]
    if kind in _WHAT_TO_DO:
        return shown + _WHAT_TO_DO[kind]
    return f"{shown}{fault['msg'].replace('Input should be', 'this must be')}"


def _shown(found: object) -> str:
    text = str(found)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f'"{text}"' if isinstance(found, str) else text
