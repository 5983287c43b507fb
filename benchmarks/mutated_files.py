"""Thousands of files damaged at random: each is read whole, held in part, or refused in words.

The generator is seeded, so a file that is ever read wrongly can be made again from its number.
What became of each is held against a second reading of it, by `own_parser`.
"""

import io
import multiprocessing
import os
import random
import re
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from rich.table import Table

from benchmarks import own_parser
from benchmarks.figures import Tell, out
from benchmarks.homes import folder
from benchmarks.own_parser import Reading, UnreadableError
from data.check import Checked, Rulebook, check_all
from data.file_rows import HELD_ROW
from data.reference import rulebook
from tests.small_partnership import set_up

FILES = 10_000
FILES_AT_A_TIME = 250
MOST_SECONDS = 5.0
HEADER = (
    "team_id",
    "month",
    "measure_id",
    "numerator",
    "denominator",
    "suppressed",
    "note",
    "comment",
)
KNOWN = frozenset({*HEADER, "submitted_by_role", "submitted_on"})
NEEDED = frozenset(HEADER[:3])
DELIMITERS = (",", ",", ",", ";", "\t", "|", "^")
ENDS = ("\n", "\n", "\r\n", "\r")
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16")
PIECES = (
    *(",", ";", "\t", "|", '"', '""', "'", "\n", "\r\n", "\r", '"\n', '\n"', ',"', '",', " "),
    *("\x00", "\x0b", "\x1a", "\x85", "é", "€", "\u2028", "-", "<5", "N1", "2024-04", "=1+1"),
)
NOTES = ("", "", "fine", "one, two", "a; b | c", 'said "no" twice', "café – 5 €", "two\nlines")
BLANK = frozenset({"", "null", "(null)", "nan", "n/a", "#n/a", "-", "–", "—", ".", "unknown"})


@dataclass(frozen=True)
class Mutated:
    """A damaged file.

    Attributes:
        number: What it was made from.
        kind: `text`, `workbook` or `parquet`.
        damage: What was done to it, in order.
        delimiter: What stands between the cells of text.
    """

    number: int
    kind: str
    content: bytes
    damage: tuple[str, ...]
    delimiter: str = ""


@dataclass
class Tally:
    """What became of the files of one kind."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add what became of others."""
        self.outcomes += other.outcomes
        self.slowest = max(self.slowest, other.slowest)
        self.wrong += other.wrong


# ---------------------------------------------------------------- making files


def make(number: int) -> Mutated:
    """Return the file with a number: always the same one."""
    chance = random.Random(number)
    rows = _rows(chance)
    kind = chance.choices(("text", "workbook", "parquet"), (16, 3, 1))[0]
    if kind == "workbook":
        return Mutated(number, kind, *_damaged_workbook(rows, chance))
    if kind == "parquet":
        return Mutated(number, kind, *_damaged_bytes(_parquet(rows), chance))
    delimiter = chance.choice(DELIMITERS)
    text = _text(rows, delimiter, chance)
    damage: list[str] = []
    for _ in range(chance.randint(0, 3)):
        name = chance.choice(list(_TEXT_DAMAGE))
        damage.append(name)
        text = _TEXT_DAMAGE[name](text, delimiter, chance)
    content = text.encode(chance.choice(ENCODINGS), "replace")
    if chance.random() < 0.4:
        content, more = _damaged_bytes(content, chance)
        damage += more
    return Mutated(number, kind, content, tuple(damage), delimiter)


def _rows(chance: random.Random) -> list[list[str]]:
    rows = []
    months = [f"202{year}-{month:02d}" for year in (3, 4) for month in range(1, 13)]
    keys = [(team, month) for month in months for team in ("N1", "N2", "S1")]
    for team, month in chance.sample(keys, chance.randint(1, 40)):
        denominator = chance.randint(10, 3_000)
        numerator = str(chance.randint(0, denominator))
        if chance.random() < 0.1:
            numerator = chance.choice(("<5", "*", "1,204", "many", ""))
        flag = chance.choice(("yes", "no", "", ""))
        notes = [chance.choice(NOTES), chance.choice(NOTES)]
        rows.append([team, month, "W03", numerator, str(denominator), flag, *notes])
    return rows


def _text(rows: Sequence[Sequence[str]], delimiter: str, chance: random.Random) -> str:
    end = chance.choice(ENDS)
    every = chance.random() < 0.1

    def written(cell: str) -> str:
        needed = any(mark in cell for mark in (delimiter, '"', "\n", "\r"))
        return f'"{cell.replace(chr(34), chr(34) * 2)}"' if needed or (every and cell) else cell

    titles = ["Counts by team", ""] if chance.random() < 0.2 else []
    lines = [delimiter.join(map(written, row)) for row in (HEADER, *rows)]
    return end.join([*titles, *lines, ""])


def _workbook(rows: Sequence[Sequence[str]], chance: random.Random) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (HEADER, *rows):
        sheet.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    if chance.random() < 0.3:
        other = book.create_sheet("More")
        for row in (HEADER, ["N1", "2022-01", "W03", 1, 10, None, "more", None]):
            other.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _parquet(rows: Sequence[Sequence[str]]) -> bytes:
    columns = list(zip(*rows, strict=True))
    table = pa.table({name: pa.array(cells) for name, cells in zip(HEADER, columns, strict=True)})
    stream = io.BytesIO()
    pq.write_table(table, stream, write_page_checksum=True)
    return stream.getvalue()


# ---------------------------------------------------------------- damaging them

TextDamage = Callable[[str, str, random.Random], str]


def _place(text: str | bytes, chance: random.Random) -> int:
    return chance.randint(0, len(text))


def _insert(text: str, delimiter: str, chance: random.Random) -> str:
    at = _place(text, chance)
    return text[:at] + chance.choice((*PIECES, delimiter)) + text[at:]


def _long_cell(text: str, _: str, chance: random.Random) -> str:
    at = _place(text, chance)
    return text[:at] + "x" * chance.choice((500, 5_000, 140_000)) + text[at:]


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def _drop_line(text: str, _: str, chance: random.Random) -> str:
    lines = _lines(text)
    lines.pop(chance.randrange(len(lines)))
    return "".join(lines)


def _repeat_line(text: str, _: str, chance: random.Random) -> str:
    lines = _lines(text)
    lines.insert(chance.randint(0, len(lines)), chance.choice(lines))
    return "".join(lines)


def _cut(text: str, _: str, chance: random.Random) -> str:
    return text[: chance.randint(1, len(text))]


def _lose(text: str, _: str, chance: random.Random) -> str:
    at = _place(text, chance)
    return text[:at] + text[at + chance.randint(1, 40) :]


def _swap_names(text: str, _: str, chance: random.Random) -> str:
    one, other = chance.sample(HEADER, 2)
    return text.replace(one, "\0", 1).replace(other, one, 1).replace("\0", other, 1)


def _misspell(text: str, _: str, chance: random.Random) -> str:
    name = chance.choice(HEADER)
    return text.replace(name, chance.choice((name.upper(), f" {name} ", name[:-1], "", "x")), 1)


def _mix_ends(text: str, _: str, chance: random.Random) -> str:
    return "".join(re.sub(r"[\r\n]+$", chance.choice(ENDS), line) for line in _lines(text))


def _stray_quotes(text: str, delimiter: str, chance: random.Random) -> str:
    """Open a cell in one line and close it after a column of a later one."""
    lines = _lines(text)
    first = chance.randrange(len(lines))
    last = min(len(lines) - 1, first + chance.randint(0, 2))
    for at, side in ((first, '"{}'), (last, '{}"')):
        cells = lines[at].split(delimiter)
        place = chance.randrange(len(cells))
        cells[place] = side.format(cells[place])
        lines[at] = delimiter.join(cells)
    return "".join(lines)


def _more_cells(text: str, delimiter: str, chance: random.Random) -> str:
    lines = _lines(text)
    at = chance.randrange(len(lines))
    more = delimiter * chance.randint(1, 300)
    lines[at] = re.sub(r"(?=[\r\n]|$)", more, lines[at], count=1)
    return "".join(lines)


_TEXT_DAMAGE: dict[str, TextDamage] = {
    "insert": _insert,
    "insert again": _insert,
    "long cell": _long_cell,
    "drop line": _drop_line,
    "repeat line": _repeat_line,
    "cut": _cut,
    "lose": _lose,
    "swap names": _swap_names,
    "misspell": _misspell,
    "mix ends": _mix_ends,
    "stray quotes": _stray_quotes,
    "more cells": _more_cells,
}


def _damaged_bytes(content: bytes, chance: random.Random) -> tuple[bytes, tuple[str, ...]]:
    damage = []
    for _ in range(chance.randint(1, 3)):
        at, long = _place(content, chance), chance.randint(1, 30)
        what = chance.choice(("flip", "byte", "lose bytes", "repeat bytes", "cut bytes"))
        damage.append(what)
        if what == "flip" and at < len(content):
            flipped = content[at] ^ (1 << chance.randrange(8))
            content = content[:at] + bytes([flipped]) + content[at + 1 :]
        elif what == "byte":
            content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
        elif what == "lose bytes":
            content = content[:at] + content[at + long :]
        elif what == "repeat bytes":
            content = content[:at] + content[at : at + long] + content[at:]
        elif what == "cut bytes":
            content = content[: max(1, at)]
    return content, tuple(damage)


def _damaged_workbook(
    rows: Sequence[Sequence[str]], chance: random.Random
) -> tuple[bytes, tuple[str, ...]]:
    content = _workbook(rows, chance)
    if chance.random() < 0.4:
        return _damaged_bytes(content, chance)
    # Damage inside the archive, which is whole again afterwards.
    damage: list[str] = []
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w") as after:
        names = before.namelist()
        chosen = chance.choice([n for n in names if "sheet" in n or "Strings" in n or "work" in n])
        for name in names:
            part = before.read(name)
            if name == chosen:
                part, done = _damaged_xml(part, chance)
                damage.append(f"{name}: {done}")
            after.writestr(name, part)
    return stream.getvalue(), tuple(damage)


def _damaged_xml(part: bytes, chance: random.Random) -> tuple[bytes, str]:
    tags = [found.span() for found in re.finditer(rb"<(row|c)\b[^>]*>.*?</\1>", part)]
    numbers = [found.span() for found in re.finditer(rb'(?<=r=")[A-Z]*[0-9]+(?=")', part)]
    what = chance.choice(("bytes", "drop element", "repeat element", "renumber"))
    if what == "drop element" and tags:
        start, end = chance.choice(tags)
        return part[:start] + part[end:], what
    if what == "repeat element" and tags:
        start, end = chance.choice(tags)
        return part[:end] + part[start:end] + part[end:], what
    if what == "renumber" and numbers:
        start, end = chance.choice(numbers)
        other = chance.choice((b"1", b"A1", b"B3", b"999999", b"ZZZ9", b"0", b"XFD5", b"x"))
        return part[:start] + other + part[end:], what
    damaged, _ = _damaged_bytes(part, chance)
    return damaged, "bytes"


# ---------------------------------------------------------------- judging what became of them


def judge(file: Mutated, path: Path, checked: Sequence[Checked]) -> list[str]:
    """Return what is wrong with what was made of a file; nothing, where all is right."""
    wrong = []
    for each in checked:
        report = each.report
        dropped = sum(report.rows_dropped.values())
        if report.rows_in_file != report.rows_accepted + report.rows_held + dropped:
            wrong.append("the counts do not add up")
        if report.status == "refused":
            said = [problem.message for problem in report.problems]
            if not said or not all(re.search(r"\w.*[.?]$", words, re.DOTALL) for words in said):
                wrong.append("refused without words")
        elif (each.accepted.num_rows, each.held.num_rows) != (
            report.rows_accepted,
            report.rows_held,
        ):
            wrong.append("not as many rows as the report says")
    if all(each.report.status == "refused" for each in checked):
        return wrong
    try:
        wrong += _beside_our_own(file, path, checked)
    except UnreadableError as error:
        wrong.append(f"accepted, and cannot be read: {error}")
    return wrong


def _beside_our_own(file: Mutated, path: Path, checked: Sequence[Checked]) -> Iterator[str]:
    found = sum(each.report.rows_in_file for each in checked)
    if file.kind == "parquet":
        expected = own_parser.rows_of_parquet(str(path))
        if found != expected:
            yield f"{found} rows, and DuckDB finds {expected}"
        return
    if file.kind == "workbook":
        sheets = own_parser.read_workbook(file.content)
        readings = [own_parser.below_the_header(rows, KNOWN, NEEDED) for rows in sheets if rows]
        readings = [each for each in readings if len(KNOWN.intersection(each.header)) > 2]
        expected = sum(len(each.rows) for each in readings)
        passed_over = any("was not read" in w for each in checked for w in each.report.warnings)
        if found != expected and not passed_over:
            yield f"{found} rows, and there are {expected}"
        return
    text = own_parser.text_of(file.content)
    reading = own_parser.below_the_header(own_parser.read_text(text, file.delimiter), KNOWN, NEEDED)
    if found != len(reading.rows):
        yield f"{found} rows, and there are {len(reading.rows)}"
        return
    (one,) = checked
    needed = len(reading.header) - 1
    for row in reading.rows:
        if any(_holds_a_row(cell, file.delimiter, needed) for cell in row.cells):
            yield f"a cell of row {row.number} holds a row"
    full = sum(
        sum(map(bool, row.cells)) > needed / 2 and bool(re.search("[0-9]", "".join(row.cells)))
        for row in reading.above
    )
    if full and not any("may be data" in words for words in one.report.warnings):
        yield f"{full} rows above the header may be data, and nothing is said"
    yield from _cells_differ(one, reading)


def _holds_a_row(cell: str, delimiter: str, needed: int) -> bool:
    _, *after = re.split(r"\r\n|\r|\n", cell)
    return any(part.count(delimiter) >= needed for part in after)


def _cells_differ(checked: Checked, reading: Reading) -> Iterator[str]:
    """Yield what differs between the cells that were accepted and those of the second reading."""
    if checked.report.rows_dropped:
        return
    held = set(checked.held.column(HELD_ROW).to_pylist())
    if not held <= {row.number for row in reading.rows}:
        yield "a held row has a number that no row has"
    kept = [row for row in reading.rows if row.number not in held]
    for row, accepted in zip(kept, checked.accepted.to_pylist(), strict=True):
        numerator, note = reading.cell(row, "numerator"), reading.cell(row, "note")
        digits = numerator if numerator and re.fullmatch("[0-9]+", numerator) else None
        if digits is not None and accepted["numerator"] != int(digits):
            yield f"row {row.number}: another numerator"
        if note is not None and _plain(note) != _plain(accepted["note"] or ""):
            yield f"row {row.number}: another note"


def _plain(note: str) -> str:
    """Return a note without what reading may change: white space, and words for nothing."""
    plain = " ".join(note.split())
    return "" if plain.casefold() in BLANK else plain


# ---------------------------------------------------------------- all of it


def check_one(file: Mutated, path: Path, rules: Rulebook) -> tuple[str, float, list[str]]:
    """Return what became of a file, in how many seconds, and what is wrong with that."""
    path.write_bytes(file.content)
    started = time.perf_counter()
    try:
        checked = list(check_all(path, rules))
    # Whatever is raised is what is looked for here; it is counted and shown.
    except Exception:
        return "crashed", time.perf_counter() - started, [traceback.format_exc(limit=-3)]
    taken = time.perf_counter() - started
    wrong = judge(file, path, checked)
    if taken > MOST_SECONDS:
        wrong.append(f"took {taken:.1f} s")
    statuses = {each.report.status for each in checked}
    if statuses == {"refused"}:
        return "refused", taken, wrong
    return ("held in part" if statuses != {"accepted"} else "read whole"), taken, wrong


def check_many(numbers: Sequence[int]) -> dict[str, Tally]:
    """Return what became of the files with these numbers, by their kind."""
    tallies: dict[str, Tally] = {}
    with folder() as place:
        rules = rulebook(set_up(place / "home"))
        for number in numbers:
            file = make(number)
            outcome, taken, wrong = check_one(file, place / "damaged.csv", rules)
            words = [f"file {number} ({', '.join(file.damage)}): {what}" for what in wrong]
            tally = Tally(Counter({outcome: 1}), taken, words)
            tallies.setdefault(file.kind, Tally()).add(tally)
    return tallies


def measure(tell: Tell, files: int = FILES) -> dict[str, Tally]:
    """Return what became of many files; a process that dies on one counts as a crash."""
    tallies: dict[str, Tally] = {}
    starts = range(0, files, FILES_AT_A_TIME)
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(4, os.cpu_count() or 1), mp_context=fresh) as pool:
        parts = {
            start: pool.submit(check_many, range(start, min(files, start + FILES_AT_A_TIME)))
            for start in starts
        }
        for start, part in parts.items():
            tell(f"Damaged files {start:,} to {start + FILES_AT_A_TIME:,} of {files:,}")
            try:
                found = part.result()
            except BrokenProcessPool:
                died = f"a process died on one of the files from {start}"
                found = {"text": Tally(Counter(crashed=1), wrong=[died])}
            for kind, tally in found.items():
                tallies.setdefault(kind, Tally()).add(tally)
    return tallies


def steps(files: int = FILES) -> int:
    """Return how many steps `measure` tells of."""
    return len(range(0, files, FILES_AT_A_TIME))


def show(tallies: dict[str, Tally]) -> None:
    """Print what became of the files, and every one with which something is wrong."""
    columns = ("read whole", "held in part", "refused", "crashed")
    table = Table(
        title="Files damaged at random, beside a second reading of each",
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
    )
    for name in ("", "files", *columns, "rows lost or wrong", "slowest"):
        table.add_column(name, justify="right" if name else "left")
    for kind, tally in sorted(tallies.items()):
        counts = [f"{tally.outcomes[name]:,}" for name in columns]
        files = f"{tally.outcomes.total():,}"
        wrong = f"{len(tally.wrong):,}"
        table.add_row(kind, files, *counts, wrong, f"{tally.slowest:.2f} s")
    out.print()
    out.print(table)
    for words in [words for tally in tallies.values() for words in tally.wrong][:20]:
        out.print(words, highlight=False)
