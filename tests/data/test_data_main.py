"""`python -m data check`, `load` and `batches`, run as an analyst runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.home import ENVIRONMENT_VARIABLE, Home
from data.load import load_files
from tests.data.sent_files import COUNTS, counts

Write = Callable[..., Path]
Run = Callable[..., subprocess.CompletedProcess[str]]
SAID_OF_EACH = (
    *("file", "table", "status", "rows_in_file", "rows_accepted", "rows_held"),
    *("rows_dropped", "fixes", "warnings", "problems"),
)
GOOD = counts()
HELD = counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,many,12,")
REFUSED = counts(header=COUNTS.replace("month", "period"))
AMBIGUOUS = "team_id,responded_on,answer\nN1,01/02/2024,good\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `python -m data` somewhere else, with no partnership but the one that is named."""

    def _run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if k != ENVIRONMENT_VARIABLE}
        return subprocess.run(
            [sys.executable, "-m", "data", *map(str, words)],
            cwd=tmp_path,
            env={**kept, "PYTHONIOENCODING": "utf-8", "COLUMNS": "200", **environment},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            check=False,
        )

    return _run


def said(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Return what a command printed, which must be one JSON array and nothing else."""
    array = json.loads(done.stdout)
    assert isinstance(array, list)
    return array


def batches_kept(home: Home) -> list[Path]:
    return [path for path in home.batches.rglob("*") if path.name != "loading.lock"]


@pytest.mark.parametrize("command", ["check", "load"])
def test_one_array_tells_of_every_file_and_the_worst_decides(
    run: Run, home: Home, write: Write, command: str
) -> None:
    files = [write(GOOD, "a.csv"), write(HELD, "b.csv"), write(REFUSED, "c.csv")]

    done = run(command, *files, "--home", home.path, "--json")

    array = said(done)
    assert done.returncode == 4
    assert [(Path(one["file"]).name, one["status"]) for one in array] == [
        ("a.csv", "accepted"),
        ("b.csv", "accepted_with_held_rows"),
        ("c.csv", "refused"),
    ]
    for one in array:
        assert set(SAID_OF_EACH) <= set(one)
        dropped = sum(one["rows_dropped"].values())
        assert one["rows_in_file"] == one["rows_accepted"] + one["rows_held"] + dropped
    (problem,) = array[1]["problems"]
    assert (problem["row"], problem["column"]) == (3, "numerator")
    assert problem["rule"] == "not_a_whole_number"
    assert [bool(one["batch_id"]) for one in array] == [command == "load"] * 2 + [False]
    assert len(list(home.batches.rglob("*.toml"))) == (2 if command == "load" else 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [(GOOD, 0), (HELD, 3), (REFUSED, 4)],
    ids=["accepted", "held", "refused"],
)
def test_the_status_says_what_became_of_a_file(
    run: Run, home: Home, write: Write, content: str, code: int
) -> None:
    done = run("load", write(content), "--home", home.path)

    assert done.returncode == code
    assert done.stdout.startswith(str(write(content)))
    assert ("python -m metrics publish" in done.stdout) == (code != 4)
    assert bool(batches_kept(home)) == (code != 4)


def test_a_check_works_without_a_partnership_and_keeps_nothing(
    run: Run, write: Write, tmp_path: Path
) -> None:
    file = write(GOOD)

    done = run("check", file.name, "--json")

    (one,) = said(done)
    assert done.returncode == 0
    assert (one["file"], one["status"], one["rows_accepted"]) == (file.name, "accepted", 2)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_loading_without_a_partnership_says_what_to_do(run: Run, write: Write) -> None:
    done = run("load", write(GOOD), "--json")

    assert done.returncode == 1
    assert done.stdout == ""
    assert "there is no partnership here" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_home_may_be_named_by_the_environment(run: Run, home: Home, write: Write) -> None:
    done = run(
        "check", write(counts("N9,2024-04,W03,5,10,")), "--json", PARTNERSHIP_HOME=str(home.path)
    )

    assert said(done)[0]["problems"][0]["rule"] == "unknown_team"


def test_the_sender_answers_with_options(run: Run, home: Home, write: Write) -> None:
    file = write(AMBIGUOUS, "export.csv")
    options = ["--home", home.path, "--json"]

    asked = run("load", file, *options)
    answered = run(
        "load", file, *options,
        *("--dates", "mdy", "--as", "fft_response", "--covers", "2024-01:2024-03"),
    )  # fmt: skip

    assert asked.returncode == 4
    assert "--dates mdy" in said(asked)[0]["problems"][0]["message"]
    assert answered.returncode == 0
    assert said(answered)[0]["covers"] == {"from": "2024-01", "to": "2024-03", "areas": ["N1"]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dates", "british"], "british is not one of ymd, dmy, mdy, excel"),
        (["--covers", "last year"], "is not FROM:TO, as 2024-04:2025-03"),
    ],
)
def test_options_that_make_no_sense_are_said_to(
    run: Run, write: Write, options: list[str], message: str
) -> None:
    done = run("check", write(GOOD), *options, COLUMNS="400")

    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_what_was_loaded_is_listed(run: Run, home: Home, write: Write) -> None:
    load_files(home, [write(HELD)])

    table = run("batches", "--home", home.path)
    array = said(run("batches", "--home", home.path, "--json"))

    assert table.returncode == 0
    (batch,) = array
    assert (batch["table"], batch["source_name"]) == ("aggregate_submission", "counts.csv")
    assert (batch["rows_accepted"], batch["rows_held"]) == (1, 1)
    for words in ("aggregate_submission", "counts.csv", "2024-04, for N1", batch["id"]):
        assert words in table.stdout


def test_where_nothing_was_loaded_it_is_said_how_to(run: Run, home: Home) -> None:
    done = run("batches", "--home", home.path)

    assert done.returncode == 0
    assert "Nothing has been loaded here yet: python -m data load FILE" in done.stdout


def test_batches_without_a_partnership_say_what_to_do(run: Run) -> None:
    done = run("batches", "--json")

    assert done.returncode == 1
    assert "there is no partnership here" in done.stderr


def test_a_report_is_whole_where_letters_are_missing(run: Run, home: Home, write: Write) -> None:
    file = write(counts("N1,2024-04,W03,≤5 – about,10,", "N2,2024-04,W03,many,12,"))
    options = ["--home", home.path]

    text = run("check", file, *options, PYTHONIOENCODING="cp1252")
    array = said(run("check", file, *options, "--json", PYTHONIOENCODING="ascii"))

    assert text.returncode == 3
    assert "Traceback" not in text.stderr
    assert "row 3, numerator" in text.stdout
    assert array[0]["problems"][0]["message"].startswith('"≤5 – about" is not a whole number.')


def test_a_list_that_cannot_be_used_is_said_and_no_file_is_looked_at(
    run: Run, home: Home, write: Write
) -> None:
    (home.reference / "team.csv").write_text("team_id,name\nN1,North 1\n", encoding="utf-8")

    done = run("check", write(GOOD), "--home", home.path, "--json")

    assert done.returncode == 1
    assert done.stdout == ""
    assert "team needs a column locality_id" in done.stderr


# ---------------------------------------------------------------- what was loaded, later


def loaded(home: Home, write: Write, content: str = HELD) -> str:
    (report,) = load_files(home, [write(content)], by="Ann")
    return str(report.batch_id)


def test_a_batch_is_withdrawn_and_reinstated_by_the_beginning_of_its_id(
    run: Run, home: Home, write: Write
) -> None:
    batch = loaded(home, write)
    why = ["--why", "sent for the wrong month", "--by", "Bob", "--home", home.path]

    withdrawn = run("withdraw", batch[:8], *why)
    (listed,) = said(run("batches", "--home", home.path, "--json"))
    table = run("batches", "--home", home.path).stdout
    twice = run("withdraw", batch[:8], *why)
    reinstated = run("reinstate", batch[:8], *why)

    assert (withdrawn.returncode, reinstated.returncode, twice.returncode) == (0, 0, 1)
    assert f"{batch} (aggregate_submission) is withdrawn." in withdrawn.stdout
    assert (listed["state"], listed["loaded_by"]) == ("withdrawn", "Ann")
    assert listed["acts"][0]["why"] == "sent for the wrong month"
    assert "by Bob: sent for the wrong month" in " ".join(table.split())
    assert "is withdrawn already" in twice.stderr
    assert "counts again" in reinstated.stdout


def test_held_rows_are_written_corrected_and_loaded(
    run: Run, home: Home, write: Write, tmp_path: Path
) -> None:
    batch = loaded(home, write)
    out = tmp_path / "to correct.csv"

    done = run("held", batch[:8], "--out", out, "--home", home.path)
    printed = run("held", batch[:8], "--home", home.path)
    out.write_text(out.read_text(encoding="utf-8-sig").replace("many", "6"), encoding="utf-8")
    corrected = run("load", out, "--home", home.path)
    table = run("batches", "--home", home.path).stdout
    nothing = run("held", batch[:8], "--home", home.path)

    assert "1 held rows of " in done.stdout
    assert printed.stdout.startswith("team_id,month,measure_id,numerator,denominator,note,held_in")
    assert corrected.returncode == 0
    assert "1, 1 since corrected" in table
    assert nothing.returncode == 1
    assert "no row of it is held" in nothing.stderr


def test_a_file_that_somebody_may_be_correcting_is_never_written_over(
    run: Run, home: Home, write: Write, tmp_path: Path
) -> None:
    batch = loaded(home, write)
    out = tmp_path / "mine.csv"
    out.write_text("half corrected", encoding="utf-8")

    refused = run("held", batch[:8], "--out", out, "--home", home.path)

    assert refused.returncode == 1
    assert "is there already" in refused.stderr
    assert out.read_text(encoding="utf-8") == "half corrected"


def test_a_batch_is_erased_only_when_that_is_meant(run: Run, home: Home, write: Write) -> None:
    batch = loaded(home, write)
    words = ["erase", batch[:8], "--why", "asked for", "--home", home.path]

    asked = run(*words)
    kept = len(batches_kept(home))
    done = run(*words, "--yes", "--by", "Bob")
    table = run("batches", "--home", home.path).stdout

    assert asked.returncode == 1
    assert "They cannot be brought back. Erase?" in asked.stdout
    assert kept == 4
    assert done.returncode == 0
    assert "1 rows and 1 held rows are erased." in done.stdout
    assert "Copies elsewhere are not touched" in done.stdout
    assert "by Bob: asked for" in " ".join(table.split())
    assert list(home.batches.glob("*/*.parquet")) == []


def test_erasing_names_either_a_batch_or_a_person(run: Run, home: Home, write: Write) -> None:
    loaded(home, write)

    neither = run("erase", "--why", "asked for", "--home", home.path)
    nobody = run("erase", "--person", "p1", "--why", "asked for", "--home", home.path)
    somebody = run("erase", "--person", "N1", "--why", "x", "--yes", "--home", home.path)

    assert neither.returncode == 2
    assert "Name either a batch or" in neither.stderr
    assert nobody.returncode == 1
    assert "No batch here has a row with this key" in nobody.stderr
    assert somebody.returncode == 0
    assert "has its other rows" in somebody.stdout


def test_without_a_file_the_inbox_is_loaded(run: Run, home: Home) -> None:
    empty = run("load", "--home", home.path)
    home.inbox.mkdir()
    (home.inbox / "a.csv").write_text(GOOD, encoding="utf-8")

    done = run("load", "--home", home.path)

    assert empty.returncode == 0
    assert "Nothing waits in" in empty.stdout
    assert done.returncode == 0
    assert "a.csv is now inbox/done/a.csv." in done.stdout


def test_a_file_cannot_both_replace_and_add(run: Run, home: Home, write: Write) -> None:
    done = run("load", write(GOOD), "--replaces", "--adds", "--home", home.path, COLUMNS="400")

    assert done.returncode == 2
    assert "leave one of them out" in done.stderr


def test_areas_and_replacing_are_stated_with_options(run: Run, home: Home, write: Write) -> None:
    options = ["--areas", "N1, S1", "--replaces", "--by", "Ann", "--home", home.path, "--json"]

    (one,) = said(run("load", write(GOOD), *options))
    (batch,) = said(run("batches", "--home", home.path, "--json"))

    assert one["covers"]["areas"] == ["N1", "N2", "S1"]
    assert (batch["how"], batch["loaded_by"]) == ("replaces", "Ann")


def test_a_template_is_written_where_it_is_said_and_loads_as_it_is(run: Run, tmp_path: Path):
    made = run("template", "referral", "team", "--out", "ours.xlsx")
    again = run("template", "referral", "--out", "ours.xlsx")

    assert made.returncode == 0
    assert made.stdout.strip() == (
        "ours.xlsx has 2 tables to fill in. Then: python -m data load ours.xlsx"
    )
    assert again.returncode == 1
    assert "it may hold somebody's figures" in again.stderr
    one = run("template", "referral")
    assert one.stdout.startswith("template.xlsx has 1 table to fill in")
    assert run("check", "template.xlsx").returncode == 0


def test_the_form_for_counts_is_about_the_month_named_and_needs_a_partnership(
    run: Run, home: Home, tmp_path: Path
):
    made = run("template", "--counts", "--month", "2025-01:2025-02", "--home", home.path)

    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("monthly_counts.xlsx has ")
    assert run("check", "monthly_counts.xlsx", "--home", home.path).returncode == 0
    without = run("template", "--counts", "--out", "other.xlsx")
    assert (without.returncode, "no partnership here" in without.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "said_why"),
    [
        (("template", "--month", "2025-01"), "Say it with --counts"),
        (("template", "referral", "--counts"), "for no table in particular"),
        (("template", "nothing"), "There is no table nothing to send"),
        (("template", "--out", "f.csv"), "Let the name end in .xlsx"),
        (("template", "--out", "no/such/f.xlsx"), "there is no such folder"),
    ],
)
def test_a_template_that_cannot_be_made_is_refused_in_words(run: Run, words, said_why: str):
    done = run(*words)

    assert done.returncode != 0
    assert said_why in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_doubtful_is_said_in_words_and_as_one_array(
    run: Run, home: Home, write: Write
) -> None:
    nothing = run("doubts", "--home", home.path)
    sent = write("referral_id,team_id,received_at\nr1,N1,2020-04-01\n", "referral.csv")
    run("load", sent, "--home", home.path)

    words = run("doubts", "--home", home.path)
    (doubt,) = json.loads(run("doubts", "--home", home.path, "--json").stdout)

    assert (nothing.returncode, words.returncode) == (0, 0)
    assert "Nothing that was loaded is doubtful." in nothing.stdout
    assert "Close what is finished where it was made." in words.stdout
    assert (doubt["rule"], doubt["rows"]) == ("open_without_contact", 1)
    assert doubt["areas"] == {"N1": 1}


def test_doubts_without_a_partnership_say_what_to_do(run: Run, nowhere: Home) -> None:
    found = run("doubts", "--home", nowhere.path)

    assert found.returncode == 1
    assert "python -m data demo" in found.stderr
