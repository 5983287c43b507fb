"""Every count block again, day by day and row by row, with nothing clever in it.

This is what the SQL is held against. It may be as slow as it likes; it has to be obvious.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

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
)
from metrics.definition import Measure
from tests.metrics.measure_tables import CITY, CONTRACTS

Day = datetime.date
Row = Mapping[str, Any]
Part = tuple[str, str]  # a team in a locality
Period = list[Day]  # its days, in order
# What a part has: an amount; None where it was not received; HIDDEN where the sender hid it.
Amount = Decimal | None | str
HIDDEN = "hidden"
ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    state: str
    numerator: Decimal | Fraction | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True)
class World:
    """What a partnership is and what it sent.

    Attributes:
        rows: Rows by table; `team` and `practice_team` say which area is whose, and when.
        first, last: The first days of the first and the last month with figures.
        received: (table, area's code, month) for everything that was sent.
    """

    rows: Mapping[str, Sequence[Row]]
    first: Day
    last: Day
    received: frozenset[tuple[str, str, Day]]

    def periods(self, every: str, rolling: int | None = None) -> list[Period]:
        """Return the days of each month, or of each quarter that any of the months is in.

        Of weeks, and of windows, only those that lie wholly in the months.
        """
        end = (self.last + 31 * ONE_DAY).replace(day=1)
        if rolling is not None:
            whole = [
                period
                for period in self.periods(every)
                if self.first <= period[0] and period[-1] < end
            ]
            return [
                [day for period in whole[number : number + rolling] for day in period]
                for number in range(len(whole) - rolling + 1)
            ]
        starts: dict[Day, Period] = {}
        if every == "week":
            day = self.first
            while day < end:
                starts.setdefault(day - day.weekday() * ONE_DAY, []).append(day)
                day += ONE_DAY
            return [week for week in starts.values() if len(week) == 7]
        day = _period_start(self.first, every)
        while _period_start(day, every) <= _period_start(self.last, every):
            starts.setdefault(_period_start(day, every), []).append(day)
            day += ONE_DAY
        return list(starts.values())

    def place(self, code: str, column: str, day: Day) -> Part | None:
        """Return the team and locality that a code stands for on a day."""
        if column == "practice_code":
            teams = [
                row["team_id"]
                for row in self.rows.get("practice_team", ())
                if row["practice_code"] == code and _valid(row, day)
            ]
            return self.place(teams[0], "team_id", day) if teams else None
        places = [
            (row["team_id"], row["locality_id"])
            for row in self.rows["team"]
            if row["team_id"] == code and _valid(row, day)
        ]
        return places[0] if places else None

    def parts(self, period: Period) -> set[Part]:
        return {part for day in period for part in self.parts_on(day)}

    def parts_on(self, day: Day) -> set[Part]:
        teams = {row["team_id"] for row in self.rows["team"]}
        return {part for team in teams if (part := self.place(team, "team_id", day))}

    def days_there(self, team: str, period: Period) -> list[Day]:
        return [day for day in period if self.place(team, "team_id", day)]

    def is_covered(self, table: str, team: str, period: Period) -> bool:
        """Return whether a team's events were received for every month in which it had any."""
        column = CONTRACTS[table].area_column or ""
        codes = {
            row[column]
            for row in self.rows.get("practice_team" if column == "practice_code" else "team", ())
        }
        own = {
            (code, _month(day))
            for day in period
            for code in codes
            if (place := self.place(code, column, day)) and place[0] == team
        }
        months = {month for _, month in own}
        return bool(months) and all(
            self._is_whole(table, {code for code, when in own if when == month}, month)
            for month in months
        )

    def _is_whole(self, table: str, codes: set[str], month: Day) -> bool:
        """Return whether every code of a team that was ever sent is there in a month, and one is.

        Each month was one file. A practice that it has no row of had nobody, where it came before
        in one file with another practice of the team that is in this one.
        """
        file = self._file(table, month)
        there = codes & file
        if CONTRACTS[table].area_column == "practice_code":
            files = [self._file(table, when) for when in {when for _, _, when in self.received}]
            there |= {
                code
                for code in codes
                if any(code in other and other & codes & file for other in files)
            }
        ever = {code for code in codes if any(code == c for t, c, _ in self.received if t == table)}
        return bool(there) and ever <= there

    def _file(self, table: str, month: Day) -> set[str]:
        return {code for sent, code, when in self.received if (sent, when) == (table, month)}

    def missed(self, table: str, team: str, month: Day) -> dict[str, set[str]]:
        """Return by column who reported for a team within a year, and not in a month that is there.

        Whoever reported noughts last has left.
        """
        contract = CONTRACTS[table]
        found: dict[str, set[str]] = {}
        for column in contract.expects_each:
            last: dict[str, tuple[Day, bool]] = {}
            for row in self.rows.get(table, ()):
                when = row[contract.date or ""]
                place = self.place(row[contract.area_column or ""], "team_id", when)
                if place is None or place[0] != team or not self.first <= when <= month:
                    continue
                amounts = [row.get(c.name) for c in contract.columns if c.type in ("int", "dec")]
                given = any(amount for amount in amounts)
                before = last.get(row[column])
                if before is None or before[0] < when:
                    last[row[column]] = (when, given)
                elif before[0] == when:
                    last[row[column]] = (when, given or before[1])
            if any(when == month for when, _ in last.values()):
                a_year_ago = month.replace(year=month.year - 1)
                found[column] = {
                    part
                    for part, (when, given) in last.items()
                    if a_year_ago <= when < month and given
                }
        return found

    def is_missed(self, block: Block, team: str, month: Day) -> bool:
        """Return whether any of those who are missed is one whose figures a block counts."""
        return any(
            all(holds({column: part}, c) for c in block.where if c.column == column)
            for column, parts in self.missed(block.table, team, month).items()
            for part in parts
        )


def _month(day: Day) -> Day:
    return day.replace(day=1)


def _period_start(day: Day, every: str) -> Day:
    first_month = day.month if every == "month" else (day.month - 1) // 3 * 3 + 1
    return Day(day.year, first_month, 1)


def _valid(row: Row, day: Day) -> bool:
    return row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"])


def _date(value: Any) -> Any:
    return value.date() if isinstance(value, datetime.datetime) else value


# ---------------------------------------------------------------- rows


def rows_of(world: World, block: Block) -> Iterator[dict[str, Any]]:
    """Yield the rows a block counts: timestamps as days, derived columns added, `where` holding."""
    for row in world.rows.get(block.table, ()):
        whole = _whole(block.table, row)
        if all(holds(whole, condition) for condition in block.where) and _fellows_hold(
            world, block, row
        ):
            yield whole


def _whole(table: str, row: Row) -> dict[str, Any]:
    whole: dict[str, Any] = dict.fromkeys(CONTRACTS[table].names)
    whole |= {name: _date(value) for name, value in row.items()}
    if table == "referral":
        whole |= _derived(whole)
    return whole


def _fellows_hold(world: World, block: Block, row: Row) -> bool:
    """Return whether what must lie before or after a row does, and what must not does not."""
    return all(
        any(
            _is_fellow(block, row, table_row, other, before="preceded" in side)
            for table_row in world.rows.get(other.table, ())
        )
        != side.startswith("not_")
        for side in Block.FELLOWS
        for other in getattr(block, side)
    )


def _is_fellow(block: Block, row: Row, candidate: Row, other: Followed, *, before: bool) -> bool:
    if candidate is row:
        return False
    own, whole = _whole(block.table, row), _whole(other.table, candidate)
    if any(own[name] is None or own[name] != whole[name] for name in other.same):
        return False
    (on,) = block.dates[-1:]
    if own[on] is None or whole[other.on] is None:
        return False
    days = (whole[other.on] - own[on]).days
    nearest, furthest = other.within_days
    if not nearest <= (-days if before else days) <= furthest:
        return False
    times = (row[on], candidate[other.on])
    if all(isinstance(time, datetime.datetime) for time in times):
        later = times[0] > times[1] if before else times[1] > times[0]
        if days == 0 and not later:
            return False
    return all(holds(whole, condition) for condition in other.where)


def _derived(referral: Row) -> dict[str, Any]:
    seen = [referral[name] for name in ("first_contact_on", "assessed_on") if referral[name]]
    worker = (referral["allocated_to_key"] or "").strip().upper()
    return {
        "first_seen_on": min(seen) if seen else None,
        "named_worker_on": None if worker in CITY.duty_desks else referral["allocated_on"],
    }


def holds(row: Row, condition: Condition) -> bool:
    if condition.days is not None:
        start, end = (row[name] for name in condition.days)
        value = None if start is None or end is None else (end - start).days
    else:
        value = row[condition.column or ""]
    if condition.empty:
        return value is None
    if condition.not_empty:
        return value is not None
    if condition.is_not is not None:
        return value != condition.is_not
    if condition.not_in is not None:
        return value not in condition.not_in
    if value is None:
        return False
    if condition.is_ is not None:
        return value == condition.is_
    if condition.in_ is not None:
        return value in condition.in_
    at_least, at_most = condition.at_least, condition.at_most
    return (at_least is None or value >= at_least) and (at_most is None or value <= at_most)


# ---------------------------------------------------------------- blocks


def amounts(
    world: World, measure: Measure, block: Block, period: Period
) -> dict[Part, Amount | None]:
    """Return what each part of the partnership has of a block in one period."""
    if isinstance(block, Population):
        return _people_at_the_end(world, block.population, period)
    if isinstance(block, PersonDays):
        return _person_days(world, block.person_days, period)
    if isinstance(block, Open):
        return _events(world, block, period, _open_at_the_end(world, measure, block, period))
    if isinstance(block, DaysInside):
        return _events(world, block, period, _nights(world, measure, block, period))
    if isinstance(block, People):
        # Whether they were received; who they are is looked at for each area anew.
        return _events(world, block, period, [])
    if isinstance(block, Level):
        return _level(world, measure, block, period)
    if isinstance(block, Submitted):
        return _submitted(world, measure, block, period)
    assert isinstance(block, Rows | Sum | Days)
    found = _placed(world, measure, block, block.on, period)
    counted = _adding(block)
    if CONTRACTS[block.table].kind == "events":
        return _events(world, block, period, [(part, counted(row) or 0) for part, row in found])
    sent = [(part, row[block.on], counted(row)) for part, row in found]
    return _reported(world, block, period, sent)


def _adding(block: Rows | Sum | Days) -> Callable[[Row], Any]:
    if isinstance(block, Rows):
        return lambda row: 1
    if isinstance(block, Sum):
        return lambda row: row[block.sum]
    start, end = block.days
    return lambda row: None if None in (row[start], row[end]) else (row[end] - row[start]).days


def _attributed_by(measure: Measure, block: Block) -> str:
    contract = CONTRACTS[block.table]
    return contract.attribution.get(measure.attribution) or contract.area_column or "team_id"


def _placed(
    world: World, measure: Measure, block: Block, on: str, period: Period
) -> list[tuple[Part, Row]]:
    column = _attributed_by(measure, block)
    return [
        (part, row)
        for row in rows_of(world, block)
        if row[on] in period and row[column] and (part := world.place(row[column], column, row[on]))
    ]


def _events(
    world: World, block: Block, period: Period, found: Sequence[tuple[Part, Any]]
) -> dict[Part, Amount]:
    """Return the sums of events: none is 0 where they were received, and unknown elsewhere."""
    return {
        part: Decimal(sum(amount for where, amount in found if where == part))
        if _all_received(world, block, part[0], period)
        else None
        for part in world.parts(period)
    }


def _all_received(world: World, block: Block, team: str, period: Period) -> bool:
    tables = {block.table, *(other.table for other in block.fellows)}
    return all(world.is_covered(table, team, period) for table in tables)


def _open_at_the_end(
    world: World, measure: Measure, block: Open, period: Period
) -> list[tuple[Part, int]]:
    column, last_day = _attributed_by(measure, block), period[-1]
    found = []
    for row in rows_of(world, block):
        begun = row[block.from_] is not None and row[block.from_] <= last_day
        begun = begun and (last_day - row[block.from_]).days >= block.after_days
        over = [row[name] for name in block.until if row[name] is not None]
        if begun and not any(day <= last_day for day in over) and row[column]:
            part = world.place(row[column], column, last_day)
            found += [(part, 1)] if part else []
    return found


def _nights(
    world: World, measure: Measure, block: DaysInside, period: Period
) -> list[tuple[Part, int]]:
    """Return one for every night of every row, where its area was on that night."""
    column = _attributed_by(measure, block)
    found = []
    for row in rows_of(world, block):
        for night in period:
            begun = row[block.from_] is not None and row[block.from_] <= night
            over = any(row[name] is not None and row[name] <= night for name in block.until)
            if begun and not over and row[column]:
                part = world.place(row[column], column, night)
                found += [(part, 1)] if part else []
    return found


def _different(
    world: World, measure: Measure, block: People, period: Period, parts: set[Part]
) -> Decimal:
    """Return how many different people the rows of some parts are about."""
    placed = _placed(world, measure, block, block.on, period)
    return Decimal(len({row[block.people] for part, row in placed if part in parts} - {None}))


def _reported(
    world: World, block: Block, period: Period, sent: Sequence[tuple[Part, Day, Any]]
) -> dict[Part, Amount]:
    """Return the sums of what teams report: of its months every one must have come."""
    known = [(part, day, amount) for part, day, amount in sent if amount is not None]
    result: dict[Part, Amount] = {}
    for part in world.parts(period):
        came = {day for (team, _), day, _ in known if team == part[0]}
        months = {day for day in world.days_there(part[0], period) if day.day == 1}
        lost = any(world.is_missed(block, part[0], day) for day in months)
        if lost or not came or (not is_daily(block) and came != months):
            result[part] = None
        else:
            result[part] = Decimal(sum(amount for where, _, amount in known if where == part))
    return result


def is_daily(block: Block) -> bool:
    contract = CONTRACTS[block.table]
    return contract.column(contract.date or "").type == "date"


def _level(world: World, measure: Measure, block: Level, period: Period) -> dict[Part, Amount]:
    found = _placed(world, measure, block, block.on, period)
    known = [(part, row) for part, row in found if row[block.level] is not None]
    result: dict[Part, Amount] = {}
    for part in world.parts(period):
        days = [row[block.on] for (team, _), row in known if team == part[0]]
        if not days or world.is_missed(block, part[0], max(days)):
            result[part] = None
            continue
        latest = [
            row[block.level] for where, row in known if where == part and row[block.on] == max(days)
        ]
        result[part] = Decimal(sum(latest))
    return result


def _submitted(
    world: World, measure: Measure, block: Submitted, period: Period
) -> dict[Part, Amount]:
    found = [
        (part, row)
        for part, row in _placed(world, measure, block, "month", period)
        if row["measure_id"] == measure.id
    ]
    sent = [(part, row["month"], row[block.submitted]) for part, row in found]
    hidden = {part for part, row in found if row["suppressed"]}
    result = _reported(world, block, period, sent)
    return {part: HIDDEN if part in hidden else amount for part, amount in result.items()}


def _list_on(world: World, team: str, who: Who, day: Day) -> Decimal | None:
    """Return how many people of this kind a team serves by its latest list; None without one."""
    own = [
        row
        for row in world.rows.get("population", ())
        if row["team_id"] == team and row["basis"] == who.basis and row["as_at"] <= day
    ]
    if not own:
        return None
    latest = max(row["as_at"] for row in own)
    return Decimal(
        sum(
            row["people"]
            for row in own
            if row["as_at"] == latest and row["age_band"] in who.age_bands and row["sex"] in who.sex
        )
    )


def _people_at_the_end(world: World, who: Who, period: Period) -> dict[Part, Amount]:
    there = world.parts_on(period[-1])
    return {
        part: _list_on(world, part[0], who, period[-1]) if part in there else Decimal(0)
        for part in world.parts(period)
    }


def _person_days(world: World, who: Who, period: Period) -> dict[Part, Amount]:
    result: dict[Part, Amount] = {}
    for part in world.parts(period):
        days = [day for day in period if world.place(part[0], "team_id", day) == part]
        each = [_list_on(world, part[0], who, day) for day in days]
        result[part] = None if None in each else Decimal(sum(n for n in each if n is not None))
    return result


# ---------------------------------------------------------------- areas


def areas(world: World) -> Iterator[tuple[str, str, Callable[[Part], bool]]]:
    """Yield each area's level, id, and which parts are its own."""
    for team in sorted({row["team_id"] for row in world.rows["team"]}):
        yield "team", team, lambda part, team=team: part[0] == team
    for locality in sorted({row["locality_id"] for row in world.rows["team"]}):
        yield "locality", locality, lambda part, locality=locality: part[1] == locality
    yield "partnership", CITY.id, lambda part: True


def answers(world: World, measure: Measure) -> dict[tuple[str, str, Day], Answer]:
    """Return every answer of a measure by level, area and the period's first day."""
    found = {}
    never_sent = any(not world.rows.get(block.table) for block in measure.blocks)
    for period in world.periods(measure.every, measure.rolling):
        if never_sent:
            for level, area, _ in areas(world):
                found[level, area, period[0]] = Answer("not_collected")
            continue
        parts = world.parts(period)
        if measure.quantile is not None:
            for level, area, is_own in areas(world):
                own = {part for part in parts if is_own(part)}
                found[level, area, period[0]] = _quantile(
                    world, measure, measure.quantile, period, own
                )
            continue
        assert measure.numerator is not None
        if measure.show.as_ == "mean_a_day":
            assert isinstance(measure.numerator, Sum)
            reported = _days_reported(world, measure, measure.numerator, period)
            for level, area, is_own in areas(world):
                own = {part for part in parts if is_own(part)}
                found[level, area, period[0]] = _mean_a_day(world, own, reported, period, level)
            continue
        above = amounts(world, measure, measure.numerator, period)
        below = None
        if measure.denominator is not None:
            below = amounts(world, measure, measure.denominator, period)
        for level, area, is_own in areas(world):
            own = {part for part in parts if is_own(part)}
            found[level, area, period[0]] = _added_up(
                own,
                above,
                below,
                lambda block, parts, period=period: _different(
                    world, measure, block, period, parts
                ),
                (measure.numerator, measure.denominator),
            )
    return found


def _added_up(
    own: set[Part],
    above: Mapping[Part, Amount],
    below: Mapping[Part, Amount] | None,
    different: Callable[[People, set[Part]], Decimal],
    named: tuple[Block, Block | None],
) -> Answer:
    def total(block: Block | None, of: Mapping[Part, Amount], parts: set[Part]) -> Decimal:
        return different(block, parts) if isinstance(block, People) else _sum(of, parts)

    if not own:
        return Answer("not_applicable")
    blocks = [above] if below is None else [above, below]
    hidden = any(block[part] == HIDDEN for part in own for block in blocks)
    whole = {part for part in own if all(isinstance(block[part], Decimal) for block in blocks)}
    # A team that moved is there only if all of it is.
    teams_there = {team for team, _ in own} - {team for team, _ in own - whole}
    if below is None:
        if whole != own:
            return Answer("suppressed" if hidden else "missing")
        return Answer("value", total(named[0], above, own))
    if not teams_there:
        return Answer("suppressed" if hidden else "missing")
    if total(named[1], below, whole) == 0:
        return Answer("not_applicable")
    return Answer("value", total(named[0], above, whole), total(named[1], below, whole))


def _days_reported(
    world: World, measure: Measure, block: Sum, period: Period
) -> dict[str, dict[tuple[Part, Day], Fraction]]:
    """Return by team what it reported for each day, and where it was on that day."""
    reported: dict[str, dict[tuple[Part, Day], Fraction]] = {}
    for part, row in _placed(world, measure, block, block.on, period):
        if row[block.sum] is not None:
            of_team = reported.setdefault(part[0], {})
            day = (part, row[block.on])
            of_team[day] = of_team.get(day, Fraction(0)) + Fraction(row[block.sum])
    return reported


def _mean_a_day(
    world: World,
    own: set[Part],
    reported: Mapping[str, Mapping[tuple[Part, Day], Fraction]],
    period: Period,
    level: str,
) -> Answer:
    """Return a team's mean over the days it reported; of a larger area, the mean of all its days.

    There a day that a team did not report counts as much as its mean day.
    """
    if not own:
        return Answer("not_applicable")
    teams = {team for team, _ in own}
    if teams - set(reported):
        return Answer("missing")
    if level == "team":
        (team,) = teams
        return Answer("value", sum(reported[team].values()), Decimal(len(reported[team])))
    total = Fraction(0)
    for team in teams:
        here = sum(amount for (part, _), amount in reported[team].items() if part in own)
        total += here * len(world.days_there(team, period)) / Fraction(len(reported[team]))
    return Answer("value", total, Decimal(len(period)))


def _sum(block: Mapping[Part, Amount], parts: set[Part]) -> Decimal:
    total = Decimal(0)
    for part in parts:
        amount = block[part]
        assert isinstance(amount, Decimal)
        total += amount
    return total


def _quantile(
    world: World, measure: Measure, block: Quantile, period: Period, own: set[Part]
) -> Answer:
    if not own:
        return Answer("not_applicable")
    there = {part for part in own if world.is_covered(block.table, part[0], period)}
    if not there:
        return Answer("missing")
    start, end = block.days
    waits: list[int | None] = []
    for part, row in _placed(world, measure, block, block.on, period):
        if part not in there or row[start] is None:
            continue
        if row[end] is not None:
            waits.append((row[end] - row[start]).days)
        elif block.open_cases == "waiting":
            waits.append(None)
    if not waits:
        return Answer("not_applicable")
    # Those who still wait have waited longer than all the others.
    in_order = sorted(wait for wait in waits if wait is not None)
    in_order += [None] * (len(waits) - len(in_order))
    if block.at == Decimal("0.5"):
        middle = [in_order[(len(in_order) - 1) // 2], in_order[len(in_order) // 2]]
        if None in middle:
            return Answer("missing")
        return Answer("value", Decimal(sum(middle)), Decimal(2))
    nearest_rank = in_order[ceil(Fraction(block.at) * len(in_order)) - 1]
    if nearest_rank is None:
        return Answer("missing")
    return Answer("value", Decimal(nearest_rank), Decimal(1))
