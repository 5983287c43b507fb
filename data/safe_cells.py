"""Cells of a CSV file that no spreadsheet takes for a formula."""

import re

# What a spreadsheet takes for the beginning of a formula; the last four are wide forms. One
# apostrophe more makes it a text, and one less makes it what it was, also where it began with
# apostrophes itself.
_BEGINNING = r"[=+\-@\t\r\n＝＋－＠]"
_FORMULA = re.compile(f"'*{_BEGINNING}")
_QUOTED = re.compile(f"'+{_BEGINNING}")


def as_safe_text(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_it_was(cell: str) -> str:
    """Return the cell that `as_safe_text` was given."""
    return cell[1:] if _QUOTED.match(cell) else cell
