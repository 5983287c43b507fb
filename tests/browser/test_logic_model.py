import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow


def test_columns_have_an_arrow_for_each_thing_that_leads_to_another(window: OpenWindow) -> None:
    here = window().go("logic_model?team=N2")

    expect(here.page.locator(".model.wide")).to_be_visible()
    nodes, arrows = here.page.locator(".model .node"), here.page.locator(".model .arrow")
    assert arrows.count() > nodes.count()
    expect(here.page.locator(".model .node.unmeasured").first).to_contain_text("not measured yet")


def test_the_arrows_of_a_node_come_forward_for_the_keyboard(window: OpenWindow) -> None:
    here = window().go("logic_model?team=N2")
    expect(here.page.locator(".arrows.above .arrow")).to_have_count(0)

    here.page.locator(".model a.row", has_text="People waiting").focus()

    expect(here.page.locator(".arrows.above .arrow").first).to_be_attached()


@pytest.mark.parametrize("width", [1280, 320])
def test_a_measure_leads_to_its_page_by_the_keyboard(window: OpenWindow, width: int) -> None:
    here = window(width=width).go("logic_model?team=N2")

    here.page.locator(".model a.row", has_text="People waiting").press("Enter")

    expect(here.heading).to_contain_text("North 2: more people than usual are waiting")
    assert here.path == "measure?measure=F02&team=N2"


def test_on_a_small_screen_it_is_a_list_that_says_what_leads_to_what(window: OpenWindow) -> None:
    here = window(width=320).go("logic_model?team=N2")

    expect(here.page.locator(".model .leads-to").first).to_be_visible()
    expect(here.page.locator(".model.wide")).to_have_count(0)
    expect(here.page.locator(".arrow")).to_have_count(0)
    assert here.page.evaluate("document.documentElement.scrollWidth") == 320
