import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data.calendar import MONTHS_IN, add_months
from metrics.adoption import Adoption, Standing
from metrics.areas import Area, Event
from metrics.calculate import VALUE_COLUMNS
from metrics.definition import Measure
from metrics.findings import Finding
from metrics.judging import Judgement, judge_all
from tests.metrics.measure_tables import SCHEMA, a_batch, a_measure, day, on_trial

FIRST = day("2023-01-01")
STEADY = [49.0, 51.0] * 12
LAST = "2024-12"
RECEIVED = {"rows": "referral", "on": "received_at"}
MEASURE = a_measure(numerator=RECEIVED)
QUARTERLY = a_measure(numerator=RECEIVED, every="quarter")


def an_area(level: str, code: str, parent: str | None = None) -> Area:
    return Area.model_validate(
        {"level": level, "id": code, "name": code, "short_name": code, "parent_id": parent}
    )


AREAS = [
    an_area("partnership", "city"),
    an_area("locality", "N", "city"),
    an_area("team", "N1", "N"),
    an_area("team", "N2", "N"),
    an_area("locality", "S", "city"),
    an_area("team", "S1", "S"),
]


def an_event(on: str, **more: Any) -> Event:
    whole = {"scope": "team", "scope_id": "N1", "kind": "system change", "text": f"On {on}."}
    return Event.model_validate({**whole, "on": day(on), **more})


def figures(
    values: Sequence[float | None],
    measure: Measure = MEASURE,
    level: str = "team",
    area: str = "N1",
) -> pd.DataFrame:
    """Return a series as `measure_value` has it: days as timestamps, what is missing as NaN."""
    length = MONTHS_IN[measure.every]
    starts = [add_months(FIRST, length * number) for number in range(len(values) + 1)]
    frame = pd.DataFrame(
        {
            "measure_id": measure.id,
            "measure_version": 1,
            "split": "",
            "area_level": level,
            "area_id": area,
            "period_start": pd.to_datetime(starts[:-1]),
            "period_end": pd.to_datetime(starts[1:]),
            "numerator": [np.nan if value is None else value for value in values],
            "denominator": np.nan,
            "n": [np.nan if value is None else value for value in values],
            "value": [np.nan if value is None else value for value in values],
            "state": ["missing" if value is None else "value" for value in values],
            "provisional": False,
            "reason": ["not received" if value is None else "" for value in values],
        }
    )
    return frame.loc[:, list(VALUE_COLUMNS)]


def judged(
    *series: pd.DataFrame,
    measures: Sequence[Measure] = (MEASURE,),
    events: Sequence[Event] = (),
    areas: Sequence[Area] = AREAS,
    covers: Mapping[str, tuple[str, str]] | None = None,
    adoption: Adoption | None = None,
) -> Judgement:
    months = covers or {"referral": ("2023-01", LAST)}
    batches = [a_batch(table, first, last) for table, (first, last) in months.items()]
    by_id = {measure.id: measure for measure in measures}
    values = pd.concat(series, ignore_index=True)
    adopted = adoption or on_trial(*measures)
    return judge_all(values, by_id, SCHEMA, areas, events, batches, adopted)


def the_finding(*series: pd.DataFrame, **options: Any) -> Finding:
    (finding,) = judged(*series, **options).findings
    return finding


# ---------------------------------------------------------------- which areas, which period


def test_every_area_that_is_there_has_a_finding_and_its_points():
    judgement = judged(
        figures(STEADY, level="partnership", area="city"),
        figures(STEADY, level="locality", area="N"),
        figures([*STEADY[:-1], 70.0]),
    )

    places = [(finding.area_level, finding.area_id) for finding in judgement.findings]
    assert places == [("partnership", "city"), ("locality", "N"), ("team", "N1")]
    assert [finding.kind for finding in judgement.findings] == ["usual", "usual", "signal"]
    assert len(judgement.points) == 3 * 24
    last = judgement.points[-1]
    assert {name: last[name] for name in ("measure_id", "split", "area_level", "area_id")} == {
        "measure_id": "Z1",
        "split": "",
        "area_level": "team",
        "area_id": "N1",
    }
    assert (last["period_start"], last["judgement"]) == (day("2024-12-01"), "concern")


def test_nothing_is_claimed_of_an_area_that_is_gone():
    judgement = judged(figures(STEADY, area="OLD"), figures(STEADY, level="locality", area="N1"))

    assert (judgement.findings, judgement.points) == ([], [])


def test_numbers_and_days_are_plain_and_what_is_missing_is_none():
    finding = the_finding(figures([*STEADY[:-1], None]))

    assert (finding.value, finding.numerator, finding.denominator, finding.n) == (None,) * 4
    assert type(finding.period_start) is datetime.date
    assert the_finding(figures(STEADY)).n == 51


def test_a_finding_is_about_the_last_period_that_its_own_feeds_were_sent_for():
    absence = a_measure(
        id="Z2",
        numerator={"sum": "fte_days_lost", "of": "absence_month", "on": "month"},
        attribution="employing",
    )
    late, early = figures([*STEADY, None]), figures([*STEADY, 50.0], absence)

    findings = judged(
        late,
        early,
        measures=[MEASURE, absence],
        covers={"referral": ("2023-01", "2024-12"), "absence_month": ("2023-01", "2025-01")},
    ).findings

    about = {finding.measure_id: finding.period_start for finding in findings}
    assert about == {"Z1": day("2024-12-01"), "Z2": day("2025-01-01")}
    assert {finding.kind for finding in findings} == {"usual"}


def test_a_finding_on_a_prepared_table_is_about_the_last_period_that_its_sources_were_sent_for():
    visits = a_measure(numerator={"rows": "home_visit", "on": "started_at"}, attribution="visiting")

    finding = the_finding(
        figures([*STEADY, 50.0], visits),
        measures=[visits],
        covers={"contact": ("2023-01", "2024-12"), "referral": ("2023-01", "2025-01")},
    )

    assert finding.period_start == day("2024-12-01")


def test_a_team_that_sent_nothing_for_the_last_period_has_no_value_there():
    finding = the_finding(figures([*STEADY[:-1], None]))

    assert (finding.kind, finding.state) == ("no_value", "missing")
    assert finding.reason == "not received; the last figure is for November 2024"


def test_a_quarter_that_is_not_over_is_not_what_a_finding_is_about():
    series = figures([*STEADY[:13], None], QUARTERLY)

    for month in ("2026-03", "2026-04", "2026-05"):
        finding = the_finding(series, measures=[QUARTERLY], covers={"referral": ("2023-01", month)})
        assert finding.period_start == day("2026-01-01"), month
        assert finding.kind == "usual", month
    whole = the_finding(series, measures=[QUARTERLY], covers={"referral": ("2023-01", "2026-06")})
    assert (whole.period_start, whole.kind) == (day("2026-04-01"), "no_value")


def test_before_the_first_quarter_is_over_a_finding_says_that_there_is_no_figure():
    finding = the_finding(
        figures([None], QUARTERLY),
        measures=[QUARTERLY],
        covers={"referral": ("2023-01", "2023-02")},
    )

    assert (finding.period_start, finding.kind) == (FIRST, "no_value")


def test_a_measure_none_of_whose_feeds_was_ever_sent_has_a_finding_about_its_last_period():
    finding = the_finding(figures([None] * 5), covers={"absence_month": ("2023-01", "2023-05")})

    assert (finding.period_start, finding.kind) == (day("2023-05-01"), "no_value")


# ---------------------------------------------------------------- breaks


def segments(*events: Event, values: Sequence[float | None] = STEADY) -> list[int]:
    """Return how many points each stretch of a series has, given what happened."""
    points = judged(figures(values), events=events).points
    numbers = [point["segment"] for point in points]
    return [numbers.count(number) for number in sorted(set(numbers), key=str)]


def a_break(on: str, **more: Any) -> Event:
    return an_event(on, is_break=True, **more)


def test_limits_begin_anew_at_the_first_period_that_lies_wholly_after_a_break():
    assert segments(a_break("2024-06-01")) == [17, 7]
    assert segments(a_break("2024-06-02")) == [18, 6]
    assert segments(a_break("2024-06-30")) == [18, 6]


def test_an_event_that_is_no_break_changes_no_limits():
    assert segments(an_event("2024-06-01")) == [24]


def test_a_break_before_the_series_or_at_its_start_divides_nothing():
    assert segments(a_break("2019-06-01")) == [24]
    assert segments(a_break("2023-01-01")) == [24]


def test_a_break_after_which_there_is_no_whole_period_yet_divides_nothing():
    assert segments(a_break("2024-12-02")) == [24]
    assert segments(a_break("2025-06-01")) == [24]
    assert segments(a_break("2024-12-01")) == [23, 1]


def test_only_breaks_that_bear_on_the_figure_divide_it():
    assert segments(a_break("2024-06-01", scope_id="N2")) == [24]
    assert segments(a_break("2024-06-01", scope="locality", scope_id="N")) == [17, 7]
    assert segments(a_break("2024-06-01", scope="partnership", scope_id="city")) == [17, 7]
    assert segments(a_break("2024-06-01", measure_ids=("H01",))) == [24]
    assert segments(a_break("2024-06-01", measure_ids=("H01", "Z1"))) == [17, 7]


def test_several_breaks_make_several_stretches():
    assert segments(a_break("2023-06-01"), a_break("2024-01-01"), a_break("2024-01-01")) == [
        5,
        7,
        12,
    ]


def test_after_a_break_it_is_too_new_to_say():
    finding = the_finding(figures(STEADY), events=[a_break("2024-06-01")])

    assert (finding.kind, finding.points) == ("too_new", 7)
    assert finding.explained_by == ()


# ---------------------------------------------------------------- what explains a figure


def explained(*events: Event) -> tuple[str, ...]:
    return the_finding(figures(STEADY), events=events).explained_by


def test_what_happened_within_the_last_six_periods_explains_a_figure():
    assert explained(an_event("2024-07-01")) == ("On 2024-07-01.",)
    assert explained(an_event("2024-12-31")) == ("On 2024-12-31.",)


def test_what_happened_before_or_has_not_happened_yet_explains_nothing():
    assert explained(an_event("2024-06-30")) == ()
    assert explained(an_event("2025-01-01")) == ()


def test_what_lasted_into_the_last_six_periods_explains_a_figure():
    assert explained(an_event("2024-03-01", until=day("2024-07-02"))) == ("On 2024-03-01.",)
    assert explained(an_event("2024-03-01", until=day("2024-07-01"))) == ()


def test_only_a_change_of_what_is_counted_explains_a_figure():
    assert explained(an_event("2024-08-01", kind="winter")) == ()
    assert explained(an_event("2024-08-01", kind="winter", is_break=True)) == ("On 2024-08-01.",)


def test_what_happened_elsewhere_explains_nothing():
    assert explained(an_event("2024-08-01", scope_id="N2")) == ()
    assert explained(an_event("2024-08-01", scope="locality", scope_id="S")) == ()
    assert explained(an_event("2024-08-01", measure_ids=("H01",))) == ()


def test_six_quarters_are_a_year_and_a_half():
    series = figures(STEADY[:14], QUARTERLY)
    covers = {"referral": ("2023-01", "2026-06")}

    def found(on: str) -> tuple[str, ...]:
        finding = the_finding(series, measures=[QUARTERLY], covers=covers, events=[an_event(on)])
        return finding.explained_by

    assert found("2025-01-01") == ("On 2025-01-01.",)
    assert found("2024-12-31") == ()


def test_a_team_and_its_locality_may_share_a_code():
    areas = [
        an_area("partnership", "city"),
        an_area("locality", "W", "city"),
        an_area("team", "W", "W"),
    ]
    series = figures(STEADY, area="W"), figures(STEADY, level="locality", area="W")

    def bears_on(**event: Any) -> dict[str, bool]:
        events = [an_event("2024-08-01", **event)]
        findings = judged(*series, areas=areas, events=events).findings
        return {finding.area_level: bool(finding.explained_by) for finding in findings}

    assert bears_on(scope="team", scope_id="W") == {"team": True, "locality": False}
    assert bears_on(scope="locality", scope_id="W") == {"team": True, "locality": True}
    assert bears_on(scope="team", scope_id="X") == {"team": False, "locality": False}


# ---------------------------------------------------------------- all findings of an area together


def test_a_pair_conflicts_only_within_one_area():
    first = a_measure(numerator=RECEIVED, pairs_with=[{"measure": "Z2", "why": "both"}])
    second = a_measure(id="Z2", numerator=RECEIVED)
    low, high = [*STEADY[:-1], 30.0], [*STEADY[:-1], 70.0]

    findings = judged(
        figures(low, first),
        figures(high, second),
        figures(low, first, area="N2"),
        figures(STEADY, second, area="N2"),
        measures=[first, second],
    ).findings

    conflicts = {(f.area_id, f.measure_id): f.worse_pair for f in findings}
    assert conflicts == {
        ("N1", "Z1"): "Z2",
        ("N1", "Z2"): None,
        ("N2", "Z1"): None,
        ("N2", "Z2"): None,
    }


def test_measures_are_set_against_each_other_only_where_both_are_shown():
    first = a_measure(numerator=RECEIVED, pairs_with=[{"measure": "Z2", "why": "both"}])
    second = a_measure(id="Z2", numerator=RECEIVED)
    low, high = [*STEADY[:-1], 30.0], [*STEADY[:-1], 70.0]
    both = [figures(low, first), figures(high, second)]
    retired = Standing(measure_id="Z2", place=("team", "N1"), status="retired")
    adoption = Adoption(standings=(*on_trial(first, second).standings, retired))

    findings = judged(*both, measures=[first, second], adoption=adoption).findings

    # It is worked out and judged all the same.
    assert [(f.measure_id, f.kind, f.worse_pair) for f in findings] == [
        ("Z1", "signal", None),
        ("Z2", "signal", None),
    ]


KINDS = [
    a_measure(id="H1", numerator=RECEIVED, speaks_for="hospital use"),
    a_measure(id="F1", numerator=RECEIVED, speaks_for="working life"),
    a_measure(id="W1", numerator=RECEIVED, speaks_for="working life"),
]


def disagreeing(level: str = "team", area: str = "N1") -> list[pd.DataFrame]:
    low, high = [*STEADY[:-3], 30.0, 50.0, 50.0], [*STEADY[:-2], 70.0, 50.0]
    return [
        figures(low, KINDS[0], level, area),
        figures(high, KINDS[1], level, area),
        figures(high, KINDS[2], level, area),
    ]


def test_the_two_kinds_disagree_in_the_team_in_which_they_do():
    calm = [figures(STEADY, measure, area="N2") for measure in KINDS]

    disagreements = judged(*calm, *disagreeing(), measures=KINDS).disagreements

    (disagreement,) = disagreements
    assert (disagreement.area_level, disagreement.area_id) == ("team", "N1")
    assert disagreement.hospital == (("H1", "lower"),)
    assert disagreement.working_life == (("F1", "higher"), ("W1", "higher"))


def test_only_teams_are_named_where_the_two_kinds_disagree():
    assert judged(*disagreeing("locality", "N"), measures=KINDS).disagreements == []


def test_a_measure_that_a_team_does_not_look_at_names_no_team():
    for gone in KINDS[1:]:
        kept = on_trial(*(measure for measure in KINDS if measure is not gone))

        judgement = judged(*disagreeing(), measures=KINDS, adoption=kept)

        assert judgement.disagreements == []
        assert {finding.measure_id for finding in judgement.findings} == {"H1", "F1", "W1"}


def test_a_recorded_change_that_explains_one_of_the_figures_takes_it_out_of_the_rule():
    of_one = an_event("2024-09-10", measure_ids=("W1",))
    of_the_locality = an_event("2024-09-10", scope="locality", scope_id="N", kind="outage")
    of_nothing = an_event("2024-09-10", kind="staffing")
    long_ago = an_event("2023-09-10")

    def named(*events: Event) -> int:
        return len(judged(*disagreeing(), measures=KINDS, events=events).disagreements)

    assert named(of_nothing, long_ago) == 1
    assert named(of_one) == 0
    assert named(of_the_locality) == 0
