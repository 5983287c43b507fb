"""One run of one page: which figures it reads, what it looks at, and how it leads elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import cached, prose
from dashboard.book import Book
from dashboard.charts.series import Series
from dashboard.components import complete_address
from dashboard.selection import PageName, Selection, path_of
from data.errors import DataError
from data.home import Home
from metrics.definition import Measure
from metrics.findings import AreaLevel
from metrics.reading import Area

FILES: dict[PageName, str] = {
    "start": "app_pages/start.py",
    "partnership": "app_pages/partnership.py",
    "team": "app_pages/team.py",
    "measure": "app_pages/measure.py",
    "logic_model": "app_pages/logic_model.py",
    "monthly_counts": "app_pages/monthly_counts.py",
    "data_health": "app_pages/data_health.py",
}
# Pages that have something to do before any figure has been published.
BEFORE_FIGURES: tuple[PageName, ...] = ("monthly_counts", "data_health")
_VERSION = "version_being_read"
_CHOSEN = "chosen_before"
WATCH_SECONDS = 5


@dataclass(frozen=True)
class Visit:
    """What a page needs: the figures of one version, and what the address asks for."""

    home: Home
    version: str
    book: Book
    selection: Selection

    @property
    def area(self) -> Area:
        """The area that is being looked at."""
        return self.book.areas[self.selection.team]

    @property
    def measure(self) -> Measure:
        """The measure that is being looked at."""
        return self.book.snapshot.measures[self.selection.measure]

    def series_here(self) -> dict[str, Series]:
        """Return every measure's series in the area being looked at."""
        level, area_id = self.area.level, self.area.id
        return cached.series_of_area(self.home.path, self.version, level, area_id)

    def series_of_measure(self) -> dict[tuple[AreaLevel, str], Series]:
        """Return the series of the measure being looked at, in every area."""
        return cached.series_of_measure(self.home.path, self.version, self.selection.measure)

    def series_of_further(self) -> dict[tuple[str, str], Series]:
        """Return the series of the measure's parts and further figures, in the area looked at."""
        level, area_id = self.area.level, self.area.id
        measure_id = self.selection.measure
        return cached.series_of_further(self.home.path, self.version, measure_id, level, area_id)


def begin() -> Visit:
    """Start a run: read which version is served, and hold to it until the run ends.

    Raises:
        DataError: If there is no partnership or no snapshot to read.
    """
    st.session_state[_VERSION] = None
    st.session_state[_VERSION] = cached.current_version(Home.find())
    return this_visit()


def this_visit() -> Visit:
    """Return the visit that `begin` started in this run."""
    home = Home.find()
    version = str(st.session_state[_VERSION])
    book = cached.book(home.path, version)
    asked = {**st.session_state.get(_CHOSEN, {}), **st.query_params.to_dict()}
    return Visit(home, version, book, Selection.read(asked, book.snapshot))


@st.fragment(run_every=WATCH_SECONDS)
def watch_for_a_new_version() -> None:
    """Run the page again as soon as another version is served (or the first one)."""
    try:
        served = cached.current_version(Home.find())
    except DataError:
        served = None
    if served != st.session_state[_VERSION]:
        st.rerun()


def note_what_is_shown(page: PageName) -> None:
    """Complete the address with what this page shows, and keep it for the pages after this one.

    The links between the pages carry nothing along, so what somebody is looking at is kept for
    their visit, and stands wherever an address leaves it open.
    """
    shown = this_visit().selection.carried_by(page)
    st.session_state.setdefault(_CHOSEN, {}).update(shown)
    complete_address(path_of(page), shown)


def choose(
    label: str, parameter: str, options: Sequence[str], current: str, name: Callable[[str], str]
) -> None:
    """Offer a list to choose from; a choice is written to the address, and the page reads that."""
    key = f"choose_{parameter}"
    st.session_state[key] = current
    st.selectbox(
        prose.label(label),
        options,
        key=key,
        format_func=name,
        on_change=_write,
        args=(parameter, key),
    )


def choose_one_of_few(
    label: str, parameter: str, options: Sequence[str], current: str, name: Callable[[str], str]
) -> None:
    """Offer two or three choices side by side; the address is written as by `choose`."""
    key = f"choose_{parameter}"
    st.session_state[key] = current
    st.segmented_control(
        prose.label(label),
        options,
        required=True,
        wrap=True,
        key=key,
        format_func=name,
        on_change=_write,
        args=(parameter, key),
    )


def _write(parameter: str, key: str) -> None:
    st.query_params[parameter] = str(st.session_state[key])


def remembered(parameter: str, known: Sequence[str]) -> str:
    """Return what the address, or else this visit, says of something; else the first known."""
    asked = {**st.session_state.get(_CHOSEN, {}), **st.query_params.to_dict()}.get(parameter)
    return next((one for one in known if one == asked), known[0])


def remember(
    label: str, parameter: str, options: Sequence[str], current: str, name: Callable[[str], str]
) -> None:
    """Offer a list as `choose` does, on a page that is there before any figure is."""
    st.session_state.setdefault(_CHOSEN, {})[parameter] = current
    choose(label, parameter, options, current, name)
