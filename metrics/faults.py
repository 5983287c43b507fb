"""What is wrong with a definition, in words for its author: the line, the entry, and the remedy."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from data.toml_lines import EntryPath
from metrics.blocks import COUNT_BLOCKS
from metrics.errors import MISFITS, Fault

ID_PATTERN = r"^[A-Z]+[0-9]+$"
SLUG_PATTERN = r"^[a-z][a-z0-9_]*$"
# What to do about a fault that a validation found, where its own words would not say so.
WRITTEN = {
    ID_PATTERN: "write capital letters, then digits, such as F04",
    SLUG_PATTERN: "write small letters, digits and _ only, a letter first, such as people_waiting",
}
A_TABLE = "write a table of entries: between { and }, or under a heading in [ and ]"
A_DATE = "write a date without quotes, such as 2025-03-31"
EXACTLY_TWO = "write exactly two, between [ and ], with a comma"
REMEDIES = {
    "missing": "this is missing; write it",
    "tuple_type": "write a list: between [ and ], with commas",
    "too_short": "write at least one",
    "string_too_short": "write something",
    "string_type": "write text, in quotes",
    "int_type": "write a whole number, without quotes",
    "bool_type": "write true or false, without quotes",
    "finite_number": "write a number",
    "dict_type": A_TABLE,
    "model_type": A_TABLE,
    "date_type": A_DATE,
}
# A word is taken for a slip of another where it is so close, and the next best is clearly further.
CLOSE = 0.7
CLEARLY = 0.05

# Said by the standard library's reader, and what is to be done; the first that fits. The second
# pattern is looked for in the line itself.
_UNREADABLE = (
    (r"Unescaped", r"", r"write \\ for each \ in a text, or put the text between single quotes"),
    (r"Illegal character|Unterminated|invalid character|Expected ['\"]{3}", r"",
     "a text is not closed; end it with the quotation mark that it begins with"),
    (r"Invalid date", r"", "there is no such day; write it as 2025-03-31"),
    (r"Cannot declare", r"", "this heading stands twice; put its entries together under one"),
    (r"Cannot overwrite|Duplicate inline|Cannot mutate", r"",
     "this entry stands twice; keep one of them"),
    (r"Unclosed array|Unclosed inline", r"",
     "a list or table that began above is not closed, or lacks a comma; end a list with ] and a"
     " table with }"),
    (r"Expected '=' after a key", r"^\s*[\w.-]+\s*:", "write = and not : after the name"),
    (r"Expected '=' after a key", r"", "write the name of an entry, then =, then what it is"),
    (r"table declaration", r"", "end the heading with as many ] as it begins with ["),
    (r"", r"[“”‘’„]", "write straight quotation marks, not curly ones"),
    (r"Invalid value", r"=\s*(True|False|TRUE|FALSE|yes|no|Yes|No)\b",
     "write true or false, in small letters"),
    (r"Invalid value", r"=\s*(#.*)?$", "write what the entry is after its ="),
    (r"", r"=\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", "write a date as 2025-03-31"),
    (r"Invalid value", r"=\s*\w", "write text in quotes"),
    (r"Expected newline", r"", "write each entry on a line of its own, and text in quotes"),
    (r"Invalid (statement|initial)", r"", "write the name of an entry, then =, then what it is"),
)  # fmt: skip


def faults_found(model: type[BaseModel], error: ValidationError) -> Iterator[Fault]:
    """Yield what a validation of a definition found, each fault once."""
    found = list(_each_fault(model, error))
    for fault in found:
        around, name = fault.path[:-1], fault.path[-1] if fault.path else ""
        # An entry with a slip in its name is not also missing, nor a list with a wrong item empty.
        slip = any(f.path[:-1] == around and f"did you mean {name}?" in f.said for f in found)
        inside = any(len(f.path) > len(fault.path) > 0 and _within(f, fault) for f in found)
        if not (slip and fault.said == REMEDIES["missing"]) and not (
            inside and fault.said == REMEDIES["too_short"]
        ):
            yield fault


def _within(fault: Fault, other: Fault) -> bool:
    return fault.path[: len(other.path)] == other.path


def _each_fault(model: type[BaseModel], error: ValidationError) -> Iterator[Fault]:
    for found in error.errors():
        path = _path(found["loc"])
        if found["type"] == MISFITS:
            yield from (fault.under(*path) for fault in found.get("ctx", {})["faults"])
        elif found["type"] == "missing" and path and isinstance(path[-1], int):
            yield Fault(path[:-1], EXACTLY_TWO)
        else:
            yield Fault(path, _remedy(model, found))


def unreadable(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    """Return the line at which a text stops being TOML, and what to do there."""
    said = str(error)
    lines = text.splitlines() or [""]
    at = re.search(r"\(at line (\d+), column \d+\)$", said)
    number = int(at[1]) if at else len(lines)
    # What is not closed is noticed on the line after the last that could be read.
    line = lines[min(number, len(lines)) - 1]
    remedy = next(
        (
            remedy
            for message, written, remedy in _UNREADABLE
            if re.search(message, said) and re.search(written, line)
        ),
        "write the name of an entry, then =, then what it is",
    )
    return number, f"this cannot be read; {remedy}"


def meant(name: str, known: Iterable[str]) -> str:
    """Return "did you mean …? ", or "" where no known name is surely meant."""
    options = list(dict.fromkeys(known))
    close = difflib.get_close_matches(name, options, n=2, cutoff=CLOSE)
    if not close:
        return ""
    ratios = [difflib.SequenceMatcher(None, name, other).ratio() for other in close]
    if len(close) > 1 and ratios[0] - ratios[1] < CLEARLY:
        return ""
    return f"did you mean {close[0]}? "


def _path(loc: tuple[int | str, ...]) -> EntryPath:
    path: list[str | int] = []
    for before, part in zip((None, *loc), loc, strict=False):
        # What follows a block's name only says which kind of block it was taken for.
        is_kind = before in ("numerator", "denominator") and part in COUNT_BLOCKS
        if not is_kind and not (isinstance(part, str) and part.startswith("function-")):
            path.append(part)
    return tuple(path)


def _remedy(model: type[BaseModel], found: ErrorDetails) -> str:
    kind, message = str(found["type"]), found["msg"].removeprefix("Value error, ")
    given, context = found["input"], found.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return WRITTEN.get(context["pattern"], message)
    if kind.startswith(("date_", "datetime_")):
        return REMEDIES["date_type"]
    if kind == "extra_forbidden":
        return _no_such_entry(model, found["loc"])
    if kind == "too_long":
        return EXACTLY_TWO
    if kind == "block":
        names = given if isinstance(given, dict) else ()
        guesses = [meant(name, COUNT_BLOCKS) for name in names if name not in COUNT_BLOCKS]
        guess = next(filter(None, guesses), "")
        return f"{guess}{(guess and message[:1].upper()) or message[:1]}{message[1:]}"
    said = message.replace("Input should be", "this must be").replace("True", "true")
    if kind == "literal_error" and isinstance(given, str):
        guess = meant(given, re.findall(r"'([^']*)'", said))
        return f"{said}; {guess}".rstrip("; ")
    return REMEDIES.get(kind, said)


def _no_such_entry(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    name, known = str(loc[-1]), _entries(_model_at(model, loc[:-1]))
    guess = meant(name, known)
    if not guess and len(loc) > 1 and name in _entries(model):
        # The commonest slip in this kind of file: what follows a heading belongs to it.
        return "this belongs above the first heading in [ and ]; move it there"
    return f"there is no such entry; {guess or 'check its spelling or remove it'}".rstrip()


def _entries(model: type[BaseModel] | None) -> list[str]:
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel] | None:
    """Return what the entries at a place are held against."""
    here: list[type[BaseModel]] = [model]
    for part in loc:
        if isinstance(part, int):
            continue
        kind = COUNT_BLOCKS.get(part)
        if kind in here:
            here = [kind]
            continue
        fields = (field for one in here for field in one.model_fields.items())
        here = [
            inner
            for name, field in fields
            if part in (name, field.alias)
            for inner in _models_in(field.annotation)
        ]
    return here[0] if here else None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for inner in get_args(annotation):
        yield from _models_in(inner)
