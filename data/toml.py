"""Reading TOML files, and saying in words what is wrong with one."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.errors import ContractError


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says, with decimals kept exact.

    Raises:
        ContractError: If the file is not readable TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: this is not readable TOML: {error}") from error


def in_words(error: ValidationError) -> list[str]:
    """Return the faults that a validation found, one sentence each, saying where."""
    faults = []
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"])
        said = fault["msg"].removeprefix("Value error, ")
        faults.append(f"{where}: {said}" if where else said)
    return faults
