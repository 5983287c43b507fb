"""Where each measure is shown, who answers for it there, and what was agreed to aim at.

Publishing computes every valid definition. What is shown on the boards of an area is what is on
trial or adopted there, by `adoption.toml` in the partnership's folder; without one, the measures to
begin with (`metrics/adoption.toml`) are on trial everywhere.

The entry nearest to an area holds: one that names the team, else one that names its locality, else
one that names no area. An area's entry says nothing of the areas that it lies in.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)
from pydantic import Strict as Exact

from data.home import Home
from data.lists import Codes, same_code
from data.reference import rulebook
from data.snapshots import Connection
from metrics.areas import Place
from metrics.definition import Measure, main_of
from metrics.findings import AreaLevel
from metrics.own_toml import OwnToml

SHIPPED = Path(__file__).with_name("adoption.toml")
# A measure is adopted only once this many worked cases were agreed, one of them an edge.
CASES_NEEDED = 3


def _no_text(value: object, info: ValidationInfo) -> object:
    """Refuse a number in quotes; in a snapshot, which is JSON, every exact number is in quotes."""
    if info.mode == "python" and isinstance(value, str | bool):
        raise ValueError("write a number, without quotes")
    return value


Status = Literal["trial", "adopted", "retired"]
AIM_KINDS = ("target", "trajectory", "ambition", "local standard", "national standard")
Text = Annotated[str, Field(min_length=1), AfterValidator(str.strip)]
Day = Annotated[datetime.date, Exact()]
Number = Annotated[Decimal, Field(allow_inf_nan=False), BeforeValidator(_no_text)]
Form = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
# What is aimed at is one thing, however it is put; a standard is another.
_AIMED_AT = ("target", "trajectory", "ambition")


class Aim(BaseModel):
    """What was agreed to be reached or kept, in the measure's own unit.

    Attributes:
        kind: One of AIM_KINDS; the list `target` may know more, where the partnership added some.
        value: What is to be reached.
        from_: The first day on which it holds.
        until: The first day on which it no longer does; without it, until another of its kind.
        start, by: For a trajectory: the value on its first day, and the day by which `value` is to
            be reached.
        agreed_by: A meeting or a role, never a name; blank only where the list `target` is.
    """

    model_config = Form

    kind: Text
    value: Number
    from_: Day = Field(alias="from")
    until: Day | None = None
    start: Number | None = None
    by: Day | None = None
    agreed_by: str

    @property
    def about(self) -> str:
        """What is told apart from each other: what is aimed at, and each kind of standard."""
        return "target" if self.kind in _AIMED_AT else self.kind

    def value_on(self, day: datetime.date) -> float:
        """Return what is to be reached by a day: along a trajectory, its way from start to end."""
        if self.start is None or self.by is None or day >= self.by:
            return float(self.value)
        gone = max(0, (day - self.from_).days) / (self.by - self.from_).days
        return float(self.start) + gone * (float(self.value) - float(self.start))


class Entry(BaseModel):
    """One entry of the file: how things stand with a measure everywhere, or in some areas."""

    model_config = Form

    id: Text
    status: Status
    areas: tuple[Text, ...] | None = None
    owner: str = ""
    checker: str = ""
    since: Day | None = None
    review_on: Day | None = None
    why: str = ""
    aim: tuple[Aim, ...] = ()


class AdoptionFile(BaseModel):
    """The whole file."""

    model_config = Form

    measure: tuple[Entry, ...] = ()


class Standing(BaseModel):
    """How things stand with a measure in one area, or wherever nothing nearer is said.

    Attributes:
        place: The level and id of the area; none is everywhere.
        since: The day on which it was adopted, taken on trial or retired.
        why: Why it was, if that was said.
    """

    model_config = Form

    measure_id: str
    place: Place | None
    status: Status
    owner: str = ""
    checker: str = ""
    since: datetime.date | None = None
    review_on: datetime.date | None = None
    why: str = ""

    @property
    def is_shown(self) -> bool:
        """Whether boards show it there."""
        return self.status != "retired"

    def review_is_due(self, today: datetime.date) -> bool:
        """Return whether the day on which it was to be looked at again has come."""
        return self.is_shown and self.review_on is not None and self.review_on <= today


class HeldAim(BaseModel):
    """An aim of a measure in one area, or wherever nothing nearer is said; place as in Standing."""

    model_config = Form

    measure_id: str
    place: Place | None
    aim: Aim
    in_file: bool


class Adoption(BaseModel):
    """How things stand with every measure, and all that was agreed to aim at."""

    model_config = Form

    standings: tuple[Standing, ...] = ()
    aims: tuple[HeldAim, ...] = ()

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, Place | None], Standing]:
        return {(one.measure_id, one.place): one for one in self.standings}

    def standing(self, measure_id: str, places: Sequence[Place]) -> Standing | None:
        """Return how things stand with a measure in an area; None where nobody said anything.

        Args:
            measure_id: A measure, or a further figure or a part of one, which stands as it does.
            places: The area and those it lies in, the nearest first.
        """
        main = main_of(measure_id)
        found = (self._by_place.get((main, place)) for place in (*places, None))
        return next((standing for standing in found if standing), None)

    def shows(self, measure_id: str, places: Sequence[Place]) -> bool:
        """Return whether boards show a measure in an area: on trial there, or adopted."""
        standing = self.standing(measure_id, places)
        return standing is not None and standing.is_shown

    def everywhere_retired(self, measure_id: str) -> bool:
        """Return whether a measure is retired, and no area has kept it."""
        own = [one for one in self.standings if one.measure_id == measure_id]
        return bool(own) and not any(one.is_shown for one in own)

    def of_measure(self, measure_id: str) -> list[Standing]:
        """Return what is said of a measure: first of everywhere, then of the areas by id."""
        own = [one for one in self.standings if one.measure_id == measure_id]
        return sorted(own, key=lambda one: one.place or ("", ""))

    def aims_of(self, measure_id: str, places: Sequence[Place]) -> list[Aim]:
        """Return what is to be reached or kept in an area, each until the next of its kind.

        Of one kind, `adoption.toml` holds before the list `target`: where it has an aim of that
        kind for a measure, the list is not read for it. Then the nearest to the area hold.
        """
        own = [held for held in self.aims if held.measure_id == measure_id]
        found: list[Aim] = []
        for about in dict.fromkeys(held.aim.about for held in own):
            alike = [held for held in own if held.aim.about == about]
            alike = [held for held in alike if held.in_file] or alike
            nearest = (
                [held.aim for held in alike if held.place == place] for place in (*places, None)
            )
            found += _one_after_another(next((aims for aims in nearest if aims), []))
        return found


def _one_after_another(aims: Iterable[Aim]) -> list[Aim]:
    """Return aims by their first day, each over when the next begins."""
    ordered = sorted(aims, key=lambda aim: aim.from_)
    ends = [
        after.from_ if before.until is None or before.until > after.from_ else before.until
        for before, after in pairwise(ordered)
    ]
    return [
        aim.model_copy(update={"until": end})
        for aim, end in zip(ordered, [*ends, *(aim.until for aim in ordered[-1:])], strict=True)
    ]


def read_adoption(
    home: Home,
    measures: Mapping[str, Measure],
    places: Collection[Place],
    listed: Iterable[HeldAim] = (),
    left_out: Collection[str] = (),
) -> Adoption:
    """Return how things stand with every measure here.

    Args:
        home: The partnership.
        measures: Every definition, by id.
        places: The level and id of every team and locality in the partnership's lists.
        listed: The aims of the list `target`.
        left_out: The ids of definitions that cannot be used: what is said of them stands.

    Raises:
        MeasureError: If `adoption.toml` cannot be right; the message lists all its faults, each
            with its line.
    """
    begin_with = OwnToml.read(SHIPPED).as_form(AdoptionFile)
    standings: dict[tuple[str, Place | None], Standing] = {
        (entry.id, None): Standing(measure_id=entry.id, place=None, status=entry.status)
        for entry in begin_with.measure
        if entry.id in measures
    }
    aims: list[HeldAim] = []
    if home.adoption_file.is_file():
        file = OwnToml.read(home.adoption_file)
        entries = file.as_form(AdoptionFile).measure
        file.refuse(_faults(entries, measures, places, left_out))
        for entry in entries:
            for place in _places_of(entry, places):
                standings[entry.id, place] = _standing(entry, place)
                aims += [
                    HeldAim(measure_id=entry.id, place=place, aim=aim, in_file=True)
                    for aim in entry.aim
                ]
    return Adoption(standings=tuple(standings.values()), aims=(*aims, *listed))


def _standing(entry: Entry, place: Place | None) -> Standing:
    said = entry.model_dump(include={"status", "owner", "checker", "since", "review_on", "why"})
    return Standing(measure_id=entry.id, place=place, **said)


def _places_of(entry: Entry, places: Collection[Place]) -> list[Place | None]:
    if entry.areas is None:
        return [None]
    return [found for name in entry.areas for found in _meant(name, places)]


def _meant(name: str, places: Collection[Place]) -> list[Place]:
    """Return the areas that a name may mean: an id, or an id after its level and a colon."""
    level, colon, code = name.partition(":")
    if colon and level in ("team", "locality"):
        return [place for place in places if place == (level, code)]
    return [place for place in places if place[1] == name]


Fault = tuple[tuple[str | int, ...], str]


def _faults(
    entries: Sequence[Entry],
    measures: Mapping[str, Measure],
    places: Collection[Place],
    left_out: Collection[str],
) -> Iterator[Fault]:
    taken: dict[tuple[str, Place | None], int] = {}
    for number, entry in enumerate(entries):
        at = ("measure", number)
        if entry.id not in measures and entry.id not in left_out:
            yield (
                (*at, "id"),
                f'found "{entry.id}", and there is no such measure; there are'
                f" {', '.join(measures)}. `python -m metrics list` says what each is",
            )
        yield from _area_faults(at, entry, places)
        for place in dict.fromkeys(_places_of(entry, places)):
            other = taken.setdefault((entry.id, place), number)
            if other != number:
                where = f"for {place[1]}" if place else "for all areas"
                yield (
                    (*at, "areas"),
                    f"{entry.id} has an entry {where} already (measure {other + 1}); keep one",
                )
        yield from _date_faults(at, entry)
        if entry.status == "adopted" and entry.id not in left_out:
            yield from _not_adoptable(at, entry, measures.get(entry.id))
        yield from _aim_faults(at, entry)


def _area_faults(
    at: tuple[str | int, ...], entry: Entry, places: Collection[Place]
) -> Iterator[Fault]:
    if entry.areas == ():
        yield (
            (*at, "areas"),
            "found no area; name teams or localities, or remove `areas` where it is for all",
        )
    for number, name in enumerate(entry.areas or ()):
        found = _meant(name, places)
        path = (*at, "areas", number)
        if not found:
            known = ", ".join(sorted({code for _, code in places})) or "none"
            yield (
                path,
                f'found "{name}", and no team or locality has this id; there are {known}',
            )
        elif len(found) > 1:
            yield (
                path,
                f'"{name}" is a team and a locality; write "team:{name}" or "locality:{name}"',
            )
        elif name in entry.areas[:number] if entry.areas else False:
            yield (path, f'"{name}" stands here twice; remove one')


def _date_faults(at: tuple[str | int, ...], entry: Entry) -> Iterator[Fault]:
    if entry.review_on and entry.since and entry.review_on <= entry.since:
        yield (
            (*at, "review_on"),
            f"found {entry.review_on}, which was past when it became {entry.status}"
            f" ({entry.since}); write a later day",
        )


def _not_adoptable(
    at: tuple[str | int, ...], entry: Entry, measure: Measure | None
) -> Iterator[Fault]:
    """Yield what a measure lacks that somebody says was adopted."""
    needed = {
        "owner": (entry.owner.strip(), "write who answers for it: a role"),
        "checker": (entry.checker.strip(), "write who checks it: a role other than the owner's"),
        "since": (entry.since, "write the day on which it was adopted, without quotes"),
        "review_on": (entry.review_on, "write the day on which it is looked at again"),
    }
    for name, (said, what_to_do) in needed.items():
        if not said:
            yield (*at, name), f"{entry.id} is adopted and has no {name}; {what_to_do}"
    owner, checker = same_code(entry.owner), same_code(entry.checker)
    if owner and owner == checker:
        yield (
            (*at, "checker"),
            f'owner and checker are both "{entry.owner.strip()}"; let somebody else check it',
        )
    if measure is None:
        return
    cases, edges = len(measure.case), sum(1 for case in measure.case if case.edge)
    if cases < CASES_NEEDED or not edges:
        yield (
            (*at, "status"),
            f"{entry.id} is adopted with {cases} worked cases, of which {edges or 'none'} "
            f"{'has' if edges < 2 else 'have'} an `edge`; agree at least {CASES_NEEDED}, one with"
            f' an `edge`, or write status = "trial"',
        )


def _aim_faults(at: tuple[str | int, ...], entry: Entry) -> Iterator[Fault]:
    begun: dict[tuple[str, datetime.date], int] = {}
    for number, aim in enumerate(entry.aim):
        path = (*at, "aim", number)
        if aim.kind not in AIM_KINDS:
            allowed = ", ".join(f'"{kind}"' for kind in AIM_KINDS)
            yield (*path, "kind"), f'found "{aim.kind}"; write one of {allowed}'
        if not aim.agreed_by.strip():
            yield (*path, "agreed_by"), "write who agreed it: a meeting or a role"
        if aim.until and aim.until <= aim.from_:
            yield (
                (*path, "until"),
                f"found {aim.until}, which is not after {aim.from_}, when it begins",
            )
        if aim.kind == "trajectory":
            yield from _trajectory_faults(path, aim)
        else:
            for name in ("start", "by"):
                if getattr(aim, name) is not None:
                    yield (
                        (*path, name),
                        f'`{name}` goes with kind = "trajectory"; remove it, or change the kind',
                    )
        other = begun.setdefault((aim.about, aim.from_), number)
        if other != number:
            yield (
                (*path, "from"),
                f"aim {other + 1} of {entry.id} begins on {aim.from_} too, and is of the same"
                " kind; keep one, or write from when the other holds",
            )


def _trajectory_faults(path: tuple[str | int, ...], aim: Aim) -> Iterator[Fault]:
    if aim.start is None:
        yield (*path, "start"), "a trajectory has a `start`: the value on its first day; write it"
    if aim.by is None:
        yield (*path, "by"), "a trajectory has a day `by` which its value is reached; write it"
    elif aim.by <= aim.from_:
        yield (*path, "by"), f"found {aim.by}, which is not after {aim.from_}, when it begins"


def places_listed(home: Home) -> list[Place]:
    """Return every locality and team in the partnership's lists, as they are now.

    Raises:
        DataError: If a list cannot be used.
    """
    if not home.exists():
        return []
    codes = rulebook(home).lists.codes
    levels: tuple[AreaLevel, ...] = ("locality", "team")
    return [
        (level, code)
        for level in levels
        for code in sorted(codes.get((level, f"{level}_id"), Codes()).exact)
    ]


def listed_aims(connection: Connection) -> list[HeldAim]:
    """Return the aims in the list `target`, in its order."""
    rows = connection.execute(
        "SELECT measure_id, team_id, kind, value, valid_from, valid_to, coalesce(agreed_by, '')"
        " FROM main.target ORDER BY measure_id, team_id, kind, valid_from"
    ).fetchall()
    names = ("kind", "value", "from", "until", "agreed_by")
    return [
        HeldAim(
            measure_id=measure_id,
            place=("team", team_id) if team_id else None,
            aim=Aim.model_validate(dict(zip(names, said, strict=True))),
            in_file=False,
        )
        for measure_id, team_id, *said in rows
    ]


def listed_places(connection: Connection) -> list[Place]:
    """Return every locality and team in the partnership's lists, also those that have closed."""
    rows = connection.execute(
        "SELECT DISTINCT 'locality', locality_id FROM main.locality"
        " UNION SELECT DISTINCT 'team', team_id FROM main.team ORDER BY 1, 2"
    ).fetchall()
    return [(level, code) for level, code in rows]
