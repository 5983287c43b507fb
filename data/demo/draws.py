"""Chance made of whole numbers only, so that the same seed gives the same city on any machine.

A logarithm or an exponential may differ in its last bit between two processors, and one bit is
enough to move a draw from one side of a threshold to the other. Here every draw is a whole number
compared with whole-number weights.
"""

import math
import zlib
from collections.abc import Sequence

import numpy as np

# A bell of twelve dice with 65,536 sides each: the variance of one is (65536^2 - 1) / 12, so the
# standard deviation of the sum is 65,536, to ten digits.
_DICE, _SIDES = 12, 65_536
_MIDDLE = _DICE * (_SIDES - 1) // 2


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return a generator that hinges on the seed and the names alone.

    Python's own `hash` of a text changes from run to run, so names go in by their CRC-32.
    """
    words = [zlib.crc32(str(name).encode()) for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def wobble(rng: np.random.Generator, deviation: int) -> int:
    """Return a whole number from a bell around 0 with this standard deviation."""
    rolled = int(rng.integers(0, _SIDES, _DICE, dtype=np.int64).sum()) - _MIDDLE
    return deviation * rolled // _SIDES


def count(rng: np.random.Generator, mean_thousandths: int, spread_percent: int = 100) -> int:
    """Return a number of events, never below 0.

    Args:
        rng: The stream to draw from.
        mean_thousandths: 1,000 times the number to be expected.
        spread_percent: The variance as a share of the mean: 100 is what independent events have
            (Poisson), more is overdispersed, less is steadier than chance.
    """
    deviation = math.isqrt(mean_thousandths * 10 * spread_percent)
    return max(0, (mean_thousandths + wobble(rng, deviation) + 500) // 1000)


def whole_numbers(rng: np.random.Generator, below: int, size: int) -> np.ndarray:
    """Return `size` whole numbers from 0 to `below` - 1, all equally likely."""
    return rng.integers(0, below, size, dtype=np.int64)


def happens(rng: np.random.Generator, per_mille: int, size: int) -> np.ndarray:
    """Return truth for `per_mille` of a thousand, each by its own chance."""
    return whole_numbers(rng, 1000, size) < per_mille


def pick(rng: np.random.Generator, weights: Sequence[int], size: int) -> np.ndarray:
    """Return `size` positions in `weights`, each as likely as its weight."""
    steps = np.cumsum(np.asarray(weights, dtype=np.int64))
    return np.searchsorted(steps, whole_numbers(rng, int(steps[-1]), size), side="right")


def places_within(rng: np.random.Generator, widths: np.ndarray) -> np.ndarray:
    """Return for each width a whole number from 0 to width - 1 (0 where the width is 0)."""
    return (whole_numbers(rng, 1 << 32, len(widths)) * widths) >> 32


class Bands:
    """A distribution of days, as bands within which every day is equally likely.

    Args:
        *bands: For each band its first day, its last day (inclusive) and its weight.
    """

    def __init__(self, *bands: tuple[int, int, int]) -> None:
        first, last, weights = zip(*bands, strict=True)
        self._first = np.asarray(first, dtype=np.int64)
        self._width = np.asarray(last, dtype=np.int64) - self._first + 1
        self._weights = weights

    def draw(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Return `size` numbers of days."""
        band = pick(rng, self._weights, size)
        return self._first[band] + places_within(rng, self._width[band])

    def thrown(self, dice: "Dice", name: str) -> np.ndarray:
        """Return a number of days for each of the dice."""
        band = dice.pick(f"{name}, which band", self._weights)
        return self._first[band] + dice.below(f"{name}, which day", self._width[band])


class Dice:
    """Chance that hinges on a row's own key and on what is asked, and on no other row.

    So what is made of a row is the same in whatever company the row is made. The mixing is that of
    SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).

    Args:
        keys: One whole number a row, such as `keys` gives.
        *names: What the dice are for.
    """

    def __init__(self, keys: np.ndarray, *names: str | int) -> None:
        self.keys = keys.astype(np.uint64)
        for name in names:
            self.keys = _mixed(self.keys + _word(name))

    def __len__(self) -> int:
        return len(self.keys)

    def each(self, numbers: np.ndarray, name: str) -> "Dice":
        """Return dice of their own for the rows' parts, by the part's number."""
        return Dice(self.keys + numbers.astype(np.uint64) * _ODD, name)

    def below(self, name: str, width: int | np.ndarray) -> np.ndarray:
        """Return for each a whole number from 0 to its width - 1 (0 where the width is 0)."""
        thrown = (_mixed(self.keys + _word(name)) >> np.uint64(32)).astype(np.int64)
        return (thrown * width) >> 32

    def happens(self, name: str, per_mille: int | np.ndarray) -> np.ndarray:
        """Return truth for `per_mille` of a thousand, which may differ from row to row."""
        return self.below(name, 1000) < per_mille

    def pick(self, name: str, weights: Sequence[int]) -> np.ndarray:
        """Return positions in `weights`, each as likely as its weight."""
        steps = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(steps, self.below(name, int(steps[-1])), side="right")


_ODD = np.uint64(0x9E3779B97F4A7C15)


def _word(name: str | int) -> np.uint64:
    return np.uint64(zlib.crc32(str(name).encode()) * 0x9E3779B97F4A7C15 % (1 << 64))


def _mixed(numbers: np.ndarray) -> np.ndarray:
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def blank(texts: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return texts, with nothing where they are not known."""
    kept = texts.astype(object)
    kept[~known] = None
    return kept


def keys(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return `size` numbers of 60 bits, to be written as keys by `written`."""
    return whole_numbers(rng, 1 << 60, size)


def written(letter: str, numbers: np.ndarray) -> list[str]:
    """Return keys as text: a letter and 15 hexadecimal digits.

    The letter keeps a spreadsheet from taking a key such as 1234e56 for a number.
    """
    return [f"{letter}{number:015x}" for number in numbers.tolist()]
