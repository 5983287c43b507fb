"""Write docs/data_dictionary.md from the contracts and the lists of codes: `make docs`.

What stands above the mark in that file is written by hand and left as it is.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from under_the_mark import write, written_anew

from data.code_lists import CodeList, load_code_lists
from data.contract import Across, Column, Contract, Rule, load_contracts
from data.prepared_tables import added_columns, countable

PAGE = Path(__file__).with_suffix(".md")
MARK = "<!-- What follows is written by docs/data_dictionary.py."

TYPES = {
    "text": "text",
    "int": "whole number",
    "dec": "number",
    "date": "day",
    "month": "month",
    "ts": "day and time",
    "bool": "yes or no",
}
ACTIONS = {
    "hold": "A row is held where:",
    "warn": "A row is kept, and named in a warning, where:",
}
KINDS = {
    "events": "Events: inside what a file covers, no row means that none happened.",
    "reported": "Reported: a row is expected for every area and month; none means not received.",
    "reference": "A list: kept in the `reference` folder of the partnership, or loaded.",
}


def page(text: str) -> str:
    """Return the page with everything under its mark written anew."""
    return written_anew(text, MARK, _lines())


def _lines() -> Iterator[str]:
    contracts = load_contracts()
    yield "## The tables\n"
    for contract in contracts.values():
        yield f"- [{contract.title}](#{contract.table}): `{contract.table}`"
    yield ""
    for contract in contracts.values():
        yield from _section(contract)
    yield "## What is made from them\n"
    yield (
        "Nobody sends these: they are made from what was sent whenever figures are worked out, and"
        " a definition can count them. The SQL of each is in `data/prepared`, with what it means.\n"
    )
    made = countable(contracts)
    for table, columns in added_columns(contracts, made).items():
        if columns:
            yield f'<a id="made-{table}"></a>\n\n### Added to `{table}`\n'
            yield from _words_of(columns)
    for table, contract in made.items():
        if table not in contracts:
            yield f'<a id="made-{table}"></a>\n\n### {contract.title}: `{table}`\n'
            yield f"{contract.describes} Made from {_names(contract.made_from)}.\n"
            yield from _words_of(contract.columns)
    yield "## The lists of codes\n"
    yield (
        "Each is a file in `data/codes`; a file of the same list in the partnership's folder"
        " `codes` takes its place. Upper and lower case, spaces and dashes make no difference.\n"
    )
    for codes in load_code_lists().values():
        yield from _code_list(codes)


def _words_of(columns: Iterable[Column]) -> Iterator[str]:
    yield "| column | what it is |\n|---|---|"
    for column in columns:
        yield f"| `{column.name}` | {_words(column).replace('|', chr(92) + '|')} |"
    yield ""


def _code_list(codes: CodeList) -> Iterator[str]:
    yield f'<a id="codes-{codes.name}"></a>\n\n### {codes.title}: `{codes.name}`\n'
    yield f"Edition: {codes.version}.{f' {codes.source}.' if codes.source else ''}"
    if codes.blank:
        yield f"Read as blank: {', '.join(f'`{text}`' for text in codes.blank)}."
    if codes.otherwise:
        yield f"Anything else is read as `{codes.otherwise}`, and the report says so."
    yield "\n| code | stands for | also written |\n|---|---|---|"
    for entry in codes.entries:
        also = [f"`{spelling}`" for spelling in entry.also]
        also += [f"{first} to {last}" for first, last in entry.numbers]
        words = entry.words
        if entry.replaces:
            words += f" (in place of {', '.join(entry.replaces)})"
        yield f"| `{entry.code}` | {words} | {', '.join(also).replace('|', chr(92) + '|')} |"
    yield ""


def _section(contract: Contract) -> Iterator[str]:
    yield f'<a id="{contract.table}"></a>\n\n### {contract.title}: `{contract.table}`\n'
    yield f"{contract.describes}\n"
    yield from (f"- {fact}" for fact in _facts(contract))
    yield "\n| column | holds | needed | what it is | example |\n|---|---|---|---|---|"
    yield from (_row(column) for column in contract.columns)
    for action, said in ACTIONS.items():
        rules = [rule for rule in contract.rules if rule.action == action]
        if rules:
            yield f"\n{said}\n"
            yield from (f"- `{rule.name}`: {_broken(rule)}" for rule in rules)
    if contract.across:
        yield "\nOnce everything is loaded, a row is named, and kept, where:\n"
        yield from (f"- `{rule.name}`: {_broken_across(rule)}" for rule in contract.across)
    yield ""


def _facts(contract: Contract) -> Iterator[str]:
    if contract.generated:
        yield "Made by the program from the dates: do not send one."
        return
    yield KINDS[contract.kind]
    if contract.sent_by:
        yield f"Usually sent by {contract.sent_by}."
    if contract.key:
        yield f"A row is known by {_names(contract.key)}."
    else:
        yield "Nothing identifies a row: send whole months."
    if contract.date:
        yield f"Its month is that of `{contract.date}`."
    if contract.attribution:
        ways: dict[str, list[str]] = {}
        for way, column in contract.attribution.items():
            ways.setdefault(column, []).append(way)
        said = [f"`{column}` ({', '.join(names)})" for column, names in ways.items()]
        yield f"Whose row it is: {', '.join(said)}."
    if contract.only_if_named:
        yield f"Read only where you say so: `--as {contract.table}`."
    if contract.kept_for_months:
        yield f"Kept for {contract.kept_for_months} months at most: our working assumption."
    if contract.episodes:
        yield (
            f"Rows with the same key and a different `{contract.episodes.order}` are read as one:"
            f" that of the first, with {_names(contract.episodes.last)} of the last."
        )
    if contract.counted:
        yield (
            f"`{contract.counted.measure}` must have a definition; where that is a percentage,"
            f" `{contract.counted.numerator}` is at most `{contract.counted.denominator}`."
        )
    if contract.working_days:
        yield (
            f"Where `{contract.working_days.where}` says {contract.working_days.working},"
            f" {_names(contract.working_days.columns)} are multiplied by the days of the month and"
            " divided by its working days; the report says so."
        )


def _row(column: Column) -> str:
    needed = "filled here" if column.filled else "yes" if column.required else ""
    example = f"`{column.example}`" if column.example else ""
    cells = (f"`{column.name}`", TYPES[column.type], needed, _words(column), example)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _words(column: Column) -> str:
    # A mark such as * or <5 would be read as formatting.
    said = [column.words.replace("*", "\\*").replace("<", "&lt;")]
    if column.unit:
        said.append(f"In {column.unit}.")
    if column.codes:
        said.append(f"One of [these codes](#codes-{column.codes.name}).")
    elif column.allowed:
        said.append(f"One of: {', '.join(f'`{code}`' for code in column.allowed)}.")
    if column.list_referred_to:
        said.append(f"In the list `{column.list_referred_to[0]}`.")
    if column.known_in:
        said.append(f"Ought to be in the list `{column.known_in.partition('.')[0]}`.")
    if column.shape == "icd10":
        said.append("Brought to a letter and two or three digits, without a dot.")
    if column.at_least is not None:
        said.append(f"At least {column.at_least}.")
    if column.at_most is not None:
        said.append(f"At most {column.at_most}.")
    if column.future:
        said.append("May lie ahead.")
    if column.blank_means:
        said.append(f"Blank: {column.blank_means}.")
    if column.default is not None:
        said.append(f"Blank: read as {column.default}.")
    if column.suppressed_into:
        said.append(f"A mark for a hidden number sets `{column.suppressed_into}`.")
    if column.free_text:
        said.append("Searched for names and numbers of people.")
    if column.system_names:
        said.append(f"Systems call it {' or '.join(column.system_names)}.")
    return " ".join(said)


def _broken(rule: Rule) -> str:
    if rule.agree:
        like = _names(rule.agree[1:])
        return f"{rule.message} (`{rule.agree[0]}` differs in rows with the same {like}.)"
    first, second = rule.columns
    if rule.needs:
        return f"{rule.message} (`{first}` is filled and `{second}` is not.)"
    if rule.not_both:
        return f"{rule.message} (`{first}` and `{second}` are both filled.)"
    if rule.either:
        return f"{rule.message} (`{first}` and `{second}` are both blank.)"
    if rule.order:
        return f"{rule.message} (`{second}` lies before `{first}`.)"
    times = "" if rule.times == 1 else f"{rule.times} times "
    return f"{rule.message} (`{first}` is more than {times}`{second}`.)"


def _broken_across(rule: Across) -> str:
    other = ".".join(rule.other)
    if rule.known_in:
        return f"{rule.message} (`{rule.column}` is not in `{other}`.)"
    return f"{rule.message} (`{rule.column}` lies after `{other}` of the same `{rule.same}`.)"


def _names(columns: tuple[str, ...]) -> str:
    named = [f"`{name}`" for name in columns]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


if __name__ == "__main__":
    write(PAGE, MARK, _lines())
