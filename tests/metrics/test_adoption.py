import datetime
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.contract import load_contracts
from data.home import Home
from data.records import schema_of
from metrics.adoption import (
    Adoption,
    Aim,
    HeldAim,
    Standing,
    places_listed,
    read_adoption,
)
from metrics.areas import Place
from metrics.definition import Measure, load_measures
from metrics.errors import MeasureError
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.metrics.measure_tables import day
from tests.small_partnership import load_everything, set_up

SHIPPED = load_measures(None, schema_of(load_contracts(None)))
CITY_PLACES: list[Place] = [
    ("locality", "N"), ("locality", "S"), ("team", "N1"), ("team", "N2"), ("team", "S1"),
]  # fmt: skip
# An area and those it lies in, the nearest first.
IN_N1: list[Place] = [("team", "N1"), ("locality", "N"), ("partnership", "city")]
IN_N2: list[Place] = [("team", "N2"), ("locality", "N"), ("partnership", "city")]
IN_S1: list[Place] = [("team", "S1"), ("locality", "S"), ("partnership", "city")]
IN_N, WHOLE = IN_N1[1:], IN_N1[2:]
ADOPTED = """\
[[measure]]
id = "F02"
status = "adopted"
owner = "Neighbourhood lead, North"
checker = "Information lead"
since = 2025-04-01
review_on = 2026-03-31
"""


def adoption(
    home: Home,
    text: str,
    measures: dict[str, Measure] = SHIPPED,
    places: list[Place] = CITY_PLACES,
    listed: tuple[HeldAim, ...] = (),
) -> Adoption:
    home.path.mkdir(exist_ok=True)
    home.adoption_file.write_text(text, encoding="utf-8")
    return read_adoption(home, measures, places, listed)


def refusal(home: Home, text: str, **options: Any) -> list[str]:
    with pytest.raises(MeasureError) as refused:
        adoption(home, text, **options)
    return str(refused.value).splitlines()


def status(here: Adoption, measure_id: str, places: list[Place]) -> str | None:
    standing = here.standing(measure_id, places)
    return standing.status if standing else None


@pytest.fixture
def nowhere(tmp_path: Path) -> Home:
    """A folder in which there is no partnership."""
    return Home(tmp_path / "nowhere")


# ---------------------------------------------------------------- what is shown where


def test_without_a_file_the_measures_to_begin_with_are_on_trial_everywhere(nowhere: Home):
    here = read_adoption(nowhere, SHIPPED, CITY_PLACES)

    for places in (IN_N1, IN_N, WHOLE):
        assert status(here, "F04", places) == "trial"
        assert here.shows("F04", places)


def test_a_measure_that_nobody_took_up_is_on_no_board(nowhere: Home):
    own = {**SHIPPED, "Z9": SHIPPED["F02"].model_copy(update={"id": "Z9"})}

    here = read_adoption(nowhere, own, CITY_PLACES)

    assert here.standing("Z9", IN_N1) is None
    assert not here.shows("Z9", IN_N1)


def test_one_team_adopts_a_measure_of_its_own(nowhere: Home):
    own = {**SHIPPED, "Z9": SHIPPED["F02"].model_copy(update={"id": "Z9"})}
    text = ADOPTED.replace('"F02"', '"Z9"') + 'areas = ["N1"]\n'

    here = adoption(nowhere, text, own)

    assert status(here, "Z9", IN_N1) == "adopted"
    for elsewhere in (IN_N2, IN_N, WHOLE):
        assert not here.shows("Z9", elsewhere)


def test_what_a_file_does_not_name_stays_on_trial(nowhere: Home):
    here = adoption(nowhere, ADOPTED)

    assert status(here, "F02", IN_S1) == "adopted"
    assert status(here, "W01", IN_S1) == "trial"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_entry_nearest_to_an_area_holds_in_whatever_order_they_stand(
    nowhere: Home, order: tuple[int, ...]
):
    entries = [
        '[[measure]]\nid = "F02"\nstatus = "retired"\n',
        ADOPTED + 'areas = ["N"]\n',
        '[[measure]]\nid = "F02"\nstatus = "trial"\nareas = ["N1"]\n',
    ]

    here = adoption(nowhere, "".join(entries[number] for number in order))

    stands = [status(here, "F02", places) for places in (IN_N1, IN_N2, IN_N, IN_S1, WHOLE)]
    assert stands == ["trial", "adopted", "adopted", "retired", "retired"]
    assert not here.everywhere_retired("F02")


def test_a_retired_measure_is_on_no_board_and_says_why(nowhere: Home):
    text = '[[measure]]\nid = "F02"\nstatus = "retired"\nwhy = "It said nothing."\n'

    here = adoption(nowhere, text)

    assert not here.shows("F02", IN_N1)
    assert here.everywhere_retired("F02")
    (standing,) = here.of_measure("F02")
    assert standing.why == "It said nothing."


def test_a_further_figure_stands_as_its_measure_does(nowhere: Home):
    here = adoption(nowhere, ADOPTED + 'areas = ["N1"]\n')

    assert status(here, "F02.oldest", IN_N1) == "adopted"
    assert status(here, "F02.oldest", IN_S1) == "trial"


def test_where_a_team_and_a_locality_share_an_id_their_level_tells_them_apart(nowhere: Home):
    places: list[Place] = [("locality", "N"), ("team", "N")]
    text = '[[measure]]\nid = "F02"\nstatus = "retired"\nareas = ["{}"]\n'

    (said,) = refusal(nowhere, text.format("N"), places=places)
    here = adoption(nowhere, text.format("team:N"), places=places)

    assert said.startswith("adoption.toml, line 4 (measure 1, areas 1): ")
    assert '"team:N" or "locality:N"' in said
    assert status(here, "F02", [("team", "N"), ("locality", "N")]) == "retired"
    assert status(here, "F02", [("locality", "N")]) == "trial"


def test_a_review_that_is_past_is_told_and_not_refused(nowhere: Home):
    standing = adoption(nowhere, ADOPTED).standing("F02", IN_N1)

    assert standing is not None
    assert not standing.review_is_due(day("2026-03-30"))
    assert standing.review_is_due(day("2026-03-31"))
    assert standing.review_is_due(day("2030-01-01"))


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("line", "instead", "where", "said"),
    [
        ('owner = "Neighbourhood lead, North"\n', "", "line 1 (measure 1, owner)", "has no owner"),
        ('checker = "Information lead"\n', "", "line 1 (measure 1, checker)", "has no checker"),
        (
            'checker = "Information lead"',
            'checker = " neighbourhood  lead, north"',
            "line 5 (measure 1, checker)",
            "let somebody else check it",
        ),
        ("since = 2025-04-01\n", "", "line 1 (measure 1, since)", "has no since"),
        ("review_on = 2026-03-31\n", "", "line 1 (measure 1, review_on)", "has no review_on"),
        (
            "review_on = 2026-03-31",
            "review_on = 2025-04-01",
            "line 7 (measure 1, review_on)",
            "was past when it became adopted (2025-04-01)",
        ),
        (
            "review_on = 2026-03-31",
            'review_on = "2026-03-31"',
            "line 7 (measure 1, review_on)",
            "write a date without quotes",
        ),
        (
            "review_on = 2026-03-31",
            "reviewed = 2026-03-31",
            "line 7 (measure 1, reviewed)",
            "there is no such entry",
        ),
        (
            'status = "adopted"',
            'status = "live"',
            "line 3 (measure 1, status)",
            'found "live"; write one of "trial", "adopted" or "retired"',
        ),
        ('id = "F02"', 'id = "F99"', "line 2 (measure 1, id)", "there is no such measure"),
        ('id = "F02"', 'id = 2', "line 2 (measure 1, id)", "write text, in quotes"),
        (
            "since = 2025-04-01",
            'since = 2025-04-01\nareas = ["N1", "N9"]',
            "line 7 (measure 1, areas 2)",
            'found "N9", and no team or locality has this id; there are N, N1, N2, S, S1',
        ),
        (
            "since = 2025-04-01",
            "since = 2025-04-01\nareas = []",
            "line 7 (measure 1, areas)",
            "found no area",
        ),
        (
            "since = 2025-04-01",
            'since = 2025-04-01\nareas = "N1"',
            "line 7 (measure 1, areas)",
            "write a list",
        ),
        (
            "since = 2025-04-01",
            'since = 2025-04-01\nareas = ["N1", "N1"]',
            "line 7 (measure 1, areas 2)",
            "stands here twice",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line_and_what_to_do(
    nowhere: Home, line: str, instead: str, where: str, said: str
):
    assert line in ADOPTED
    lines = refusal(nowhere, ADOPTED.replace(line, instead))

    assert len(lines) == 1
    assert lines[0].startswith(f"adoption.toml, {where}: ")
    assert said in lines[0]


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ((), "0 worked cases, of which none has an `edge`"),
        (slice(0, 2), "2 worked cases, of which 2 have an `edge`"),
        ("no edges", "8 worked cases, of which none has an `edge`"),
    ],
)
def test_nothing_is_adopted_before_its_worked_cases_are_agreed(
    nowhere: Home, cases: Any, said: str
):
    whole = SHIPPED["F02"]
    own = whole.case[cases] if isinstance(cases, slice) else ()
    if cases == "no edges":
        own = tuple(case.model_copy(update={"edge": None}) for case in whole.case)
    measures = {**SHIPPED, "F02": whole.model_copy(update={"case": own})}

    (refused,) = refusal(nowhere, ADOPTED, measures=measures)
    on_trial = adoption(nowhere, '[[measure]]\nid = "F02"\nstatus = "trial"\n', measures)

    assert refused.startswith("adoption.toml, line 3 (measure 1, status): F02 is adopted with ")
    assert said in refused
    assert 'status = "trial"' in refused
    assert on_trial.shows("F02", IN_N1)


def test_two_entries_for_one_area_are_refused(nowhere: Home):
    twice = ADOPTED + 'areas = ["N1"]\n' + ADOPTED + 'areas = ["S1", "N1"]\n'

    (said,) = refusal(nowhere, twice)

    assert said.startswith("adoption.toml, line 16 (measure 2, areas): ")
    assert "F02 has an entry for N1 already (measure 1)" in said


def test_every_fault_is_said_at_once_in_the_order_of_the_lines(nowhere: Home):
    text = """\
[[measure]]
id = "F99"
status = "adopted"
areas = ["N9"]

[[measure]]
id = "F04"
status = "adopted"
owner = "One"
checker = "One"
since = 2025-01-01
review_on = 2024-01-01
"""
    lines = refusal(nowhere, text)

    found = [line.partition(":")[0] for line in lines]
    assert found == [
        "adoption.toml, line 1 (measure 1, owner)",
        "adoption.toml, line 1 (measure 1, checker)",
        "adoption.toml, line 1 (measure 1, since)",
        "adoption.toml, line 1 (measure 1, review_on)",
        "adoption.toml, line 2 (measure 1, id)",
        "adoption.toml, line 4 (measure 1, areas 1)",
        "adoption.toml, line 10 (measure 2, checker)",
        "adoption.toml, line 12 (measure 2, review_on)",
    ]


def test_a_file_that_is_no_toml_is_refused_in_words(nowhere: Home):
    (said,) = refusal(nowhere, "[[measure]\n")

    assert said.startswith("adoption.toml: this is not readable TOML: ")


# ---------------------------------------------------------------- aims

TARGET = """
[[measure.aim]]
kind = "target"
value = 12.5
from = 2025-04-01
agreed_by = "the board"
"""
TRAJECTORY = """
[[measure.aim]]
kind = "trajectory"
start = 6
from = 2025-04-01
value = 5
by = 2026-04-01
agreed_by = "both employers"
"""


def an_aim(value: int, begins: str = "2025-04-01", kind: str = "target", **more: Any) -> Aim:
    said = {"kind": kind, "value": value, "from": day(begins), "agreed_by": "the list", **more}
    return Aim.model_validate(said)


def listed(aim: Aim, place: Place | None = None) -> HeldAim:
    return HeldAim(measure_id="F02", place=place, aim=aim, in_file=False)


def test_an_aim_says_what_who_from_when_and_for_which_areas(nowhere: Home):
    here = adoption(nowhere, ADOPTED + 'areas = ["N"]\n' + TARGET)

    (aim,) = here.aims_of("F02", IN_N1)
    assert (aim.kind, aim.value, aim.from_) == ("target", Decimal("12.5"), day("2025-04-01"))
    assert (aim.agreed_by, aim.until) == ("the board", None)
    assert here.aims_of("F02", IN_S1) == []


def test_a_trajectory_has_a_start_and_a_day(nowhere: Home):
    (aim,) = adoption(nowhere, ADOPTED + TRAJECTORY).aims_of("F02", IN_N1)

    assert (aim.start, aim.value, aim.by) == (Decimal(6), Decimal(5), day("2026-04-01"))


@pytest.mark.parametrize(
    ("text", "line", "instead", "where", "said"),
    [
        (TARGET, 'agreed_by = "the board"', "", "aim 1, agreed_by", "this is missing"),
        (TARGET, '"the board"', '" "', "aim 1, agreed_by", "write who agreed it"),
        (TARGET, '"target"', '"goal"', "aim 1, kind", 'found "goal"; write one of "target", '),
        (TARGET, "12.5", '"12.5"', "aim 1, value", "write a number, without quotes"),
        (TARGET, "12.5", "nan", "aim 1, value", "write a number, without quotes"),
        (TARGET, "12.5", "12.5\nstart = 3", "aim 1, start", 'goes with kind = "trajectory"'),
        (
            TARGET,
            "from = 2025-04-01",
            "from = 2025-04-01\nuntil = 2025-04-01",
            "aim 1, until",
            "not after 2025-04-01",
        ),
        (TRAJECTORY, "start = 6\n", "", "aim 1, start", "a trajectory has a `start`"),
        (TRAJECTORY, "by = 2026-04-01\n", "", "aim 1, by", "a trajectory has a day `by`"),
        (TRAJECTORY, "by = 2026", "by = 2024", "aim 1, by", "not after 2025-04-01"),
        (TARGET + TRAJECTORY, "kind", "kind", "aim 2, from", "aim 1 of F02 begins on 2025-04-01"),
    ],
)
def test_an_aim_that_cannot_be_right_is_refused(
    nowhere: Home, text: str, line: str, instead: str, where: str, said: str
):
    assert line in text
    lines = refusal(nowhere, ADOPTED + text.replace(line, instead))

    assert len(lines) == 1
    assert f"(measure 1, {where}): " in lines[0]
    assert said in lines[0]


def test_what_a_file_says_holds_before_the_list_wherever_it_is_of_one_kind(nowhere: Home):
    standard = an_aim(9, kind="national standard")
    ours = (
        listed(an_aim(1, kind="ambition")),
        listed(an_aim(2, kind="ambition"), ("team", "S1")),
        listed(standard),
    )

    here = adoption(nowhere, ADOPTED + 'areas = ["N"]\n' + TARGET, listed=ours)

    assert {aim.value for aim in here.aims_of("F02", IN_N1)} == {Decimal(9), Decimal("12.5")}
    # The list's ambition for S1 is not read any more: what F02 aims at stands in the file.
    assert here.aims_of("F02", IN_S1) == [standard]


def test_of_the_list_the_nearest_to_an_area_holds(nowhere: Home):
    ours = (listed(an_aim(1)), listed(an_aim(2), ("team", "N1")))

    here = adoption(nowhere, "", listed=ours)

    assert [aim.value for aim in here.aims_of("F02", IN_N1)] == [2]
    assert [aim.value for aim in here.aims_of("F02", IN_N2)] == [1]


days = st.integers(0, 400).map(lambda n: day("2025-01-01") + datetime.timedelta(days=n))


@given(
    st.lists(st.tuples(days, st.none() | st.integers(1, 200)), max_size=6, unique_by=lambda t: t[0])
)
def test_at_most_one_aim_of_a_kind_holds_on_any_day(spans: list[tuple[datetime.date, int | None]]):
    aims = []
    for number, (begins, length) in enumerate(spans):
        until = begins + datetime.timedelta(days=length) if length else None
        aims.append(listed(an_aim(number, begins.isoformat(), until=until)))

    held = Adoption(aims=tuple(aims)).aims_of("F02", IN_N1)

    assert sorted(aim.value for aim in held) == list(range(len(spans)))
    for n in range(0, 700, 7):
        on = day("2025-01-01") + datetime.timedelta(days=n)
        holding = [a for a in held if a.from_ <= on and (a.until is None or on < a.until)]
        begun = [(begins, number) for number, (begins, _) in enumerate(spans) if begins <= on]
        # It is the one that began last, unless that is over.
        assert [a.value for a in holding] in ([], [max(begun)[1]] if begun else [])


# ---------------------------------------------------------------- published


def test_it_is_published_and_read_back_as_it_was(tmp_path: Path):
    home = set_up(tmp_path / "home")
    load_everything(home, ("2025-01", "2025-02", "2025-03"))
    home.adoption_file.write_text(ADOPTED + 'areas = ["N1"]\n' + TRAJECTORY, encoding="utf-8")
    (home.reference / "target.csv").write_text(
        "measure_id,team_id,value,kind,valid_from,valid_to,agreed_by\n"
        "W01,,4.5,ambition,2024-01-01,,\nF98,S1,1,local standard,2024-01-01,,the board\n",
        encoding="utf-8",
    )
    first = publish(home).version

    snapshot = Snapshot.current(home)
    measures = load_measures(home, schema_of(load_contracts(home)))
    read = read_adoption(home, measures, places_listed(home))
    assert snapshot.adoption.standings == read.standings
    assert [aim.value for aim in snapshot.adoption.aims_of("W01", IN_S1)] == [Decimal("4.5")]
    assert [aim.kind for aim in snapshot.adoption.aims_of("F02", IN_N1)] == ["trajectory"]
    assert any("there is no measure F98" in note for note in snapshot.notes)

    # Another adoption makes another version of the figures.
    home.adoption_file.write_text(ADOPTED, encoding="utf-8")
    assert publish(home).version != first


def test_a_wrong_file_leaves_what_was_published(tmp_path: Path):
    home = set_up(tmp_path / "home")
    load_everything(home, ("2025-01",))
    served = publish(home).version
    home.adoption_file.write_text(ADOPTED.replace("F02", "F99"), encoding="utf-8")

    with pytest.raises(MeasureError, match=r"adoption\.toml, line 2 .*no such measure"):
        publish(home)

    assert Snapshot.current(home).version == served


def test_the_same_day_is_no_standing_of_another_measure():
    standing = Standing(measure_id="F02", place=None, status="trial")

    assert Adoption(standings=(standing,)).standing("F04", IN_N1) is None
