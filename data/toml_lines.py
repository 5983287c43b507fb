"""On which line of a TOML file each entry stands, which the reader of the standard library forgets.

Python's `tomllib` gives values without places, and so does tomlkit. This goes through a file that
`tomllib` has read, so that it need not judge anything: it only has to find where entries begin.
"""

import re
import tomllib
from collections.abc import Mapping

# The names of tables and entries, and places in lists counted from 0, from the top of the file.
EntryPath = tuple[str | int, ...]

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_OTHER_VALUE = re.compile(r"[^,\]}#\n]+")


def lines_of(text: str) -> dict[EntryPath, int]:
    """Return the line, from 1, of every entry, table and item of a list in a TOML text.

    A table is where its heading is, or where it is first named; a list under repeated headings,
    where its first one is.

    Args:
        text: What `tomllib` reads without complaint.
    """
    return _Places(text).found()


def line_of(lines: Mapping[EntryPath, int], path: EntryPath) -> int:
    """Return the line of an entry; of one that is not there, that of what it would stand in."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Places:
    """One walk through a text, from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counted = 0
        self.line = 1
        self.lines: dict[EntryPath, int] = {}
        # How many tables each list under repeated headings has so far.
        self.repeated: dict[EntryPath, int] = {}

    def found(self) -> dict[EntryPath, int]:
        table: EntryPath = ()
        self._skip_gap()
        while self.at < len(self.text):
            if self._here("[["):
                table = self._heading("]]", repeated=True)
            elif self._here("["):
                table = self._heading("]", repeated=False)
            else:
                self._entry(table)
            self._skip_gap()
        return self.lines

    def _here(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"line {self._line()}: this is not TOML")
        self.at = found.end()
        return found[0]

    def _skip_gap(self) -> None:
        self._skip(_GAP)

    def _line(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def _note(self, path: EntryPath) -> None:
        line = self._line()
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def _heading(self, end: str, *, repeated: bool) -> EntryPath:
        self.at += len(end)
        path: EntryPath = ()
        keys = self._keys()
        for number, key in enumerate(keys, start=1):
            path = (*path, key)
            if repeated and number == len(keys):
                self.repeated[path] = self.repeated.get(path, 0) + 1
            if path in self.repeated:
                path = (*path, self.repeated[path] - 1)
        self._note(path)
        if not repeated:
            # It may have been named before, by the heading of a table inside it.
            self.lines[path] = self._line()
        self.at = self.text.index(end, self.at) + len(end)
        return path

    def _entry(self, table: EntryPath) -> None:
        line = self._line()
        path = (*table, *self._keys())
        self._note(path)
        self.lines[path] = line
        self.at = self.text.index("=", self.at) + 1
        self._value(path)

    def _keys(self) -> tuple[str, ...]:
        """Return the parts of a key, such as `rows.referral`, and stand behind it."""
        keys: list[str] = []
        while True:
            self._skip_gap()
            if self._here('"') or self._here("'"):
                (key,) = tomllib.loads(f"{self._skip(_TEXT)} = 0")
                keys.append(key)
            else:
                keys.append(self._skip(_BARE_KEY))
            self._skip_gap()
            if not self._here("."):
                return tuple(keys)
            self.at += 1

    def _value(self, path: EntryPath) -> None:
        self._skip_gap()
        if self._here("["):
            self.at += 1
            self._list(path)
        elif self._here("{"):
            self.at += 1
            self._inline_table(path)
        elif self._here('"') or self._here("'"):
            self._skip(_TEXT)
        else:
            self._skip(_OTHER_VALUE)

    def _list(self, path: EntryPath) -> None:
        number = 0
        self._skip_gap()
        while not self._here("]"):
            item = (*path, number)
            self.lines[item] = self._line()
            self._value(item)
            number += 1
            self._skip_comma()
        self.at += 1

    def _inline_table(self, path: EntryPath) -> None:
        self._skip_gap()
        while not self._here("}"):
            self._entry(path)
            self._skip_comma()
        self.at += 1

    def _skip_comma(self) -> None:
        self._skip_gap()
        if self._here(","):
            self.at += 1
            self._skip_gap()
