"""Does a file say who anybody is? Judged by column, and never told in full.

All numbers here are the published example or of the range that is kept for tests, telephone numbers
are those kept for drama, and nobody lives at the addresses.
"""

from collections.abc import Callable, Iterable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.distinct import Distinct
from data.home import Home
from data.identifiers import Judged, find_identifiers, masked, names_somebody, passes_nhs_check
from data.report import Problem, Report
from data.sheet import encoded
from tests.data.sent_files import (
    COUNTS,
    PUBLISHED_NHS_NUMBER,
    counts,
    in_columns,
    numbers_for_tests,
    places,
    rules,
)

Take = Callable[..., Report]
PASSING = numbers_for_tests(40)
FAILING = [f"{number[:9]}{(int(number[9]) + 1) % 10}" for number in PASSING]


def judge(name: str, cells: Iterable[str], **said: bool) -> Problem | None:
    """Return what is said of one column, or None where it says nothing of anybody."""
    distinct = Distinct.of(encoded(pa.array(list(cells), pa.string())))
    found = find_identifiers([Judged(name, distinct, **said)])
    return found[0] if found else None


# ---------------------------------------------------------------- NHS numbers


@pytest.mark.parametrize("number", [PUBLISHED_NHS_NUMBER, "943-476-5919", "9434765919", *PASSING])
def test_numbers_with_the_right_check_digit_pass(number: str) -> None:
    assert passes_nhs_check(number)


@pytest.mark.parametrize("number", [*FAILING, "9434765918", "943476591", "94347659190", "abc", ""])
def test_other_numbers_do_not_pass(number: str) -> None:
    assert not passes_nhs_check(number)


def test_a_number_whose_check_digit_would_be_ten_never_passes() -> None:
    first_nine = "999000014"

    assert not any(passes_nhs_check(f"{first_nine}{digit}") for digit in range(10))


SHARES = {
    "ten of ten": (PASSING[:10], True),
    "half of twenty": ([*PASSING[:10], *FAILING[:10]], True),
    "fewer than half of twenty": ([*PASSING[:9], *FAILING[:11]], False),
    "as many as chance gives": ([*PASSING[:2], *FAILING[:20]], False),
    "four of four": (PASSING[:4], True),
    "three of three": (PASSING[:3], False),
    "four of five": ([*PASSING[:4], FAILING[0]], False),
    "one as it is printed": ([PUBLISHED_NHS_NUMBER], True),
    "one among other texts": ([PUBLISHED_NHS_NUMBER, "none", "not known"], True),
    "ten with spaces": ([f"{n[:3]} {n[3:6]} {n[6:]}" for n in PASSING[:10]], True),
    "numbers of another length": ([f"{n}0" for n in PASSING], False),
}


@pytest.mark.parametrize(("cells", "found"), SHARES.values(), ids=SHARES.keys())
def test_nhs_numbers_are_judged_by_the_share_of_a_column(cells: list[str], found: bool) -> None:
    problem = judge("reference", cells)

    assert (problem is not None) == found
    if problem is not None:
        assert (problem.rule, problem.column) == ("identifier_values", "reference")
        assert "seems to hold NHS numbers" in problem.message


def test_a_column_of_a_contract_is_judged_too() -> None:
    assert judge("person_key", PASSING[:10], known=True) is not None


# ---------------------------------------------------------------- names of columns

NAMED = [
    *("NHS Number", "nhs_no", "NHSNumber", "Patient NHS Number", "NHS-ID", "CHI number", "H&C No"),
    *("DOB", "Date of birth", "Patient_DOB", "BirthDate", "Date Of Birth (Patient)"),
    *("Surname", "Patient Name", "Forename", "FirstName", "Carer name", "Name of patient", "name"),
    *("Worker Name", "Care co-ordinator manager name", "GP Name", "Next of kin name"),
    *("e-mail", "Email address", "Contact Email"),
    *("Address", "Address Line 1", "Home_Address", "UPRN", "House number", "Street"),
    *("Postcode", "Post code", "Home Postcode"),
    *("Telephone", "Mobile number", "Home phone", "Tel No"),
    *("NI Number", "NINO", "National Insurance Number"),
    *("Payroll number", "ESR number", "Staff no", "Hospital Number", "MRN", "Employee ID"),
]
NOT_NAMED = [
    *("team_name", "Practice name", "Measure name", "Ward Name", "short_name", "filename"),
    *("Practice postcode", "Site address", "Clinic telephone", "Team e-mail", "Trust phone"),
    *("NHS number status", "nhs_trust", "team_number", "ward_no", "birth_place", "outcome"),
    *("admitted_on", "age_band", "person_key", "allocated_to_key", "phoned"),
]


@pytest.mark.parametrize("name", NAMED)
def test_a_column_named_like_an_identifier_is_refused_even_when_it_is_empty(name: str) -> None:
    if name in ("Address", "e-mail", "Postcode", "Telephone"):
        assert judge(name, ["a longer text"]) is not None
    problem = judge(name, [""])

    assert problem is not None
    assert (problem.rule, problem.column) == ("identifier_header", name)


@pytest.mark.parametrize("name", NOT_NAMED)
def test_a_column_named_otherwise_is_not(name: str) -> None:
    assert judge(name, ["one", "two"]) is None


def test_counts_of_ways_of_answering_are_no_addresses() -> None:
    assert judge("Telephone", ["12", "1,204", "0"]) is None
    assert judge("Telephone", ["12", "01632 960001"]) is not None


def test_the_name_of_a_place_is_not_the_name_of_a_person() -> None:
    assert judge("name", ["North 1"], known=True, may_be_named=True) is None
    assert judge("name", ["North 1"], known=True) is not None


# ---------------------------------------------------------------- what is in a column

TELEPHONES = ["01632 960001", "(01632) 960002", "07700 900003", "+44 7700 900004", "020 7946 0005"]
VALUES = {
    "e-mail addresses": ["anybody@example.org"],
    "postcodes": ["ZZ1 1AA", "ZZ1 1AB", "zz11ac", "ZZ12 1AD"],
    "National Insurance numbers": ["AB 12 34 56 C", "AB123457C", "ab123458c"],
    "telephone numbers": [TELEPHONES[0], *TELEPHONES[2:]],
    "names of people": ["Person, Test", "Person, Another Test", "MRS PERSON", "Dr. Person"],
    "dates of birth": [f"01/02/{year}" for year in range(1930, 2000, 5)],
}


@pytest.mark.parametrize(("what", "cells"), VALUES.items(), ids=VALUES.keys())
def test_a_column_of_identifiers_is_refused_whatever_it_is_called(
    what: str, cells: list[str]
) -> None:
    problem = judge("col7", cells)

    assert problem is not None
    assert (problem.rule, problem.column) == ("identifier_values", "col7")
    assert f"seems to hold {what}" in problem.message


@pytest.mark.parametrize(("what", "cells"), VALUES.items(), ids=VALUES.keys())
def test_no_identifier_is_told_in_full(what: str, cells: list[str]) -> None:
    for name in ("col7", "surname"):
        problem = judge(name, cells)

        assert problem is not None
        assert not any(cell in problem.message for cell in cells)


@pytest.mark.parametrize("what", ["postcodes", "National Insurance numbers", "telephone numbers"])
def test_a_few_cells_among_many_do_not_make_a_column_of_them(what: str) -> None:
    others = [f"text {number}" for number in range(20)]

    assert judge("col7", [*VALUES[what], *others]) is None
    assert judge("col7", VALUES[what][:2]) is None


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ([f"went to see {'abcdefghijklmnopqrstuvwxyz'[n]}nna" for n in range(20)], True),
        ([f"went to see {'abcdefghijklmnopqrstuvwxyz'[n]}nna" for n in range(19)], False),
        (["Physical support", "Learning disability support"] * 200, False),
        ([f"r{n} 2024" for n in range(200)], False),
        ([f"w{n:04d}" for n in range(200)], False),
    ],
    ids=["sentences", "too few", "codes in words", "keys with a space", "keys"],
)
def test_sentences_where_codes_belong_are_no_codes(cells: list[str], found: bool) -> None:
    assert (judge("reason", cells, known=True, holds_codes=True) is not None) is found
    assert judge("reason", cells, known=True) is None


def test_one_e_mail_address_among_many_cells_is_enough() -> None:
    others = [f"text {number}" for number in range(200)]

    assert judge("col7", [*others, "anybody@example.org"]) is not None


def test_a_practices_postcode_says_nothing_of_a_person() -> None:
    assert judge("practice_postcode", VALUES["postcodes"]) is None


@pytest.mark.parametrize(
    "days",
    [
        [f"{day:02d}/03/2024" for day in range(1, 29)],
        [f"{year}-01-01" for year in range(2021, 2026)],
        [f"{year}-01-01" for year in range(2010, 2021)],
        [f"Jan-{year}" for year in range(1930, 2000, 5)],
    ],
    ids=["days of a month", "the years since", "ten years", "months"],
)
def test_other_dates_are_no_dates_of_birth(days: list[str]) -> None:
    assert judge("col7", days) is None


def test_dates_that_a_contract_asks_for_are_what_they_are_said_to_be() -> None:
    assert judge("col7", VALUES["dates of birth"], known=True) is None


def test_names_of_people_are_refused_in_columns_of_a_contract_too() -> None:
    assert judge("allocated_to_key", VALUES["names of people"], known=True) is not None


def test_every_column_is_judged_and_each_is_told() -> None:
    columns = [
        Judged(name, Distinct.of(encoded(pa.array(cells, pa.string()))))
        for name, cells in (("a", VALUES["postcodes"]), ("b", ["x"]), ("DOB", ["y"]))
    ]

    assert [problem.column for problem in find_identifiers(columns)] == ["a", "DOB"]


# ---------------------------------------------------------------- texts and masks


@pytest.mark.parametrize(
    "text",
    [
        f"rang about {PUBLISHED_NHS_NUMBER} again",
        f"see {PASSING[0]}.",
        "write to anybody@example.org",
        "moved to ZZ1 1AA last week",
        "AB123456C is the number",
        "Mrs Person was not in",
        "seen by Dr. Person",
        "Ring 07700 900123 after ten",
        "Ring 0113 496 0000.",
    ],
)
def test_a_text_that_names_somebody_is_found(text: str) -> None:
    assert names_somebody(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "system was down on 3 and 4 March 2024",
        "counted by hand: 1,204 of 12,000",
        f"batch {FAILING[0]} sent again",
        f"order 1{PASSING[0]}",
        "the team moved to North 2 in April",
        "mr and mrs are titles",
    ],
)
def test_a_text_that_names_nobody_is_not(text: str) -> None:
    assert not names_somebody(text)


def test_a_mask_leaves_enough_to_find_a_value_by() -> None:
    assert masked("9434765919") == "94••••••19"
    assert masked("anybody@example.org") == "a••••••••••••••••••"
    assert masked("x") == "x•"


@given(st.text(st.characters(exclude_characters="•"), min_size=2, max_size=60))
def test_a_mask_never_shows_a_value(text: str) -> None:
    shown = masked(text)

    assert text not in shown
    assert len(shown) == len(text)
    assert len(shown.replace("•", "")) <= 4


# ---------------------------------------------------------------- whole files


def test_a_file_with_an_identifier_is_refused_and_nothing_of_it_is_kept(
    home: Home, load: Take
) -> None:
    report = load(in_columns("reference", PASSING[:12]))

    assert report.status == "refused"
    assert rules(report) == ["identifier_values"]
    assert report.rows_dropped == {"file_refused": 12}
    assert not any(number in report.as_text() + str(report.as_dict()) for number in PASSING)
    assert [path for path in home.batches.rglob("*") if path.name != "loading.lock"] == []


def test_a_column_that_would_be_left_out_is_judged_all_the_same(check: Take) -> None:
    report = check(counts(f"N1,2024-04,W03,5,10,,{PUBLISHED_NHS_NUMBER}", header=f"{COUNTS},x"))

    assert rules(report) == ["identifier_values"]


def test_a_column_without_a_name_is_judged_too(check: Take) -> None:
    report = check(in_columns("", PASSING[:12]))

    assert rules(report) == ["identifier_values"]


def test_a_note_that_names_somebody_holds_its_row_and_is_not_kept(home: Home, load: Take) -> None:
    report = load(
        counts(
            "N1,2024-04,W03,5,10,Mrs Person rang",
            "N2,2024-04,W03,6,12,nobody rang",
        )
    )

    assert (report.rows_accepted, report.rows_held) == (1, 1)
    assert places(report) == [(2, "note")]
    assert "Person" not in report.as_text()
    (held,) = home.batches.rglob("*.held.parquet")
    assert pq.read_table(held).column("note").to_pylist() == [""]
    kept = b"".join(path.read_bytes() for path in home.batches.rglob("*") if path.is_file())
    assert b"Mrs" not in kept


def test_a_number_that_slipped_into_another_column_is_neither_told_nor_kept(
    home: Home, load: Take
) -> None:
    rows = [f"{team},2024-{month:02d},W03,5,10," for month in range(1, 5) for team in ("N1", "N2")]
    slipped = f"N1,{PASSING[0]},W03,5,10,"

    report = load(counts(*rows, slipped))

    assert (report.rows_accepted, report.rows_held) == (8, 1)
    assert places(report) == [(10, "month")]
    assert PASSING[0] not in report.as_text() + str(report.as_dict())
    assert f'"{masked(PASSING[0])}" is not a month' in report.problems[0].message
    (held,) = home.batches.rglob("*.held.parquet")
    (row,) = pq.read_table(held).to_pylist()
    assert (row["team_id"], row["month"], row["held_row"]) == ("N1", "", 10)
    assert PASSING[0] not in row["held_reason"]
