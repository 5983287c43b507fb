"""Dirty files, as real exports are dirty: what is wrong with each, and what is to be said of it.

They are written for people and tests to try loading on, and never loaded by themselves. Numbers
that look like NHS numbers are from the range 999, which is kept for tests.
"""

import datetime
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import openpyxl

from data.demo.places import TEAMS, practices

Outcome = Literal["accepted", "accepted_with_held_rows", "refused"]
FOLDER = "spoiled"
_TEAM_IDS = [team.team_id for team in TEAMS]


@dataclass(frozen=True)
class Spoiled:
    """One dirty file.

    Attributes:
        name: Its name.
        quirk: The number of the quirk in the list of those that real exports have; None: another.
        wrong: What is wrong with it, in words.
        outcome: What becomes of it.
        held: How many rows are held back.
        rule: The rule by which it is refused or rows are held; '' where none is.
        noted: The fixes and the rows left out that are counted, by rule.
        write: Makes its bytes.
        table: What to say with `--as`, where the file leaves it open; '' where it does not.
    """

    name: str
    quirk: int | None
    wrong: str
    outcome: Outcome
    write: Callable[[], bytes]
    held: int = 0
    rule: str = ""
    noted: tuple[tuple[str, int], ...] = ()
    table: str = ""

    @property
    def said(self) -> str:
        """Return in words what the program says of it."""
        if self.outcome == "refused":
            return f"refused: `{self.rule}`"
        said = "accepted" if self.outcome == "accepted" else f"{self.held} held: `{self.rule}`"
        noted = ", ".join(f"{count} `{rule}`" for rule, count in self.noted)
        said = f"{said}; counted: {noted}" if noted else said
        return f"with `--as {self.table}`, {said}" if self.table else said


def write_spoiled(folder: Path) -> list[Path]:
    """Write the dirty files and a README that says of each what is wrong and what comes of it.

    Files that are there already stay as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for spoiled in SPOILED:
        path = folder / spoiled.name
        if not path.exists():
            path.write_bytes(spoiled.write())
        written.append(path)
    (folder / "README.md").write_text(readme(), encoding="utf-8", newline="\n")
    return written


def readme() -> str:
    """Return the README of the folder."""
    lines = [
        "# Spoiled files",
        "",
        "Each file here is dirty in one way, as files from real systems are. Nothing in them is",
        "real, and nothing here is loaded unless you ask for it:",
        "`python -m data check --home HOME FILE` says what would become of one.",
        "",
        "| file | what is wrong | what the program says |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{each.name}` | {each.wrong} | {each.said} |" for each in SPOILED]
    return "\n".join([*lines, ""])


def _text(rows: Iterable[str], encoding: str = "utf-8") -> bytes:
    return ("\r\n".join(rows) + "\r\n").encode(encoding)


_REFERRAL = "referral_id,team_id,sector,received_at,first_contact_on,closed_on"
_SPELL = "spell_id,practice_code,admitted_on,discharged_on,admission_method,age_band"
_COUNTS = "team_id,month,measure_id,numerator,denominator"
_PRACTICE = practices(TEAMS[0])[0][0]


def _days(count: int = 60, first: datetime.date = datetime.date(2025, 4, 1)) -> list[datetime.date]:
    return [first + datetime.timedelta(days=3 * place) for place in range(count)]


def _referrals(
    *changed: str, day: str = "%Y-%m-%d", header: str = _REFERRAL, team: str = ""
) -> list[str]:
    """Return a file of 60 referrals, the first ones changed."""
    rows = [
        f"sp{place:04d},{team or _TEAM_IDS[place % 12]},health,{received.strftime(day)},"
        f"{(received + datetime.timedelta(days=9)).strftime(day)},"
        f"{(received + datetime.timedelta(days=30)).strftime(day)}"
        for place, received in enumerate(_days())
    ]
    rows[: len(changed)] = changed
    return [header, *rows]


def _counts(*changed: str) -> list[str]:
    rows = [f"{team},2025-06,W03,{20 + place},540" for place, team in enumerate(_TEAM_IDS)]
    rows[: len(changed)] = changed
    return [_COUNTS, *rows]


def _spells(*changed: str) -> list[str]:
    rows = [
        f"sps{place:03d},{_PRACTICE},{day},{day + datetime.timedelta(days=4)},21,75-84"
        for place, day in enumerate(_days(40))
    ]
    rows[: len(changed)] = changed
    return [_SPELL, *rows]


def _with_column(rows: list[str], name: str, cells: Callable[[int], str]) -> list[str]:
    header, *others = rows
    return [f"{header},{name}", *(f"{row},{cells(place)}" for place, row in enumerate(others))]


def _nhs_numbers() -> list[str]:
    """Return numbers of the range for tests that pass the check of the last digit."""
    numbers, base = [], 999_000_000
    while len(numbers) < 60:
        base += 17
        total = sum(int(d) * w for d, w in zip(str(base), range(10, 1, -1), strict=True))
        check = (11 - total % 11) % 11
        if check != 10:
            numbers.append(f"{base}{check}")
    return numbers


def _workbook(rows: list[list[str | int]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    # The same bytes on any day.
    book.properties.created = book.properties.modified = datetime.datetime(2026, 4, 1)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


SPOILED = (
    Spoiled(
        "nhs_numbers.csv", 26, "a column holds NHS numbers (of the range kept for tests)",
        "refused",
        lambda: _text(_with_column(_referrals(), "case_ref", lambda n: _nhs_numbers()[n])),
        rule="identifier_values",
    ),
    Spoiled(
        "nhs_number_header.csv", 26, "a column is called NHS Number, whatever is in it",
        "refused", lambda: _text(_with_column(_referrals(), "NHS Number", lambda _: "")),
        rule="identifier_header",
    ),
    Spoiled(
        "names_and_postcodes.csv", 27, "a column is called Postcode",
        "refused", lambda: _text(_with_column(_referrals(), "Postcode", lambda _: "ZZ99 3WZ")),
        rule="identifier_header",
    ),
    Spoiled(
        "swapped_months.csv", 2,
        "a spreadsheet read some days as months: dates of one column are written in two ways",
        "refused",
        lambda: _text(_referrals(*[
            f"sp{n:04d},N1,health,{n % 12 + 1:02d}/25/2025,," for n in range(30)
        ], day="%d/%m/%Y")),
        rule="mixed_dates",
    ),
    Spoiled(
        "days_or_months.csv", 1, "no day is above 12, so nobody can tell days from months",
        "refused",
        lambda: _text([_REFERRAL, *(
            f"sp{n:04d},N1,health,{n % 12 + 1:02d}/{n % 11 + 1:02d}/2025,," for n in range(40)
        )]),
        rule="ambiguous_dates",
    ),
    Spoiled(
        "days_in_words.csv", 1, "days are written as 01-Apr-25",
        "accepted", lambda: _text(_referrals(day="%d-%b-%y")),
    ),
    Spoiled(
        "placeholder_dates.csv", 4, "31/12/9999 and 01/01/1900 stand for no date",
        "accepted",
        lambda: _text(_referrals(
            "sp0000,N1,health,01/04/2025,31/12/9999,", "sp0001,N2,health,02/04/2025,01/01/1900,",
            day="%d/%m/%Y",
        )),
        noted=(("placeholder_date", 2),),
    ),
    Spoiled(
        "discharged_before_admitted.csv", 5, "two people left hospital before they came in",
        "accepted_with_held_rows",
        lambda: _text(_spells(
            f"sps000,{_PRACTICE},2025-04-09,2025-04-01,21,75-84",
            f"sps001,{_PRACTICE},2025-05-09,2025-05-01,21,75-84",
        )),
        held=2, rule="discharged_before_admitted",
    ),
    Spoiled(
        "closed_before_received.csv", 5, "a referral was closed before it was received",
        "accepted_with_held_rows",
        lambda: _text(_referrals("sp0000,N1,health,2025-04-09,,2025-04-01")),
        held=1, rule="closed_before_received",
    ),
    Spoiled(
        "from_the_future.csv", 6, "a referral was received in 2099",
        "accepted_with_held_rows",
        lambda: _text(_referrals("sp0000,N1,health,2099-04-09,,")),
        held=1, rule="future_date",
    ),
    Spoiled(
        "still_open.csv", 8, "nothing: half of the referrals have no end, and are the waiting list",
        "accepted",
        lambda: _text(_referrals(*[f"sp{n:04d},N1,health,2025-04-09,," for n in range(30)])),
    ),
    Spoiled(
        "sent_twice.csv", 10, "five rows are there twice",
        "accepted", lambda: _text([*_referrals(), *_referrals()[1:6]]),
        noted=(("duplicate_row", 5),),
    ),
    Spoiled(
        "one_key_two_stories.csv", 11, "one referral is there twice, and the rows disagree",
        "accepted_with_held_rows",
        lambda: _text([*_referrals(), "sp0003,N4,health,2025-04-10,2025-04-12,"]),
        held=2, rule="same_key_twice",
    ),
    Spoiled(
        "team_spellings.csv", 15, "team codes in small letters, with spaces, and other spellings",
        "accepted",
        lambda: _text(_referrals(
            "sp0000,n1 ,health,2025-04-09,,", "sp0001, N2,health,2025-04-09,,",
            "sp0002,NBHD-N3,health,2025-04-09,,", "sp0003,north 4 int,health,2025-04-09,,",
        )),
        noted=(("team_alias", 2),),
    ),
    Spoiled(
        "closed_team.csv", 16, "a team that does not exist any more, and is in no list",
        "accepted_with_held_rows",
        lambda: _text(_referrals("sp0000,N9,health,2025-04-09,,")),
        held=1, rule="unknown_team",
    ),
    Spoiled(
        "blank_words.csv", 19, "NULL, N/A and a dash stand for blanks",
        "accepted",
        lambda: _text(_referrals(
            "sp0000,N1,health,2025-04-09,NULL,N/A", "sp0001,N1,health,2025-04-09,-, ",
        )),
        noted=(("blank_word", 3),),
    ),
    Spoiled(
        "hidden_small_numbers.csv", 20, "small counts are hidden as <5 and *",
        "accepted",
        lambda: _text(_counts("N1,2025-06,W03,<5,540", "N2,2025-06,W03,*,540")),
        noted=(("suppressed_mark", 2),),
    ),
    Spoiled(
        "thousands.csv", 21, "numbers have commas between thousands",
        "accepted", lambda: _text(_counts('N1,2025-06,W03,"1,204","5,400"')),
        noted=(("thousands_comma", 2),),
    ),
    Spoiled(
        "trailing_total.csv", 23, "a row of totals stands under the data",
        "accepted", lambda: _text([*_counts(), "Total,,,306,6480"]),
        noted=(("total_row", 1),),
    ),
    Spoiled(
        "title_above.csv", 23, "a title stands above the column names, and a source below the data",
        "accepted",
        lambda: _text(["Monthly counts for June,,,,", ",,,,", *_counts(), "Source: a tally,,,,"]),
        noted=(("footer", 1),),
    ),
    Spoiled(
        "title_above.xlsx", 23, "the same as a workbook",
        "accepted",
        lambda: _workbook([
            ["Monthly counts for June"], [],
            list(_COUNTS.split(",")),
            *([team, "2025-06", "W03", 20, 540] for team in _TEAM_IDS),
        ]),
    ),
    Spoiled(
        "windows_semicolons.csv", 24, "the characters are Windows-1252 and the cells end at ;",
        "accepted",
        lambda: _text(
            [row.replace(",", ";") for row in _with_column(
                _counts(), "note", lambda n: "the team’s own tally" if n == 0 else ""
            )],
            "cp1252",
        ),
    ),
    Spoiled(
        "byte_order_mark.csv", 24, "the file begins with a byte order mark",
        "accepted", lambda: _text(_referrals(), "utf-8-sig"),
    ),
    Spoiled(
        "digits_lost.csv", 25, "a spreadsheet turned long numbers into 9.43E+09",
        "refused",
        lambda: _text(_referrals(*[f"9.4347{n}E+11,N1,health,2025-04-09,," for n in range(3)])),
        rule="digits_lost",
    ),
    Spoiled(
        "duty_desk.csv", 32, "cases are given to DUTY and TBC, who are nobody",
        "accepted",
        lambda: _text([
            "referral_id,team_id,sector,received_at,allocated_on,allocated_to_key",
            *(f"sp{n:04d},S4,health,2025-04-09,2025-04-10,{'DUTY' if n % 2 else 'TBC'}"
              for n in range(20)),
        ]),
    ),
    Spoiled(
        "hours_for_posts.csv", 33, "hours (37.5) stand where full-time equivalents belong",
        "accepted_with_held_rows",
        lambda: _text([
            "team_id,month,employer,profession_id,in_post_fte,headcount",
            "N1,2025-06,NHS,district_nurse,37.5,7",
            *(f"{team},2025-06,NHS,district_nurse,5.4,7" for team in _TEAM_IDS[1:]),
        ]),
        held=1, rule="hours_for_fte",
    ),
    Spoiled(
        "more_lost_than_there_were.csv", 34, "more days lost to sickness than there were",
        "accepted_with_held_rows",
        lambda: _text([
            "team_id,month,employer,fte_days_lost,fte_days_available",
            "N1,2025-06,NHS,640,600",
            *(f"{team},2025-06,NHS,31,600" for team in _TEAM_IDS[1:]),
        ]),
        held=1, rule="lost_more_than_available",
    ),
    Spoiled(
        "working_days.csv", 35, "the council counts working days, which are made calendar days",
        "accepted",
        lambda: _text([
            "team_id,month,employer,fte_days_lost,fte_days_available,basis",
            *(f"{team},2025-06,council,14,260,working" for team in _TEAM_IDS),
        ]),
    ),
    Spoiled(
        "swallowed_rows.csv", None, "a quotation mark is opened and not closed",
        "refused", lambda: _text([*_referrals(), 'sp0099,N1,"health,2025-04-09,,']),
        rule="damaged_row",
    ),
    Spoiled(
        "formulas.csv", 40, "cells of free text begin with = and @, as formulas do",
        "accepted",
        lambda: _text(_with_column(
            _counts(), "note", lambda n: '"=1+1"' if n == 0 else "@SUM(A1)" if n == 1 else ""
        )),
    ),
    Spoiled(
        "months_two_ways.csv", 1, "months are written as Jun-25 and as 2025-06 in one column",
        "accepted_with_held_rows",
        lambda: _text(_counts(*[f"{team},Jun-25,W03,20,540" for team in _TEAM_IDS[:3]])),
        held=3, rule="not_a_month",
    ),
    Spoiled(
        "midnight.csv", 3, "every time is midnight: the system gave days and no times",
        "accepted",
        lambda: _text(_referrals(*[
            f"sp{n:04d},N1,health,{day:%Y-%m-%d} 00:00:00,," for n, day in enumerate(_days())
        ])),
    ),
    Spoiled(
        "joint_visit_twice.csv", 14, "two workers each recorded the same joint visit",
        "accepted",
        lambda: _text([
            "contact_id,person_key,team_id,profession_id,started_at,mechanism,attended",
            *(f"spc{n}a,psp{n:04d},N1,district_nurse,2025-04-09 10:00,face to face home,5"
              for n in range(10)),
            *(f"spc{n}b,psp{n:04d},N1,social_worker,2025-04-09 10:05,face to face home,5"
              for n in range(10)),
        ]),
    ),
    Spoiled(
        "practice_not_known.csv", 17, "a practice is in no team: the stay counts nowhere",
        "accepted",
        lambda: _text(_spells("sps000,Z98888,2025-04-09,2025-04-12,21,75-84")),
    ),
    Spoiled(
        "no_practice.csv", 18, "V81997 and V81999 stand for no practice and for an unknown one",
        "accepted",
        lambda: _text(_spells(
            "sps000,V81997,2025-04-09,2025-04-12,21,75-84",
            "sps001,V81999,2025-04-09,2025-04-12,21,75-84",
        )),
    ),
    Spoiled(
        "labels.csv", 29, "kinds of assessment are written in words of their own",
        "accepted",
        lambda: _text([
            "assessment_id,person_key,team_id,type,started_on,ended_on",
            *(f"spe{n},psp{n:04d},N1,{kind},2025-04-09,2025-04-20" for n, kind in enumerate(
                ("Long term", "long term", "LONG  TERM"))),
        ]),
        noted=(("code_spelling", 2),),
    ),
    Spoiled(
        "diagnosis_codes.csv", 31, "diagnoses are written with dots, dashes and daggers",
        "accepted",
        lambda: _text(_with_column(_spells(), "primary_icd10", lambda n: (
            "I50.0", "I500", "I50X", "I50-", "I50.0D")[n % 5])),
    ),
    Spoiled(
        "another_table.csv", None, "no table has these columns",
        "refused", lambda: _text(["shop,price,weight", "a,1,2", "b,3,4"]),
        rule="unknown_table",
    ),
    Spoiled(
        "comments.csv", None, "free text is read only where you ask for it",
        "refused", lambda: _text(["team_id,month,text", "N1,2025-06,They listened."]),
        rule="only_if_named",
    ),
    Spoiled(
        "comment_with_an_address.csv", None, "a comment says somebody's e-mail address",
        "accepted_with_held_rows",
        lambda: _text([
            "team_id,month,text", "N1,2025-06,They listened.",
            "N1,2025-06,Write to a.person@example.org please.",
        ]),
        held=1, rule="identifier_in_text", table="comment",
    ),
    Spoiled(
        "duplicate_submission.csv", 11,
        "a team sent the counts of one month twice in one file, with different numbers",
        "accepted_with_held_rows",
        lambda: _text([*_counts(), "N1,2025-06,W03,44,540"]),
        held=2, rule="same_key_twice",
    ),
)  # fmt: skip
