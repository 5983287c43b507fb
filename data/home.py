"""Where a partnership keeps its own files, and what it says about itself.

Everything that belongs to one partnership lives in one folder, outside the code: its settings,
its reference lists, its own contracts, recipes and measures, and what it has loaded.
"""

import datetime
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.errors import HomeError

DEFAULT_FOLDER = "partnership"
ENVIRONMENT_VARIABLE = "PARTNERSHIP_HOME"


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone; write one such as Europe/London") from error
    return name


class Words(BaseModel):
    """The partnership's own words for people and places, used in every sentence and heading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: str = "people"
    person: str = "person"
    team: str = "team"
    teams: str = "teams"
    locality: str = "locality"
    localities: str = "localities"
    # Whom hospital figures are about, said beside them wherever they stand.
    hospital_figures: str = "everyone registered here, not only people this team sees"


class Settings(BaseModel):
    """What `partnership.toml` says; only the name must be given.

    Attributes:
        id: What figures of the whole are filed under; without it, the name in small letters.
        shared_person_key: Whether health and social care use one key for a person; without it,
            that is seen from what was loaded.
        duty_desks: Workers who are nobody: a list that a case can be parked on without anybody
            having it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    id: str = ""
    fictional: bool = False
    time_zone: Annotated[str, AfterValidator(_known_time_zone)] = "Europe/London"
    about: str = ""
    sources: str = ""
    words: Words = Words()
    shared_person_key: bool | None = None
    duty_desks: tuple[str, ...] = ("DUTY", "POOL", "TEAM", "TRIAGE", "TBC", "ZZ")

    @model_validator(mode="before")
    @classmethod
    def _filed_under_its_name(cls, said: Any) -> Any:
        if isinstance(said, dict) and not said.get("id") and isinstance(said.get("name"), str):
            plain = re.sub(r"[^a-z0-9]+", "-", said["name"].casefold()).strip("-")
            return {**said, "id": plain or "partnership"}
        return said


@dataclass(frozen=True)
class Home:
    """One partnership's folder and the places inside it."""

    path: Path

    @classmethod
    def find(cls, option: Path | None = None) -> "Home":
        """Return the folder named by the option, else by PARTNERSHIP_HOME, else ./partnership."""
        named = option or os.environ.get(ENVIRONMENT_VARIABLE) or DEFAULT_FOLDER
        return cls(Path(named).expanduser().resolve())

    @property
    def settings_file(self) -> Path:
        return self.path / "partnership.toml"

    @property
    def adoption_file(self) -> Path:
        return self.path / "adoption.toml"

    @property
    def logic_model_file(self) -> Path:
        return self.path / "logic_model.toml"

    @property
    def reference(self) -> Path:
        return self.path / "reference"

    @property
    def measures(self) -> Path:
        return self.path / "measures"

    @property
    def contracts(self) -> Path:
        return self.path / "contracts"

    @property
    def codes(self) -> Path:
        return self.path / "codes"

    @property
    def recipes(self) -> Path:
        return self.path / "recipes"

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """The folders of small files that the partnership writes itself."""
        return self.reference, self.measures, self.contracts, self.codes, self.recipes

    def own_files(self) -> list[Path]:
        """Return the settings and every list, definition, contract, code list and recipe.

        And, where there is one, what was adopted and the partnership's own logic model.
        """
        may_be_there = (self.adoption_file, self.logic_model_file)
        found = [self.settings_file, *(file for file in may_be_there if file.is_file())]
        for folder in self.own_folders:
            found += sorted(folder.glob("*.csv")) + sorted(folder.glob("*.toml"))
        return found

    @property
    def inbox(self) -> Path:
        return self.path / "inbox"

    @property
    def batches(self) -> Path:
        return self.path / "batches"

    @property
    def snapshots(self) -> Path:
        return self.path / "snapshots"

    @property
    def current_file(self) -> Path:
        return self.path / "CURRENT"

    @property
    def workspace_file(self) -> Path:
        return self.path / "workspace.sqlite"

    @property
    def backups(self) -> Path:
        return self.path / "backups"

    def now(self) -> datetime.datetime:
        """Return the time on the partnership's clock, without zone, to the second."""
        zone = ZoneInfo(self.settings().time_zone)
        return datetime.datetime.now(zone).replace(tzinfo=None, microsecond=0)

    def clock(self) -> datetime.datetime:
        """Return the time with its zone, to the second: what happened when is kept in it."""
        return datetime.datetime.now(datetime.UTC).replace(microsecond=0)

    def day_of(self, time: datetime.datetime) -> datetime.date:
        """Return the day on which a time with a zone lies here."""
        return time.astimezone(ZoneInfo(self.settings().time_zone)).date()

    def exists(self) -> bool:
        """Return whether a partnership has been set up here."""
        return self.settings_file.is_file()

    def settings(self) -> Settings:
        """Return the partnership's settings.

        Raises:
            HomeError: If there is no partnership here, or its settings cannot be read.
        """
        if not self.exists():
            raise HomeError(
                f"{self.path}: there is no partnership here (no partnership.toml). Make the"
                " fictional city with `python -m data demo`, or name another folder with --home."
            )
        try:
            text = self.settings_file.read_text(encoding="utf-8-sig")
            return Settings.model_validate(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise HomeError(f"{self.settings_file}: this is not readable TOML: {error}") from error
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(str(part) for part in fault['loc'])}: {_in_words(fault)}"
                for fault in error.errors()
            )
            raise HomeError(f"{self.settings_file}: {faults}") from error


def _in_words(fault: Mapping[str, Any]) -> str:
    """Return what is wrong with one entry of the settings."""
    if fault["type"] == "missing":
        return "this is missing"
    if fault["type"] == "extra_forbidden":
        return "there is no such entry; check its spelling or remove it"
    return str(fault["msg"]).removeprefix("Value error, ")
