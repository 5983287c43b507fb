from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import PAGES, OpenWindow, Window

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
THEMES = ("light", "dark")


def violations(here: Window) -> list[str]:
    found = Axe().run(here.page, options={"runOnly": {"type": "tag", "values": RULES}}).response
    assert len(found["passes"]) > 10
    return [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.fixture(
    scope="module", params=[(path, theme) for path in PAGES for theme in THEMES], ids=str
)
def here(open_window: OpenWindow, request: pytest.FixtureRequest) -> Iterator[Window]:
    """One of the pages in one of the themes."""
    path, theme = request.param
    here = open_window(theme=theme).go(path)
    yield here
    here.close()


def test_every_picture_says_what_it_shows_or_stands_beside_words_that_do(here: Window) -> None:
    for drawn in here.page.locator(".sign, .chart").all():
        named, hidden = drawn.get_attribute("aria-label"), drawn.get_attribute("aria-hidden")
        assert bool(named) != (hidden == "true")


def test_a_page_has_a_language_and_one_first_heading(here: Window) -> None:
    assert here.page.locator("html").get_attribute("lang") == "en"
    assert here.page.get_by_role("heading", level=1).count() == 1


@pytest.mark.parametrize("width", [1280, 320])
def test_no_rule_of_wcag_is_broken_on_any_screen_in_any_theme(here: Window, width: int) -> None:
    here.page.set_viewport_size({"width": width, "height": 900})

    if here.path.startswith("partnership"):
        shown = ".matrix" if width > 1000 else ".as-list"
        expect(here.page.locator(shown)).to_be_visible()
    assert violations(here) == []


def test_no_rule_is_broken_by_an_open_table_an_open_list_or_an_opened_passage(
    window: OpenWindow,
) -> None:
    here = window().go("measure?measure=F02&team=N2")
    here.page.get_by_text("The figures as a table").click()
    expect(here.page.get_by_role("table")).to_be_visible()
    assert violations(here) == []

    here.page.get_by_role("combobox", name="Where").click()
    expect(here.page.get_by_role("listbox")).to_be_visible()
    assert violations(here) == []

    here.go("team?team=N2")
    here.page.get_by_text("How to find these people").first.click()
    assert violations(here) == []


def test_the_large_chart_is_told_in_words(window: OpenWindow) -> None:
    here = window().go("measure?measure=F02&team=N2")

    told = here.page.get_by_role("figure", name="Chart of every figure. People waiting, North 2")
    expect(told).to_have_count(1)
