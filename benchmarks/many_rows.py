"""35 million rows of 1,300 teams in five years: each block beside the best SQL written by hand.

Besides these there are the lists of people, and what teams report by the day and by the month. The
rows are made from hashes of their numbers, so that every run has the same. Both statements of a
block answer the same question at three levels, month by month, and their answers are compared
before their times are. Different people are counted a month at a time by both.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from benchmarks.big_file import alone, peak_memory
from benchmarks.figures import Figure, Tell, seconds
from benchmarks.homes import folder
from benchmarks.ratios import beside
from data.calendar import create_periods
from data.contract import load_contracts
from data.coverage import create_complete_coverage
from data.home import Settings
from data.records import Schema, create_prepared, create_tables, schema_of
from metrics.calculate import create_parts
from metrics.compiler import compile_measure
from tests.metrics.measure_tables import a_measure

TEAMS, LOCALITIES, MONTHS = 1_300, 130, 60
CONTACTS, REFERRALS, SPELLS = 20_000_000, 10_000_000, 5_000_000
FIRST, LAST = datetime.date(2020, 4, 1), datetime.date(2025, 3, 1)
END = datetime.date(2025, 4, 1)
# Times the SQL written by hand: of one block, and of all together; and megabytes.
MOST_TIMES, MOST_TIMES_IN_ALL, MOST_MEMORY = 1.3, 1.15, 3_000
# What DuckDB may use itself, in both.
MEMORY_LIMIT = "2GB"
_KEYS = ["area_level", "area_id", "period_start"]
_COUNTS = ("numerator", "denominator", "teams", "teams_ok")

Ask = Callable[[], pd.DataFrame]


@dataclass(frozen=True)
class Question:
    """One block: what a definition says, and the same as somebody would write it in SQL.

    Attributes:
        by_month: The SQL by hand is asked for each month, whose first day and end it is given.
    """

    name: str
    says: Mapping[str, Any]
    by_hand: str
    by_month: bool = False


# The SQL by hand answers the same: every area and month, nought where nothing happened, nothing
# where the team's file did not come, and how many teams there are and how many files came. It may
# rely on what is so of these rows, and the definitions may not: no team moves, months are
# calendar months, and each practice is one team's.
_LEVEL = """CASE WHEN GROUPING(team_id) = 0 THEN 'team' WHEN GROUPING(locality_id) = 0
        THEN 'locality' ELSE 'partnership' END AS area_level,
    COALESCE(team_id, locality_id) AS area_id"""
_SETS = "GROUPING SETS ((period_start, team_id), (period_start, locality_id), (period_start))"
# A stay belongs to a team by the person's practice.
_STAY = "(SELECT s.*, p.team_id FROM hospital_spell s JOIN practice_team p USING (practice_code))"


def _came(table: str) -> str:
    return (
        "SELECT team_id, period_start, TRUE AS came FROM covered"
        f" WHERE table_name = '{table}' AND every = 'month'"
    )


def _levels(by_team: str, table: str) -> str:
    """Return SQL that adds the counts of an events' table up through the areas."""
    return f"""
    SELECT {_LEVEL}, period_start, SUM(n) AS numerator, COUNT(*) AS teams, COUNT(n) AS teams_ok
    FROM (
        SELECT team_id, locality_id, period_start, CASE WHEN came THEN COALESCE(n, 0) END AS n
        FROM part LEFT JOIN ({_came(table)}) USING (team_id, period_start)
        LEFT JOIN ({by_team}) USING (team_id, period_start)
        WHERE every = 'month'
    )
    GROUP BY {_SETS}"""


def _reported(by_team: str) -> str:
    """Return SQL that adds up what is there where a row of it is."""
    return f"""
    SELECT {_LEVEL}, period_start, SUM(n) AS numerator, COUNT(*) AS teams, COUNT(n) AS teams_ok
    FROM part LEFT JOIN ({by_team}) USING (team_id, period_start)
    WHERE every = 'month'
    GROUP BY {_SETS}"""


def _share(by_team: str, below: str, table: str) -> str:
    """Return SQL that adds counts and what they are counted by up, over the teams with both."""
    return f"""
    SELECT {_LEVEL}, period_start, SUM(n) FILTER (WHERE came AND d IS NOT NULL) AS numerator,
        SUM(d) FILTER (WHERE came) AS denominator, COUNT(*) AS teams,
        COUNT(*) FILTER (WHERE came AND d IS NOT NULL) AS teams_ok
    FROM (
        SELECT team_id, locality_id, period_start, came, COALESCE(n, 0) AS n, d
        FROM part LEFT JOIN ({_came(table)}) USING (team_id, period_start)
        LEFT JOIN ({by_team}) USING (team_id, period_start)
        LEFT JOIN ({below}) USING (team_id, period_start)
        WHERE every = 'month'
    )
    GROUP BY {_SETS}"""


def _month(date: str) -> str:
    return f"CAST(date_trunc('month', {date}) AS DATE)"


def _by_team(table: str, on: str, amount: str = "COUNT(*)", where: str = "TRUE") -> str:
    return (
        f"SELECT team_id, {_month(on)} AS period_start, {amount} AS n"
        f" FROM {table} WHERE {where} AND {on} < DATE '{END}' GROUP BY ALL"
    )


def _in_and_out(table: str, begins: str, ends: str, where: str) -> str:
    """Return SQL for what begins less what ends by each month's end, and the days that were gone.

    Rows are read once, and counted by the months that they begin and end in.
    """
    return f"""
    WITH span AS (
        SELECT team_id, {_month(begins)} AS b, {_month(ends)} AS e, COUNT(*) AS spans,
            SUM(day(CAST({begins} AS DATE)) - 1) AS before, SUM(day({ends}) - 1) AS until
        FROM {table} WHERE {where} GROUP BY ALL
    )
    SELECT team_id, m AS period_start,
        SUM(SUM(d)) OVER (PARTITION BY team_id ORDER BY m) AS there, SUM(gone) AS gone
    FROM (
        SELECT team_id, b AS m, spans AS d, before AS gone FROM span
        UNION ALL
        SELECT team_id, e, -spans, -until FROM span WHERE e IS NOT NULL
        UNION ALL
        SELECT team_id, CAST(range AS DATE), 0, 0
        FROM team, range(DATE '{FIRST}', DATE '{END}', INTERVAL 1 MONTH)
    )
    WHERE m < DATE '{END}'
    GROUP BY team_id, m"""


def _people(kind: str, on: str, table: str) -> str:
    return f"""
    WITH there AS (
        SELECT team_id, locality_id, came FROM part
        LEFT JOIN ({_came(table)}) USING (team_id, period_start)
        WHERE every = 'month' AND period_start = $1
    ),
    counted AS (
        SELECT {_LEVEL}, COUNT(DISTINCT {kind}) AS n
        FROM {table} JOIN there USING (team_id)
        WHERE came AND {on} >= $1 AND {on} < $2
        GROUP BY GROUPING SETS ((team_id), (locality_id), ())
    ),
    teams AS (
        SELECT {_LEVEL}, COUNT(*) AS teams, COUNT(came) AS teams_ok
        FROM there GROUP BY GROUPING SETS ((team_id), (locality_id), ())
    )
    SELECT t.area_level, t.area_id, $1 AS period_start, teams, teams_ok,
        CASE WHEN teams_ok > 0 THEN COALESCE(n, 0) END AS numerator
    FROM teams AS t LEFT JOIN counted AS c
        ON c.area_level = t.area_level AND c.area_id IS NOT DISTINCT FROM t.area_id"""


_MEDIAN = f"""
    WITH waited AS (
        SELECT team_id, {_month("first_contact_on")} AS period_start,
            first_contact_on - CAST(received_at AS DATE) AS days
        FROM referral WHERE first_contact_on < DATE '{END}'
    ),
    counted AS (
        SELECT {_LEVEL}, period_start, 2 * median(days) AS numerator
        FROM waited JOIN ({_came("referral")}) USING (team_id, period_start)
        JOIN team USING (team_id)
        GROUP BY {_SETS}
    ),
    teams AS (
        SELECT {_LEVEL}, period_start, COUNT(*) AS teams, COUNT(came) AS teams_ok
        FROM part LEFT JOIN ({_came("referral")}) USING (team_id, period_start)
        WHERE every = 'month' GROUP BY {_SETS}
    )
    SELECT t.*, numerator FROM teams AS t LEFT JOIN counted AS c
        ON c.area_level = t.area_level AND c.period_start = t.period_start
        AND c.area_id IS NOT DISTINCT FROM t.area_id"""
_RECEIVED = _by_team("referral", "received_at")
_OLD = ["75-84", "85+"]
_OLD_PEOPLE = """
    SELECT team_id, as_at AS period_start, SUM(people) AS d
    FROM population WHERE age_band IN ('75-84', '85+') GROUP BY ALL"""
_SEEN = {"open": "referral", "from": "received_at", "until": ["first_contact_on"]}
_IN_28_DAYS = "CAST(received_at AS DATE) + 28"
EMERGENCY = {"column": "admission_method", "in": ["21", "22"]}
QUESTIONS = (
    Question(
        "rows",
        {
            "attribution": "visiting",
            "numerator": {
                "rows": "contact",
                "on": "started_at",
                "where": [{"column": "attended", "in": ["5", "6"]}],
            },
        },
        _levels(_by_team("contact", "started_at", where="attended IN ('5', '6')"), "contact"),
    ),
    Question(
        "sum",
        {
            "attribution": "visiting",
            "numerator": {"sum": "duration_min", "of": "contact", "on": "started_at"},
        },
        _levels(_by_team("contact", "started_at", "SUM(duration_min)"), "contact"),
    ),
    Question(
        "days",
        {
            "attribution": "population",
            "numerator": {
                "days": ["admitted_on", "discharged_on"],
                "of": "hospital_spell",
                "on": "discharged_on",
                "where": [EMERGENCY],
            },
        },
        _levels(
            _by_team(
                _STAY,
                "discharged_on",
                "SUM(discharged_on - admitted_on)",
                "admission_method IN ('21', '22')",
            ),
            "hospital_spell",
        ),
    ),
    Question(
        "people",
        {
            "attribution": "visiting",
            "numerator": {"people": "person_key", "of": "contact", "on": "started_at"},
        },
        _people("person_key", "started_at", "contact"),
        by_month=True,
    ),
    Question(
        "open",
        {"attribution": "receiving", "numerator": _SEEN},
        _levels(
            "SELECT team_id, period_start, there AS n FROM ("
            + _in_and_out("referral", "received_at", "first_contact_on", "TRUE")
            + ")",
            "referral",
        ),
    ),
    Question(
        "open, after_days",
        {"attribution": "receiving", "numerator": {**_SEEN, "after_days": 28}},
        _levels(
            "SELECT team_id, period_start, there AS n FROM ("
            + _in_and_out(
                "referral",
                f"({_IN_28_DAYS})",
                "first_contact_on",
                f"first_contact_on IS NULL OR first_contact_on > {_IN_28_DAYS}",
            )
            + ")",
            "referral",
        ),
    ),
    Question(
        "days_inside",
        {
            "attribution": "population",
            "numerator": {
                "days_inside": "hospital_spell",
                "from": "admitted_on",
                "until": ["discharged_on"],
                "where": [EMERGENCY],
            },
        },
        _levels(
            "SELECT team_id, period_start, there * day(last_day(period_start)) - gone AS n FROM ("
            + _in_and_out(_STAY, "admitted_on", "discharged_on", "admission_method IN ('21', '22')")
            + ")",
            "hospital_spell",
        ),
    ),
    Question(
        "followed_by",
        {
            "attribution": "population",
            "numerator": {
                "rows": "hospital_spell",
                "on": "discharged_on",
                "where": [{"column": "discharge_method", "is": "1"}],
                "followed_by": [
                    {
                        "table": "hospital_spell",
                        "on": "admitted_on",
                        "within_days": [0, 29],
                        "where": [EMERGENCY],
                    }
                ],
            },
        },
        _levels(
            f"""
            SELECT team_id, {_month("discharged_on")} AS period_start, COUNT(*) AS n
            FROM {_STAY} AS e
            SEMI JOIN (
                SELECT person_key, admitted_on, spell_id FROM hospital_spell
                WHERE admission_method IN ('21', '22')
            ) AS f ON f.person_key = e.person_key AND f.spell_id <> e.spell_id
                AND f.admitted_on - e.discharged_on BETWEEN 0 AND 29
            WHERE discharge_method = '1' AND discharged_on < DATE '{END}'
            GROUP BY ALL""",
            "hospital_spell",
        ),
    ),
    Question(
        "quantile",
        {
            "attribution": "receiving",
            "show": {"as": "days"},
            "quantile": {
                "at": 0.5,
                "days": ["received_at", "first_contact_on"],
                "of": "referral",
                "on": "first_contact_on",
                "open_cases": "left out",
            },
        },
        _MEDIAN,
    ),
    Question(
        "rows over person_days",
        {
            "attribution": "receiving",
            "show": {"as": "per_1000_people_a_year"},
            "numerator": {"rows": "referral", "on": "received_at"},
            "denominator": {"person_days": {"age_bands": _OLD}},
        },
        _share(
            _RECEIVED,
            "SELECT team_id, period_start, d * day(last_day(period_start)) AS d"
            f" FROM ({_OLD_PEOPLE})",
            "referral",
        ),
    ),
    Question(
        "rows over population",
        {
            "attribution": "receiving",
            "show": {"as": "per_1000_people"},
            "numerator": {"rows": "referral", "on": "received_at"},
            "denominator": {"population": {"age_bands": _OLD}},
        },
        _share(_RECEIVED, _OLD_PEOPLE, "referral"),
    ),
    Question(
        "level",
        {
            "attribution": "allocated",
            "numerator": {"level": "open_cases", "of": "caseload_snapshot", "on": "as_at"},
        },
        _reported(
            f"""
            SELECT team_id, {_month("as_at")} AS period_start, SUM(open_cases) AS n
            FROM caseload_snapshot JOIN (
                SELECT team_id, MAX(as_at) AS as_at FROM caseload_snapshot
                GROUP BY team_id, {_month("as_at")}
            ) USING (team_id, as_at)
            GROUP BY ALL"""
        ),
    ),
    Question(
        "submitted",
        {
            "attribution": "receiving",
            "numerator": {"submitted": "numerator", "words": "people who were asked"},
        },
        _reported(
            "SELECT team_id, month AS period_start, numerator AS n FROM aggregate_submission"
            " WHERE measure_id = 'Z1'"
        ),
    ),
)


@dataclass(frozen=True)
class Cost:
    """What one question cost, each time it was asked both ways in turn.

    Attributes:
        ours: Seconds of the compiled statement.
        by_hand: Seconds of the SQL by hand.
        memory: The most memory in use, in megabytes, where the system says so.
    """

    ours: tuple[float, ...]
    by_hand: tuple[float, ...]
    memory: float | None


def steps() -> int:
    """Return how many steps the measurement has."""
    return 1 + len(QUESTIONS)


def measure(runs: int, tell: Tell) -> list[Figure]:
    """Return each block's time beside the SQL by hand, all of them together, and the memory."""
    costs: dict[str, Cost] = {}
    with folder() as path:
        file = path / "many.duckdb"
        tell(f"Making {(CONTACTS + REFERRALS + SPELLS) / 1_000_000:,.0f} million rows")
        alone(make, file)
        for question in QUESTIONS:
            tell(f"Asking for {question.name}, {runs} times")
            costs[question.name] = alone(ask, file, question.name, runs)
    return list(_figures(costs))


def _figures(costs: Mapping[str, Cost]) -> Iterator[Figure]:
    for name, cost in costs.items():
        yield from _beside(name, cost.ours, cost.by_hand, MOST_TIMES)
    ours = [sum(each) for each in zip(*(cost.ours for cost in costs.values()), strict=True)]
    hand = [sum(each) for each in zip(*(cost.by_hand for cost in costs.values()), strict=True)]
    yield from _beside("all together", ours, hand, MOST_TIMES_IN_ALL)
    peaks = [cost.memory for cost in costs.values() if cost.memory is not None]
    if peaks:
        yield Figure("most memory in use", [max(peaks)], MOST_MEMORY, "MB", 0)


def _beside(
    name: str, ours: Sequence[float], by_hand: Sequence[float], goal: float
) -> Iterator[Figure]:
    compiled, hand = Figure(name, ours), Figure("   by hand", by_hand)
    yield from (compiled, hand)
    yield replace(beside("   in times by hand", compiled, hand), goal=goal, decimals=2)


def make(file: Path) -> None:
    """Write the rows into a database, with everything that statements read besides."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("SET enable_progress_bar = false")
        contracts = load_contracts(None)
        create_tables(connection, contracts)
        for sql in _rows():
            connection.execute(sql)
        schema = schema_of(contracts)
        asked = [compile_measure(a_measure(**question.says), schema) for question in QUESTIONS]
        create_prepared(connection, Settings(id="many", name="Many"), asked)
        create_periods(connection, FIRST, LAST)
        create_parts(connection, "many")
        create_complete_coverage(connection)
        # One file in fifty did not come.
        connection.execute(
            "DELETE FROM covered WHERE table_name NOT IN ('contact', 'referral', 'hospital_spell')"
            " OR hash(table_name, team_id, period_start) % 50 = 0"
        )
        connection.execute("CHECKPOINT")


def _rows() -> Iterator[str]:
    """Yield the statements that fill the tables, with numbers from hashes: always the same.

    Rows stand in the order of their days, as files that come month by month bring them.
    """

    def r(salt: int, below: int) -> str:
        return f"CAST(hash(i, {salt}) % {below} AS INTEGER)"

    days = (END - FIRST).days

    def day(rows: int) -> str:
        return f"DATE '{FIRST}' + CAST(i * {days} // {rows} AS INTEGER)"

    yield (
        "INSERT INTO team BY NAME SELECT 'T' || i AS team_id, 'L' || (i % "
        f"{LOCALITIES}) AS locality_id, 'Team ' || i AS name, DATE '2000-01-01' AS valid_from"
        f" FROM range({TEAMS}) AS x(i)"
    )
    yield (
        "INSERT INTO practice_team BY NAME SELECT 'P' || i AS practice_code, 'T' || i AS team_id,"
        f" DATE '2000-01-01' AS valid_from FROM range({TEAMS}) AS x(i)"
    )
    yield (
        "INSERT INTO population BY NAME SELECT 'T' || i AS team_id, CAST(m AS DATE) AS as_at, band"
        " AS age_band, sex, 'registered' AS basis, 100 + CAST(hash(i, m, band, sex) % 3000 AS"
        f" INTEGER) AS people FROM range({TEAMS}) AS x(i), range(DATE '{FIRST}', DATE '{END}',"
        " INTERVAL 1 MONTH) AS y(m), UNNEST(['0-17', '18-24', '25-44', '45-64', '65-74', '75-84',"
        " '85+']) AS b(band), UNNEST(['1', '2']) AS s(sex)"
    )
    yield f"""
        INSERT INTO caseload_snapshot BY NAME
        SELECT 'T' || i AS team_id, DATE '{FIRST}' + CAST(d AS INTEGER) AS as_at,
            profession AS profession_id, CAST(hash(i, d, profession) % 90 AS INTEGER) AS open_cases
        FROM range({days}) AS y(d), range({TEAMS}) AS x(i),
            UNNEST(['district_nurse', 'social_worker']) AS p(profession)
        WHERE hash(i, d) % 20 > 0"""
    yield (
        "INSERT INTO aggregate_submission BY NAME SELECT 'T' || i AS team_id, CAST(m AS DATE) AS"
        " month, 'Z1' AS measure_id, CAST(hash(i, m, 1) % 90 AS INTEGER) AS numerator, FALSE AS"
        f" suppressed FROM range({TEAMS}) AS x(i), range(DATE '{FIRST}', DATE '{END}',"
        " INTERVAL 1 MONTH) AS y(m) WHERE hash(i, m, 2) % 50 > 0"
    )
    yield f"""
        INSERT INTO contact BY NAME
        SELECT 'c' || i AS contact_id, 'p' || {r(1, 3_000_000)} AS person_key,
            'T' || {r(2, TEAMS)} AS team_id,
            CAST({day(CONTACTS)} AS TIMESTAMP) + INTERVAL ({r(4, 1440)}) MINUTE
                AS started_at,
            10 + {r(5, 50)} AS duration_min,
            CAST(2 + {r(6, 6)} AS VARCHAR) AS attended
        FROM range({CONTACTS}) AS x(i)"""
    yield f"""
        INSERT INTO referral BY NAME
        SELECT 'r' || i AS referral_id, 'p' || {r(11, 3_000_000)} AS person_key,
            'T' || {r(12, TEAMS)} AS team_id, 'P' || {r(12, TEAMS)} AS practice_code,
            CAST({day(REFERRALS)} AS TIMESTAMP) + INTERVAL ({r(14, 1440)}) MINUTE
                AS received_at,
            CASE WHEN {r(15, 10)} > 0 THEN {day(REFERRALS)} + {r(16, 60)} END
                AS first_contact_on,
            CASE WHEN {r(15, 10)} > 1 THEN {day(REFERRALS)} + 60 + {r(17, 90)} END
                AS closed_on
        FROM range({REFERRALS}) AS x(i)"""
    yield f"""
        INSERT INTO hospital_spell BY NAME
        SELECT 's' || i AS spell_id, 'p' || {r(21, 3_000_000)} AS person_key,
            'P' || {r(22, TEAMS)} AS practice_code,
            {day(SPELLS)} AS admitted_on,
            {day(SPELLS)} + {r(24, 20)} AS discharged_on,
            CASE {r(25, 3)} WHEN 0 THEN '11' WHEN 1 THEN '21' ELSE '22' END AS admission_method,
            CAST(1 + {r(26, 2)} AS VARCHAR) AS discharge_method, '75-84' AS age_band
        FROM range({SPELLS}) AS x(i)"""


def ask(file: Path, name: str, runs: int) -> Cost:
    """Ask one question both ways in turn, after comparing the answers."""
    schema = schema_of(load_contracts(None))
    (question,) = [each for each in QUESTIONS if each.name == name]
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        connection.execute("SET enable_progress_bar = false")
        months = connection.execute(
            "SELECT period_start, period_end FROM period WHERE every = 'month' ORDER BY 1"
        ).fetchall()
        ours, hand = _both(connection, schema, question, months)
        # What is asked first brings the rows into memory for both.
        compare(name, hand(), ours())
        pairs = [(seconds(ours), seconds(hand)) for _ in range(runs)]
    return Cost(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), peak_memory())


def _both(
    connection: duckdb.DuckDBPyConnection,
    schema: Schema,
    question: Question,
    months: Sequence[tuple[datetime.date, datetime.date]],
) -> tuple[Ask, Ask]:
    definition = a_measure(**question.says)
    if not question.by_month:
        sql = compile_measure(definition, schema)
        return (
            lambda: connection.execute(sql).df(),
            lambda: connection.execute(question.by_hand).df(),
        )
    each = [compile_measure(definition, schema, (start, end)) for start, end in months]
    return (
        lambda: pd.concat([connection.execute(sql).df() for sql in each]),
        lambda: pd.concat([connection.execute(question.by_hand, list(m)).df() for m in months]),
    )


def compare(name: str, hand: pd.DataFrame, ours: pd.DataFrame) -> None:
    """Raise if two answers differ in any area, month, count or number of teams."""
    columns = [*_KEYS, *(c for c in _COUNTS if c in hand)]
    both = [_in_order(frame.loc[:, columns]) for frame in (hand, ours)]
    if not both[0].equals(both[1]):
        shown = both[0].compare(both[1]) if len(both[0]) == len(both[1]) else ""
        raise ValueError(f"{name}: two answers differ, of {len(hand)} and {len(ours)}. {shown}")


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    told = frame.assign(
        area_id=frame["area_id"].fillna(""),
        period_start=pd.to_datetime(frame["period_start"]).dt.date,
    )
    # Whole numbers below 2**53, which are themselves as floating-point numbers.
    return told.set_index(_KEYS).sort_index().astype("float64")
