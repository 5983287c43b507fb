import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from data import limited
from data.limited import LimitError, Limits, run_limited

LIMITS = Limits(seconds=30, cpu_seconds=30, memory_bytes=1024**3)


def run(name: str, given: str = "", limits: Limits = LIMITS) -> str:
    return run_limited(f"tests.data.runaways:{name}", given, limits)


def test_a_text_comes_back_and_what_libraries_print_is_no_part_of_it() -> None:
    assert run("echo", "“naïve”\n2") == "2\n”evïan“"


def test_nothing_of_our_surroundings_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_PASSWORD", "secret")

    names = json.loads(run("surroundings"))

    assert "A_PASSWORD" not in names
    assert set(names) <= {"OPENBLAS_NUM_THREADS", "LC_CTYPE", "SYSTEMROOT"}


@pytest.mark.parametrize("name", ["spins", "sleeps"])
@pytest.mark.parametrize("by_system", [True, False])
def test_the_watchdog_ends_what_takes_too_long_with_the_systems_limits_and_without(
    name: str, by_system: bool
) -> None:
    started = time.monotonic()

    with pytest.raises(LimitError, match="it took too long and was stopped"):
        run(name, limits=replace(LIMITS, seconds=1.0, by_system=by_system))

    assert time.monotonic() - started < 20


def test_the_system_ends_what_computes_too_long() -> None:
    with pytest.raises(LimitError, match="it took too long and was stopped"):
        run("spins", limits=replace(LIMITS, cpu_seconds=1))


def test_the_system_refuses_more_memory_than_is_allowed() -> None:
    with pytest.raises(LimitError, match="it needed too much memory and was stopped"):
        run("takes_memory")


def test_the_system_refuses_to_write_a_file(tmp_path: Path) -> None:
    place = tmp_path / "file"

    assert run("writes", str(place)) == "refused: OSError"
    assert place.read_text(encoding="utf-8") == ""
    assert run("writes", str(place), replace(LIMITS, by_system=False)) == "written"


def test_a_system_without_limits_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited, "resource", None)

    limited._hold_to(LIMITS)


def test_a_fault_of_ours_is_not_taken_for_a_limit() -> None:
    with pytest.raises(RuntimeError, match="KeyError: 'x'"):
        run("breaks", "x")
    with pytest.raises(RuntimeError):
        run("ends", "3")
