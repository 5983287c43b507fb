"""Work that does not end, or takes what it should not: run by tests in processes with limits."""

import json
import os
import sys
import time
from pathlib import Path


def echo(given: str) -> str:
    print("said by a library")
    return given[::-1]


def surroundings(given: str) -> str:
    return json.dumps(sorted(os.environ)) + given


def spins(given: str) -> str:
    while True:
        given += ""


def sleeps(given: str) -> str:
    time.sleep(600)
    return given


def takes_memory(given: str) -> str:
    held = [bytearray(64 * 1024**2) for _ in range(1000)]
    return given + str(len(held))


def writes(given: str) -> str:
    try:
        with Path(given).open("w", encoding="utf-8") as file:
            file.write("something")
    except OSError as error:
        return f"refused: {type(error).__name__}"
    return "written"


def breaks(given: str) -> str:
    raise KeyError(given)


def ends(given: str) -> str:
    sys.exit(int(given))
