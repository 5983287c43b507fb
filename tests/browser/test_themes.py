import pytest
from playwright.sync_api import Locator, expect

from dashboard.charts.palette import DARK, LIGHT, Palette
from tests.browser.conftest import OpenWindow, Theme, Window

PALETTES: dict[Theme, Palette] = {"light": LIGHT, "dark": DARK}
each_theme = pytest.mark.parametrize("theme", PALETTES)


def colour(of: Locator, name: str) -> str:
    red, green, blue = of.evaluate(
        "(part, name) => getComputedStyle(part)[name].match(/[\\d.]+/g).slice(0, 3)", name
    )
    return f"#{int(red):02X}{int(green):02X}{int(blue):02X}"


def assert_dressed(here: Window, palette: Palette) -> None:
    assert colour(here.page.locator(".stApp"), "backgroundColor") == palette.paper
    assert colour(here.heading, "color") == palette.ink
    assert colour(here.page.locator(".cm-question"), "color") == palette.quiet


@each_theme
def test_signs_have_the_colours_of_their_theme(window: OpenWindow, theme: Theme) -> None:
    here, palette = window(theme=theme).go("partnership"), PALETTES[theme]

    assert_dressed(here, palette)
    north_2 = here.page.locator(".matrix tr", has_text="North 2")
    for role in ("concern", "usual", "neutral"):
        path = north_2.locator(f".sign.{role} path").first
        name = "stroke" if role == "usual" else "fill"
        assert colour(path, name) == palette.of(role)


@each_theme
def test_cards_and_small_charts_have_the_colours_of_their_theme(
    window: OpenWindow, theme: Theme
) -> None:
    here, palette = window(theme=theme).go("team?team=N2"), PALETTES[theme]

    assert_dressed(here, palette)
    assert colour(here.page.locator(".card").first, "backgroundColor") == palette.card
    chart = here.page.locator(".card .chart").first
    assert colour(chart.locator(".mark.concern").first, "fill") == palette.concern
    assert colour(chart.locator(".mark.improvement").first, "fill") == palette.improvement
    assert colour(chart.locator(".mean").first, "stroke") == palette.ink


@each_theme
def test_the_large_chart_has_the_colours_of_its_theme(window: OpenWindow, theme: Theme) -> None:
    here, palette = window(theme=theme).go("measure?measure=W01&team=N2"), PALETTES[theme]

    assert_dressed(here, palette)
    plot = here.page.locator(".js-plotly-plot")
    assert colour(plot.locator(".main-svg").first, "backgroundColor") == palette.card
    fills = {colour(mark, "fill") for mark in plot.locator(".scatterlayer .points path").all()}
    assert fills == {palette.usual, palette.improvement, palette.concern}


@each_theme
def test_the_start_page_has_the_colours_of_its_theme(window: OpenWindow, theme: Theme) -> None:
    here, palette = window(theme=theme).go(), PALETTES[theme]

    assert_dressed(here, palette)
    door = here.page.locator('[class*="st-key-door-"]').first
    assert colour(door, "backgroundColor") == palette.card


def test_shapes_say_what_colours_say_where_colours_are_taken_away(window: OpenWindow) -> None:
    here = window()
    here.page.emulate_media(forced_colors="active")
    here.go("partnership")

    north_2 = here.page.locator(".matrix tr", has_text="North 2")
    for role in ("concern", "neutral", "usual"):
        expect(north_2.locator(f".sign.{role}").first).to_be_visible()
        path = north_2.locator(f".sign.{role} path").first
        name = "stroke" if role == "usual" else "fill"
        assert colour(path, name) != colour(here.page.locator(".stApp"), "backgroundColor")
