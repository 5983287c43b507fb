"""Every published value with its definition, flat, for Excel, Power BI and the like.

One row is one value: what it is of, its state, and beside it what it means in words, so that no
figure leaves without saying what was counted. Nothing is filled in: where there is no figure the
cell is empty, and the state beside it says why.
"""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from data.errors import DataError
from data.safe_cells import as_safe_text
from metrics.definition import Measure
from metrics.reading import Explained, Snapshot

DAY = pa.date32()
AMOUNT = pa.decimal128(18, 4)
# The columns, in order. Dates are days; `period_end` is the first day that is no longer inside.
COLUMNS = pa.schema(
    [
        ("measure_id", pa.string()),
        ("measure_version", pa.int64()),
        ("title", pa.string()),
        ("split", pa.string()),
        ("area_level", pa.string()),
        ("area_id", pa.string()),
        ("area_name", pa.string()),
        ("period_start", DAY),
        ("period_end", DAY),
        ("state", pa.string()),
        ("value", pa.float64()),
        ("numerator", AMOUNT),
        ("denominator", AMOUNT),
        ("n", pa.int64()),
        ("provisional", pa.bool_()),
        ("reason", pa.string()),
        ("unit", pa.string()),
        ("shown_as", pa.string()),
        ("question", pa.string()),
        ("numerator_in_words", pa.string()),
        ("denominator_in_words", pa.string()),
        ("direction", pa.string()),
        ("contested", pa.bool_()),
        ("attribution", pa.string()),
        ("family", pa.string()),
        ("small_numbers", pa.string()),
        ("origin", pa.string()),
        ("origin_words", pa.string()),
        ("origin_source", pa.string()),
        ("snapshot", pa.string()),
    ]
)


def exported(snapshot: Snapshot) -> pa.Table:
    """Return every value of a snapshot with its definition and its area's name: `COLUMNS`."""
    values = snapshot.values()
    figures = snapshot.definitions
    said = pd.DataFrame([_said(figures[name], snapshot) for name in values["measure_id"].unique()])
    names = pd.DataFrame(
        [(area.level, area.id, area.name) for area in snapshot.areas],
        columns=["area_level", "area_id", "area_name"],
    )
    whole = values.merge(said, how="left", on="measure_id").merge(
        names, how="left", on=["area_level", "area_id"]
    )
    # An area that closed long ago may have no name now.
    whole["area_name"] = whole["area_name"].fillna(whole["area_id"])
    whole["snapshot"] = snapshot.version
    for name in ("numerator", "denominator"):
        whole[name] = whole[name].map(Decimal, na_action="ignore").astype(object)
    return pa.Table.from_pandas(
        whole.loc[:, COLUMNS.names], schema=COLUMNS, preserve_index=False
    ).replace_schema_metadata(None)


def write_export(table: pa.Table, out: Path) -> None:
    """Write the table as CSV or Parquet, by the ending of the file's name.

    Raises:
        DataError: If it ends in something else, or cannot be written.
    """
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise DataError(f"{out}: write a name that ends in .csv or in .parquet.")
    try:
        if out.suffix.lower() == ".parquet":
            pyarrow.parquet.write_table(table, out)
        else:
            # With the mark by which Excel knows UTF-8.
            out.write_text(as_csv(table), encoding="utf-8-sig", newline="")
    except OSError as error:
        raise DataError(f"{out}: this cannot be written: {error.strerror}.") from error


def as_csv(table: pa.Table) -> str:
    """Return the table as CSV: days as 2025-03-31, true or false, no cell taken for a formula."""
    frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    for field in table.schema:
        if field.type == pa.string():
            frame[field.name] = frame[field.name].map(as_safe_text)
        elif field.type == AMOUNT:
            frame[field.name] = frame[field.name].map(_in_full, na_action="ignore")
        elif field.type == pa.bool_():
            frame[field.name] = frame[field.name].map({True: "true", False: "false"})
    return frame.to_csv(index=False, lineterminator="\n")


def _said(measure: Measure, snapshot: Snapshot) -> dict[str, object]:
    """Return the columns that a definition fills, the same for each of its values."""
    above, below = _counted(snapshot.explained.get(measure.id))
    return {
        "measure_id": measure.id,
        "title": measure.title,
        "unit": measure.unit,
        "shown_as": measure.show.as_,
        "question": measure.question,
        "numerator_in_words": above,
        "denominator_in_words": below,
        "direction": measure.better,
        "contested": measure.contested,
        "attribution": measure.attribution,
        "family": measure.family,
        "small_numbers": measure.disclosure,
        "origin": measure.origin.kind,
        "origin_words": measure.origin.words,
        "origin_source": measure.origin.source,
    }


def _counted(explained: Explained | None) -> tuple[str, str]:
    """Return what is counted above and below the line, in the words made from the blocks."""
    above = below = ""
    for sentence in explained.sentences if explained else ():
        lead, _, rest = sentence.partition(": ")
        above = above or (rest if lead in ("Above", "Counted") else "")
        below = below or (rest if lead == "Below" else "")
    return above, below


def _in_full(amount: Decimal) -> str:
    """Return an amount without an exponent and without noughts at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
