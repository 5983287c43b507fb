"""The dashboard as a process of its own, as `make run` starts it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

HOST = "127.0.0.1"
LONGEST_START_SECONDS = 60
LONGEST_END_SECONDS = 10
PAUSE_SECONDS = 0.01
# A proxy for the world is no way to this machine.
_opener = build_opener(ProxyHandler({}))


@contextmanager
def dashboard(home: Path) -> Iterator[str]:
    """Yield the address of a dashboard that answers, with nothing in its caches yet."""
    port = _free_port()
    command = [sys.executable, "-m", "dashboard", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://{HOST}:{port}"
        _wait_for(address, process)
        yield address
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(LONGEST_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    latest = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < latest:
        if process.poll() is not None:
            raise RuntimeError(f"The dashboard ended at once, with status {process.returncode}.")
        try:
            with _opener.open(f"{address}/_stcore/health", timeout=LONGEST_START_SECONDS):
                return
        except (URLError, ConnectionError):
            time.sleep(PAUSE_SECONDS)
    raise RuntimeError(f"The dashboard did not answer within {LONGEST_START_SECONDS} s.")
