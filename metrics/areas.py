"""Areas as they are named now, and the events that bear on their figures."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from data.calendar import add_months
from data.home import Settings
from data.snapshots import Connection
from data.team_changes import TeamChange
from metrics.definition import main_of
from metrics.findings import AreaLevel

Place = tuple[AreaLevel, str]

# Kinds of event after which a figure may count something else than it did before.
CHANGES_WHAT_IS_COUNTED = ("recording change", "reconfiguration", "system change", "outage")
RECONFIGURATION = "reconfiguration"
# A break that somebody wrote down within so many days of a change of a team says the same.
SAID_WITHIN_DAYS = 7


class Area(BaseModel):
    """A team, a locality or the partnership, as it is named at the snapshot's latest period.

    Attributes:
        order: Place in the list of all areas: the partnership, then each locality and its teams.
    """

    model_config = ConfigDict(frozen=True)

    level: AreaLevel
    id: str
    name: str
    short_name: str
    parent_id: str | None = None
    stage: str = ""
    order: int = 0


class Event(BaseModel):
    """Something that happened and is drawn on charts: a recording change, a move, an outage.

    Attributes:
        measure_ids: The measures it bears on; none named means any.
        is_break: What is counted changed, so that limits begin anew.
        itself_only: It is about the area as a whole, and not about those inside it.
    """

    model_config = ConfigDict(frozen=True)

    scope: AreaLevel
    scope_id: str
    on: datetime.date
    until: datetime.date | None = None
    kind: str
    text: str
    measure_ids: tuple[str, ...] = ()
    is_break: bool = False
    itself_only: bool = False

    @property
    def may_explain(self) -> bool:
        """Whether a figure may have moved for this reason alone."""
        return self.is_break or self.kind in CHANGES_WHAT_IS_COUNTED

    def reaches(self, places: Sequence[Place]) -> bool:
        """Return whether it happened in an area, given that area and then those it lies in."""
        return (self.scope, self.scope_id) in (places[:1] if self.itself_only else places)

    def bears_on(self, measure_id: str, places: Sequence[Place]) -> bool:
        """Return whether it is about a measure in an area, given that area and those it lies in."""
        about = not self.measure_ids or main_of(measure_id) in self.measure_ids
        return about and self.reaches(places)


def places_by_area(areas: Sequence[Area]) -> dict[Place, list[Place]]:
    """Return each area with those it lies in, by level and id: a team may share a code with one."""
    above: dict[AreaLevel, AreaLevel] = {"team": "locality", "locality": "partnership"}
    places: dict[Place, list[Place]] = {}
    for area in areas:  # the wider ones come first
        wider = places[above[area.level], area.parent_id] if area.parent_id else []
        places[area.level, area.id] = [(area.level, area.id), *wider]
    return places


def read_areas(connection: Connection, settings: Settings, last: datetime.date) -> list[Area]:
    """Return the partnership, then each locality followed by the teams that are there still.

    Args:
        connection: The filled tables.
        settings: The partnership's own.
        last: The first day of the last month with figures. What is only planned for later, such
            as a new name or another locality, is not true yet.
    """
    areas = [
        Area(
            level="partnership",
            id=settings.id,
            name=settings.name,
            short_name=settings.name,
        )
    ]
    teams = [
        team
        for team in _latest_rows(connection, "team", "team_id", last)
        if team["valid_to"] is None or team["valid_to"] > last
    ]
    for locality in _latest_rows(connection, "locality", "locality_id", last):
        own = [team for team in teams if team["locality_id"] == locality["locality_id"]]
        if own:
            areas.append(_locality(locality, settings))
            areas += [_team(team) for team in own]
    return [area.model_copy(update={"order": number}) for number, area in enumerate(areas)]


def _locality(row: Mapping[str, Any], settings: Settings) -> Area:
    return Area(
        level="locality",
        id=row["locality_id"],
        name=row["name"],
        short_name=row["name"],
        parent_id=settings.id,
    )


def _team(row: Mapping[str, Any]) -> Area:
    return Area(
        level="team",
        id=row["team_id"],
        name=row["name"],
        short_name=row["short_name"] or row["name"],
        parent_id=row["locality_id"],
        stage=row["stage"] or "",
    )


def _latest_rows(
    connection: Connection, table: str, key: str, last: datetime.date
) -> list[dict[str, Any]]:
    """Return the row of each code that began last by the end of a month, in order of the codes."""
    cursor = connection.execute(
        f'SELECT * FROM main."{table}" WHERE valid_from < ? QUALIFY ROW_NUMBER() OVER'
        f' (PARTITION BY "{key}" ORDER BY valid_from DESC) = 1 ORDER BY "{key}"',
        [add_months(last, 1)],
    )
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read_events(connection: Connection) -> list[Event]:
    """Return every recorded event, oldest first."""
    rows = connection.execute(
        'SELECT scope, scope_id, "on", until, kind, text, affects_measures, is_break'
        ' FROM main.annotation ORDER BY "on", scope, scope_id'
    ).fetchall()
    return [
        Event(
            scope=scope,
            scope_id=scope_id,
            on=on,
            until=until,
            kind=kind,
            text=text,
            measure_ids=tuple(part.strip() for part in (affects or "").split(";") if part.strip()),
            is_break=bool(is_break),
        )
        for scope, scope_id, on, until, kind, text, affects, is_break in rows
    ]


def with_team_changes(
    events: Sequence[Event], changes: Iterable[TeamChange], areas: Sequence[Area]
) -> list[Event]:
    """Return the recorded events with each day from which an area has other people, oldest first.

    Such a day is a break in every series of the area. Where somebody has written that break down
    already, it is left at that, and with it which measures it bears on.
    """
    places = places_by_area(areas)
    found = list(events)
    for change in changes:
        place = places.get((change.scope, change.scope_id))
        if place and not any(_says(event, change, place) for event in events):
            found.append(
                Event(
                    scope=change.scope,
                    scope_id=change.scope_id,
                    on=change.on,
                    kind=RECONFIGURATION,
                    text=change.text,
                    is_break=True,
                    itself_only=True,
                )
            )
    return sorted(found, key=lambda event: (event.on, event.scope, event.scope_id))


def _says(event: Event, change: TeamChange, places: Sequence[Place]) -> bool:
    """Return whether an event says a change of an area, given that area and those it lies in."""
    near = abs((event.on - change.on).days) <= SAID_WITHIN_DAYS
    return near and event.is_break and event.kind == RECONFIGURATION and event.reaches(places)
