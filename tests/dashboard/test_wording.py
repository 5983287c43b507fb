import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.charts.icons import GLYPHS
from dashboard.charts.series import series_by
from dashboard.numbers import Figures
from dashboard.tables import as_table
from dashboard.wording import NO_VALUE, Said, may_still_be, running_for, say
from metrics.definition import Measure
from metrics.findings import Finding
from tests.dashboard.invented import (
    ABOVE,
    ADMISSIONS,
    BELOW,
    EXPERIENCE,
    MARCH,
    NORTH_2,
    SICKNESS,
    UNALLOCATED,
    WAITING,
    finding,
    findings,
    judged_series,
    measures,
    month,
    no_value,
    point_of,
    signal,
    too_new,
)

# Sign, colour and words for everything that can be found; nothing else may be combined.
SAYS = {
    "better_higher": ("improvement", "better than usual, higher"),
    "better_lower": ("improvement", "better than usual, lower"),
    "worse_higher": ("concern", "worse than usual, higher"),
    "worse_lower": ("concern", "worse than usual, lower"),
    "higher": ("neutral", "higher than usual"),
    "lower": ("neutral", "lower than usual"),
    "usual": ("usual", "as usual"),
    "too_new": ("quiet", "too new to say"),
    "hardly_moves": ("quiet", "hardly ever moves"),
    "overlapping": ("quiet", "overlapping figures, never judged"),
    "provisional": ("quiet", "provisional, not judged yet"),
    "missing": ("quiet", "not received"),
    "hidden": ("quiet", "hidden to protect people"),
    "not_collected": ("quiet", "not collected here"),
    "not_applicable": ("quiet", "does not apply here"),
}
NEVER_SAID = re.compile(
    r"\b(nan|none|null|inf|true|false|caused?|because of|due to|significan\w*|performance|outlier|"
    r"target|kpi|worst|best|fail\w*|acceptable|satisfactory|normal|on track|well done|ok)\b|-0\b|!",
    re.IGNORECASE,
)

found_for = st.shared(measures(), key="measure")
any_finding = st.tuples(found_for, found_for.flatmap(findings))


def texts(said: Said) -> list[str]:
    return [said.sentence, said.short, said.alt, said.value_text, said.usual_text, *said.notes]


def numbers_in(text: str) -> list[Decimal]:
    return [Decimal(match.replace(",", "")) for match in re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)]


def assert_agrees_with_itself(said: Said, found: Finding, measure: Measure) -> None:
    role, short = SAYS[said.icon]
    assert (said.colour_role, said.short) == (role, short)
    assert said.short in said.alt
    assert said.value_text in said.alt
    assert said.usual_text in said.alt
    assert said.stands_out == (found.kind == "signal" and not found.provisional)
    for text in texts(said):
        assert not NEVER_SAID.search(text), text
        for word, role in (("better than usual", "improvement"), ("worse than usual", "concern")):
            assert (word in text) <= (said.colour_role == role), text
    assert said.sentence.endswith(".")
    assert said.alt.endswith(".")
    assert said.provisional == ("provisional" in said.alt)
    if found.value is not None:
        assert said.value_text in said.sentence
        assert said.number_text in said.value_text
        assert numbers_in(said.value_text)
    else:
        assert said.number_text == said.usual_text == ""


@settings(deadline=None, max_examples=400)
@given(any_finding)
def test_sentence_sign_colour_and_alternative_text_agree(pair: tuple[Measure, Finding]) -> None:
    measure, found = pair

    said = say(found, measure, NORTH_2)

    assert_agrees_with_itself(said, found, measure)


@settings(deadline=None, max_examples=150)
@given(judged_series())
def test_they_agree_for_whatever_is_found_in_a_series(
    judged: tuple[Measure, Finding, Sequence[Mapping[str, Any]]],
) -> None:
    measure, found, rows = judged

    said = say(found, measure, NORTH_2)

    assert_agrees_with_itself(said, found, measure)
    drawn = series_by(pd.DataFrame(rows), "area_id")["N2"]
    assert_table_agrees(said, as_table(drawn, measure), measure)


@settings(deadline=None, max_examples=200)
@given(any_finding)
def test_the_table_row_says_the_same(pair: tuple[Measure, Finding]) -> None:
    measure, found = pair

    said = say(found, measure, NORTH_2)

    assert_table_agrees(said, as_table((point_of(found),), measure), measure)


def assert_table_agrees(said: Said, table: pd.DataFrame, measure: Measure) -> None:
    newest = table.iloc[0]
    assert newest[measure.unit] == (said.number_text or said.short)
    if said.usual_text.startswith("usually "):
        assert said.usual_text == f"usually {newest['Usually']}"
    else:
        assert newest["Usually"] == ""
    if said.number_text:
        unjudged = {
            "too_new": "not judged",
            "hardly_moves": "not judged",
            "overlapping": "not judged",
        }
        expected = unjudged.get(said.icon, said.short.split(",")[0])
        assert newest["That is"] == ("provisional" if said.provisional else expected)


@settings(deadline=None, max_examples=300)
@given(any_finding)
def test_the_figure_said_lies_on_the_right_side_of_the_range_said(
    pair: tuple[Measure, Finding],
) -> None:
    measure, found = pair

    said = say(found, measure, NORTH_2)

    if found.lower_limit is None or found.upper_limit is None or found.value is None:
        assert not said.usual_text.startswith("usually")
        return
    low, high = numbers_in(said.usual_text)
    (figure,) = numbers_in(said.number_text)
    near = any(abs(found.value - end) < 1e-6 for end in (found.lower_limit, found.upper_limit))
    if found.special_cause == "above_upper_limit":
        assert near or figure > high
    elif found.special_cause == "below_lower_limit":
        assert near or figure < low
    else:
        assert near or low <= figure <= high


@settings(deadline=None, max_examples=300)
@given(any_finding)
def test_an_average_said_lies_on_the_side_of_the_figure_that_the_words_say(
    pair: tuple[Measure, Finding],
) -> None:
    measure, found = pair
    if not found.special_cause.startswith("shift") or found.provisional:
        return

    said = say(found, measure, NORTH_2)

    side = "above" if found.special_cause == "shift_above" else "below"
    assert f"{side} its average" in said.sentence
    _, _, average = said.sentence.partition("its average of ")
    if average:
        figure, mean = numbers_in(said.number_text)[0], numbers_in(average)[0]
        assert figure > mean if side == "above" else figure < mean


@settings(deadline=None, max_examples=200)
@given(any_finding)
def test_what_is_contested_is_never_coloured_good_or_bad(pair: tuple[Measure, Finding]) -> None:
    measure, found = pair
    disputed = measure.model_copy(update={"contested": True})
    judged = {"higher": "neutral_high", "lower": "neutral_low", None: found.variation}
    found = found.model_copy(update={"variation": judged[found.way]})

    said = say(found, disputed, NORTH_2)

    assert said.colour_role not in ("improvement", "concern")
    assert not said.icon.startswith(("better", "worse"))
    assert not re.search("better|worse", " ".join(texts(said)))


@settings(deadline=None, max_examples=200)
@given(any_finding)
def test_a_usual_figure_is_never_said_to_be_good_enough(pair: tuple[Measure, Finding]) -> None:
    measure, found = pair

    said = say(found, measure, NORTH_2)

    usual = found.kind == "usual" and not found.provisional
    assert ("which may still be too" in said.sentence) == usual


def test_a_signal_beyond_its_range_says_how_far_it_usually_reaches() -> None:
    said = say(signal(WAITING), WAITING, NORTH_2)

    assert said == Said(
        sentence="More people than usual are waiting: 247; usually 120 to 180.",
        short="worse than usual, higher",
        icon="worse_higher",
        colour_role="concern",
        alt="People waiting, North 2, March 2026: worse than usual, higher; 247; usually 120 to"
        " 180.",
        value_text="247",
        number_text="247",
        usual_text="usually 120 to 180",
        notes=(),
        provisional=False,
    )


def test_a_usual_figure_may_still_be_too_high() -> None:
    said = say(finding(WAITING), WAITING, NORTH_2)

    assert said.sentence == (
        "People waiting: 150, usually 120 to 180, which may still be too high."
    )


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (
            "shift_above",
            "More people than usual are waiting: 160; for at least seven months running it has been"
            " above its average of 150.",
        ),
        ("trend_up", "More people waited: 160 now, and each of the last six months was higher."),
        (
            "two_of_three_above",
            "More people than usual are waiting: 160; two of the last three months were close to"
            " the upper end of what is usual (120 to 180).",
        ),
    ],
)
def test_a_signal_inside_its_range_says_what_made_it_one(cause: str, sentence: str) -> None:
    said = say(signal(WAITING, special_cause=cause, value=160.0), WAITING, NORTH_2)

    assert said.sentence == sentence
    assert said.usual_text == "usually 120 to 180"


def test_an_average_that_reads_the_same_as_the_figure_is_left_out() -> None:
    barely = signal(
        SICKNESS,
        special_cause="shift_above",
        value=5.04,
        mean=5.01,
        lower_limit=3.0,
        upper_limit=7.0,
    )

    said = say(barely, SICKNESS, NORTH_2)

    assert said.value_text == "5.0%"
    assert said.sentence.endswith("above its average.")


def test_an_average_is_said_as_finely_as_the_figure_that_it_is_compared_with() -> None:
    fine = {"value": 7.88, "mean": 7.6, "lower_limit": 7.2, "upper_limit": 7.95}

    said = say(signal(WAITING, special_cause="shift_above", **fine), WAITING, NORTH_2)

    assert (said.value_text, said.usual_text) == ("7.9", "usually 7.2 to 7.9")
    assert said.sentence.endswith("it has been above its average of 7.6.")


@pytest.mark.parametrize("cause", [*ABOVE, *BELOW])
def test_a_quarterly_measure_speaks_of_quarters(cause: str) -> None:
    quarterly = WAITING.model_copy(update={"every": "quarter"})
    found = signal(
        quarterly, special_cause=cause, value=150.0, way="higher" if cause in ABOVE else "lower"
    )

    assert "month" not in say(found, quarterly, NORTH_2).sentence


def test_a_young_figure_says_how_many_more_are_needed() -> None:
    said = say(too_new(WAITING), WAITING, NORTH_2)

    assert said.sentence == (
        "People waiting: 150. It is too new to say whether that is more than usual ups and downs:"
        " 5 of the 13 figures needed to say what is usual."
    )


def test_a_provisional_figure_is_said_and_not_judged() -> None:
    said = say(finding(WAITING, provisional=True), WAITING, NORTH_2)

    assert said.icon == "provisional"
    assert said.sentence.endswith("The figure is provisional and not judged yet.")
    assert said.notes == ("The figure for March 2026 will still change.",)


@pytest.mark.parametrize("state", NO_VALUE)
def test_a_figure_that_is_not_there_says_which_of_four_reasons_and_is_no_nought(
    state: Any,
) -> None:
    said = say(no_value(WAITING, state=state, reason="nothing was sent"), WAITING, NORTH_2)

    assert said.value_text == NO_VALUE[state][1]
    assert said.notes == ("Nothing was sent.",)
    assert "0" not in said.sentence.replace("2026", "")


def test_the_reasons_why_a_figure_is_not_there_differ_in_sign_and_words() -> None:
    assert len({icon for icon, _, _ in NO_VALUE.values()}) == len(NO_VALUE)
    assert len({words for _, words, _ in NO_VALUE.values()}) == len(NO_VALUE)
    assert {icon for icon, _, _ in NO_VALUE.values()} <= set(GLYPHS)


def test_a_share_says_the_count_behind_it_where_its_definition_asks_for_it() -> None:
    found = signal(UNALLOCATED, value=27.05, numerator=66, denominator=244)

    said = say(
        found.model_copy(update={"lower_limit": 3.2, "upper_limit": 14.0}), UNALLOCATED, NORTH_2
    )

    assert said.value_text == "27% (66 of 244)"
    assert said.number_text == "27%"
    assert said.usual_text == "usually 4% to 14%"


def test_a_definition_with_braces_in_it_is_said_as_it_is_written() -> None:
    says = WAITING.says.model_copy(update={"level": "People {waiting}"})
    odd = WAITING.model_copy(update={"says": says})

    said = say(no_value(odd), odd, NORTH_2)

    assert said.sentence == "People {waiting}: not received for March 2026."


def test_a_recorded_change_is_named_beside_the_figure_and_not_as_its_reason() -> None:
    found = signal(ADMISSIONS, explained_by=("short stays are no longer counted",))

    said = say(found, ADMISSIONS, NORTH_2)

    assert said.notes == ("This bears on the figure: Short stays are no longer counted.",)
    assert "short stays" not in said.sentence


@pytest.mark.parametrize(
    ("together", "said"),
    [
        ([WAITING, SICKNESS], "which may still be too high"),
        ([EXPERIENCE], "which may still be too low"),
        ([WAITING, EXPERIENCE], "which may still be too high or too low"),
        ([ADMISSIONS], "which may still be too high or too low"),
    ],
)
def test_what_usual_may_still_be_depends_on_which_way_is_better(
    together: list[Measure], said: str
) -> None:
    assert may_still_be(*together) == said


def test_a_signal_says_since_when_it_runs() -> None:
    older = signal(WAITING, signal_since=month(30)[0])

    assert running_for(signal(WAITING, signal_since=MARCH[0]), WAITING) == "new this month"
    assert running_for(older, WAITING) == "since October 2025"
    assert running_for(finding(WAITING), WAITING) == ""


def test_every_sign_is_drawn_and_every_word_for_it_is_its_own() -> None:
    assert set(SAYS) == set(GLYPHS)
    assert len({short for _, short in SAYS.values()}) == len(SAYS)


def test_figures_of_all_shipped_measures_are_said_with_their_unit() -> None:
    for measure in (WAITING, UNALLOCATED, EXPERIENCE, SICKNESS):
        said = Figures(measure).value(12.0)
        assert said.startswith("12"), said
        assert said.endswith("%") == (measure.show.as_ == "percent")
