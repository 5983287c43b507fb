"""What the drawings show: published findings and series, put into plain numbers and words.

A board is what `components/drawings.js` draws: dictionaries of text and numbers, no markup.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.book import Book
from dashboard.charts.icons import Icon
from dashboard.charts.series import Series, as_drawn
from dashboard.charts.spc import Scale, Size, SmallChart, scale_of, spc_geometry
from dashboard.components import Board
from dashboard.numbers import Figures, period, sentence_case, spell
from dashboard.selection import EVERYWHERE, Kind, Selection, address, area_key
from dashboard.wording import FAMILIES, Said, running_for, say
from metrics.definition import GROUPS, Measure
from metrics.findings import AreaLevel, Finding
from metrics.reading import Area
from metrics.worth_talking_about import worth_talking_about

GROUP_TITLES = {
    "people": "People",
    "flow": "Flow and waits",
    "staff": "Our staff",
    "joining_up": "Joining up",
    "prevention": "Prevention",
    "hospital": "Hospital",
}
TILE = Size(186, 84)
CARD = Size(340, 110)
# What is said of a measure in a team that does not look at it.
UNSEEN = "not looked at here"
# Below these widths, in pixels, a table of teams by measures becomes a list.
_NAME_WIDTH, _COLUMN_WIDTH, _WIDE_COLUMN_WIDTH = 150, 46, 90
_FEW_COLUMNS = 10

SIGNS: tuple[tuple[Icon, str, str], ...] = (
    ("better_higher", "improvement", "better than usual (the arrow says higher or lower)"),
    ("worse_higher", "concern", "worse than usual (the arrow says higher or lower)"),
    ("higher", "neutral", "higher than usual, where neither is better or that is disputed"),
    ("lower", "neutral", "lower than usual, where neither is better or that is disputed"),
    ("usual", "usual", "as usual, which may still be too high or too low"),
    ("too_new", "quiet", "too new to say: fewer than 13 figures"),
    ("hardly_moves", "quiet", "hardly ever moves, so nobody can say what is usual"),
    ("overlapping", "quiet", "figures that overlap, so their ups and downs are not judged"),
    ("provisional", "quiet", "provisional, not judged yet"),
    ("missing", "quiet", "not received"),
    ("hidden", "quiet", "hidden to protect people"),
    ("not_collected", "quiet", "not collected here"),
)


def legend() -> Board:
    """Return every sign with its words."""
    signs = [
        {"icon": icon, "role": role, "hollow": False, "alt": "", "words": words}
        for icon, role, words in SIGNS
    ]
    return {"signs": signs}


def measures_of_kind(book: Book, kind: Kind, teams: Sequence[Area]) -> list[Measure]:
    """Return the measures of one kind, or of both, that one of these teams looks at."""
    return [m for m in book.shown_in(*teams) if kind in ("both", m.family)]


def standing_words(book: Book, area: Area, measure_id: str) -> str:
    """Return "on trial" or what else keeps a measure from being adopted; nothing where it is."""
    standing = book.standing(area, measure_id)
    if standing is None:
        return "on no board here"
    return {"trial": "on trial", "retired": "retired here", "adopted": ""}[standing.status]


def group_note(book: Book, group: str) -> str:
    """Return what must stand beside a group's name, if anything must."""
    return f"({book.settings.words.hospital_figures})" if group == "hospital" else ""


def matrix(book: Book, selection: Selection) -> Board:
    """Return the table of teams by measures, one sign a cell."""
    only = "" if selection.locality == EVERYWHERE else selection.locality
    teams_here = [team for _, teams in book.teams_by_locality(only) for team in teams]
    measures = measures_of_kind(book, selection.kind, teams_here)
    words = book.settings.words
    few = len(measures) <= _FEW_COLUMNS
    width = _NAME_WIDTH + len(measures) * (_WIDE_COLUMN_WIDTH if few else _COLUMN_WIDTH)
    return {
        "caption": f"{sentence_case(words.teams)} by measures, each against its own past",
        "corner": sentence_case(words.team),
        "needs_width": width,
        "groups": [
            {
                "title": GROUP_TITLES[group],
                "note": group_note(book, group),
                "span": sum(1 for measure in measures if measure.group == group),
            }
            for group in GROUPS
            if any(measure.group == group for measure in measures)
        ],
        "columns": [
            {
                "title": measure.title,
                "letter": FAMILIES[measure.family][0],
                "family": FAMILIES[measure.family][1],
                "href": address("measure", measure=measure.id, team=area_key(book.whole)),
                "first": index == 0 or measures[index - 1].group != measure.group,
            }
            for index, measure in enumerate(measures)
        ],
        "localities": [
            {
                "name": locality.name if locality else "",
                "teams": [_row(book, team, measures) for team in teams],
            }
            for locality, teams in book.teams_by_locality(only)
        ],
    }


def _row(book: Book, team: Area, measures: Sequence[Measure]) -> Board:
    cells = [_cell(book, team, measure) for measure in measures]
    own = [cell for cell, m in zip(cells, measures, strict=True) if book.shows(team, m.id)]
    usual = sum(1 for cell in own if cell["sign"]["icon"] == "usual")
    new = sum(1 for cell in own if cell["sign"]["icon"] == "too_new")
    rest = [f"{spell(usual)} as usual"] if usual else []
    rest += [f"{spell(new)} too new to say"] if new else []
    other = len(own) - usual - new - sum(1 for cell in own if cell["stands_out"])
    rest += [f"{spell(other)} without a figure to judge"] if other else []
    return {
        "name": team.short_name,
        "href": address("team", team=area_key(team)),
        "flag": "two kinds disagree" if team in book.disagreements else "",
        "cells": cells,
        "rest": sentence_case(", ".join(rest)) + "." if rest else "",
    }


def _cell(book: Book, area: Area, measure: Measure) -> Board:
    said = book.said(area, measure.id)
    what = f"{measure.title}, {area.short_name}"
    if not book.shows(area, measure.id):
        said, drawn = None, {**_no_sign(""), "icon": "not_applicable", "alt": f"{what}: {UNSEEN}."}
    elif said:
        trial = standing_words(book, area, measure.id)
        drawn = {
            **sign(said),
            "alt": f"{said.alt.removesuffix('.')}; {trial}." if trial else said.alt,
        }
    else:
        drawn = _no_sign(what)
    return {
        "title": measure.title,
        "short": said.short if said else "not collected here",
        "stands_out": bool(said and said.stands_out),
        "sign": drawn,
        "href": address("measure", measure=measure.id, team=area_key(area)),
    }


def sign(said: Said) -> Board:
    """Return a finding's sign as it is drawn."""
    return {
        "icon": said.icon,
        "role": said.colour_role,
        "hollow": said.provisional,
        "alt": said.alt,
    }


def _no_sign(what: str) -> Board:
    return {
        "icon": "not_collected",
        "role": "quiet",
        "hollow": False,
        "alt": f"{what}: not collected here.",
    }


def tiles(book: Book, area: Area, series: Mapping[str, Series]) -> Board:
    """Return every measure of an area as the same small chart, in the order of the groups."""
    groups = []
    for group in GROUPS:
        own = [m for m in book.shown_in(area) if m.group == group and book.said(area, m.id)]
        drawn = [_tile(book, area, measure, series.get(measure.id, ())) for measure in own]
        if drawn:
            title, note = GROUP_TITLES[group], group_note(book, group)
            groups.append({"title": title, "note": f" {note}" if note else "", "tiles": drawn})
    return {"groups": groups}


def _tile(book: Book, area: Area, measure: Measure, series: Series) -> Board:
    letter, family = FAMILIES[measure.family]
    series = as_drawn(series, Figures(measure))
    return {
        **_measured(book, area, measure, series, TILE, scale_of([series])),
        "title": measure.title,
        "letter": letter,
        "family": family,
        "href": address("measure", measure=measure.id, team=area_key(area)),
    }


def further(
    book: Book, area: Area, measure: Measure, series: Mapping[tuple[str, str], Series]
) -> Board:
    """Return a measure's parts and further figures in one area, each on a scale of its own.

    They stand on no page of their own, so none leads anywhere.
    """
    drawn = []
    for found in book.snapshot.further(measure.id, area.level, area.id):
        own = book.snapshot.definitions[found.measure_id]
        own = own.by_itself(found.split) if found.split else own
        points = as_drawn(series.get((found.measure_id, found.split), ()), Figures(own))
        drawn.append(
            {
                **_drawn(say(found, own, area), own, points, TILE, scale_of([points])),
                "standing": "",
                "title": own.title,
                "letter": "",
                "family": "",
                "href": "",
            }
        )
    return {"groups": [{"title": "", "note": "", "tiles": drawn}] if drawn else []}


def areas_side_by_side(
    book: Book, measure: Measure, series: Mapping[tuple[AreaLevel, str], Series], chosen: Area
) -> Board:
    """Return one measure in every team, all on one scale, in the order of the localities."""
    figures = Figures(measure)
    teams = {area: as_drawn(series.get((area.level, area.id), ()), figures) for area in book.teams}
    scale = scale_of(teams.values())
    return {
        "groups": [
            {
                "title": locality.name if locality else "",
                "note": "",
                "tiles": [
                    {
                        **_measured(book, team, measure, teams[team], TILE, scale),
                        "title": team.short_name,
                        "letter": "",
                        "family": "",
                        "href": address("measure", measure=measure.id, team=area_key(team)),
                        "chosen": team == chosen,
                    }
                    for team in members
                    if book.said(team, measure.id)
                ],
            }
            for locality, members in book.teams_by_locality()
        ]
    }


def _measured(
    book: Book, area: Area, measure: Measure, series: Series, size: Size, scale: Scale
) -> dict[str, Any]:
    said = book.said(area, measure.id)
    assert said is not None
    standing = standing_words(book, area, measure.id)
    return {**_drawn(said, measure, series, size, scale), "standing": standing}


def _drawn(
    said: Said, measure: Measure, series: Series, size: Size, scale: Scale
) -> dict[str, Any]:
    return {
        "sign": {**sign(said), "alt": ""},
        "number": said.number_text,
        "unit": measure.unit.removeprefix("% ") if said.number_text else "",
        "usual": said.usual_text,
        "short": said.short,
        "chart": _as_plain(spc_geometry(series, size, scale)),
        "chart_alt": f"Chart{_reach(series)}. {said.alt}",
    }


def _as_plain(drawing: SmallChart) -> Board:
    """Return a drawing as plain data; `dataclasses.asdict` would copy every number of it."""
    pieces = ("marks", "means", "limits")
    return vars(drawing) | {name: [vars(one) for one in getattr(drawing, name)] for name in pieces}


def _reach(series: Series) -> str:
    return f", {period(series[0].start, series[-1].end)}" if series else ""


def cards(book: Book, area: Area, series: Mapping[str, Series]) -> Board:
    """Return up to three things worth talking about, each with what should be read beside it."""
    found = book.disagreements.get(area)
    first = worth_talking_about(book.findings_of(area), book.snapshot.measures, found)
    beside_already: set[str] = {finding.measure_id for finding in first}
    drawn = []
    for finding in first:
        measure = book.snapshot.measures[finding.measure_id]
        said = say(finding, measure, area)
        other, why = _beside(book, area, finding, beside_already)
        beside_already.add(other.id if other else "")
        drawn.append(
            {
                **_card(book, area, measure, series),
                "sign": {**sign(said), "alt": said.short},
                "sentence": said.sentence,
                "beside": {**_card(book, area, other, series), "why": why} if other else None,
                "find_them": measure.find_them,
                "notes": _notes(book, area, finding, measure),
            }
        )
    return {"cards": drawn}


def _card(book: Book, area: Area, measure: Measure, series: Mapping[str, Series]) -> Board:
    own = as_drawn(series.get(measure.id, ()), Figures(measure))
    return {
        **_measured(book, area, measure, own, CARD, scale_of([own])),
        "title": measure.title,
        "href": address("measure", measure=measure.id, team=area_key(area)),
    }


def _notes(book: Book, area: Area, finding: Finding, measure: Measure) -> list[str]:
    said = book.said(area, measure.id)
    since = running_for(finding, measure)
    notes = list(said.notes) if said else []
    return [f"{sentence_case(said.short)}, {since}.", *notes] if said and since else notes


def _beside(
    book: Book, area: Area, finding: Finding, taken: set[str]
) -> tuple[Measure | None, str]:
    """Return the measure to read beside a finding, and why; one that is not there already."""
    measures = book.measures
    found = book.disagreements.get(area)
    if found and (finding.measure_id, finding.way) in found.working_life:
        hospital = [
            name for name, _ in found.hospital if book.shows(area, name) and name not in taken
        ]
        if hospital:
            return measures[hospital[0]], "went the other way within the same six months"
    pairs = measures[finding.measure_id].pairs_with
    pairs = tuple(sorted(pairs, key=lambda pair: pair.measure != finding.worse_pair))
    for pair in pairs:
        free = pair.measure in measures and pair.measure not in taken
        if free and book.shows(area, pair.measure) and book.said(area, pair.measure):
            return measures[pair.measure], pair.why
    return None, ""
