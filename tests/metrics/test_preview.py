import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from data.errors import DataError
from data.home import Home
from data.snapshots import RECORDS
from metrics.calculate import VALUE_COLUMNS
from metrics.definition import CATALOGUE
from metrics.preview import DEFAULT_LIMITS, MOST_BYTES, preview
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.metrics.broken_definitions import WHOLE
from tests.metrics.test_metrics_main import metrics

# A flow over people's days, a stock over a stock, a quantile, a level, a team's own count, a sum.
OF_EACH_KIND = ["F02", "F04", "F05", "H01", "H05", "J07", "W01", "W03", "X01"]
DRAFT = WHOLE.replace('"Still open"', '"Open still"')


def shipped(name: str) -> Path:
    (file,) = CATALOGUE.glob(f"{name}_*.toml")
    return file


def draft(folder: Path, text: str) -> Path:
    file = folder / "L01_draft.toml"
    file.write_text(text, encoding="utf-8")
    return file


def content(home: Home) -> dict[str, str]:
    files = [file for file in sorted(home.path.rglob("*")) if file.is_file()]
    return {str(f): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_a_draft_has_the_very_values_that_publishing_gives_the_same_definition(
    city: Home, name: str
) -> None:
    tried = preview(shipped(name), city)

    published = Snapshot.current(city).values()
    own = tried.values.loc[tried.values["measure_id"] == name]
    assert tried.problems == ()
    assert len(own) > 100
    assert (own["state"] == "value").any()
    assert_same(own, published.loc[published["measure_id"] == name])


NEW_BLOCKS = {
    "L11": 'people = "person_key"\nof = "hospital_spell"\non = "admitted_on"',
    "L12": 'days_inside = "hospital_spell"\nfrom = "admitted_on"\nuntil = ["discharged_on"]',
    "L13": (
        'rows = "hospital_spell"\non = "discharged_on"\nfollowed_by = [{ table = "hospital_spell",'
        ' on = "admitted_on", within_days = [0, 29] }]'
    ),
    "L14": 'open = "referral"\nfrom = "received_at"\nuntil = ["closed_on"]\nafter_days = 90',
    "L15": 'sum = "fte_days_lost"\nof = "absence_month"\non = "month"',
}
ATTRIBUTED = {"L11": "population", "L12": "population", "L13": "population", "L15": "employing"}
ENTRIES = {
    "L11": "rolling = 2",
    "L13": "rolling = 3",
    "L14": 'split_by = "sector"',
    "L15": "needs_shared_key = true",
}


def new_draft(name: str) -> str:
    head, rest = DRAFT.split("[numerator]")
    text = f"{head}[numerator]\n{NEW_BLOCKS[name]}\n\n[show]{rest.split('[show]')[1]}"
    text = text[: text.index("[[case]]")].replace("L01", name)
    text = text.replace('"receiving"', f'"{ATTRIBUTED.get(name, "receiving")}"')
    if name == "L12":
        # No published definition has weeks.
        text = text.replace('every = "month"', 'every = "week"')
    text = text.replace("decimals = 0", f"decimals = 0\n{ENTRIES.get(name, '')}")
    return f'{text}\n[[figure]]\nid = "closer"\ntitle = "The same, closer"\ndecimals = 1\n'


def test_drafts_of_every_other_block_with_parts_windows_and_figures_have_the_same_values(
    city_copy: Home, tmp_path: Path
) -> None:
    served = Snapshot.current(city_copy)
    tried = {}
    for name in NEW_BLOCKS:
        file = tmp_path / f"{name}_new.toml"
        file.write_text(new_draft(name), encoding="utf-8")
        tried[name] = preview(file, city_copy)
        assert tried[name].problems == ()
    assert Snapshot.current(city_copy).version == served.version

    city_copy.measures.mkdir(exist_ok=True)
    for name in NEW_BLOCKS:
        shutil.copy(tmp_path / f"{name}_new.toml", city_copy.measures)
    assert publish(city_copy).left_out == ()

    every = Snapshot.current(city_copy).values()
    for name, one in tried.items():
        ids = {name, f"{name}.closer"}
        assert set(one.values["measure_id"]) == ids
        published = every.loc[every["measure_id"].isin(ids)].reset_index(drop=True)
        assert_same(one.values, published)
    assert set(tried["L14"].values["split"]) >= {"health", "social care"}


def test_the_worked_cases_of_a_further_figure_are_tried_too(city: Home, tmp_path: Path) -> None:
    file = tmp_path / "L01_still_open.toml"
    case = DRAFT[DRAFT.index("[[case]]") :].replace("[[case]]", "[[figure.case]]")
    wrong = case.replace("numerator = 1", "numerator = 7")
    figure = '[[figure]]\nid = "closer"\ntitle = "The same, closer"\ndecimals = 1\n'
    file.write_text(f"{DRAFT}\n{figure}\n{wrong}", encoding="utf-8")

    tried = preview(file, city)

    assert [(one.measure_id, one.holds) for one in tried.cases] == [
        ("L01", True),
        ("L01.closer", False),
    ]
    assert any("L01.closer, case 1 DOES NOT HOLD" in said for said in tried.in_words())


def assert_same(tried: pd.DataFrame, published: pd.DataFrame) -> None:
    """Hold what a draft showed against what publishing gave, to the last bit."""
    order = ["measure_id", "split", "area_level", "area_id", "period_start"]
    own = tried.sort_values(order).reset_index(drop=True)
    other = published.sort_values(order).reset_index(drop=True)
    for column in ("numerator", "denominator", "n", "value"):
        other[column] = other[column].astype("float64")
    for column in ("numerator", "denominator"):
        # As a snapshot keeps them.
        own[column] = own[column].round(4)
    own["n"] = own["n"].round()
    assert_frame_equal(own, other.loc[:, list(VALUE_COLUMNS)], check_dtype=False, check_exact=True)


def test_a_draft_is_shown_in_words_and_marked_above_and_below_and_nothing_is_kept(
    city: Home, tmp_path: Path
) -> None:
    before = content(city)

    done = metrics("preview", str(draft(tmp_path, DRAFT)), "--home", str(city.path), cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("DRAFT: L01_draft.toml. This is nobody's figure yet")
    assert lines[-1] == "DRAFT: small numbers are not hidden. Do not pass this on as it is."
    assert lines[2] == "L01 Open still"
    assert any(line.startswith("Counted: referrals open at the end") for line in lines)
    assert "  case 1 holds: One is open." in lines
    snapshot = Snapshot.current(city)
    (heading,) = [n for n, line in enumerate(lines) if line.startswith("Open still (referrals)")]
    shown = lines[heading + 1 : heading + 1 + len(snapshot.areas)]
    assert [line.strip().split("  ")[0] for line in shown] == [a.name for a in snapshot.areas]
    assert "(n = " in shown[0]
    assert content(city) == before
    assert "L01" not in snapshot.measures


def test_what_has_no_figure_says_why(city: Home, tmp_path: Path) -> None:
    counted = '[numerator]\nsubmitted = "numerator"\nwords = "tea"\n'
    text = DRAFT[: DRAFT.index("[numerator]")] + counted + DRAFT[DRAFT.index("[show]") :]
    text = text.replace("numerator = 1\nrows.referral", 'state = "missing"\nrows.referral')

    lines = list(preview(draft(tmp_path, text), city).in_words())

    said = [line for line in lines if "not collected: no team has sent counts for this" in line]
    assert len(said) == len(Snapshot.current(city).areas)


def test_a_case_that_does_not_hold_says_what_was_found(city: Home, tmp_path: Path) -> None:
    lines = list(
        preview(draft(tmp_path, DRAFT.replace("numerator = 1", "numerator = 7")), city).in_words()
    )

    number = lines.index("  case 1 DOES NOT HOLD: One is open.")
    assert lines[number + 1] == "    numerator: expected 7, found 1"


def test_a_broken_draft_says_what_is_wrong_and_nothing_else(city: Home, tmp_path: Path) -> None:
    file = draft(tmp_path, DRAFT.replace("received_at", "recieved_at"))

    done = metrics("preview", str(file), "--home", str(city.path), cwd=tmp_path)

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("DRAFT: ")
    assert lines[2].startswith(
        "L01_draft.toml, line 34: numerator.from: referral has no column recieved_at; did you mean"
    )
    assert lines[-1].startswith("DRAFT: ")
    assert "Counted" not in done.stdout


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (replace(DEFAULT_LIMITS, seconds=0.2), "it took too long and was stopped"),
        (replace(DEFAULT_LIMITS, seconds=0.2, by_system=False), "it took too long"),
    ],
)
def test_a_draft_that_takes_too_much_is_stopped_and_says_what_to_do(
    city: Home, tmp_path: Path, limits, said
) -> None:
    tried = preview(draft(tmp_path, DRAFT), city, limits)

    (problem,) = tried.problems
    assert said in problem
    assert "Count fewer rows" in problem
    assert tried.values.empty
    assert next(iter(tried.in_words())).startswith("DRAFT")


def test_without_the_systems_limits_a_draft_shows_the_same(city: Home, tmp_path: Path) -> None:
    file = draft(tmp_path, DRAFT)

    pd.testing.assert_frame_equal(
        preview(file, city, replace(DEFAULT_LIMITS, by_system=False)).values,
        preview(file, city).values,
    )


def test_what_cannot_be_tried_is_said(city: Home, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="this cannot be read"):
        preview(tmp_path / "nowhere.toml", city)
    with pytest.raises(DataError, match="nothing has been published here yet"):
        preview(draft(tmp_path, DRAFT), Home(tmp_path))
    long = preview(draft(tmp_path, DRAFT + "#" * MOST_BYTES), city)
    assert "longer than any definition" in long.problems[0]


def test_a_table_that_came_after_publishing_says_to_publish(
    city_copy: Home, tmp_path: Path
) -> None:
    contracts = city_copy.contracts
    contracts.mkdir(exist_ok=True)
    text = (Path("data/contracts/team_pulse.toml")).read_text(encoding="utf-8")
    (contracts / "pulse_two.toml").write_text(
        text.replace('table = "team_pulse"', 'table = "pulse_two"'), encoding="utf-8"
    )

    tried = preview(draft(tmp_path, DRAFT), city_copy)

    assert "Run `python -m metrics publish` first" in tried.problems[0]


def test_records_that_are_not_there_are_said(city_copy: Home, tmp_path: Path) -> None:
    snapshot = Snapshot.current(city_copy)
    (city_copy.snapshots / snapshot.version / RECORDS).unlink()

    tried = preview(draft(tmp_path, DRAFT), city_copy)

    assert "this snapshot cannot be opened" in tried.problems[0]
