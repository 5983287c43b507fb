import re
from pathlib import Path

import pytest

from data.contract import load_contracts
from data.records import schema_of
from metrics.definition import Measure, load_measures
from metrics.logic_model import read_logic_model

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
CONTRACTS = load_contracts(None)
SHIPPED = load_measures(None, schema_of(CONTRACTS))
# The only measures that somebody interviewed named as one.
NAMED_IN_AN_INTERVIEW = {"F02", "F04", "W01", "W03"}
each_measure = pytest.mark.parametrize("measure", SHIPPED.values(), ids=SHIPPED)


def _texts() -> list[str]:
    files = sorted(SEEDS.glob("*.txt"))
    assert files, SEEDS
    # A quotation may run over the end of a line.
    return [re.sub(r"\s+", " ", file.read_text(encoding="utf-8")) for file in files]


@each_measure
def test_every_quotation_stands_exactly_in_a_paper(measure: Measure) -> None:
    quoted = re.findall("“([^”]*)”", measure.dispute)
    if measure.origin.kind != "workshop" and measure.origin.words:
        quoted.append(measure.origin.words)

    texts = _texts()

    # A collection or a questionnaire has its own document; an idea from a study has its words.
    if measure.origin.kind in ("interview", "described", "recommendation"):
        assert quoted, "nothing says in whose words this is wanted"
    for words in quoted:
        assert any(words in text for text in texts), words


@each_measure
def test_only_what_was_named_in_an_interview_claims_to_be(measure: Measure) -> None:
    if measure.origin.kind == "interview":
        assert measure.id in NAMED_IN_AN_INTERVIEW
        assert "one interviewee" in measure.origin.source


def test_the_words_that_each_node_of_the_logic_model_was_taken_from_stand_in_a_paper() -> None:
    texts = _texts()

    quoted = [node.words for node in read_logic_model(None, {}).nodes if node.words]

    assert quoted
    assert [words for words in quoted if not any(words in text for text in texts)] == []
