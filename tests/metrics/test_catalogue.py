import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from data.contract import load_contracts
from data.records import schema_of
from metrics.blocks import AGE_BANDS, COUNT_BLOCKS, Block, Condition, Quantile
from metrics.cases import run_cases
from metrics.definition import CATALOGUE, GROUPS, SHOWN_AS, Measure, load_measures, read_measure

WALK_THROUGH = Path(__file__).resolve().parents[2] / "docs" / "add_a_measure.md"

CONTRACTS = load_contracts(None)
SCHEMA = schema_of(CONTRACTS)
FILES = sorted(CATALOGUE.glob("*.toml"))
SHIPPED = [read_measure(file, SCHEMA) for file in FILES]
IDS = [measure.id for measure in SHIPPED]
each_measure = pytest.mark.parametrize("measure", SHIPPED, ids=IDS)


def test_all_definitions_load_together() -> None:
    assert set(load_measures(None, SCHEMA)) == set(IDS)


def test_both_kinds_of_measure_are_there() -> None:
    assert {measure.family for measure in SHIPPED} == {"conventional", "proposed"}
    assert {measure.speaks_for for measure in SHIPPED} >= {"hospital use", "working life"}


@pytest.mark.parametrize("name", ["id", "slug", "title", "question"])
def test_no_two_measures_share_a_name(name: str) -> None:
    counted = Counter(getattr(measure, name) for measure in SHIPPED)

    assert [value for value, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_named_after_its_measure(file: Path) -> None:
    measure = read_measure(file, SCHEMA)

    assert file.stem == f"{measure.id}_{measure.slug}"


@each_measure
def test_at_least_three_worked_cases_are_given(measure: Measure) -> None:
    assert len(measure.case) >= 3
    assert len({case.given for case in measure.case}) == len(measure.case)


@each_measure
def test_clauses_can_stand_inside_a_sentence(measure: Measure) -> None:
    says = measure.says
    for clause in (says.higher, says.lower, says.rose, says.fell, says.level):
        assert clause == clause.strip()
        assert not re.search(r"[.:;!?]", clause), clause
    # These two follow "In North 2, " and "while "; the others begin a sentence.
    for clause in (says.rose, says.fell):
        assert clause[0].islower(), clause
    for clause in (says.higher, says.lower, says.level):
        assert clause[0].isupper(), clause
    assert "usual" in says.higher
    assert "usual" in says.lower
    assert len({says.higher, says.lower, says.rose, says.fell, says.level}) == 5


@each_measure
def test_clauses_praise_nobody_and_blame_nobody(measure: Measure) -> None:
    says = " ".join(measure.says.model_dump().values()).lower()

    for word in ("better", "worse", "worst", "fail", "caused", "perform", "significant", "target"):
        assert word not in says


@each_measure
def test_everything_written_is_whole_sentences(measure: Measure) -> None:
    written = [caveat.text for caveat in measure.caveat]
    written += [measure.find_them, measure.checked_against]
    written += [measure.dispute] if measure.dispute else []
    written += [case.given for case in measure.case]

    assert measure.question.endswith("?")
    for text in written:
        assert text[:1].isupper() or text[:1] == "“" or text[:1].isdigit(), text
        assert text.endswith("."), text


@each_measure
def test_a_reader_is_told_what_to_beware_of_and_what_to_read_beside_it(measure: Measure) -> None:
    assert measure.caveat
    assert measure.pairs_with
    assert measure.id not in {pair.measure for pair in measure.pairs_with}
    for pair in measure.pairs_with:
        assert not pair.why.endswith(".")


@pytest.mark.parametrize(
    "measure", [m for m in SHIPPED if m.show.as_ == "percent"], ids=lambda m: m.id
)
def test_a_share_is_never_worded_as_a_plain_count(measure: Measure) -> None:
    says = measure.says

    for clause in (says.higher, says.lower, says.rose, says.fell):
        assert " of th" in clause, clause


@pytest.mark.parametrize(
    "measure", [m for m in SHIPPED if m.group == "hospital"], ids=lambda m: m.id
)
def test_hospital_figures_are_of_everybody_registered(measure: Measure) -> None:
    assert measure.attribution == "population"


@each_measure
def test_whether_less_is_better_is_contested_where_staff_and_studies_contest_it(
    measure: Measure,
) -> None:
    contested = measure.id in ("H01", "H04", "H05", "H07", "H11")

    assert measure.contested == contested
    assert not contested or measure.improvement == "neutral"


def test_rates_of_adults_have_every_adult_band_and_no_child_below_the_line() -> None:
    adults = set(AGE_BANDS) - {"0-17"}
    by_id = {measure.id: measure for measure in SHIPPED}

    for name in ("H01", "F01"):
        denominator = by_id[name].denominator
        assert denominator is not None
        assert set(denominator.model_dump()["person_days"]["age_bands"]) == adults


def test_the_file_in_the_walk_through_is_a_measure_whose_cases_hold(tmp_path: Path) -> None:
    fenced = re.findall(r"```toml\n(.*?)```", WALK_THROUGH.read_text(encoding="utf-8"), re.DOTALL)
    assert len(fenced) == 1
    file = tmp_path / "L01_closed_unseen.toml"
    file.write_text(fenced[0], encoding="utf-8")

    measure = read_measure(file, SCHEMA)
    outcomes = list(run_cases(measure, SCHEMA))

    assert measure.id not in IDS
    assert len(outcomes) == 4
    assert [outcome.given for outcome in outcomes if not outcome.holds] == []


def _choices(name: str) -> tuple[str, ...]:
    annotation = Measure.model_fields[name].annotation
    return tuple(choice for choice in get_args(annotation) if isinstance(choice, str))


def test_the_walk_through_names_the_whole_grammar() -> None:
    text = WALK_THROUGH.read_text(encoding="utf-8")
    blocks: list[type[Block]] = [*COUNT_BLOCKS.values(), Quantile]
    words = {field.alias or name for block in blocks for name, field in block.model_fields.items()}
    words |= {name.rstrip("_") for name in Condition.TESTS}
    words |= {"column", *SHOWN_AS, *GROUPS}
    for name in ("family", "kind", "better", "attribution", "every", "disclosure"):
        words |= {name, *_choices(name)}

    assert {word for word in words if f"`{word}`" not in text and f"`{word} =" not in text} == set()
