from pathlib import Path

import pytest

from data.as_read import columns_read, rows_by_month
from data.batches import Batch, list_batches
from data.contract import load_contracts
from tests.small_partnership import load, records, set_up

MONTHS = ("2024-01", "2024-02")


def loaded(path: Path, table: str) -> Batch:
    home = set_up(path / "small")
    load(home, table, records(table, MONTHS))
    (batch,) = list_batches(home, table)
    return batch


def test_a_column_says_how_much_of_it_is_filled_and_from_when_to_when(tmp_path: Path) -> None:
    batch = loaded(tmp_path, "referral")

    read = {c.name: c for c in columns_read(batch, load_contracts()["referral"])}

    assert (read["received_at"].least, read["received_at"].most) == ("2024-01-02", "2024-02-21")
    assert read["received_at"].filled == 12
    assert read["closed_on"].filled == 6
    assert read["team_id"].codes == (("N1", 4), ("N2", 4), ("S1", 4))
    assert "assessed_on" not in read


def test_numbers_are_shown_without_needless_decimals(tmp_path: Path) -> None:
    batch = loaded(tmp_path, "absence_month")

    read = {c.name: c for c in columns_read(batch, load_contracts()["absence_month"])}

    assert (read["fte_days_lost"].least, read["fte_days_available"].most) == ("31.5", "600")
    assert (read["month"].least, read["month"].most) == ("2024-01", "2024-02")


@pytest.mark.parametrize("column", ["referral_id", "spell_id"])
def test_a_key_is_never_shown_only_counted(tmp_path: Path, column: str) -> None:
    table = "referral" if column == "referral_id" else "hospital_spell"
    batch = loaded(tmp_path, table)

    (key,) = [c for c in columns_read(batch, load_contracts()[table]) if c.name == column]

    assert (key.different, key.least, key.most, key.codes) == (12, "", "", ())


def test_each_month_has_its_number_of_rows_and_a_list_has_none(tmp_path: Path) -> None:
    batch = loaded(tmp_path, "fft_response")

    assert rows_by_month(batch, load_contracts()["fft_response"]) == [
        ("2024-01", 6),
        ("2024-02", 6),
    ]
    assert rows_by_month(batch, load_contracts()["team"]) == []
