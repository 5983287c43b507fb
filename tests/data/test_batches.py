"""What was accepted from one file, kept as it was and never changed."""

import datetime
import tomllib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from data import batches
from data.batches import (
    ARROW_TYPES,
    Batch,
    Covers,
    arrow_schema,
    as_toml,
    batch_id,
    keep,
    list_batches,
    loading,
    read_rows,
)
from data.contract import load_contracts
from data.errors import DataError
from data.home import Home

LOADED_AT = datetime.datetime(2024, 5, 1, 9, 30, tzinfo=datetime.UTC)
ROWS = pa.table({"team_id": ["N1", None], "n": [1, 2]})
HELD = pa.table({"team_id": ["N9"], "held_row": [4], "held_reason": ["No such team."]})
NONE_HELD = HELD.slice(0, 0)
APRIL = Covers.of(("2024-04", "2024-04"), ["N1"])


def batch(identity: str = "a" * 20, table: str = "team_count", **said: Any) -> Batch:
    known: dict[str, Any] = {
        "contract_version": 1,
        "sequence": 0,
        "source_name": "counts.csv",
        "source_sha256": "0" * 64,
        "loaded_at": LOADED_AT,
        "rows_in_file": 3,
        "rows_accepted": 2,
        "rows_loaded": 2,
        "rows_held": 1,
        "covers": APRIL,
        "folder": Path("nowhere"),
    }
    return Batch(id=identity, table=table, **{**known, **said})


# ---------------------------------------------------------------- months and areas


def test_every_month_between_the_first_and_the_last_is_covered() -> None:
    covers = Covers.of(("2023-11", "2024-02"), ["N1"])

    assert [f"{month:%Y-%m-%d}" for month in covers.months()] == [
        "2023-11-01",
        "2023-12-01",
        "2024-01-01",
        "2024-02-01",
    ]
    assert Covers.of(None, ["N1"]).months() == []


@pytest.mark.parametrize(
    ("months", "said"),
    [
        (("2024-05", "2024-04"), "2024-04 is before 2024-05"),
        (("2024-13", "2024-13"), "should match pattern"),
        (("2024-4", "2024-05"), "should match pattern"),
        (("2024-04-01", "2024-05-01"), "should match pattern"),
        (("0204-04", "2024-05"), "0204-04 is before 1900-01"),
    ],
)
def test_what_is_no_run_of_months_is_refused(months: tuple[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Covers.of(months, [])


def test_a_first_month_needs_a_last_one() -> None:
    with pytest.raises(ValueError, match="belong together"):
        Covers.model_validate({"from": "2024-04"})


# ---------------------------------------------------------------- which batch it is


def test_the_same_content_is_the_same_batch() -> None:
    chunked = pa.concat_tables([ROWS.slice(0, 1), ROWS.slice(1)])

    assert batch_id("t", ROWS, HELD, APRIL) == batch_id("t", chunked, HELD, APRIL)
    assert len(batch_id("t", ROWS, HELD, APRIL)) == 20


OTHER = {
    "another table": ("u", ROWS, HELD, APRIL),
    "another value": ("t", ROWS.set_column(1, "n", pa.array([1, 3])), HELD, APRIL),
    "another type": ("t", ROWS.cast(pa.schema({"team_id": "str", "n": "int32"})), HELD, APRIL),
    "another name": ("t", ROWS.rename_columns(["team", "n"]), HELD, APRIL),
    "a blank for an empty text": (
        "t",
        ROWS.set_column(0, "team_id", pa.array(["N1", ""])),
        HELD,
        APRIL,
    ),
    "another order": ("t", ROWS.take([1, 0]), HELD, APRIL),
    "a row fewer": ("t", ROWS.slice(0, 1), HELD, APRIL),
    "nothing held": ("t", ROWS, NONE_HELD, APRIL),
    "another month": ("t", ROWS, HELD, Covers.of(("2024-04", "2024-05"), ["N1"])),
    "another area": ("t", ROWS, HELD, Covers.of(("2024-04", "2024-04"), ["N1", "N2"])),
}


@pytest.mark.parametrize("content", OTHER.values(), ids=OTHER.keys())
def test_any_other_content_is_another_batch(
    content: tuple[str, pa.Table, pa.Table, Covers],
) -> None:
    assert batch_id(*content) != batch_id("t", ROWS, HELD, APRIL)


def test_cells_do_not_run_into_each_other() -> None:
    one, other = pa.table({"a": ["ab", "c"]}), pa.table({"a": ["a", "bc"]})

    assert batch_id("t", one, HELD, APRIL) != batch_id("t", other, HELD, APRIL)


# ---------------------------------------------------------------- keeping


def test_what_is_kept_is_found_again_as_it_was(home: Home) -> None:
    kept = keep(home, batch(fixes={"rounded": 2}, source_name="“counts”\\ é.csv"), ROWS, HELD)

    (found,) = list_batches(home)
    assert found == kept
    assert found.sequence == 1
    assert found.source_name == "“counts”\\ é.csv"
    assert found.covers == APRIL
    assert read_rows(found) == ROWS
    assert found.folder == home.batches / "team_count"


def test_keeping_the_same_again_changes_nothing(home: Home) -> None:
    first = keep(home, batch(), ROWS, HELD)
    before = {path: path.read_bytes() for path in home.batches.rglob("*") if path.is_file()}

    again = keep(home, batch(source_name="again.csv"), ROWS.slice(0, 1), HELD)

    assert again == first
    assert {p: p.read_bytes() for p in home.batches.rglob("*") if p.is_file()} == before
    assert sorted(path.suffix for path in before) == [".parquet", ".parquet", ".toml"]


def test_batches_are_listed_in_the_order_of_loading_whatever_their_table(home: Home) -> None:
    for identity, table in (("c" * 20, "one"), ("a" * 20, "two"), ("b" * 20, "one")):
        keep(home, batch(identity, table), ROWS, HELD)

    assert [(b.sequence, b.id[0], b.table) for b in list_batches(home)] == [
        (1, "c", "one"),
        (2, "a", "two"),
        (3, "b", "one"),
    ]
    assert [b.id[0] for b in list_batches(home, "one")] == ["c", "b"]


def test_where_nothing_was_held_there_is_no_file_of_held_rows(home: Home) -> None:
    kept = keep(home, batch(rows_held=0), ROWS, NONE_HELD)

    assert kept.held_file is None
    assert len(list(kept.folder.iterdir())) == 2


def test_a_batch_that_was_never_finished_is_not_listed_and_can_be_kept_anew(home: Home) -> None:
    kept = keep(home, batch(), ROWS, HELD)
    (kept.folder / f"{kept.id}.toml").unlink()

    unfinished = list_batches(home)
    again = keep(home, batch(), ROWS, HELD)

    assert unfinished == []
    assert list_batches(home) == [again]


def test_what_is_said_of_a_batch_must_be_readable(home: Home) -> None:
    kept = keep(home, batch(), ROWS, HELD)
    said = kept.folder / f"{kept.id}.toml"
    text = said.read_text(encoding="utf-8")

    said.write_text(text.replace("sequence = 1\n", ""), encoding="utf-8")
    with pytest.raises(DataError, match=f"{kept.id}.toml: sequence: Field required"):
        list_batches(home)
    said.write_text("id =", encoding="utf-8")
    with pytest.raises(DataError, match="not readable TOML"):
        list_batches(home)


def test_two_do_not_load_into_one_partnership_at_once(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "LOADING_WAIT_SECONDS", 0.05)
    with loading(home):
        pass

    with (
        FileLock(home.batches / "loading.lock"),
        pytest.raises(DataError, match="somebody else is loading files here"),
        loading(home),
    ):
        raise AssertionError("two were loading at once")


def test_rows_are_kept_in_the_exact_types_of_their_contract() -> None:
    for contract in load_contracts().values():
        schema = arrow_schema(contract)
        assert schema.names == list(contract.names)
        assert schema.types == [ARROW_TYPES[column.type] for column in contract.columns]
        assert not any(pa.types.is_floating(kind) for kind in schema.types)


# ---------------------------------------------------------------- TOML

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.one_of(
    texts,
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.lists(texts, max_size=3),
    st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)),
    st.dates(datetime.date(1900, 1, 1)),
)


@settings(max_examples=80, deadline=None)
@given(said=st.dictionaries(texts, st.one_of(values, st.dictionaries(texts, values, max_size=3))))
def test_what_is_written_as_toml_is_read_as_it_was(said: dict[str, Any]) -> None:
    assert tomllib.loads(as_toml(said)) == said


def test_what_is_nothing_is_not_written() -> None:
    assert as_toml({"a": None, "b": 1, "c": {"d": None}}) == "b = 1\n\n[c]\n"
