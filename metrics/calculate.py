"""From counts to values, each with a state: the division, and what is known of what is missing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from data.home import Settings, Words
from data.records import Schema, collected_tables, person_key_is_shared
from data.snapshots import Connection
from metrics.blocks import People, Submitted
from metrics.compiler import Period, compile_measure
from metrics.definition import Measure

# A year is this many days wherever a rate is annualised, leap years or not.
DAYS_IN_A_YEAR = 365.25
# Rows of which different people are counted in one statement.
AT_ONCE = 1_000_000
MULTIPLIERS = {
    "count": 1.0,
    "percent": 100.0,
    "ratio": 1.0,
    "per_1000": 1_000.0,
    "mean": 1.0,
    "mean_a_day": 1.0,
    "days": 1.0,
    "per_1000_people": 1_000.0,
    "per_1000_people_a_year": 1_000.0 * DAYS_IN_A_YEAR,
    "per_100000_people_a_year": 100_000.0 * DAYS_IN_A_YEAR,
}

VALUE_COLUMNS = (
    "measure_id",
    "measure_version",
    "split",
    "area_level",
    "area_id",
    "period_start",
    "period_end",
    "numerator",
    "denominator",
    "n",
    "value",
    "state",
    "provisional",
    "reason",
)


@dataclass(frozen=True)
class Calculator:
    """Runs definitions on one set of filled tables.

    Attributes:
        collected: The tables of which anything has ever been received.
        words: The partnership's words, for the reasons.
        shared_key: Health and social care know a person by one key.
        kept: What was asked of tables that change no more, and the answers; None: of others.
    """

    connection: Connection
    schema: Schema
    partnership_id: str
    collected: frozenset[str]
    words: Words
    shared_key: bool = True
    # Many measures ask the same of the same months.
    kept: dict[tuple[Any, ...], pd.DataFrame] | None = field(
        default=None, repr=False, compare=False
    )

    @classmethod
    def of_records(cls, connection: Connection, schema: Schema, settings: Settings) -> "Calculator":
        """Return what computes figures on the records of a partnership, published or not yet."""
        said = settings.shared_person_key
        return cls(
            connection=connection,
            schema=schema,
            partnership_id=settings.id,
            collected=collected_tables(connection, schema.contracts),
            words=settings.words,
            shared_key=person_key_is_shared(connection) if said is None else said,
            kept={},
        )

    def values_beside(self, measure: Measure) -> pd.DataFrame:
        """Return `values`, asked on a connection of its own: of several measures at once."""
        with self.connection.cursor() as own:
            return replace(self, connection=own).values(measure)

    def values(self, measure: Measure) -> pd.DataFrame:
        """Return a measure's values: `VALUE_COLUMNS`, one row for each area, period and part.

        Numerators and denominators are exact to four decimals. A count of which any part is
        missing is missing; a rate uses the parts that have both and says how many they are.
        """
        codes = self._codes(measure)
        series = [self._series(measure)] if measure.whole or not codes else []
        series += [
            self._series(measure.part(code)).assign(
                split=str(code).lower() if code in (True, False) else code
            )
            for code in codes
        ]
        return series[0] if len(series) == 1 else pd.concat(series, ignore_index=True)

    def _codes(self, measure: Measure) -> list[Any]:
        """Return the codes that occur in the column that a measure is split by, in order."""
        block = measure.quantile or measure.numerator
        if measure.split_by is None or block is None:
            return []
        rows = self.connection.execute(
            f'SELECT DISTINCT "{measure.split_by}" FROM {self.schema.relation(block.table)}'
            f' WHERE "{measure.split_by}" IS NOT NULL ORDER BY 1'
        ).fetchall()
        return [code for (code,) in rows]

    def _series(self, measure: Measure) -> pd.DataFrame:
        """Return the values of one series: of the whole, or of one part."""
        absent = [t for t in self._received_with(measure) if t not in self.collected]
        frame = self._grid(measure)
        if absent:
            title = self.schema.countable[absent[0]].title
            return self._finished(measure, frame, "not_collected", f"{title}: nothing loaded here")
        if measure.needs_shared_key and not self.shared_key:
            apart = (
                f"health and social care know a {self.words.person} by no key in common, so this"
                " cannot be counted"
            )
            return self._finished(measure, frame, "not_collected", apart)
        if any(isinstance(b, Submitted) for b in measure.blocks) and not self._was_sent(measure):
            nothing = f"no {self.words.team} has sent counts for this"
            return self._finished(measure, frame, "not_collected", nothing)
        counts = self._counts(measure, frame)
        counts["area_id"] = counts["area_id"].fillna(self.partnership_id)
        frame = frame.merge(counts, how="left", on=["area_level", "area_id", "period_start"])
        return self._with_remarks(measure, self._with_states(measure, frame))

    def _counts(self, measure: Measure, grid: pd.DataFrame) -> pd.DataFrame:
        """Return what the statement counts; a period at a time where it is many different people.

        A row lies in as many periods as a window has; all of them at once do not fit into a
        processor's cache.
        """
        periods: list[Period | None] = [None]
        people = [block for block in measure.blocks if isinstance(block, People)]
        if sum(self._rows(block.table) for block in people) * (measure.rolling or 1) > AT_ONCE:
            ends = grid.drop_duplicates("period_start")[["period_start", "period_end"]]
            each: list[Period | None] = [
                (start.date(), end.date()) for start, end in ends.itertuples(index=False)
            ]
            # There is no window yet where fewer months are covered than it has.
            periods = each or periods
        return pd.concat(
            [
                self.connection.execute(compile_measure(measure, self.schema, period)).df()
                for period in periods
            ],
            ignore_index=True,
        )

    def _rows(self, table: str) -> int:
        found = self._ask(f"SELECT COUNT(*) AS n FROM {self.schema.relation(table)}")
        return int(found["n"].tolist()[0])

    def _received_with(self, measure: Measure) -> list[str]:
        """Return the tables that have to be received for a measure, in order of its blocks."""
        asked = [b.table for b in measure.blocks]
        asked += [other.table for b in measure.blocks for other in b.fellows]
        tables = (t for name in asked for t in self.schema.countable[name].received_with)
        return list(dict.fromkeys(tables))

    def _was_sent(self, measure: Measure) -> bool:
        """Return whether anybody ever sent a count for a measure: one table serves them all."""
        found = self.connection.execute(
            "SELECT 1 FROM main.aggregate_submission WHERE measure_id = ? LIMIT 1", [measure.id]
        ).fetchall()
        return bool(found)

    def _grid(self, measure: Measure) -> pd.DataFrame:
        """Return every area and period, also those in which a team did not exist."""
        return self._ask(
            "SELECT a.area_level, a.area_id, p.period_start, p.period_end, p.days AS period_days"
            " FROM area_of_snapshot AS a CROSS JOIN period AS p WHERE p.every = ?"
            " ORDER BY a.area_level, a.area_id, p.period_start",
            measure.periods,
        )

    def _ask(self, sql: str, *values: str | int | tuple[str, ...]) -> pd.DataFrame:
        """Return the answer to a question that other measures may ask too."""
        kept = {} if self.kept is None else self.kept
        asked = (sql, *values)
        if asked not in kept:
            said = [list(value) if isinstance(value, tuple) else value for value in values]
            kept[asked] = self.connection.execute(sql, said).df()
        return kept[asked].copy()

    def _with_states(self, measure: Measure, frame: pd.DataFrame) -> pd.DataFrame:
        teams, received, part = (
            _whole(frame[name]) for name in ("teams", "teams_ok", "teams_part")
        )
        hidden = frame["suppressed"].astype("boolean").fillna(False).astype(bool)
        if measure.show.as_ == "mean_a_day":
            frame = _mean_a_day(frame)
        whole_or_nothing = measure.denominator is None and measure.quantile is None
        is_quantile = measure.quantile is not None
        some_missing = (received < teams) & (received > 0)
        nobody = (frame["n"].fillna(0) == 0) if is_quantile else (frame["denominator"] == 0)
        not_reached = pd.Series(is_quantile, index=frame.index) & frame["numerator"].isna()
        # The first that holds of a row is what is said of it. Also a figure that is there may have
        # something said of it.
        cases: list[tuple[Any, str, Callable[[Mapping[Any, Any]], str]]] = [
            (teams == 0, "not_applicable", self._not_there),
            (
                hidden & ((received == 0) | whole_or_nothing),
                "suppressed",
                lambda _: "hidden by the sender to protect people",
            ),
            (received == 0, "missing", lambda _: "not received"),
            (some_missing & whole_or_nothing, "missing", self._teams_received),
            (nobody, "not_applicable", lambda _: "nobody to count"),
            (not_reached, "missing", lambda _: "too many are still waiting"),
            (some_missing, "value", self._teams_received),
            (part > 0, "value", self._days_reported),
        ]
        about = np.select(
            [holds.to_numpy(dtype=bool) for holds, _, _ in cases], range(len(cases)), len(cases)
        )
        state = np.array([*(state for _, state, _ in cases), "value"], dtype=object)[about]
        reason = np.full(len(frame), "", dtype=object)
        places = np.flatnonzero(about < len(cases))
        for at, row in zip(places, frame.iloc[places].to_dict("records"), strict=True):
            _, _, say = cases[about[at]]
            reason[at] = say(row)
        return self._finished(measure, frame, state, reason)

    def _not_there(self, row: Mapping[Any, Any]) -> str:
        level = str(row["area_level"])
        words = {"team": self.words.team, "locality": self.words.locality}
        return f"this {words.get(level, level)} did not exist then"

    def _teams_received(self, row: Mapping[Any, Any]) -> str:
        if row["area_level"] == "team":
            return "not received"
        return f"{int(row['teams_ok'])} of {int(row['teams'])} {self.words.teams}"

    def _days_reported(self, row: Mapping[Any, Any]) -> str:
        if row["area_level"] == "team":
            return f"{int(row['days_ok'])} of {int(row['days'])} days"
        share = f"{int(row['teams_part'])} of {int(row['teams'])} {self.words.teams}"
        return f"{share} reported only some days"

    def _with_remarks(self, measure: Measure, frame: pd.DataFrame) -> pd.DataFrame:
        """Return values with what is known of the months they rest on.

        A figure is provisional where a month of any of its tables is not whole yet, for any of the
        area's teams. One that was not received says why, where that is known.
        """
        asked = self._received_with(measure)
        known = self._ask(
            _REMARKS,
            measure.periods,
            tuple(sorted(asked)),
            measure.days_after,
            measure.days_before,
            tuple(sorted(t for t in asked if self.schema.contracts[t].kind == "events")),
            measure.every,
        )
        if known.empty:
            return frame
        known["area_id"] = known["area_id"].fillna(self.partnership_id)
        frame = frame.merge(known, how="left", on=["area_level", "area_id", "period_start"])
        has_value = frame["state"] == "value"
        frame["provisional"] = has_value & frame["unfinished"].fillna(0).gt(0)
        open_or_lacking = frame["unfinished"].fillna(0) + frame["lacking"].fillna(0)
        said = (has_value & open_or_lacking.gt(0)).to_numpy(dtype=bool)
        both = frame["reason"].copy()
        for at, row in zip(frame.index[said], frame.loc[said].to_dict("records"), strict=True):
            both[at] = "; ".join(filter(None, (row["reason"], *self._remarks(row))))
        why = frame["gap_reason"].where(
            (frame["state"] == "missing") & (frame["reason"] == "not received")
        )
        frame["reason"] = why.fillna(both)
        return frame.loc[:, list(VALUE_COLUMNS)]

    def _remarks(self, row: Mapping[Any, Any]) -> Iterator[str]:
        """Yield what to say beside a figure: of a team in its own words, of others how many."""
        if row["area_level"] == "team":
            yield from (row["reasons"] if isinstance(row["reasons"], str) else "",)
            return
        teams = row["area_teams"]
        for count, said in (
            (row["unfinished"], "not complete yet"),
            (row["lacking"], "without some practices"),
        ):
            if count > 0:
                yield f"{int(count)} of {int(teams)} {self.words.teams} {said}"

    def _finished(
        self, measure: Measure, frame: pd.DataFrame, state: object, reason: object
    ) -> pd.DataFrame:
        frame = frame.assign(
            measure_id=measure.id,
            measure_version=measure.version,
            split="",
            state=state,
            reason=reason,
            provisional=False,
        )
        has_value = frame["state"] == "value"
        for name in ("numerator", "denominator", "n"):
            amounts = frame[name] if name in frame else pd.Series(np.nan, index=frame.index)
            frame[name] = amounts.astype("float64").where(has_value)
        if measure.quantile is None and measure.disclosure != "staff":
            by = "denominator" if _judged_by_denominator(measure) else "numerator"
            frame["n"] = frame[by]
        divisor = frame["denominator"] if measure.show.as_ not in ("count",) else 1.0
        frame["value"] = frame["numerator"] * MULTIPLIERS[measure.show.as_] / divisor
        return frame.loc[:, list(VALUE_COLUMNS)]


# What is known of the months behind a measure's tables: for each team, and for larger areas of how
# many teams. A larger area has a reason only where all its teams have that one.
_REMARKS = """
WITH known AS (
    SELECT MIN(period_start) AS first_day, MAX(last_day) AS last_day FROM period
    WHERE every = 'month'
),
hole AS (
    SELECT DISTINCT m.team_id, m.period_start, m.period_end
    FROM part AS m
    CROSS JOIN (SELECT UNNEST($5) AS table_name) AS t
    LEFT JOIN covered AS c ON c.every = 'month' AND c.table_name = t.table_name
        AND c.team_id = m.team_id AND c.period_start = m.period_start
    WHERE m.every = 'month' AND c.team_id IS NULL AND $3 + $4 > 0
),
looked AS (
    SELECT DISTINCT g.every, g.team_id, g.period_start, TRUE AS provisional,
        CASE
            WHEN DATE_DIFF('day', p.last_day, k.last_day) < $3
                THEN 'needs ' || $3 || ' days after the ' || $6 || ' to be complete'
            WHEN DATE_DIFF('day', k.first_day, p.period_start) < $4
                THEN 'cannot look back ' || $4 || ' days: no figures are so old'
            ELSE 'not received for a month that it has to look at'
        END AS reason
    FROM part AS g
    JOIN period AS p ON p.every = g.every AND p.period_start = g.period_start
    CROSS JOIN known AS k
    LEFT JOIN hole AS h ON h.team_id = g.team_id
        AND DATE_DIFF('day', p.last_day, h.period_start) BETWEEN 1 AND $3
    LEFT JOIN hole AS b ON b.team_id = g.team_id
        AND DATE_DIFF('day', b.period_end, p.period_start) BETWEEN 0 AND $4 - 1
    WHERE g.every = $1 AND $3 + $4 > 0 AND (
        DATE_DIFF('day', p.last_day, k.last_day) < $3
        OR DATE_DIFF('day', k.first_day, p.period_start) < $4
        OR h.team_id IS NOT NULL OR b.team_id IS NOT NULL
    )
),
said AS (
    SELECT every, team_id, period_start, provisional, reason, NULL AS gap_reason FROM looked
    UNION ALL
    SELECT every, team_id, period_start, provisional, reason, NULL AS gap_reason
    FROM remark WHERE every = $1 AND list_contains($2, table_name)
    UNION ALL
    SELECT every, team_id, period_start, NULL, NULL, reason
    FROM gap WHERE every = $1 AND list_contains($2, table_name)
),
own AS (
    SELECT DISTINCT g.team_id, g.locality_id, g.period_start, s.provisional, s.reason, s.gap_reason
    FROM part AS g
    LEFT JOIN said AS s ON s.team_id = g.team_id AND s.period_start = g.period_start
    WHERE g.every = $1
),
counted AS (
    SELECT
        CASE WHEN GROUPING(team_id) = 0 THEN 'team' WHEN GROUPING(locality_id) = 0 THEN 'locality'
        ELSE 'partnership' END AS area_level,
        COALESCE(team_id, locality_id) AS area_id,
        period_start,
        COUNT(DISTINCT team_id) AS area_teams,
        COUNT(DISTINCT team_id) FILTER (WHERE provisional) AS unfinished,
        COUNT(DISTINCT team_id) FILTER (WHERE NOT provisional) AS lacking,
        COUNT(DISTINCT team_id) FILTER (WHERE gap_reason IS NOT NULL) AS with_gap,
        COUNT(DISTINCT gap_reason) AS gap_reasons,
        STRING_AGG(DISTINCT reason, '; ' ORDER BY reason) AS reasons,
        STRING_AGG(DISTINCT gap_reason, '; ' ORDER BY gap_reason) AS all_gap_reasons
    FROM own
    GROUP BY GROUPING SETS (
        (period_start, team_id), (period_start, locality_id), (period_start)
    )
)
SELECT area_level, area_id, period_start, area_teams, unfinished, lacking, reasons,
    CASE WHEN area_level = 'team' OR (with_gap = area_teams AND gap_reasons = 1)
        THEN all_gap_reasons END AS gap_reason
FROM counted
WHERE unfinished > 0 OR lacking > 0 OR with_gap > 0
"""


def _judged_by_denominator(measure: Measure) -> bool:
    """Return whether the people whom a figure could give away are those below the line."""
    return measure.show.as_ in ("percent", "ratio", "mean")


def _mean_a_day(frame: pd.DataFrame) -> pd.DataFrame:
    """Return counts over days: a team's own days, and for larger areas the sum of daily means."""
    own = frame["area_level"] == "team"
    return frame.assign(
        numerator=frame["numerator"].where(own, frame["scaled"]),
        denominator=frame["days_ok"].where(own, frame["period_days"]).astype("float64"),
    )


def _whole(counts: Any) -> pd.Series:
    """Return counts as whole numbers, with 0 for the areas that have none."""
    return pd.Series(counts.fillna(0).to_numpy(dtype="int64"), index=counts.index)


def create_parts(connection: Connection, partnership_id: str, *, temporary: bool = False) -> None:
    """Create `part` (every, team_id, locality_id, period…, days, months) and `area_of_snapshot`.

    A part is a team in a locality in a period: two parts, for a team that moved in that period.
    `days` are those on which it was there, from `begins` on, `months` those on whose first day it
    was; `team_days` and `team_months` are those of all its team's parts. Temporary ones go before a
    snapshot's own, which stay as they are.
    """
    create = "CREATE TEMP TABLE" if temporary else "CREATE TABLE"
    connection.execute(
        f"""
        {create} part AS
        SELECT every, team_id, locality_id, period_start, period_end,
            CAST(SUM(days) AS BIGINT) AS days, CAST(SUM(months) AS BIGINT) AS months,
            MIN(begins) AS begins,
            CAST(SUM(SUM(days)) OVER whole_team AS BIGINT) AS team_days,
            CAST(SUM(SUM(months)) OVER whole_team AS BIGINT) AS team_months
        FROM (
            SELECT p.every, a.team_id, a.locality_id, p.period_start, p.period_end,
                GREATEST(p.period_start, a.valid_from) AS begins,
                DATE_DIFF(
                    'day',
                    GREATEST(p.period_start, a.valid_from),
                    LEAST(p.period_end, a.valid_to)
                ) AS days,
                (
                    SELECT COUNT(*) FROM period_month AS m
                    WHERE m.every = p.every AND m.period_start = p.period_start
                        AND m.month >= a.valid_from AND m.month < a.valid_to
                ) AS months
            FROM period AS p
            JOIN prepared.team_area AS a
                ON a.valid_from < p.period_end AND a.valid_to > p.period_start
        )
        GROUP BY every, team_id, locality_id, period_start, period_end
        WINDOW whole_team AS (PARTITION BY every, team_id, period_start)
        """
    )
    connection.execute(
        f"{create} area_of_snapshot AS"
        " SELECT DISTINCT 'team' AS area_level, team_id AS area_id FROM main.team"
        " UNION ALL SELECT DISTINCT 'locality', locality_id FROM main.team"
        " UNION ALL SELECT 'partnership', ?",
        [partnership_id],
    )
