import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.toml_lines import EntryPath, line_of, lines_of

PROJECT = Path(__file__).resolve().parents[2]
FILES = sorted(
    file
    for folder in ("data", "metrics", "examples")
    for file in (PROJECT / folder).rglob("*.toml")
)


def paths(said: Any, path: EntryPath = ()) -> Iterator[EntryPath]:
    if path:
        yield path
    inside = said.items() if isinstance(said, dict) else ()
    for name, part in enumerate(said) if isinstance(said, list) else inside:
        yield from paths(part, (*path, name))


# Values as they may be written, with how many lines they take: what a naive search trips over.
PLAIN = st.sampled_from(
    [
        "1",
        "-1_000.5e3",
        "true",
        "2025-03-31",
        "2025-03-31 09:00:00",
        "07:32:00",
        '"text"',
        '""',
        "''",
        '"a \\" quote, a # and a ] and a \\\\"',
        "'C:\\folder\\'",
        '"""\none\n[two]\n= three"""',
        '"""a "" b"""',
        '"""ends in a quote\\""""',
        '"""""two at each end"""""',
        '"""folded \\\n   on"""',
        "'''\n'one' # not a comment\n'''",
        "'''''two'''''",
    ]
)
KEYS = ["a", "b-1", "'a.b'", '"q \\" ="', '"1"', "2025-01-01", "true", '""']
GAPS = st.sampled_from(["", " ", "\n", " # a ] comment, with = and [\n", "\n\n  "])


def as_key(written: str) -> str:
    return next(iter(tomllib.loads(f"{written} = 0")))


class Writer:
    """Writes a document piece by piece and knows the line of each, as it is writing it."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.text = ""
        self.lines: dict[EntryPath, int] = {}

    def here(self, path: EntryPath) -> None:
        self.lines[path] = self.text.count("\n") + 1

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        return self.data.draw(strategy)

    def entry(self, table: EntryPath, key: str, deep: int) -> None:
        path = (*table, as_key(key))
        self.here(path)
        self.text += key
        if self.draw(st.integers(0, 4)) == 0:
            inner = self.draw(st.sampled_from(KEYS))
            path = (*path, as_key(inner))
            self.here(path)
            self.text += f" . {inner}"
        self.text += " = "
        self.value(path, deep)

    def value(self, path: EntryPath, deep: int, one_line: bool = False) -> None:
        kind = self.draw(st.sampled_from(["plain", "plain", "list", "table"])) if deep else "plain"
        if kind == "plain":
            self.text += self.draw(PLAIN)
        elif kind == "list":
            self.text += "["
            for number in range(self.draw(st.integers(0, 3))):
                self.text += self.draw(GAPS)
                self.here((*path, number))
                self.value((*path, number), deep - 1)
                self.text += self.draw(GAPS) + ","
            self.text += self.draw(GAPS) + "]"
        else:
            self.text += "{ "
            keys = self.draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))
            for number, key in enumerate(keys):
                self.text += ", " if number else ""
                self.entry(path, key, deep - 1)
            self.text += " }"

    def document(self) -> None:
        self.entries(())
        for number, name in enumerate(self.draw(st.lists(st.sampled_from("xyz"), max_size=5))):
            path: EntryPath = (f"{name}{number}",)
            self.text += self.draw(GAPS) + "\n"
            self.here(path)
            if self.draw(st.booleans()):
                self.text += f"[ {path[0]} ]\n"
                self.entries(path)
                continue
            for item in range(self.draw(st.integers(1, 3))):
                self.here((*path, item))
                self.text += f"[[{path[0]}]] # {item}\n"
                self.entries((*path, item))
                inside = (*path, item, "inside")
                self.here(inside)
                deeper = (*inside, "deeper")
                self.here(deeper)
                self.text += f"[{path[0]}.inside.'deeper']\n"
                self.entries(deeper)
            # The list as a whole is where its first table is.
            self.lines[path] = self.lines[*path, 0]

    def entries(self, table: EntryPath) -> None:
        for key in self.draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True)):
            self.entry(table, key, 2)
            self.text += self.draw(st.sampled_from(["\n", " # a [comment]\n", "\n\n"]))


@given(st.data())
def test_every_entry_is_found_on_the_line_on_which_it_was_written(data: st.DataObject) -> None:
    writer = Writer(data)
    writer.document()

    assert set(paths(tomllib.loads(writer.text))) == set(writer.lines)
    assert lines_of(writer.text) == writer.lines


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_of_our_own_files_every_entry_has_a_line(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    found = lines_of(text)

    assert set(found) == set(paths(tomllib.loads(text)))
    for path, number in found.items():
        if isinstance(path[-1], str):
            assert path[-1] in text.splitlines()[number - 1]


def test_a_table_is_where_its_own_heading_is_also_when_one_inside_it_came_first() -> None:
    text = "[a.b]\nx = 1\n\n[a]\ny = 2\n"

    assert lines_of(text) == {("a", "b"): 1, ("a", "b", "x"): 2, ("a",): 4, ("a", "y"): 5}


def test_what_is_not_there_is_looked_for_where_it_would_stand() -> None:
    lines = lines_of('id = "x"\n\n[origin]\nkind = "y"\n')

    assert line_of(lines, ("origin", "source")) == 3
    assert line_of(lines, ("says", "rose")) == 1
    assert line_of(lines, ("origin", "kind", 3, "deeper")) == 4
