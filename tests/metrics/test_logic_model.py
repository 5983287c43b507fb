from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.contract import load_contracts
from data.home import Home
from data.records import schema_of
from metrics.definition import Measure, load_measures
from metrics.errors import MeasureError
from metrics.logic_model import (
    LogicModel,
    Node,
    Stage,
    Times,
    _circle_faults,
    in_time,
    read_logic_model,
    what_it_rests_on,
)
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.small_partnership import load, records, set_up

SHIPPED = load_measures(None, schema_of(load_contracts(None)))
OWN = """\
[[stage]]
id = "do"
title = "What we do"
to_month = 6
from_month = 1

[[stage]]
id = "see"
title = "What we hope to see"
from_month = 12

[[node]]
id = "A"
stage = "do"
title = "We meet every morning"
leads_to = ["B"]
measures = ["J05"]

[[node]]
id = "B"
stage = "see"
title = "Nobody waits for long"
from_month = 3
to_month = 9
rests_on = "last year's review"
measures = ["F02", "F05"]
"""


@pytest.fixture
def nowhere(tmp_path: Path) -> Home:
    """A folder in which there is no partnership."""
    return Home(tmp_path / "nowhere")


def model(home: Home, text: str, measures: dict[str, Measure] = SHIPPED) -> LogicModel:
    home.path.mkdir(exist_ok=True)
    home.logic_model_file.write_text(text, encoding="utf-8")
    return read_logic_model(home, measures)


def refusal(home: Home, text: str) -> list[str]:
    with pytest.raises(MeasureError) as refused:
        model(home, text)
    return str(refused.value).splitlines()


# ---------------------------------------------------------------- the model to begin with


def test_every_shipped_measure_stands_on_a_node_of_the_model_to_begin_with():
    here = read_logic_model(None, SHIPPED)

    assert not here.own
    assert here.astray == {}
    assert set(here.placed) == set(SHIPPED)
    for name, measure in SHIPPED.items():
        node = here.node_of(name)
        assert node is not None
        assert node.id == measure.logic_node


def test_every_stage_of_the_model_to_begin_with_says_what_its_months_rest_on():
    here = read_logic_model(None, SHIPPED)

    timed = [stage for stage in here.stages if stage.from_month is not None]
    assert len(timed) >= 4
    for stage in timed:
        assert what_it_rests_on(stage).startswith("That is our working assumption")
    # What comes later in the file is expected later.
    assert [s.from_month for s in timed] == sorted(s.from_month or 0 for s in timed)


def test_a_node_without_a_measure_is_unmeasured_and_no_other_is():
    here = read_logic_model(None, {name: SHIPPED[name] for name in ("F02", "H01")})

    unmeasured = {node.id for node in here.unmeasured()}
    assert {node.id for node in here.nodes} - unmeasured == {"OU1", "LT1"}
    assert here.measures_on(here.node("OU1")) == ["F02"]


def test_arrows_can_be_followed_both_ways():
    here = read_logic_model(None, SHIPPED)

    for node in here.nodes:
        for other in node.leads_to:
            assert node in here.leading_to(here.node(other))


def test_a_part_and_a_further_figure_stand_with_their_measure():
    here = read_logic_model(None, SHIPPED)

    assert here.node_of("F02:health") == here.node_of("F02.longest") == here.node_of("F02")


def test_words_stand_in_their_source_and_nothing_claims_one_without_words():
    here = read_logic_model(None, SHIPPED)

    for node in here.nodes:
        assert bool(here.source_of(node)) == bool(node.words)


# ---------------------------------------------------------------- a partnership's own


def test_a_partnerships_own_model_stands_instead_and_places_measures_itself(nowhere: Home):
    here = model(nowhere, OWN)

    assert here.own
    assert [node.id for node in here.nodes] == ["A", "B"]
    assert here.measures_on(here.node("B")) == ["F02", "F05"]
    assert here.measures_on(here.node("A")) == ["J05"]
    assert here.node_of("H01") is None
    assert here.source_of(here.node("A")) == ""


def test_a_nodes_own_months_hold_before_those_of_its_stage(nowhere: Home):
    here = model(nowhere, OWN)

    assert in_time(here.times(here.node("A"))) == "between 1 and 6 months"
    assert in_time(here.times(here.node("B"))) == "between 3 and 9 months"
    assert what_it_rests_on(here.times(here.node("B"))) == (
        "That is our working assumption; it rests on last year's review."
    )


def test_measures_whose_node_is_not_there_are_named_and_stand_on_none(nowhere: Home):
    here = model(nowhere, OWN)

    assert here.astray["H01"] == "LT1"
    assert "F02" not in here.astray
    assert "H01 names LT1" in here.said_astray()
    assert set(here.placed).isdisjoint(here.astray)


def test_a_measure_that_is_left_out_may_be_listed_all_the_same(nowhere: Home):
    measures = {name: SHIPPED[name] for name in ("J05", "F05")}
    nowhere.path.mkdir()
    nowhere.logic_model_file.write_text(OWN, encoding="utf-8")

    here = read_logic_model(nowhere, measures, left_out={"F02"})

    assert here.measures_on(here.node("B")) == ["F05"]


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        (
            'stage = "see"', 'stage = "sea"',
            'logic_model.toml, line 21 (node 2, stage): found "sea", and there is no such stage;'
            " there are do, see",
        ),
        (
            'leads_to = ["B"]', 'leads_to = ["C"]',
            'logic_model.toml, line 16 (node 1, leads_to 1): found "C", and there is no such node;'
            " there are A, B",
        ),
        (
            'leads_to = ["B"]', 'leads_to = ["A"]',
            "logic_model.toml, line 16 (node 1, leads_to 1): A leads to itself; remove it",
        ),
        (
            'leads_to = ["B"]', 'leads_to = ["B", "B"]',
            'logic_model.toml, line 16 (node 1, leads_to 2): "B" stands here twice; remove one',
        ),
        (
            'id = "B"', 'id = "A"',
            'logic_model.toml, line 20 (node 2, id): node 1 has the id "A" already;'
            " write another, or keep one",
        ),
        (
            'id = "see"', 'id = "do"',
            'logic_model.toml, line 8 (stage 2, id): stage 1 has the id "do" already;'
            " write another, or keep one",
        ),
        (
            "to_month = 6\n", "to_month = 1\n",
            "logic_model.toml, line 4 (stage 1, to_month): found 1, which is not after month 1,"
            " where it begins; write a later one, or remove it where there is no end",
        ),
        (
            "from_month = 1\n", "\n",
            "logic_model.toml, line 4 (stage 1, to_month): `to_month` goes with a `from_month`;"
            " write that too",
        ),
        (
            "from_month = 1\n", "from_month = 1.5\n",
            "logic_model.toml, line 5 (stage 1, from_month): found 1.5; write a whole number,"
            " without quotes",
        ),
        (
            "from_month = 1\n", "from_month = -1\n",
            "logic_model.toml, line 5 (stage 1, from_month): found -1; this must be greater than"
            " or equal to 0",
        ),
        (
            'title = "We meet', 'titel = "We meet',
            "logic_model.toml, line 15 (node 1, titel): found \"We meet every morning\"; there is"
            " no such entry; check its spelling or remove it",
        ),
        (
            'measures = ["J05"]', 'measures = ["J99"]',
            'logic_model.toml, line 17 (node 1, measures 1): found "J99", and there is no such'
            " measure; there are ",
        ),
        (
            'measures = ["J05"]', 'measures = ["F02"]',
            "logic_model.toml, line 26 (node 2, measures 1): F02 stands on A already; keep one",
        ),
        (
            'title = "We meet every morning"', 'title = "We meet"\nsource = "a workshop"',
            "logic_model.toml, line 16 (node 1, source): write the `words` that stand there, or"
            " remove the source",
        ),
        (
            'title = "What we do"', 'title = "What we do"\noutside = "yes"',
            "logic_model.toml, line 4 (stage 1, outside): found \"yes\"; write true or false,"
            " without quotes",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_with_its_line_and_what_to_do(
    nowhere: Home, found: str, instead: str, said: str
):
    assert found in OWN

    faults = refusal(nowhere, OWN.replace(found, instead, 1))

    assert any(fault.startswith(said) for fault in faults), faults


def test_a_circle_is_refused_at_the_arrow_that_closes_it(nowhere: Home):
    text = OWN.replace('title = "Nobody', 'leads_to = ["A"]\ntitle = "Nobody')

    assert refusal(nowhere, text) == [
        "logic_model.toml, line 22 (node 2, leads_to 1): this arrow closes a circle: A > B > A;"
        " remove one of its arrows"
    ]


def test_a_model_of_nothing_is_refused(nowhere: Home):
    faults = refusal(nowhere, "stage = []\n")

    assert "logic_model.toml, line 1 (stage): write at least one" in faults
    assert "logic_model.toml, line 1 (node): this is missing; write it" in faults


def test_what_is_no_toml_is_refused(nowhere: Home):
    assert "this is not readable TOML" in refusal(nowhere, "[[stage]\n")[0]


NAMES = "ABCDEF"


@given(
    st.sets(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda a: a[0] != a[1])
    )
)
def test_a_circle_is_found_exactly_where_no_order_puts_every_arrow_forward(
    arrows: set[tuple[str, str]],
):
    nodes = [
        Node(
            id=name,
            stage="s",
            title=name,
            leads_to=tuple(b for a, b in sorted(arrows) if a == name),
        )
        for name in NAMES
    ]

    has_an_order = any(
        all(order.index(a) < order.index(b) for a, b in arrows) for order in permutations(NAMES)
    )
    assert (list(_circle_faults(nodes)) == []) == has_an_order


# ---------------------------------------------------------------- how soon


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        (None, None, ""),
        (0, 6, "within 6 months"),
        (0, 12, "within 1 year"),
        (0, None, "at any time"),
        (3, 12, "between 3 and 12 months"),
        (6, 18, "between 6 and 18 months"),
        (12, 36, "between 1 and 3 years"),
        (36, None, "3 years or more"),
        (1, None, "1 month or more"),
    ],
)
def test_months_are_said_as_people_say_them(begin: int | None, end: int | None, said: str):
    assert in_time(Times(from_month=begin, to_month=end)) == said


def test_where_no_time_is_given_nothing_is_assumed_about_it():
    assert what_it_rests_on(Stage(id="in", title="What goes in")) == ""


# ---------------------------------------------------------------- published


def test_the_model_is_published_as_it_was_read_and_what_is_astray_is_said(tmp_path: Path):
    home = set_up(tmp_path / "home")
    load(home, "absence_month", records("absence_month", ["2024-01", "2024-02"]))
    first = publish(home).version
    assert Snapshot.current(home).logic_model == read_logic_model(home, SHIPPED)
    assert not any("Logic model" in note for note in Snapshot.current(home).notes)

    home.logic_model_file.write_text(OWN, encoding="utf-8")
    second = publish(home)

    assert second.version != first
    published = Snapshot.current(home)
    assert published.logic_model == read_logic_model(home, SHIPPED)
    assert published.logic_model.own
    assert any("Logic model: it has no such node" in note for note in published.notes)


def test_a_model_that_cannot_be_right_leaves_what_is_served(tmp_path: Path):
    home = set_up(tmp_path / "home")
    load(home, "absence_month", records("absence_month", ["2024-01", "2024-02"]))
    publish(home)
    home.logic_model_file.write_text(OWN.replace('"see"', '"sea"', 1), encoding="utf-8")

    with pytest.raises(MeasureError, match="no such stage"):
        publish(home)

    assert not Snapshot.current(home).logic_model.own
