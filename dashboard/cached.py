"""What is kept between reruns; the only module that caches.

Every key names the partnership's folder and the snapshot's version, so nothing ever needs to be
thrown away: a new version is a new key, and the oldest entries make room.
"""

from pathlib import Path

import streamlit as st

from dashboard.book import Book
from dashboard.charts.series import Series, series_by
from data.home import Home
from metrics.findings import AreaLevel
from metrics.reading import Snapshot


def current_version(home: Home) -> str:
    """Return the version being served now: one small file, read each time.

    Raises:
        DataError: If there is no partnership here or nothing has been published.
    """
    home.settings()
    return Snapshot.current(home).version


@st.cache_resource(max_entries=2, show_spinner=False)
def book(home_path: Path, version: str) -> Book:
    """Return one version of the partnership's figures, with everything looked up once."""
    opened = Book(Snapshot(Home(home_path), version))
    # Read now what every page needs, so that two visitors do not read it at the same time.
    opened.said(opened.whole, "")
    return opened


@st.cache_resource(max_entries=256, show_spinner=False)
def series_of_area(
    home_path: Path, version: str, level: AreaLevel, area_id: str
) -> dict[str, Series]:
    """Return every measure's series in one area, by measure."""
    frame = Snapshot(Home(home_path), version).points_of_area(level, area_id)
    return series_by(frame.query("split == ''"), "measure_id")


@st.cache_resource(max_entries=256, show_spinner=False)
def series_of_measure(
    home_path: Path, version: str, measure_id: str
) -> dict[tuple[AreaLevel, str], Series]:
    """Return one measure's series in every area, by level and area."""
    frame = Snapshot(Home(home_path), version).points(measure_id)
    return series_by(frame.query("split == ''"), ["area_level", "area_id"])
