from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.book import Book
from dashboard.selection import (
    CARRIES,
    EVERYWHERE,
    KINDS,
    PageName,
    Selection,
    address,
    area_key,
    areas_to_choose,
    kinds_to_choose,
    measures_to_choose,
    path_of,
)
from metrics.definition import GROUPS
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.small_partnership import load, records, set_up

FIRST = Selection(team="C1", measure="X01", locality=EVERYWHERE, kind="both")
HOSTILE = [
    "",
    "XX",
    "n2",
    " N2",
    "N2 ",
    "N2&team=C1",
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "locality:XX",
    "None",
    "N2\x00",
    "𝒩2",
    "N" * 10_000,
]


def read(book: Book, query: str) -> Selection:
    return Selection.read(dict(parse_qsl(query)), book.snapshot)


def test_an_address_that_asks_for_nothing_shows_the_first_of_everything(book: Book) -> None:
    assert Selection.read({}, book.snapshot) == FIRST


@pytest.mark.parametrize("page", CARRIES)
def test_every_selection_comes_back_from_the_address_of_a_page(book: Book, page: PageName) -> None:
    for team in book.areas:
        for measure in book.measures:
            chosen = Selection(team=team, measure=measure, locality="N", kind="proposed")

            shown = urlsplit(address(page, **chosen.carried_by(page)))

            assert shown.path == (path_of(page) or ".")
            back = read(book, shown.query)
            for name in CARRIES[page]:
                assert getattr(back, name) == getattr(chosen, name)


def test_localities_and_kinds_come_back_from_the_address_of_the_partnership_page(
    book: Book,
) -> None:
    for locality in (EVERYWHERE, *(area.id for area in book.localities)):
        for kind in KINDS:
            chosen = Selection(team="C1", measure="X01", locality=locality, kind=kind)

            shown = urlsplit(address("partnership", **chosen.carried_by("partnership")))

            assert read(book, shown.query) == chosen


@pytest.mark.parametrize("name", ["team", "measure", "locality", "kind"])
@pytest.mark.parametrize("value", HOSTILE)
def test_what_is_not_known_here_falls_back_to_the_first(book: Book, name: str, value: str) -> None:
    assert Selection.read({name: value}, book.snapshot) == FIRST


@given(st.dictionaries(st.sampled_from(["team", "measure", "locality", "kind"]), st.text()))
def test_whatever_an_address_says_something_that_exists_is_shown(
    book: Book, params: dict[str, str]
) -> None:
    chosen = Selection.read(params, book.snapshot)

    assert chosen.team in book.areas
    assert chosen.measure in book.measures
    assert chosen.locality in (EVERYWHERE, *(area.id for area in book.localities))
    assert chosen.kind in KINDS


@given(st.text(min_size=1), st.text(min_size=1))
def test_an_address_carries_any_text_as_one_value(team: str, measure: str) -> None:
    written = address("measure", measure=measure, team=team)

    # As a browser reads it: relative to another page of the same dashboard.
    assert urlsplit(written).path == "measure"
    assert parse_qsl(urlsplit(written).query, keep_blank_values=True, errors="strict") == [
        ("measure", measure),
        ("team", team),
    ]


def test_an_address_leaves_out_what_is_not_chosen() -> None:
    assert address("start") == "."
    assert address("team") == "team"
    assert address("team", team="") == "team"


def test_a_locality_and_a_team_with_one_code_have_different_keys(book: Book) -> None:
    keys = [area_key(area) for area in book.snapshot.areas]

    assert len(set(keys)) == len(keys)
    assert {"N2", "locality:N", "partnership:calderbrook"} <= set(keys)


def test_areas_to_choose_are_teams_then_localities_then_the_whole(book: Book) -> None:
    levels = [area.level for area in areas_to_choose(book.snapshot.areas)]

    assert levels == ["team"] * 12 + ["locality"] * 3 + ["partnership"]


def test_measures_to_choose_follow_the_order_of_the_groups(book: Book) -> None:
    groups = [book.snapshot.measures[name].group for name in measures_to_choose(book.snapshot)]

    assert groups == sorted(groups, key=GROUPS.index)
    assert groups[-1] == "hospital"


def test_where_only_one_kind_of_measure_has_figures_no_other_can_be_asked_for(
    tmp_path: Path,
) -> None:
    home = set_up(tmp_path / "home")
    load(home, "absence_month", records("absence_month", ["2024-01", "2024-02"]))
    publish(home)
    snapshot = Snapshot.current(home)

    assert measures_to_choose(snapshot) == ["W01"]
    assert kinds_to_choose(snapshot) == ["both"]
    assert Selection.read({"kind": "conventional"}, snapshot).kind == "both"
