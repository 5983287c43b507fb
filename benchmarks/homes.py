"""Partnerships to measure with, each in a temporary folder that is removed again."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.demo import city
from data.home import Home
from data.load import load_files
from metrics.publish import publish

PROJECT = Path(__file__).resolve().parents[1]
ENGLAND = PROJECT / "examples" / "england"
REAL = PROJECT.parent / "shared" / "real"
ENGLANDS_FILES = (REAL / "ae_icb_monthly.csv", REAL / "discharge_icb_daily.csv")
CONFIGURATION = (
    "partnership.toml",
    "adoption.toml",
    "reference",
    "recipes",
    "contracts",
    "measures",
)


@contextmanager
def folder() -> Iterator[Path]:
    """Yield an empty folder, gone afterwards."""
    # On Windows a process that has just ended may still hold a file for a moment.
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@contextmanager
def fictional_city() -> Iterator[Home]:
    """Yield the fictional city, published."""
    with folder() as path:
        home = Home(path / "partnership")
        city.make(home)
        publish(home)
        yield home


@contextmanager
def england() -> Iterator[Home]:
    """Yield England's boards with the files that stand beside the project, published.

    The example in the project is only copied from: what is loaded stays out of it.
    """
    with folder() as path:
        home = configuration_of(ENGLAND, path / "england")
        load_files(home, ENGLANDS_FILES)
        publish(home)
        yield home


def has_englands_files() -> bool:
    """Return whether England's published files are here."""
    return all(file.is_file() for file in ENGLANDS_FILES)


def configuration_of(source: Path, place: Path) -> Home:
    """Return a new home with another one's configuration, and nothing of what it has loaded."""
    place.mkdir(parents=True)
    for name in CONFIGURATION:
        if (source / name).is_dir():
            shutil.copytree(source / name, place / name)
        elif (source / name).exists():
            shutil.copy(source / name, place / name)
    return Home(place)


def forget_published(home: Home) -> None:
    """Remove what was published, so that publishing has everything to do again."""
    shutil.rmtree(home.snapshots, ignore_errors=True)
    home.current_file.unlink(missing_ok=True)
