"""A finding in; words, sign, colour and alternative text out.

This is the only place that says what a finding means. The sentence, the sign, the colour, the
alternative text and the table row are parts of one `Said`, so they cannot disagree. Nothing here
says why a figure moved, and nothing says that a usual figure is a good one.
"""

from dataclasses import dataclass

from dashboard.charts.icons import Icon
from dashboard.charts.palette import Role
from dashboard.numbers import Figures, number, period, sentence_case
from metrics.definition import Measure
from metrics.findings import POINTS_NEEDED, Finding, State
from metrics.reading import Area

NO_VALUE: dict[State, tuple[Icon, str, str]] = {
    "missing": ("missing", "not received", "not received for {period}"),
    "suppressed": ("hidden", "hidden to protect people", "hidden to protect people"),
    "not_collected": ("not_collected", "not collected here", "not collected here"),
    "not_applicable": ("not_applicable", "does not apply here", "does not apply here"),
}
FAMILIES = {"conventional": ("C", "conventional"), "proposed": ("P", "proposed by staff or people")}


@dataclass(frozen=True)
class Said:
    """Everything that is said of one finding.

    Attributes:
        sentence: The whole of it, for somebody who knows the area but not the measure.
        short: Two to four words: "worse than usual, higher".
        value_text: The figure with its unit, or the words for why there is none.
        number_text: The figure alone, for places that give the unit; empty where there is none.
        usual_text: "usually 20 to 41", or what stands in for it; may be empty.
        notes: Further sentences that bear on the figure.
    """

    sentence: str
    short: str
    icon: Icon
    colour_role: Role
    alt: str
    value_text: str
    number_text: str
    usual_text: str
    notes: tuple[str, ...]
    provisional: bool

    @property
    def stands_out(self) -> bool:
        """Whether the figure is beyond its usual ups and downs."""
        return self.colour_role in ("improvement", "concern", "neutral")


def say(finding: Finding, measure: Measure, area: Area) -> Said:
    """Return the words, the sign and the colour for one finding."""
    figures = Figures(measure)
    when = period(finding.period_start, finding.period_end)
    icon, role, short = _sign(finding)
    if finding.value is None or finding.kind == "no_value":
        value_text, number_text, usual_text = NO_VALUE[_why_no_value(finding)][1], "", ""
        why = NO_VALUE[_why_no_value(finding)][2].format(period=when)
        sentence = f"{measure.says.level}: {why}."
    else:
        value_text, number_text, usual_text, _ = _value_and_usual(finding, measure, figures)
        sentence = _sentence(finding, measure, figures)
    heard = [f"{measure.title}, {area.short_name}, {when}: {short}", value_text, usual_text]
    heard = [part for part in heard if part and part != short]
    provisional = finding.provisional and finding.value is not None
    return Said(
        sentence=sentence,
        short=short,
        icon=icon,
        colour_role=role,
        alt="; ".join(heard) + ("; provisional." if provisional else "."),
        value_text=value_text,
        number_text=number_text,
        usual_text=usual_text,
        notes=tuple(_notes(finding, when)),
        provisional=provisional,
    )


def _sign(finding: Finding) -> tuple[Icon, Role, str]:
    if finding.kind == "no_value" or finding.value is None:
        icon, short, _ = NO_VALUE[_why_no_value(finding)]
        return icon, "quiet", short
    if finding.kind == "too_new":
        return "too_new", "quiet", "too new to say"
    if finding.kind == "no_variation":
        return "hardly_moves", "quiet", "hardly ever moves"
    if finding.kind == "overlapping":
        return "overlapping", "quiet", "overlapping figures, never judged"
    if finding.provisional:
        return "provisional", "quiet", "provisional, not judged yet"
    higher = finding.way == "higher"
    if finding.variation == "improvement":
        return (
            ("better_higher" if higher else "better_lower"),
            "improvement",
            _worded("better than usual", finding),
        )
    if finding.variation == "concern":
        return (
            ("worse_higher" if higher else "worse_lower"),
            "concern",
            _worded("worse than usual", finding),
        )
    if finding.variation in ("neutral_high", "neutral_low"):
        return ("higher" if higher else "lower"), "neutral", f"{finding.way} than usual"
    return "usual", "usual", "as usual"


def _worded(judged: str, finding: Finding) -> str:
    return f"{judged}, {finding.way}"


def _why_no_value(finding: Finding) -> State:
    return finding.state if finding.state in NO_VALUE else "missing"


def _value_and_usual(
    finding: Finding, measure: Measure, figures: Figures
) -> tuple[str, str, str, int | None]:
    """Return the figure with and without its unit, what is usual, and the decimals said."""
    value = finding.value
    assert value is not None
    if finding.lower_limit is None or finding.upper_limit is None:
        usual = ""
        if finding.kind == "too_new":
            usual = f"{finding.points} of the {POINTS_NEEDED} figures needed to say what is usual"
        return figures.value(value) + _counted(finding, measure), figures.bare(value), usual, None
    usual, decimals = figures.between(finding.lower_limit, finding.upper_limit, value)
    said = figures.value(value, decimals) + _counted(finding, measure)
    return said, figures.bare(value, decimals), f"usually {usual}", decimals


def _counted(finding: Finding, measure: Measure) -> str:
    """Return " (66 of 244)" after a percentage whose definition asks for the count as well."""
    parts = finding.numerator, finding.denominator
    if measure.show.as_ != "percent" or "count" not in measure.show.also or None in parts:
        return ""
    return f" ({number(parts[0] or 0, 0)} of {number(parts[1] or 0, 0)})"


def _sentence(finding: Finding, measure: Measure, figures: Figures) -> str:
    value, number_alone, usual, decimals = _value_and_usual(finding, measure, figures)
    says = measure.says
    if finding.kind == "too_new":
        return (
            f"{says.level}: {value}. It is too new to say whether that is more than usual ups and"
            f" downs: {usual}."
        )
    if finding.kind == "overlapping":
        each = f"{measure.rolling} {measure.every}s"
        return (
            f"{says.level}: {value}. It covers {each} and shares most of them with the figure"
            " before, so ups and downs are not judged."
        )
    if finding.kind == "no_variation":
        return f"{says.level}: {value}. It hardly ever moves, so nobody can say what is usual."
    if finding.provisional:
        return (
            f"{says.level}: {value} so far; {usual}. The figure is provisional and not judged yet."
        )
    if finding.kind == "usual" or finding.way is None:
        return f"{says.level}: {value}, {usual}, {may_still_be(measure)}."
    higher = finding.way == "higher"
    unit = measure.every
    if finding.special_cause in ("trend_up", "trend_down"):
        clause = sentence_case(says.rose if higher else says.fell)
        return f"{clause}: {value} now, and each of the last six {unit}s was {finding.way}."
    clause = says.higher if higher else says.lower
    if finding.special_cause in ("shift_above", "shift_below") and finding.mean is not None:
        side = "above" if higher else "below"
        # An average that reads the same as the figure would not be above or below it.
        told_apart = figures.bare(finding.mean, decimals) != number_alone
        average = f" of {figures.value(finding.mean, decimals)}" if told_apart else ""
        return (
            f"{clause}: {value}; for at least seven {unit}s running it has been {side} its"
            f" average{average}."
        )
    if finding.special_cause in ("two_of_three_above", "two_of_three_below"):
        end = "upper" if higher else "lower"
        return (
            f"{clause}: {value}; two of the last three {unit}s were close to the {end} end of what"
            f" is usual ({usual.removeprefix('usually ')})."
        )
    return f"{clause}: {value}; {usual}."


def may_still_be(*measures: Measure) -> str:
    """Return the reminder that usual is not the same as acceptable."""
    ways = {"neither" if m.contested else m.better for m in measures}
    if ways == {"lower"}:
        return "which may still be too high"
    if ways == {"higher"}:
        return "which may still be too low"
    return "which may still be too high or too low"


def _notes(finding: Finding, when: str) -> list[str]:
    notes = []
    if finding.provisional and finding.value is not None:
        notes.append(f"The figure for {when} will still change.")
    if finding.reason:
        part = "" if finding.kind == "no_value" else "Not everything is in this figure: "
        notes.append(as_sentence(part + finding.reason))
    notes += [f"This bears on the figure: {as_sentence(text)}" for text in finding.explained_by]
    return notes


def as_sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop, where it has none."""
    stripped = sentence_case(text.strip())
    return stripped if stripped.endswith((".", "?")) else f"{stripped}."


def running_for(finding: Finding, measure: Measure) -> str:
    """Return since when a signal has run, as "since October 2025", or nothing."""
    if finding.kind != "signal" or finding.signal_since is None:
        return ""
    if finding.signal_since == finding.period_start:
        return f"new this {measure.every}"
    return f"since {finding.signal_since:%B %Y}"
