"""Days from which a team or a locality has other people, read from the lists of who belongs where.

A step in its figures on such a day is no doing of the team: the series has to start again there.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Literal

from data.calendar import add_months
from data.home import Words
from data.snapshots import Connection

# Where less than this part of an area's people came or went, its figures can still be compared. It
# is our working assumption, and has no source.
LEAST_SHARE = 0.05
_PRACTICES_NAMED = 4

Scope = Literal["team", "locality"]
# A team or nobody, before and after.
Ways = tuple[str | None, str | None]


@dataclass
class _Move:
    """People who belonged to one team and belong to another from a day on; None is no team at all.

    Attributes:
        kind: What the list of what became of teams calls it, if it does.
        share: The part of the people of the team they came from, if that list says it.
        practices: The practices that went with them.
    """

    kind: str = ""
    share: float | None = None
    practices: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class TeamChange:
    """One day from which a team or a locality has other people than before.

    Attributes:
        text: What happened, in a sentence.
    """

    scope: Scope
    scope_id: str
    on: datetime.date
    text: str


class _Lists:
    """The reference lists that say who belongs where, each read once."""

    def __init__(self, connection: Connection, words: Words) -> None:
        self.words = words
        self.spans: dict[str, list[tuple[datetime.date, datetime.date, str, str]]] = {}
        for team, locality, first, end, name in connection.execute(
            "SELECT a.team_id, a.locality_id, a.valid_from, a.valid_to, t.name"
            " FROM prepared.team_area AS a JOIN main.team AS t"
            " ON t.team_id = a.team_id AND t.valid_from = a.valid_from"
            " ORDER BY a.team_id, a.valid_from"
        ).fetchall():
            self.spans.setdefault(team, []).append((first, end, locality, name))
        self.localities: dict[str, str] = dict(
            connection.execute(
                "SELECT locality_id, ARG_MAX(name, valid_from) FROM main.locality GROUP BY ALL"
            ).fetchall()
        )
        self.practices = connection.execute(
            "SELECT code, team_id, valid_from, valid_to FROM prepared.practice_area"
            " WHERE valid_from < valid_to ORDER BY code, valid_from, valid_to"
        ).fetchall()
        self.lineage = connection.execute(
            "SELECT from_team_id, to_team_id, changed_on, CAST(share AS DOUBLE), kind"
            " FROM main.team_lineage ORDER BY changed_on, from_team_id, to_team_id"
        ).fetchall()
        self._people: dict[tuple[str, str], list[tuple[datetime.date, int]]] = {}
        for team, basis, as_at, people in connection.execute(
            "SELECT team_id, basis, as_at, SUM(people) FROM main.population"
            " GROUP BY team_id, basis, as_at ORDER BY team_id, basis, as_at"
        ).fetchall():
            self._people.setdefault((team, basis or ""), []).append((as_at, int(people)))
        self._bases = sorted({basis for _, basis in self._people})

    def locality(self, team: str | None, day: datetime.date) -> str | None:
        """Return where a team lay on a day; None where it was not there."""
        for first, end, locality, _ in self.spans.get(team or "", []):
            if first <= day < end:
                return locality
        return None

    def name(self, team: str, day: datetime.date) -> str:
        """Return what a team was called on a day, or last before it."""
        spans = self.spans.get(team, [])
        begun = [name for first, _, _, name in spans if first <= day]
        return begun[-1] if begun else (spans[0][3] if spans else team)

    def within(self, locality: str, day: datetime.date) -> list[str]:
        """Return the teams of a locality on a day."""
        return [team for team in self.spans if self.locality(team, day) == locality]

    def people(
        self, before: Iterable[str], after: Iterable[str], on: datetime.date
    ) -> tuple[int, int] | None:
        """Return how many people some teams had last before a day, and others first from it on.

        Both on one basis; None where there is no basis that says both of all the teams.
        """
        for basis in self._bases:
            earlier = [self._counted(team, basis, on, was=True) for team in before]
            later = [self._counted(team, basis, on, was=False) for team in after]
            if earlier and later and all(earlier) and None not in later:
                return sum(filter(None, earlier)), sum(filter(None, later))
        return None

    def people_before(self, teams: Sequence[str], on: datetime.date) -> int | None:
        """Return how many people some teams had last before a day, if that is known of all."""
        for basis in self._bases:
            counts = [self._counted(team, basis, on, was=True) for team in teams]
            if counts and all(counts):
                return sum(filter(None, counts))
        return None

    def _counted(self, team: str, basis: str, on: datetime.date, *, was: bool) -> int | None:
        counts = self._people.get((team, basis), [])
        right = [people for as_at, people in counts if (as_at < on) == was]
        return (right[-1] if was else right[0]) if right else None


def team_changes(
    connection: Connection, words: Words, first: datetime.date, last: datetime.date
) -> list[TeamChange]:
    """Return every change of whose people a team or a locality has, oldest first.

    A team that begins or ends has no series to break, nor has one that goes on under another code.
    People who moved between two teams of one locality are that locality's as before.

    Args:
        connection: The filled tables, with the prepared views.
        words: The partnership's own, for the sentences.
        first: The first day of the first month with figures.
        last: The first day of the last one.
    """
    lists = _Lists(connection, words)
    days = {on: moves for on, moves in _moves(lists).items() if first < on < add_months(last, 1)}
    found: list[TeamChange] = []
    for on, moves in sorted(days.items()):
        found += _of_teams(lists, on, moves)
        found += _of_localities(lists, on, moves)
    return found


def _moves(lists: _Lists) -> dict[datetime.date, dict[Ways, _Move]]:
    """Return who went from which team to which, by the day from which it was so."""
    days: dict[datetime.date, dict[Ways, _Move]] = {}

    def at(on: datetime.date, before: str | None, after: str | None) -> _Move:
        return days.setdefault(on, {}).setdefault((before, after), _Move())

    for before, after, on, share, kind in lists.lineage:
        # The same team under another code has the same people.
        if before != after and kind != "rename":
            move = at(on, before, after)
            move.kind, move.share = kind, share
    listed_from: dict[str, datetime.date] = {}
    for _, team, begins, _ in lists.practices:
        listed_from[team] = min(begins, listed_from.get(team, begins))
    for code, rows in groupby(lists.practices, key=itemgetter(0)):
        earlier: tuple[str, datetime.date] | None = None
        for _, team, begins, ends in rows:
            if earlier is not None and earlier[1] < begins:
                at(earlier[1], earlier[0], None).practices.append(code)
                earlier = None
            if earlier is None:
                # With a team's first practices its list begins, not the team.
                if begins > listed_from[team]:
                    at(begins, None, team).practices.append(code)
            elif earlier[0] != team:
                at(begins, earlier[0], team).practices.append(code)
            earlier = (team, ends)
        if earlier is not None:
            at(earlier[1], earlier[0], None).practices.append(code)
    for team, spans in lists.spans.items():
        places = [(begins, ends, locality) for begins, ends, locality, _ in spans]
        for number, (begins, ends, locality) in enumerate(places):
            before = places[number - 1] if number else None
            after = places[number + 1] if number + 1 < len(places) else None
            if before is None or before[1] < begins:
                days.setdefault(begins, {})
            elif before[2] != locality:
                at(begins, team, team).kind = "relocated"
            if after is None or after[0] > ends:
                days.setdefault(ends, {})
    return days


def _of_teams(
    lists: _Lists, on: datetime.date, moves: Mapping[Ways, _Move]
) -> Iterator[TeamChange]:
    eve = on - datetime.timedelta(days=1)
    for team in sorted({team for ways in moves for team in ways if team is not None}):
        own = {ways: m for ways, m in moves.items() if team in ways and ways[0] != ways[1]}
        lives_on = lists.locality(team, eve) is not None and lists.locality(team, on) is not None
        if not own or not lives_on:
            continue
        share = _share([team], [team], lists, on, own)
        divided = any(m.kind in ("merge", "split") for m in own.values())
        if not divided and share is not None and share < LEAST_SHARE:
            continue
        clauses = [_clause(team, lists, eve, ways, m) for ways, m in own.items()]
        text = _sentence(lists.name(team, on), on, clauses, share)
        yield TeamChange("team", team, on, text)


def _of_localities(
    lists: _Lists, on: datetime.date, moves: Mapping[Ways, _Move]
) -> Iterator[TeamChange]:
    eve = on - datetime.timedelta(days=1)
    for locality in sorted(lists.localities):
        before, after = lists.within(locality, eve), lists.within(locality, on)
        if not before or not after:
            continue
        own: dict[Ways, _Move] = {}
        clauses: list[str] = []
        whole_team = False
        for ways, move in moves.items():
            left, came = ways[0] in before, ways[1] in after
            if left == came:
                continue
            if move.kind == "relocated":
                whole_team = True
                verb = "has" if came else "no longer has"
                clauses.append(f"{verb} {lists.name(ways[0] or '', eve)}")
            else:
                own[ways] = move
                clauses.append(_clause(ways[1 if came else 0] or "", lists, eve, ways, move))
        # What became of a team's people is told by its moves; where there are none, by itself.
        for team in sorted(set(before) ^ set(after)):
            known = any(team in ways and None not in ways for ways in moves)
            if not known:
                whole_team = True
                verb = "has" if team in after else "no longer has"
                clauses.append(f"{verb} {lists.name(team, on)}")
        if not clauses:
            continue
        share = _share(before, after, lists, on, own) if not whole_team else None
        if not whole_team and share is not None and share < LEAST_SHARE:
            continue
        said = dict.fromkeys(clauses)
        name = lists.localities[locality]
        text = _sentence(name, on, list(said), share, size_matters=not whole_team)
        yield TeamChange("locality", locality, on, text)


def _share(
    before: Sequence[str],
    after: Sequence[str],
    lists: _Lists,
    on: datetime.date,
    moves: Mapping[Ways, _Move],
) -> float | None:
    """Return which part of the people of an area came or went; None where that is not known.

    It is what the list of what became of teams says, and else by how much the count of its people
    changed. That tells nothing where some came and others went.
    """
    if all(move.share is not None for move in moves.values()):
        whole = lists.people_before(before, on)
        parts = []
        for (left, _), move in moves.items():
            share = move.share or 0.0
            people = lists.people_before([left], on) if left else None
            own = [left] == list(before)
            parts.append(share if own or not whole or people is None else share * people / whole)
        return sum(parts)
    ways = {left in before for left, _ in moves}
    between_teams = any(None not in pair for pair in moves)
    involved = {team for pair in moves for team in pair}
    # Of only the teams concerned it is never a smaller part than of them all.
    counted = lists.people(before, after, on) or lists.people(
        [t for t in before if t in involved], [t for t in after if t in involved], on
    )
    if counted is None or not counted[0] or (len(ways) > 1 and between_teams):
        return None
    return abs(counted[1] - counted[0]) / counted[0]


def _clause(team: str, lists: _Lists, eve: datetime.date, ways: Ways, move: _Move) -> str:
    """Return what a move was to the team that it came to or went from."""
    left, came = ways
    gained = came == team
    other = left if gained else came
    what = _practices(move.practices) if move.practices else ""
    nowhere = f"no {lists.words.team}"
    if other is None:
        return (
            f"has {what}, which belonged to {nowhere} before"
            if gained
            else f"no longer has {what}, which belongs to {nowhere} now"
        )
    name = lists.name(other, eve)
    if gained and move.kind == "merge":
        return f"has the {lists.words.people} of {name}, which merged into it"
    if gained:
        return f"has {what or lists.words.people} from {name}"
    if what:
        return f"no longer has {what}, which went to {name}"
    return f"no longer has the {lists.words.people} who went to {name}"


def _practices(codes: Sequence[str]) -> str:
    named = sorted(codes)[:_PRACTICES_NAMED]
    more = len(codes) - len(named)
    if more:
        return f"practices {', '.join(named)} and {more} more"
    if len(named) == 1:
        return f"practice {named[0]}"
    return f"practices {', '.join(named[:-1])} and {named[-1]}"


def _sentence(
    name: str,
    on: datetime.date,
    clauses: Sequence[str],
    share: float | None,
    *,
    size_matters: bool = True,
) -> str:
    since = f"{on:%B %Y}" if on.day == 1 else f"{on.day} {on:%B %Y}"
    said = f"From {since} {name} {'; it '.join(clauses)}"
    if share is not None and share >= 0.005:
        said += f": {share * 100:.0f}% of its people"
    elif share is None and size_matters:
        said += "; how many people that is was not said"
    return f"{said}. Figures before and after are of different people, so the series starts again."
