"""The dashboard as a process of its own, as people start it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dashboard
from data.home import ENVIRONMENT_VARIABLE, Home

HOST = "127.0.0.1"
APP = Path(dashboard.__file__).with_name("app.py")
SECONDS_TO_START = 60
SECONDS_TO_END = 20


@dataclass(frozen=True)
class Server:
    """A dashboard that answers."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def said(self) -> str:
        """What it has written so far."""
        return self.log.read_text(encoding="utf-8")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return what it returned."""
        self.process.send_signal(how)
        return self.process.wait(SECONDS_TO_END)


def free_port() -> int:
    """Return a port that nothing uses."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return listener.getsockname()[1]


def answers(host: str, port: int) -> bool:
    """Return whether anything listens there."""
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex((host, port)) == 0


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Return as soon as a condition holds.

    Raises:
        TimeoutError: If it does not in this time.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)


@contextlib.contextmanager
def serving(
    home: Home, log: Path, command: Sequence[str] = (), port: int = 0, **environment: str
) -> Iterator[Server]:
    """Start the dashboard on a partnership, wait until it answers, and end it afterwards.

    Args:
        home: The partnership's folder.
        log: Where what it writes is kept.
        command: How to start it; else as `python -m dashboard --home … --port …`.
        port: The port it will use; else a free one.
        environment: Variables to set for it.
    """
    port = port or free_port()
    usual = ("-m", "dashboard", "--home", str(home.path), "--port", str(port))
    surroundings = {
        name: value
        for name, value in os.environ.items()
        if name not in (ENVIRONMENT_VARIABLE, "PORT")
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *(command or usual)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**surroundings, **environment},
            cwd=log.parent,
        )
    server = Server(process, port, log)
    try:
        wait_until(lambda: _is_well(server), SECONDS_TO_START, "the dashboard did not start")
        yield server
    finally:
        if process.poll() is None:
            server.end()


def _is_well(server: Server) -> bool:
    assert server.process.poll() is None, server.said
    if not answers(HOST, server.port):
        return False
    with urllib.request.urlopen(f"{server.address}/_stcore/health", timeout=5) as reply:
        return reply.read() == b"ok"
