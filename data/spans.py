"""Codes that were not true on the day of their row: a team that had closed, a practice unmapped."""

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping

import pyarrow as pa

from data.calendar import add_months
from data.contract import Column, Contract
from data.lists import Lists, Span

# What GP systems write where there is no practice to name.
# From general knowledge of the Organisation Data Service: check it against your systems.
NO_PRACTICE = {
    "V81997": "no registered practice",
    "V81998": "not applicable",
    "V81999": "not known",
}
_CODES_NAMED = 5


def outside_their_time(contract: Contract, rows: pa.Table, lists: Lists) -> Iterator[str]:
    """Yield what is said of rows whose codes were not true on their date; the rows are kept."""
    if contract.kind == "reference" or contract.date is None:
        return
    for column in contract.columns:
        listed = column.list_referred_to or column.list_looked_up
        spans = lists.spans.get(listed) if listed else None
        if spans:
            yield from _column(contract, column, rows, spans)


def _column(
    contract: Contract, column: Column, rows: pa.Table, spans: Mapping[str, set[Span]]
) -> Iterator[str]:
    date = contract.date or ""
    is_month = contract.column(date).type == "month"
    pairs = pa.table({"code": rows.column(column.name), "on": rows.column(date).cast(pa.date32())})
    counted = pairs.drop_null().group_by(["code", "on"]).aggregate([([], "count_all")])
    none, twice = Counter[str](), Counter[str]()
    for pair in counted.to_pylist():
        last = add_months(pair["on"], 1) - datetime.timedelta(days=1) if is_month else pair["on"]
        known = spans.get(pair["code"], set())
        # One span twice over is one row that says less of what stands beside it.
        true = sum(first <= last and (end is None or pair["on"] < end) for first, end in known)
        if not true:
            none[pair["code"]] += pair["count_all"]
        elif true > 1 and column.known_in and not is_month:
            twice[pair["code"]] += pair["count_all"]
    if none and column.known_in:
        yield (
            f"{column.name}: {none.total():,} rows have a code that belongs to no team on their"
            f" date: {_listed(none)}. They are kept, and count as unmapped."
        )
    elif none:
        yield (
            f"{column.name}: {none.total():,} rows are dated before or after the time of their"
            f" code: {_listed(none)}. They are kept. Say in team_lineage what became of a team that"
            " has closed, or correct the code."
        )
    if twice:
        yield (
            f"{column.name}: {twice.total():,} rows have a code that belongs to two teams on their"
            f" date: {_listed(twice)}. Set valid_to of the earlier row of the list."
        )


def _listed(codes: Counter[str]) -> str:
    listed = []
    for code, rows in sorted(codes.items(), key=lambda pair: (-pair[1], pair[0]))[:_CODES_NAMED]:
        means = f", {NO_PRACTICE[code.upper()]}" if code.upper() in NO_PRACTICE else ""
        listed.append(f"{code} ({rows:,}{means})")
    more = len(codes) - len(listed)
    return ", ".join(listed) + (f" and {more} more" if more else "")
