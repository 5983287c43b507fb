"""What is too large is refused at once, and with little memory; each in a process of its own."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from data.reading import MOST_BYTES
from data.workbooks import MOST_UNPACKED
from tests.data.sent_files import COUNTS, counts

# What checking adds to a process in which everything is imported already.
MOST_SECONDS, MOST_MEGABYTES = 1.0, 100
CHECK = """
import json, pathlib, sys, time
from data.check import Rulebook, check_file
from data.home import Home

def used():
    said = pathlib.Path("/proc/self/status").read_text()
    return int(said.split("VmHWM:")[1].split()[0]) / 1000

rules = Rulebook.of(Home(pathlib.Path("nowhere")))
before, started = used(), time.process_time()
report = check_file(pathlib.Path(sys.argv[1]), rules).report
took, more = time.process_time() - started, used() - before
print(json.dumps([[p.rule for p in report.problems], took, more]))
"""


def refused(path: Path) -> str:
    """Return the one rule by which a file is refused, in little time and memory."""
    ran = subprocess.run(
        [sys.executable, "-c", CHECK, str(path)], capture_output=True, text=True, check=True
    )
    (rule,), took, more = json.loads(ran.stdout)
    assert took < MOST_SECONDS
    assert more < MOST_MEGABYTES
    return str(rule)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is only known on Linux")


def test_a_text_of_more_than_200_mb(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    with path.open("wb") as file:
        file.write(counts().encode())
        file.truncate(MOST_BYTES + 1)

    assert refused(path) == "too_large"


def workbook(path: Path, part: str, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(part, "w", force_zip64=True) as stream:
            for _ in range(size // 1_000_000):
                stream.write(bytes(1_000_000))


def test_a_workbook_that_unpacks_to_more_than_100_times_its_size(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    workbook(path, "xl/sharedStrings.xml", 100_000_000)

    assert path.stat().st_size * 100 < 100_000_000
    assert refused(path) == "too_large"


def test_a_workbook_that_unpacks_to_more_than_500_mb(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    workbook(path, "xl/worksheets/sheet1.xml", MOST_UNPACKED + 1_000_000)

    assert refused(path) == "too_large"


def test_a_workbook_that_says_it_is_smaller_than_it_is(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    workbook(path, "xl/worksheets/sheet1.xml", 100_000_000)
    content = bytearray(path.read_bytes())
    # What the archive says of the unpacked size, in its directory: one kilobyte.
    start = content.rfind(b"PK\x01\x02")
    content[start + 24 : start + 28] = (1_000).to_bytes(4, "little")
    path.write_bytes(bytes(content))

    assert refused(path) == "damaged_file"


def test_more_than_200_columns(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(counts(header=COUNTS + "".join(f",c{n}" for n in range(400))))

    assert refused(path) == "too_many_columns"


def test_a_line_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_bytes(b"a," * 10_000_000)

    assert refused(path) == "line_too_long"


@pytest.mark.parametrize(
    "start", [b"MZ\x90\x00\x03\x00", b"\x89PNG\r\n\x1a\n", b"\x00\x01\x02\x03"]
)
def test_a_program_or_a_picture_under_another_name(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "counts.csv"
    path.write_bytes(start + bytes(20_000_000))

    assert refused(path) in ("wrong_kind", "not_text")
