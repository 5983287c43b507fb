"""What is kept between reruns; the only module that caches.

Every key names the partnership's folder and the snapshot's version, so nothing ever needs to be
thrown away: a new version is a new key, and the oldest entries make room.
"""

import datetime
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.book import Book
from dashboard.charts.series import Series, series_by
from dashboard.health import StateOfData
from data import counts
from data.acts import standings
from data.contract import load_contracts
from data.counts import Count, Team
from data.doubtful import Doubt, doubts_of
from data.feeds import feeds_of
from data.home import Home
from data.records import schema_of
from data.snapshots import served_version
from metrics.blocks import Submitted
from metrics.definition import Measure, read_catalogue
from metrics.findings import AreaLevel
from metrics.reading import Snapshot
from metrics.worth_talking_about import group_order

# The files that something was read from, and when each was last written.
Stamp = tuple[tuple[str, int], ...]


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
    return series_by(frame, "measure_id")


@st.cache_resource(max_entries=256, show_spinner=False)
def series_of_measure(
    home_path: Path, version: str, measure_id: str
) -> dict[tuple[AreaLevel, str], Series]:
    """Return one measure's series in every area, by level and area."""
    frame = Snapshot(Home(home_path), version).points(measure_id)
    return series_by(frame, ["area_level", "area_id"])


@st.cache_resource(max_entries=256, show_spinner=False)
def series_of_further(
    home_path: Path, version: str, measure_id: str, level: AreaLevel, area_id: str
) -> dict[tuple[str, str], Series]:
    """Return the series of a measure's parts and further figures in one area, by id and part."""
    frame = Snapshot(Home(home_path), version).points_of_further(measure_id, level, area_id)
    return series_by(frame, ["measure_id", "split"])


def teams_now(home: Home, today: datetime.date) -> list[Team]:
    """Return the teams there are today, by name.

    Raises:
        DataError: If the partnership's lists cannot be used.
    """
    return _teams_now(home.path, _stamp(home), today)


@st.cache_data(max_entries=4, show_spinner=False)
def _teams_now(home_path: Path, stamp: Stamp, today: datetime.date) -> list[Team]:
    del stamp
    return counts.teams_now(Home(home_path), today)


def counts_sent(home: Home, team_id: str) -> Mapping[datetime.date, Mapping[str, Count]]:
    """Return what a team has counted so far, by month and measure."""
    return _counts_sent(home.path, _stamp(home), team_id)


@st.cache_data(max_entries=64, show_spinner=False)
def _counts_sent(
    home_path: Path, stamp: Stamp, team_id: str
) -> Mapping[datetime.date, Mapping[str, Count]]:
    del stamp
    return counts.counts_sent(Home(home_path), team_id)


def days_sent(home: Home, team_id: str) -> Mapping[datetime.date, Mapping[str, Count]]:
    """Return a team's tallies so far, by week and reason."""
    return _days_sent(home.path, _stamp(home), team_id)


@st.cache_data(max_entries=64, show_spinner=False)
def _days_sent(
    home_path: Path, stamp: Stamp, team_id: str
) -> Mapping[datetime.date, Mapping[str, Count]]:
    del stamp
    return counts.days_sent(Home(home_path), team_id)


def reasons(home: Home) -> list[str]:
    """Return why staff may not have been able to go out, as the tally names it."""
    return _reasons(home.path, _stamp(home))


@st.cache_data(max_entries=4, show_spinner=False)
def _reasons(home_path: Path, stamp: Stamp) -> list[str]:
    del stamp
    return counts.reasons(Home(home_path))


def counted_measures(home: Home) -> list[Measure]:
    """Return the measures that teams count by hand, in the order of their groups."""
    return _counted_measures(home.path, _stamp(home))


@st.cache_resource(max_entries=4, show_spinner=False)
def _counted_measures(home_path: Path, stamp: Stamp) -> list[Measure]:
    del stamp
    home = Home(home_path)
    measures = read_catalogue(home, schema_of(load_contracts(home))).measures.values()
    counted = [m for m in measures if any(isinstance(block, Submitted) for block in m.blocks)]
    return sorted(counted, key=group_order)


def _stamp(home: Home) -> Stamp:
    """Return what changes whenever something is loaded, or a list or definition is edited."""
    read = [*home.own_files(), *home.batches.glob("*/*.toml")]
    return tuple(sorted((str(path), path.stat().st_mtime_ns) for path in read))


def state_of_data(home: Home) -> StateOfData:
    """Return what was loaded, what is late, held and doubtful, as it is now.

    Raises:
        DataError: If a file of the partnership cannot be used.
    """
    return _state_of_data(home.path, _stamp(home), served_version(home), home.now().date())


@st.cache_resource(max_entries=4, show_spinner=False)
def _state_of_data(
    home_path: Path, stamp: Stamp, version: str | None, today: datetime.date
) -> StateOfData:
    del stamp
    home = Home(home_path)
    snapshot = Snapshot(home, version) if version else None
    zone = ZoneInfo(home.settings().time_zone)
    return StateOfData(
        today=today,
        contracts=load_contracts(home),
        batches=standings(home),
        feeds=snapshot.feeds(today) if snapshot else feeds_of(home, today),
        notes=snapshot.notes if snapshot else [],
        published_at=snapshot.published_at.replace(tzinfo=zone) if snapshot else None,
    )


def doubts(home: Home) -> list[Doubt]:
    """Return what is doubtful in all that counts; worked out once for what is loaded now.

    Raises:
        DataError: If a file of the partnership cannot be used.
    """
    return _doubts(home.path, _stamp(home), home.now().date())


@st.cache_resource(max_entries=2, show_spinner="Looking for what contradicts itself")
def _doubts(home_path: Path, stamp: Stamp, today: datetime.date) -> list[Doubt]:
    del stamp, today
    return doubts_of(Home(home_path))
