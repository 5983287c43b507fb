"""A process that writes is killed at any moment: what it acknowledged is there, and whole."""

import random
import subprocess
import sys
import time

import pytest

from data.chain import Chain
from data.home import Home
from data.workspace import Workspace
from tests.data.workspace_home import writer_command

KILLS = 20
# In seconds after the first acknowledgement; a write takes a few thousandths.
LONGEST = 0.15


@pytest.mark.parametrize("threads", [1, 8])
def test_a_writer_killed_over_and_over_loses_nothing_that_it_acknowledged(
    home: Home, threads: int
) -> None:
    moments = random.Random(threads)
    acknowledged: list[str] = []
    for kill in range(KILLS // 2):
        command = writer_command(sys.executable, home.path, f"Writer {kill}", threads, 1_000_000)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(moments.uniform(0, LONGEST))
        process.kill()
        rest, _ = process.communicate()
        # The last line may have been cut off by the kill; what has no end was not acknowledged.
        whole = (first + rest).splitlines(keepends=True)
        acknowledged += [line.strip() for line in whole if line.endswith("\n")]

    workspace = Workspace.open(home)
    kept = [event.id for event in workspace.events()]
    assert len(acknowledged) > KILLS // 2
    assert set(acknowledged) <= set(kept)
    assert workspace.verify() == Chain(len(kept), workspace.last()[1])
    # What was on the disk and not yet acknowledged is at most what was under way.
    assert len(kept) - len(acknowledged) <= KILLS // 2 * threads
    workspace.close()
