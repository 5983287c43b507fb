"""The errors of measures: what an author of a definition can put right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic_core import PydanticCustomError

from data.toml_lines import EntryPath, line_of

# The kind of error that a validation reports where several entries do not go together.
MISFITS = "misfits"


class MeasureError(Exception):
    """A definition cannot be used; the message lists every fault found, file by file."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        path: The entry; a fault of the whole file has none.
        said: What is wrong, what is allowed, what to do.
    """

    path: EntryPath
    said: str

    def under(self, *above: str | int) -> "Fault":
        """Return the fault as one of a larger part."""
        return replace(self, path=(*above, *self.path))

    def in_words(self, file: str, lines: Mapping[EntryPath, int]) -> str:
        """Return the fault as its author reads it: file, line, entry, remedy."""
        where = entry(self.path)
        return (
            f"{file}, line {line_of(lines, self.path)}: {where + ': ' if where else ''}{self.said}"
        )


def entry(path: EntryPath) -> str:
    """Return where in a file a fault is, as its author knows it: "case 2.rows.referral 1"."""
    where = ""
    for part in path:
        if isinstance(part, int):
            where += f" {part + 1}"
        else:
            where += f".{part}" if where else part
    return where


def refuse(faults: Iterable[Fault]) -> None:
    """Raise what a validation reports as these faults, if there are any."""
    found = list(faults)
    if found:
        said = "; ".join(f"{entry(f.path)}: {f.said}" if f.path else f.said for f in found)
        raise PydanticCustomError(MISFITS, "{said}", {"said": said, "faults": found})
