"""A real browser, and what it saw of a page: times from the browser's own clock, in seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLateError

from tests.browser.chromium import QUIET, executable

WATCH = Path(__file__).with_name("watch.js")
# A page is finished when it has looked the same for this many frames, about a second.
STILL_FRAMES = 60
LONGEST_WAIT_SECONDS = 60
# Of a row of buttons, those that are not chosen already.
BUTTON = '[role="radio"]:not([aria-checked="true"])'


@dataclass(frozen=True)
class Painted:
    """When a page was painted, counted from the moment it was asked for."""

    heading: float
    all_of_it: float


class NeverCompleteError(Exception):
    """A page that was not complete within the longest wait; the message says what it showed."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser that is running already: its start is no part of any page's time.

    Raises:
        tests.browser.chromium.NoBrowserError: If there is none.
    """
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def new_visitor(browser: Browser) -> Iterator[Page]:
    """Yield a page of a browser whose cache is empty."""
    with browser.new_context() as context:
        context.set_default_timeout(LONGEST_WAIT_SECONDS * 1000)
        context.add_init_script(path=WATCH)
        yield context.new_page()


def visit(page: Page, url: str, draws: str) -> Painted:
    """Open an address and return when its first sentence and the last of it were painted.

    Args:
        page: From `new_visitor`.
        url: The address.
        draws: A selector of the drawings without which the page is not complete; '' for none.

    Raises:
        NeverCompleteError: If the page was not complete in good time.
    """
    page.goto(url, wait_until="commit")
    _wait_until_still(page, draws)
    heading, all_of_it = page.evaluate("[benchmark.heading, benchmark.changed]")
    return Painted(heading / 1000, all_of_it / 1000)


def choose(page: Page, parameter: str) -> float:
    """Choose what comes next in one of the page's lists; return how long the page took to follow.

    Raises:
        NeverCompleteError: If the page did not follow in good time.
    """
    place = page.locator(f".st-key-choose_{parameter}")
    in_list = place.locator('[role="combobox"]')
    if in_list.count():
        # By keyboard: a long list still moves to what is chosen while it is being opened.
        in_list.click()
        page.locator('[role="option"]').first.wait_for()
        in_list.press("ArrowDown")
        in_list.press("Enter")
    else:
        place.locator(BUTTON).first.click()
    _wait(page, "() => benchmark.changed > benchmark.chosen")
    _wait_until_still(page)
    chosen, changed = page.evaluate("[benchmark.chosen, benchmark.changed]")
    return (changed - chosen) / 1000


def _wait_until_still(page: Page, draws: str = "") -> None:
    _wait(
        page,
        "([frames, draws]) => window.benchmark && benchmark.heading !== null"
        " && benchmark.still >= frames && !benchmark.running()"
        " && (!draws || benchmark.draws(draws))",
        [STILL_FRAMES, draws],
    )


def _wait(page: Page, until: str, *values: object) -> None:
    try:
        page.wait_for_function(until, arg=values[0] if values else None)
    except TooLateError as error:
        shown = page.evaluate("document.body.innerText.trim().split('\\n', 1)[0]")
        raise NeverCompleteError(
            f"not complete after {LONGEST_WAIT_SECONDS} s; it began with {shown!r}"
        ) from error
