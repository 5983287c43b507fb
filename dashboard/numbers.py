"""Numbers and dates as people say them. Nothing here knows a finding."""

import datetime
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from metrics.definition import Measure

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# Beyond this many decimals two figures are the same to anybody.
_FINEST = 6


def spell(count: int) -> str:
    """Return a count in words up to ten, in figures from 11 on."""
    return _SMALL[count] if 0 <= count < len(_SMALL) else f"{count:,}"


def plural(count: int, one: str, many: str) -> str:
    """Return `one` for exactly one, else `many`."""
    return one if count == 1 else many


def join(parts: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence_case(text: str) -> str:
    """Return a text with a capital first letter and the rest left alone."""
    return text[:1].upper() + text[1:]


def mid_sentence(text: str) -> str:
    """Return a text to go on with, its first letter small unless it is "I" or an abbreviation."""
    first_word = text.partition(" ")[0]
    stays = first_word == "I" or first_word[1:] != first_word[1:].lower()
    return text if stays else text[:1].lower() + text[1:]


def day(date: datetime.date, *, with_year: bool = True) -> str:
    """Return "31 March 2026"."""
    return f"{date.day} {date:%B}" + (f" {date.year}" if with_year else "")


def period(start: datetime.date, end: datetime.date) -> str:
    """Return "March 2026", or "January to March 2026"; `end` is exclusive."""
    last = end - datetime.timedelta(days=1)
    if (start.year, start.month) == (last.year, last.month):
        return f"{start:%B} {start.year}"
    year = "" if start.year == last.year else f" {start.year}"
    return f"{start:%B}{year} to {last:%B} {last.year}"


def number(value: float, decimals: int, rounding: str = ROUND_HALF_UP) -> str:
    """Return a number with thousands commas, rounded half up, and never "-0"."""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(repr(value)).quantize(step, rounding=rounding)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"


class Figures:
    """How one measure's figures are said: its sign, its unit and its decimals."""

    def __init__(self, measure: Measure) -> None:
        self._shown = str(measure.show.as_)
        self._decimals = measure.decimals
        self._unit = measure.unit

    def value(self, value: float, decimals: int | None = None) -> str:
        """Return "66", "7.4%", "12 days" or "87 per 1,000 people a year"."""
        text = number(value, self._decimals if decimals is None else decimals)
        return self._with_sign(text)

    def bare(self, value: float, decimals: int | None = None) -> str:
        """Return the number with no more than a percent sign: for places that give the unit."""
        text = number(value, self._decimals if decimals is None else decimals)
        return f"{text}%" if self._shown == "percent" else text

    def between(self, lower: float, upper: float, value: float) -> tuple[str, int]:
        """Return the usual range, and the decimals at which it and the value cannot disagree.

        The range is cut to what is possible and rounded inwards. Where rounding would put the value
        on the wrong side of an end, both get another decimal.
        """
        low, high = self.possible(lower, upper, [value])
        for decimals in range(self._decimals, _FINEST + 1):
            ends = number(low, decimals, ROUND_CEILING), number(high, decimals, ROUND_FLOOR)
            if _said_truly(ends, (low, high), value, decimals):
                break
        else:
            decimals, ends = _FINEST, (number(low, _FINEST), number(high, _FINEST))
        sign = "%" if self._shown == "percent" else " days" if self._shown == "days" else ""
        first = ends[0] + ("%" if self._shown == "percent" else "")
        return f"{first} to {ends[1]}{sign}", decimals

    def possible(self, lower: float, upper: float, values: Sequence[float]) -> tuple[float, float]:
        """Return a range cut at 0, and at 100 for a percentage, unless the values go there too."""
        low = max(lower, 0.0) if min(upper, *values) >= 0 else lower
        is_share = self._shown == "percent" and max(low, *values) <= 100
        return low, min(upper, 100.0) if is_share else upper

    def _with_sign(self, text: str) -> str:
        if self._shown == "percent":
            return f"{text}%"
        if self._shown == "days":
            return f"{text} {plural(0 if text != '1' else 1, 'day', 'days')}"
        if self._shown.startswith("per_"):
            return f"{text} {self._unit[max(self._unit.find('per '), 0) :]}"
        if self._shown == "mean_a_day":
            return f"{text} a day"
        return text


def _said_truly(
    ends: tuple[str, str], limits: tuple[float, float], value: float, decimals: int
) -> bool:
    low, high = (Decimal(end.replace(",", "")) for end in ends)
    if low > high:
        return False
    said = Decimal(number(value, decimals).replace(",", ""))
    return (low <= said <= high) == (limits[0] <= value <= limits[1])
