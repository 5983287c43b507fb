"""The part of a document that is written by a program: everything under its mark."""

from collections.abc import Iterable
from pathlib import Path


def written_anew(text: str, mark: str, lines: Iterable[str]) -> str:
    """Return a page as it is down to the line of its mark, with these lines under it."""
    above, _, below = text.partition(mark)
    rest_of_line = below.partition("\n")[0]
    return f"{above}{mark}{rest_of_line}\n\n" + "\n".join(lines)


def write(page: Path, mark: str, lines: Iterable[str]) -> None:
    """Write a page's part under its mark anew, and leave what stands above it."""
    text = written_anew(page.read_text(encoding="utf-8"), mark, lines)
    page.write_text(text, encoding="utf-8", newline="\n")
