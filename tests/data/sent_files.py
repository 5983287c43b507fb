"""Files as senders write them: monthly counts of a small partnership, and what is said of them."""

from collections.abc import Iterable

from data.report import Report

COUNTS = "team_id,month,measure_id,numerator,denominator,note"
ALIASES = "raw_code,team_id,source_system\nNbhd 2,N2,Case system\n"
# The published example, and numbers of the range that is kept for tests: they belong to nobody.
PUBLISHED_NHS_NUMBER = "943 476 5919"


def counts(*rows: str, header: str = COUNTS) -> str:
    """Return a file of monthly counts; without rows named, of two good ones."""
    rows = rows or ("N1,2024-04,W03,5,10,", "N2,2024-04,W03,6,12,fine")
    return "\n".join([header, *rows, ""])


def rules(report: Report) -> list[str]:
    """Return the rule of each problem, in order."""
    return [problem.rule for problem in report.problems]


def places(report: Report) -> list[tuple[int | None, str | None]]:
    """Return the row and column of each problem, in order."""
    return [(problem.row, problem.column) for problem in report.problems]


def adds_up(report: Report) -> bool:
    """Return whether every row of the file is accounted for."""
    known = report.rows_accepted + report.rows_held + sum(report.rows_dropped.values())
    return report.rows_in_file == known


def numbers_for_tests(how_many: int) -> list[str]:
    """Return numbers of the range 999 that pass the check digit."""
    passing: list[str] = []
    for middle in range(10_000):
        first_nine = f"99900{middle:04d}"
        total = sum((10 - at) * int(digit) for at, digit in enumerate(first_nine))
        check = (11 - total % 11) % 11
        if check < 10:
            passing.append(f"{first_nine}{check}")
        if len(passing) == how_many:
            break
    return passing


def in_columns(name: str, cells: Iterable[str]) -> str:
    """Return a file of good counts with one more column, a month for each of its cells."""
    rows = (
        f"N1,{2015 + at // 12}-{at % 12 + 1:02d},W03,5,10,,{cell}" for at, cell in enumerate(cells)
    )
    return counts(*rows, header=f"{COUNTS},{name}")
