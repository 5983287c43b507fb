"""What became of a file, in words for whoever brought it."""

from collections.abc import Mapping

import pandas as pd

from dashboard.numbers import plural
from data.report import Problem, Report, covers_in_words

PROBLEMS_SHOWN = 50
# Questions that the page can ask, by the rule that refused the file.
ASKS_FOR_DATES = frozenset({"ambiguous_dates"})
ASKS_FOR_TABLE = frozenset({"unknown_table", "several_recipes", "only_if_named"})


def headline(report: Report, name: str) -> str:
    """Return in one sentence what became of a file."""
    if report.status == "refused":
        return f"{name} cannot be taken yet. Nothing of it is kept."
    said = f"{name}: {rows(report.rows_accepted)} can be taken"
    if report.batch_id:
        said = f"{name}: {rows(report.rows_accepted)} taken"
    if report.rows_held:
        said += f", {report.rows_held:,} held back"
    return f"{said}."


def rows(count: int) -> str:
    """Return a number of rows."""
    return f"{count:,} {plural(count, 'row', 'rows')}"


def facts(report: Report, titles: Mapping[str, str]) -> list[str]:
    """Return what else there is to know: what it is, what was put right, what to look at."""
    said = []
    if report.table:
        recipe = f", by the recipe {report.recipe}" if report.recipe else ""
        title = titles.get(report.table, report.table)
        said.append(f"Read as {title} ({report.table}){recipe}.")
    if report.covers and report.covers.from_month:
        said.append(f"It covers {covers_in_words(report.covers)}.")
    dropped = sum(report.rows_dropped.values())
    if report.status != "refused" and dropped:
        said.append(f"Left out as no data: {_counts(report.rows_dropped)}.")
    if report.fixes:
        said.append(f"Put right: {_counts(report.fixes)}.")
    return said + list(report.warnings)


def problems(report: Report) -> pd.DataFrame:
    """Return the problems as a table: where, and what to do."""
    shown = report.problems[:PROBLEMS_SHOWN]
    frame = pd.DataFrame(
        {
            "Row": [_where(problem) for problem in shown],
            "Column": [p.column or "" for p in shown],
            "What to do": [p.message for p in shown],
        },
        dtype="str",
    )
    return frame.set_index("Row")


def _where(problem: Problem) -> str:
    of_sheet = f", sheet {problem.sheet}" if problem.sheet else ""
    return "the whole file" if problem.row is None else f"{problem.row}{of_sheet}"


def more_problems(report: Report) -> str:
    """Return how many problems are not in the table; '' where all are."""
    more = len(report.problems) - PROBLEMS_SHOWN
    return f"And {more:,} more like these." if more > 0 else ""


def asks(report: Report, rules: frozenset[str]) -> bool:
    """Return whether a file was refused for want of an answer to one of these questions."""
    return any(problem.rule in rules for problem in report.problems)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{rule.replace('_', ' ')} {n:,}" for rule, n in sorted(counts.items()))
