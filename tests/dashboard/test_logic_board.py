from dashboard import logic_board
from dashboard.book import Book
from dashboard.measure_words import about
from data.home import Home
from metrics.logic_model import read_logic_model
from metrics.reading import Snapshot
from tests.dashboard.invented import BookOf
from tests.metrics.test_logic_model import OWN


def nodes(board: dict) -> dict[str, dict]:
    return {node["id"]: node for stage in board["stages"] for node in stage["nodes"]}


def test_every_measure_with_a_node_is_drawn_once_and_leads_to_its_page(book: Book):
    board = logic_board.model(book, book.areas["N2"])

    drawn = [m["title"] for node in nodes(board).values() for m in node["measures"]]
    known = book.snapshot.logic_model
    placed = [m.title for m in book.snapshot.measures.values() if known.node_of(m.id)]
    assert sorted(drawn) == sorted(placed)
    waiting = nodes(board)["OU1"]["measures"][0]
    assert waiting["href"] == "measure?measure=F02&team=N2"
    said = book.said(book.areas["N2"], "F02")
    assert said is not None
    assert waiting["short"] == said.short


def test_what_no_measure_stands_on_is_marked_and_counted(book: Book):
    drawn = nodes(logic_board.model(book, book.areas["N2"]))

    without = [node for node in drawn.values() if not node["measures"]]
    assert without
    assert all(node["unmeasured"] == logic_board.NOT_MEASURED for node in without)
    measured = sum(1 for node in drawn.values() if not node["unmeasured"])
    assert f"{measured} of the {len(drawn)} parts" in logic_board.first_sentence(book)


def test_a_node_whose_measures_nobody_collects_is_not_measured_here(book_of: BookOf):
    book = book_of()

    drawn = nodes(logic_board.model(book, book.whole))

    assert drawn["OU1"]["unmeasured"] == logic_board.NOT_COLLECTED
    assert {m["href"] for m in drawn["OU1"]["measures"]} == {""}
    assert {m["short"] for m in drawn["OU1"]["measures"]} == {"not collected here"}


def test_every_arrow_is_said_in_words(book: Book):
    said = " ".join(logic_board.arrows(book))

    for node in book.snapshot.logic_model.nodes:
        for other in node.leads_to:
            assert book.snapshot.logic_model.node(other).title in said


def test_a_measures_page_says_where_it_stands_and_when_it_may_move(book: Book):
    said = dict(about(book, book.measures["H01"]))["Where it stands in how we think it works"]

    assert (
        said[0] == "It stands for “Fewer crises that could have been avoided” (what changes last)."
    )
    assert "3 years or more after a team begins to work together." in said[1]
    assert said[2].startswith("That is our working assumption; it rests on")


def test_a_partnerships_own_model_is_drawn_instead(city_copy: Home):
    city_copy.logic_model_file.write_text(OWN, encoding="utf-8")
    snapshot = Snapshot.current(city_copy)
    measures = {m.id: m for m in snapshot.definitions.values() if not m.is_figure}
    vars(snapshot)["logic_model"] = read_logic_model(city_copy, measures)
    book = Book(snapshot)

    drawn = nodes(logic_board.model(book, book.areas["N2"]))

    assert list(drawn) == ["A", "B"]
    assert "partnership's own" in logic_board.rest(book)
    assert "Emergency admissions" in logic_board.on_no_node(book)
    (said,) = dict(about(book, book.measures["H01"]))["Where it stands in how we think it works"]
    assert "no part of the model" in said
