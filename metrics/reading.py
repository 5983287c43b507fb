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
from metrics.definition import PART, Measure, main_of
from metrics.findings import AreaLevel, Finding
from metrics.logic_model import LogicModel
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
    def logic_model(self) -> LogicModel:
        """How joining up is thought to work here, with every measure on its node."""
        (document,) = self._documents("SELECT document FROM logic_model")
        return LogicModel.model_validate_json(document)

    @cached_property
    def published_at(self) -> datetime.datetime:
        return snapshots.manifest(self.home, self.version).published_at

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Every measure by id, in id order; further figures are in `definitions`.

        Where the parts of one have no whole, each part is here by itself instead: "F07:health".
        """
        return {
            one.id: one
            for measure in self.definitions.values()
            if not measure.is_figure
            for one in self._on_boards(measure)
        }

    def _on_boards(self, measure: Measure) -> list[Measure]:
        splits = self._splits.get(measure.id, ())
        if measure.whole or not splits:
            return [measure]
        return [measure.by_itself(split) for split in splits]

    @cached_property
    def _splits(self) -> dict[str, list[str]]:
        """The parts of each measure that has figures by parts, in order."""
        found: dict[str, set[str]] = {}
        for finding in self._all_findings:
            if finding.split:
                found.setdefault(finding.measure_id, set()).add(finding.split)
        return {measure_id: sorted(splits) for measure_id, splits in found.items()}

    @cached_property
    def definitions(self) -> dict[str, Measure]:
        """Every measure and every further figure by id, in id order."""
        documents = self._documents("SELECT document FROM measure ORDER BY measure_id")
        measures = [Measure.model_validate_json(text) for text in documents]
        return {measure.id: measure for measure in measures}

    @cached_property
    def explained(self) -> dict[str, Explained]:
        """What each measure, part by itself and further figure counts, by id."""
        rows = self._rows("SELECT measure_id, explained FROM measure")
        own = {
            str(measure_id): Explained.model_validate_json(str(document))
            for measure_id, document in zip(rows["measure_id"], rows["explained"], strict=True)
        }
        return own | {name: own[main_of(name)] for name in self.measures}

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
        """The finding of each of `measures` in each area, also where there is no value.

        Those of further figures, and of parts beside a whole, are in `further`.
        """
        return [on_boards for f in self._all_findings if (on_boards := self._as_on_boards(f))]

    def _as_on_boards(self, finding: Finding) -> Finding | None:
        """Return a finding by the id that is in `measures`; None where boards do not have it."""
        if not finding.split:
            return finding if finding.measure_id in self.measures else None
        by_itself = f"{finding.measure_id}{PART}{finding.split}"
        if by_itself not in self.measures:
            return None
        return finding.model_copy(update={"measure_id": by_itself, "split": ""})

    def further(self, measure_id: str, level: AreaLevel, area_id: str) -> list[Finding]:
        """Return what was found in an area of a measure's parts, then of its further figures.

        A part that boards show by itself is not among them.
        """
        found = [
            f
            for f in self._all_findings
            if main_of(f.measure_id) == main_of(measure_id)
            and (f.area_level, f.area_id) == (level, area_id)
            and (f.split or f.measure_id != main_of(measure_id))
            and self._as_on_boards(f) is None
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
        measure_id, _, part = measure_id.partition(PART)
        return self._rows(
            "SELECT * FROM chart_point WHERE measure_id = $1 AND ($2 IS NULL OR area_level = $2)"
            " AND split = $3 ORDER BY area_level, area_id, period_start",
            measure_id,
            level,
            part or split,
        )

    def points_of_area(self, level: AreaLevel, area_id: str) -> pd.DataFrame:
        """Return the series of each of `measures` in one area, with the columns of `points`."""
        by_itself = [name for name in self.measures if PART in name]
        return self._rows(
            "SELECT * REPLACE (CASE WHEN split = '' THEN measure_id"
            f" ELSE measure_id || '{PART}' || split END AS measure_id, '' AS split)"
            " FROM chart_point WHERE area_level = $1 AND area_id = $2"
            " AND measure_id NOT LIKE '%.%'"
            f" AND (split = '' OR list_contains($3, measure_id || '{PART}' || split))"
            " ORDER BY measure_id, period_start",
            level,
            area_id,
            by_itself,
        )

    def points_of_further(self, measure_id: str, level: AreaLevel, area_id: str) -> pd.DataFrame:
        """Return the series of what is in `further`, with the columns of `points`."""
        return self._rows(
            "SELECT * FROM chart_point WHERE area_level = $2 AND area_id = $3"
            " AND (measure_id = $1 AND split <> '' OR starts_with(measure_id, $1 || '.'))"
            " ORDER BY measure_id, split, period_start",
            main_of(measure_id),
            level,
            area_id,
        )
