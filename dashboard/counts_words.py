"""What the page of monthly counts says: what is there, what was last, what looks odd."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal

from dashboard.numbers import plural, sentence_case, spell
from data.counts import Count, is_odd
from data.home import Settings
from metrics.blocks import Block, Submitted
from metrics.definition import Measure

QUESTION = "What did we count?"
Sent = Mapping[datetime.date, Mapping[str, Count]]


def nothing_to_count(settings: Settings, there_are_teams: bool) -> str:
    """Return why there is nothing to fill in."""
    if not there_are_teams:
        return f"There is no list of {settings.words.teams} here yet, so nobody can be counted for."
    return "None of the measures here is counted by hand."


def first_sentence(team: str, month: datetime.date, measures: Sequence[Measure], sent: Sent) -> str:
    """Return how much of a month is there: "North 2, March 2026: two of five counts are in."."""
    there = sum(measure.id in sent.get(month, {}) for measure in measures)
    if there == len(measures):
        return f"{team}, {month:%B %Y}: every count is in. Thank you."
    if not there:
        return f"{team}, {month:%B %Y}: none of the {spell(len(measures))} counts is in yet."
    verb = plural(there, "is", "are")
    return f"{team}, {month:%B %Y}: {spell(there)} of {spell(len(measures))} counts {verb} in."


def month_name(month: datetime.date) -> str:
    """Return a month as a list shows it."""
    return f"{month:%B %Y}"


def week_name(monday: datetime.date) -> str:
    """Return a week as a list shows it."""
    return f"Week of Monday {monday.day} {monday:%B %Y}"


def counted(measure: Measure) -> str:
    """Return what is counted, in the definition's words."""
    return _words(measure.numerator) or measure.says.level


def out_of(measure: Measure) -> str:
    """Return what it is out of, in the definition's words."""
    words = _words(measure.denominator)
    return f"Out of: {words}" if words else "Out of"


def _words(block: Block | None) -> str:
    return sentence_case(block.words) if isinstance(block, Submitted) else ""


def before(measure: Measure, last: tuple[datetime.date, Count] | None) -> str:
    """Return what was counted last: "last sent, February 2026: 12 of 540"."""
    if last is None:
        return "nothing was sent before"
    month, count = last
    if count.hidden:
        return f"last sent, {month:%B %Y}: hidden, because it was small"
    if count.numerator is None:
        return f"last sent, {month:%B %Y}: not known"
    said = f"{count.numerator:,}"
    if measure.denominator is not None and count.denominator is not None:
        said += f" of {plain(count.denominator)}"
    return f"last sent, {month:%B %Y}: {said}"


def plain(number: Decimal | int) -> str:
    """Return a number without needless decimals."""
    whole = int(number)
    return f"{whole:,}" if whole == number else f"{Decimal(number).normalize():,f}"


def odd(measure: Measure, now: Count, last: tuple[datetime.date, Count] | None) -> str:
    """Return the question that an odd jump asks; '' where nothing is odd."""
    if last is None or last[1].hidden:
        return ""
    month, old = last
    for new, was in ((now.numerator, old.numerator), (now.denominator, old.denominator)):
        if is_odd(new, was):
            assert new is not None
            assert was is not None
            return (
                f"{measure.title}: {plain(new)} now, {plain(was)} in {month:%B %Y}. Is that right?"
            )
    return ""


def too_many(measure: Measure, now: Count) -> str:
    """Return what is wrong where more were counted than there were; '' where nothing is."""
    if measure.show.as_ != "percent" or now.numerator is None or now.denominator is None:
        return ""
    if now.numerator <= now.denominator:
        return ""
    return (
        f"{measure.title}: {now.numerator:,} cannot be out of {plain(now.denominator)}. Correct"
        " one of them."
    )
