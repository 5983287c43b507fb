"""Work in a process of its own, with limits that nothing in it can get round.

A query can go on long after it was told to stop, and take more memory than it was allowed; a
process cannot. The system holds it to its memory, its time of computing and to writing no file.
Where a system has no such limits, as Windows has none, the watchdog still ends it in time.
"""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from data.errors import DataError

try:
    import resource
except ImportError:  # Windows
    resource = None

PROJECT = Path(__file__).resolve().parent.parent
OUT_OF_MEMORY, OUT_OF_TIME = 71, 72
# How a process ends that was stopped by a limit: at its time of computing, or where memory that
# it had to have was refused, which most parts in C answer by giving up.
SIGNAL_OF_TIME, SIGNALS_OF_MEMORY = -24, (-6, -9, -11)
_START = "import sys; sys.path.insert(0, sys.argv[1]); from data.limited import work; work()"


class LimitError(DataError):
    """Work took more than it was allowed and was stopped; nothing came of it."""


@dataclass(frozen=True)
class Limits:
    """What a process may use.

    Attributes:
        seconds: Until the watchdog ends it, whatever it does.
        cpu_seconds: Time of computing, on all its processors together.
        memory_bytes: Of address space: more than it ever really uses.
        by_system: Whether the system is asked to hold it to these, where it can.
    """

    seconds: float = 60.0
    cpu_seconds: int = 120
    memory_bytes: int = 3 * 1024**3
    by_system: bool = True


def run_limited(function: str, given: str, limits: Limits) -> str:
    """Return what a function makes of a text, run in a fresh process.

    Args:
        function: "package.module:function", which takes a text and returns one.
        given: The text.
        limits: What it may use.

    Raises:
        LimitError: If it was stopped at a limit.
        RuntimeError: If it failed, which is a bug of ours; with what it wrote about that.
    """
    # Nothing of this process's surroundings is handed on but what Windows needs to start at all.
    needed = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    process = subprocess.Popen(
        [
            *(sys.executable, "-I", "-B", "-X", "utf8", "-c", _START),
            *(str(PROJECT), function, json.dumps(asdict(limits))),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**needed, "OPENBLAS_NUM_THREADS": "1"},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    with process:
        try:
            made, said = process.communicate(given, timeout=limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise LimitError(_TOO_LONG) from error
        finally:
            # Also where this process is interrupted while it waits; one that ended is ended.
            process.kill()
    ended = process.returncode
    if ended in (OUT_OF_TIME, SIGNAL_OF_TIME):
        raise LimitError(_TOO_LONG)
    if ended == OUT_OF_MEMORY or ended in SIGNALS_OF_MEMORY:
        raise LimitError(_TOO_MUCH)
    if ended:
        raise RuntimeError(said)
    return made


_TOO_LONG = "it took too long and was stopped"
_TOO_MUCH = "it needed too much memory and was stopped"


def work() -> None:
    """Do what this process was started for, and end it."""
    _, _, function, said = sys.argv
    limits = Limits(**json.loads(said))
    if limits.by_system:
        _hold_to(limits)
    answer = sys.stdout
    # What a library prints is no part of the answer.
    sys.stdout = sys.stderr
    try:
        module, _, name = function.partition(":")
        run: Callable[[str], str] = getattr(importlib.import_module(module), name)
        answer.write(run(sys.stdin.read()))
        answer.flush()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except TimeoutError:
        os._exit(OUT_OF_TIME)


def _hold_to(limits: Limits) -> None:
    if resource is None:
        return
    # No file is written: not even an empty one can grow.
    wanted = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        # A second more until it is killed: before, it is told that its time is up, and ends so.
        hard = most + 1 if kind == resource.RLIMIT_CPU else most
        try:
            resource.setrlimit(kind, (most, hard))
        except (ValueError, OSError):
            # macOS knows the limit of address space and refuses it: the watchdog remains.
            continue
