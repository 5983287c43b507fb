"""Does a file say who anybody is? Judged by column, before anything of the file is kept.

One cell proves nothing: of random ten-digit numbers 9% pass the check of NHS numbers. So a column
is judged by its name, and by the share of its cells that look like an identifier.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.distinct import Distinct
from data.recipe import plain_name
from data.report import Problem

# At least half of at least ten different ten-digit numbers: by chance once in a thousand columns
# of ten, and three times in a million of twenty. Of fewer, all must pass, and four at least.
NHS_SHARE, NHS_SEEN, NHS_FEWEST = 0.5, 10, 4
# Postcodes, telephone and National Insurance numbers: half of the cells, and three at least.
PATTERN_SHARE, PATTERN_SEEN = 0.5, 3
# Dates of birth lie in the past and far apart: 80% before 2021, the middle 80% over 20 years.
BIRTH_SHARE, BIRTH_SPREAD_YEARS, LAST_BIRTH_YEAR = 0.8, 20, 2020
# Sentences where codes belong: more than half of the cells, all different, and 20 at least.
SENTENCES_SHARE, SENTENCES_SEEN = 0.5, 20
TEXTS_JUDGED = 10_000

# Where a practice or a team is says nothing about a person.
_OF_AN_ORGANISATION = re.compile(
    r"(?:(?:gp_)?practice|surgery|provider|hospital|trust|site|team|locality|ward|clinic|base"
    r"|organi[sz]ation|org|office|partnership|icb|neighbourhood)_.*"
)
_EXCUSED = frozenset({"addresses", "postcodes", "e-mail addresses", "telephone numbers"})
_NUMBER_WORD = r"_?(?:no|num|number|identifier)"
# Names of columns, as `plain_name` writes them, and what such a column holds.
_HEADERS = (
    (
        "NHS numbers",
        rf"(?!.*status)(?:(?:.*_)?nhs(?:{_NUMBER_WORD}|_id)(?:_.*)?|nhs|chi(?:{_NUMBER_WORD})?"
        rf"|h_?(?:and_)?_?c{_NUMBER_WORD})",
    ),
    ("dates of birth", r"(?:.*_)?(?:dob|d_o_b|date_of_birth|birth_?date|birthday)(?:_.*)?"),
    (
        "names",
        r"name|(?:.*_)?(?:sur|fore|given_?|family_?|first_?|last_?|middle_?|full_?|maiden_?)names?"
        r"|(?:.*_)?(?:patient|client|person|people|user|citizen|resident|customer|carer|staff"
        r"|worker|employee|practitioner|clinician|consultant|nurse|gp|doctor|manager|next_of_kin"
        r"|nok)s?_?(?:full_)?names?|(?:.*_)?names?_of_(?:patient|person|client|user|staff|worker)",
    ),
    ("e-mail addresses", r"(?:.*_)?e_?mail(?:_address)?"),
    ("addresses", r"(?:.*_)?address(?:_?(?:line)?_?[0-9]?)?|street|house_(?:no|number|name)|uprn"),
    ("postcodes", r"(?:.*_)?(?:post_?code|postal_code|zip_?code)s?"),
    ("telephone numbers", rf"(?:.*_)?(?:(?:tele)?phone|mobile|tel)(?:{_NUMBER_WORD}|_phone)?"),
    ("National Insurance numbers", rf"ni(?:{_NUMBER_WORD})?|nino|national_insurance(?:_.*)?"),
    (
        "numbers of staff or patients",
        rf"(?:staff|employee|payroll|assignment|esr|hospital|local_patient|patient|mrn|pas)"
        rf"{_NUMBER_WORD}|mrn|payroll|employee_id",
    ),
)
_NHS = re.compile(r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}")
_NHS_AS_PRINTED = re.compile(r"[0-9]{3}[ -][0-9]{3}[ -][0-9]{4}")
# Bounded, as addresses are: a text of many letters would else be gone through again from each.
_EMAIL = re.compile(r"[^\s@,;]{1,64}@[^\s@,;]{1,255}\.[A-Za-z]{2,}")
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", re.IGNORECASE)
_INSURANCE = re.compile(
    r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:[0-9]{2} ?){3}[A-D]", re.IGNORECASE
)
_TELEPHONE = re.compile(r"(?:\+44|0044|0)\s?(?:\(0\)\s?)?[1237](?:[\s-]?[0-9]){8,9}")
_PERSON = re.compile(
    r"(?:M[Rr]|M[Rr][Ss]|M[Ss]|Miss|MISS|D[Rr]|Prof)\.? [A-Z].*"
    r"|[A-Z][\w'-]+, ?[A-Z][\w'-]+(?: [A-Z]\w*)?"
)
_DAY = re.compile(
    r"(?:(?P<y>[0-9]{4})[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|[0-9]{1,2}[-/. ](?:[0-9]{1,2}|[A-Za-z]{3,9})[-/. ](?P<z>[0-9]{4}))(?:[T ].*)?"
)
_SEVERAL_WORDS = re.compile(r"[^\W\d_][\w'-]+[,.]? +[^\W\d_][\w'-]+.*")
_IN_TEXT = re.compile(
    rf"(?<![0-9]){_NHS.pattern}(?![0-9])|{_EMAIL.pattern}"
    rf"|\b{_POSTCODE.pattern}\b|\b{_INSURANCE.pattern}\b"
    rf"|(?<![0-9]){_TELEPHONE.pattern}(?![0-9])"
    r"|\b(?-i:(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z][a-z]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Judged:
    """One column of a file.

    Attributes:
        name: The file's own name for it.
        known: It is a column of the contract, so dates in it are what they are said to be.
        may_be_named: A bare `name` is the name of a place, or a recipe knows what it is.
        holds_codes: It can hold codes and keys only, and no sentences.
    """

    name: str
    distinct: Distinct
    known: bool = False
    may_be_named: bool = False
    holds_codes: bool = False


def passes_nhs_check(text: str) -> bool:
    """Return whether ten digits, with spaces or hyphens as printed, pass the check digit.

    References:
        NHS Data Dictionary, NHS NUMBER: weights 10 to 2, modulus 11.
    """
    if not _NHS.fullmatch(text):
        return False
    digits = [int(digit) for digit in text if digit.isdigit()]
    total = sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False))
    return (11 - total % 11) % 11 == digits[9]


def find_identifiers(columns: Sequence[Judged]) -> list[Problem]:
    """Return one problem for each column that says who anybody is."""
    return [problem for column in columns if (problem := _judge(column)) is not None]


def names_somebody(text: str) -> bool:
    """Return whether free text seems to hold an identifier: one is enough, a person must look."""
    return any(
        not _NHS.fullmatch(found.group()) or passes_nhs_check(found.group())
        for found in _IN_TEXT.finditer(text)
    )


def looks_like_somebody(text: str) -> bool:
    """Return whether a short text seems to be a person, or to hold what says who one is."""
    return names_somebody(text) or bool(_PERSON.fullmatch(text))


def masked(text: str) -> str:
    """Return enough of a value to find it by, and not enough to read it."""
    if len(text) >= 8 and any(letter.isdigit() for letter in text):
        return f"{text[:2]}{'•' * (len(text) - 4)}{text[-2:]}"
    return f"{text[:1]}{'•' * max(len(text) - 1, 1)}"


def _judge(column: Judged) -> Problem | None:
    words = column.distinct.filled
    by_name = _by_header(column, words)
    if by_name is not None:
        example = [str(word) for word in words[:1]]
        says = f"is named like one of {by_name}"
        return _problem(column, "identifier_header", says, example, len(words))
    # A share needs no more than this many texts, spread over the file, to be known.
    step = max(1, len(words) // TEXTS_JUDGED)
    texts = words.take(pa.array(np.arange(0, len(words), step))).to_pylist()
    for what, look in _LOOKS:
        found = look(column, _with_an_at_sign(words) if look is _emails else texts)
        if found:
            says = f"seems to hold {what}"
            return _problem(column, "identifier_values", says, found, len(found))
    return None


def _with_an_at_sign(words: pa.StringArray) -> list[str]:
    options = pc.MatchSubstringOptions("@")
    return words.filter(pc.call_function("match_substring", [words], options)).to_pylist()


def _by_header(column: Judged, words: pa.StringArray) -> str | None:
    name = plain_name(column.name)
    if name == "name" and column.may_be_named:
        return None
    for what, pattern in _HEADERS:
        if not re.fullmatch(pattern, name):
            continue
        about_a_place = what in _EXCUSED and _OF_AN_ORGANISATION.fullmatch(name)
        # A count of answers given by telephone is not a telephone number.
        counts = what in _EXCUSED and len(words) and all(len(str(word)) <= 5 for word in words)
        if not about_a_place and not counts:
            return what
    return None


def _problem(column: Judged, rule: str, says: str, found: Sequence[str], different: int) -> Problem:
    example = f", such as {masked(found[0])}" if found else ""
    message = (
        f"This column {says} ({different} different values{example}). Nothing that says who"
        " somebody is may come in: delete the column where the file is made, put a keyed hash in"
        " its place if one is asked for, and send the file again."
    )
    return Problem(None, column.name, rule, message)


def _nhs_numbers(_: Judged, texts: Sequence[str]) -> list[str]:
    ten_digits = [text for text in texts if _NHS.fullmatch(text)]
    passing = [text for text in ten_digits if passes_nhs_check(text)]
    share = len(passing) / len(ten_digits) if ten_digits else 0
    as_printed = [text for text in passing if _NHS_AS_PRINTED.fullmatch(text)]
    if (len(ten_digits) >= NHS_SEEN and share >= NHS_SHARE) or (
        len(passing) >= NHS_FEWEST and share == 1
    ):
        return passing
    return as_printed if share >= NHS_SHARE else []


def _matching(pattern: re.Pattern[str]) -> Callable[[Judged, Sequence[str]], list[str]]:
    def look(_: Judged, texts: Sequence[str]) -> list[str]:
        found = [text for text in texts if pattern.fullmatch(text)]
        return found if len(found) >= max(PATTERN_SEEN, PATTERN_SHARE * len(texts)) else []

    return look


def _emails(_: Judged, texts: Sequence[str]) -> list[str]:
    return [text for text in texts if "@" in text and _EMAIL.fullmatch(text)]


def _postcodes(column: Judged, texts: Sequence[str]) -> list[str]:
    of_a_place = _OF_AN_ORGANISATION.fullmatch(plain_name(column.name))
    return [] if of_a_place else _matching(_POSTCODE)(column, texts)


def _people(column: Judged, texts: Sequence[str]) -> list[str]:
    return [] if column.may_be_named else _matching(_PERSON)(column, texts)


def _births(column: Judged, texts: Sequence[str]) -> list[str]:
    if column.known or column.may_be_named:
        return []
    days = [(text, found) for text in texts if (found := _DAY.fullmatch(text))]
    if len(days) < max(PATTERN_SEEN, BIRTH_SHARE * len(texts)):
        return []
    years = np.array([int(found["y"] or found["z"]) for _, found in days])
    past = (years >= 1900) & (years <= LAST_BIRTH_YEAR)
    spread = float(np.quantile(years, 0.9) - np.quantile(years, 0.1))
    if past.mean() < BIRTH_SHARE or spread < BIRTH_SPREAD_YEARS:
        return []
    return [text for text, _ in days]


def _sentences(column: Judged, texts: Sequence[str]) -> list[str]:
    if not column.holds_codes:
        return []
    found = [text for text in texts if _SEVERAL_WORDS.fullmatch(text)]
    if len(found) < SENTENCES_SEEN:
        return []
    # The texts may be a sample of the different ones, and each may be in many cells.
    different = len(column.distinct.filled)
    blank = column.distinct.among({""})
    cells = int(column.distinct.times[~blank].sum())
    return found if len(found) / len(texts) * different > SENTENCES_SHARE * cells else []


_LOOKS: tuple[tuple[str, Callable[[Judged, Sequence[str]], list[str]]], ...] = (
    ("NHS numbers", _nhs_numbers),
    ("e-mail addresses", _emails),
    ("National Insurance numbers", _matching(_INSURANCE)),
    ("postcodes", _postcodes),
    ("telephone numbers", _matching(_TELEPHONE)),
    ("names of people", _people),
    ("dates of birth", _births),
    ("sentences, in which people may be named", _sentences),
)
