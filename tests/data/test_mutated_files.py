"""A fixed sample of the damaged files that `python -m benchmarks` makes by the thousand."""

from pathlib import Path

import pytest

from benchmarks import mutated_files
from benchmarks.mutated_files import check_many, make

SAMPLE = range(5_000_000, 5_000_300)


def test_damaged_files_are_read_whole_or_refused_in_words() -> None:
    tallies = check_many(SAMPLE)

    assert [words for tally in tallies.values() for words in tally.wrong] == []
    assert all(tally.outcomes["crashed"] == 0 for tally in tallies.values())
    assert sum(tally.outcomes.total() for tally in tallies.values()) == len(SAMPLE)
    # The sample is worth something: of text, each outcome is there, and more than a few times.
    assert min(tallies["text"].outcomes[what] for what in ("read whole", "held in part")) > 20
    assert set(tallies) == {"text", "workbook", "parquet"}


def test_a_damaged_file_can_be_made_again_from_its_number() -> None:
    assert make(7) == make(7)
    assert make(7) != make(8)


def test_a_row_that_is_lost_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def all_but_one(*args: object) -> list[mutated_files.Checked]:
        checked = list(check_all(*args))  # type: ignore[arg-type]
        for each in checked:
            if each.report.rows_accepted:
                each.report.rows_accepted -= 1
                each.report.rows_in_file -= 1
        return checked

    check_all = mutated_files.check_all
    monkeypatch.setattr(mutated_files, "check_all", all_but_one)

    tallies = check_many(range(20))

    assert len(tallies["text"].wrong) > 5
