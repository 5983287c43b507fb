"""The different texts of one column, each looked at once, and what was found about them."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.contract import Column
from data.dates import Form
from data.lists import Lists


@dataclass(frozen=True)
class Fault:
    """Why the cells with one text cannot be taken; `{}` in the message stands for the text."""

    rule: str
    message: str


@dataclass(frozen=True)
class Distinct:
    """The different texts of a column, trimmed, and which of them each row has.

    Attributes:
        where: For each row, the place of its text.
        words: Each text once.
        times: For each text, in how many rows it is.
        trimmed: How many cells lost spaces at an end.
    """

    where: np.ndarray
    words: pa.StringArray
    times: np.ndarray
    trimmed: int

    @classmethod
    def of(cls, cells: pa.DictionaryArray) -> "Distinct":
        """Return the different texts of a column's cells."""
        where, written = np.asarray(cells.indices), cells.dictionary
        times = np.bincount(where, minlength=len(written))
        words = pc.call_function("utf8_trim_whitespace", [written])
        lengths = [pc.call_function("binary_length", [these]) for these in (words, written)]
        kept, before = (np.asarray(these) for these in lengths)
        changed = (kept > 0) & (kept < before)
        return cls(where, words, times, int(times[changed].sum()))

    @classmethod
    def constant(cls, text: str, rows: int) -> "Distinct":
        """Return a column that has the same text in every row."""
        return cls(np.zeros(rows, int), pa.array([text]), np.array([rows]), 0)

    @property
    def texts(self) -> list[str]:
        """Every text, in a new list: of a million different ones two would fill much memory."""
        return self.words.to_pylist()

    @property
    def filled(self) -> pa.StringArray:
        """The texts that are not blank."""
        empty = pc.call_function("equal", [self.words, pa.scalar("")])
        return self.words.filter(pc.call_function("invert", [empty]))

    def text(self, at: int) -> str:
        """Return one text."""
        return str(self.words[at])

    def holding(self, pattern: str) -> np.ndarray:
        """Return for each text whether a pattern, in the syntax of RE2, is found in it."""
        options = pc.MatchSubstringOptions(pattern)
        found = pc.call_function("match_substring_regex", [self.words], options)
        return np.asarray(found, bool)

    def among(self, words: Iterable[str]) -> np.ndarray:
        """Return for each text whether it is one of some words in small letters."""
        small = pc.call_function("utf8_lower", [self.words])
        options = pc.SetLookupOptions(pa.array(sorted(words), pa.string()))
        return np.asarray(pc.call_function("is_in", [small], options), bool)


@dataclass(frozen=True)
class Reading:
    """What reading a column needs to know besides the column.

    Attributes:
        lists: The known codes.
        today: The last day on which something can have happened.
        codes: What the recipe says a text stands for, by `same_code`.
        form: How the column writes its dates.
        place: Gives a row's number as the sender sees it, and its sheet where there are several.
    """

    lists: Lists
    today: datetime.date
    codes: Mapping[str, str] = field(default_factory=dict)
    form: Form | None = None
    place: Callable[[int], tuple[int | None, str | None]] = lambda _: (None, None)


@dataclass
class Notes:
    """What is found while the texts of a column are read.

    Attributes:
        faults: For each text that cannot be taken, why.
        fixes: How many cells were put right, by rule.
        hidden: The texts that say a number was hidden because it is small.
    """

    distinct: Distinct
    faults: dict[int, Fault] = field(default_factory=dict)
    fixes: Counter[str] = field(default_factory=Counter)
    hidden: set[int] = field(default_factory=set)

    def fixed(self, rule: str, at: int) -> None:
        """Count the cells with one text as put right."""
        self.fixes[rule] += int(self.distinct.times[at])

    def fault(self, at: int, rule: str, message: str) -> None:
        """Say why the cells with one text cannot be taken; `{}` in the message shows the text."""
        self.faults[at] = Fault(rule, message)


@dataclass
class Cells:
    """One column of the contract, read.

    Attributes:
        column: What the contract says.
        file_column: The file's own name for it; None where a recipe gives a constant.
        values: For each different text its value; null where it is blank or a fault.
    """

    column: Column
    file_column: str | None
    values: pa.Array
    notes: Notes

    def rows(self) -> pa.Array:
        """Return the value of each row."""
        return self.values.take(pa.array(self.notes.distinct.where))

    def faulty(self) -> np.ndarray:
        """Return for each row whether its cell cannot be taken."""
        return self._marked(self.notes.faults)

    def hidden(self) -> np.ndarray:
        """Return for each row whether its number was hidden."""
        return self._marked(self.notes.hidden)

    def _marked(self, places: Iterable[int]) -> np.ndarray:
        marks = np.zeros(len(self.notes.distinct.words), bool)
        marks[list(places)] = True
        return marks[self.notes.distinct.where]
