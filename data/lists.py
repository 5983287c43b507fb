"""The codes that are known to be right: teams, localities, professions, and other spellings."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

ALIASES = "team_alias"
# Every kind of dash and of apostrophe is one: keyboards and spreadsheets choose for themselves.
_DASHES = re.compile(r"\s*[\u2010-\u2015\u2212-]\s*")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc`´]")
_SPACES = re.compile(r"\s+")


def same_code(text: str) -> str:
    """Return a code as it is compared: without regard to case, spacing, dashes and apostrophes."""
    text = _DASHES.sub("-", _APOSTROPHES.sub("'", text.strip()))
    return _SPACES.sub(" ", text).casefold()


Span = tuple[datetime.date, datetime.date | None]


@dataclass
class Codes:
    """The spellings of one list, to be looked up by any way of writing them."""

    spelling: dict[str, str] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, codes: Iterable[str]) -> "Codes":
        """Return the list of these codes."""
        listed = cls()
        listed.add(codes)
        return listed

    def add(self, codes: Iterable[str]) -> None:
        """Add codes; the first spelling of each stands."""
        for code in codes:
            self.exact.add(code)
            self.spelling.setdefault(same_code(code), code)

    def find(self, text: str) -> str | None:
        """Return the code meant by a text, in the list's own spelling, or None."""
        return text if text in self.exact else self.spelling.get(same_code(text))


@dataclass
class Lists:
    """Every list of codes that a column may refer to, and the other spellings of teams.

    Attributes:
        spans: For a table and column, and each code, from when and until when it is true. The end
            is exclusive, and None where there is none yet.
    """

    codes: dict[tuple[str, str], Codes] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    spans: dict[tuple[str, str], dict[str, set[Span]]] = field(default_factory=dict)

    def add(self, table: str, rows: pa.Table) -> None:
        """Add the rows of a reference table to the lists."""
        for name in rows.column_names:
            if pa.types.is_string(rows.schema.field(name).type):
                written = [code for code in rows.column(name).unique().to_pylist() if code]
                self.codes.setdefault((table, name), Codes()).add(written)
                if {"valid_from", "valid_to"} <= {*rows.column_names}:
                    self._add_spans(table, name, rows)
        if table == ALIASES:
            pairs = rows.select(["raw_code", "team_id"]).to_pylist()
            for pair in pairs:
                self.aliases.setdefault(same_code(pair["raw_code"]), set()).add(pair["team_id"])

    def _add_spans(self, table: str, name: str, rows: pa.Table) -> None:
        spans = self.spans.setdefault((table, name), {})
        three = (rows.column(column).to_pylist() for column in (name, "valid_from", "valid_to"))
        for code, first, end in zip(*three, strict=True):
            if code and first:
                spans.setdefault(code, set()).add((first, end))

    def of(self, table: str, column: str) -> Codes | None:
        """Return the list that a column holds, or None where there is no such list."""
        codes = self.codes.get((table, column))
        return codes if codes is not None and codes.exact else None

    def team_meant(self, text: str) -> str | None:
        """Return the team that another spelling stands for; None where it is none, or several."""
        teams = self.aliases.get(same_code(text), set())
        return next(iter(teams)) if len(teams) == 1 else None
