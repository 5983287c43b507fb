"""Write the list of measures in docs/measures.md from the catalogue: `make docs`.

What stands above the mark in that file is written by hand and left as it is.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from under_the_mark import write, written_anew

from data.contract import load_contracts
from data.records import Schema, schema_of
from metrics.definition import GROUPS, Measure, Origin, load_measures
from metrics.explain import explain
from metrics.logic_model import LogicModel, read_logic_model

PAGE = Path(__file__).with_suffix(".md")
MARK = "<!-- What follows is written by docs/measures.py."

ORIGINS = {
    "national": "A national collection",
    "interview": "Named as a measure in an interview",
    "described": "Made from a problem that staff described",
    "recommendation": "A recommendation of a study",
    "instrument": "A published questionnaire",
    "workshop": "A workshop",
}


def page(text: str) -> str:
    """Return the page with everything under its mark written anew."""
    return written_anew(text, MARK, _lines())


def _lines() -> Iterator[str]:
    schema = schema_of(load_contracts())
    measures = load_measures(None, schema)
    model = read_logic_model(None, measures)
    in_order = sorted(measures.values(), key=lambda measure: GROUPS.index(measure.group))
    yield "| measure | the question | kind |\n|---|---|---|"
    for measure in in_order:
        title = f"[{measure.id} {measure.title}](#{measure.slug})"
        yield f"| {title} | {measure.question} | {measure.family} |"
    for measure in in_order:
        yield from _section(measure, measures, schema, model)
    yield ""


def _section(
    measure: Measure, measures: Mapping[str, Measure], schema: Schema, model: LogicModel
) -> Iterator[str]:
    yield f'\n<a id="{measure.slug}"></a>\n\n## {measure.id} {measure.title}\n'
    yield f"{measure.question}\n"
    yield "What is counted:\n"
    yield from (f"- {sentence}" for sentence in explain(measure, schema))
    if measure.exclusions:
        yield "\nLeft out:\n"
        yield from (f"- {text}" for text in measure.exclusions)
    yield f"\nWhose idea: {_idea(measure.origin)}"
    yield f"\nRests on: {measure.checked_against}"
    yield f"\nIn the logic model: {' '.join(model.sentences_about(measure.id))}"
    if measure.dispute:
        yield f"\nDisputed: {measure.dispute}"
    if measure.caveat:
        yield "\nBefore believing it:\n"
        yield from (f"- {caveat.text}" for caveat in measure.caveat)
    if measure.gaming_risk:
        yield "\nHow it could look better without anything being better:\n"
        yield from (f"- {text}" for text in measure.gaming_risk)
    # A definition may name a measure that only some partnerships have.
    pairs = [pair for pair in measure.pairs_with if pair.measure in measures]
    if pairs:
        yield "\nRead beside it:\n"
        yield from (f"- {p.measure} {measures[p.measure].title}: {p.why}" for p in pairs)
    if measure.find_them:
        yield f"\nHow to find them: {measure.find_them}"
    if measure.figures:
        yield "\nFurther figures:\n"
        yield from (f"- {f.id} {f.title}: {_counted(f, schema)}" for f in measure.figures)
    burden = measure.burden_minutes_per_month
    if burden:
        yield f"\nWhat it costs a team: about {burden} minutes a month."


def _counted(figure: Measure, schema: Schema) -> str:
    """Return the sentences that say what a further figure counts, and how it is shown."""
    leads = ("Counted:", "Above:", "Below:", "Shown as")
    return " ".join(said for said in explain(figure, schema) if said.startswith(leads))


def _idea(origin: Origin) -> str:
    words = f": “{origin.words}”" if origin.words else ""
    return f"{ORIGINS[origin.kind]}{words} ({origin.source})."


if __name__ == "__main__":
    write(PAGE, MARK, _lines())
