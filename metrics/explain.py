"""A definition in plain English, made from its blocks, so that the words cannot say otherwise.

Nothing here repeats what an author wrote about a measure: every sentence is put together from the
same choices that become SQL, with the titles and the words of the contracts.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from data.contract import Column
from data.home import Words
from data.records import Schema
from metrics.blocks import (
    AGE_BANDS,
    SEXES,
    Block,
    Condition,
    Days,
    DaysInside,
    Followed,
    Level,
    Open,
    People,
    PersonDays,
    Population,
    Quantile,
    Rows,
    Submitted,
    Sum,
    Who,
)
from metrics.definition import Measure

# Dates that are read as what had not happened yet, where "no … date" would be stiff.
NOT_YET = {"named_worker_on": "no named worker"}
SHOWN = {
    "count": "a count",
    "percent": "a percentage: the number above as a share of the number below",
    "per_1000_people": "a rate for every 1,000 {people}",
    "per_1000_people_a_year": (
        "a rate per 1,000 {people} a year, so that long and short {period}s can be compared"
    ),
    "per_100000_people_a_year": (
        "a rate per 100,000 {people} a year, so that long and short {period}s can be compared"
    ),
    "ratio": "a ratio: the number above for each one below",
    "per_1000": "the number above for every 1,000 below",
    "mean": "a mean: the total above, shared out equally among the number below",
    "mean_a_day": "a mean a day: the total, divided by the days it was reported for",
    "days": "a number of days",
}
ALSO_SHOWN = {
    "count": "the count itself",
    "percent": "a percentage",
    "per_1000_people": "a rate for every 1,000 {people}",
    "per_1000_people_a_year": "a rate per 1,000 {people} a year",
    "per_100000_people_a_year": "a rate per 100,000 {people} a year",
    "ratio": "a ratio",
    "per_1000": "a rate for every 1,000 below the line",
    "mean": "a mean",
    "mean_a_day": "a mean a day",
    "days": "a number of days",
}
BELONGS = {
    "receiving": "the {team} that received it",
    "visiting": "the {team} that made the visit",
    "allocated": "the {team} to which it is allocated",
    "employing": "the {team} in which the staff work",
    "respondent": "the {team} that the answer is about",
    "population": "the {team} whose population it is about",
}
BY_PRACTICE = "the {team} whose practices the {person} is registered with, whoever gives the care"
SMALL_NUMBERS = {
    "people": (
        "it counts {people}, and a small number could show who somebody is, so it has to be hidden"
        " before figures are shared."
    ),
    "staff": (
        "it is about staff, and where few work in a {team} it could show who somebody is, so it has"
        " to be hidden before figures are shared."
    ),
    "questionnaire": (
        "it rests on answers; where few answered it says little and could show who said what, so"
        " it has to be hidden before figures are shared."
    ),
    "open": "it says nothing about any one {person}, so they are shown as they are.",
}
SEX_WORDS = {"1": "male", "2": "female", "9": "indeterminate", "X": "not known"}
# Whether there is such a row, and on which side.
FELLOWS = {
    "followed_by": ("there is", "after"),
    "not_followed_by": ("there is not", "after"),
    "preceded_by": ("there is", "before"),
    "not_preceded_by": ("there is not", "before"),
}
PARTICIPLES = ("seen", "given", "sent", "held", "met", "made", "taken", "found")
# They end in -ed, but a thing is not responded, or need: such a date is named, not made a verb.
NOT_PARTICIPLES = ("responded", "occurred", "happened", "died", "need", "bed", "feed", "speed")
ORDINALS = {"1": "st", "2": "nd", "3": "rd"}
ACRONYMS = {"fte": "FTE", "gp": "GP", "nhs": "NHS", "icd10": "ICD-10", "id": "ID"}


def explain(measure: Measure, schema: Schema, words: Words | None = None) -> tuple[str, ...]:
    """Return sentences saying what a measure counts, for whom, when and how it is shown.

    Args:
        measure: The definition.
        schema: The tables that it may count, in words.
        words: The partnership's own words for people and places.
    """
    return tuple(_Explainer(measure, schema, words or Words()).sentences())


class _Explainer:
    """The sentences about one measure."""

    def __init__(self, measure: Measure, schema: Schema, words: Words) -> None:
        self.measure = measure
        self.schema = schema
        self.contracts = schema.countable
        self.words = words
        self.period = measure.every

    def sentences(self) -> Iterator[str]:
        measure = self.measure
        if measure.quantile is not None:
            yield from self._quantile(measure.quantile)
        else:
            assert measure.numerator is not None
            lead = "Above" if measure.denominator is not None else "Counted"
            yield f"{lead}: {self._block(measure.numerator)}."
        if measure.denominator is not None:
            yield f"Below: {self._block(measure.denominator)}."
        yield from self._belonging()
        yield from self._when()
        yield from self._parts()
        yield self._shown()
        yield self._direction()
        yield f"Small numbers: {self._said(SMALL_NUMBERS[measure.disclosure])}"
        yield from self._meanings()

    def _said(self, text: str) -> str:
        words = self.words
        return text.format(
            people=words.people, person=words.person, team=words.team, period=self.period
        )

    def _column(self, block: Block, name: str) -> Column | None:
        return self._column_of(block.table, name)

    def _column_of(self, table: str, name: str) -> Column | None:
        contract = self.contracts.get(table)
        if contract is None or name not in contract.names:
            return None
        return contract.column(name)

    def _title(self, block: Block) -> str:
        return self._title_of(block.table)

    def _title_of(self, table: str) -> str:
        title = self.contracts[table].title
        # A title with a name in it, such as Friends and Family Test answers, keeps its capitals.
        return title if title[1:] != title[1:].lower() else title[:1].lower() + title[1:]

    # What is counted ---------------------------------------------------------------------------

    def _block(self, block: Block) -> str:
        if isinstance(block, Population):
            return f"{self._who(block.population)} at the end of the {self.period}"
        if isinstance(block, PersonDays):
            return (
                f"{self._who(block.person_days)}, each counted once for every day of the"
                f" {self.period}"
            )
        return self._rows(block) + self._only(block)

    def _rows(self, block: Block) -> str:
        title = self._title(block)
        match block:
            case Rows():
                return f"{title} {self._in_period(block, block.on)}"
            case Sum():
                total, when = quoted(block.sum), self._in_period(block, block.on)
                return f"the total of {total} in {title} {when}"
            case Days():
                start, end = (_being(name) for name in block.days)
                when = self._in_period(block, block.on)
                return f"the days from {start} to {end}, added up over {title} {when}"
            case People():
                who = self._whose_key(block.people)
                return f"different {who} among {title} {self._in_period(block, block.on)}"
            case DaysInside():
                start = _being(block.from_)
                ends = _either([_being(name) for name in block.until])
                return (
                    f"the nights from {start} to {ends} that fall inside the {self.period}, added"
                    f" up over {title}; what has not ended goes on to the {self.period}'s end"
                )
            case Open():
                so_long = f", for at least {_days(block.after_days)}" if block.after_days else ""
                return (
                    f"{title} open at the end of the {self.period}{so_long}: {_still_open(block)}"
                )
            case Level():
                total = quoted(block.level)
                return f"the total of {total} in {title} at the latest date in the {self.period}"
            case Submitted():
                said = f" ({block.words})" if block.words else ""
                if block.submitted == "numerator":
                    team = self.words.team
                    return f"the count that each {team} sent in for the {self.period}{said}"
                return f"what that is out of, as each {self.words.team} sent it in{said}"
        raise AssertionError(f"no words for {type(block).__name__}")

    def _quantile(self, block: Quantile) -> Iterator[str]:
        start, end = (_being(name) for name in block.days)
        rows = f"{self._title(block)} {self._in_period(block, block.on)}{self._only(block)}"
        is_median = block.at == Decimal("0.5")
        name = "median number of days" if is_median else f"{_centile(block.at)} of the days"
        yield f"Counted: the {name} from {start} to {end}, over {rows}."
        if is_median:
            yield (
                "At least half of them took that long or less; with an even number, it is the"
                " mean of the middle two."
            )
        else:
            yield (
                f"At least {_hundredths(block.at)}% of them took that long or less; it is never"
                " between two values, always the days of one of them."
            )
        if block.open_cases == "left out":
            yield f"Those with no date yet for {end} are left out."
        else:
            yield (
                f"Those with no date yet for {end} count as taking longer than all the others;"
                " where that leaves the answer open, there is no figure."
            )

    def _in_period(self, block: Block, on: str) -> str:
        column = self._column(block, on)
        if on == "month" or (column is not None and column.type == "month"):
            return f"for the {self.period}"
        verb = _participle(on)
        if verb is not None:
            return f"{verb} in the {self.period}"
        contract = self.contracts.get(block.table)
        if contract is not None and contract.date == on:
            return f"dated in the {self.period}"
        return f"whose {quoted(on)} date falls in the {self.period}"

    def _who(self, who: Who) -> str:
        ages = "" if set(who.age_bands) == set(AGE_BANDS) else f" aged {_ages(who.age_bands)}"
        sexes = ""
        if set(who.sex) != set(SEXES):
            sexes = f", recorded as {_either([SEX_WORDS[code] for code in who.sex])},"
        team = f"the {self.words.team}'s"
        places = {
            "registered": f"registered with {team} practices",
            "resident": f"living in {team} area",
        }
        return f"{self.words.people}{ages}{sexes} {places[who.basis]}"

    # Which rows --------------------------------------------------------------------------------

    def _only(self, block: Block) -> str:
        clauses = [self._condition(block.table, c) for c in block.where]
        for name, words in FELLOWS.items():
            clauses += [self._fellow(block, other, words) for other in getattr(block, name)]
        if not clauses:
            return ""
        return f", counting only those where {', and '.join(clauses)}; all others are left out"

    def _fellow(self, block: Block, other: Followed, words: tuple[str, str]) -> str:
        """Return what has to lie before or after a row, or must not."""
        there, side = words
        nearest, furthest = other.within_days
        away = _days(furthest) if nearest == furthest else f"{nearest} to {_days(furthest)}"
        title = self._title_of(other.table)
        same = _and([self._same(name) for name in other.same])
        another = "another of the " if other.table == block.table else "one of the "
        dated = f" (by {quoted(other.on)})"
        conditions = [self._condition(other.table, c) for c in other.where]
        only = f" where {' and '.join(conditions)}" if conditions else ""
        return f"{there} {another}{title}{dated} with the same {same}{only} {away} {side} it"

    def _same(self, column: str) -> str:
        return self.words.person if column == "person_key" else quoted(column)

    def _whose_key(self, column: str) -> str:
        return self.words.people if column == "person_key" else quoted(column)

    def _condition(self, table: str, condition: Condition) -> str:
        if condition.days is not None:
            return _days_between(condition)
        name = condition.column or ""
        if name == "age_band" and set(condition.in_ or (condition.is_,)) <= set(AGE_BANDS):
            ages = _ages([str(v) for v in condition.values])
            return f"the {self.words.person} is aged {ages}"
        subject = quoted(name)
        if condition.empty:
            column = self._column_of(table, name)
            meaning = f" ({column.blank_means})" if column and column.blank_means else ""
            return f"{subject} is blank{meaning}"
        if condition.not_empty:
            return f"{subject} is filled in"
        codes = _either(_values(condition.values))
        if condition.is_ is not None or condition.in_:
            return f"{subject} is {codes}"
        if condition.is_not is not None or condition.not_in:
            return f"{subject} is anything but {codes} (a blank counts)"
        return f"{subject} is {_between(condition.at_least, condition.at_most)}"

    # Whose, when and how -----------------------------------------------------------------------

    def _belonging(self) -> Iterator[str]:
        block = self.measure.quantile or self.measure.numerator
        if not isinstance(block, Population | PersonDays | Submitted):
            assert block is not None
            contract = self.contracts.get(block.table)
            column = contract.attribution.get(self.measure.attribution) if contract else None
            whose = BY_PRACTICE if column == "practice_code" else BELONGS[self.measure.attribution]
            yield f"Each belongs to {self._said(whose)}."

    def _when(self) -> Iterator[str]:
        one = f"There is one figure for each {self.period}"
        rolling = self.measure.rolling
        if rolling is not None:
            yield (
                f"Each figure covers {rolling} {self.period}s; there is one for every {self.period}"
                f" they can end with, and each shares {rolling - 1} {self.period}s with the one"
                " before, so a run of them says nothing."
            )
            if all(block.additive for block in self.measure.blocks):
                return
            one = "Each is"
        elif not all(block.additive for block in self.measure.blocks):
            one += ","
        if not all(block.additive for block in self.measure.blocks):
            words = self.words
            said = "averaged" if self.measure.quantile is not None else "added up"
            yield (
                f"{one} worked out anew for each {words.team}, each {words.locality} and the"
                f" partnership, never {said}."
            )
        elif isinstance(self.measure.numerator, Open | Level | Population):
            yield f"{one}, as things stood at its end; {self.period}s are never added up."
        else:
            yield f"{one}."

    def _parts(self) -> Iterator[str]:
        measure = self.measure
        if measure.split_by is not None:
            label = quoted(measure.split_by)
            if measure.whole:
                yield f"There is a figure for everything, and one for each {label}."
            else:
                yield (
                    f"There is a figure for each {label} and none for all together: their average"
                    " would mean nothing."
                )
        if measure.days_after:
            yield (
                f"It needs {_days(measure.days_after)} after the {self.period} to be complete;"
                " until then a figure is provisional."
            )
        if measure.days_before:
            yield (
                f"It looks back {_days(measure.days_before)}: the first figures, which cannot look"
                " back so far, are provisional."
            )
        if measure.needs_shared_key:
            yield (
                f"It joins what two organisations hold about one {self.words.person}: where they"
                " use no key in common, it cannot be counted."
            )

    def _shown(self) -> str:
        show = self.measure.show
        sentence = f"Shown as {self._said(SHOWN[show.as_])}"
        if show.also:
            sentence += f"; beside it, {_and([self._said(ALSO_SHOWN[a]) for a in show.also])}"
        return f"{sentence}."

    def _direction(self) -> str:
        measure = self.measure
        if measure.contested and measure.better != "neither":
            return (
                f"Officially {measure.better} is better; that is disputed, so no change is called"
                " better or worse."
            )
        if measure.contested:
            return "Which way is better is disputed, so no change is called better or worse."
        if measure.better == "neither":
            return "Neither higher nor lower is better in itself."
        return f"{measure.better.capitalize()} is better."

    # What the words mean -----------------------------------------------------------------------

    def _meanings(self) -> Iterator[str]:
        said: set[str] = set()
        for block in self.measure.blocks:
            for name in self._names_to_explain(block):
                meaning = self._meaning(block, name)
                if meaning and name not in said:
                    said.add(name)
                    yield meaning

    def _names_to_explain(self, block: Block) -> Iterator[str]:
        """Yield the columns whose name alone does not say enough: not plain verbs, months, ages."""
        yield from block.numbers
        for condition in block.where:
            yield from (n for n in (condition.column,) if n is not None and n != "age_band")
        contract = self.contracts.get(block.table)
        for name in block.dates:
            is_the_date = contract is not None and contract.date == name
            is_derived = name not in self.schema.contract_columns(block.table)
            if is_derived or (_participle(name) is None and not is_the_date):
                yield name

    def _meaning(self, block: Block, name: str) -> str | None:
        label = quoted(name, capital=True)
        column = self._column(block, name)
        if column is None:
            return None
        unit = f" ({column.unit})" if column.unit else ""
        text = column.words.rstrip(".")
        return f"{label}{unit}: {text[:1].lower()}{text[1:]}."


def quoted(column: str, *, capital: bool = False) -> str:
    """Return a column's name as a reader would write it, in quotation marks."""
    label = _label(column)
    return f"“{label[:1].upper() + label[1:] if capital else label}”"


def _label(column: str) -> str:
    parts = column.split("_")
    if len(parts) > 1 and parts[-1] in ("on", "at") and parts[0] != "as":
        parts = parts[:-1]
    return " ".join(ACRONYMS.get(part, part) for part in parts)


def _participle(column: str) -> str | None:
    """Return "received" for received_at; None where the column is no such verb."""
    label = _label(column)
    if label == column:
        return None
    *before, verb = label.split(" ")
    is_verb = verb.endswith("ed") or verb in PARTICIPLES
    return label if is_verb and verb not in NOT_PARTICIPLES and before in ([], ["first"]) else None


def _being(column: str) -> str:
    verb = _participle(column)
    return f"being {verb}" if verb else f"the {quoted(column)} date"


def _still_open(block: Open) -> str:
    opens = _participle(block.from_) or f"with a {quoted(block.from_)} date"
    dates = [name for name in block.until if _participle(name) is None]
    verbs = [verb for name in block.until if (verb := _participle(name)) is not None]
    absent = [NOT_YET.get(name, f"no {quoted(name)} date") for name in dates]
    if verbs:
        absent.append(f"neither {' nor '.join(verbs)}" if len(verbs) > 1 else f"not {verbs[0]}")
    link = ", with" if dates else " and"
    return f"{opens} on or before its last day{link} {_and(absent)} by then"


def _days_between(condition: Condition) -> str:
    assert condition.days is not None
    since, verb = _being(condition.days[0]), _participle(condition.days[1])
    least, most = condition.at_least, condition.at_most
    event = f"they were {verb}" if verb else f"the {quoted(condition.days[1])} date came"
    if most is None:
        if least == 0:
            event = f"they were not {verb}" if verb else f"{_being(condition.days[1])} is not"
            return f"{event} before {since}"
        return f"{event} at least {_days(least)} after {since}"
    if least is None:
        return f"{event} at most {_days(most)} after {since}, or before it"
    return f"{event} {least} to {_days(most)} after {since}"


def _days(number: Any) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _between(least: Any, most: Any) -> str:
    dated = isinstance(least or most, datetime.date)
    if most is None:
        return f"{_value(least)} or {'later' if dated else 'more'}"
    if least is None:
        return f"{_value(most)} or {'earlier' if dated else 'less'}"
    return f"from {_value(least)} to {_value(most)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, int | Decimal):
        return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    # A short name is read aloud as words.
    return str(value).replace("_", " ")


def _values(values: Iterable[Any]) -> list[str]:
    texts = [_value(value) for value in values]
    # A code with a comma or an "or" in it would run into its neighbours.
    return [f"“{text}”" if " or " in text or "," in text else text for text in texts]


def _either(texts: Sequence[str]) -> str:
    return _listed(texts, "or")


def _and(texts: Sequence[str]) -> str:
    return _listed(texts, "and")


def _listed(texts: Sequence[str], last: str) -> str:
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}"


def _ages(bands: Iterable[str]) -> str:
    """Return age bands in words, neighbours together: "18 or over", "under 18 or 65 to 74"."""
    wanted = set(bands)
    runs: list[list[str]] = []
    for before, band in zip((None, *AGE_BANDS), AGE_BANDS, strict=False):
        if band not in wanted:
            continue
        if before in wanted:
            runs[-1].append(band)
        else:
            runs.append([band])
    return _either([_age_run(run[0], run[-1]) for run in runs])


def _age_run(first: str, last: str) -> str:
    youngest, oldest = first.rstrip("+").split("-")[0], last.rstrip("+").split("-")[-1]
    if last.endswith("+"):
        return "0 or over" if first == AGE_BANDS[0] else f"{youngest} or over"
    if first == AGE_BANDS[0]:
        return f"under {int(oldest) + 1}"
    return f"{youngest} to {oldest}"


def _centile(at: Decimal) -> str:
    number = _hundredths(at)
    if "." in number or number[-2:] in ("11", "12", "13"):
        return f"{number}th centile"
    return f"{number}{ORDINALS.get(number[-1], 'th')} centile"


def _hundredths(at: Decimal) -> str:
    return f"{(at * 100).normalize():f}"
