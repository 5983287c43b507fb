"""35 million rows of 1,300 teams in five years: each block beside the best SQL written by hand.

The rows are made from hashes of their numbers, so that every run has the same. Both statements of a
block answer the same question at three levels, month by month, and their answers are compared
before their times are. Different people are counted a month at a time by both.
"""

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from metrics.definition import Measure

TEAMS, LOCALITIES, MONTHS = 1_300, 130, 60
CONTACTS, REFERRALS, SPELLS = 20_000_000, 10_000_000, 5_000_000
FIRST, LAST = datetime.date(2020, 4, 1), datetime.date(2025, 3, 1)
END = datetime.date(2025, 4, 1)
# Times the SQL written by hand: of one block, and of all together; and megabytes.
MOST_TIMES, MOST_TIMES_IN_ALL, MOST_MEMORY = 1.3, 1.15, 3_000
# What DuckDB may use itself, in both.
MEMORY_LIMIT = "2GB"
_KEYS = ["area_level", "area_id", "period_start"]

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


def _levels(by_team: str) -> str:
    """Return SQL that adds amounts by team and month up through the areas."""
    return f"""
    SELECT CASE WHEN GROUPING(team_id) = 0 THEN 'team' WHEN GROUPING(locality_id) = 0
            THEN 'locality' ELSE 'partnership' END AS area_level,
        COALESCE(team_id, locality_id) AS area_id, m AS period_start, SUM(n) AS numerator
    FROM ({by_team}) JOIN team USING (team_id)
    GROUP BY GROUPING SETS ((m, team_id), (m, locality_id), (m))"""


def _flow(table: str, on: str, amount: str = "COUNT(*)", where: str = "TRUE") -> str:
    return _levels(
        f"SELECT team_id, CAST(date_trunc('month', {on}) AS DATE) AS m, {amount} AS n"
        f" FROM {table} WHERE {where} AND {on} < DATE '{END}' GROUP BY ALL"
    )


# A stay belongs to a team by the person's practice; here each team has one.
_STAY = "(SELECT s.*, p.team_id FROM hospital_spell s JOIN practice_team p USING (practice_code))"
_OPENING = f"""
    SELECT team_id, m, SUM(SUM(d)) OVER (PARTITION BY team_id ORDER BY m) AS n
    FROM (
        SELECT team_id, CAST(date_trunc('month', received_at) AS DATE) AS m, 1 AS d FROM referral
        UNION ALL
        SELECT team_id, CAST(date_trunc('month', closed_on) AS DATE), -1 FROM referral
        WHERE closed_on IS NOT NULL
        UNION ALL
        SELECT team_id, CAST(range AS DATE), 0
        FROM team, range(DATE '{FIRST}', DATE '{END}', INTERVAL 1 MONTH)
    )
    WHERE m < DATE '{END}'
    GROUP BY team_id, m"""
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
        _flow("contact", "started_at", where="attended IN ('5', '6')"),
    ),
    Question(
        "sum",
        {
            "attribution": "visiting",
            "numerator": {"sum": "duration_min", "of": "contact", "on": "started_at"},
        },
        _flow("contact", "started_at", "SUM(duration_min)"),
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
        _flow(
            _STAY,
            "discharged_on",
            "SUM(discharged_on - admitted_on)",
            "admission_method IN ('21', '22')",
        ),
    ),
    Question(
        "people",
        {
            "attribution": "visiting",
            "numerator": {"people": "person_key", "of": "contact", "on": "started_at"},
        },
        """
        SELECT CASE WHEN GROUPING(team_id) = 0 THEN 'team' WHEN GROUPING(locality_id) = 0
                THEN 'locality' ELSE 'partnership' END AS area_level,
            COALESCE(team_id, locality_id) AS area_id, $1 AS period_start,
            COUNT(DISTINCT person_key) AS numerator
        FROM (SELECT team_id, person_key FROM contact WHERE started_at >= $1 AND started_at < $2)
        JOIN team USING (team_id)
        GROUP BY GROUPING SETS ((team_id), (locality_id), ())""",
        by_month=True,
    ),
    Question(
        "open",
        {
            "attribution": "receiving",
            "numerator": {"open": "referral", "from": "received_at", "until": ["closed_on"]},
        },
        _levels(_OPENING),
    ),
    Question(
        "open, after_days",
        {
            "attribution": "receiving",
            "numerator": {
                "open": "referral",
                "from": "received_at",
                "until": ["closed_on"],
                "after_days": 28,
            },
        },
        _levels(
            _OPENING.replace(
                "date_trunc('month', received_at) AS DATE) AS m, 1 AS d FROM referral",
                "date_trunc('month', CAST(received_at AS DATE) + 28) AS DATE) AS m, 1 AS d"
                " FROM referral WHERE closed_on IS NULL"
                " OR closed_on > CAST(received_at AS DATE) + 28",
            ).replace(
                "WHERE closed_on IS NOT NULL", "WHERE closed_on > CAST(received_at AS DATE) + 28"
            )
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
            f"""
            SELECT team_id, CAST(m AS DATE) AS m, SUM(
                LEAST(discharged_on, CAST(m + INTERVAL 1 MONTH AS DATE))
                - GREATEST(admitted_on, CAST(m AS DATE))
            ) AS n
            FROM (
                SELECT team_id, admitted_on, discharged_on, UNNEST(range(
                    date_trunc('month', admitted_on), CAST(discharged_on AS TIMESTAMP),
                    INTERVAL 1 MONTH
                )) AS m
                FROM {_STAY}
                WHERE admission_method IN ('21', '22') AND discharged_on > admitted_on
            )
            WHERE m < DATE '{END}'
            GROUP BY ALL"""
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
            SELECT team_id, CAST(date_trunc('month', discharged_on) AS DATE) AS m, COUNT(*) AS n
            FROM {_STAY} AS e
            SEMI JOIN (
                SELECT person_key, admitted_on, spell_id FROM hospital_spell
                WHERE admission_method IN ('21', '22')
            ) AS f ON f.person_key = e.person_key AND f.spell_id <> e.spell_id
                AND f.admitted_on - e.discharged_on BETWEEN 0 AND 29
            WHERE discharge_method = '1' AND discharged_on < DATE '{END}'
            GROUP BY ALL"""
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
        f"""
        SELECT CASE WHEN GROUPING(team_id) = 0 THEN 'team' WHEN GROUPING(locality_id) = 0
                THEN 'locality' ELSE 'partnership' END AS area_level,
            COALESCE(team_id, locality_id) AS area_id, m AS period_start,
            2 * median(waited) AS numerator
        FROM (
            SELECT team_id, CAST(date_trunc('month', first_contact_on) AS DATE) AS m,
                first_contact_on - CAST(received_at AS DATE) AS waited
            FROM referral WHERE first_contact_on < DATE '{END}'
        )
        JOIN team USING (team_id)
        GROUP BY GROUPING SETS ((m, team_id), (m, locality_id), (m))""",
    ),
    Question(
        "rows over person_days",
        {
            "attribution": "receiving",
            "show": {"as": "per_1000_people_a_year"},
            "numerator": {"rows": "referral", "on": "received_at"},
            "denominator": {"person_days": {"age_bands": ["75-84", "85+"]}},
        },
        f"""
        WITH received AS (
            SELECT team_id, CAST(date_trunc('month', received_at) AS DATE) AS m, COUNT(*) AS n
            FROM referral WHERE received_at < DATE '{END}' GROUP BY ALL
        ),
        days AS (
            SELECT team_id, as_at AS m,
                SUM(people * (CAST(as_at + INTERVAL 1 MONTH AS DATE) - as_at)) AS d
            FROM population WHERE age_band IN ('75-84', '85+') GROUP BY ALL
        )
        SELECT CASE WHEN GROUPING(team_id) = 0 THEN 'team' WHEN GROUPING(locality_id) = 0
                THEN 'locality' ELSE 'partnership' END AS area_level,
            COALESCE(team_id, locality_id) AS area_id, m AS period_start, SUM(n) AS numerator,
            SUM(d) AS denominator
        FROM days LEFT JOIN received USING (team_id, m) JOIN team USING (team_id)
        GROUP BY GROUPING SETS ((m, team_id), (m, locality_id), (m))""",
    ),
    Question(
        "level",
        {
            "attribution": "employing",
            "numerator": {"level": "headcount", "of": "workforce_month", "on": "month"},
        },
        _flow("workforce_month", "month", "SUM(headcount)"),
    ),
)


def measure(runs: int, tell: Tell) -> list[Figure]:
    """Return each block's time beside the SQL by hand, all of them together, and the memory."""
    with folder() as path:
        file = path / "many.duckdb"
        tell(f"Making {(CONTACTS + REFERRALS + SPELLS) / 1_000_000:,.0f} million rows")
        alone(make, file)
        costs: list[tuple[list[dict[str, tuple[float, float]]], float | None]] = []
        tell(f"Asking {len(QUESTIONS)} questions, {runs} times")
        costs.append(_asked_alone(file, runs))
    (each_run, most), *_ = costs
    figures: list[Figure] = []
    for question in QUESTIONS:
        ours = Figure(question.name, [run[question.name][0] for run in each_run])
        hand = Figure(f"   {question.name}, by hand", [run[question.name][1] for run in each_run])
        figures += [ours, hand, _times(f"   {question.name}, in times by hand", ours, hand)]
    whole = Figure("all together", [sum(a for a, _ in run.values()) for run in each_run])
    hand = Figure("   by hand", [sum(b for _, b in run.values()) for run in each_run])
    in_all = beside("   all together, in times by hand", whole, hand)
    figures += [
        whole,
        hand,
        Figure(in_all.what, in_all.runs, MOST_TIMES_IN_ALL, "times", 2),
    ]
    if most is not None:
        figures.append(Figure("memory at the most", [most], MOST_MEMORY, "MB", 0))
    return figures


def _times(what: str, ours: Figure, hand: Figure) -> Figure:
    return Figure(what, beside(what, ours, hand).runs, MOST_TIMES, "times", 2)


def _asked_alone(
    file: Path, runs: int
) -> tuple[list[dict[str, tuple[float, float]]], float | None]:
    answers: list[dict[str, tuple[float, float]]] = []

    most: float | None = None
    for _ in range(runs):
        told = file.with_suffix(".json")
        peak = alone(ask, file, told)
        written = json.loads(told.read_text(encoding="utf-8"))
        answers.append({name: (ours, hand) for name, (ours, hand) in written.items()})
        most = max(filter(None, (most, peak)), default=None)
    return answers, most


def make(file: Path) -> None:
    """Write the rows into a database, with everything that statements read besides."""
    with duckdb.connect(str(file)) as connection:
        contracts = load_contracts(None)
        create_tables(connection, contracts)
        for sql in _rows():
            connection.execute(sql)
        create_prepared(connection, Settings(id="many", name="Many"))
        create_periods(connection, FIRST, LAST)
        create_parts(connection, "many")
        create_complete_coverage(connection)
        connection.execute(
            "DELETE FROM covered WHERE table_name NOT IN ('contact', 'referral', 'hospital_spell')"
        )
        connection.execute("CHECKPOINT")


def _rows() -> Iterator[str]:
    """Yield the statements that fill the tables, with numbers from hashes: always the same."""

    def r(salt: int, below: int) -> str:
        return f"CAST(hash(i, {salt}) % {below} AS INTEGER)"

    days = (END - FIRST).days
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
    yield (
        "INSERT INTO workforce_month BY NAME SELECT 'T' || i AS team_id, CAST(m AS DATE) AS month,"
        " employer, 10 + CAST(hash(i, m, employer) % 20 AS INTEGER) AS headcount"
        f" FROM range({TEAMS}) AS x(i), range(DATE '{FIRST}', DATE '{END}', INTERVAL 1 MONTH)"
        " AS y(m), UNNEST(['NHS', 'council']) AS e(employer)"
    )
    yield f"""
        INSERT INTO contact BY NAME
        SELECT 'c' || i AS contact_id, 'p' || {r(1, 3_000_000)} AS person_key,
            'T' || {r(2, TEAMS)} AS team_id,
            CAST(DATE '{FIRST}' + {r(3, days)} AS TIMESTAMP) + INTERVAL ({r(4, 1440)}) MINUTE
                AS started_at,
            10 + {r(5, 50)} AS duration_min,
            CAST(2 + {r(6, 6)} AS VARCHAR) AS attended
        FROM range({CONTACTS}) AS x(i)"""
    yield f"""
        INSERT INTO referral BY NAME
        SELECT 'r' || i AS referral_id, 'p' || {r(11, 3_000_000)} AS person_key,
            'T' || {r(12, TEAMS)} AS team_id, 'P' || {r(12, TEAMS)} AS practice_code,
            CAST(DATE '{FIRST}' + {r(13, days)} AS TIMESTAMP) + INTERVAL ({r(14, 1440)}) MINUTE
                AS received_at,
            CASE WHEN {r(15, 10)} > 0 THEN DATE '{FIRST}' + {r(13, days)} + {r(16, 60)} END
                AS first_contact_on,
            CASE WHEN {r(15, 10)} > 1 THEN DATE '{FIRST}' + {r(13, days)} + 60 + {r(17, 90)} END
                AS closed_on
        FROM range({REFERRALS}) AS x(i)"""
    yield f"""
        INSERT INTO hospital_spell BY NAME
        SELECT 's' || i AS spell_id, 'p' || {r(21, 3_000_000)} AS person_key,
            'P' || {r(22, TEAMS)} AS practice_code,
            DATE '{FIRST}' + {r(23, days)} AS admitted_on,
            DATE '{FIRST}' + {r(23, days)} + {r(24, 20)} AS discharged_on,
            CASE {r(25, 3)} WHEN 0 THEN '11' WHEN 1 THEN '21' ELSE '22' END AS admission_method,
            CAST(1 + {r(26, 2)} AS VARCHAR) AS discharge_method, '75-84' AS age_band
        FROM range({SPELLS}) AS x(i)"""


def ask(file: Path, told: Path) -> float | None:
    """Ask every question both ways, compare the answers, and write down what each took.

    Returns:
        The most memory in use, in megabytes, where the system says so.
    """
    schema = schema_of(load_contracts(None))
    found: dict[str, tuple[float, float]] = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        months = connection.execute(
            "SELECT period_start, period_end FROM period WHERE every = 'month' ORDER BY 1"
        ).fetchall()
        for question in QUESTIONS:
            ours, hand = _both(connection, schema, question, months)
            # What is read first brings the rows into memory for both.
            _compare(question.name, hand(), ours())
            found[question.name] = (seconds(ours), seconds(hand))
    told.write_text(json.dumps(found), encoding="utf-8")
    return peak_memory()


def _both(
    connection: duckdb.DuckDBPyConnection,
    schema: Schema,
    question: Question,
    months: Sequence[tuple[datetime.date, datetime.date]],
) -> tuple[Ask, Ask]:
    definition = _definition(question)
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


def _definition(question: Question) -> Measure:
    usual: dict[str, Any] = {
        "id": "Z1",
        "slug": "a_measure",
        "title": "A measure",
        "question": "How many?",
        "family": "proposed",
        "group": "flow",
        "sector": ["health"],
        "kind": "process",
        "better": "lower",
        "unit": "of them",
        "disclosure": "people",
        "checked_against": "nothing",
        "origin": {"kind": "workshop", "source": "a benchmark"},
        "says": {"higher": "a", "lower": "b", "rose": "c", "fell": "d", "level": "e"},
        "show": {"as": "count"},
    }
    return Measure.model_validate(usual | dict(question.says))


def _compare(name: str, hand: pd.DataFrame, ours: pd.DataFrame) -> None:
    """Raise if the two answers differ anywhere; where nothing happened only ours has a row."""
    columns = [c for c in ("numerator", "denominator") if c in hand]
    both = [_in_order(frame, columns) for frame in (hand, ours)]
    for column in columns:
        pair = pd.concat([frame[column] for frame in both], axis=1).fillna(0).to_numpy()
        if (pair[:, 0] != pair[:, 1]).any():
            raise ValueError(f"{name}: the two answers differ in {column}")


def _in_order(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    told = frame.assign(
        area_id=frame["area_id"].fillna(""),
        period_start=pd.to_datetime(frame["period_start"]).dt.date,
    )
    return told.set_index(_KEYS).loc[:, columns].astype("float64")
