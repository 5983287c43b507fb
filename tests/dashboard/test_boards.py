import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from dashboard.boards import (
    GROUP_TITLES,
    SIGNS,
    areas_side_by_side,
    cards,
    legend,
    matrix,
    measures_of_kind,
    tiles,
)
from dashboard.book import Book
from dashboard.charts.icons import GLYPHS, MARKS, Icon
from dashboard.charts.series import Series
from dashboard.selection import KINDS, Selection
from data.home import Words
from metrics.definition import GROUPS
from metrics.findings import Variation
from metrics.reading import Area
from metrics.two_kinds import Disagreement
from tests.dashboard.invented import (
    ADMISSIONS,
    EXPERIENCE,
    NORTH,
    NORTH_1,
    NORTH_2,
    SHIPPED,
    SICKNESS,
    STAY,
    UNALLOCATED,
    WAITING,
    WHOLE,
    BookOf,
    finding,
    no_value,
    series,
    signal,
    too_new,
)

EVERYTHING = Selection(team="N2", measure="F02")
APART = Disagreement(
    area_level="team",
    area_id="N2",
    hospital_better=True,
    hospital=(("H01", "lower"),),
    working_life=(("F02", "higher"), ("F04", "higher"), ("W01", "higher")),
)
# Of the others only the parts stand on boards.
UNDIVIDED = [measure for measure in SHIPPED.values() if measure.whole]
SHARE = {"value": 30.0, "lower_limit": 4.0, "upper_limit": 14.0, "mean": 9.0}


def of_area(book: Book, area: Area) -> dict[str, Series]:
    """Return series as dull as they can be, for every measure."""
    return {name: series(150.0, 160.0, 140.0) for name in book.measures}


def signs_in(board: Any) -> Iterator[dict[str, Any]]:
    if isinstance(board, dict):
        if {"icon", "role", "hollow", "alt"} <= board.keys():
            yield board
        for part in board.values():
            yield from signs_in(part)
    elif isinstance(board, list):
        for part in board:
            yield from signs_in(part)


def cells(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for area in board["localities"] for row in area["teams"] for cell in row["cells"]]


# --- What can be drawn at all --------------------------------------------------------------------


def test_there_is_a_drawing_for_every_sign_and_every_judgement() -> None:
    assert set(GLYPHS) == set(get_args(Icon))
    assert set(MARKS) == set(get_args(Variation))


def test_no_two_signs_look_the_same() -> None:
    assert len(set(GLYPHS.values())) == len(GLYPHS)
    assert len(set(MARKS.values())) == len(MARKS)


def test_better_and_worse_differ_in_shape_and_not_only_in_colour() -> None:
    for way in ("higher", "lower"):
        (_, circle), arrow = GLYPHS[f"better_{way}"]  # type: ignore[index]
        (_, diamond), same_arrow = GLYPHS[f"worse_{way}"]  # type: ignore[index]
        assert circle != diamond
        assert arrow == same_arrow


def test_the_legend_explains_every_sign_that_leaves_a_mark() -> None:
    explained = {icon for icon, _, _ in SIGNS}
    # These two are their pair with the arrow turned, as the legend says.
    turned = {"better_lower", "worse_lower"}

    assert explained | turned == {icon for icon, strokes in GLYPHS.items() if strokes}
    assert all(sign["words"] for sign in legend()["signs"])


def test_every_board_is_plain_numbers_and_text(book: Book) -> None:
    area = book.areas["N2"]
    for board in (
        legend(),
        matrix(book, EVERYTHING),
        cards(book, area, of_area(book, area)),
        tiles(book, area, of_area(book, area)),
        areas_side_by_side(book, WAITING, {}, area),
    ):
        assert json.loads(json.dumps(board, allow_nan=False)) == json.loads(json.dumps(board))
        for sign in signs_in(board):
            assert sign["icon"] in GLYPHS


def test_a_sign_is_read_out_where_no_words_beside_it_say_the_same(book: Book) -> None:
    area = book.areas["N2"]

    silent = [legend(), tiles(book, area, of_area(book, area))]
    alone = [matrix(book, EVERYTHING), cards(book, area, of_area(book, area))["cards"][0]["sign"]]

    assert {sign["alt"] for board in silent for sign in signs_in(board)} == {""}
    assert all(sign["alt"] for board in alone for sign in signs_in(board))


# --- Teams by measures ---------------------------------------------------------------------------


def test_the_matrix_has_a_cell_for_every_team_and_measure(book: Book) -> None:
    board = matrix(book, EVERYTHING)

    assert [column["title"] for column in board["columns"]] == [
        measure.title for measure in book.shown_in(*book.teams)
    ]
    assert len(cells(board)) == len(book.teams) * len(board["columns"])
    for locality in board["localities"]:
        for row in locality["teams"]:
            assert [cell["title"] for cell in row["cells"]] == [
                column["title"] for column in board["columns"]
            ]


def test_groups_span_their_columns_in_the_same_order(book: Book) -> None:
    board = matrix(book, EVERYTHING)

    titles = [group["title"] for group in board["groups"] for _ in range(group["span"])]
    groups = [measure.group for measure in book.shown_in(*book.teams)]
    assert titles == [GROUP_TITLES[group] for group in groups]
    firsts = [column["first"] for column in board["columns"]]
    assert firsts == [at == 0 or groups[at - 1] != group for at, group in enumerate(groups)]
    assert list(GROUP_TITLES) == list(GROUPS)


def test_whom_hospital_figures_are_about_stands_beside_them_and_only_there(book: Book) -> None:
    notes = {group["title"]: group["note"] for group in matrix(book, EVERYTHING)["groups"]}

    assert notes.pop("Hospital") == ("(everyone registered here, not only people this team sees)")
    assert set(notes.values()) == {""}


def test_a_cell_leads_to_its_team_and_measure_and_says_which(book: Book) -> None:
    board = matrix(book, EVERYTHING)

    north_2 = next(
        row
        for locality in board["localities"]
        for row in locality["teams"]
        if row["name"] == "North 2"
    )
    assert north_2["href"] == "team?team=N2"
    assert north_2["flag"] == "two kinds disagree"
    waiting = next(cell for cell in north_2["cells"] if cell["title"] == "People waiting")
    assert waiting["href"] == "measure?measure=F02&team=N2"
    assert waiting["sign"]["alt"].startswith(
        "People waiting, North 2, March 2026: worse than usual"
    )


def test_one_locality_shows_only_its_teams(book: Book) -> None:
    chosen = Selection(team="N2", measure="F02", locality="N")

    (north,) = matrix(book, chosen)["localities"]

    assert north["name"] == "North"
    assert [row["name"] for row in north["teams"]] == ["North 1", "North 2", "North 3", "North 4"]


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_shows_only_its_measures(book: Book, kind: Any) -> None:
    board = matrix(book, Selection(team="N2", measure="F02", kind=kind))

    families = {measure.family for measure in measures_of_kind(book, kind, book.teams)}
    assert families == ({"conventional", "proposed"} if kind == "both" else {kind})
    assert len(board["columns"]) == len(measures_of_kind(book, kind, book.teams))
    assert sum(group["span"] for group in board["groups"]) == len(board["columns"])


def test_the_rest_of_a_row_is_accounted_for_in_words(book_of: BookOf) -> None:
    book = book_of(
        signal(WAITING),
        finding(SICKNESS),
        finding(EXPERIENCE),
        too_new(UNALLOCATED),
        no_value(ADMISSIONS),
    )

    ((row, *_),) = [locality["teams"][1:] for locality in matrix(book, EVERYTHING)["localities"]]

    assert row["rest"] == "Two as usual, one too new to say, one without a figure to judge."
    assert [cell["short"] for cell in row["cells"] if cell["stands_out"]] == [
        "worse than usual, higher"
    ]


def test_a_measure_that_one_team_never_had_is_not_collected_there(book_of: BookOf) -> None:
    book = book_of(finding(WAITING, NORTH_1))

    _, (cell,) = (row["cells"] for row in matrix(book, EVERYTHING)["localities"][0]["teams"])

    assert cell["sign"]["icon"] == "not_collected"
    assert cell["sign"]["alt"] == "People waiting, North 2: not collected here."


def test_no_team_and_no_measure_is_too_many(book_of: BookOf) -> None:
    teams = [
        Area(level="team", id=f"T{n}", name=f"Team {n}", short_name=f"Team {n}", parent_id="N")
        for n in range(42)
    ]
    found = [finding(measure, team) for team in teams for measure in UNDIVIDED]
    book = book_of(*found, areas=[WHOLE, NORTH, *teams])

    board = matrix(book, EVERYTHING)

    assert len(cells(board)) == 42 * len(book.shown_in(*teams)) > 42 * 10
    assert board["needs_width"] > 320


def test_headings_are_in_the_partnerships_words(book_of: BookOf) -> None:
    book = book_of(finding(WAITING), words=Words(team="board", teams="boards"))

    board = matrix(book, EVERYTHING)

    assert board["corner"] == "Board"
    assert board["caption"] == "Boards by measures, each against its own past"


# --- Tiles and cards -----------------------------------------------------------------------------


def test_both_kinds_of_measure_have_the_same_form(book: Book) -> None:
    area = book.areas["N2"]

    drawn = [
        tile
        for group in tiles(book, area, of_area(book, area))["groups"]
        for tile in group["tiles"]
    ]

    assert {tile["letter"] for tile in drawn} == {"C", "P"}
    assert len({frozenset(tile) for tile in drawn}) == 1
    assert len({(tile["chart"]["width"], tile["chart"]["height"]) for tile in drawn}) == 1


def test_tiles_show_every_measure_in_the_order_of_the_groups(book: Book) -> None:
    area = book.areas["N2"]

    groups = tiles(book, area, of_area(book, area))["groups"]

    assert [group["title"] for group in groups] == [
        "People",
        "Flow and waits",
        "Our staff",
        "Joining up",
        "Prevention",
        "Hospital",
    ]
    titles = [tile["title"] for group in groups for tile in group["tiles"]]
    assert titles == [measure.title for measure in book.shown_in(area)]


def test_a_tile_says_the_same_as_its_finding(book: Book) -> None:
    area = book.areas["N2"]
    drawn = {
        tile["title"]: tile
        for group in tiles(book, area, of_area(book, area))["groups"]
        for tile in group["tiles"]
    }

    for measure in book.shown_in(area):
        said, tile = book.said(area, measure.id), drawn[measure.title]
        assert said is not None
        assert (tile["number"], tile["usual"], tile["short"]) == (
            said.number_text,
            said.usual_text,
            said.short,
        )
        assert (tile["sign"]["icon"], tile["sign"]["role"]) == (said.icon, said.colour_role)
        assert tile["chart_alt"].endswith(said.alt)
        assert tile["chart_alt"].startswith("Chart, April to June 2023. ")


def test_the_unit_is_not_said_twice(book_of: BookOf) -> None:
    book = book_of(finding(UNALLOCATED, **{**SHARE, "value": 9.0}), no_value(WAITING))

    (group,) = tiles(book, NORTH_2, {})["groups"]

    waiting, unallocated = sorted(group["tiles"], key=lambda tile: tile["title"])
    assert (waiting["number"], waiting["unit"]) == ("", "")
    assert (unallocated["number"], unallocated["unit"]) == ("9%", "of open cases")


def test_a_limit_above_100_percent_is_drawn_at_100(book_of: BookOf) -> None:
    book = book_of(finding(EXPERIENCE, value=92.0, lower_limit=78.0, upper_limit=106.0, mean=92.0))
    own = {"X01": series(92.0, 100.0, 90.0, lower=78.0, upper=106.0, mean=92.0)}

    (group,) = tiles(book, NORTH_2, own)["groups"]

    (tile,) = group["tiles"]
    highest = min(mark["y"] for mark in tile["chart"]["marks"])
    assert min(limit["y"] for limit in tile["chart"]["limits"]) == highest
    assert tile["usual"] == "usually 78% to 100%"


def test_teams_stand_side_by_side_on_one_scale(book_of: BookOf) -> None:
    book = book_of(finding(WAITING, NORTH_1), finding(WAITING))
    own = {("team", "N1"): series(200.0, 900.0), ("team", "N2"): series(200.0, 200.0)}

    (group,) = areas_side_by_side(book, WAITING, own, NORTH_2)["groups"]  # type: ignore[arg-type]

    first, second = group["tiles"]
    assert [first["title"], second["title"]] == ["North 1", "North 2"]
    assert [first["chosen"], second["chosen"]] == [False, True]
    low, high = first["chart"]["marks"]
    assert low["y"] == second["chart"]["marks"][0]["y"] > high["y"]
    # Beside 900, the 200 of the second is low, though nothing of its own is higher.
    assert low["y"] > second["chart"]["height"] / 2


def test_at_most_three_cards_are_laid_out_and_none_is_read_twice(book: Book) -> None:
    for area in book.areas.values():
        drawn = cards(book, area, of_area(book, area))["cards"]

        assert len(drawn) <= 3
        shown = [card["title"] for card in drawn]
        shown += [card["beside"]["title"] for card in drawn if card["beside"]]
        assert len(set(shown)) == len(shown)


def test_a_card_says_its_sentence_since_when_and_how_to_find_the_people(book_of: BookOf) -> None:
    book = book_of(signal(WAITING, explained_by=("the system changed",)))

    (card,) = cards(book, NORTH_2, {"F02": series(150.0, 247.0)})["cards"]

    assert card["sentence"] == "More people than usual are waiting: 247; usually 120 to 180."
    assert card["notes"] == [
        "Worse than usual, higher, new this month.",
        "This bears on the figure: The system changed.",
    ]
    assert card["find_them"] == WAITING.find_them
    assert card["href"] == "measure?measure=F02&team=N2"


def test_beside_working_life_stands_the_hospital_figure_that_went_the_other_way(
    book_of: BookOf,
) -> None:
    book = book_of(
        signal(WAITING),
        signal(UNALLOCATED, **SHARE),
        signal(SICKNESS, **SHARE),
        signal(ADMISSIONS, way="lower"),
        disagreements=[APART],
    )

    first, *_ = cards(book, NORTH_2, {})["cards"]

    assert first["title"] == "People waiting"
    assert first["beside"]["title"] == "Emergency admissions"
    assert first["beside"]["why"] == "went the other way within the same six months"


def test_of_several_pairs_the_one_that_got_worse_stands_beside(book_of: BookOf) -> None:
    pairs = [pair.measure for pair in ADMISSIONS.pairs_with if pair.measure in SHIPPED]
    others = [finding(measure) for measure in UNDIVIDED if measure != ADMISSIONS]
    for worse in pairs:
        book = book_of(*others, signal(ADMISSIONS, way="lower", worse_pair=worse))

        (card,) = cards(book, NORTH_2, {})["cards"]

        assert card["beside"]["title"] == SHIPPED[worse].title
    assert len(pairs) > 1


def test_nothing_worth_talking_about_makes_no_card(book_of: BookOf) -> None:
    assert cards(book_of(finding(WAITING), too_new(STAY)), NORTH_2, {}) == {"cards": []}
