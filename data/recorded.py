"""What the workspace says of files and counts: who loaded, withdrew or erased what, and why.

Whoever acts on a batch calls the function of its act, after the act has succeeded and not before.
A process can be killed between the two: calling again records what is missing, and adds nothing
where the batch stands so already.

A file's own name is not kept here: it can name a person, and an event outlives an erased batch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from data.authority import WHOLE_PARTNERSHIP, Actor, Scope, Verb
from data.batches import Batch
from data.home import Home
from data.workspace import Event, Subject, Workspace

BatchStatus = Literal["loaded", "withdrawn", "erased"]
_STATUS: dict[str, BatchStatus] = {
    Verb.LOAD: "loaded",
    Verb.REINSTATE: "loaded",
    Verb.WITHDRAW: "withdrawn",
    Verb.ERASE: "erased",
}


def record_load(home: Home, batch: Batch, actor: Actor, area: Scope = WHOLE_PARTNERSHIP) -> Event:
    """Record that a batch was loaded; one that counts already adds nothing.

    Raises:
        NotAllowedError: If the policy does not allow it.
        WorkspaceError: If it cannot be saved.
    """
    said = {
        "table": batch.table,
        "sequence": batch.sequence,
        "rows_accepted": batch.rows_accepted,
        "rows_held": batch.rows_held,
        "covers": batch.covers.model_dump(mode="json", by_alias=True),
    }
    return _unless_so(home, batch.id, Verb.LOAD, actor, said, area)


def record_withdrawal(home: Home, batch_id: str, actor: Actor, why: str) -> Event:
    """Record that a batch no longer counts. Raises as `record_load` does."""
    return _unless_so(home, batch_id, Verb.WITHDRAW, actor, {"why": why})


def record_reinstatement(home: Home, batch_id: str, actor: Actor, why: str) -> Event:
    """Record that a withdrawn batch counts again. Raises as `record_load` does."""
    return _unless_so(home, batch_id, Verb.REINSTATE, actor, {"why": why})


def record_erasure(home: Home, batch_id: str, actor: Actor, why: str) -> Event:
    """Record that a batch is really gone. Raises as `record_load` does."""
    return _unless_so(home, batch_id, Verb.ERASE, actor, {"why": why})


def record_counts(
    home: Home, batch: Batch, actor: Actor, area: Scope, measures: Sequence[str]
) -> Event:
    """Record that somebody submitted counts for an area, kept as a batch.

    Args:
        home: Where.
        batch: The batch that the loader made of what was typed.
        actor: Who typed it.
        area: The team, or the locality, that the counts are of.
        measures: The ids of the measures counted.

    Raises:
        NotAllowedError: If the policy does not allow it.
        WorkspaceError: If it cannot be saved.
    """
    said = {
        "measures": list(measures),
        "covers": batch.covers.model_dump(mode="json", by_alias=True),
    }
    return Workspace.open(home).append(actor, Verb.SUBMIT_COUNTS, area, _batch(batch.id), said)


@dataclass(frozen=True)
class BatchActs:
    """Everything that was done to one batch.

    Attributes:
        events: In order.
        status: Where it stands after them.
    """

    events: tuple[Event, ...]
    status: BatchStatus

    @property
    def last(self) -> Event:
        return self.events[-1]


def acts_on_batches(events: Iterable[Event]) -> dict[str, BatchActs]:
    """Return what was done to each batch, by its id: a fold over the events, in their order."""
    found: dict[str, BatchActs] = {}
    for event in events:
        if event.subject.kind == "batch" and event.verb in _STATUS:
            before = found.get(event.subject.id)
            earlier = before.events if before else ()
            found[event.subject.id] = BatchActs((*earlier, event), _STATUS[event.verb])
    return found


def _unless_so(
    home: Home,
    batch_id: str,
    verb: Verb,
    actor: Actor,
    said: dict[str, Any],
    area: Scope = WHOLE_PARTNERSHIP,
) -> Event:
    """Record an act, unless the batch's last act left it as this one would."""
    workspace, batch = Workspace.open(home), _batch(batch_id)
    before = workspace.events(verbs=list(_STATUS), subject=batch)
    if before and _STATUS[before[-1].verb] == _STATUS[verb]:
        return before[-1]
    return workspace.append(actor, verb, area, batch, said)


def _batch(batch_id: str) -> Subject:
    return Subject("batch", batch_id)
