"""Files that somebody brings to a page: checked and loaded as the commands do, and not left behind.

A browser's file has no place on disk. It is written to a folder of its own for as long as the check
takes, so that nothing of a refused file stays anywhere.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data.check import Stated
from data.home import Home
from data.load import Progress, check_files, load_files
from data.report import Report

# What a file system may stumble over; the name is shown as it was, whatever becomes of it here.
_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
LONGEST_NAME = 120


@dataclass(frozen=True)
class Brought:
    """One file from a browser."""

    name: str
    content: bytes


def check(home: Home, files: Sequence[Brought], stated: Stated, tell: Progress) -> list[Report]:
    """Return a report on each file; nothing is kept.

    Raises:
        DataError: If the partnership's own files cannot be used.
    """
    with _on_disk(files) as paths:
        return check_files(home, paths, stated, tell)


def accept(
    home: Home, files: Sequence[Brought], stated: Stated, tell: Progress, by: str
) -> list[Report]:
    """Keep what is accepted of each file as a batch; return the reports.

    Raises:
        DataError: As for `check`, or if somebody else is loading now.
    """
    with _on_disk(files) as paths:
        return load_files(home, paths, stated, tell, by)


@contextmanager
def _on_disk(files: Sequence[Brought]) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory(prefix="brought-") as folder:
        paths = []
        for number, file in enumerate(files):
            # Each in its own folder: two may have one name.
            path = Path(folder) / str(number) / safe_name(file.name)
            path.parent.mkdir()
            path.write_bytes(file.content)
            paths.append(path)
        yield paths


def safe_name(name: str) -> str:
    """Return a file's name without folders and without what a file system may refuse."""
    bare = _NOT_IN_A_NAME.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if not dot:
        return bare[:LONGEST_NAME] or "file"
    return f"{stem[:LONGEST_NAME] or 'file'}.{ending[:10]}"
