"""Areas as they are named now, and the events that bear on their figures."""

import datetime
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from data.home import Settings
from data.snapshots import Connection
from metrics.findings import AreaLevel

# Kinds of event after which a figure may count something else than it did before.
CHANGES_WHAT_IS_COUNTED = ("recording change", "reconfiguration", "system change", "outage")


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

    @property
    def may_explain(self) -> bool:
        """Whether a figure may have moved for this reason alone."""
        return self.is_break or self.kind in CHANGES_WHAT_IS_COUNTED

    def bears_on(self, measure_id: str, area_id: str, parents: Mapping[str, str | None]) -> bool:
        """Return whether it is about a measure in an area: that area or one it lies in."""
        if self.measure_ids and measure_id not in self.measure_ids:
            return False
        place: str | None = area_id
        while place is not None and place != self.scope_id:
            place = parents.get(place)
        return place is not None


def read_areas(connection: Connection, settings: Settings, last: datetime.date) -> list[Area]:
    """Return the partnership, then each locality followed by the teams that are there still."""
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
        for team in _latest_rows(connection, "team", "team_id")
        if team["valid_to"] is None or team["valid_to"] > last
    ]
    for locality in _latest_rows(connection, "locality", "locality_id"):
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


def _latest_rows(connection: Connection, table: str, key: str) -> list[dict[str, Any]]:
    """Return the row of each code that was valid last, in the order of the codes."""
    cursor = connection.execute(
        f'SELECT * FROM main."{table}" QUALIFY ROW_NUMBER() OVER'
        f' (PARTITION BY "{key}" ORDER BY valid_from DESC) = 1 ORDER BY "{key}"'
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
