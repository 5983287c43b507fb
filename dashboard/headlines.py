"""The first sentence of a page, made from findings already worded."""

from collections.abc import Mapping, Sequence

from dashboard.book import Book
from dashboard.numbers import join, mid_sentence, plural, sentence_case, spell
from dashboard.wording import may_still_be
from metrics.definition import Measure
from metrics.findings import RECENT_PERIODS, Finding, Way
from metrics.reading import Area
from metrics.two_kinds import Disagreement
from metrics.worth_talking_about import worth_talking_about

BY_CHANCE = "With this many figures, a few such signs come by chance alone."


def disagreement(found: Disagreement, area: Area, measures: Mapping[str, Measure]) -> str:
    """Return "In North 2, emergency admissions fell while more people waited …"."""
    hospital = _clauses(found.hospital, measures)
    working_life = _clauses(found.working_life, measures)
    return f"In {area.short_name}, {hospital} while {working_life}."


def _clauses(moves: Sequence[tuple[str, Way]], measures: Mapping[str, Measure]) -> str:
    known = [(measures[name].says, way) for name, way in moves if name in measures]
    return join([says.rose if way == "higher" else says.fell for says, way in known])


def the_rule(measures: Mapping[str, Measure]) -> str:
    """Return in words when a team is named for two kinds of measure that disagree."""
    hospital = _named(measures, "hospital use")
    working_life = _named(measures, "working life")
    return (
        f"A name appears here when, within its last {spell(RECENT_PERIODS)} figures, one of"
        f" {hospital} moved one way beyond its usual ups and downs, and at least two of"
        f" {working_life} moved to the other side of theirs. A figure that a recorded change"
        f" explains does not count. {BY_CHANCE}"
    )


def _named(measures: Mapping[str, Measure], side: str) -> str:
    titles = [mid_sentence(m.title) for m in measures.values() if m.speaks_for == side]
    return join(titles) if titles else "its measures"


def nothing_disagrees(words_teams: str) -> str:
    """Return the first sentence where no disagreement was found."""
    return (
        f"None of the {words_teams} shows hospital figures going one way and working life the"
        " other in the last six months."
    )


def on_trial(book: Book, areas: Sequence[Area]) -> str:
    """Return which measures nobody has adopted in any of these areas, though they are looked at."""
    shown = book.shown_in(*areas)
    standings = {m.id: [book.standing(area, m.id) for area in areas] for m in shown}
    tried = [
        mid_sentence(m.title)
        for m in shown
        if not any(one and one.status == "adopted" for one in standings[m.id])
    ]
    if not tried:
        return ""
    if len(tried) == len(shown):
        return "Every measure here is on trial: nobody has adopted one yet."
    return f"On trial, not adopted yet: {join(tried)}."


def nothing_shown(book: Book, areas: Sequence[Area]) -> str:
    """Return what to do where no measure is on trial or adopted; nothing where one is."""
    if book.shown_in(*areas):
        return ""
    return (
        "No measure is on trial or adopted here, so there is none to show. What is worked out can"
        " be looked at on the page Measure; the file adoption.toml says what is shown."
    )


def hospital_only() -> str:
    """Return what is said where nothing that staff proposed has a figure."""
    return (
        "Hospital figures only: nothing that staff or people who use services proposed has a"
        " figure here yet, so the two kinds cannot be set side by side."
    )


def team_headline(book: Book, area: Area) -> tuple[str, str]:
    """Return the first sentence of a team's page, and the one that accounts for all the rest."""
    measures, findings = book.snapshot.measures, book.findings_of(area)
    found = book.disagreements.get(area)
    first = next(iter(worth_talking_about(findings, measures, found)), None)
    said = book.said(area, first.measure_id) if first else None
    if said is None:
        lead = f"Nothing in {area.short_name} is beyond its usual ups and downs at the moment."
    elif found is not None:
        hospital = _clauses(found.hospital, measures)
        lead = f"{said.sentence} Within the last six months {hospital}."
    else:
        lead = said.sentence
    return lead, _account(findings, measures, said_already=said is not None)


def _account(
    findings: Sequence[Finding], measures: Mapping[str, Measure], *, said_already: bool
) -> str:
    of_kind = {
        kind: [finding for finding in findings if finding.kind == kind]
        for kind in ("signal", "usual", "too_new", "no_variation")
    }
    parts = []
    more = len(of_kind["signal"]) - said_already
    if more > 0:
        who = plural(more, "other measure is", "other measures are")
        parts.append(f"{spell(more)} {who} also beyond usual ups and downs")
    usual = [measures[finding.measure_id] for finding in of_kind["usual"]]
    if usual:
        count, own = len(usual), plural(len(usual), "is in its", "are in their")
        noun = plural(count, "measure ", "measures ") if not parts else ""
        parts.append(f"{spell(count)} {noun}{own} usual range, {may_still_be(*usual)}")
    if new := len(of_kind["too_new"]):
        parts.append(f"{spell(new)} {plural(new, 'is', 'are')} too new to say")
    if still := len(of_kind["no_variation"]):
        parts.append(f"{spell(still)} hardly ever {plural(still, 'moves', 'move')}")
    if missing := sum(1 for f in findings if f.kind == "no_value" and f.state == "missing"):
        parts.append(f"{spell(missing)} {plural(missing, 'was', 'were')} not received")
    return sentence_case("; ".join(parts)) + "." if parts else ""
