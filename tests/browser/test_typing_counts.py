"""A team lead types this month's counts on a phone."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data.counts import counts_sent, days_sent
from data.home import Home
from tests.browser.conftest import OpenWindow, Window
from tests.browser.serving import serving
from tests.data.sent_files import counts
from tests.small_partnership import load, set_up

MEETINGS = "Team meetings in which at least one GP took part, in the room or by telephone or video"


@pytest.fixture
def months() -> list[str]:
    """Return this month and the two before it, as the page names them, newest first."""
    first = datetime.date.today().replace(day=1)
    found = [first]
    for _ in range(2):
        found.append((found[-1] - datetime.timedelta(days=1)).replace(day=1))
    return [f"{month:%Y-%m}" for month in found]


@pytest.fixture
def home(tmp_path: Path, months: list[str]) -> Home:
    made = set_up(tmp_path / "home")
    load(made, "aggregate_submission", counts(f"N1,{months[2]},J05,3,4,"))
    return made


@pytest.fixture
def here(home: Home, tmp_path: Path, open_window: OpenWindow) -> Iterator[Window]:
    """The page on a phone, before any figure was published."""
    with serving(home, tmp_path / "log.txt") as server:
        here = open_window(server)
        here.page.set_viewport_size({"width": 390, "height": 844})
        yield here.go("monthly_counts?team=N1")
        here.close()
        assert "Traceback" not in server.said


def test_counts_are_typed_asked_about_and_kept(here: Window, home: Home, months: list[str]) -> None:
    expect(here.heading).to_contain_text("none of the five counts is in yet")
    expect(here.page.get_by_text("3 of 4")).to_be_visible()

    here.page.get_by_label(MEETINGS).fill("40")
    here.page.get_by_label("Out of: Team meetings held").fill("44")
    here.page.get_by_label("Your role").fill("team lead")
    here.page.get_by_role("button", name="Save", exact=True).click()
    expect(here.page.get_by_text("GP took part in team meetings: 40 now, 3 in")).to_be_visible()
    last_whole = datetime.date.fromisoformat(f"{months[1]}-01")
    assert last_whole not in counts_sent(home, "N1")

    here.page.get_by_text("Yes, that is right").click()
    here.page.get_by_role("button", name="Save", exact=True).click()

    expect(here.page.get_by_text("Saved.")).to_be_visible()
    expect(here.heading).to_contain_text("one of five counts is in")
    assert counts_sent(home, "N1")[last_whole]["J05"].numerator == 40


def test_a_part_above_its_whole_is_not_saved(here: Window, home: Home) -> None:
    here.page.get_by_label(MEETINGS).fill("5")
    here.page.get_by_label("Out of: Team meetings held").fill("4")
    here.page.get_by_role("button", name="Save", exact=True).click()

    expect(here.page.get_by_text("5 cannot be out of 4")).to_be_visible()
    assert len(counts_sent(home, "N1")) == 1


def test_a_weeks_days_are_typed_and_kept(here: Window, home: Home) -> None:
    here.page.get_by_text("This week's days on which staff could not go out").click()
    here.page.get_by_label("Days on which staff who visit people were at work", exact=True).fill(
        "60"
    )
    here.page.get_by_label("No car", exact=True).fill("3")
    here.page.get_by_role("button", name="Save the week").click()

    expect(here.page.get_by_text("Saved.")).to_be_visible()
    ((_, week),) = days_sent(home, "N1").items()
    assert week["no car"].numerator == 3


def test_nothing_scrolls_sideways_and_every_field_is_large_enough(here: Window) -> None:
    width = here.page.evaluate("document.documentElement.scrollWidth")

    assert width <= 390
    for field in here.page.locator("input[type=number]").all()[:4]:
        box = field.bounding_box()
        assert box is not None
        assert box["height"] >= 24
