"""Find a Chromium for the browser tests, or fetch one: `python tests/browser/chromium.py`.

One on the PATH is used as it is; else the one that Playwright keeps for itself, downloaded if need
be; else, as root on Debian, the one of apt-get. Tests ask for `executable()` and fetch nothing.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN = Path("/etc/debian_version")
# There, asking a browser for its version opens a window.
WINDOWS = os.name == "nt"

Command = Sequence[str]
# A browser that asks nothing of anybody but the page it shows. As root there is no sandbox.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DOWNLOAD: Command = (sys.executable, "-m", "playwright", "install", "chromium")
# The fonts are for what the pages do not bring themselves: without any, text is left out.
APT_GET: tuple[Command, ...] = (
    ("apt-get", "update", "-q"),
    ("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-liberation"),
)
# Asked of another process: in this one a test may be driving a browser already.
ASK_PLAYWRIGHT: Command = (
    sys.executable,
    "-c",
    "from playwright.sync_api import sync_playwright as start\n"
    "with start() as playwright: print(playwright.chromium.executable_path)",
)
NONE_HERE = (
    "There is no Chromium here that starts, so the browser tests cannot run. Get one with"
    " `python tests/browser/chromium.py`, or install Chromium or Google Chrome and put it on the"
    " PATH."
)
NONE_TO_BE_HAD = (
    "There is no Chromium here that starts, and none could be fetched: not by Playwright's download"
    " and not by apt-get, which needs root and Debian. Install Chromium or Google Chrome, put it on"
    " the PATH, and try again."
)


class NoBrowserError(Exception):
    """There is no Chromium that starts; the message says what to do."""


def executable() -> Path:
    """Return a Chromium that starts.

    Raises:
        NoBrowserError: If there is none; nothing is fetched.
    """
    for path in _known():
        if _starts(path):
            return path
    raise NoBrowserError(NONE_HERE)


def install() -> Path:
    """Return a Chromium that starts, fetched where there is none.

    Raises:
        NoBrowserError: If none can be had.
    """
    for commands in ((), (DOWNLOAD,), APT_GET if may_use_apt_get() else ()):
        if not all(_carried_out(command) for command in commands):
            continue
        try:
            return executable()
        except NoBrowserError:
            continue
    raise NoBrowserError(NONE_TO_BE_HAD)


def may_use_apt_get() -> bool:
    """Return whether packages can be installed here: by root, on Debian."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and DEBIAN.exists() and shutil.which("apt-get") is not None


def _known() -> Iterator[Path]:
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            yield Path(found)
    asked = subprocess.run(ASK_PLAYWRIGHT, capture_output=True, text=True, check=False)
    if asked.returncode == 0:
        yield Path(asked.stdout.strip())


def _starts(path: Path) -> bool:
    """Return whether a browser is there and says its version; a lacking library shows here."""
    if not path.is_file():
        return False
    return WINDOWS or _version(path) is not None


def _version(path: Path) -> str | None:
    try:
        asked = subprocess.run(
            (str(path), "--version"), capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None


def _carried_out(command: Command) -> bool:
    print(f"$ {' '.join(command)}", flush=True)
    asking_nothing = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, check=False, env=asking_nothing).returncode == 0


def main() -> int:
    """Print the browser that the tests will use; 1 if there is none to be had."""
    try:
        found = install()
    except NoBrowserError as error:
        print(error, file=sys.stderr)
        return 1
    version = None if WINDOWS else _version(found)
    print(f"Browser for the tests: {found}" + (f" ({version})" if version else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
