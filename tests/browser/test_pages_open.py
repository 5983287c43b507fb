import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dashboard.boards import SIGNS
from dashboard.book import Book
from data.home import Home
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.browser.conftest import OpenWindow
from tests.browser.serving import serving
from tests.small_partnership import LISTS, SETTINGS, load, records, set_up

STORY = (
    "In North 2, emergency admissions fell while more people waited, more of the open cases had"
    " nobody assigned, more of the staff's time was lost to sickness and more of the field staff's"
    " days were spent unable to go out."
)
SENTENCES = {
    "": r"Figures to 31 March 2026, updated .+\.",
    "partnership": re.escape(STORY),
    "team?team=N2": r"More people than usual are waiting: 239; .+ emergency admissions fell\.",
    "measure?measure=F02&team=N2": r"North 2: more people than usual are waiting: 239; .+\.",
}
DRAWN = {"partnership": ".matrix", "team": ".tile .chart", "measure": ".js-plotly-plot .main-svg"}


@pytest.mark.parametrize("path", SENTENCES)
def test_a_page_opens_with_its_sentence_and_its_drawings(window: OpenWindow, path: str) -> None:
    here = window().go(path)

    assert re.fullmatch(SENTENCES[path], here.sentence)
    assert here.page.title() == (path.partition("?")[0] or "start").capitalize()
    expect(here.page.get_by_text("Fictional data", exact=True)).to_be_visible()
    expect(here.page.get_by_text("Nothing to show yet")).to_have_count(0)
    for drawing in [what for name, what in DRAWN.items() if path.startswith(name)]:
        expect(here.page.locator(drawing).first).to_be_visible()


def test_the_first_story_is_seen_within_one_click(window: OpenWindow) -> None:
    here = window().go()

    here.navigate("Partnership")

    expect(here.heading).to_have_text(STORY)
    expect(here.page.get_by_text("Each team against its own past")).to_be_visible()


def test_the_disagreement_on_the_first_page_leads_to_its_team(window: OpenWindow) -> None:
    here = window().go()
    expect(here.page.get_by_text(STORY)).to_be_visible()

    here.page.get_by_role("link", name="Look at North 2").click()

    expect(here.heading).to_contain_text("More people than usual are waiting: 239")


def test_the_partnership_page_answers_its_filters(window: OpenWindow, city: Home) -> None:
    here = window().go("partnership")
    teams, columns = here.page.locator(".matrix .team"), here.page.locator(".matrix .title")
    expect(teams).to_have_count(12)
    expect(columns).to_have_count(len(Book(Snapshot.current(city)).shown))

    here.choose("Locality", "South")
    expect(teams).to_have_text(["South 1", "South 2", "South 3", "South 4"])

    here.page.get_by_role("radio", name="Conventional").click()
    expect(columns).to_have_count(3)
    expect(columns.first).to_contain_text("Emergency admissions")


def test_the_team_page_answers_its_filter(window: OpenWindow) -> None:
    here = window().go("team")

    here.choose("Team", "South 2 (Quillbrook)")

    expect(here.page.get_by_text("South 2 (Quillbrook): what should we talk about")).to_be_visible()
    expect(here.heading).to_contain_text("More referrals than usual are arriving")


def test_the_measure_page_answers_its_filters(window: OpenWindow) -> None:
    here = window().go("measure")

    here.choose("Measure", "Unallocated cases")
    expect(here.page.get_by_text("How many cases have nobody assigned to them?")).to_be_visible()

    here.choose("Where", "North 2 (Otterholm)")
    expect(here.heading).to_contain_text("North 2: more of the open cases than usual")


def test_the_table_behind_the_chart_can_be_opened(window: OpenWindow) -> None:
    here = window().go("measure?measure=F02&team=N2")

    here.page.get_by_text("The figures as a table").click()

    table = here.page.get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(37)
    expect(table.get_by_role("row").nth(1)).to_contain_text("March 2026")
    expect(table.get_by_role("row").nth(1)).to_contain_text("239")


def test_the_file_of_a_measure_can_be_downloaded_and_opened(window: OpenWindow, city: Home) -> None:
    here = window().go("measure?measure=F02&team=N2")

    with here.page.expect_download() as download:
        here.page.get_by_role("button", name="Download for all teams").click()

    assert download.value.suggested_filename == "F02_people_waiting_fictional.csv"
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(Snapshot.current(city).points("F02"))
    newest = [row for row in rows if row["area"] == "North 2 (Otterholm)"][-1]
    assert (newest["period_start"], float(newest["value"])) == ("2026-03-01", 239)


def test_the_signs_are_explained_in_words_beneath_the_matrix(window: OpenWindow) -> None:
    here = window().go("partnership")

    legend = here.page.locator(".legend li")
    expect(legend).to_have_count(len(SIGNS))
    for sign in legend.all():
        assert sign.inner_text().strip()
        assert sign.locator("svg path").count() >= 1


HOSTILE = (
    "<b>A</b> <img src=x onerror=alert(1)> ![b](http://198.51.100.7/{}.png) **C** :red[d] $e^2$"
    " :tada: [f](javascript:alert(2))"
)


def test_what_names_say_is_shown_as_it_is_written_and_asks_nothing_of_anybody(
    window: OpenWindow, tmp_path: Path
) -> None:
    words = "\n".join(
        f"{name} = '{HOSTILE.format(name)}'" for name in ("team", "teams", "locality", "localities")
    )
    home = set_up(tmp_path / "home", team=LISTS["team"].replace("North 1", HOSTILE.format("n")))
    settings = SETTINGS.replace("Small Partnership", HOSTILE.format("p"))
    home.settings_file.write_text(f"{settings}[words]\n{words}\n", encoding="utf-8")
    for table in ("absence_month", "referral", "hospital_spell"):
        load(home, table, records(table, ["2024-01", "2024-02"]))
    publish(home)

    with serving(home, tmp_path / "log.txt") as server:
        here = window(server)
        for path in ("", "partnership", "team?team=N1", "measure?measure=W01&team=N1"):
            here.go(path)
            expect(here.page.get_by_text(HOSTILE.format("p"), exact=True)).to_be_visible()
            assert here.page.locator("img[src*='198.51'], img[src='x']").count() == 0
        here.page.get_by_text("The figures as a table").click()
        expect(here.page.get_by_text(HOSTILE.format("n")).first).to_be_visible()
        here.close()
