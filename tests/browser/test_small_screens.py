import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PAGES, OpenWindow, Window

SMALL = 320
# Everything that can be clicked or chosen, also inside drawings, with the size of what is clicked.
CLICKABLE = """() => {
  const found = [];
  const look = (root) => {
    for (const part of root.querySelectorAll("*")) {
      if (part.shadowRoot) look(part.shadowRoot);
      if (!part.matches("a, button, summary, [role=combobox]")) continue;
      if (part.closest("[data-testid=stSkipToContent], [data-testid=stSidebar]")) continue;
      // A list and a tile are clicked as a whole.
      const whole = part.matches("[role=combobox]") && part.closest(".react-aria-ComboBox > div");
      const target = whole || (part.matches(".tile-title") && part.closest(".tile")) || part;
      const { width, height } = target.getBoundingClientRect();
      const isButton = part.matches("button, summary, [role=combobox]");
      const isInside = part.matches("[role=combobox] ~ *, .react-aria-ComboBox button");
      if (width && !isInside) {
        found.push({ what: part.innerText || part.ariaLabel, width, height, isButton });
      }
    }
  };
  look(document);
  return found;
}"""


def clickable(page: Any) -> list[dict[str, Any]]:
    found = page.evaluate(CLICKABLE)
    assert len(found) >= 3
    return found


@pytest.fixture(scope="module", params=PAGES)
def here(open_window: OpenWindow, request: pytest.FixtureRequest) -> Iterator[Window]:
    """One of the pages on a small screen, as the test before left it."""
    here = open_window(width=SMALL, height=568).go(request.param)
    yield here
    here.close()


def test_the_first_sentence_is_seen_without_scrolling(here: Window) -> None:
    expect(here.heading).to_be_in_viewport(ratio=1)


def test_nothing_scrolls_sideways(here: Window) -> None:
    if here.path.startswith("measure"):
        here.page.get_by_text("The figures as a table").click()
        expect(here.page.get_by_role("table")).to_be_visible()
    widths = here.page.evaluate(
        "[document.documentElement, document.querySelector('.stMain')].map(e => e.scrollWidth)"
    )
    assert max(widths) <= SMALL


def test_what_can_be_clicked_is_large_enough_for_a_thumb(here: Window) -> None:
    for one in clickable(here.page):
        least = 44 if one["isButton"] else 24
        assert one["height"] >= least, one
        assert one["width"] >= 24, one


def test_on_a_large_screen_it_is_large_enough_for_a_mouse(here: Window) -> None:
    here.page.set_viewport_size({"width": 1280, "height": 900})

    expect(here.page.get_by_test_id("stTopNavLink").first).to_be_visible()
    for one in clickable(here.page):
        assert min(one["height"], one["width"]) >= 24, one


def test_the_matrix_becomes_a_list_of_teams_in_words(window: OpenWindow) -> None:
    here = window(width=SMALL).go("partnership")

    expect(here.page.locator(".matrix")).to_have_count(0)
    expect(here.page.locator(".as-list .entry")).to_have_count(12)
    north_2 = here.page.locator(".as-list .entry", has_text="North 2")
    expect(north_2).to_contain_text("two kinds disagree")
    expect(north_2).to_contain_text("People waiting: worse than usual, higher")
    expect(north_2).to_contain_text(re.compile(r"\w+ as usual, \w+ too new to say"))

    here.page.set_viewport_size({"width": 1280, "height": 900})
    expect(here.page.locator(".matrix")).to_be_visible()


def test_a_line_of_the_list_leads_where_its_cell_would(window: OpenWindow) -> None:
    here = window(width=SMALL).go("partnership")

    here.page.locator(".as-list .row", has_text="Emergency admissions").first.click()

    expect(here.page).to_have_url(f"{here.address}/measure?measure=H01&team=N2")
    expect(here.heading).to_contain_text("North 2: ")


@pytest.mark.parametrize(
    ("path", "chart"),
    [
        ("team?team=N2", ".tile .chart"),
        ("team?team=N2", ".card .chart"),
        ("measure?measure=F02&team=N2", '[data-testid="stPlotlyChart"]'),
    ],
)
def test_charts_are_as_wide_as_the_column(window: OpenWindow, path: str, chart: str) -> None:
    here = window(width=SMALL).go(path)

    box = here.page.locator(chart).first.bounding_box()

    assert box is not None
    # The rest is paper on both sides, and the padding of a card.
    assert box["width"] >= SMALL * 3 / 4
    assert box["x"] + box["width"] <= SMALL


def test_the_pages_are_behind_one_button(window: OpenWindow) -> None:
    here = window(width=SMALL).go()

    here.page.get_by_test_id("stExpandSidebarButton").click()
    link = here.page.get_by_test_id("stSidebarNavLink").get_by_text("Partnership", exact=True)
    expect(link).to_be_in_viewport()
    for one in here.page.get_by_test_id("stSidebarNavLink").all():
        box = one.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    link.click()

    expect(here.heading).to_contain_text("In North 2, emergency admissions fell")
    expect(here.heading).to_be_in_viewport()
