"""Publishing: from what was loaded to a snapshot that the dashboard reads.

A snapshot is a function of its inputs: the batches, the partnership's own files, and our own code.
The same inputs make the same version, so publishing twice changes nothing.
"""

import datetime
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel

import data
import metrics
from data.acts import in_force
from data.batches import Batch
from data.calendar import create_calendar, create_periods, months_covered
from data.contract import Contract, load_contracts
from data.coverage import create_coverage, handed_on_rows, unplaced_rows, unseen_practices
from data.definitions import load_definitions
from data.erasing import discard_snapshots_of_erased, nothing_left
from data.errors import DataError
from data.feeds import feed_months, still_expected
from data.home import Home, Settings
from data.recording_changes import annotate_changes
from data.records import (
    Schema,
    check_areas,
    create_prepared,
    create_tables,
    fill_tables,
    schema_of,
)
from data.reference import reference_tables
from data.snapshots import (
    Connection,
    building,
    is_whole,
    memory,
    publishing,
    serve,
    served_version,
    version_of,
)
from data.team_changes import team_changes
from data.workspace import last_written
from metrics.adoption import Adoption, listed_aims, listed_places, read_adoption
from metrics.areas import Area, Event, read_areas, read_events, with_team_changes
from metrics.calculate import Calculator, create_parts
from metrics.compiler import compile_measure
from metrics.definition import Catalogue, Measure, read_catalogue, with_figures
from metrics.errors import MeasureError
from metrics.explain import explain
from metrics.findings import Finding
from metrics.judging import Judgement, judge_all
from metrics.logic_model import LogicModel, read_logic_model
from metrics.reading import Explained

Progress = Callable[[str], None]

RESTRICTED_TABLES = Path(__file__).with_name("restricted.sql")


@dataclass(frozen=True)
class Published:
    """What publishing did.

    Attributes:
        version: The version now served.
        changed: False where nothing had changed and nothing was built.
        values: Rows of `measure_value` written.
        seconds: Time taken to compute and write.
        left_out: The files of wrong definitions, one sentence each: they give no figures.
    """

    version: str
    changed: bool
    values: int
    seconds: float
    left_out: tuple[str, ...] = ()


def publish(home: Home, progress: Progress = lambda _: None) -> Published:
    """Compute every valid definition on what has been loaded, and serve the result.

    A wrong definition is left out, and said so.

    Raises:
        DataError: If nothing has been loaded, or a file of the partnership cannot be used. What
            was served before stays served.
        MeasureError: If no definition can be used.
    """
    started = time.perf_counter()
    settings = home.settings()
    with publishing(home):
        batches = in_force(home)
        if nothing_left(home):
            discard_snapshots_of_erased(home, also_served=True)
        contracts = load_contracts(home)
        schema = schema_of(contracts)
        catalogue = read_catalogue(home, schema)
        left_out = tuple(file.in_words() for file in catalogue.left_out)
        made_from = dict(_inputs(home, batches))
        version = version_of(made_from)
        if is_whole(home, version):
            if served_version(home) != version:
                serve(home, version)
            discard_snapshots_of_erased(home)
            return Published(version, False, 0, time.perf_counter() - started, left_out)
        with building(home, made_from, last_written(home)) as build:
            job = _Job(home, settings, contracts, schema, catalogue, build.connection, progress)
            values = job.run([batch for batch in batches if batch.table in contracts])
        discard_snapshots_of_erased(home)
    return Published(version, True, values, time.perf_counter() - started, left_out)


def values_known(
    home: Home, as_known_on: datetime.date | None = None, progress: Progress = lambda _: None
) -> pd.DataFrame:
    """Return `measure_value` as it follows from what was loaded; what is served stays as it is.

    Definitions and reference lists are those of today.

    Args:
        home: The partnership.
        as_known_on: From the batches that counted at the end of that day; None: that count now.
        progress: Told what is being done.

    Raises:
        DataError: If nothing had been loaded, something that counted was erased since, or a file
            of the partnership cannot be used.
        MeasureError: If no definition can be used.
    """
    settings, contracts = home.settings(), load_contracts(home)
    batches = [b for b in in_force(home, as_known_on) if b.table in contracts]
    if as_known_on is not None and months_covered(batches) is None:
        raise DataError(f"{home.path}: nothing had been loaded here by {as_known_on}.")
    schema = schema_of(contracts)
    catalogue = read_catalogue(home, schema)
    with memory() as connection:
        job = _Job(home, settings, contracts, schema, catalogue, connection, progress)
        job.fill(batches)
        return job.values()


def _inputs(home: Home, batches: Iterable[Batch]) -> Iterator[tuple[str, str]]:
    """Yield the name and the digest of everything that a snapshot is made from."""
    # Taken from the batches that count, so that withdrawing one makes another version.
    for batch in batches:
        rewritten = f" rewritten {batch.rewritten}" if batch.rewritten else ""
        yield f"batch {batch.table}/{batch.id}", f"{batch.sequence}{rewritten}"
    for file in home.own_files():
        yield f"file {file.relative_to(home.path).as_posix()}", _digest([file])
    for package in (data, metrics):
        root = Path(str(package.__file__)).parent
        files = [p for p in sorted(root.rglob("*")) if p.suffix in (".py", ".sql", ".toml")]
        yield f"code {package.__name__}", _digest(files)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()


@dataclass(frozen=True)
class _Job:
    """One run of publishing: the tables, then the values, then what may be said of them."""

    home: Home
    settings: Settings
    contracts: Mapping[str, Contract]
    schema: Schema
    catalogue: Catalogue
    connection: Connection
    progress: Progress

    @property
    def measures(self) -> Mapping[str, Measure]:
        """Return the definitions that are computed.

        Raises:
            MeasureError: If there is none.
        """
        if not self.catalogue.measures:
            raise MeasureError("\n".join(file.in_words() for file in self.catalogue.left_out))
        return self.catalogue.measures

    @cached_property
    def computed(self) -> dict[str, Measure]:
        """Every definition with its further figures, by id."""
        return with_figures(self.measures)

    @cached_property
    def statements(self) -> dict[str, str]:
        """The SQL of each, by id."""
        return {name: compile_measure(one, self.schema) for name, one in self.computed.items()}

    def run(self, batches: list[Batch]) -> int:
        first, last = self.fill(batches)
        # Read before anything is worked out: what is wrong with it is said at once.
        adoption, logic_model = self.adoption(), self.logic_model()
        values = self.values()
        self.progress("Judging each series")
        areas = read_areas(self.connection, self.settings, last)
        changes = team_changes(self.connection, self.settings.words, first, last)
        events = with_team_changes(read_events(self.connection), changes, areas)
        judgement = judge_all(values, self.computed, self.schema, areas, events, batches, adoption)
        self.progress("Writing the snapshot")
        self._store(values, judgement, areas, events, adoption, logic_model)
        self._append("feed_status", feed_months(self.connection, self.contracts))
        self._append("still_expected", still_expected(self.connection, self.contracts, last))
        return len(values)

    def fill(self, batches: list[Batch]) -> tuple[datetime.date, datetime.date]:
        """Make all tables that measures are computed from; return the first and last month."""
        covered = months_covered(batches)
        if covered is None:
            raise DataError(
                f"{self.home.path}: nothing has been loaded here yet, so there is nothing to"
                " publish. Load a file first: `python -m data load FILE`."
            )
        first, last = covered
        self.progress("Reading what was loaded")
        create_tables(self.connection, self.contracts)
        fill_tables(
            self.connection,
            self.contracts,
            reference_tables(self.home, self.contracts),
            batches,
        )
        annotate_changes(
            self.connection, self.contracts, load_definitions(self.home), self.settings.id
        )
        create_calendar(self.connection, first, last)
        self.progress("Working out what many measures read")
        create_prepared(self.connection, self.settings, self.statements.values())
        create_periods(self.connection, first, last, {m.periods for m in self.computed.values()})
        check_areas(self.connection)
        create_coverage(self.connection, self.contracts, batches)
        create_parts(self.connection, self.settings.id)
        return covered

    def adoption(self) -> Adoption:
        """Return how things stand with every measure here."""
        return read_adoption(
            self.home,
            self.measures,
            listed_places(self.connection),
            listed_aims(self.connection),
            self.catalogue.ids_left_out,
        )

    def logic_model(self) -> LogicModel:
        """Return how joining up is thought to work here."""
        return read_logic_model(self.home, self.measures, self.catalogue.ids_left_out)

    def values(self) -> pd.DataFrame:
        """Return the values of every measure, in their order.

        Each statement is small: to plan it takes about as long as to run it, and planning uses one
        processor. So as many are asked at once as there are processors.
        """
        calculator = Calculator.of_records(self.connection, self.schema, self.settings)
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            measures = self.computed.values()
            asked = [pool.submit(calculator.values_beside, measure) for measure in measures]
            frames = []
            try:
                for measure, answer in zip(measures, asked, strict=True):
                    self.progress(f"Computing {measure.id} {measure.title}")
                    frames.append(answer.result())
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return pd.concat(frames, ignore_index=True)

    def _store(
        self,
        values: pd.DataFrame,
        judgement: Judgement,
        areas: list[Area],
        events: list[Event],
        adoption: Adoption,
        logic_model: LogicModel,
    ) -> None:
        self.connection.execute("USE restricted")
        self.connection.execute(RESTRICTED_TABLES.read_text(encoding="utf-8"))
        self.connection.execute("USE records")
        self._append("measure_value", values)
        self._append("spc_point", pd.DataFrame(judgement.points))
        self._append_documents("finding", [(f, _finding_key(f)) for f in judgement.findings])
        self._append_documents(
            "disagreement", [(d, {"area_id": d.area_id}) for d in judgement.disagreements]
        )
        self._append_documents("event", [(event, {"on": event.on}) for event in events])
        self._append_documents("area", [(area, {"order": area.order}) for area in areas])
        self._append_documents("settings", [(self.settings, {})])
        self._append_documents("adoption", [(adoption, {})])
        self._append_documents("logic_model", [(logic_model, {})])
        self._append_documents("measure", [(m, self._explained(m)) for m in self.computed.values()])
        notes = pd.DataFrame(
            enumerate(self._notes(adoption, logic_model)), columns=["order", "text"]
        )
        self._append("note", notes)

    def _explained(self, measure: Measure) -> dict[str, str]:
        explained = Explained(
            sentences=explain(measure, self.schema),
            sql=self.statements[measure.id],
        )
        return {"measure_id": measure.id, "explained": explained.model_dump_json()}

    def _notes(self, adoption: Adoption, logic_model: LogicModel) -> Iterator[str]:
        yield from (file.in_words() for file in self.catalogue.left_out)
        if astray := logic_model.said_astray():
            yield astray
        team, teams = self.settings.words.team, self.settings.words.teams
        for table, count in unplaced_rows(self.connection, self.contracts).items():
            yield (
                f"{self.contracts[table].title}: {count:,} rows belong to no {team} on their date"
                f" and count nowhere. Check the lists of practices and {teams}."
            )
        for (table, old, new), count in handed_on_rows(self.connection, self.contracts).items():
            yield (
                f"{self.contracts[table].title}: {count:,} rows name {old} after it closed, and"
                f" count with {new}, which took over. Ask the sender to write {new}."
            )
        unseen: dict[tuple[str, str], list[str]] = {}
        for table, team_id, practice in unseen_practices(self.connection):
            unseen.setdefault((table, team_id), []).append(practice)
        for (table, team_id), practices in unseen.items():
            yield (
                f"{self.contracts[table].title}: no file has a row of {', '.join(practices)}, of"
                f" {team_id}. If the file was asked for it and it had none, load it with --areas;"
                " if it has closed, end it in the list of practices."
            )
        aimed_at = {aim.measure_id for aim in adoption.aims} - self.catalogue.ids_left_out
        for measure_id in sorted(aimed_at - set(with_figures(self.measures))):
            yield (
                f"{self.contracts['target'].title}: there is no measure {measure_id}, so nothing is"
                " shown of what it is to reach. Check the list."
            )
        listed = self.connection.execute("SELECT DISTINCT feed FROM main.feed ORDER BY feed")
        for (feed,) in listed.fetchall():
            if feed not in self.contracts or self.contracts[feed].kind == "reference":
                yield f"Feeds expected: {feed} is no table that is sent month by month."

    def _append_documents(
        self, table: str, documents: Iterable[tuple[BaseModel, Mapping[str, Any]]]
    ) -> None:
        rows = [
            {**keys, "document": document.model_dump_json(by_alias=True)}
            for document, keys in documents
        ]
        self._append(table, pd.DataFrame(rows))

    def _append(self, table: str, frame: pd.DataFrame) -> None:
        if frame.empty:
            return
        self.connection.register("fresh", frame)
        self.connection.execute(f"INSERT INTO restricted.{table} BY NAME SELECT * FROM fresh")
        self.connection.unregister("fresh")


def _finding_key(finding: Finding) -> dict[str, Any]:
    return {
        "measure_id": finding.measure_id,
        "split": finding.split,
        "area_level": finding.area_level,
        "area_id": finding.area_id,
        "period_start": finding.period_start,
    }
