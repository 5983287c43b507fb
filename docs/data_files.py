"""Write the tables of docs/data_files.md from the contracts: `make docs`.

What stands above the mark in that file is written by hand and left as it is.
"""

from collections.abc import Iterator
from pathlib import Path

from data.contract import Column, Contract, Rule, load_contracts

PAGE = Path(__file__).with_suffix(".md")
MARK = "<!-- What follows is written by docs/data_files.py."

TYPES = {
    "text": "text",
    "int": "whole number",
    "dec": "number",
    "date": "day",
    "month": "month",
    "ts": "day and time",
    "bool": "yes or no",
}
KINDS = {
    "events": "Events: inside what a file covers, no row means that none happened.",
    "reported": "Reported: a row is expected for every area and month; none means not received.",
    "reference": "A list: kept in the `reference` folder of the partnership, or loaded.",
}


def page(text: str) -> str:
    """Return the page with everything under its mark written anew."""
    above, mark, below = text.partition(MARK)
    rest_of_line = below.partition("\n")[0]
    written = "\n".join(_lines())
    return f"{above}{mark}{rest_of_line}\n\n{written}"


def _lines() -> Iterator[str]:
    contracts = load_contracts()
    yield "## The tables\n"
    for contract in contracts.values():
        yield f"- [{contract.title}](#{contract.table}): `{contract.table}`"
    yield ""
    for contract in contracts.values():
        yield from _section(contract)


def _section(contract: Contract) -> Iterator[str]:
    yield f'<a id="{contract.table}"></a>\n\n### {contract.title}: `{contract.table}`\n'
    yield f"{contract.describes}\n"
    yield from (f"- {fact}" for fact in _facts(contract))
    yield "\n| column | holds | needed | what it is | example |\n|---|---|---|---|---|"
    yield from (_row(column) for column in contract.columns)
    if contract.rules:
        yield "\nA row is held where:\n"
        yield from (f"- `{rule.name}`: {_broken(rule)}" for rule in contract.rules)
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
    if column.allowed:
        said.append(f"One of: {', '.join(f'`{code}`' for code in column.allowed)}.")
    if column.list_referred_to:
        said.append(f"In the list `{column.list_referred_to[0]}`.")
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
    if column.nhs_name:
        said.append(f"NHS name: {column.nhs_name}.")
    return " ".join(said)


def _broken(rule: Rule) -> str:
    first, second = rule.columns
    if rule.order:
        return f"{rule.message} (`{second}` lies before `{first}`.)"
    times = "" if rule.times == 1 else f"{rule.times} times "
    return f"{rule.message} (`{first}` is more than {times}`{second}`.)"


def _names(columns: tuple[str, ...]) -> str:
    named = [f"`{name}`" for name in columns]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
