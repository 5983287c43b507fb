"""Who loaded, withdrew or erased which batch, as the workspace says it."""

from collections.abc import Iterator

import pytest

from data.authority import Actor, Scope, Verb
from data.batches import Batch, list_batches
from data.errors import NotAllowedError
from data.home import Home
from data.recorded import (
    acts_on_batches,
    record_counts,
    record_erasure,
    record_load,
    record_reinstatement,
    record_withdrawal,
)
from data.workspace import Workspace
from tests.data.workspace_home import ANN, BOB, forget
from tests.small_partnership import load, records


@pytest.fixture
def batch(home: Home) -> Iterator[Batch]:
    load(home, "referral", records("referral", ["2025-01"]), name="ann_smith_caseload")
    forget(home)
    (kept,) = list_batches(home)
    yield kept
    Workspace.open(home).close()


def test_a_load_says_who_and_what_and_not_what_the_file_was_called(home, batch):
    event = record_load(home, batch, ANN)

    assert (event.actor, event.verb, event.subject.id) == (ANN, Verb.LOAD, batch.id)
    assert event.body == {
        "table": "referral",
        "sequence": 1,
        "rows_accepted": 6,
        "rows_held": 0,
        "covers": batch.covers.model_dump(mode="json", by_alias=True),
    }
    assert batch.source_name == "ann_smith_caseload.csv"
    for file in home.path.glob("workspace.sqlite*"):
        assert b"ann_smith" not in file.read_bytes()


def test_what_stands_so_already_is_not_recorded_again(home, batch):
    first = record_load(home, batch, ANN)
    assert record_load(home, batch, BOB) == first

    taken_back = record_withdrawal(home, batch.id, BOB, "The wrong month.")
    assert record_withdrawal(home, batch.id, ANN, "Again.") == taken_back

    assert [event.verb for event in Workspace.open(home).events()] == [Verb.LOAD, Verb.WITHDRAW]


def test_the_acts_on_a_batch_say_where_it_stands(home, batch):
    def status() -> str:
        return acts_on_batches(Workspace.open(home).events())[batch.id].status

    record_load(home, batch, ANN)
    assert status() == "loaded"
    record_withdrawal(home, batch.id, BOB, "The wrong month.")
    assert status() == "withdrawn"
    record_reinstatement(home, batch.id, BOB, "It was right after all.")
    assert status() == "loaded"
    gone = record_erasure(home, batch.id, ANN, "Kept long enough.")
    assert status() == "erased"
    again = record_load(home, batch, BOB)
    assert status() == "loaded"

    acts = acts_on_batches(Workspace.open(home).events())
    assert set(acts) == {batch.id}
    assert acts[batch.id].events[-2:] == (gone, again)
    assert acts[batch.id].last == again
    assert gone.body == {"why": "Kept long enough."}


def test_counts_are_recorded_for_their_team(home, batch):
    team = Scope("team", "N1")

    event = record_counts(home, batch, BOB, team, ["W03", "J05"])

    assert (event.verb, event.area, event.subject.id) == (Verb.SUBMIT_COUNTS, team, batch.id)
    assert event.body is not None
    assert event.body["measures"] == ["W03", "J05"]
    assert acts_on_batches(Workspace.open(home).events()) == {}


def test_nobody_records_without_a_name(home, batch):
    with pytest.raises(NotAllowedError, match="To load a file, say who you are"):
        record_load(home, batch, Actor(""))
    assert Workspace.open(home).events() == []
