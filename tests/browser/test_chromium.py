import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.browser import chromium


class Machine:
    """A machine with some browsers, on which commands put others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.on_the_path: dict[str, str] = {}
        self.broken: set[str] = set()
        self.own = folder / "playwright" / "chrome"
        self.effects: dict[str, Callable[[], None]] = {}
        self.carried_out: list[str] = []

    def put(self, path: Path, *, starts: bool = True) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
        if not starts:
            self.broken.add(str(path))
        return path

    def put_on_the_path(self, name: str, *, starts: bool = True) -> Path:
        path = self.put(self.folder / "bin" / name, starts=starts)
        self.on_the_path[name] = str(path)
        return path

    def run(self, command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        if command == chromium.ASK_PLAYWRIGHT:
            return subprocess.CompletedProcess(command, 0, f"{self.own}\n", "")
        if command[-1] == "--version":
            works = command[0] not in self.broken
            return subprocess.CompletedProcess(command, 0 if works else 127, "Chromium 1", "")
        said = " ".join(command[:2]) if command[0] == "apt-get" else "playwright"
        self.carried_out.append(said)
        effect = self.effects.get(said)
        if effect is None:
            return subprocess.CompletedProcess(command, 1, "", "")
        effect()
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    there = Machine(tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: there.on_the_path.get(name))
    monkeypatch.setattr(subprocess, "run", there.run)
    monkeypatch.setattr(chromium, "may_use_apt_get", lambda: False)
    monkeypatch.setattr(chromium, "WINDOWS", False)
    return there


@pytest.fixture
def debian(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(chromium, "may_use_apt_get", lambda: True)
    machine.effects["apt-get update"] = lambda: None
    machine.effects["apt-get install"] = lambda: machine.put_on_the_path("chromium") and None
    return machine


def test_one_on_the_path_is_used_and_nothing_is_fetched(debian: Machine) -> None:
    path = debian.put_on_the_path("google-chrome")

    assert chromium.install() == path
    assert debian.carried_out == []


def test_one_that_does_not_start_is_passed_over(machine: Machine) -> None:
    machine.put_on_the_path("chromium", starts=False)
    path = machine.put_on_the_path("google-chrome")

    assert chromium.executable() == path


def test_the_one_that_playwright_has_already_is_used(machine: Machine) -> None:
    machine.put(machine.own)

    assert chromium.install() == machine.own
    assert machine.carried_out == []


def test_playwright_is_asked_to_download_one_before_apt_get(debian: Machine) -> None:
    debian.effects["playwright"] = lambda: debian.put(debian.own) and None

    assert chromium.install() == debian.own
    assert debian.carried_out == ["playwright"]


def test_a_refused_download_leads_to_apt_get(debian: Machine) -> None:
    assert chromium.install() == Path(debian.on_the_path["chromium"])
    assert debian.carried_out == ["playwright", "apt-get update", "apt-get install"]


def test_a_download_that_lacks_a_library_leads_to_apt_get(debian: Machine) -> None:
    debian.effects["playwright"] = lambda: debian.put(debian.own, starts=False) and None

    assert chromium.install() == Path(debian.on_the_path["chromium"])


def test_where_none_can_be_had_it_says_so(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chromium.main() == 1
    assert "none could be fetched" in capsys.readouterr().err
    assert machine.carried_out == ["playwright"]


def test_looking_for_one_fetches_nothing_and_says_how_to(machine: Machine) -> None:
    with pytest.raises(chromium.NoBrowserError, match=r"python tests/browser/chromium\.py"):
        chromium.executable()
    assert machine.carried_out == []


def test_the_browser_found_is_printed(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    path = machine.put_on_the_path("chromium")

    assert chromium.main() == 0
    assert f"{path} (Chromium 1)" in capsys.readouterr().out
