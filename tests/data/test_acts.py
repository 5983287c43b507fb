"""What is done to batches after they were loaded, and which of them count."""

import datetime
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from data.acts import find, in_force, list_acts, reinstate, standings, who, withdraw
from data.batches import ACTS, list_batches
from data.contract import load_contracts
from data.errors import DataError, NotAllowedError
from data.home import Home
from data.load import load_files
from data.recorded import acts_on_batches
from data.records import create_tables, fill_tables
from data.report import Report
from data.snapshots import memory
from data.workspace import Workspace
from tests.data.sent_files import counts

Take = Callable[..., Report]
NOON = datetime.datetime(2025, 6, 1, 12, tzinfo=datetime.UTC)
FFT = "team_id,responded_on,answer\n"


def rows_in_force(home: Home, table: str, as_known_on: datetime.date | None = None) -> Counter:
    """Return the rows of a table after everything that counts, blanks left out."""
    contracts = load_contracts(home)
    with memory() as connection:
        create_tables(connection, contracts)
        fill_tables(connection, contracts, {}, in_force(home, as_known_on))
        cursor = connection.execute(f'SELECT * FROM "{table}"')
        rows = cursor.fetchall()
    return Counter(tuple(str(cell) for cell in row if cell is not None) for row in rows)


def numerators(home: Home) -> dict[str, str]:
    rows = rows_in_force(home, "aggregate_submission")
    assert max(rows.values(), default=1) == 1
    return {row[0]: row[3] for row in rows}


def answers(home: Home) -> Counter:
    """Return how often each answer of each team and day counts."""
    return Counter({row[:3]: times for row, times in rows_in_force(home, "fft_response").items()})


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let it be noon of a day in June 2025."""

    def _on(day: int) -> None:
        monkeypatch.setattr(Home, "clock", lambda _: NOON.replace(day=day))

    return _on


# ---------------------------------------------------------------- withdrawing


def test_rows_of_a_withdrawn_batch_no_longer_count_and_what_they_replaced_does(
    home: Home, load: Take
) -> None:
    load(counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,6,12,"))
    wrong = load(counts("N1,2024-04,W03,9,10,"))
    before = {p: p.read_bytes() for p in home.batches.glob("aggregate_submission/*")}

    withdraw(home, str(wrong.batch_id), "sent for the wrong team", "A. Analyst")

    assert numerators(home) == {"N1": "5", "N2": "6"}
    (act,) = list_acts(home)
    assert (act.act, act.batch, act.by) == ("withdrawn", wrong.batch_id, "A. Analyst")
    assert act.why == "sent for the wrong team"
    assert {p: p.read_bytes() for p in home.batches.glob("aggregate_submission/*")} == before


def test_a_reinstated_batch_counts_in_the_place_that_it_had(home: Home, load: Take) -> None:
    first = load(counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,6,12,"))
    load(counts("N1,2024-04,W03,7,10,"))
    withdraw(home, str(first.batch_id), "looked wrong")
    assert numerators(home) == {"N1": "7"}

    reinstate(home, str(first.batch_id), "was right")

    assert numerators(home) == {"N1": "7", "N2": "6"}
    assert [act.act for act in list_acts(home)] == ["withdrawn", "reinstated"]


def test_a_withdrawn_batch_loaded_again_counts_from_then_on(home: Home, load: Take) -> None:
    first = load(counts("N1,2024-04,W03,5,10,"))
    load(counts("N1,2024-04,W03,7,10,"))
    withdraw(home, str(first.batch_id), "looked wrong", "B. Analyst")

    again = load(counts("N1,2024-04,W03,5,10,"))

    assert again.batch_id == first.batch_id
    (replaced, said) = again.warnings
    assert replaced.startswith("1 of its rows take the place of rows loaded before")
    assert "was withdrawn on " in said
    assert "by B. Analyst: looked wrong." in said
    assert "it counts again from now on" in said
    assert numerators(home) == {"N1": "5"}
    assert [batch.sequence for batch in in_force(home)] == [2, 4]


def test_a_withdrawn_batch_without_keys_uncovers_the_month_that_it_replaced(
    home: Home, load: Take
) -> None:
    load(f"{FFT}N1,2025-01-05,good\nN1,2025-01-06,good\n", "fft_response.csv")
    later = load(f"{FFT}N1,2025-01-07,poor\n", "fft_response.csv")
    assert len(answers(home)) == 1

    withdraw(home, str(later.batch_id), "half a file")

    assert [row[2] for row in answers(home)] == ["good", "good"]


def test_what_cannot_be_withdrawn_is_said(home: Home, load: Take) -> None:
    one = str(load(counts()).batch_id)

    with pytest.raises(DataError, match="Say why, in a few words"):
        withdraw(home, one, "  ")
    with pytest.raises(DataError, match="was not withdrawn; there is nothing to undo"):
        reinstate(home, one, "why not")
    withdraw(home, one, "wrong")
    with pytest.raises(DataError, match="is withdrawn already"):
        withdraw(home, one, "wrong")
    with pytest.raises(DataError, match="zzzz is not the beginning of the id of any batch here"):
        withdraw(home, "zzzz", "wrong")
    assert len(list_acts(home)) == 1


# ---------------------------------------------------------------- naming a batch


def test_an_id_may_be_shortened_to_a_beginning_that_no_other_has(home: Home, load: Take) -> None:
    one = load(counts("N1,2024-04,W03,5,10,")).batch_id or ""
    other = load(counts("N1,2024-05,W03,5,10,")).batch_id or ""

    assert find(home, one[:6].upper()).id == one
    assert find(home, other).id == other
    with pytest.raises(DataError, match="too short for the id of a batch"):
        find(home, one[:2])


def test_a_beginning_that_two_have_is_not_enough(home: Home, load: Take) -> None:
    (batch,) = [load(counts()).batch_id or ""]
    twin = batch[:8] + "0" * 12
    folder = home.batches / "aggregate_submission"
    for file in list(folder.glob(f"{batch}*")):
        text = file.read_bytes().replace(batch.encode(), twin.encode())
        file.with_name(file.name.replace(batch, twin)).write_bytes(text)

    with pytest.raises(DataError, match=f"{batch[:8]} begins the ids of 2 batches"):
        find(home, batch[:8])


def test_who_does_it_is_the_name_given_else_the_name_of_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody")

    assert who("  Ann   Analyst ") == "Ann Analyst"
    assert who(None) == "somebody"
    assert who(" ") == "somebody"


def test_who_loaded_a_batch_is_kept_and_makes_no_other_batch(home: Home, write, load: Take) -> None:
    from data.load import load_files

    (first,) = load_files(home, [write(counts())], by="Ann Analyst")
    (again,) = load_files(home, [write(counts())], by="Bob Analyst")

    (batch,) = list_batches(home)
    assert (batch.loaded_by, again.batch_id) == ("Ann Analyst", first.batch_id)
    assert "by Ann Analyst, as batch" in again.warnings[0]


def test_batches_written_before_these_things_were_said_of_them_are_still_read(
    home: Home, load: Take
) -> None:
    kept = load(counts()).batch_id
    said = home.batches / "aggregate_submission" / f"{kept}.toml"
    new = ("loaded_by", "dates", "how", "corrects", "settles", "rewritten")
    lines = said.read_text(encoding="utf-8").splitlines(keepends=True)
    said.write_text("".join(ln for ln in lines if ln.split(" =")[0] not in new), encoding="utf-8")

    (standing,) = standings(home)

    assert standing.batch is not None
    assert (standing.batch.loaded_by, standing.state) == ("", "counts")
    assert numerators(home) == {"N1": "5", "N2": "6"}


def test_an_act_that_cannot_be_read_is_said(home: Home, load: Take) -> None:
    withdraw(home, str(load(counts()).batch_id), "wrong")
    (file,) = home.batches.glob(f"{ACTS}/*.toml")

    file.write_text("act =", encoding="utf-8")
    with pytest.raises(DataError, match=f"{file.name}: this is not readable TOML"):
        in_force(home)
    file.write_text('act = "lost"', encoding="utf-8")
    with pytest.raises(DataError, match=f"{file.name}: sequence: Field required"):
        in_force(home)


# ---------------------------------------------------------------- as known on a day


def test_what_was_known_on_a_day_is_what_counted_at_its_end(
    home: Home, load: Take, on: Callable[[int], None]
) -> None:
    known = {}
    steps = {
        2: lambda: load(counts("N1,2024-04,W03,5,10,")),
        3: lambda: load(counts("N1,2024-04,W03,7,10,", "N2,2024-04,W03,8,10,")),
        5: lambda: withdraw(home, in_force(home)[-1].id, "wrong"),
        6: lambda: load(counts("N1,2024-04,W03,7,10,", "N2,2024-04,W03,8,10,")),
        8: lambda: withdraw(home, in_force(home)[0].id, "wrong"),
        9: lambda: reinstate(home, standings(home)[0].id, "right"),
    }
    for day in range(1, 11):
        on(day)
        steps.get(day, lambda: None)()
        known[day] = rows_in_force(home, "aggregate_submission")

    for day, rows in known.items():
        asked = datetime.date(2025, 6, day)
        assert rows_in_force(home, "aggregate_submission", asked) == rows
    assert [len(rows) for rows in known.values()] == [0, 1, 2, 2, 1, 2, 2, 2, 2, 2]


def test_a_day_is_one_of_the_partnerships_own_clock(
    home: Home, load: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = datetime.datetime(2025, 6, 1, 23, 30, tzinfo=datetime.UTC)
    monkeypatch.setattr(Home, "clock", lambda _: late)
    load(counts())

    # In London it is half past midnight.
    assert in_force(home, datetime.date(2025, 6, 1)) == []
    assert len(in_force(home, datetime.date(2025, 6, 2))) == 1


# ---------------------------------------------------------------- the list


def test_the_list_says_how_each_batch_stands(home: Home, load: Take) -> None:
    one = load(counts("N1,2024-04,W03,5,10,"))
    two = load(counts("N1,2024-05,W03,5,10,"))
    withdraw(home, str(one.batch_id), "wrong month", "A")

    first, second = standings(home)

    assert (first.id, first.state, [a.why for a in first.acts]) == (
        one.batch_id,
        "withdrawn",
        ["wrong month"],
    )
    assert (second.id, second.state, second.acts) == (two.batch_id, "counts", ())
    assert Path(ACTS).name not in {standing.table for standing in (first, second)}


def test_everything_done_to_a_batch_is_kept_with_who_did_it(home: Home) -> None:
    file = home.path / "april.csv"
    file.write_text(counts("N1,2024-04,W03,5,10,"), encoding="utf-8")
    (report,) = load_files(home, [file], by="Ann")
    batch = str(report.batch_id)
    withdraw(home, batch, "wrong month", "Ben")
    reinstate(home, batch, "it was right", "Cem")
    load_files(home, [file], by="Dee")

    workspace = Workspace.open(home)

    acts = acts_on_batches(workspace.events())[batch]
    assert [(event.verb, event.actor.name) for event in acts.events] == [
        ("load", "Ann"),
        ("withdraw", "Ben"),
        ("reinstate", "Cem"),
    ]
    assert workspace.verify().is_whole


def test_a_name_that_is_no_name_may_do_nothing(home: Home, load: Take) -> None:
    batch = str(load(counts("N1,2024-04,W03,5,10,")).batch_id)

    with pytest.raises(NotAllowedError, match="at most 80 letters"):
        withdraw(home, batch, "wrong month", "x" * 81)

    assert [one.state for one in standings(home)] == ["counts"]
