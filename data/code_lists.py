"""Lists of allowed codes: each a small versioned file, the partnership's own over the shipped ones.

A list says how senders really write each code, so that a spelling is put right in one place and not
in every contract.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.errors import ContractError
from data.home import Home
from data.lists import same_code
from data.toml import in_words, read_toml

SHIPPED = Path(__file__).parent / "codes"


class Code(BaseModel):
    """One code of a list.

    Attributes:
        words: What it stands for.
        also: Other ways in which it is written; each is put right, and counted.
        numbers: Whole numbers, from and to, that stand for it: an age of 67 is in the band 65-74.
        replaces: Codes of an older list in whose place it came.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(min_length=1)
    words: str = ""
    also: tuple[str, ...] = ()
    numbers: tuple[tuple[int, int], ...] = ()
    replaces: tuple[str, ...] = ()


class CodeList(BaseModel):
    """The codes that a column may hold.

    Attributes:
        version: Which edition of the list this is.
        source: Where the codes are published; '' where they are our own.
        blank: What senders write for "not known" in this list.
        otherwise: The code that anything unknown is read as, with a warning; None: it is held.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str = Field(alias="list", pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    version: str = Field(min_length=1)
    source: str = ""
    blank: tuple[str, ...] = ()
    otherwise: str | None = None
    entries: tuple[Code, ...] = Field(alias="code", min_length=1)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes themselves, in order."""
        return tuple(entry.code for entry in self.entries)

    @cached_property
    def also(self) -> dict[str, str]:
        """The code that is meant by each other way of writing one, as `same_code` compares."""
        return {same_code(text): entry.code for entry in self.entries for text in entry.also}

    @cached_property
    def blanks(self) -> frozenset[str]:
        """What stands for "not known", as `same_code` compares."""
        return frozenset(map(same_code, self.blank))

    def of_number(self, number: int) -> str | None:
        """Return the code that a whole number stands for, or None."""
        for entry in self.entries:
            if any(first <= number <= last for first, last in entry.numbers):
                return entry.code
        return None

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        spellings = [*self.codes, *(also for entry in self.entries for also in entry.also)]
        said = [spelling.strip().casefold() for spelling in spellings]
        twice = sorted({spelling for spelling in said if said.count(spelling) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: said twice")
        if self.otherwise is not None and self.otherwise not in self.codes:
            raise ValueError(f"otherwise is {self.otherwise!r}, which is not one of the codes")
        unknown = {old for entry in self.entries for old in entry.replaces} - set(self.codes)
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))}: replaced, but not one of the codes")
        return self


def load_code_lists(home: Home | None = None) -> Mapping[str, CodeList]:
    """Return every list by its name: the shipped ones, and the partnership's own over them.

    Raises:
        ContractError: If any list cannot be used; the message lists every fault found.
    """
    lists: dict[str, CodeList] = {}
    faults: list[str] = []
    for folder in (SHIPPED, *([home.codes] if home else [])):
        for path in sorted(folder.glob("*.toml")):
            try:
                found = CodeList.model_validate(read_toml(path))
            except ContractError as error:
                faults.append(str(error))
            except ValidationError as error:
                faults += [f"{path}: {fault}" for fault in in_words(error)]
            else:
                lists[found.name] = found
    if faults:
        raise ContractError("\n".join(faults))
    return lists
