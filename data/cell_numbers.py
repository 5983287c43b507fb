"""Reading counts and decimal numbers: exact, never floating point."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from data.contract import Column
from data.distinct import Notes
from data.report import FileRefusedError

_HIDDEN = re.compile(r"\*+|[<≤]\s*\d+|\d+\s*-|c|s|\[c\]|(?:fewer|less) than \d+", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_SHARE = re.compile(r"share\b.*", re.IGNORECASE)
_PERCENT = re.compile(r"%.*|per ?cent.*", re.IGNORECASE)
# What may stand behind a number, by a word of the unit that the contract gives.
_UNIT_WORDS = (
    (re.compile(r"\bdays\b"), re.compile(r"(.*[0-9.])\s*(?:d|days?)\.?", re.IGNORECASE)),
    (re.compile(r"\bminutes\b"), re.compile(r"(.*[0-9.])\s*(?:m|mins?|minutes?)\.?", re.I)),
    (re.compile(r"\bhours\b"), re.compile(r"(.*[0-9.])\s*(?:h|hrs?|hours?)\.?", re.I)),
    (re.compile(r"full-time"), re.compile(r"(.*[0-9.])\s*[FW]TEs?", re.IGNORECASE)),
)
_HUNDRED = Decimal(100)
# Shares above this can only be percentages; just above 1 they may be slips.
_SURELY_PERCENT = Decimal(2)
# A DECIMAL(18,4) has 14 digits before the point; a BIGINT has 18 of any kind.
_PLACES = Decimal("0.0001")
_LARGEST = {"dec": Decimal(10) ** 14 - _PLACES, "int": Decimal(10) ** 18 - 1}


def read_numbers(column: Column, texts: list[str], notes: Notes) -> Sequence[Decimal | int | None]:
    """Return each text as a number; None where it is blank, hidden or none.

    More than four decimals are rounded, halves to even, and counted.
    """
    divided = _are_percentages(column, texts)
    return [
        _number(column, at, text, notes, divided=divided) if text else None
        for at, text in enumerate(texts)
    ]


def refuse_mixed_shares(column: Column, name: str, texts: Sequence[str]) -> None:
    """Refuse a column of shares or percentages that is written in two units at once.

    Args:
        column: What the contract says; only its unit tells a share from a percentage.
        name: The file's own name for it.
        texts: Its different texts.

    Raises:
        FileRefusedError: If some cells are shares such as 0.052 and others percentages.
    """
    is_share = bool(_SHARE.fullmatch(column.unit))
    if not is_share and not _PERCENT.fullmatch(column.unit):
        return
    signed, plain = _signed_and_plain(texts)
    small = [number for number in plain if 0 < number < 1]
    large = [number for number in plain if number >= _SURELY_PERCENT]
    mixed = signed and (any(plain) if is_share else small)
    if mixed or (is_share and small and large):
        raise FileRefusedError.of(
            "mixed_percent",
            "Some cells of this column are written like 0.052 and others like 5.2 or 5.2%, and"
            f" nobody can tell which is meant. It is asked for in {column.unit}: write all cells"
            " one way.",
            column=name,
        )


def _signed_and_plain(texts: Sequence[str]) -> tuple[list[str], list[Decimal]]:
    signed = [text for text in texts if text.endswith("%")]
    plain = [Decimal(text) for text in texts if _NUMBER.fullmatch(text)]
    return signed, plain


def _are_percentages(column: Column, texts: Sequence[str]) -> bool:
    """Return whether a column of shares is written as percentages without their sign."""
    if not _SHARE.fullmatch(column.unit):
        return False
    _, plain = _signed_and_plain(texts)
    return max(plain, default=0) >= _SURELY_PERCENT and all(n >= 1 or n == 0 for n in plain)


def _number(
    column: Column, at: int, text: str, notes: Notes, *, divided: bool
) -> Decimal | int | None:
    if column.suppressed_into and _HIDDEN.fullmatch(text):
        notes.hidden.add(at)
        notes.fixed("suppressed_mark", at)
        return None
    number = _plain(column, at, text, notes)
    if number is not None and divided:
        number /= _HUNDRED
        notes.fixed("percent_as_share", at)
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


def _plain(column: Column, at: int, text: str, notes: Notes) -> Decimal | None:
    is_share = bool(_SHARE.fullmatch(column.unit))
    if text.endswith("%") and (is_share or _PERCENT.fullmatch(column.unit)):
        number = _plain(column, at, text[:-1].rstrip(), notes)
        notes.fixed("percent_sign", at)
        return number / _HUNDRED if number is not None and is_share else number
    for unit, written in _UNIT_WORDS if column.unit and not text[-1:].isdigit() else ():
        found = written.fullmatch(text) if unit.search(column.unit) else None
        if found:
            text = found[1].rstrip()
            notes.fixed("unit_word", at)
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
