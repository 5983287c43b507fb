import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.contract import load_contracts
from data.recipe import from_contract, plain_name
from data.recognise import Recognised
from data.sheet import Sheet, encoded
from data.template_rows import (
    EXAMPLE,
    MARK,
    TO_FILL_IN,
    is_example,
    marked_as_example,
    without_template_rows,
)

CONTRACT = load_contracts()["aggregate_submission"]
COLUMNS = ("team_id", "month", "measure_id", "numerator", "denominator", "note")
SHOWN = tuple(CONTRACT.column(name).example for name in COLUMNS)
KEY = ("N2", "2024-04", "W03")


def without(*rows: tuple[str, ...], header: tuple[str, ...] = (MARK, *COLUMNS)):
    """Return what is left of a sheet of these rows, the mark first, and what was left out."""
    columns = [encoded(pa.array([row[at] for row in rows], pa.string())) for at in range(7)]
    numbers = np.arange(len(rows)) + 6
    sheet = Sheet(header, tuple(columns), numbers, np.full(len(rows), 7))
    recipe = from_contract(CONTRACT, frozenset(map(plain_name, header)))
    return without_template_rows(sheet, Recognised(0, CONTRACT, recipe, False))


def test_the_example_as_it_was_written_is_left_out_and_counted():
    left, dropped = without((EXAMPLE, *SHOWN), ("", *SHOWN))

    assert left.numbers.tolist() == [7]
    assert dropped == {"example_row": 1}
    assert not marked_as_example(left).any()


@pytest.mark.parametrize("at", range(len(COLUMNS)))
def test_an_example_with_one_other_cell_is_kept_and_named(at):
    changed = tuple("other" if place == at else cell for place, cell in enumerate(SHOWN))

    left, _ = without((EXAMPLE, *SHOWN), ("", *SHOWN), (EXAMPLE, *changed))

    assert left.numbers.tolist() == [7, 8]
    assert marked_as_example(left).tolist() == [False, True]


def test_a_number_of_the_example_may_be_written_with_other_decimals():
    cells = dict(zip(COLUMNS, SHOWN, strict=True))

    assert is_example(CONTRACT, {**cells, "denominator": f"{cells['denominator']}.00"})
    assert not is_example(CONTRACT, {**cells, "denominator": f"{cells['denominator']}.01"})


def test_a_row_to_fill_in_with_nothing_but_its_key_is_left_out():
    left, dropped = without((TO_FILL_IN, *KEY, "", "", ""), (TO_FILL_IN, *KEY, "0", "", ""))

    assert left.numbers.tolist() == [7]
    assert dropped == {"not_filled_in": 1}


@pytest.mark.parametrize("at", [3, 4, 5])
def test_a_row_to_fill_in_in_which_anything_was_filled_in_is_data(at):
    row = [*KEY, "", "", ""]
    row[at] = "*"

    left, dropped = without((TO_FILL_IN, *row))

    assert left.numbers.tolist() == [6]
    assert not dropped


texts = st.sampled_from(["", "example", "Example ", "to fill in", "x", *SHOWN])


@given(st.lists(st.tuples(*[texts] * 7), max_size=6))
def test_no_row_is_left_out_that_is_not_marked_and_untouched(rows):
    left, dropped = without(*rows)

    kept = set(left.numbers.tolist())
    assert len(kept) + sum(dropped.values()) == len(rows)
    for number, row in enumerate(rows, start=6):
        mark = row[0].strip().casefold()
        untouched = (mark == EXAMPLE and row[1:] == SHOWN) or (
            mark == TO_FILL_IN and not any(row[4:])
        )
        assert (number in kept) != untouched


@given(st.lists(st.tuples(*[texts] * 7), max_size=6))
def test_without_the_templates_column_every_row_is_kept(rows):
    left, dropped = without(*rows, header=("mark", *COLUMNS))

    assert len(left.numbers) == len(rows)
    assert not dropped
    assert not marked_as_example(left).any()
