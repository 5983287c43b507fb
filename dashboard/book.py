"""A published snapshot as the pages read it: the same findings, looked up and worded."""

import datetime
from dataclasses import dataclass
from functools import cached_property

from dashboard.numbers import day
from dashboard.selection import (
    area_key,
    areas_to_choose,
    measures_shown,
    measures_to_choose,
)
from dashboard.wording import Said, say
from data.home import Settings
from metrics.adoption import Aim, Standing
from metrics.areas import Place, places_by_area
from metrics.definition import Measure
from metrics.findings import Finding
from metrics.reading import Area, Event, Snapshot
from metrics.two_kinds import Disagreement


@dataclass(frozen=True)
class Book:
    """Look-ups over one snapshot; nothing is computed that was not published."""

    snapshot: Snapshot

    @property
    def settings(self) -> Settings:
        return self.snapshot.settings

    @cached_property
    def areas(self) -> dict[str, Area]:
        """Every area by the key that addresses use, in the order of a list to choose from."""
        return {area_key(area): area for area in areas_to_choose(self.snapshot.areas)}

    @property
    def teams(self) -> list[Area]:
        return [area for area in self.areas.values() if area.level == "team"]

    @property
    def localities(self) -> list[Area]:
        return [area for area in self.areas.values() if area.level == "locality"]

    @property
    def whole(self) -> Area:
        """The partnership as a whole."""
        return next(area for area in self.areas.values() if area.level == "partnership")

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """The measures that have ever had a figure here, in the order of the groups."""
        known = self.snapshot.measures
        return {name: known[name] for name in measures_to_choose(self.snapshot)}

    @cached_property
    def shown(self) -> dict[str, Measure]:
        """Those of them that are on trial or adopted in any area: what boards are made of."""
        return {name: self.measures[name] for name in measures_shown(self.snapshot)}

    def shown_in(self, *areas: Area) -> list[Measure]:
        """Return the measures that are on trial or adopted in one of these areas."""
        return [m for m in self.shown.values() if any(self.shows(area, m.id) for area in areas)]

    def shows(self, area: Area, measure_id: str) -> bool:
        """Return whether the boards of an area show a measure."""
        return self.snapshot.adoption.shows(measure_id, self.places(area))

    def standing(self, area: Area, measure_id: str) -> Standing | None:
        """Return how a measure stands in an area; None where nobody has taken it up."""
        return self.snapshot.adoption.standing(measure_id, self.places(area))

    def aims(self, area: Area, measure_id: str) -> list[Aim]:
        """Return what was agreed to be reached or kept in an area, oldest first of each kind."""
        return self.snapshot.adoption.aims_of(measure_id, self.places(area))

    @cached_property
    def never_collected(self) -> list[Measure]:
        """The measures that somebody wants to look at and nobody here collects."""
        adoption, everywhere = self.snapshot.adoption, self._places.values()
        return [
            m
            for m in self.snapshot.measures.values()
            if m.id not in self.measures
            and not m.is_figure
            and any(adoption.shows(m.id, places) for places in everywhere)
        ]

    @cached_property
    def hospital_only(self) -> bool:
        """Whether no measure that staff or people proposed and look at has a figure anywhere."""
        return not any(
            finding.measure_id in self.shown
            and self.shown[finding.measure_id].family == "proposed"
            and finding.value is not None
            for finding in self.snapshot.findings
        )

    @cached_property
    def _findings(self) -> dict[Area, dict[str, Finding]]:
        by_place = {(area.level, area.id): area for area in self.areas.values()}
        found: dict[Area, dict[str, Finding]] = {area: {} for area in self.areas.values()}
        for finding in self.snapshot.findings:
            area = by_place.get((finding.area_level, finding.area_id))
            if area is not None and not finding.split:
                found[area][finding.measure_id] = finding
        return found

    @cached_property
    def _said(self) -> dict[tuple[Area, str], Said]:
        return {
            (area, name): say(finding, self.snapshot.measures[name], area)
            for area, findings in self._findings.items()
            for name, finding in findings.items()
        }

    def findings_of(self, area: Area) -> list[Finding]:
        """Return the findings of the measures that its boards show, in the order of the groups."""
        own = self._findings[area]
        return [own[measure.id] for measure in self.shown_in(area) if measure.id in own]

    def finding(self, area: Area, measure_id: str) -> Finding | None:
        """Return what was found, or None where the measure was never worked out."""
        return self._findings[area].get(measure_id)

    def said(self, area: Area, measure_id: str) -> Said | None:
        """Return what is said of a measure in an area."""
        return self._said.get((area, measure_id))

    @cached_property
    def disagreements(self) -> dict[Area, Disagreement]:
        """Where the two kinds of measure disagree, in the order of the areas."""
        found = {(d.area_level, d.area_id): d for d in self.snapshot.disagreements}
        return {
            area: found[area.level, area.id]
            for area in self.areas.values()
            if (area.level, area.id) in found
        }

    def teams_by_locality(self, only: str = "") -> list[tuple[Area | None, list[Area]]]:
        """Return each locality with its teams; teams that lie in none come last, under None."""
        known = {area.id for area in self.localities}
        groups: list[tuple[Area | None, list[Area]]] = [
            (locality, [team for team in self.teams if team.parent_id == locality.id])
            for locality in self.localities
            if only in ("", locality.id)
        ]
        rest = [team for team in self.teams if team.parent_id not in known]
        if rest and not only:
            groups.append((None, rest))
        return [(locality, teams) for locality, teams in groups if teams]

    def events_for(self, area: Area, measure_id: str = "") -> list[Event]:
        """Return what happened here, or in what this area is part of, oldest first.

        Where a measure is named, only what bears on it.
        """
        places = self.places(area)
        return [
            event
            for event in self.snapshot.events
            if (event.bears_on(measure_id, places) if measure_id else event.reaches(places))
        ]

    def places(self, area: Area) -> list[Place]:
        """Return an area and those that it lies in, the nearest first."""
        return self._places[area.level, area.id]

    @cached_property
    def _places(self) -> dict[Place, list[Place]]:
        return places_by_area(self.snapshot.areas)

    @cached_property
    def last_day(self) -> datetime.date | None:
        """The last day that any figure covers."""
        ends = [f.period_end for f in self.snapshot.findings if f.value is not None]
        return max(ends) - datetime.timedelta(days=1) if ends else None

    @cached_property
    def dates(self) -> str:
        """Return "Figures to 31 March 2026, updated 14 April"."""
        updated = self.snapshot.published_at.date()
        if self.last_day is None:
            return f"No figures yet, updated {day(updated)}"
        same_year = updated.year == self.last_day.year
        return f"Figures to {day(self.last_day)}, updated {day(updated, with_year=not same_year)}"
