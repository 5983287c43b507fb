"""How joining up is thought to work: stages, their nodes, arrows, and when movement is plausible.

The model is data. `metrics/logic_model.toml` is one to begin with; a partnership that has a
`logic_model.toml` in its folder thinks as that says. Every measure stands on at most one node: the
one that its definition names as `logic_node`, or the one that the model's own list `measures` names
instead. A node on which no measure stands is not measured yet, and is shown so.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic import Strict as Exact

from data.home import Home
from data.toml_lines import EntryPath
from metrics.definition import Measure, main_of
from metrics.faults import meant
from metrics.own_toml import OwnToml

SHIPPED = Path(__file__).with_name("logic_model.toml")
# Later than this, nobody would wait for a movement.
MOST_MONTHS = 240

Text = Annotated[str, Field(min_length=1), AfterValidator(str.strip)]
Month = Annotated[int, Exact(), Field(ge=0, le=MOST_MONTHS)]
Truth = Annotated[bool, Exact()]
Form = ConfigDict(extra="forbid", frozen=True)
Fault = tuple[EntryPath, str]


class Times(BaseModel):
    """When movement is plausible, in months since a team began to work together.

    Attributes:
        from_month: The earliest; None where nothing is expected to move.
        to_month: The month by which it would show; None for no end.
        rests_on: What that rests on; blank where it is our working assumption.
    """

    model_config = Form

    from_month: Month | None = None
    to_month: Month | None = None
    rests_on: str = ""


class Stage(Times):
    """One column of the model; `outside` stands apart, as what nobody in it can change."""

    id: Text
    title: Text
    outside: Truth = False


class Node(Times):
    """One thing that is done, or that changes.

    Attributes:
        leads_to: The ids of the nodes that it is thought to help.
        words: Somebody's words that it was taken from, if any, and `source` where they stand.
        not_shown: What belongs to it and no measure shows.
        measures: The ids of measures that stand here whatever their definitions say.
    """

    id: Text
    stage: Text
    title: Text
    leads_to: tuple[Text, ...] = ()
    words: str = ""
    source: str = ""
    not_shown: str = ""
    measures: tuple[Text, ...] = ()


class ModelFile(BaseModel):
    """The whole file; `source` is where the words of nodes stand that name none of their own."""

    model_config = Form

    source: str = ""
    counted_from: Text = "a team begins to work together"
    assumptions: tuple[Text, ...] = ()
    stage: tuple[Stage, ...] = Field(min_length=1)
    node: tuple[Node, ...] = Field(min_length=1)


class LogicModel(BaseModel):
    """The model with every measure on its node.

    Attributes:
        own: Whether it is the partnership's, and not the one to begin with.
        source: Where the words of nodes stand that name no source of their own.
        counted_from: What the months are counted from, as a clause that follows "after".
        placed: The id of the node that each measure stands on, by the measure's id.
        astray: The node that a measure's definition names and the model does not have, by the
            measure's id.
    """

    model_config = Form

    own: bool = False
    source: str = ""
    counted_from: str = ""
    assumptions: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    nodes: tuple[Node, ...] = ()
    placed: Mapping[str, str] = {}
    astray: Mapping[str, str] = {}

    @cached_property
    def _by_id(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _stages_by_id(self) -> Mapping[str, Stage]:
        return {stage.id: stage for stage in self.stages}

    def node(self, node_id: str) -> Node:
        """Return a node by its id."""
        return self._by_id[node_id]

    def node_of(self, measure_id: str) -> Node | None:
        """Return where a measure stands; a part or further figure stands with its measure."""
        found = self.placed.get(main_of(measure_id))
        return self._by_id[found] if found else None

    def stage_of(self, node: Node) -> Stage:
        """Return the stage that a node belongs to."""
        return self._stages_by_id[node.stage]

    def nodes_in(self, stage: Stage) -> list[Node]:
        """Return the nodes of a stage, in the file's order."""
        return [node for node in self.nodes if node.stage == stage.id]

    def measures_on(self, node: Node) -> list[str]:
        """Return the ids of the measures that stand on a node, in order."""
        return sorted(name for name, place in self.placed.items() if place == node.id)

    def unmeasured(self) -> list[Node]:
        """Return the nodes on which no measure stands, in the file's order."""
        measured = set(self.placed.values())
        return [node for node in self.nodes if node.id not in measured]

    def leading_to(self, node: Node) -> list[Node]:
        """Return the nodes whose arrows end at a node, in the file's order."""
        return [other for other in self.nodes if node.id in other.leads_to]

    def source_of(self, node: Node) -> str:
        """Return where a node's words stand; nothing where it has none."""
        return (node.source or self.source) if node.words else ""

    def times(self, node: Node) -> Times:
        """Return when movement is plausible at a node: as it says itself, or as its stage does."""
        return self.stage_of(node) if node.from_month is None else node

    def sentences_about(self, measure_id: str) -> list[str]:
        """Return where a measure stands, when movement is plausible there, and what follows."""
        node = self.node_of(measure_id)
        if node is None:
            return ["It stands on no part of the model, so nobody has said when it should move."]
        stage, times = self.stage_of(node), self.times(node)
        leads_to = "; ".join(self.node(other).title for other in node.leads_to)
        said = [f"It stands for “{node.title}” ({stage.title[:1].lower()}{stage.title[1:]})."]
        if when := in_time(times):
            said.append(f"Movement there is plausible {when} after {self.counted_from}.")
            said.append(what_it_rests_on(times))
        else:
            said.append("No time is given within which it should move.")
        return [*said, f"That is thought to lead to: {leads_to}."] if leads_to else said

    def said_astray(self) -> str:
        """Return in a sentence which definitions name nodes that are not there, if any do."""
        if not self.astray:
            return ""
        named = ", ".join(f"{name} names {node}" for name, node in sorted(self.astray.items()))
        return (
            f"Logic model: it has no such node, so these measures stand on none: {named}."
            " Correct `logic_node` in the definition, or list the measure under `measures` of a"
            " node in logic_model.toml."
        )


def read_logic_model(
    home: Home | None, measures: Mapping[str, Measure], left_out: Collection[str] = ()
) -> LogicModel:
    """Return the model that holds here, with every measure on its node.

    Args:
        home: The partnership; None for the model to begin with.
        measures: Every definition, by id.
        left_out: The ids of definitions that cannot be used: a node may name them all the same.

    Raises:
        MeasureError: If the file cannot be right; the message lists all its faults, each with its
            line.
    """
    own = home is not None and home.logic_model_file.is_file()
    file = OwnToml.read(home.logic_model_file if home and own else SHIPPED)
    said = file.as_form(ModelFile)
    file.refuse(_faults(said, {*measures, *left_out} if own else None))
    nodes = {node.id for node in said.node}
    listed = {name: node.id for node in said.node for name in node.measures}
    named = {m.id: m.logic_node.strip() for m in measures.values() if m.logic_node.strip()}
    wanted = named | {name: node for name, node in listed.items() if name in measures}
    return LogicModel(
        own=own,
        source=said.source,
        counted_from=said.counted_from,
        assumptions=said.assumptions,
        stages=said.stage,
        nodes=said.node,
        placed={name: wanted[name] for name in sorted(wanted) if wanted[name] in nodes},
        astray={name: wanted[name] for name in sorted(wanted) if wanted[name] not in nodes},
    )


def _faults(said: ModelFile, measures: Collection[str] | None) -> Iterator[Fault]:
    """Yield what a model has wrong.

    Args:
        said: The file.
        measures: The ids that its nodes may list; None where that is not asked.
    """
    stages = [stage.id for stage in said.stage]
    nodes = [node.id for node in said.node]
    yield from _twice("stage", stages)
    yield from _twice("node", nodes)
    for number, stage in enumerate(said.stage):
        yield from _month_faults(("stage", number), stage)
    for number, node in enumerate(said.node):
        at = ("node", number)
        yield from _month_faults(at, node)
        if node.stage not in stages:
            yield (*at, "stage"), _no_such("stage", node.stage, stages)
        if node.source and not node.words:
            yield (*at, "source"), "write the `words` that stand there, or remove the source"
        for place, other in enumerate(node.leads_to):
            path = (*at, "leads_to", place)
            if other == node.id:
                yield path, f"{node.id} leads to itself; remove it"
            elif other in node.leads_to[:place]:
                yield path, f'"{other}" stands here twice; remove one'
            elif other not in nodes:
                yield path, _no_such("node", other, nodes)
    yield from _circle_faults(said.node)
    if measures is not None:
        yield from _listed_faults(said.node, measures)


def _twice(kind: str, ids: Sequence[str]) -> Iterator[Fault]:
    for number, name in enumerate(ids):
        first = ids.index(name)
        if first != number:
            yield (
                (kind, number, "id"),
                f'{kind} {first + 1} has the id "{name}" already; write another, or keep one',
            )


def _month_faults(at: EntryPath, said: Times) -> Iterator[Fault]:
    if said.from_month is None:
        for name in ("to_month", "rests_on"):
            if getattr(said, name) not in (None, ""):
                yield (*at, name), f"`{name}` goes with a `from_month`; write that too"
    elif said.to_month is not None and said.to_month <= said.from_month:
        yield (
            (*at, "to_month"),
            f"found {said.to_month}, which is not after month {said.from_month}, where it begins;"
            " write a later one, or remove it where there is no end",
        )


def _no_such(kind: str, name: str, known: Sequence[str]) -> str:
    guess = meant(name, known) or f"there are {', '.join(dict.fromkeys(known))}"
    return f'found "{name}", and there is no such {kind}; {guess}'.rstrip()


def _circle_faults(nodes: Sequence[Node]) -> Iterator[Fault]:
    """Yield each arrow that closes a circle: what helps itself says nothing of what comes first."""
    leads = {node.id: node.leads_to for node in nodes}
    done: set[str] = set()
    for start in leads:
        # The way from the start to where the walk is, with the arrows still to be followed.
        way, ahead = [start], [iter(leads[start])]
        while way:
            other = next(ahead[-1], None)
            if other is None:
                done.add(way.pop())
                ahead.pop()
            elif other in way and other != way[-1]:
                circle = " > ".join([*way[way.index(other) :], other])
                number = next(i for i, node in enumerate(nodes) if node.id == way[-1])
                path = ("node", number, "leads_to", nodes[number].leads_to.index(other))
                yield path, f"this arrow closes a circle: {circle}; remove one of its arrows"
            elif other in leads and other not in done and other not in way:
                way.append(other)
                ahead.append(iter(leads[other]))


def _listed_faults(nodes: Sequence[Node], measures: Collection[str]) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    for number, node in enumerate(nodes):
        for place, name in enumerate(node.measures):
            path = ("node", number, "measures", place)
            if name not in measures:
                known = ", ".join(sorted(measures)) or "none"
                yield path, f'found "{name}", and there is no such measure; there are {known}'
            elif name in taken:
                yield path, f"{name} stands on {taken[name]} already; keep one"
            taken.setdefault(name, node.id)


def in_time(times: Times) -> str:
    """Return "between 3 and 12 months", "after 3 years or more", or nothing where no time is said.

    What it is counted from follows: "after a team begins to work together".
    """
    begin, end = times.from_month, times.to_month
    if begin is None:
        return ""
    if end is None:
        return f"{_long(begin)} or more" if begin else "at any time"
    if begin == 0:
        return f"within {_long(end)}"
    if begin % 12 == end % 12 == 0:
        return f"between {begin // 12} and {_long(end)}"
    return f"between {begin} and {end} months"


def _long(months: int) -> str:
    count, unit = (months // 12, "year") if months % 12 == 0 and months else (months, "month")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def what_it_rests_on(times: Times) -> str:
    """Return in a sentence what the months rest on, or nothing where there are none."""
    if times.from_month is None:
        return ""
    if not times.rests_on:
        return "That is our working assumption."
    return f"That is our working assumption; it rests on {times.rests_on}."
