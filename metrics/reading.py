"""Reading a published snapshot: what the dashboard asks, answered from restricted.duckdb alone."""

import datetime
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from pydantic import BaseModel, ConfigDict

from data import snapshots
from data.feeds import FeedStatus, months_from, still_expected_from, with_states
from data.home import Home, Settings
from metrics.adoption import Adoption
from metrics.areas import Area, Event
from metrics.definition import Measure
from metrics.findings import AreaLevel, Finding
from metrics.two_kinds import Disagreement


class Explained(BaseModel):
    """A definition in plain English, made from its blocks."""

    model_config = ConfigDict(frozen=True)

    sentences: tuple[str, ...]
    sql: str


@dataclass(frozen=True)
class Snapshot:
    """One published version, read whole through these questions and nothing else."""

    home: Home
    version: str

    @classmethod
    def current(cls, home: Home) -> "Snapshot":
        """Return the version being served.

        Raises:
            data.errors.SnapshotError: If nothing has been published yet.
        """
        return cls(home, snapshots.current_version(home))

    def _rows(self, sql: str, *values: object) -> pd.DataFrame:
        return snapshots.query(self.home, self.version, sql, values)

    def _documents(self, sql: str, *values: object) -> list[str]:
        return [str(text) for text in self._rows(sql, *values)["document"]]

    @cached_property
    def settings(self) -> Settings:
        (document,) = self._documents("SELECT document FROM settings")
        return Settings.model_validate_json(document)

    @cached_property
    def adoption(self) -> Adoption:
        """How things stand with every measure, and what was agreed to aim at."""
        (document,) = self._documents("SELECT document FROM adoption")
        return Adoption.model_validate_json(document)

    @cached_property
    def published_at(self) -> datetime.datetime:
        return snapshots.manifest(self.home, self.version).published_at

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Every measure by id, in id order; its further figures are in `definitions`."""
        return {name: one for name, one in self.definitions.items() if not one.is_figure}

    @cached_property
    def definitions(self) -> dict[str, Measure]:
        """Every measure and every further figure by id, in id order."""
        documents = self._documents("SELECT document FROM measure ORDER BY measure_id")
        measures = [Measure.model_validate_json(text) for text in documents]
        return {measure.id: measure for measure in measures}

    @cached_property
    def explained(self) -> dict[str, Explained]:
        rows = self._rows("SELECT measure_id, explained FROM measure")
        return {
            str(measure_id): Explained.model_validate_json(str(document))
            for measure_id, document in zip(rows["measure_id"], rows["explained"], strict=True)
        }

    @cached_property
    def areas(self) -> list[Area]:
        """Partnership first, then localities, each followed by its teams."""
        documents = self._documents('SELECT document FROM area ORDER BY "order"')
        return [Area.model_validate_json(text) for text in documents]

    @cached_property
    def events(self) -> list[Event]:
        documents = self._documents('SELECT document FROM event ORDER BY "on"')
        return [Event.model_validate_json(text) for text in documents]

    @cached_property
    def findings(self) -> list[Finding]:
        """Every measure's finding in each area, also where there is no value.

        Those of further figures, and of parts, are in `further`.
        """
        return [f for f in self._all_findings if f.measure_id in self.measures and not f.split]

    def further(self, measure_id: str, level: AreaLevel, area_id: str) -> list[Finding]:
        """Return what was found in an area of a measure's parts, then of its further figures."""
        found = [
            f
            for f in self._all_findings
            if f.measure_id.partition(".")[0] == measure_id
            and (f.area_level, f.area_id) == (level, area_id)
            and (f.split or f.measure_id != measure_id)
        ]
        return sorted(found, key=lambda f: (f.measure_id, f.split))

    @cached_property
    def _all_findings(self) -> list[Finding]:
        documents = self._documents(
            "SELECT document FROM finding ORDER BY area_level, area_id, measure_id"
        )
        return [Finding.model_validate_json(text) for text in documents]

    @cached_property
    def disagreements(self) -> list[Disagreement]:
        documents = self._documents("SELECT document FROM disagreement ORDER BY area_id")
        return [Disagreement.model_validate_json(text) for text in documents]

    @cached_property
    def notes(self) -> list[str]:
        """Plain sentences about the data as a whole, such as rows that no team could be given."""
        return [str(text) for text in self._rows('SELECT text FROM note ORDER BY "order"')["text"]]

    def feeds(self, today: datetime.date) -> list[FeedStatus]:
        """Return which table is expected from whom and what became of it, as it is on a day.

        In order of feed, sender, team and month. `data.feeds.late` says which feeds are late.
        """
        months = months_from(self._rows("SELECT * FROM feed_status"))
        later = still_expected_from(self._rows("SELECT * FROM still_expected"))
        return with_states(months, later, today)

    def values(self) -> pd.DataFrame:
        """Return every value: the columns of `measure_value`, amounts as exact decimals in text."""
        return self._rows(
            "SELECT * REPLACE (CAST(numerator AS VARCHAR) AS numerator,"
            " CAST(denominator AS VARCHAR) AS denominator) FROM measure_value"
            " ORDER BY measure_id, split, area_level, area_id, period_start"
        )

    def points(
        self, measure_id: str, level: AreaLevel | None = None, split: str = ""
    ) -> pd.DataFrame:
        """Return a series of a measure with its process limits, one row an area and period.

        Columns: area_level, area_id, period_start, period_end, value, numerator, denominator, n,
        state, provisional, reason, segment, mean, lower_limit, upper_limit, lower_near_limit,
        upper_near_limit, special_cause, judgement.
        """
        return self._rows(
            "SELECT * FROM chart_point WHERE measure_id = $1 AND ($2 IS NULL OR area_level = $2)"
            " AND split = $3 ORDER BY area_level, area_id, period_start",
            measure_id,
            level,
            split,
        )

    def points_of_area(self, level: AreaLevel, area_id: str) -> pd.DataFrame:
        """Return every measure's series in one area, with the columns of `points`."""
        return self._rows(
            "SELECT * FROM chart_point WHERE area_level = $1 AND area_id = $2 AND split = ''"
            " AND measure_id NOT LIKE '%.%' ORDER BY measure_id, period_start",
            level,
            area_id,
        )
