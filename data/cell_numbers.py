"""Reading counts and decimal numbers: exact, never floating point."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from data.contract import Column
from data.distinct import Notes

_HIDDEN = re.compile(r"\*+|[<≤]\s*\d+|\d+\s*-|c|s|\[c\]|(?:fewer|less) than \d+", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
# A DECIMAL(18,4) has 14 digits before the point; a BIGINT has 18 of any kind.
_PLACES = Decimal("0.0001")
_LARGEST = {"dec": Decimal(10) ** 14 - _PLACES, "int": Decimal(10) ** 18 - 1}


def read_numbers(column: Column, texts: list[str], notes: Notes) -> Sequence[Decimal | int | None]:
    """Return each text as a number; None where it is blank, hidden or none.

    More than four decimals are rounded, halves to even, and counted.
    """
    return [_number(column, at, text, notes) if text else None for at, text in enumerate(texts)]


def _number(column: Column, at: int, text: str, notes: Notes) -> Decimal | int | None:
    if column.suppressed_into and _HIDDEN.fullmatch(text):
        notes.hidden.add(at)
        notes.fixed("suppressed_mark", at)
        return None
    number = _plain(at, text, notes)
    whole = column.type == "int"
    if number is None or (whole and number != number.to_integral_value()):
        kind = "a whole number" if whole else "a number"
        message = f"{{}} is not {kind}. Write it in digits, such as 31."
        notes.fault(at, f"not_{kind.replace(' ', '_')}", message)
        return None
    if _out_of_range(column, at, number, notes):
        return None
    if whole:
        return int(number)
    rounded = number.quantize(_PLACES, ROUND_HALF_EVEN)
    if rounded != number:
        notes.fixed("rounded", at)
    return rounded


def _plain(at: int, text: str, notes: Notes) -> Decimal | None:
    if text.startswith("£"):
        text = text[1:].lstrip()
        notes.fixed("currency_sign", at)
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
        notes.fixed("thousands_comma", at)
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _out_of_range(column: Column, at: int, number: Decimal, notes: Notes) -> bool:
    if column.at_least is not None and number < column.at_least:
        notes.fault(at, "too_small", f"{{}} is below {column.at_least}. Correct it.")
    elif column.at_most is not None and number > column.at_most:
        notes.fault(at, "too_large", f"{{}} is above {column.at_most}. Correct it.")
    elif abs(number) > _LARGEST[column.type]:
        notes.fault(at, "too_large", "{} is too large to be kept. Correct it.")
    return at in notes.faults
