"""What the documents say is held against the project: commands, files, tables, words."""

import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from typer.main import get_command

from data.check import check_file
from data.code_lists import Code, CodeList
from data.contract import (
    Across,
    Column,
    Contract,
    Conversion,
    Counted,
    Episodes,
    Rule,
    load_contracts,
)
from data.home import Home, Settings
from data.recipe import Recipe
from data.reference import rulebook
from metrics.definition import CATALOGUE

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)

# Endings by which a word in a document is known to name a file.
FILE = re.compile(r"\.(?:md|py|toml|txt|sql|js|css|json)$")
# What a partnership's own folder holds, and what installing makes: not in the project.
NOT_OURS = re.compile(
    r"(?:partnership|reference|recipes|contracts|measures|batches|snapshots|inbox|\.venv)(?:/.*)?"
    r"|(?:partnership|adoption|logic_model)\.toml|requirements\*\.txt|utils\.py"
)
OURS = ("data", "metrics", "dashboard")


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def fenced(document: Path, kind: str) -> list[str]:
    """Return the examples of one kind, also those inside a list, without their indent."""
    pattern = rf"^( *)```{kind}\n(.*?)^ *```$"
    found = re.findall(pattern, text_of(document), re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, body in found]


def code(document: Path) -> Iterator[str]:
    """Yield everything that is set as code: lines of a block, and words in a sentence."""
    in_fence = False
    for line in text_of(document).splitlines():
        if line.lstrip().startswith("```"):
            in_fence = not in_fence
        elif in_fence or line.startswith("    "):
            yield line.strip()
        else:
            yield from re.findall(r"`([^`]+)`", line)


def words_in_sentences(document: Path) -> list[str]:
    without_blocks = re.sub(r"^ *```.*?^ *```", "", text_of(document), flags=re.DOTALL | re.M)
    return re.findall(r"`([^`\n]+)`", without_blocks)


@cache
def command_of(package: str) -> click.Command:
    return get_command(importlib.import_module(f"{package}.__main__").app)


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts)}


@cache
def every_option() -> frozenset[str]:
    """Return the options of all our commands."""
    found = {"--help"}
    for package in OURS:
        command = command_of(package)
        for part in [command, *getattr(command, "commands", {}).values()]:
            found |= options_of(part)
    return frozenset(found)


# --- commands ---


@each_document
def test_every_command_named_exists_with_its_options(document: Path) -> None:
    for line in code(document):
        for package, said in re.findall(r"python[\w.]*(?: -m) (\w+)([^`#]*)", line):
            words = re.split(r"\s{2,}", said.strip())[0].split()
            if package not in OURS:
                assert find_spec(package), f"{document.name}: {line}"
                continue
            command = command_of(package)
            subcommands = getattr(command, "commands", None)
            if subcommands is not None and words and not words[0].startswith("-"):
                assert words[0] in subcommands, f"{document.name}: {line}"
                command = subcommands[words[0]]
            options = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert options <= options_of(command) | {"--help"}, f"{document.name}: {line}"


@each_document
def test_every_option_named_in_a_sentence_exists(document: Path) -> None:
    named = {word.split()[0] for word in words_in_sentences(document) if word.startswith("--")}

    assert named <= every_option()


def test_every_command_of_ours_is_named_in_the_readme() -> None:
    readme = text_of(ROOT / "README.md")

    for package in OURS:
        for name in getattr(command_of(package), "commands", {"": None}):
            assert f"python -m {package} {name}".strip() in readme


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## \S", text_of(ROOT / "Makefile"), re.MULTILINE))


@each_document
def test_every_make_target_named_exists(document: Path) -> None:
    for line in code(document):
        named = re.findall(r"(?:^|[;&] *)make ([a-z]+)", line)
        assert set(named) <= targets(), f"{document.name}: {line}"


def test_every_make_target_is_said_to_be_phony_and_has_its_line_of_help() -> None:
    makefile = text_of(ROOT / "Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)

    assert phony
    assert set(phony[1].split()) == targets()


# --- files ---


@each_document
def test_every_file_and_folder_named_exists(document: Path) -> None:
    top = {path.name for path in ROOT.iterdir()}
    for word in words_in_sentences(document):
        is_path = re.fullmatch(r"[\w.*-]+(?:/[\w.*-]+)*/?", word)
        ours = "/" in word and word.partition("/")[0] in top
        if is_path and (FILE.search(word) or ours) and not NOT_OURS.fullmatch(word):
            places = [ROOT / word, document.parent / word, ROOT / "examples/england/recipes" / word]
            assert any(place.exists() for place in places), f"{document.name}: {word}"


@each_document
def test_every_script_that_is_run_exists(document: Path) -> None:
    for line in code(document):
        for script in re.findall(r"python[\w.]* ([\w./]+\.py)", line):
            assert (ROOT / script).is_file(), f"{document.name}: {line}"


@each_document
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text_of(document)):
        path, _, anchor = target.partition("#")
        to = document.parent / path if path else document
        assert to.is_file(), f"{document.name}: {target}"
        assert not anchor or f'<a id="{anchor}">' in text_of(to), f"{document.name}: {target}"


@each_document
def test_nothing_is_said_of_one_machine_or_of_how_work_is_handed_out(document: Path) -> None:
    text = text_of(document)

    assert not re.findall(r"(?<![\w.:/$-])/(?:home|root|work|tmp|usr|opt|Users|mnt|etc)\b.*", text)
    assert not re.findall(r"(?<![\w&])#\d+\b|\b[Ii]ssue \d+", text)


# --- documents made from contracts and definitions ---


@pytest.mark.parametrize("name", ["data_dictionary", "measures"])
def test_a_document_that_is_made_is_up_to_date(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    made = importlib.import_module(name)
    text = text_of(made.PAGE)

    assert made.MARK in text
    assert made.page(text) == text, "run `make docs`"


def test_every_table_and_every_measure_has_its_section() -> None:
    tables, measures = text_of(ROOT / "docs/data_dictionary.md"), text_of(ROOT / "docs/measures.md")

    for contract in load_contracts().values():
        assert f"### {contract.title}: `{contract.table}`" in tables
        for column in contract.columns:
            assert f"| `{column.name}` |" in tables
    for file in CATALOGUE.glob("*.toml"):
        definition = tomllib.loads(text_of(file))
        assert f"## {definition['id']} {definition['title']}\n" in measures


# --- data files ---


def page_written_by_hand() -> str:
    return text_of(ROOT / "docs/data_files.md")


def test_every_rule_of_the_check_is_explained() -> None:
    said_with = (
        r"FileRefusedError\.of\(\s*",
        r"\.fault\(\s*at,\s*",
        r"\.fixed\(\s*",
        r"fixes\[",
        r"_hold\([^\"]*?",
        r"Problem\(None, [\w.]+, ",
        r"_problem\(column, ",
        r"rows_dropped = Counter\(\{",
    )
    source = "\n".join(text_of(file) for file in sorted((ROOT / "data").glob("*.py")))
    rules = {rule for before in said_with for rule in re.findall(rf'{before}"(\w+)"', source)}

    assert len(rules) > 30
    assert sorted(rule for rule in rules if f"`{rule}`" not in page_written_by_hand()) == []


@pytest.mark.parametrize(
    "model",
    [Recipe, Contract, Column, Rule, Across, Conversion, Episodes, Counted, CodeList, Code],
)
def test_every_line_of_a_recipe_and_a_contract_is_explained(model: type[Recipe]) -> None:
    names = {field.alias or name for name, field in model.model_fields.items()}

    assert sorted(name for name in names if f"`{name}`" not in page_written_by_hand()) == []


@pytest.fixture
def westmere(tmp_path: Path) -> Home:
    """Return a partnership made of the examples in the documents."""
    home = Home(tmp_path)
    settings, locality, team = _examples_of_the_readme()
    home.settings_file.write_text(settings, encoding="utf-8")
    for folder in (home.reference, home.recipes, home.contracts):
        folder.mkdir()
    (home.reference / "locality.csv").write_text(locality, encoding="utf-8")
    (home.reference / "team.csv").write_text(f"{team}N3,N,North 3,2023-04-01\n", encoding="utf-8")
    recipe, contract = fenced(ROOT / "docs/data_files.md", "toml")
    (home.recipes / "council_sickness.toml").write_text(recipe, encoding="utf-8")
    (home.contracts / "team_meeting.toml").write_text(contract, encoding="utf-8")
    return home


def _examples_of_the_readme() -> tuple[str, str, str]:
    (settings,) = fenced(ROOT / "README.md", "toml")
    locality, team = fenced(ROOT / "README.md", "csv")
    return settings, locality, team


def test_the_examples_of_the_readme_are_a_partnership(westmere: Home) -> None:
    readme = text_of(ROOT / "README.md")

    assert westmere.settings().words.people == "residents"
    assert rulebook(westmere).lists.of("team", "team_id")
    assert [name for name in Settings.model_fields if name not in readme] == []


def test_the_recipe_and_the_contract_in_data_files_read_their_files(westmere: Home) -> None:
    sickness, meetings = fenced(ROOT / "docs/data_files.md", "csv")
    rules = rulebook(westmere)

    (westmere.path / "a.csv").write_text(sickness, encoding="utf-8")
    absence = check_file(westmere.path / "a.csv", rules)
    (westmere.path / "b.csv").write_text(meetings, encoding="utf-8")
    held = check_file(westmere.path / "b.csv", rules)

    assert absence.report.status == "accepted"
    assert [warning[:27] for warning in absence.report.warnings] == ["1 rows count working days. "]
    assert (absence.report.table, absence.report.recipe) == ("absence_month", "council_sickness")
    assert (absence.report.rows_accepted, absence.report.rows_dropped) == (2, {"left_out": 1})
    assert absence.accepted.column("basis").to_pylist() == ["calendar", "calendar"]
    assert (held.report.status, held.report.warnings) == ("accepted", [])
    assert held.report.table == "team_meeting"


# --- the rest ---


def test_the_readme_names_every_page_of_the_dashboard() -> None:
    readme = text_of(ROOT / "README.md")

    for page in (ROOT / "dashboard/app_pages").glob("*.py"):
        assert f"**{page.stem.replace('_', ' ').capitalize()}**" in readme


def test_england_is_described_as_it_is() -> None:
    readme, england = text_of(ROOT / "README.md"), ROOT / "examples/england"
    licence = "Contains public sector information licensed under the Open Government Licence v3.0."

    assert licence in readme
    assert licence in tomllib.loads(text_of(england / "partnership.toml"))["sources"]
    for file in (england / "recipes").glob("*.toml"):
        for column in tomllib.loads(text_of(file))["header"]:
            assert f"`{column}`" in readme


def pins(lines: list[str]) -> dict[str, str]:
    """Return package -> version, or '' where none is named, of lines such as `a[b]==1 ; c`."""
    found = [re.match(r"([\w-]+)(?:\[\w+\])?(?:==([\w.]+))?", line) for line in lines]
    return {match[1].lower(): match[2] or "" for match in found if match}


def test_every_part_we_stand_on_has_its_reason_and_its_pin() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    wanted = pins([*project["dependencies"], *project["optional-dependencies"]["dev"]])
    files = [text_of(ROOT / f"requirements{part}.txt").splitlines() for part in ("", "-dev")]
    pinned = pins([line for lines in files for line in lines if line[:1].isalpha()])
    table = text_of(ROOT / "CONTRIBUTING.md").partition("| part | for |\n|---|---|\n")[2]
    explained = re.findall(r"^\| ([\w-]+) \| \S", table.partition("\n\n")[0], re.MULTILINE)

    assert sorted(explained) == sorted(wanted)
    assert all(pinned.values())
    for name, version in wanted.items():
        assert version in ("", pinned[name]), name


def test_each_term_of_the_glossary_is_there_once_and_in_order() -> None:
    terms = re.findall(r"^\*\*(.+?)\.\*\* [A-Z0-9]", text_of(ROOT / "GLOSSARY.md"), re.MULTILINE)

    assert len(terms) == text_of(ROOT / "GLOSSARY.md").count("\n**")
    assert terms == sorted(set(terms), key=str.casefold)
