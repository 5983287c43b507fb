"""Reading codes, names and yes or no."""

import re

from data.code_lists import CodeList
from data.contract import Column
from data.distinct import Notes
from data.identifiers import looks_like_somebody, masked
from data.lists import Codes, Lists, same_code

TRUE = frozenset({"true", "t", "yes", "y", "1"})
FALSE = frozenset({"false", "f", "no", "n", "0"})
_WHOLE_NUMBER = re.compile(r"([0-9]{1,9})(?:\.0+)?", re.ASCII)
_UNKNOWN_SHOWN = 5
# An ICD-10 code with or without its dot, a filling X or -, and the dagger, asterisk or D and A
# by which systems mark which of two codes is the disease and which its manifestation.
_ICD10 = re.compile(r"([A-Z][0-9]{2})([0-9]?)[0-9]*[X-]*[DA†*]?", re.ASCII)


def read_texts(column: Column, texts: list[str], lists: Lists, notes: Notes) -> list[str | None]:
    """Return each text in the spelling of the list it belongs to; None where it is blank."""
    if column.allowed:
        find = _Allowed(column, notes)
        read = [find.code(at, text) if text else None for at, text in enumerate(texts)]
        find.tell_what_was_unknown(texts)
        return read
    if column.shape == "icd10":
        return [_icd10(at, text, notes) if text else None for at, text in enumerate(texts)]
    looked_up = column.list_looked_up
    if looked_up is not None:
        known = lists.of(*looked_up) or Codes()
        return [_spelt(at, text, known, notes) if text else None for at, text in enumerate(texts)]
    referred = column.list_referred_to
    listed = lists.of(*referred) if referred else None
    if referred is None or listed is None:
        return [text or None for text in texts]
    find = _Listed(referred[0], listed, lists, notes)
    return [find.code(at, text) if text else None for at, text in enumerate(texts)]


class _Allowed:
    """Finds codes among those that a contract allows: the code itself, then what it is called.

    Only what is no code and no other way of writing one is a number, or unknown.
    """

    def __init__(self, column: Column, notes: Notes) -> None:
        self.column, self.notes = column, notes
        self.allowed = Codes.of(column.allowed)
        self.unknown: list[int] = []

    def code(self, at: int, text: str) -> str | None:
        code = self.allowed.find(text)
        if code is not None:
            if code != text:
                self.notes.fixed("code_spelling", at)
            return code
        codes = self.column.codes
        return self._meant(at, text, codes) if codes else self._not_allowed(at)

    def _meant(self, at: int, text: str, codes: CodeList) -> str | None:
        meant = codes.also.get(same_code(text))
        if meant is not None:
            self.notes.fixed("code_other_words", at)
            return meant
        whole = _WHOLE_NUMBER.fullmatch(text)
        # A spreadsheet may have made a number of a code, and put .0 behind it.
        meant = self.allowed.find(whole[1]) if whole else None
        if meant is not None:
            self.notes.fixed("code_spelling", at)
            return meant
        meant = codes.of_number(int(whole[1])) if whole else None
        if meant is not None:
            self.notes.fixed("number_as_code", at)
            return meant
        if codes.otherwise is None:
            return self._not_allowed(at)
        self.unknown.append(at)
        self.notes.fixed("code_not_mapped", at)
        return codes.otherwise

    def _not_allowed(self, at: int) -> None:
        codes = ", ".join(self.column.allowed)
        message = f"{{}} is not one of the codes: {codes}. Use one of them."
        self.notes.fault(at, "code_not_allowed", message)

    def tell_what_was_unknown(self, texts: list[str]) -> None:
        """Say which values are in no list, the commonest first; those of people are masked."""
        codes, times = self.column.codes, self.notes.distinct.times
        if not self.unknown or codes is None:
            return
        commonest = sorted(self.unknown, key=lambda at: (-times[at], texts[at]))
        listed = [f"{_to_show(texts[at])} ({times[at]:,})" for at in commonest[:_UNKNOWN_SHOWN]]
        more = len(commonest) - _UNKNOWN_SHOWN
        also = f" and {more} more" if more > 0 else ""
        self.notes.warnings.append(
            f"{self.column.name}: {', '.join(listed)}{also} are in no list and were read as"
            f" {codes.otherwise}. Add them to the list {codes.name} if they mean one of its codes."
        )


def _to_show(text: str) -> str:
    shown = masked(text) if looks_like_somebody(text) else text
    return f'"{shown[:40]}…"' if len(shown) > 40 else f'"{shown}"'


def _icd10(at: int, text: str, notes: Notes) -> str | None:
    written = "".join(text.upper().replace(".", "").split())
    parts = _ICD10.fullmatch(written)
    if parts is None:
        message = "{} is no diagnosis code of ICD-10, such as I50.0 or I500. Correct it."
        notes.fault(at, "not_icd10", message)
        return None
    code = parts[1] + parts[2]
    if code != text:
        notes.fixed("icd10_shape", at)
    return code


def _spelt(at: int, text: str, known: Codes, notes: Notes) -> str:
    """Return a code in the spelling of the list in which it should be, or as it is."""
    code = known.find(text)
    if code is not None and code != text:
        notes.fixed("code_spelling", at)
    return code or text


class _Listed:
    """Finds codes in a list that the partnership keeps."""

    def __init__(self, table: str, listed: Codes, lists: Lists, notes: Notes) -> None:
        self.table, self.listed, self.lists, self.notes = table, listed, lists, notes

    def code(self, at: int, text: str) -> str | None:
        code = self.listed.find(text)
        if code is not None:
            if code != text:
                self.notes.fixed("code_spelling", at)
            return code
        meant = self.lists.team_meant(text) if self.table == "team" else None
        if meant is not None:
            self.notes.fixed("team_alias", at)
            return meant
        also = " or to the list of other spellings (team_alias)" if self.table == "team" else ""
        message = (
            f"{{}} is not in the list of {self.table} codes. Correct it, or add it to the"
            f" list{also}, and load the file again."
        )
        self.notes.fault(at, f"unknown_{self.table}", message)
        return None


def read_yes_or_no(texts: list[str], notes: Notes) -> list[bool | None]:
    """Return each text as true or false; None where it is blank or neither."""
    read: list[bool | None] = []
    for at, text in enumerate(texts):
        said = text.casefold()
        read.append(said in TRUE if said in TRUE or said in FALSE else None)
        if text and read[-1] is None:
            notes.fault(at, "not_yes_or_no", "{} is neither yes nor no. Write one of them.")
    return read
