"""Reading codes, names and yes or no."""

from data.contract import Column
from data.distinct import Notes
from data.lists import Codes, Lists

TRUE = frozenset({"true", "t", "yes", "y", "1"})
FALSE = frozenset({"false", "f", "no", "n", "0"})


def read_texts(column: Column, texts: list[str], lists: Lists, notes: Notes) -> list[str | None]:
    """Return each text in the spelling of the list it belongs to; None where it is blank."""
    if column.allowed:
        allowed = Codes.of(column.allowed)
        return [
            _allowed(column, at, t, allowed, notes) if t else None for at, t in enumerate(texts)
        ]
    referred = column.list_referred_to
    listed = lists.of(*referred) if referred else None
    if referred is None or listed is None:
        return [text or None for text in texts]
    find = _Listed(referred[0], listed, lists, notes)
    return [find.code(at, text) if text else None for at, text in enumerate(texts)]


def _allowed(column: Column, at: int, text: str, allowed: Codes, notes: Notes) -> str | None:
    code = allowed.find(text)
    if code is None:
        codes = ", ".join(column.allowed)
        message = f"{{}} is not one of the codes: {codes}. Use one of them."
        notes.fault(at, "code_not_allowed", message)
    elif code != text:
        notes.fixed("code_spelling", at)
    return code


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
