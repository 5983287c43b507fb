"""From a definition to SQL that counts: whole numbers and decimals out, never a division.

Every statement answers with the same columns, one row for each area and period:

    area_level, area_id, period_start, numerator, denominator, scaled, n, teams, teams_ok,
    teams_part, suppressed, days_ok, days

`n` is the staff or the cases behind the figure where the block itself does not say so. `teams`
are the teams of the area in that period, `teams_ok` those whose numerator and denominator are
both there, `teams_part` those that reported only some of the days on which they were there
(`days_ok` of `days`).

Rules behind the shape of the SQL: a date is looked up in a table of periods, not computed; a flow
belongs to the area that was valid on its day; a stock is +1 on the day a row opens and -1 on the
day it closes, cut where its area changes, and summed from the beginning, so that what was open
before the first period is the opening balance; additive counts are added up through the areas
after counting, a quantile is taken anew at each level.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from data.contract import Contract
from data.coverage import area_view
from data.records import Schema
from metrics.blocks import (
    Block,
    Condition,
    Days,
    DaysInside,
    Followed,
    Level,
    Open,
    People,
    PersonDays,
    Population,
    Quantile,
    Rows,
    Submitted,
    Sum,
    Who,
    columns_named,
    columns_of,
)
from metrics.definition import Measure

AREA_LEVELS = ("team", "locality", "partnership")
# The first day of a period, and the first that is no longer in it.
Period = tuple[datetime.date, datetime.date]
HEADCOUNT = Level(level="headcount", of="workforce_month", on="month")


@dataclass(frozen=True)
class _Source:
    """What a block reads: its relation, its contract, and how its rows find their area.

    Attributes:
        every: The kind of period to count by: the measure's own, or, of windows, what they are of.
        period: The one period of the measure to count in; None is all of them.
    """

    measure: Measure
    block: Block
    contract: Contract
    schema: Schema
    every: str
    period: Period | None = None

    @property
    def relation(self) -> str:
        names = [*columns_named(self.block), self.area_column, *self.contract.key]
        return self.schema.relation(self.block.table, names)

    @property
    def area_column(self) -> str:
        column = self.contract.attribution.get(self.measure.attribution)
        return column or self.contract.area_column or "team_id"

    @property
    def areas(self) -> str:
        return area_view(self.area_column)

    def date(self, name: str) -> str:
        """Return a column of a row `e`; a moment is its day, whatever the time."""
        return self._dated(self.block.table, name, "e")

    @property
    def received_with(self) -> tuple[str, ...]:
        """The tables that are sent by team and that have to be there for the block to be."""
        asked = (self.contract, *(self.schema.countable[o.table] for o in self.block.fellows))
        tables = (self.schema.countable[t] for contract in asked for t in contract.received_with)
        return tuple(sorted({t.table for t in tables if t.by_team and t.kind != "reference"}))

    @property
    def received(self) -> str:
        """Return SQL for team_id, period_start: where all that the block needs was received."""
        tables = self.received_with
        every_one = ""
        if len(tables) > 1:
            every_one = f" GROUP BY team_id, period_start HAVING COUNT(*) = {len(tables)}"
        return (
            "SELECT team_id, period_start FROM covered"
            f" WHERE table_name IN ({', '.join(map(literal, tables))})"
            f" AND every = {literal(self.every)}{every_one}"
        )

    @property
    def asks_for_files(self) -> bool:
        """Whether files say what was received, and not only the rows themselves.

        What a team reports by the month is there when its row is. What is made from other tables,
        or asks after rows of another, is not there before these are.
        """
        own = self.contract.kind != "events" and not self.contract.made_from
        return bool(self.received_with) and not (own and not self.block.fellows)

    @property
    def reported(self) -> tuple[Contract, ...]:
        """What the rows are made from that is reported, of which an employer's can be missing."""
        tables = (self.schema.countable[name] for name in self.contract.received_with)
        return tuple(t for t in tables if t.kind == "reported")

    def only(self, alias: str) -> str:
        """Return the condition that holds a count to the one period asked for, if any is."""
        if self.period is None:
            return ""
        first, end = (literal(day) for day in self.period)
        start = f"{alias}.period_start"
        if self.every == self.measure.periods:
            return f" AND {start} = {first}"
        return f" AND {start} >= {first} AND {start} < {end}"

    def only_its_days(self, on: str) -> str:
        """Return the condition, on a column as it is stored, that holds rows to that period's days.

        It says nothing that the periods do not, but lets an engine leave other rows unread.
        """
        if self.period is None:
            return ""
        first, end = (literal(day) for day in self.period)
        return f' AND e."{on}" >= {first} AND e."{on}" < {end}'

    @property
    def conditions(self) -> str:
        tests = [self._condition(c, self.block.table) for c in self.block.where]
        return " AND ".join(tests) or "TRUE"

    @property
    def fellows(self) -> str:
        """Return the joins that keep a row `e` only with, or without, the rows it asks after.

        Semi-joins: a row counts once, however many others there are, and DuckDB finds these by a
        hash of the columns that are the same, which of EXISTS would take twice the time.
        """
        kinds = {"followed_by": "SEMI", "preceded_by": "SEMI"}
        sides = [(side, other) for side in Block.FELLOWS for other in getattr(self.block, side)]
        return "".join(
            f" {kinds.get(side, 'ANTI')} JOIN {self._fellow(other, f'f{at}', 'preceded' in side)}"
            for at, (side, other) in enumerate(sides)
        )

    def wants_part(self, column: str) -> str:
        """Return whether the block counts a part `g.part` of a gap `g`, such as an employer."""
        about = [c for c in self.block.where if c.column == column]
        return " AND ".join(self._tests(c, "g.part") for c in about) or "TRUE"

    def _dated(self, table: str, name: str, alias: str) -> str:
        column = f'{alias}."{name}"'
        if self.schema.columns(table)[name] == "TIMESTAMP":
            return f"CAST({column} AS DATE)"
        return column

    def _fellow(self, other: Followed, alias: str, before: bool) -> str:
        """Return what to join: the rows that lie so many days after a row `e`, or before it.

        Where both dates have a time, of two on one day the later is the one that follows; where one
        has none, nobody knows which came first, and the other counts. A row is never its own
        fellow.
        """
        assert isinstance(self.block, Rows | Sum | Days | People)
        table, own_table = other.table, self.block.table
        own, others = self.date(self.block.on), self._dated(table, other.on, alias)
        start, end = (others, own) if before else (own, others)
        nearest, furthest = other.within_days
        tests = [f'{alias}."{name}" = e."{name}"' for name in other.same]
        tests.append(f"DATE_DIFF('day', {start}, {end}) BETWEEN {nearest} AND {furthest}")
        key = self.schema.countable[table].key if table == own_table else ()
        if key:
            differs = " OR ".join(f'{alias}."{k}" <> e."{k}"' for k in key)
            tests.append(f"({differs})")
        types = (
            self.schema.columns(own_table)[self.block.on],
            self.schema.columns(table)[other.on],
        )
        if nearest == 0 and types == ("TIMESTAMP", "TIMESTAMP"):
            tests.append(f'{alias}."{other.on}" {"<" if before else ">"} e."{self.block.on}"')
        tests += [self._condition(c, table, alias) for c in other.where]
        names = (other.on, *other.same, *key, *columns_of(other.where))
        return f"{self.schema.relation(table, names)} AS {alias} ON {' AND '.join(tests)}"

    def _condition(self, condition: Condition, table: str, alias: str = "e") -> str:
        if condition.days:
            start, end = (self._dated(table, name, alias) for name in condition.days)
            return self._tests(condition, f"DATE_DIFF('day', {start}, {end})")
        return self._tests(condition, self._dated(table, condition.column or "", alias))

    def _tests(self, condition: Condition, subject: str) -> str:
        tests = []
        if condition.is_ is not None:
            tests.append(f"{subject} = {literal(condition.is_)}")
        if condition.in_:
            tests.append(f"{subject} IN ({', '.join(map(literal, condition.in_))})")
        # A blank is not the code that is left out, so it stays in.
        if condition.is_not is not None:
            tests.append(f"({subject} IS NULL OR {subject} <> {literal(condition.is_not)})")
        if condition.not_in:
            codes = ", ".join(map(literal, condition.not_in))
            tests.append(f"({subject} IS NULL OR {subject} NOT IN ({codes}))")
        if condition.at_least is not None:
            tests.append(f"{subject} >= {literal(condition.at_least)}")
        if condition.at_most is not None:
            tests.append(f"{subject} <= {literal(condition.at_most)}")
        if condition.empty:
            tests.append(f"{subject} IS NULL")
        if condition.not_empty:
            tests.append(f"{subject} IS NOT NULL")
        return " AND ".join(tests)


def literal(value: Any) -> str:
    """Return a value of a definition as SQL text that can be nothing but that value."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        # Never with an exponent: SQL takes 1E+3 for floating point.
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, datetime.date):
        return f"DATE '{value:%Y-%m-%d}'"
    text = str(value).replace("'", "''")
    return f"'{text}'"


def compile_measure(measure: Measure, schema: Schema, period: Period | None = None) -> str:
    """Return the one statement that counts a measure at every level and period, or in one period.

    Different people are best counted a period at a time: all of them at once do not fit into a
    processor's cache.

    The statement reads the contract and prepared tables, and `period`, `period_day`, `part` (see
    `metrics.calculate`), `covered` and `gap` (see `data.coverage`).
    """

    def source(block: Block) -> _Source:
        return _Source(
            measure, block, schema.countable[block.table], schema, measure.periods, period
        )

    if measure.quantile is not None:
        return _quantile(source(measure.quantile), measure.quantile)
    assert measure.numerator is not None
    sources = {"numerator": source(measure.numerator)}
    if measure.denominator is not None:
        sources["denominator"] = source(measure.denominator)
    if measure.disclosure == "staff" and HEADCOUNT.of in schema.countable:
        sources["headcount"] = source(_headcount(measure, schema))
    return _parts_then_levels(measure, sources)


def _headcount(measure: Measure, schema: Schema) -> Level:
    """Return the staff behind a figure: of a part, its own, where they are told apart by it."""
    assert measure.numerator is not None
    if measure.split_by not in schema.columns(HEADCOUNT.of):
        return HEADCOUNT
    only = tuple(c for c in measure.numerator.where if c.column == measure.split_by)
    return HEADCOUNT.model_copy(update={"where": only})


def _parts_then_levels(measure: Measure, sources: Mapping[str, _Source]) -> str:
    every = literal(measure.periods)
    people = {name: s for name, s in sources.items() if isinstance(s.block, People)}
    counted = ",\n".join(f"{name} AS ({_counted_as(name, s)})" for name, s in sources.items())
    gaps = {name: _gap(s) for name, s in sources.items() if name != "headcount" and _has_gaps(s)}
    counted += "".join(f",\n{name}_gap AS ({sql})" for name, sql in gaps.items())
    # What a team's parts have together is counted once, and not at each of them by a window.
    whole = [name for name, source in sources.items() if _needs_whole_team(source)]
    counted += "".join(f",\n{name}_team AS ({_whole_team(name)})" for name in whole)
    joins, amounts = [], []
    for name, source in sources.items():
        joins.append(
            f"LEFT JOIN {name} ON {name}.team_id = g.team_id"
            f" AND {name}.locality_id = g.locality_id AND {name}.period_start = g.period_start"
        )
        amounts.append(f"{_received(name, source, has_gaps=name in gaps)} AS {name}")
        if name in whole:
            joins.append(
                f"LEFT JOIN {name}_team ON {name}_team.team_id = g.team_id"
                f" AND {name}_team.period_start = g.period_start"
            )
        if name in gaps:
            joins.append(
                f"LEFT JOIN {name}_gap ON {name}_gap.team_id = g.team_id"
                f" AND {name}_gap.period_start = g.period_start"
            )
        if source.asks_for_files:
            joins.append(
                f"LEFT JOIN ({source.received}) AS {name}_covered"
                f" ON {name}_covered.team_id = g.team_id"
                f" AND {name}_covered.period_start = g.period_start"
            )
    has_denominator = "denominator" in sources
    there = "numerator IS NOT NULL" + (" AND denominator IS NOT NULL" if has_denominator else "")
    suppressed = " OR ".join(
        f"COALESCE({name}.suppressed, FALSE)" for name in sources if name != "headcount"
    )
    days_ok = "numerator_team.reports" if _is_daily(sources["numerator"]) else "g.team_days"
    return f"""
WITH {counted},
part_amount AS (
    SELECT g.team_id, g.locality_id, g.period_start,
        {", ".join(amounts)},
        {suppressed} AS suppressed,
        {days_ok} AS days_ok,
        g.team_days AS days
    FROM part AS g
    {" ".join(joins)}
    WHERE g.every = {every}{sources["numerator"].only("g")}
),
part_state AS (
    SELECT *{_scaled(measure)}, {there} AND NOT suppressed AS ok FROM part_amount
){"".join(f", {name}_people AS ({_different(s)})" for name, s in people.items())}
{_with_people(people, _areas(measure, sources))}
"""


def _needs_whole_team(source: _Source) -> bool:
    """Return whether it depends on all of a team's parts whether anything of it was received."""
    own = not isinstance(source.block, Population | PersonDays)
    return own and source.contract.kind != "events"


def _whole_team(name: str) -> str:
    return (
        "SELECT team_id, period_start, COUNT(amount) AS amounts,"
        f" CAST(SUM(reports) AS BIGINT) AS reports FROM {name} GROUP BY team_id, period_start"
    )


def _areas(measure: Measure, sources: Mapping[str, _Source]) -> str:
    """Return SQL that adds the parts up, to teams, localities and all; only what can be there.

    A team is in a locality with one part at most, so parts are counted there, and teams elsewhere.
    """
    sums = [name for name in ("numerator", "denominator", "headcount") if name in sources]
    sums += ["scaled"] if measure.show.as_ == "mean_a_day" else []
    by_day = measure.show.as_ == "mean_a_day" or _is_daily(sources["numerator"])
    least = ("days_ok", "days") if by_day else ()
    hides = any(isinstance(source.block, Submitted) for source in sources.values())
    in_part = "ok AND days_ok < days"
    of_parts = [f"SUM({name}) FILTER (WHERE ok) AS {name}" for name in sums]
    of_teams = [f"SUM({name}) AS {name}" for name in sums]
    both = [f"MIN({name}) AS {name}" for name in least]
    both += ["BOOL_OR(suppressed) AS suppressed"] if hides else []
    counted = ["COUNT(*) AS teams", "COUNT(*) FILTER (WHERE ok) AS teams_ok"]

    def columns(*more: Sequence[str]) -> str:
        return ", ".join(column for part in more for column in part)

    def known(name: str, sql_type: str, as_: str = "") -> str:
        shown = name if name in (*sums, *least) else "NULL"
        return f"CAST({shown} AS {sql_type}) AS {as_ or name}"

    named = [*sums, *least, *(["suppressed"] if hides else [])]
    return f"""
SELECT area_level, area_id, period_start,
    {known("numerator", "DECIMAL(18,4)")},
    {known("denominator", "DECIMAL(18,4)")},
    {known("scaled", "DECIMAL(18,4)")},
    {known("headcount", "BIGINT", "n")},
    CAST(teams AS BIGINT) AS teams, CAST(teams_ok AS BIGINT) AS teams_ok,
    CAST({"teams_part" if by_day else "0"} AS BIGINT) AS teams_part,
    {"suppressed" if hides else "FALSE AS suppressed"},
    {known("days_ok", "BIGINT")}, {known("days", "BIGINT")}
FROM (
    WITH team_state AS (
        SELECT team_id, period_start,
            {columns(of_parts, both, ["BOOL_AND(ok) AS ok"])}
            {f", BOOL_OR({in_part}) AS in_part" if by_day else ""}
        FROM part_state
        GROUP BY team_id, period_start
    )
    SELECT 'team' AS area_level, team_id AS area_id, period_start, {columns(named)},
        1 AS teams, CASE WHEN ok THEN 1 ELSE 0 END AS teams_ok
        {", CASE WHEN in_part THEN 1 ELSE 0 END AS teams_part" if by_day else ""}
    FROM team_state
    UNION ALL
    SELECT 'locality', locality_id, period_start, {columns(of_parts, both, counted)}
        {f", COUNT(*) FILTER (WHERE {in_part})" if by_day else ""}
    FROM part_state
    GROUP BY locality_id, period_start
    UNION ALL
    SELECT 'partnership', NULL, period_start, {columns(of_teams, both, counted)}
        {", COUNT(*) FILTER (WHERE in_part)" if by_day else ""}
    FROM team_state
    GROUP BY period_start
)
"""


_LEVELS = "GROUPING SETS ((period_start, team_id), (period_start, locality_id), (period_start))"
_LEVEL = (
    "CASE WHEN GROUPING(team_id) = 0 THEN 'team' WHEN GROUPING(locality_id) = 0 THEN 'locality'"
    " ELSE 'partnership' END"
)


def _scaled(measure: Measure) -> str:
    """Return the column for what a part would be had its team reported every day it was there.

    A larger area's mean a day is the sum of its teams' means, so a team that reported 12 days of
    30 counts 30/12 times. The division is exact in the common case, where nothing is scaled.
    """
    if measure.show.as_ != "mean_a_day":
        return ""
    return (
        ", CASE WHEN days_ok = days THEN numerator"
        " WHEN days_ok > 0 THEN CAST(numerator * days / days_ok AS DECIMAL(18,4)) END AS scaled"
    )


def _different(source: _Source) -> str:
    """Return SQL for area_level, area_id, period_start, amount: different keys at each level.

    Only of the parts that count: a larger area's people are those of its teams that have both.
    """
    assert isinstance(source.block, People)
    date, key = source.date(source.block.on), f'e."{source.block.people}"'
    placed, start, grouped = _placed(source, date), "p.period_start", ["period_start"]
    if source.period is not None:
        # Its days are those of the period, whose table need not be asked for each row.
        placed, start, grouped = _in_area(source, date), literal(source.period[0]), []
    sets = ", ".join(
        f"({', '.join([*grouped, *area])})" for area in (["team_id"], ["locality_id"], [])
    )
    return f"""
    SELECT {_LEVEL} AS area_level, COALESCE(team_id, locality_id) AS area_id,
        {"period_start" if grouped else f"{start} AS period_start"},
        COUNT(DISTINCT person) AS amount
    FROM (
        SELECT a.team_id, a.locality_id, {start} AS period_start, {key} AS person
        {placed}
        JOIN part_state AS s ON s.ok AND s.team_id = a.team_id
            AND s.locality_id = a.locality_id AND s.period_start = {start}
        {source.fellows}
        WHERE {key} IS NOT NULL AND {source.conditions}{source.only_its_days(source.block.on)}
    )
    GROUP BY GROUPING SETS ({sets})"""


def _with_people(people: Mapping[str, _Source], levels: str) -> str:
    """Return the statement over the levels, with different people in place of what was summed."""
    if not people:
        return levels
    amounts = ", ".join(
        f"CASE WHEN l.{name} IS NOT NULL"
        f" THEN CAST(COALESCE({name}_people.amount, 0) AS DECIMAL(18,4)) END AS {name}"
        for name in people
    )
    joins = " ".join(
        f"LEFT JOIN {name}_people ON {name}_people.area_level = l.area_level"
        f" AND {name}_people.period_start = l.period_start"
        f" AND COALESCE({name}_people.area_id, '') = COALESCE(l.area_id, '')"
        for name in people
    )
    return f"SELECT l.* REPLACE ({amounts}) FROM ({levels}) AS l {joins}"


def _has_gaps(source: _Source) -> bool:
    return bool(source.reported)


def _gap(source: _Source) -> str:
    """Return SQL for team_id, period_start: where something reported is known not to be here.

    What is measured at the latest date asks only for that date's month. A measure of one employer
    does not ask for the others.
    """
    wanted = []
    for contract in source.reported:
        parts = [
            f"(g.part_column = {literal(c)} AND {source.wants_part(c)})"
            for c in contract.expects_each
        ]
        any_of = " OR ".join(["g.part_column IS NULL", *parts])
        wanted.append(f"(g.table_name = {literal(contract.table)} AND ({any_of}))")
    about = f"FROM gap AS g WHERE g.every = {literal(source.every)} AND ({' OR '.join(wanted)})"
    if not isinstance(source.block, Level):
        return f"SELECT DISTINCT g.team_id, g.period_start {about}"
    return f"""
    SELECT DISTINCT g.team_id, g.period_start {about} AND EXISTS (
        SELECT 1 FROM ({_latest(source, source.block)}) AS l
        WHERE l.team_id = g.team_id AND l.period_start = g.period_start
            AND l.day >= g.month AND l.day < g.next_month
    )"""


def _received(name: str, source: _Source, *, has_gaps: bool) -> str:
    """Return a part's amount: 0 where nothing happened, blank where nothing was received.

    Of a team that moved between localities in the period, the part with no rows has none. What is
    reported by the month is there when every month has come in which the team was there.
    """
    if isinstance(source.block, Population | PersonDays):
        return f"{name}.amount"
    tests = []
    if source.asks_for_files:
        tests.append(f"{name}_covered.team_id IS NOT NULL")
    if source.contract.kind != "events":
        if isinstance(source.block, Level) or _is_daily(source):
            tests.append(f"{name}_team.amounts > 0")
        else:
            tests.append(f"{name}_team.reports = g.team_months")
    if has_gaps:
        tests.append(f"{name}_gap.team_id IS NULL")
    return f"CASE WHEN {' AND '.join(tests) or 'TRUE'} THEN COALESCE({name}.amount, 0) END"


def _counted_as(name: str, source: _Source) -> str:
    """Return SQL for the columns of `_counted`; what is of windows is counted by what they are of.

    A day lies in several windows, and each row is to be read once.
    """
    measure = source.measure
    if name == "headcount" and measure.every == "week":
        return _headcount_of_weeks(source)
    can_be_added = source.block.adds_up_over_time and not isinstance(source.block, PersonDays)
    if measure.rolling is None or not can_be_added:
        return _counted(source)
    return f"""
    SELECT n.team_id, n.locality_id, w.period_start,
        CAST(SUM(n.amount) AS DECIMAL(18,4)) AS amount,
        CAST(SUM(n.reports) AS BIGINT) AS reports,
        BOOL_OR(n.suppressed) AS suppressed
    FROM ({_counted(replace(source, every=measure.every))}) AS n
    {_windows_of(source, "n")}
    GROUP BY n.team_id, n.locality_id, w.period_start"""


def _windows_of(source: _Source, alias: str) -> str:
    """Return the joins that find the windows `w` in which a period of `alias` lies."""
    return (
        f"JOIN period AS b ON b.every = {literal(source.measure.every)}"
        f" AND b.period_start = {alias}.period_start"
        f" JOIN period AS w ON w.every = {literal(source.measure.periods)}{source.only('w')}"
        " AND w.period_start <= b.period_start AND w.period_end >= b.period_end"
    )


def _headcount_of_weeks(source: _Source) -> str:
    # It comes by the month: of a week, that of the month in which the week ends.
    by_month = replace(source, every="month", period=None)
    assert isinstance(source.block, Level)
    return f"""
    SELECT n.team_id, n.locality_id, p.period_start, n.amount, n.reports, n.suppressed
    FROM ({_level(by_month, source.block)}) AS n
    JOIN period AS b ON b.every = 'month' AND b.period_start = n.period_start
    JOIN period AS p ON p.every = {literal(source.every)}
        AND p.last_day >= b.period_start AND p.last_day < b.period_end"""


def _counted(source: _Source) -> str:
    """Return SQL for team_id, locality_id, period_start, amount, reports, suppressed.

    `reports` are the different dates of what is reported by the day or by the month.
    """
    block = source.block
    if isinstance(block, People):
        # Whether anything was received is all that a part knows of them.
        return _NOTHING
    if isinstance(block, Rows):
        return _flow(source, block.on, "COUNT(*)")
    if isinstance(block, Sum):
        return _flow(source, block.on, f'SUM(e."{block.sum}")')
    if isinstance(block, Days):
        start, end = (source.date(name) for name in block.days)
        length = f"DATE_DIFF('day', {start}, {end})"
        return _flow(source, block.on, f"SUM({length})")
    if isinstance(block, Open):
        return _stock(source, block)
    if isinstance(block, DaysInside):
        return _nights(source, block)
    if isinstance(block, Level):
        return _level(source, block)
    if isinstance(block, Population):
        return _population(source, block.population)
    if isinstance(block, PersonDays):
        return _person_days(source, block.person_days)
    assert isinstance(block, Submitted)
    return _submitted(source, block)


_NOTHING = (
    "SELECT team_id, locality_id, period_start, CAST(NULL AS DECIMAL(18,4)) AS amount,"
    " CAST(NULL AS BIGINT) AS reports, FALSE AS suppressed FROM part WHERE FALSE"
)


def _in_area(source: _Source, date: str) -> str:
    """Return the FROM clause that places each row `e` in its area `a` by a date."""
    return (
        f"FROM {source.relation} AS e"
        f' JOIN {source.areas} AS a ON a.code = e."{source.area_column}"'
        f" AND {date} >= a.valid_from AND {date} < a.valid_to"
    )


def _placed(source: _Source, date: str) -> str:
    """Return the FROM clause that places each row `e` in its area `a` and period `p` by a date.

    A row of no period keeps a blank for it, which nothing that follows is equal to. An inner join
    would leave these out, but then an engine may take the periods first: it believes that hardly
    any row has one where it knows of the moments only that they differ, and keeps all rows in
    memory to find a few areas among them.
    """
    return (
        f"{_in_area(source, date)}"
        f" LEFT JOIN period_day AS p ON p.every = {literal(source.every)} AND p.day = {date}"
        f"{source.only('p')}"
    )


def _flow(source: _Source, on: str, amount: str) -> str:
    date = source.date(on)
    if source.contract.kind == "reported":
        where = f"{source.conditions}{source.only_its_days(on)}"
        return _of_reports(source, date, amount, "FALSE", where)
    return f"""
    SELECT a.team_id, a.locality_id, p.period_start,
        CAST({amount} AS DECIMAL(18,4)) AS amount,
        CAST(NULL AS BIGINT) AS reports,
        FALSE AS suppressed
    {_placed(source, date)}
    {source.fellows}
    WHERE {source.conditions}{source.only_its_days(on)}
    GROUP BY a.team_id, a.locality_id, p.period_start"""


def _of_reports(source: _Source, date: str, amount: str, hidden: str, where: str) -> str:
    """Return SQL for amounts by the date of the report, added up, and for how many dates have one.

    Dates are counted by what was added up of each: an engine would look for different ones among
    all rows once more.
    """
    return f"""
    SELECT team_id, locality_id, period_start,
        CAST(SUM(amount) AS DECIMAL(18,4)) AS amount,
        COUNT(amount) AS reports,
        BOOL_OR(suppressed) AS suppressed
    FROM (
        SELECT a.team_id, a.locality_id, p.period_start, {amount} AS amount,
            {hidden} AS suppressed
        {_placed(source, date)}
        {source.fellows}
        WHERE {where}
        GROUP BY a.team_id, a.locality_id, p.period_start, {date}
    )
    GROUP BY team_id, locality_id, period_start"""


def _is_daily(source: _Source) -> bool:
    """Return whether a table is reported by the day, so that part of a period can be there."""
    contract = source.contract
    if contract.kind != "reported" or contract.date is None:
        return False
    return contract.column(contract.date).type != "month"


def _spans(source: _Source, block: Open | DaysInside, after_days: int = 0) -> str:
    """Return SQL for the spans by team_id, locality_id, opens_in, closes_in: how many, which days.

    A span is a row's time from one date to the first of the others, cut where its area changes.
    What began before the first period is taken to the first day of it: the opening balance. One
    that closes before it opens never was.
    """
    opens = source.date(block.from_)
    if after_days:
        # A day and whole days later: the one sum of dates that engines agree on.
        opens = f"({opens} + {after_days})"
    closing = [f"COALESCE({source.date(name)}, {_NEVER})" for name in block.until]
    closes = closing[0] if len(closing) == 1 else f"LEAST({', '.join(closing)})"
    every = literal(source.every)
    all_days = (
        "SELECT MIN(day) AS first_day, MAX(day) + 1 AS end_day"
        f" FROM period_day WHERE every = {every}"
    )
    return f"""
        SELECT team_id, locality_id, opens_in, closes_in, COUNT(*) AS spans,
            SUM(DATE_DIFF('day', opens_in, opens)) AS days_before,
            SUM(DATE_DIFF('day', closes_in, closes)) AS days_until
        FROM (
            SELECT s.team_id, s.locality_id, o.period_start AS opens_in,
                c.period_start AS closes_in, o.day AS opens, c.day AS closes
            FROM (
                SELECT a.team_id, a.locality_id,
                    GREATEST({opens}, a.valid_from) AS opens,
                    LEAST({closes}, a.valid_to) AS closes
                FROM {source.relation} AS e
                JOIN (
                    SELECT v.code, v.team_id, v.locality_id,
                        GREATEST(v.valid_from, d.first_day) AS valid_from,
                        LEAST(v.valid_to, d.end_day) AS valid_to
                    FROM {source.areas} AS v
                    JOIN ({all_days}) AS d ON v.valid_to > d.first_day AND v.valid_from < d.end_day
                ) AS a ON a.code = e."{source.area_column}"
                    AND {opens} < a.valid_to AND {closes} > a.valid_from
                WHERE {opens} < {closes} AND {source.conditions}
            ) AS s
            LEFT JOIN period_day AS o ON o.every = {every} AND o.day = s.opens
            LEFT JOIN period_day AS c ON c.every = {every} AND c.day = s.closes
        )
        GROUP BY team_id, locality_id, opens_in, closes_in"""


def _openings(source: _Source, block: Open | DaysInside, after_days: int = 0) -> str:
    """Return CTEs up to `change`: team_id, locality_id, period_start, opened, gone.

    `opened` are the spans that open less those that close, `gone` the days of the period that were
    over when they did. Each part is there, with noughts where nothing opens or closes.
    """
    return f"""
    WITH span AS ({_spans(source, block, after_days)}),
    change AS (
        SELECT team_id, locality_id, period_start, SUM(opened) AS opened, SUM(gone) AS gone
        FROM (
            SELECT team_id, locality_id, opens_in AS period_start, spans AS opened,
                days_before AS gone
            FROM span
            UNION ALL
            SELECT team_id, locality_id, closes_in, -spans, -days_until
            FROM span WHERE closes_in IS NOT NULL
            UNION ALL
            SELECT team_id, locality_id, period_start, 0, 0
            FROM part WHERE every = {literal(source.every)}
        )
        GROUP BY team_id, locality_id, period_start
    )"""


def _stock(source: _Source, block: Open) -> str:
    return f"""
    {_openings(source, block, block.after_days)}
    SELECT team_id, locality_id, period_start,
        CAST({_SO_FAR} AS DECIMAL(18,4)) AS amount,
        CAST(NULL AS BIGINT) AS reports,
        FALSE AS suppressed
    FROM change"""


def _nights(source: _Source, block: DaysInside) -> str:
    """Return SQL for nights.

    What has opened by the end of a period has all its nights, and what has closed none, but for
    those that were over before: these are taken from the one and not from the other.
    """
    return f"""
    {_openings(source, block)}
    SELECT n.team_id, n.locality_id, n.period_start,
        CAST(p.days * n.so_far - n.gone AS DECIMAL(18,4)) AS amount,
        CAST(NULL AS BIGINT) AS reports,
        FALSE AS suppressed
    FROM (SELECT *, {_SO_FAR} AS so_far FROM change) AS n
    JOIN period AS p ON p.every = {literal(source.every)} AND p.period_start = n.period_start"""


_SO_FAR = (
    "SUM(opened) OVER (PARTITION BY team_id, locality_id"
    " ORDER BY period_start ROWS UNBOUNDED PRECEDING)"
)
_NEVER = "DATE '9999-12-31'"


def _latest(source: _Source, block: Level) -> str:
    """Return SQL for team_id, period_start, day: the latest date of a team's in each period."""
    date = source.date(block.on)
    return f"""
        SELECT a.team_id, p.period_start, MAX({date}) AS day
        {_placed(source, date)}
        WHERE e."{block.level}" IS NOT NULL AND {source.conditions}
        GROUP BY a.team_id, p.period_start"""


def _level(source: _Source, block: Level) -> str:
    date = source.date(block.on)
    return f"""
    WITH latest AS ({_latest(source, block)}
    )
    SELECT a.team_id, a.locality_id, l.period_start,
        CAST(SUM(e."{block.level}") AS DECIMAL(18,4)) AS amount,
        CAST(NULL AS BIGINT) AS reports,
        FALSE AS suppressed
    {_in_area(source, date)}
    JOIN latest AS l ON l.team_id = a.team_id AND l.day = {date}
    WHERE e."{block.level}" IS NOT NULL AND {source.conditions}
    GROUP BY a.team_id, a.locality_id, l.period_start"""


def _lists(who: Who) -> str:
    """Return SQL for team_id, valid_from, valid_to, people: of each list, those it is about.

    A list holds from the day on which it was counted until the team's next one on the same basis.
    """
    bands = ", ".join(map(literal, who.age_bands))
    sexes = ", ".join(map(literal, who.sex))
    return f"""
        SELECT team_id, people, as_at AS valid_from,
            COALESCE(LEAD(as_at) OVER (PARTITION BY team_id ORDER BY as_at), {_NEVER}) AS valid_to
        FROM (
            SELECT team_id, as_at,
                SUM(people) FILTER (WHERE age_band IN ({bands}) AND sex IN ({sexes})) AS people
            FROM main.population
            WHERE basis = {literal(who.basis)}
            GROUP BY team_id, as_at
        )"""


def _population(source: _Source, who: Who) -> str:
    # A part that is gone by the last day serves nobody on it; one that has no list is unknown.
    return f"""
    SELECT g.team_id, g.locality_id, g.period_start,
        CAST(CASE
            WHEN COUNT(a.code) = 0 THEN 0
            WHEN COUNT(s.team_id) > 0 THEN COALESCE(SUM(s.people), 0)
        END AS DECIMAL(18,4)) AS amount,
        CAST(NULL AS BIGINT) AS reports,
        FALSE AS suppressed
    FROM part AS g
    JOIN period AS p ON p.every = g.every AND p.period_start = g.period_start
    LEFT JOIN prepared.team_area AS a
        ON a.code = g.team_id AND a.locality_id = g.locality_id
        AND a.valid_from <= p.last_day AND a.valid_to > p.last_day
    LEFT JOIN ({_lists(who)}) AS s
        ON s.team_id = a.team_id AND s.valid_from <= p.last_day AND s.valid_to > p.last_day
    WHERE g.every = {literal(source.every)}{source.only("g")}
    GROUP BY g.team_id, g.locality_id, g.period_start"""


def _person_days(source: _Source, who: Who) -> str:
    begins = "GREATEST(s.valid_from, p.period_start, a.valid_from)"
    ends = "LEAST(s.valid_to, p.period_end, a.valid_to)"
    # A count taken in the middle of a period says nothing of the days before it. A list on which
    # there is nobody of the ages asked for is a list of none of them.
    return f"""
    SELECT a.team_id, a.locality_id, p.period_start,
        CAST(COALESCE(
            SUM(s.people * DATE_DIFF('day', {begins}, {ends})), 0
        ) AS DECIMAL(18,4)) AS amount,
        CAST(NULL AS BIGINT) AS reports,
        FALSE AS suppressed
    FROM ({_lists(who)}) AS s
    JOIN period AS p ON p.every = {literal(source.every)}{source.only("p")}
        AND s.valid_from < p.period_end AND s.valid_to > p.period_start
    JOIN prepared.team_area AS a ON a.code = s.team_id
        AND a.valid_from < LEAST(s.valid_to, p.period_end)
        AND a.valid_to > GREATEST(s.valid_from, p.period_start)
    JOIN part AS g ON g.every = p.every AND g.team_id = a.team_id
        AND g.locality_id = a.locality_id AND g.period_start = p.period_start
    GROUP BY a.team_id, a.locality_id, p.period_start
    HAVING MIN(s.valid_from) <= MIN(g.begins)"""


def _submitted(source: _Source, block: Submitted) -> str:
    return _of_reports(
        source,
        source.date("month"),
        f'SUM(e."{block.submitted}")',
        "COALESCE(BOOL_OR(e.suppressed), FALSE)",
        f"e.measure_id = {literal(source.measure.main_id)} AND {source.conditions}",
    )


def _quantile(source: _Source, block: Quantile) -> str:
    every = literal(source.every)
    start, end = (source.date(name) for name in block.days)
    known = f"{start} IS NOT NULL"
    if block.open_cases == "left out":
        known += f" AND {end} IS NOT NULL"
    ranks, top = block.at.as_integer_ratio()
    if ranks * 2 == top:
        # The mean of the two middle values, kept whole: twice the median over 2. The first is the
        # value that half of the cases reach, the second the one that more than half reach.
        numerator = (
            "MIN(waited) FILTER (WHERE 2 * so_far >= n) + MIN(waited) FILTER (WHERE 2 * so_far > n)"
        )
        denominator = 2
    else:
        numerator = f"MIN(waited) FILTER (WHERE {top} * so_far >= {ranks} * n)"
        denominator = 1
    placed = _placed(replace(source, every=source.measure.every), source.date(block.on))
    waits = f"""
        SELECT a.team_id, a.locality_id, p.period_start,
            DATE_DIFF('day', {start}, {end}) AS waited, COUNT(*) AS cases
        {placed}
        WHERE {known} AND {source.conditions}
        GROUP BY a.team_id, a.locality_id, p.period_start, waited"""
    if source.measure.rolling is not None:
        waits = f"""
        SELECT n.team_id, n.locality_id, w.period_start, n.waited, n.cases
        FROM ({waits}) AS n {_windows_of(source, "n")}"""
    return f"""
WITH histogram AS (
    SELECT {_LEVEL} AS area_level, COALESCE(team_id, locality_id) AS area_id, period_start, waited,
        CAST(SUM(cases) AS BIGINT) AS cases
    FROM (
        SELECT w.* FROM ({waits}) AS w
        JOIN ({source.received}) AS c
            ON c.team_id = w.team_id AND c.period_start = w.period_start
    )
    GROUP BY GROUPING SETS (
        (period_start, waited, team_id), (period_start, waited, locality_id), (period_start, waited)
    )
),
running AS (
    SELECT *,
        SUM(cases) OVER (
            PARTITION BY area_level, area_id, period_start
            ORDER BY waited NULLS LAST ROWS UNBOUNDED PRECEDING
        ) AS so_far,
        SUM(cases) OVER (PARTITION BY area_level, area_id, period_start) AS n
    FROM histogram
),
answer AS (
    SELECT area_level, area_id, period_start, {numerator} AS numerator, MAX(n) AS n
    FROM running
    GROUP BY area_level, area_id, period_start
),
reach AS (
    SELECT {_LEVEL} AS area_level, COALESCE(team_id, locality_id) AS area_id, period_start,
        COUNT(DISTINCT team_id) AS teams,
        COUNT(DISTINCT received_from) AS teams_ok
    FROM (
        SELECT g.team_id, g.locality_id, g.period_start, c.team_id AS received_from
        FROM part AS g
        LEFT JOIN ({source.received}) AS c
            ON c.team_id = g.team_id AND c.period_start = g.period_start
        WHERE g.every = {every}
    )
    GROUP BY {_LEVELS}
)
SELECT r.area_level, r.area_id, r.period_start,
    CAST(w.numerator AS DECIMAL(18,4)) AS numerator,
    CAST(CASE WHEN w.numerator IS NOT NULL THEN {denominator} END AS DECIMAL(18,4)) AS denominator,
    CAST(NULL AS DECIMAL(18,4)) AS scaled,
    CAST(COALESCE(w.n, 0) AS BIGINT) AS n,
    r.teams, r.teams_ok, 0 AS teams_part, FALSE AS suppressed,
    CAST(NULL AS BIGINT) AS days_ok, CAST(NULL AS BIGINT) AS days
FROM reach AS r
LEFT JOIN answer AS w
    ON w.area_level = r.area_level AND w.period_start = r.period_start
    AND COALESCE(w.area_id, '') = COALESCE(r.area_id, '')
"""
