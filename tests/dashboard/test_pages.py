from pathlib import Path

import pytest

from dashboard import frame
from dashboard.book import Book
from dashboard.cached import current_version
from dashboard.selection import CARRIES, PageName
from dashboard.visit import FILES
from data.home import Home
from data.snapshots import RESTRICTED
from metrics.publish import publish
from tests.dashboard.seen import Dashboard
from tests.small_partnership import LISTS, load, load_everything, records, set_up

STORY = (
    "In North 2, emergency admissions fell while more people waited, more of the open cases had"
    " nobody assigned, more of the staff's time was lost to sickness and more of the field staff's"
    " days were spent unable to go out."
)
each_page = pytest.mark.parametrize("page", FILES)


@pytest.fixture
def seen(city: Home, monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    return Dashboard(city, monkeypatch)


@each_page
def test_a_page_opens_with_its_question_its_sentence_and_whose_figures_these_are(
    seen: Dashboard, page: PageName, book: Book
) -> None:
    seen.open(page)

    assert seen.first_sentence.endswith(".")
    assert 'class="cm-question"' in seen.html
    assert "Calderbrook Care Partnership" in seen.words
    assert book.dates in seen.words
    assert "Fictional data" in seen.words


def test_the_start_page_says_how_new_the_figures_are_and_where_to_go(
    seen: Dashboard, book: Book
) -> None:
    assert seen.first_sentence == f"{book.dates}."
    assert STORY in seen.words
    assert [link.proto.label for link in seen.app.get("page_link")] == [
        "All teams",
        "One team",
        "One measure",
        "Look at North 2",
    ]


def test_the_partnership_page_begins_with_the_disagreement(seen: Dashboard) -> None:
    assert seen.open("partnership").first_sentence == STORY


def test_another_locality_shows_its_teams_alone(seen: Dashboard) -> None:
    seen.open("partnership")

    seen.choose("Locality", "S")

    (locality,) = seen.board("matrix")["localities"]
    assert [team["name"] for team in locality["teams"]] == [f"South {n}" for n in range(1, 5)]
    assert seen.address == {"locality": "S", "kind": "both"}


def test_another_kind_of_measure_shows_its_columns_alone(seen: Dashboard) -> None:
    seen.open("partnership")

    seen.choose("Kind of measure", "conventional")

    titles = [column["title"] for column in seen.board("matrix")["columns"]]
    assert titles == [
        "Emergency admissions",
        "Length of hospital stay",
        "Emergency readmission within 30 days",
    ]
    assert seen.first_sentence == STORY


def test_another_team_changes_what_is_said(seen: Dashboard) -> None:
    seen.open("team", team="N2")
    before = seen.first_sentence

    seen.choose("Team", "N4")

    assert before.startswith("More people than usual are waiting: 239")
    assert seen.first_sentence == (
        "Nothing in North 4 is beyond its usual ups and downs at the moment."
    )
    assert "North 4 (" in seen.words
    assert seen.address == {"team": "N4"}


def test_a_team_may_be_a_locality_or_the_whole(seen: Dashboard) -> None:
    for key, name in (("locality:N", "North"), ("partnership:calderbrook", "Calderbrook")):
        seen.open("team", team=key)

        assert f"{name}" in seen.words
        assert len(seen.board("tiles")["groups"]) == 6


def test_another_measure_and_another_place_change_what_is_said(seen: Dashboard) -> None:
    seen.open("measure", measure="F02", team="N2")
    assert seen.first_sentence.startswith("North 2: more people than usual are waiting: 239")

    seen.choose("Measure", "F04")
    assert seen.first_sentence.startswith("North 2: more of the open cases than usual have nobody")

    seen.choose("Where", "S1")
    assert seen.first_sentence.startswith("South 1: open cases with nobody assigned")
    assert seen.address == {"measure": "F04", "team": "S1"}


def test_the_measure_page_has_its_chart_its_table_and_its_file(seen: Dashboard, book: Book) -> None:
    seen.open("measure", measure="F02", team="N2")

    said = book.said(book.areas["N2"], "F02")
    assert said is not None
    (chart,) = seen.app.get("plotly_chart")
    assert chart.proto.alt == f"Chart of every figure. {said.alt}"
    assert f'<tbody><tr><th scope="row">March 2026</th><td>{said.number_text}</td>' in seen.html
    (download,) = seen.app.get("download_button")
    assert download.proto.label == "Download for all teams"


def test_a_recorded_change_is_numbered_on_the_chart_and_told_beneath_it(seen: Dashboard) -> None:
    seen.open("measure", measure="H01", team="N1")

    assert "1 July 2024 (recording change): Northgate Infirmary" in seen.words
    assert '<ol class="cm-list">' in seen.html


@each_page
def test_an_address_that_names_what_is_not_there_shows_what_is(
    seen: Dashboard, page: PageName
) -> None:
    nonsense = dict.fromkeys(("team", "measure", "locality", "kind"), "<script>")

    seen.open(page, **nonsense)

    assert tuple(seen.address) == CARRIES[page]
    assert "<script>" not in seen.address.values()
    assert "script" not in seen.words


def test_what_was_chosen_is_kept_for_the_pages_after_it(seen: Dashboard) -> None:
    seen.open("team", team="S2")

    seen.open("measure")

    assert seen.address["team"] == "S2"
    assert seen.first_sentence.startswith("South 2: ")


# --- Where there is less to show -----------------------------------------------------------------


def test_a_folder_that_is_no_partnership_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Dashboard(Home(tmp_path / "nowhere"), monkeypatch)

    assert "Nothing to show yet" in seen.words
    assert "there is no partnership here" in seen.first_sentence
    assert "python -m data demo" in seen.first_sentence


def test_a_partnership_that_has_published_nothing_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Dashboard(set_up(tmp_path / "home"), monkeypatch)

    assert "nothing has been published here yet" in seen.first_sentence
    assert "python -m metrics publish" in seen.first_sentence


def test_settings_that_cannot_be_read_are_named(
    city_copy: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    city_copy.settings_file.write_text("name = ", encoding="utf-8")

    seen = Dashboard(city_copy, monkeypatch)

    assert "partnership.toml" in seen.first_sentence


def test_a_damaged_snapshot_is_said_once_and_not_read_again_and_again(
    city_copy: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = current_version(city_copy)
    (city_copy.snapshots / version / RESTRICTED).write_bytes(b"not a database")

    seen = Dashboard(city_copy, monkeypatch)

    assert "cannot be opened" in seen.first_sentence
    # What looks for a new version would else run the page again at once, for ever.
    assert seen.app.session_state["version_being_read"] == version


def test_figures_that_no_measure_counts_are_not_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = set_up(tmp_path / "home")
    # Without the referrals that they belong to.
    text = (
        "referral_id,seq,from_team,to_team,handed_on,kind\nr1,1,N1,N2,2024-01-05,onward referral\n"
    )
    load(home, "referral_handoff", text)
    publish(home)

    seen = Dashboard(home, monkeypatch)

    assert seen.first_sentence == frame.NO_MEASURE


@each_page
def test_a_partnership_of_two_months_is_too_new_and_not_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: PageName
) -> None:
    home = set_up(tmp_path / "home")
    load_everything(home, ["2024-01", "2024-02"])
    publish(home)

    seen = Dashboard(home, monkeypatch).open(page)

    assert "Small Partnership" in seen.words
    assert "Fictional data" not in seen.words


def test_one_kind_of_measure_alone_offers_no_choice_of_kinds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = set_up(tmp_path / "home")
    load(home, "absence_month", records("absence_month", ["2024-01", "2024-02"]))
    publish(home)

    seen = Dashboard(home, monkeypatch).open("partnership", kind="conventional")

    assert seen.app.get("button_group") == []
    assert [column["title"] for column in seen.board("matrix")["columns"]] == ["Sickness absence"]


def test_a_new_version_is_read_in_the_next_run(
    city_copy: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Dashboard(city_copy, monkeypatch)
    settings = city_copy.settings_file.read_text(encoding="utf-8")
    renamed = settings.replace("Calderbrook Care Partnership", "The New Partnership")
    city_copy.settings_file.write_text(renamed, encoding="utf-8")
    publish(city_copy)

    seen.app.run()

    assert "The New Partnership" in seen.words


def test_names_are_shown_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "<img src=x> ![a](http://elsewhere/b.png) **N**"
    home = set_up(tmp_path / "home", team=LISTS["team"].replace("North 1", hostile))
    load(home, "absence_month", records("absence_month", ["2024-01", "2024-02"]))
    publish(home)

    seen = Dashboard(home, monkeypatch)

    for page in FILES:
        seen.open(page, team="N1")
        assert "<img" not in seen.html
        assert (hostile in seen.words) == (page in ("team", "measure", "monthly_counts"))


def test_the_app_runs_by_its_path_from_anywhere(
    city: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert not Dashboard(city, monkeypatch).app.exception
