"""The inbox: files waiting to be loaded."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from data import inbox
from data.acts import in_force
from data.errors import HomeError
from data.home import Home
from data.inbox import load_inbox, waiting
from data.load import load_files
from tests.data.sent_files import COUNTS, counts
from tests.data.test_acts import numerators

Write = Callable[..., Path]
GOOD = counts("N1,2024-04,W03,5,10,")
HELD = counts("N1,2024-05,W03,5,10,", "N9,2024-05,W03,6,12,")
REFUSED = counts(header=COUNTS.replace("month", "period"))


def put(home: Home, **files: str) -> None:
    home.inbox.mkdir(exist_ok=True)
    for name, text in files.items():
        (home.inbox / f"{name}.csv").write_text(text, encoding="utf-8")


def names(home: Home) -> list[str]:
    """Return every file under the inbox, by its path there."""
    files = [path for path in home.inbox.rglob("*") if path.is_file()]
    return sorted(path.relative_to(home.inbox).as_posix() for path in files)


def test_what_is_kept_is_put_away_and_what_is_refused_stays(home: Home) -> None:
    put(home, good=GOOD, refused=REFUSED)

    taken = load_inbox(home, by="Ann")

    assert [report.status for report in taken.reports] == ["accepted", "refused"]
    assert names(home) == ["done/good.csv", "refused.csv"]
    assert taken.said == ["good.csv is now inbox/done/good.csv.", "refused.csv stays in the inbox."]
    assert [batch.loaded_by for batch in in_force(home)] == ["Ann"]
    assert waiting(home) == [home.inbox / "refused.csv"]


def test_held_rows_are_written_beside_and_can_be_loaded_from_there(home: Home) -> None:
    put(home, may=HELD)
    load_inbox(home)
    (batch,) = in_force(home)
    written = home.inbox / "held" / f"may held {batch.id[:8]}.csv"
    assert names(home) == ["done/may.csv", f"held/{written.name}"]

    right = written.read_text(encoding="utf-8-sig").replace("N9", "N2")
    written.write_text(right, encoding="utf-8-sig")
    (report,) = load_files(home, [written])

    assert report.status == "accepted"
    assert numerators(home) == {"N1": "5", "N2": "6"}


def test_a_correction_put_into_the_inbox_is_put_away_too(home: Home) -> None:
    put(home, may=HELD)
    load_inbox(home)
    (written,) = (home.inbox / "held").iterdir()
    put(home, corrected=written.read_text(encoding="utf-8-sig").replace("N9", "N2"))

    load_inbox(home)

    assert waiting(home) == []
    assert numerators(home) == {"N1": "5", "N2": "6"}


def put_workbook(home: Home, team: str) -> None:
    """Put a workbook with two tables, each with one row of a team."""
    book = openpyxl.Workbook()
    tables = {
        "aggregate_submission": [COUNTS.split(","), [team, "2024-04", "W03", 5, 10, ""]],
        "fft_response": [["team_id", "responded_on", "answer"], [team, "2024-04-02", "good"]],
    }
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    home.inbox.mkdir(exist_ok=True)
    book.save(home.inbox / "april.xlsx")


def test_a_workbook_of_several_tables_is_put_away_when_each_is_kept(home: Home) -> None:
    put_workbook(home, "N1")
    put(home, good=GOOD.replace("2024-04", "2024-03"))

    taken = load_inbox(home)

    assert [report.status for report in taken.reports] == ["accepted"] * 3
    assert names(home) == ["done/april.xlsx", "done/good.csv"]
    assert sorted(batch.table for batch in in_force(home)) == [
        "aggregate_submission",
        "aggregate_submission",
        "fft_response",
    ]


def test_held_rows_of_each_table_of_a_workbook_are_written(home: Home) -> None:
    put_workbook(home, "N9")

    load_inbox(home)

    kept = {batch.id[:8] for batch in in_force(home)}
    assert len(kept) == 2
    assert names(home) == [
        "done/april.xlsx",
        *sorted(f"held/april held {start}.csv" for start in kept),
    ]


def test_two_files_of_one_name_are_both_kept(home: Home) -> None:
    for text in (GOOD, HELD, GOOD):
        put(home, counts=text)
        load_inbox(home)

    done = [name for name in names(home) if name.startswith("done/")]
    assert len(done) == 2
    assert "done/counts.csv" in done
    assert (home.inbox / "done/counts.csv").read_text(encoding="utf-8") == GOOD


def test_files_of_the_system_and_unfinished_ones_are_left_alone(home: Home) -> None:
    put(home, good=GOOD)
    others = ["~$good.xlsx", ".good.csv.swp", "Thumbs.db", "big.csv.crdownload", "x.tmp"]
    for name in others:
        (home.inbox / name).write_text(GOOD, encoding="utf-8")
    (home.inbox / "folder").mkdir()
    (home.inbox / "folder" / "inside.csv").write_text(HELD, encoding="utf-8")

    assert [path.name for path in waiting(home)] == ["good.csv"]
    load_inbox(home)

    assert names(home) == sorted([*others, "done/good.csv", "folder/inside.csv"])


def test_a_kill_between_keeping_and_putting_away_costs_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home, good=GOOD, may=HELD)

    def killed(*_: object) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "_put_away", killed)
        with pytest.raises(KeyboardInterrupt):
            load_inbox(home)
    assert [path.name for path in waiting(home)] == ["good.csv", "may.csv"]
    before = in_force(home)

    load_inbox(home)

    assert in_force(home) == before
    assert waiting(home) == []


def test_an_inbox_that_is_empty_or_not_there_holds_nothing(home: Home) -> None:
    assert load_inbox(home).reports == []
    home.inbox.mkdir()
    assert load_inbox(home).reports == []


def test_an_inbox_needs_a_partnership(nowhere: Home) -> None:
    with pytest.raises(HomeError, match="there is no partnership here"):
        load_inbox(nowhere)
