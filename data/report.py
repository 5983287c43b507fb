"""What is said about one file: counts that add up, and where to look."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from data.batches import Covers

Status = Literal["accepted", "accepted_with_held_rows", "refused"]
EXIT_CODES: dict[Status, int] = {"accepted": 0, "accepted_with_held_rows": 3, "refused": 4}
PROBLEMS_SHOWN = 20
AREAS_SHOWN = 3


@dataclass(frozen=True)
class Problem:
    """One thing wrong: where it is in the sender's file, what was found, and what to do.

    Attributes:
        row: The row's number as the sender sees it; None where it is about the whole file.
        column: The column as the file names it; None where it is about the whole row.
        sheet: The sheet it is on, where the rows come from several; else None.
    """

    row: int | None
    column: str | None
    rule: str
    message: str
    sheet: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as plain values."""
        return {
            "row": self.row,
            "column": self.column,
            "rule": self.rule,
            "message": self.message,
            "sheet": self.sheet,
        }


class FileRefusedError(Exception):
    """A file cannot be taken at all; it carries the reasons to its report.

    Attributes:
        rows_in_file: Rows of data that it was seen to hold, where it was not read any further.
        nearly: It names several columns of a table, and so is meant to hold one.
    """

    def __init__(self, problems: Sequence[Problem], rows_in_file: int = 0) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = list(problems)
        self.rows_in_file = rows_in_file
        self.nearly = False

    @classmethod
    def of(
        cls,
        rule: str,
        message: str,
        *,
        row: int | None = None,
        column: str | None = None,
        sheet: str | None = None,
    ) -> "FileRefusedError":
        """Return a refusal for one reason."""
        return cls([Problem(row, column, rule, message, sheet)])


@dataclass
class Report:
    """What became of one file.

    Attributes:
        rows_in_file: Rows of data: without header, titles and blank lines. It is always
            rows_accepted + rows_held + the sum of rows_dropped.
        rows_dropped: For each rule, how many rows were left out as not being data.
        fixes: For each rule, how many cells were put right.
        rows_loaded: Rows of the contract made of the accepted rows.
        batch_id: The batch in which the rows are kept; None where nothing was kept.
        part_filled: The last month covered, `YYYY-MM`, where the file has only a part of it.
        rows_by_month: How many accepted rows each month covered has, by `YYYY-MM`.
        sheets: Where the file is a workbook: the sheets from which the rows come.
    """

    file: str
    status: Status = "accepted"
    table: str | None = None
    recipe: str | None = None
    rows_in_file: int = 0
    rows_accepted: int = 0
    rows_held: int = 0
    rows_dropped: Counter[str] = field(default_factory=Counter)
    fixes: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    covers: Covers | None = None
    rows_loaded: int = 0
    batch_id: str | None = None
    part_filled: str = ""
    rows_by_month: dict[str, int] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()

    def refuse(self, problems: Iterable[Problem]) -> "Report":
        """Turn this into the report of a refused file: every row of it is dropped."""
        self.status = "refused"
        self.rows_accepted = self.rows_held = self.rows_loaded = 0
        self.rows_dropped = Counter({"file_refused": self.rows_in_file})
        self.rows_dropped = +self.rows_dropped
        self.fixes, self.covers, self.batch_id = Counter(), None, None
        self.part_filled, self.rows_by_month = "", {}
        self.problems = list(problems)
        return self

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, ready for JSON."""
        return {
            "file": self.file,
            "table": self.table,
            "status": self.status,
            "rows_in_file": self.rows_in_file,
            "rows_accepted": self.rows_accepted,
            "rows_held": self.rows_held,
            "rows_dropped": dict(self.rows_dropped),
            "fixes": dict(self.fixes),
            "warnings": self.warnings,
            "problems": [problem.as_dict() for problem in self.problems],
            "recipe": self.recipe,
            "rows_loaded": self.rows_loaded,
            "covers": self.covers.model_dump(mode="json", by_alias=True) if self.covers else None,
            "batch_id": self.batch_id,
            "part_filled": self.part_filled,
            "rows_by_month": self.rows_by_month,
            "sheets": list(self.sheets),
        }

    def as_text(self) -> str:
        """Return the report as a few lines to read."""
        lines = [f"{self.file}: {_headline(self)}"]
        if self.status != "refused":
            lines.append(f"  {self.rows_in_file} rows in the file: {_sum_in_words(self)}")
        if self.fixes:
            lines.append(f"  put right: {_counts(self.fixes)}")
        if self.covers:
            lines.append(f"  covers {covers_in_words(self.covers)}")
        lines += [f"  note: {warning}" for warning in self.warnings]
        lines += [f"  {_problem_in_words(p)}" for p in self.problems[:PROBLEMS_SHOWN]]
        if len(self.problems) > PROBLEMS_SHOWN:
            rules = Counter(problem.rule for problem in self.problems)
            more = len(self.problems) - PROBLEMS_SHOWN
            lines.append(f"  … and {more} more; in all: {_counts(rules)}. --json lists every one.")
        if self.batch_id:
            lines.append(f"  kept as batch {self.batch_id}")
        return "\n".join(lines)


def exit_code(reports: Iterable[Report]) -> int:
    """Return what a command ends with: the worst file decides."""
    return max((EXIT_CODES[report.status] for report in reports), default=0)


def covers_in_words(covers: Covers) -> str:
    """Return the months and areas a batch speaks for, shortly."""
    months = "no months" if covers.from_month is None else covers.from_month
    if covers.to_month not in (None, covers.from_month):
        months += f" to {covers.to_month}"
    codes = covers.stated_areas or covers.areas
    areas = ", ".join(codes[:AREAS_SHOWN])
    more = len(codes) - AREAS_SHOWN
    return f"{months}, for {areas or 'no areas'}{f' and {more} more' if more > 0 else ''}"


def _headline(report: Report) -> str:
    what = report.table or "not recognised"
    if report.recipe:
        what += f", by the recipe {report.recipe}"
    if report.status == "refused":
        return f"refused ({what}); nothing of it is kept"
    held = f", {report.rows_held} rows held back" if report.rows_held else ""
    return f"accepted{held} ({what})"


def _sum_in_words(report: Report) -> str:
    said = f"{report.rows_accepted} accepted, {report.rows_held} held"
    dropped = sum(report.rows_dropped.values())
    return f"{said}, {dropped} dropped" + (f" ({_counts(report.rows_dropped)})" if dropped else "")


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{rule.replace('_', ' ')} {n}" for rule, n in sorted(counts.items()))


def _problem_in_words(problem: Problem) -> str:
    of_sheet = f" of the sheet {problem.sheet}" if problem.sheet else ""
    where = [f"row {problem.row}{of_sheet}"] if problem.row is not None else []
    where += [problem.column] if problem.column is not None else []
    return f"{', '.join(where)}: {problem.message}" if where else problem.message
