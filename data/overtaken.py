"""What a file would take the place of, and what has taken the place of a file since."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from data.acts import settled_rows
from data.batches import ALL_AREAS, Batch, read_rows
from data.contract import Contract
from data.home import Home
from data.records import by_month, create_tables, fill_tables
from data.report import FileRefusedError
from data.snapshots import Connection, memory

# A file that has less than half of the rows it would take the place of is asked about: late rows
# look like that, and so does half a file. In one area, chance alone halves a handful of rows.
FEWEST_SHARE = 0.5
FEWEST_ROWS_OF_AN_AREA = 10
_Where = tuple[str, str]


def refuse_far_fewer_rows(
    contract: Contract, fresh: Batch, accepted: pa.Table, counting: Sequence[Batch]
) -> None:
    """Refuse a file without keys that would take the place of far more rows than it has.

    Raises:
        FileRefusedError: If in any month, or any month of an area, fewer than half would be left
            and the sender has not said that this is meant.
    """
    if contract.key or fresh.how or fresh.corrects:
        return
    own = [batch for batch in counting if batch.table == contract.table]
    if not any(_overlap(contract, fresh, batch) for batch in own):
        return
    with memory() as connection:
        create_tables(connection, {contract.table: contract})
        fill_tables(connection, {contract.table: contract}, {}, own)
        counted = _rows_by_month_and_area(connection, contract, f'main."{contract.table}"')
        connection.register("accepted", accepted)
        after = _rows_by_month_and_area(connection, contract, "accepted")
        connection.unregister("accepted")
    before = {where: n for where, n in counted.items() if _covered(contract, fresh, *where)}
    for place, wheres in _places(before):
        found = sum(before[where] for where in wheres)
        left = sum(after[where] for where in wheres)
        if left < FEWEST_SHARE * found:
            raise FileRefusedError.of(
                "far_fewer_rows",
                f"For {place} this file has {left:,} rows, and {found:,} that were loaded before"
                f" would no longer count: rows of {contract.table} have no key, so a file takes the"
                " place of all that it covers. If it holds all there is for the months it covers,"
                " load it with --replaces. If its rows come on top of those loaded before, load it"
                " with --adds.",
            )


def replaced_in_words(
    contract: Contract, fresh: Batch, accepted: pa.Table, counting: Sequence[Batch]
) -> list[str]:
    """Return how many rows loaded before give way to rows of this file with the same key."""
    own = [batch for batch in counting if batch.table == contract.table]
    if not contract.key or contract.kind == "reference" or fresh.corrects or not own:
        return []
    found = Counter[str]()
    for batch in own:
        found[batch.source_name] += _rows_with_keys_of(contract, accepted, batch)
    return [
        f"{rows:,} of its rows take the place of rows loaded before, in {name}: the same"
        f" {' and '.join(contract.key)}, and the later row counts."
        for name, rows in found.items()
        if rows
    ]


def _rows_with_keys_of(contract: Contract, rows: pa.Table, batch: Batch) -> int:
    """Return how many rows have a key that a batch has too; blanks in a key are equal."""
    keys = list(contract.key)
    same = " AND ".join(f'r."{name}" IS NOT DISTINCT FROM b."{name}"' for name in keys)
    with memory() as connection:
        connection.register("row", rows.select(keys))
        connection.register("batch", read_rows(batch).select(keys))
        ((found,),) = connection.execute(
            f'SELECT COUNT(*) FROM "row" AS r WHERE EXISTS (SELECT 1 FROM batch AS b WHERE {same})'
        ).fetchall()
        connection.unregister("row")
        connection.unregister("batch")
    return int(found)


def _places(before: Mapping[_Where, int]) -> Iterator[tuple[str, list[_Where]]]:
    """Yield what is judged by itself: each month, and each area of it with more than a handful."""
    for month in sorted({month for month, _ in before}):
        yield month or "this table", [where for where in before if where[0] == month]
    for (month, area), found in sorted(before.items()):
        if found >= FEWEST_ROWS_OF_AN_AREA:
            yield f"{month}, {area}".removeprefix(", "), [(month, area)]


def _rows_by_month_and_area(
    connection: Connection, contract: Contract, relation: str
) -> Counter[_Where]:
    """Return how many rows there are, by month `YYYY-MM` and area; '' where there is neither."""
    month = f"""strftime("{contract.date}", '%Y-%m')""" if by_month(contract) else "''"
    area = f'"{contract.area_column}"' if contract.area_column else "''"
    rows = connection.execute(
        f"SELECT {month}, {area}, COUNT(*) FROM {relation} GROUP BY 1, 2"
    ).fetchall()
    return Counter({(m, a): count for m, a, count in rows if m is not None and a is not None})


def _covered(contract: Contract, batch: Batch, month: str, area: str) -> bool:
    covers = batch.covers
    in_time = not by_month(contract) or (
        covers.from_month is not None
        and covers.to_month is not None
        and covers.from_month <= month <= covers.to_month
    )
    everywhere = contract.area_column is None or ALL_AREAS in covers.stated_areas
    return in_time and (everywhere or area in covers.areas)


def _overlap(contract: Contract, one: Batch, other: Batch) -> bool:
    """Return whether two batches speak for a month and an area that is the same."""
    a, b = one.covers, other.covers
    if by_month(contract):
        if not (a.from_month and a.to_month and b.from_month and b.to_month):
            return False
        if a.to_month < b.from_month or b.to_month < a.from_month:
            return False
    everywhere = contract.area_column is None or ALL_AREAS in {*a.stated_areas, *b.stated_areas}
    return everywhere or bool({*a.areas} & {*b.areas})


def later_in_words(
    home: Home, contract: Contract, batch: Batch, counting: Sequence[Batch]
) -> list[str]:
    """Return a sentence on the batches that took the place of some rows of one since, if any."""
    after = [
        other
        for other in counting
        if other.table == batch.table
        and other.sequence > batch.sequence
        and _takes_from(contract, other, batch)
    ]
    if not after:
        return []
    named = ", ".join(
        f"{other.id} ({other.source_name}, {home.day_of(other.loaded_at)})" for other in after
    )
    return [
        f"Batch {batch.id} has since been corrected by {named}: where both speak, the later counts."
        " Withdraw the later one if the earlier is right."
    ]


def _takes_from(contract: Contract, later: Batch, earlier: Batch) -> bool:
    if later.corrects:
        same = later.corrects == earlier.corrects
        return same and bool({*later.settles} & {*earlier.settles})
    if later.how == "adds":
        return False
    if not contract.key or later.how == "replaces":
        return _overlap(contract, later, earlier)
    return _rows_with_keys_of(contract, read_rows(later), earlier) > 0


def settled_in_words(root: Batch, batches: Sequence[Batch]) -> str:
    """Return a sentence on how many held rows of a batch are put right, these batches counting."""
    settled = len(settled_rows(root.id, batches))
    return (
        f"This corrects held rows of batch {root.id} ({root.source_name}). Of {root.rows_held:,}"
        f" held there, {settled:,} are put right with this file."
    )
