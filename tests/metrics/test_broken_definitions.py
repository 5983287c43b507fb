"""A wrong definition never gives a number: each kind is refused, at its line, with its remedy."""

import re
from pathlib import Path

import pytest

from metrics.definition import read_measure
from metrics.errors import MeasureError
from tests.metrics.broken_definitions import BROKEN, MARK, WHOLE
from tests.metrics.measure_tables import SCHEMA

FILE = "L01_still_open.toml"
KINDS = 100
# What our tools say of themselves, which means nothing to somebody who wrote a definition.
TOOLS = (
    "Input",
    "should be",
    "NoneType",
    "None",
    "pydantic",
    "tuple",
    "dict",
    "string",
    "pattern",
    "validat",
    "valid ",
    "function",
    "<class",
    "Decimal(",
    "datetime",
    "finite",
    "parse",
    "namespace",
    "VARCHAR",
    "BIGINT",
    "NaN",
    "Error",
)


def faults_of(text: str, folder: Path) -> list[str]:
    file = folder / FILE
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MeasureError) as refused:
        read_measure(file, SCHEMA)
    return str(refused.value).splitlines()


def marked_line(text: str) -> int:
    (number,) = [n for n, line in enumerate(text.splitlines(), start=1) if MARK in line]
    return number


def test_what_is_broken_here_was_whole_before(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text(WHOLE, encoding="utf-8")

    assert read_measure(file, SCHEMA).id == "L01"


def test_there_are_at_least_a_hundred_kinds_and_no_two_are_the_same() -> None:
    assert len(BROKEN) >= KINDS
    assert len({text for text, _ in BROKEN.values()}) == len(BROKEN)


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_it_is_refused_once_with_its_line_and_its_remedy(
    tmp_path: Path, text: str, said: str
) -> None:
    faults = faults_of(text, tmp_path)

    assert len(faults) == 1, faults
    found = re.fullmatch(rf"{FILE}, line (\d+): (.*)", faults[0])
    assert found, faults
    assert said in found[2]
    assert int(found[1]) == marked_line(text)


@pytest.mark.parametrize("text", [text for text, _ in BROKEN.values()], ids=BROKEN)
def test_no_refusal_speaks_the_language_of_our_tools(tmp_path: Path, text: str) -> None:
    for fault in faults_of(text, tmp_path):
        assert not [word for word in TOOLS if word in fault], fault
