"""Which table a file holds, and which of its rows is the header."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from data.contract import Contract
from data.recipe import Recipe, from_contract, plain_name
from data.report import FileRefusedError, Problem

# Title rows above the header are few; a header further down is not one.
ROWS_SEARCHED = 30
# So many columns of one table in one row are no accident.
NEARLY = 3


@dataclass(frozen=True)
class Recognised:
    """What a file is read as.

    Attributes:
        header_at: Which of the rows searched is the header, counting from 0.
        recipe: How its rows become rows of the contract.
        by_recipe: Whether a recipe was matched, and not the contract's own column names.
    """

    header_at: int
    contract: Contract
    recipe: Recipe
    by_recipe: bool


@dataclass(frozen=True)
class Recogniser:
    """What there is to recognise a file by.

    Attributes:
        levels: Recipes, the partnership's own first.
        as_named: The table or recipe that the sender says it is.
        stem: The file's name without its ending: it names the table where it is one.
    """

    contracts: Mapping[str, Contract]
    levels: Sequence[Sequence[Recipe]]
    as_named: str | None = None
    stem: str = ""

    def on_sheet(self, name: str) -> "Recogniser":
        """Return what recognises a sheet of a workbook.

        Where the file is named after a table, a sheet that is named after another holds that one.
        """
        named = self.stem.casefold() in self.contracts and name.casefold() in self.contracts
        return replace(self, stem=name) if named else self

    def find(self, rows: Sequence[Sequence[str]]) -> Recognised:
        """Return what a file is, from its first rows.

        Raises:
            FileRefusedError: If no table fits, or more than one.
        """
        headers = [frozenset(filter(None, map(plain_name, row))) for row in rows]
        headers = headers[:ROWS_SEARCHED]
        found = self._by_recipe(headers) or self._by_columns(headers)
        if found.contract.generated:
            table = found.contract.table
            raise FileRefusedError.of(
                "generated", f"The {table} is made here from the dates; do not send one."
            )
        table = found.contract.table
        if found.contract.only_if_named and self.as_named not in (table, found.recipe.recipe):
            raise FileRefusedError.of(
                "only_if_named",
                f"These are {found.contract.title.lower()}: anybody may have written a name into"
                f" them, so they are read only where you ask for it. Read them through, take every"
                f" name out, and say --as {table}.",
            )
        return found

    def _by_recipe(self, headers: Sequence[frozenset[str]]) -> Recognised | None:
        for level in self.levels:
            wanted = [r for r in level if self.as_named in (None, r.table, r.recipe)]
            for at, names in enumerate(headers):
                matching = [recipe for recipe in wanted if recipe.matches(names)]
                if len(matching) > 1:
                    raise FileRefusedError.of("several_recipes", _which(matching))
                if matching:
                    return Recognised(at, self.contracts[matching[0].table], matching[0], True)
        return None

    def _by_columns(self, headers: Sequence[frozenset[str]]) -> Recognised:
        said = self.as_named
        if said is not None and said not in self.contracts:
            raise FileRefusedError.of("not_this_recipe", self._not_its_header(said))
        if said is None and self.stem.casefold() in self.contracts:
            said = self.stem.casefold()
        contracts = [self.contracts[said]] if said else list(self.contracts.values())
        fits = [_Fit.of(at, names, c) for at, names in enumerate(headers) for c in contracts]
        best = max((fit.score for fit in fits), default=(0, False))
        matching = [fit for fit in fits if fit.score == best]
        tables = list(dict.fromkeys(fit.contract.table for fit in matching))
        if said is None and (best[0] == 0 or not best[1] or len(tables) > 1):
            refusal = FileRefusedError.of("unknown_table", self._what_there_is(matching, best))
            refusal.nearly = best[0] >= NEARLY
            raise refusal
        chosen = matching[0] if matching else _Fit.of(0, frozenset(), contracts[0])
        if chosen.missing and not chosen.contract.generated:
            raise FileRefusedError([_missing(chosen, column) for column in chosen.missing])
        return Recognised(chosen.at, chosen.contract, chosen.recipe, False)

    def _not_its_header(self, name: str) -> str:
        recipes = [recipe for level in self.levels for recipe in level]
        headers = [", ".join(recipe.header) for recipe in recipes if recipe.recipe == name]
        if not headers:
            known = ", ".join([*self._tables(), *(recipe.recipe for recipe in recipes)])
            return (
                f"--as {name} names neither a table nor a recipe. There are {known}. Name one of"
                " them, or leave --as out."
            )
        return (
            f"No row among the first {ROWS_SEARCHED} is the header of the recipe {name}, which is:"
            f" {' or '.join(headers)}. Correct the recipe's header, or leave --as out."
        )

    def _tables(self) -> list[str]:
        return sorted(table for table, c in self.contracts.items() if not c.generated)

    def _what_there_is(self, closest: Sequence["_Fit"], best: tuple[int, bool]) -> str:
        tables = ", ".join(self._tables())
        if best[0] == 0:
            return (
                f"No row among the first {ROWS_SEARCHED} names columns of any table. The tables are"
                f" {tables}. Give the columns the names in docs/data_dictionary.md, or write a"
                " recipe."
            )
        fit = closest[0]
        if best[1]:
            names = " or ".join(dict.fromkeys(fit.contract.table for fit in closest))
            return f"This may be {names}. Say which with --as TABLE."
        return (
            f"No table fits these columns. The tables are {tables}. The closest is"
            f" {fit.contract.table}, but there is no column {', '.join(fit.missing)}. Add what is"
            " missing, say which table it is with --as TABLE, or write a recipe."
        )


@dataclass(frozen=True)
class _Fit:
    """How well one row names the columns of one contract."""

    at: int
    contract: Contract
    recipe: Recipe
    missing: tuple[str, ...]

    @classmethod
    def of(cls, at: int, names: frozenset[str], contract: Contract) -> "_Fit":
        recipe = from_contract(contract, names)
        missing = [c.name for c in contract.columns if c.required and c.name not in recipe.columns]
        return cls(at, contract, recipe, tuple(missing))

    @property
    def score(self) -> tuple[int, bool]:
        return len(self.recipe.columns), not self.missing


def _missing(fit: _Fit, name: str) -> Problem:
    column = fit.contract.column(name)
    also = f" (or {' or '.join(column.system_names)})" if column.system_names else ""
    found = ", ".join(fit.recipe.columns.values()) or "none of the columns"
    message = (
        f"{fit.contract.table} needs a column {name}{also}: {column.words} Of what"
        f" {fit.contract.table} asks for, this file has {found}. Add the column and send it again."
    )
    return Problem(None, name, "missing_column", message)


def _which(recipes: Sequence[Recipe]) -> str:
    names = ", ".join(recipe.recipe for recipe in recipes)
    return f"{len(recipes)} recipes know this header: {names}. Say which with --as RECIPE."
