import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from data.home import Home
from metrics.definition import CATALOGUE
from tests.metrics.measure_tables import ENGLAND, PROJECT
from tests.small_partnership import load, records, set_up

# A file as the walk-through has it, with a case more or less.
OWN = (CATALOGUE / "X01_friends_and_family.toml").read_text(encoding="utf-8").split("[[case]]")

WRONG_CASES = """
[numerator]
sum = "eligible_count"
of = "fft_response"
on = "responded_on"

[denominator]
rows = "fft_response"
on = "responded_on"

[show]
as = "ratio"

[[case]]
given = "More than there are."
at = 2025-03-31
numerator = 12345679
rows.fft_response = [{ responded_on = 2025-03-04, answer = "good", eligible_count = 12345678 }]

[[case]]
given = "As many as there are."
at = 2025-03-31
numerator = 12345678
rows.fft_response = [{ responded_on = 2025-03-04, answer = "good", eligible_count = 12345678 }]

[[case]]
given = "Nobody is there to be counted."
at = 2025-03-31
value = 0.5
rows.fft_response = [{ responded_on = 2025-02-04, answer = "good", eligible_count = 1 }]
"""


def metrics(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m metrics` in a folder as a person would, with no partnership named there."""
    clean = {name: text for name, text in os.environ.items() if name != "PARTNERSHIP_HOME"}
    return subprocess.run(
        [sys.executable, "-m", "metrics", *arguments],
        cwd=cwd,
        env={**clean, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def own_measure(folder: Path, text: str) -> Home:
    home = Home(folder / "home")
    home.measures.mkdir(parents=True)
    (home.measures / "L01.toml").write_text(text, encoding="utf-8")
    return home


def with_cases(count: int) -> str:
    """Return a whole definition, L01, with so many worked cases."""
    head, *cases = OWN
    text = "[[case]]".join([head, *cases[:count]])
    return text.replace('id = "X01"', 'id = "L01"')


def test_what_there_is_to_do_is_said_when_nothing_is_asked(tmp_path):
    done = metrics(cwd=tmp_path)

    for command in ("list", "explain", "test", "publish"):
        assert re.search(rf"\b{command}\b", done.stdout + done.stderr)


# ---------------------------------------------------------------- list


def test_list_needs_no_partnership_and_names_every_measure(tmp_path):
    done = metrics("list", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(
        file.stem.split("_")[0] for file in CATALOGUE.glob("*.toml")
    )
    assert "F02    proposed      better: lower   trial              People waiting" in lines
    assert "H01    conventional  contested       trial              Emergency admissions" in lines
    assert list(tmp_path.iterdir()) == []


def test_list_has_a_partnerships_own_measures_too(tmp_path):
    done = metrics("list", "--home", str(ENGLAND.path), cwd=tmp_path)

    assert done.returncode == 0
    said = "E05    conventional  better: lower   trial              In hospital without needing"
    assert f"\n{said} to be\n" in done.stdout


ADOPTION = """\
[[measure]]
id = "F02"
status = "adopted"
areas = ["N"]
owner = "Neighbourhood lead, North"
checker = "Information lead"
since = 2025-04-01
review_on = 2025-05-01

[[measure]]
id = "W01"
status = "retired"
"""


def test_adoption_says_who_answers_for_what_and_which_review_is_due(tmp_path):
    home = set_up(tmp_path / "home")
    home.adoption_file.write_text(ADOPTION, encoding="utf-8")

    listed = metrics("list", "--home", str(home.path), cwd=tmp_path).stdout
    done = metrics("adoption", "--home", str(home.path), cwd=tmp_path)

    assert " adopted in part    People waiting\n" in listed
    assert " retired            Sickness absence\n" in listed
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "F02    People waiting\n"
        "       all areas: trial\n"
        "       N: adopted since 2025-04-01; owner Neighbourhood lead, North;"
        " checker Information lead; review on 2025-05-01 (due)\n"
    ) in done.stdout
    assert "W01    Sickness absence\n       all areas: retired\n" in done.stdout


def test_adoption_refuses_what_cannot_be_right_with_its_line(tmp_path):
    home = set_up(tmp_path / "home")
    home.adoption_file.write_text(ADOPTION.replace('"W01"', '"W99"'), encoding="utf-8")

    done = metrics("adoption", "--home", str(home.path), cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith('adoption.toml, line 11 (measure 2, id): found "W99", and there')


LEFT_OUT = "L01.toml is left out, and L01 has no figures:"


def test_list_says_which_files_are_left_out_with_every_fault(tmp_path):
    broken = with_cases(3).replace('better = "higher"', 'better = "up"')
    home = own_measure(tmp_path, broken.replace("decimals = 0", "decimals = 9"))

    done = metrics("list", "--home", str(home.path), cwd=tmp_path)

    assert done.returncode == 0
    assert "L01" not in done.stdout
    assert "F02 " in done.stdout
    assert done.stderr.splitlines() == [
        LEFT_OUT,
        "    L01.toml, line 9: better: this must be 'higher', 'lower' or 'neither'",
        "    L01.toml, line 14: decimals: this must be less than or equal to 3",
    ]


def test_test_runs_the_others_and_ends_with_1(tmp_path):
    home = own_measure(tmp_path, with_cases(3).replace('better = "higher"', 'better = "up"'))
    where = ("--home", str(home.path))

    done, one = metrics("test", *where, cwd=tmp_path), metrics("test", "F02", *where, cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == one.stderr.splitlines()[0] == LEFT_OUT
    assert "F02 case 1 holds: " in done.stdout
    assert done.stdout.splitlines()[-1] == "1 wrong."
    assert (one.returncode, one.stdout.splitlines()[-1]) == (0, "Every worked case holds.")


@pytest.mark.parametrize("command", ["explain", "test"])
def test_a_measure_whose_file_is_wrong_says_what_is_wrong(tmp_path, command):
    home = own_measure(tmp_path, with_cases(3).replace('better = "higher"', 'better = "up"'))

    done = metrics(command, "L01", "--home", str(home.path), cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "L01.toml, line 9: better: this must be 'higher', 'lower' or 'neither'\n"


# ---------------------------------------------------------------- explain


def test_explain_needs_no_partnership_and_gives_the_words_and_the_sql(tmp_path):
    done = metrics("explain", "F02", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:2] == ["F02 People waiting", "How many people are waiting for us?"]
    assert lines[3].startswith("Counted: people waiting open at the end of the month")
    assert "SELECT" in done.stdout.split("\nSQL:\n")[1]


def test_explain_takes_a_home(tmp_path):
    done = metrics("explain", "E05", "--home", str(ENGLAND.path), cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout.startswith("E05 In hospital without needing to be\n")


def test_explain_of_an_unknown_id_says_which_there_are_and_ends_with_1(tmp_path):
    done = metrics("explain", "F99", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    ids = ", ".join(sorted(file.stem.split("_")[0] for file in CATALOGUE.glob("*.toml")))
    assert done.stderr == f"F99: there is no such measure. There are {ids}.\n"


# ---------------------------------------------------------------- test


def test_test_needs_no_partnership_and_runs_every_case(tmp_path):
    done = metrics("test", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "Every worked case holds."
    assert len(lines) > 40
    assert all(re.match(r"[A-Z]+\d+(\.\w+)? case \d+ holds: ", line) for line in lines[:-1])


def test_test_of_one_measure_runs_its_cases_only(tmp_path):
    done = metrics("test", "E07", "--home", str(ENGLAND.path), cwd=tmp_path)

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line[:10] for line in lines[:-1]] == [f"E07 case {number}" for number in range(1, 5)]


def test_a_case_that_does_not_hold_says_what_was_expected_and_found_and_ends_with_1(tmp_path):
    head, *_ = with_cases(0).partition("[numerator]")
    home = own_measure(tmp_path, head + WRONG_CASES)

    done = metrics("test", "L01", "--home", str(home.path), cwd=tmp_path)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "L01 case 1 DOES NOT HOLD: More than there are.",
        "    numerator: expected 12345679, found 12345678",
        "    state: expected value, found value",
        "L01 case 2 holds: As many as there are.",
        "L01 case 3 DOES NOT HOLD: Nobody is there to be counted.",
        "    value: expected 0.5, found no figure",
        "    state: expected value, found not_applicable",
        "2 wrong.",
    ]


@pytest.mark.parametrize("count", [0, 2])
def test_fewer_than_three_cases_end_with_1(tmp_path, count):
    home = own_measure(tmp_path, with_cases(count))

    done = metrics("test", "L01", "--home", str(home.path), cwd=tmp_path)

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == (
        f"L01: {count} worked cases; a measure needs at least 3, one of them an error or an edge."
    )
    own = [line for line in lines if not line.startswith("L01.")]
    assert len(own) == count + 2
    assert lines[-1] == "1 wrong."


# ---------------------------------------------------------------- publish


def test_publish_says_what_it_did_and_the_second_time_that_nothing_changed(tmp_path):
    home = set_up(tmp_path / "home")
    load(home, "fft_response", records("fft_response", ["2025-01", "2025-02"]))

    first = metrics("publish", "--home", str(home.path), cwd=tmp_path)
    again = metrics("publish", cwd=tmp_path, PARTNERSHIP_HOME=str(home.path))

    assert (first.returncode, again.returncode) == (0, 0)
    version = home.current_file.read_text(encoding="utf-8").strip()
    published, _, then = first.stdout.partition(". ")
    assert re.fullmatch(rf"Published {version}: [\d,]+ values in \d+\.\d s", published)
    assert then == "An open dashboard shows it by itself.\n"
    assert again.stdout == f"Nothing has changed since {version}; it is being served.\n"


def test_publish_says_which_file_gives_no_figures_and_publishes_the_others(tmp_path):
    home = set_up(tmp_path / "home")
    load(home, "fft_response", records("fft_response", ["2025-01", "2025-02"]))
    home.measures.mkdir()
    (home.measures / "L01.toml").write_text('id = "L01"\ntitle = Ours\n', encoding="utf-8")

    first = metrics("publish", "--home", str(home.path), cwd=tmp_path)
    again = metrics("publish", "--home", str(home.path), cwd=tmp_path)

    assert (first.returncode, again.returncode) == (0, 0)
    assert first.stdout.startswith("Published ")
    for done in (first, again):
        assert done.stderr.splitlines()[-1] == (
            f"{LEFT_OUT} L01.toml, line 2: this cannot be read; write text in quotes."
        )


def test_publish_without_a_partnership_says_what_to_do_and_ends_with_1(tmp_path):
    done = metrics("publish", cwd=tmp_path)

    assert done.returncode == 1
    assert "there is no partnership here (no partnership.toml)" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_publish_before_anything_was_loaded_says_what_to_do_and_ends_with_1(tmp_path):
    home = set_up(tmp_path / "home")

    done = metrics("publish", "--home", str(home.path), cwd=tmp_path)

    assert done.returncode == 1
    assert "nothing has been loaded here yet" in done.stderr
    assert "Traceback" not in done.stderr


def test_values_are_written_as_known_on_a_day(tmp_path):
    home = set_up(tmp_path / "home")
    load(home, "absence_month", records("absence_month", ("2025-01",)))
    out = tmp_path / "values.csv"
    where = ("--home", str(home.path))

    written = metrics("values", *where, "--out", str(out), cwd=tmp_path)
    printed = metrics("values", *where, "--as-known-on", "2999-01-01", cwd=tmp_path)
    before = metrics("values", *where, "--as-known-on", "1999-01-01", cwd=tmp_path)
    slip = metrics("values", *where, "--as-known-on", "1/2/2025", cwd=tmp_path)

    assert written.returncode == 0
    assert "They are not checked for small numbers" in written.stdout
    assert out.read_text(encoding="utf-8") == printed.stdout
    assert printed.stdout.startswith("measure_id,measure_version,split,area_level,area_id,period")
    assert (before.returncode, slip.returncode) == (1, 1)
    assert "nothing had been loaded here by 1999-01-01" in before.stderr
    assert "1/2/2025 is not a day. Write it as 2025-06-30." in slip.stderr
    assert not home.current_file.exists()
