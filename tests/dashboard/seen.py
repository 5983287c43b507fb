"""The dashboard run in this process, as Streamlit's own test tool runs it."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.selection import PageName
from dashboard.visit import FILES
from data.home import ENVIRONMENT_VARIABLE, Home

APP = Path(dashboard.__file__).with_name("app.py").resolve()


class Dashboard:
    """The app as one person sees it."""

    def __init__(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(home.path))
        self.app = AppTest.from_file(str(APP), default_timeout=30).run()
        self.assert_well()

    def open(self, page: PageName, **params: str) -> "Dashboard":
        """Go to a page, as a link with these parameters would."""
        self.app.query_params.clear()
        self.app.query_params.update(params)
        self.app.switch_page(FILES[page]).run()
        self.assert_well()
        return self

    def choose(self, label: str, option: str) -> None:
        """Choose something from the list or the row of buttons with a label."""
        widgets = [*self.app.selectbox, *self.app.get("button_group")]
        (widget,) = [one for one in widgets if one.label == label]
        widget.set_value(option).run()
        self.assert_well()

    def assert_well(self) -> None:
        assert not self.app.exception, [error.message for error in self.app.exception]

    def board(self, kind: str) -> dict[str, Any]:
        """Return what one of the page's drawings shows."""
        drawn = [json.loads(element.proto.json) for element in self.app.get("bidi_component")]
        (found,) = [one["board"] for one in drawn if one.get("kind") == kind]
        return found

    @property
    def address(self) -> dict[str, str]:
        """The parameters that the browser is told to complete the address with."""
        drawn = [json.loads(element.proto.json) for element in self.app.get("bidi_component")]
        (found,) = [one["params"] for one in drawn if "params" in one]
        return found

    @property
    def html(self) -> str:
        return "\n".join(element.proto.body for element in self.app.get("html"))

    @property
    def first_sentence(self) -> str:
        (heading,) = re.findall(r"<h1[^>]*>(.*?)</h1>", self.html)
        return unescape(heading)

    @property
    def words(self) -> str:
        """Everything that is written on the page outside its drawings, as plain text."""
        return unescape(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<style.*?</style>", "", self.html)))
