from decimal import Decimal
from pathlib import Path

import pytest

from data.home import Home
from metrics.definition import (
    CATALOGUE,
    Measure,
    load_measures,
    read_catalogue,
    read_measure,
)
from metrics.errors import MeasureError
from tests.metrics.broken_definitions import NUMERATOR, WHOLE, case, changed, where
from tests.metrics.measure_tables import ENGLAND, SCHEMA


def read(text: str, folder: Path) -> Measure:
    file = folder / "L01.toml"
    file.write_text(text, encoding="utf-8")
    return read_measure(file, SCHEMA)


def faults_of(text: str, folder: Path) -> list[str]:
    try:
        read(text, folder)
    except MeasureError as error:
        return str(error).splitlines()
    pytest.fail("it was not refused")


@pytest.fixture
def own(tmp_path: Path) -> Home:
    (tmp_path / "measures").mkdir()
    return Home(tmp_path)


# ---------------------------------------------------------------- what is right is read


def test_a_whole_definition_is_read(tmp_path):
    measure = read(WHOLE, tmp_path)

    assert (measure.id, measure.every, measure.improvement) == ("L01", "month", "decrease")
    assert len(measure.blocks) == 1


@pytest.mark.parametrize(
    ("lines", "improvement"),
    [
        ('better = "lower"', "decrease"),
        ('better = "higher"', "increase"),
        ('better = "neither"', "neutral"),
        ('better = "lower"\ncontested = true\ndispute = "Some say so."', "neutral"),
    ],
)
def test_no_direction_is_better_where_that_is_disputed(tmp_path, lines, improvement):
    assert read(changed(('better = "lower"', lines)), tmp_path).improvement == improvement


def test_decimals_are_exact_however_many_digits_they_have(tmp_path):
    text = case("at = 2025-03-31\nnumerator = 12345678901234.5678\nvalue = 0.1\nrows.referral = []")
    text = text.replace(
        NUMERATOR,
        '[numerator]\nlevel = "in_post_fte"\nof = "workforce_month"\non = "month"\n'
        'where = [{ column = "in_post_fte", at_least = 0.1, at_most = 1e2 }]\n',
    ).replace('"receiving"', '"employing"')

    measure = read(text, tmp_path)

    assert measure.case[0].numerator == Decimal("12345678901234.5678")
    assert measure.case[0].value == Decimal("0.1")
    assert measure.numerator is not None
    assert measure.numerator.where[0].values == (Decimal("0.1"), Decimal(100))


def test_cells_of_a_case_are_exact_too(tmp_path):
    cells = 'team_id = "T1", fte_days_lost = 12345678901234.5678'
    text = case(f"at = 2025-03-31\nnumerator = 1\nrows.absence_month = [{{ {cells} }}]")

    row = read(text, tmp_path).case[0].rows["absence_month"][0]

    assert row == {"team_id": "T1", "fte_days_lost": Decimal("12345678901234.5678")}


def test_englands_definitions_load_beside_the_shipped_ones():
    shipped = set(load_measures(None, SCHEMA))

    assert set(load_measures(ENGLAND, SCHEMA)) - shipped == {
        f"E0{number}" for number in range(1, 8)
    }


# ---------------------------------------------------------------- what is wrong is refused


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'id = "L01"\nslug = \n', "L01.toml, line 2: this cannot be read; write what the entry"),
        (b'id = "L01"\nid = "L02"\n', "L01.toml, line 2: this cannot be read; this entry stands"),
        (
            b'id = "L01"\ntitle = "caf\xe9"\n',
            "L01.toml, line 2: there is a character here that is not UTF-8; save the file as UTF-8",
        ),
        (
            b'id = "L01"\n\ntitle = """\nWhat\n',
            "L01.toml, line 4: this cannot be read; a text is not closed",
        ),
    ],
)
def test_a_file_that_is_no_toml_is_refused(tmp_path, content, said):
    file = tmp_path / "L01.toml"
    file.write_bytes(content)

    with pytest.raises(MeasureError) as refused:
        read_measure(file, SCHEMA)
    assert str(refused.value).startswith(said)


def test_a_file_as_windows_writes_it_is_read_and_its_lines_are_counted(tmp_path):
    file = tmp_path / "L01.toml"
    as_written = WHOLE.replace("\n", "\r\n")
    file.write_bytes(b"\xef\xbb\xbf" + as_written.encode())
    assert read_measure(file, SCHEMA).id == "L01"

    file.write_bytes(as_written.replace("decimals = 0", "decimals = 9").encode())
    with pytest.raises(MeasureError, match=r"L01\.toml, line 13: decimals: "):
        read_measure(file, SCHEMA)


def test_an_empty_file_says_everything_that_is_missing(tmp_path):
    faults = faults_of("", tmp_path)

    assert "L01.toml, line 1: id: this is missing; write it" in faults
    assert "L01.toml, line 1: says: this is missing; write it" in faults
    assert len(faults) > 10


# ---------------------------------------------------------------- all at once


def test_every_fault_of_every_file_is_said_at_once(own):
    files = {
        "a.toml": changed(
            ('better = "lower"', 'better = "down"'), ("decimals = 0", "decimals = 7")
        ),
        "b.toml": "= nonsense",
        "c.toml": where('column = "sektor", is = "health" }, { column = "priority", is = "now"'),
        "d.toml": WHOLE.replace("L01", "L04"),
    }
    for name, text in files.items():
        (own.measures / name).write_text(text, encoding="utf-8")

    with pytest.raises(MeasureError) as refused:
        load_measures(own, SCHEMA)

    faults = str(refused.value).splitlines()
    assert [fault.split(":")[0] for fault in faults] == [
        "a.toml, line 9",
        "a.toml, line 13",
        "b.toml, line 1",
        *["c.toml, line 35"] * 2,
    ]
    assert "better" in faults[0]
    assert "decimals" in faults[1]
    assert "sektor; did you mean sector?" in faults[3]
    assert "never holds 'now'; it holds 2-hour, 2-day, urgent, routine" in faults[4]


def test_a_partnerships_own_file_takes_the_place_of_a_shipped_one(own):
    text = WHOLE.replace('id = "L01"', 'id = "F02"').replace('"Still open"', '"Our own list"')
    text = text.replace('measure = "F02"', 'measure = "F04"')
    (own.measures / "ours.toml").write_text(text, encoding="utf-8")

    measures = load_measures(own, SCHEMA)

    assert measures["F02"].title == "Our own list"
    assert set(measures) == set(load_measures(None, SCHEMA))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ours.toml", WHOLE.replace('id = "L01"', 'id = "F02"').replace("decimals = 0", "x = 0")),
        ("ours.toml", 'title = "Our own"\nid = "F02"\nunit = "people\n'),
        ("F02_ours.toml", "= nonsense"),
        ("F02.toml", ""),
    ],
)
def test_a_wrong_file_leaves_an_id_without_figures_and_never_with_the_shipped_ones(own, name, text):
    (own.measures / name).write_text(text, encoding="utf-8")

    catalogue = read_catalogue(own, SCHEMA)

    assert set(catalogue.measures) == set(load_measures(None, SCHEMA)) - {"F02"}
    (left,) = catalogue.left_out
    assert (left.file, left.ids) == (name, ("F02",))
    assert left.in_words().startswith(f"{name} is left out, and F02 has no figures")
    assert left.in_words().endswith(f": {left.faults[0]}.")


def test_a_wrong_file_that_is_nobodys_takes_nothing_away(own):
    (own.measures / "draft.toml").write_text("= nonsense", encoding="utf-8")

    catalogue = read_catalogue(own, SCHEMA)

    assert catalogue.measures == load_measures(None, SCHEMA)
    assert [left.in_words() for left in catalogue.left_out] == [
        "draft.toml is left out: draft.toml, line 1: this cannot be read; write the name of an"
        " entry, then =, then what it is."
    ]


def test_of_two_files_with_one_id_neither_counts(own):
    for name in ("one.toml", "two.toml"):
        (own.measures / name).write_text(WHOLE, encoding="utf-8")

    catalogue = read_catalogue(own, SCHEMA)

    assert "L01" not in catalogue.measures
    assert [left.faults for left in catalogue.left_out] == [
        ("one.toml, line 1: id: the id L01 is also in two.toml; give it its own",),
        ("two.toml, line 1: id: the id L01 is also in one.toml; give it its own",),
    ]
    with pytest.raises(MeasureError, match=r"two\.toml, line 1: id: the id L01 is also in one"):
        load_measures(own, SCHEMA)


def test_a_wrong_file_that_claims_the_id_of_another_leaves_both_out(own):
    (own.measures / "one.toml").write_text(WHOLE, encoding="utf-8")
    (own.measures / "two.toml").write_text(f"{WHOLE}\n= nonsense", encoding="utf-8")

    catalogue = read_catalogue(own, SCHEMA)

    assert "L01" not in catalogue.measures
    assert [left.file for left in catalogue.left_out] == ["one.toml", "two.toml"]


def test_measures_come_in_the_order_of_their_ids(own):
    (own.measures / "z.toml").write_text(WHOLE.replace("L01", "A09"), encoding="utf-8")

    assert list(load_measures(own, SCHEMA)) == sorted(["A09", *load_measures(None, SCHEMA)])


def test_a_home_without_measures_of_its_own_has_the_shipped_ones(tmp_path):
    nowhere = Home(tmp_path / "nowhere")

    assert load_measures(nowhere, SCHEMA) == load_measures(None, SCHEMA)


def test_every_shipped_definition_comes_back_from_json_as_it_was():
    for file in sorted(CATALOGUE.glob("*.toml")) + sorted(ENGLAND.measures.glob("*.toml")):
        measure = read_measure(file, SCHEMA)

        again = Measure.model_validate_json(measure.model_dump_json(by_alias=True))

        assert again == measure, file.name
