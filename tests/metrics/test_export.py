import csv
import datetime
import io
import re
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import DataError
from data.home import Home
from data.snapshots import query
from metrics.export import COLUMNS, as_csv, exported, write_export
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.metrics.measure_tables import PROJECT
from tests.metrics.test_metrics_main import metrics
from tests.small_partnership import load_everything, set_up


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = set_up(tmp_path_factory.mktemp("small") / "home")
    load_everything(home, ["2025-01", "2025-02"])
    text = (home.reference / "team.csv").read_text(encoding="utf-8")
    (home.reference / "team.csv").write_text(
        text.replace("North 1", '"=1+1, ‘North’"'), encoding="utf-8"
    )
    publish(home)
    return home


def stored(home: Home) -> dict[tuple[object, ...], tuple[object, ...]]:
    rows = query(
        home,
        Snapshot.current(home).version,
        "SELECT measure_id, split, area_level, area_id, CAST(period_start AS VARCHAR), state,"
        " CAST(numerator AS VARCHAR), CAST(denominator AS VARCHAR), CAST(n AS VARCHAR),"
        " CAST(value AS VARCHAR), reason FROM measure_value",
    )
    return {row[:5]: row[5:] for row in rows.astype(object).itertuples(index=False, name=None)}


def number(text: object) -> Decimal | None:
    return None if text in ("", None) or text != text else Decimal(str(text))


def test_every_value_comes_back_from_csv_as_it_was_published(home: Home, tmp_path) -> None:
    out = tmp_path / "all.csv"
    write_export(exported(Snapshot.current(home)), out)

    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))

    published = stored(home)
    assert len(rows) == len(published) > 100
    for row in rows:
        key = tuple(
            row[name] for name in ("measure_id", "split", "area_level", "area_id", "period_start")
        )
        state, numerator, denominator, n, value, reason = published[key]
        assert (row["state"], row["reason"]) == (state, reason)
        for name, was in (("numerator", numerator), ("denominator", denominator), ("n", n)):
            assert number(row[name]) == number(was)
        assert (row["value"] == "") == (state != "value" or number(value) is None)
        if row["value"]:
            assert float(row["value"]) == float(str(value))
        assert row["state"]
        assert row["title"]
        assert row["numerator_in_words"]


def test_parquet_says_the_same_as_csv_with_types(home: Home, tmp_path) -> None:
    table = exported(Snapshot.current(home))
    out = tmp_path / "all.parquet"

    write_export(table, out)

    again = pq.read_table(out)
    assert again.schema.equals(COLUMNS)
    assert again.equals(table)
    assert as_csv(again) == as_csv(table)
    first = again.slice(0, 1).to_pylist()[0]
    assert isinstance(first["period_start"], datetime.date)


def test_a_value_stands_beside_what_it_means(home: Home) -> None:
    rows = exported(Snapshot.current(home)).to_pylist()

    row = next(r for r in rows if r["measure_id"] == "X01" and r["area_level"] == "locality")

    assert row["area_name"] in ("North", "South")
    assert (row["unit"], row["shown_as"], row["direction"]) == ("% of answers", "percent", "higher")
    assert "Friends and Family Test answers" in row["numerator_in_words"]
    assert "Friends and Family Test answers" in row["denominator_in_words"]
    assert (row["attribution"], row["origin"]) == ("respondent", "national")
    assert row["snapshot"] == Snapshot.current(home).version


def test_no_cell_is_taken_for_a_formula_and_what_is_not_there_has_its_state(home: Home) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(exported(Snapshot.current(home))))))

    assert {row["area_name"] for row in rows if row["area_id"] == "N1"} == {"'=1+1, ‘North’"}
    absent = [row for row in rows if row["state"] != "value"]
    assert absent
    assert {row["value"] + row["numerator"] + row["n"] for row in absent} == {""}


def test_another_ending_is_refused(home: Home, tmp_path) -> None:
    with pytest.raises(DataError, match=r"write a name that ends in \.csv or in \.parquet"):
        write_export(exported(Snapshot.current(home)), tmp_path / "all.xlsx")


def test_the_command_prints_or_writes_and_says_that_small_numbers_are_not_hidden(
    home: Home, tmp_path
) -> None:
    where = ("--home", str(home.path))

    printed = metrics("export", *where, cwd=tmp_path)
    written = metrics("export", *where, "--out", "all.csv", cwd=tmp_path)
    nothing = metrics("export", "--home", str(tmp_path / "nowhere"), cwd=tmp_path)

    assert (printed.returncode, written.returncode, nothing.returncode) == (0, 0, 1)
    assert printed.stdout.splitlines()[0] == ",".join(COLUMNS.names)
    assert (tmp_path / "all.csv").read_text(encoding="utf-8-sig") == printed.stdout
    assert "They are not checked for small numbers" in written.stdout
    assert "They are not checked for small numbers" in printed.stderr
    assert "nothing has been published here yet" in nothing.stderr


def test_the_document_explains_every_column_in_its_order() -> None:
    text = (PROJECT / "docs" / "handing_over.md").read_text(encoding="utf-8")
    kinds = {
        pa.string(): "text",
        pa.int64(): "whole number",
        pa.float64(): "number",
        pa.date32(): "day",
        pa.bool_(): "true or false",
        pa.decimal128(18, 4): "decimal",
    }

    explained = re.findall(r"^\| `(\w+)` \| ([\w ]+) \| \w", text, re.MULTILINE)

    assert explained == [(field.name, kinds[field.type]) for field in COLUMNS]
