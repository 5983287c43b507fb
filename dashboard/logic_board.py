"""The logic model as a drawing, with every measure on its node, and what is said around it."""

from dashboard.boards import sign
from dashboard.book import Book
from dashboard.components import Board
from dashboard.numbers import join, plural, sentence_case, spell
from dashboard.prose import quoted
from dashboard.selection import address, area_key
from metrics.definition import Measure, main_of
from metrics.logic_model import Node, in_time, what_it_rests_on
from metrics.reading import Area

NOT_MEASURED = "not measured yet"
NOT_COLLECTED = "not measured here: its measures are not collected"
# Below so many pixels a column the drawing becomes a list.
_COLUMN_WIDTH = 150


def first_sentence(book: Book) -> str:
    """Return how much of the model is measured, and that the rest is not."""
    nodes = book.snapshot.logic_model.nodes
    without = [node for node in nodes if not _collected_on(book, node)]
    count = f"{len(nodes)} {plural(len(nodes), 'part', 'parts')} of how we think it works"
    if not without:
        return f"We measure something of each of the {count}."
    measured = len(nodes) - len(without)
    return (
        f"We measure something of {measured or 'none'} of the {count}; the other"
        f" {spell(len(without))} {plural(len(without), 'is', 'are')} not measured here yet."
    )


def rest(book: Book) -> str:
    """Return whose model this is."""
    if book.snapshot.logic_model.own:
        return "This is the partnership's own model. It is what we think, not what we know."
    return (
        "This is a model to begin with, and it is what its makers think, not what anybody knows."
        " A partnership that thinks otherwise can have its own."
    )


def model(book: Book, area: Area) -> Board:
    """Return the model's columns, each node with its measures in an area and its arrows."""
    known = book.snapshot.logic_model
    columns = [stage for stage in known.stages if not stage.outside]
    return {
        "needs_width": _COLUMN_WIDTH * len(columns),
        "stages": [
            {
                "title": stage.title,
                "when": _when(in_time(stage)),
                "outside": stage.outside,
                "nodes": [_node(book, area, node) for node in known.nodes_in(stage)],
            }
            for stage in known.stages
        ],
    }


def _when(said: str) -> str:
    return f"movement plausible {said}" if said else ""


def _node(book: Book, area: Area, node: Node) -> Board:
    known = book.snapshot.logic_model
    own_time = _when(in_time(node))
    measures = _measures_on(book, node)
    unmeasured = "" if _collected_on(book, node) else NOT_COLLECTED if measures else NOT_MEASURED
    return {
        "id": node.id,
        "title": node.title,
        "when": own_time,
        "measures": [_measure(book, area, measure) for measure in measures],
        "unmeasured": unmeasured,
        "not_shown": f"No measure shows {node.not_shown}." if node.not_shown else "",
        "to": list(node.leads_to),
        "leads_to": join([f"“{known.node(other).title}”" for other in node.leads_to]),
    }


def _measures_on(book: Book, node: Node) -> list[Measure]:
    """Return the measures of a node; where one has no whole, its parts, as boards have it."""
    names = book.snapshot.logic_model.measures_on(node)
    return [m for m in book.snapshot.measures.values() if main_of(m.id) in names]


def _collected_on(book: Book, node: Node) -> bool:
    return any(measure.id in book.measures for measure in _measures_on(book, node))


def _measure(book: Book, area: Area, measure: Measure) -> Board:
    said = book.said(area, measure.id)
    collected = measure.id in book.measures
    drawn = sign(said) if said else {"icon": "not_collected", "role": "quiet", "hollow": False}
    return {
        "title": measure.title,
        # A measure that nobody here collects has no page to lead to.
        "href": address("measure", measure=measure.id, team=area_key(area)) if collected else "",
        "sign": {**drawn, "alt": ""},
        "short": said.short if said else "not collected here",
        "stands_out": bool(said and said.stands_out),
    }


def on_no_node(book: Book) -> str:
    """Return which measures that are shown here stand on no part of the model, if any do."""
    known = book.snapshot.logic_model
    titles = [m.title for m in book.measures.values() if known.node_of(m.id) is None]
    return f"On no part of the model: {join(titles)}." if titles else ""


def how_soon(book: Book) -> list[str]:
    """Return when movement is plausible at each stage, and what that rests on."""
    known = book.snapshot.logic_model
    timed = [(one.title, one) for one in known.stages]
    timed += [(node.title, node) for node in known.nodes]
    return [
        f"{title}: {in_time(times)} after {known.counted_from}. {what_it_rests_on(times)}"
        for title, times in timed
        if in_time(times)
    ]


def assumptions(book: Book) -> list[str]:
    """Return what is to be kept in mind with the model."""
    return list(book.snapshot.logic_model.assumptions)


def arrows(book: Book) -> list[str]:
    """Return what each node is thought to lead to, in words."""
    known = book.snapshot.logic_model
    return [
        f"{sentence_case(node.title)}: leads to"
        f" {join([f'“{known.node(other).title}”' for other in node.leads_to])}."
        for node in known.nodes
        if node.leads_to
    ]


def origins(book: Book) -> list[str]:
    """Return the words that each node was taken from, or that it has none."""
    known = book.snapshot.logic_model
    return [
        f"{node.title}: {quoted(node.words, known.source_of(node) or 'nobody wrote down where')}"
        if node.words
        else f"{node.title}: our own thought."
        for node in known.nodes
    ]
