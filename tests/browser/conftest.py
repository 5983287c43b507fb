import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from dashboard.visit import FILES
from data.home import Home
from tests.browser import chromium
from tests.browser.serving import HOST, Server, serving

# Each page, with what it needs to have something to show.
PAGES = (
    "",
    "partnership",
    "team?team=N2",
    "measure?measure=F02&team=N2",
    "logic_model?team=N2",
    "monthly_counts?team=N2",
    "data_health",
)
# Streamlit's own: below a page's address it first looks here for its server, in vain.
LOOKED_FOR_IN_VAIN = re.compile(rf"/({'|'.join(FILES)})/_stcore/(health|host-config)")
SECONDS = 20


class Window:
    """A browser window on the dashboard, with everything it asked for and complained of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.asked_of: list[str] = []
        self.trouble: list[str] = []
        page.set_default_timeout(SECONDS * 1000)
        expect.set_options(timeout=SECONDS * 1000)
        page.on("request", lambda request: self.asked_of.append(request.url))
        page.on("websocket", lambda socket: self.asked_of.append(socket.url))
        page.on("console", self._complained)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("dialog", lambda dialog: (self.trouble.append(dialog.message), dialog.dismiss()))

    def _complained(self, message: ConsoleMessage) -> None:
        expected = LOOKED_FOR_IN_VAIN.fullmatch(urlsplit(message.location["url"]).path)
        if message.type == "error" and not (expected and "404" in message.text):
            self.trouble.append(f"{message.text} ({message.location['url']})")

    def go(self, path: str = "") -> "Window":
        """Open an address of the dashboard, as a link from elsewhere would."""
        self.page.goto(f"{self.address}/{path}")
        return self.settled()

    def settled(self) -> "Window":
        """Wait until everything is drawn and nothing is being worked out."""
        expect(self.page.locator("h1.cm-sentence")).to_be_visible()
        expect(self.page.locator('.stApp[data-test-script-state="notRunning"]')).to_be_attached()
        expect(self.page.locator('[data-testid="stSkeleton"]')).to_have_count(0)
        expect(self.page.locator('[data-stale="true"]')).to_have_count(0)
        return self

    def choose(self, label: str, option: str) -> "Window":
        """Choose an option from the list with a label: in a long one, by typing its name."""
        field = self.page.get_by_role("combobox", name=label)
        field.click()
        field.press_sequentially(option)
        self.page.get_by_role("option", name=option, exact=True).click()
        return self

    def navigate(self, name: str) -> "Window":
        """Follow one of the links between the pages."""
        self.page.get_by_test_id("stTopNavLink").get_by_text(name, exact=True).click()
        return self

    @property
    def heading(self) -> Locator:
        return self.page.locator("h1.cm-sentence")

    @property
    def sentence(self) -> str:
        return self.heading.inner_text()

    @property
    def path(self) -> str:
        """The address as it stands, without the server."""
        return self.page.url.removeprefix(f"{self.address}/")

    def close(self) -> None:
        """Close it, having asserted that nothing left this machine and nothing went wrong."""
        if self.page.is_closed():
            return
        elsewhere = {
            url
            for url in self.asked_of
            if urlsplit(url).scheme in ("http", "https", "ws", "wss")
            and urlsplit(url).hostname not in (HOST, "localhost")
        }
        assert elsewhere == set()
        assert self.trouble == []
        for kind in ("stException", "stAlert", "stConnectionStatus", "stDialog"):
            assert self.page.get_by_test_id(kind).count() == 0, kind
        self.page.close()


Theme = Literal["light", "dark"]
OpenWindow = Callable[..., Window]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable(), args=list(chromium.QUIET)
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> dict[Theme, BrowserContext]:
    """A browser for each theme, which keeps the dashboard's scripts for the windows to come."""
    themes: tuple[Theme, ...] = ("light", "dark")
    return {theme: browser.new_context(color_scheme=theme) for theme in themes}


@pytest.fixture(scope="session")
def server(city: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The fictional city, served once for all tests that only look."""
    log: Path = tmp_path_factory.mktemp("server") / "log.txt"
    with serving(city, log) as server:
        yield server
    assert "Traceback" not in server.said


@pytest.fixture(scope="session")
def open_window(
    contexts: dict[Theme, BrowserContext], request: pytest.FixtureRequest
) -> OpenWindow:
    """Return a way to open windows, which whoever opens them closes."""

    def open_window(
        at: Server | None = None,
        width: int = 1280,
        height: int = 900,
        theme: Theme = "light",
    ) -> Window:
        at = at or request.getfixturevalue("server")
        page = contexts[theme].new_page()
        page.set_viewport_size({"width": width, "height": height})
        return Window(page, at.address)

    return open_window


@pytest.fixture
def window(open_window: OpenWindow) -> Iterator[OpenWindow]:
    """Return a way to open windows; whatever was opened must have stayed well to the end."""
    opened: list[Window] = []

    def open_another(*where: Server, **how: Any) -> Window:
        opened.append(open_window(*where, **how))
        return opened[-1]

    yield open_another
    for one in opened:
        one.close()
