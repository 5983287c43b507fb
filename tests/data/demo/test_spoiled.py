"""Each spoiled file gives the outcome that the README beside it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from data.batches import list_batches
from data.check import Stated
from data.demo.spoiled import FOLDER, SPOILED, Spoiled, readme, write_spoiled
from data.home import Home
from data.load import check_files

NHS_NUMBER = re.compile(r"\b\d{10}\b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spoiled")
    write_spoiled(path)
    return path


@pytest.mark.parametrize("spoiled", SPOILED, ids=lambda each: each.name)
def test_a_spoiled_file_gives_what_its_line_says(city: Home, folder: Path, spoiled: Spoiled):
    (report,) = check_files(city, [folder / spoiled.name], Stated(spoiled.table or None))

    assert (report.status, report.rows_held) == (spoiled.outcome, spoiled.held), report.as_text()
    assert {problem.rule for problem in report.problems} == ({spoiled.rule} - {""})
    counted = {**report.fixes, **report.rows_dropped}
    for rule, count in spoiled.noted:
        assert counted.get(rule) == count, rule


def test_every_file_is_in_the_readme_with_what_is_wrong_and_what_is_said():
    lines = readme().splitlines()

    for spoiled in SPOILED:
        (line,) = [line for line in lines if line.startswith(f"| `{spoiled.name}` |")]
        assert spoiled.wrong in line
        assert spoiled.said in line
    assert len({spoiled.name for spoiled in SPOILED}) == len(SPOILED)


def test_numbers_of_ten_digits_are_of_the_range_kept_for_tests(folder: Path):
    found = [
        number
        for path in sorted(folder.glob("*.csv"))
        for number in NHS_NUMBER.findall(path.read_text(encoding="cp1252"))
    ]

    assert len(found) == 60
    assert all(number.startswith("999") for number in found)


def test_a_file_that_somebody_has_changed_stays_changed(tmp_path: Path):
    write_spoiled(tmp_path)
    changed = tmp_path / SPOILED[0].name
    changed.write_text("changed", encoding="utf-8")

    write_spoiled(tmp_path)

    assert changed.read_text(encoding="utf-8") == "changed"


def test_the_files_are_the_same_bytes_each_time(folder: Path, tmp_path: Path):
    for path in write_spoiled(tmp_path):
        if path.suffix == ".csv":
            assert path.read_bytes() == (folder / path.name).read_bytes()


def test_the_command_writes_them_beside_the_city_and_loads_none(city_copy: Home):
    before = list_batches(city_copy)

    done = subprocess.run(
        [sys.executable, "-m", "data", "demo", "--home", str(city_copy.path), "--spoiled"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert str(city_copy.path / FOLDER / "README.md") in done.stdout
    there = {path.name for path in (city_copy.path / FOLDER).iterdir()}
    assert there == {"README.md", *(spoiled.name for spoiled in SPOILED)}
    assert list_batches(city_copy) == before
