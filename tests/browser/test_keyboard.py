from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow, Window

# What has the focus, inside drawings too, and whether a ring around it says so.
FOCUSED = """() => {
  let part = document.activeElement;
  while (part?.shadowRoot?.activeElement) part = part.shadowRoot.activeElement;
  const hasRing = (style) => style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 3;
  return {
    text: (part.innerText || part.ariaLabel || "").trim(),
    kind: part.dataset.testid || part.className || part.localName,
    seen: hasRing(getComputedStyle(part)) || hasRing(getComputedStyle(part, "::after")),
  };
}"""


def tab_until(here: Window, reached: Callable[[dict[str, Any]], bool], at_most: int) -> list[Any]:
    """Press Tab until something has the focus, and return all that had it on the way."""
    passed: list[dict[str, Any]] = []
    for _ in range(at_most):
        here.page.keyboard.press("Tab")
        passed.append(here.page.evaluate(FOCUSED))
        if reached(passed[-1]):
            return passed
    raise AssertionError([one["text"] or one["kind"] for one in passed])


def test_tab_goes_through_pages_filters_and_cells_and_can_be_seen(window: OpenWindow) -> None:
    here = window().go("partnership")

    passed = tab_until(here, lambda one: "cell" in one["kind"], at_most=40)

    texts = [one["text"] for one in passed]
    reached = ["Start", "Partnership", "Team", "Measure", "Locality", "New referrals", "Central 1"]
    places = [texts.index(text) for text in reached]
    assert places == sorted(places)
    assert [one for one in passed if not one["seen"]] == []


def test_enter_on_a_cell_leads_to_its_measure(window: OpenWindow) -> None:
    here = window().go("partnership")
    tab_until(here, lambda one: "cell" in one["kind"], at_most=40)

    here.page.keyboard.press("Enter")

    expect(here.page).to_have_url(f"{here.address}/measure?measure=X01&team=C1")
    expect(here.heading).to_contain_text("Central 1: answers that the experience was good")


def test_a_list_can_be_opened_and_chosen_from_with_the_keyboard_alone(window: OpenWindow) -> None:
    here = window().go("team")
    tab_until(here, lambda one: one["text"] == "Team" and one["kind"] != "stTopNavLink", at_most=12)

    # The first press opens the list below what is chosen.
    here.page.keyboard.press("ArrowDown")
    expect(here.page.get_by_role("listbox")).to_be_visible()
    here.page.keyboard.press("ArrowDown")
    here.page.keyboard.press("Enter")

    expect(here.page).to_have_url(f"{here.address}/team?team=C3")


def test_the_kind_of_measure_can_be_chosen_with_the_keyboard_alone(window: OpenWindow) -> None:
    here = window().go("partnership")
    tab_until(here, lambda one: one["text"] == "Both", at_most=20)

    here.page.keyboard.press("ArrowRight")
    here.page.keyboard.press("Space")

    expect(here.page.locator(".matrix .title")).to_have_count(3)


@pytest.mark.parametrize(
    ("path", "last", "at_most"),
    [
        ("", "Look at North 2", 20),
        ("team?team=N2", "Length of hospital stay", 40),
        ("measure?measure=F02&team=N2", "South 4", 40),
    ],
)
def test_everything_on_a_page_is_reached_and_can_be_seen(
    window: OpenWindow, path: str, last: str, at_most: int
) -> None:
    here = window().go(path)

    passed = tab_until(here, lambda one: one["text"] == last, at_most)

    assert [one for one in passed if not one["seen"]] == []


def test_the_first_stop_leads_past_the_navigation(window: OpenWindow) -> None:
    here = window().go("partnership")

    here.page.keyboard.press("Tab")

    assert here.page.evaluate(FOCUSED)["text"] == "Skip to main content"
