"""What the partnership page says besides its table."""

from dashboard.book import Book
from dashboard.headlines import BY_CHANCE, disagreement, hospital_only, nothing_disagrees
from dashboard.numbers import mid_sentence, period, plural, sentence_case, spell
from metrics.findings import Finding
from metrics.reading import Area
from metrics.worth_talking_about import worth_talking_about

KIND_NAMES = {
    "both": "Both",
    "conventional": "Conventional",
    "proposed": "Proposed",
}
LETTERS = "C conventional, P proposed by staff or by people who use services"
MOST_NEW = 4


def first_sentence(book: Book) -> str:
    """Return where the two kinds of measure disagree first, or that they do not."""
    said = sentences(book)
    if said:
        return said[0]
    return hospital_only() if book.hospital_only else nothing_disagrees(book.settings.words.teams)


def sentences(book: Book) -> list[str]:
    """Return one sentence for each team in which the two kinds of measure disagree."""
    measures = book.snapshot.measures
    return [disagreement(found, area, measures) for area, found in book.disagreements.items()]


def against_its_own_past(book: Book) -> str:
    """Return what every sign compares, and how many of them stand out."""
    signals = sum(1 for team in book.teams for f in book.findings_of(team) if f.kind == "signal")
    judged = sum(
        1 for team in book.teams for f in book.findings_of(team) if f.kind in ("signal", "usual")
    )
    return (
        f"Each {book.settings.words.team} against its own past: {signals} of {judged} figures"
        f" {plural(signals, 'is', 'are')} beyond usual ups and downs."
        f" {BY_CHANCE}"
    )


def new_title(book: Book) -> str:
    """Return the heading over what is new: the latest period that most figures are about."""
    latest = [f for team in book.teams for f in book.findings_of(team) if f.value is not None]
    if not latest:
        return "What is new"
    newest = max(latest, key=lambda f: (f.period_start, f.measure_id))
    return f"New in {period(newest.period_start, newest.period_end)}"


def new_signals(book: Book) -> list[str]:
    """Return the figures that have only now left their usual range, fewest needed."""
    found: list[tuple[Area, Finding]] = []
    for team in book.teams:
        new = [f for f in book.findings_of(team) if _is_new(f)]
        found += [(team, f) for f in worth_talking_about(new, book.snapshot.measures)]
    said = [
        f"{team.short_name}: {_within(book, team, finding)}" for team, finding in found[:MOST_NEW]
    ]
    more = len(found) - len(said)
    return [*said, sentence_case(f"{spell(more)} more.")] if more else said


def _is_new(finding: Finding) -> bool:
    return finding.kind == "signal" and finding.signal_since == finding.period_start


def _within(book: Book, team: Area, finding: Finding) -> str:
    said = book.said(team, finding.measure_id)
    assert said is not None
    return mid_sentence(said.sentence)
