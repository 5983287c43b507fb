"""A person brings files to the page of data health, answers its questions, and accepts them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data.acts import standings
from data.home import Home
from metrics.publish import publish
from tests.browser.conftest import OpenWindow, Window
from tests.browser.serving import serving
from tests.data.sent_files import counts
from tests.small_partnership import load_everything, set_up

SECONDS = 30_000


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = set_up(tmp_path / "home")
    load_everything(made, ["2024-01", "2024-02"])
    publish(made)
    return made


@pytest.fixture
def here(home: Home, tmp_path: Path, open_window: OpenWindow) -> Iterator[Window]:
    with serving(home, tmp_path / "log.txt") as server:
        here = open_window(server).go("data_health")
        yield here
        here.close()
        assert "Traceback" not in server.said


def bring(here: Window, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    place = here.page.locator("input[type=file]")
    # The place of the files before goes when the new one is there.
    expect(place).to_have_count(1)
    place.set_input_files(path)


def test_a_file_is_looked_at_put_right_and_accepted(
    here: Window, home: Home, tmp_path: Path
) -> None:
    bring(here, tmp_path / "april.csv", counts("N1,2024-02,W03,5,10,", "N9,2024-02,W03,6,12,"))
    expect(here.page.get_by_text("april.csv: 1 row can be taken, 1 held back.")).to_be_visible()
    expect(here.page.get_by_text("not in the list of team codes")).to_be_visible()
    assert not [one for one in standings(home) if one.table == "aggregate_submission"]

    here.page.get_by_label("Your name or role, kept with what you load").fill("Analyst")
    here.page.get_by_role("button", name="Accept the rows that can be taken").click()

    expect(here.page.get_by_text("april.csv: 1 row taken, 1 held back.")).to_be_visible(
        timeout=SECONDS
    )
    expect(here.heading).to_have_text("1 row is held back until somebody puts them right.")
    (kept,) = [one for one in standings(home) if one.table == "aggregate_submission"]
    assert kept.batch is not None
    assert kept.batch.loaded_by == "Analyst"
    with here.page.expect_download() as held:
        here.page.get_by_role("button", name="Download the held rows").click()
    corrected = tmp_path / "corrected.csv"
    held.value.save_as(corrected)
    text = corrected.read_text(encoding="utf-8-sig").replace("N9", "N2")

    bring(here, corrected, text)
    expect(here.page.get_by_text("corrected.csv: 1 row can be taken.")).to_be_visible()
    here.page.get_by_role("button", name="Accept and show the new figures").click()

    expect(here.heading).to_contain_text("No row is held back", timeout=SECONDS)


def test_dates_that_can_be_read_two_ways_are_asked_about_and_never_guessed(
    here: Window, tmp_path: Path
) -> None:
    bring(here, tmp_path / "answers.csv", "team_id,responded_on,answer\nN1,03/02/2024,good\n")
    expect(here.page.get_by_text("answers.csv cannot be taken yet")).to_be_visible()

    here.choose("How are the dates in this file written?", "day, month, year: 31/01/2024")

    expect(here.page.get_by_text("It covers 2024-02, for N1.")).to_be_visible()


def test_a_batch_is_withdrawn_with_a_reason_and_the_figures_follow_when_asked(
    here: Window, home: Home
) -> None:
    here.page.get_by_text("Withdraw this batch").first.click()
    here.page.get_by_label("Why").fill("the wrong file")
    here.page.get_by_label("Your name or role").fill("Analyst")
    here.page.get_by_role("button", name="Withdraw this batch").click()
    expect(here.page.get_by_text("Done. The button further up")).to_be_visible()
    assert [one.state for one in standings(home)].count("withdrawn") == 1

    here.page.get_by_role("button", name="Show the new figures").click()

    expect(here.page.get_by_role("button", name="Show the new figures")).to_have_count(
        0, timeout=SECONDS
    )
