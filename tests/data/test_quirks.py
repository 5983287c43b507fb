"""What real exports look like: forty quirks, each with its file in `quirks/` and its test here.

| no. | quirk | what is done |
|---|---|---|
| 1 | dates in many forms, months and quarters of the financial year | fix, or stop if mixed |
| 2 | day and month changed about by a spreadsheet | warn |
| 3 | times that are midnight | read as days, said in the report |
| 4 | dates that stand for no date | fix |
| 5 | an end before its beginning | hold |
| 6 | dates after today | hold |
| 7 | events after death, open after death | warn; closed at death |
| 8 | no end | keep |
| 9 | left open for years | warn |
| 10 | exact duplicates | fix |
| 11 | the same event sent again, changed | fix: the latest counts |
| 12 | restarted on 1 April | warn |
| 13 | several rows for one stay | fix |
| 14 | one visit noted by two workers | keep both, count once |
| 15 | team codes in other spellings | fix, or hold unknown ones |
| 16 | a team that had closed | warn |
| 17 | a practice in no team, or in two | keep as unmapped, warn |
| 18 | no practice | keep as unmapped, warn |
| 19 | words for a blank | fix |
| 20 | hidden small numbers | keep as hidden |
| 21 | thousands, pounds, units | fix |
| 22 | shares and percentages | fix, or stop if mixed |
| 23 | titles, totals, footers | fix |
| 24 | marks, code pages, delimiters | fix |
| 25 | digits lost | stop |
| 26 | NHS numbers | stop |
| 27 | other things that say who somebody is | stop |
| 28 | codes that took the place of others | both mapped, an event added |
| 29 | labels in other words | fix, or read as not mapped and warn |
| 30 | ages and sexes that are codes | fix |
| 31 | diagnoses in several shapes | fix |
| 32 | workers who are nobody | count as unallocated, or warn |
| 33 | hours for full-time equivalents | hold |
| 34 | more absence than days | hold |
| 35 | working days | convert, warn |
| 36 | a month missing | gap, never nought |
| 37 | a month in part | provisional |
| 38 | a fall in volume | warn |
| 39 | the clock changes | fix |
| 40 | cells that are formulas | escape on export |

Files beginning with D3 and D4 are traps of reading that belong to no quirk: rows merged in silence,
and rows of people.
"""

import csv
import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.acts import in_force
from data.batches import read_rows
from data.check import Checked, Stated, check_file
from data.contract import load_contracts
from data.doubtful import Doubt, as_text, doubts_of
from data.held import as_csv, held_rows_of
from data.home import Home
from data.load import load_files
from data.records import create_prepared, create_tables, fill_tables
from data.reference import reference_tables, rulebook
from data.report import Report
from data.safe_cells import as_it_was
from data.snapshots import memory
from metrics.definition import CATALOGUE
from metrics.publish import publish, values_known
from metrics.reading import Snapshot
from tests.data.sent_files import adds_up, rules
from tests.small_partnership import LISTS, set_up

FIXTURES = Path(__file__).parent / "quirks"
FILES = sorted([*FIXTURES.glob("*.csv"), *FIXTURES.glob("*.xlsx")])
TEAMS = LISTS["team"] + "S-4,S,South 4,2020-01-01,\nC1,S,Closed 1,2020-01-01,2024-10-01\n"
PRACTICES = LISTS["practice_team"] + "Z90009,N1,2020-01-01,\nZ90009,N2,2023-01-01,\n"
ALIASES = "raw_code,team_id,source_system\nNbhd 2,N2,Case system\n"

Checks = Callable[..., Checked]
Loads = Callable[..., list[Report]]


@pytest.fixture
def place(tmp_path: Path) -> Home:
    """A small partnership in which one team has closed."""
    return set_up(tmp_path / "place", team=TEAMS, team_alias=ALIASES)


@pytest.fixture
def check(place: Home) -> Checks:
    """Check a fixture as a table; whatever becomes of it, its counts add up."""

    def _check(name: str, table: str | None = "referral", **stated: Any) -> Checked:
        checked = check_file(FIXTURES / name, rulebook(place), Stated(table, **stated))
        assert adds_up(checked.report), checked.report.as_text()
        return checked

    return _check


@pytest.fixture
def load(place: Home) -> Loads:
    """Load fixtures, each as its table."""

    def _load(*files: tuple[str, str], **stated: Any) -> list[Report]:
        found = []
        for name, table in files:
            found += load_files(place, [FIXTURES / name], Stated(table, **stated))
        return found

    return _load


def said(report: Report) -> str:
    return " ".join(report.warnings)


def values(checked: Checked, column: str) -> list[Any]:
    return checked.accepted.column(column).to_pylist()


def days(checked: Checked, column: str) -> list[str]:
    return [str(value)[:10] for value in values(checked, column)]


def doubts(place: Home) -> dict[tuple[str, str], Doubt]:
    return {(doubt.rule, doubt.table): doubt for doubt in doubts_of(place)}


def prepared(place: Home, question: str) -> list[tuple[Any, ...]]:
    """Return the answer of a question to the prepared views of all that is loaded."""
    contracts = load_contracts(place)
    with memory() as connection:
        create_tables(connection, contracts)
        tables = reference_tables(place, contracts)
        fill_tables(connection, contracts, tables, in_force(place))
        create_prepared(connection, place.settings())
        return connection.execute(question).fetchall()


def test_every_quirk_has_its_file() -> None:
    numbered = {int(file.name[:2]) for file in FILES if file.name[:2].isdigit()}

    assert numbered == set(range(1, 41))


def test_every_quirk_has_its_test() -> None:
    tests = re.findall(r"^def test_(\d\d)_", Path(__file__).read_text("utf-8"), re.MULTILINE)

    assert [int(number) for number in tests] == list(range(1, 41))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_line_with_anything_on_it_is_accounted_for(file: Path, place: Home) -> None:
    report = check_file(file, rulebook(place)).report
    if file.suffix == ".xlsx" or file.name.startswith("D3_stray"):
        assert adds_up(report)
        return
    text = file.read_bytes().decode("cp1252")
    delimiter = max(",;\t", key=text.splitlines()[0].count)
    lines = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(row)]
    # All but the header, and in one file the titles above it, are rows.
    above = 3 if file.name.startswith("23_") else 1

    assert report.rows_in_file == len(lines) - above
    assert adds_up(report)


@pytest.mark.parametrize(
    "name",
    [
        *("01_day_month_year.csv", "01_named_months.csv", "01_compact.csv"),
        *("01_two_digit_years.csv", "01_excel_numbers.csv"),
    ],
)
def test_01_days_are_read_in_the_form_of_their_column(check: Checks, name: str) -> None:
    assert days(check(name), "received_at") == ["2024-03-31", "2024-04-01"]


@pytest.mark.parametrize(
    "name",
    [
        *("01_short_months.csv", "01_iso_months.csv", "01_nhs_months.csv"),
        "01_nhs_months_year_first.csv",
    ],
)
def test_months_are_read_in_the_form_of_their_column(check: Checks, name: str) -> None:
    checked = check(name, "absence_month")

    if name == "01_nhs_months.csv":
        # M12 and P1 are one way of writing: an M or P, and the number of the month.
        assert checked.report.rows_held == 0
    assert days(checked, "month") == ["2024-03-01", "2024-04-01"]


def test_quarters_are_read_where_quarters_are_asked_for(check: Checks) -> None:
    assert days(check("01_quarters.csv", "team_pulse"), "quarter") == ["2024-01-01", "2024-04-01"]


def test_the_dates_of_a_workbook_are_dates(check: Checks) -> None:
    checked = check("01_dates_in_a_workbook.xlsx")

    assert days(checked, "received_at")[:2] == ["2024-04-01", "2024-04-10"]


@pytest.mark.parametrize(
    ("name", "table", "rule", "says"),
    [
        ("01_nhs_months_without_year.csv", "absence_month", "month_without_year", "M01 2024/25"),
        ("01_quarters_for_months.csv", "absence_month", "quarters_for_months", "each month"),
        ("01_two_ways_in_one_column.csv", "referral", "mixed_dates", "none can be trusted"),
        ("01_both_ways_possible.csv", "referral", "ambiguous_dates", "--dates dmy"),
    ],
)
def test_a_column_of_dates_that_cannot_be_trusted_refuses_the_file(
    check: Checks, name: str, table: str, rule: str, says: str
) -> None:
    (problem,) = check(name, table).report.problems

    assert problem.rule == rule
    assert says in problem.message


def test_an_answer_settles_which_number_is_the_day(check: Checks) -> None:
    day_first = check("01_both_ways_possible.csv", dates="dmy")
    month_first = check("01_both_ways_possible.csv", dates="mdy")

    assert days(day_first, "received_at") == ["2024-04-03", "2024-06-05"]
    assert days(month_first, "received_at") == ["2024-03-04", "2024-05-06"]


def test_02_far_too_many_days_of_12_or_less_are_said(check: Checks) -> None:
    report = check("02_days_and_months_swapped.csv").report

    assert "received_at: 54 of 66 dates have a day of 12 or less" in said(report)
    assert "39 in 100" in said(report)
    assert "12 or less" not in said(check("37_drawn_in_the_middle_of_a_month.csv").report)


def test_03_times_that_are_midnight_are_days(check: Checks) -> None:
    report = check("03_midnight.csv").report

    assert report.day_only == ("received_at",)
    assert "2 of 4 times are exactly midnight" in said(report)
    assert "two-hour responses" in said(report)
    assert check("39_with_zone.csv", "contact").report.day_only == ()


def test_04_dates_that_stand_for_no_date_are_blank(check: Checks) -> None:
    checked = check("04_placeholders.csv")

    assert checked.report.fixes["placeholder_date"] == 5
    assert values(checked, "closed_on") == [None, None]
    assert values(checked, "first_contact_on") == [None, datetime.date(2024, 4, 5)]


def test_05_what_ends_before_it_begins_is_held(check: Checks) -> None:
    referrals, stays = check("05_backwards.csv"), check("05_stays.csv", "hospital_spell")

    assert rules(referrals.report) == ["closed_before_received", "first_contact_before_received"]
    assert rules(stays.report) == ["discharged_before_admitted"]
    assert values(referrals, "referral_id") == ["r3"]


def test_06_what_has_not_happened_yet_is_held(check: Checks) -> None:
    (problem,) = check("06_future.csv").report.problems

    assert (problem.row, problem.column, problem.rule) == (2, "received_at", "future_date")


def test_07_what_goes_on_after_a_death_is_said_and_ends_there(place: Home, load: Loads) -> None:
    load(("07_stays.csv", "hospital_spell"), ("07_referrals.csv", "referral"))

    found = doubts(place)
    closed = prepared(place, "SELECT referral_id, closed_on FROM prepared.referral ORDER BY 1")

    assert found["open_after_death", "referral"].examples == ("r1",)
    assert found["after_death", "referral"].examples == ("r2",)
    assert closed == [("r1", datetime.date(2024, 4, 20)), ("r2", None), ("r3", None)]


def test_08_what_has_no_end_is_kept(place: Home, load: Loads) -> None:
    (report,) = load(("08_still_open.csv", "referral"))
    (batch,) = in_force(place)

    assert report.status == "accepted"
    assert read_rows(batch).column("closed_on").to_pylist() == [datetime.date(2024, 4, 30), None]


def test_09_what_was_left_open_for_years_is_said(place: Home, load: Loads) -> None:
    load(("09_left_open.csv", "referral"))

    assert doubts(place)["open_without_contact", "referral"].examples == ("r1",)


def test_10_exact_duplicates_are_dropped_and_counted(check: Checks) -> None:
    checked = check("10_exact_duplicates.csv")

    assert checked.report.rows_dropped == {"duplicate_row": 2}
    assert values(checked, "referral_id") == ["r1", "r2"]


def test_11_of_an_event_that_is_sent_again_the_latest_counts(place: Home, load: Loads) -> None:
    load(("11_primary.csv", "referral"), ("11_refresh.csv", "referral"))

    kept = prepared(place, "SELECT referral_id, closed_on FROM main.referral ORDER BY 1")

    assert kept == [("r1", datetime.date(2024, 5, 6)), ("r2", None), ("r3", None)]


def test_12_what_begins_anew_on_1_april_is_said(place: Home, load: Loads) -> None:
    load(("12_restarted.csv", "service"))

    assert doubts(place)["restarted_on_1_april", "service"].examples == ("e2",)


def test_13_the_episodes_of_a_stay_are_one_row(check: Checks) -> None:
    checked = check("13_episodes.csv", "hospital_spell")
    first, second = checked.accepted.to_pylist()

    assert (first["spell_id"], second["spell_id"]) == ("s1", "s2")
    assert (first["admission_method"], first["discharge_destination"]) == ("21", "19")
    assert first["discharged_on"] == datetime.date(2024, 4, 19)
    assert checked.report.rows_dropped == {"episode": 2}
    assert sorted(rules(checked.report)) == [
        *("code_not_allowed", "episode_held", "episodes_disagree", "episodes_disagree"),
    ]


def test_14_a_visit_that_two_workers_noted_counts_once(place: Home, load: Loads) -> None:
    load(("14_two_workers.csv", "contact"))

    visits = prepared(place, "SELECT contact_id FROM prepared.home_visit ORDER BY 1")
    ((rows,),) = prepared(place, "SELECT COUNT(*) FROM prepared.contact")

    # c2 is the other worker's note of c1; c5 and c6 have no time of day, and stay two.
    assert [contact for (contact,) in visits] == ["c1", "c3", "c4", "c5", "c6"]
    assert rows == 6


def test_15_teams_in_other_spellings_are_known_and_unknown_ones_held(check: Checks) -> None:
    checked = check("15_team_codes.csv")

    assert values(checked, "team_id") == ["N1", "N2", "S-4"]
    assert rules(checked.report) == ["unknown_team"]
    assert checked.report.fixes["team_alias"] == 1


def test_16_rows_of_a_team_that_had_closed_are_kept_and_said(check: Checks) -> None:
    report = check("16_closed_team.csv").report

    assert report.rows_accepted == 4
    assert "team_id: 2 rows are dated before or after the time of their code: C1 (2)" in said(
        report
    )


def test_17_practices_in_no_team_or_in_two_are_kept_and_said(tmp_path: Path) -> None:
    home = set_up(tmp_path / "home", practice_team=PRACTICES)
    (report,) = load_files(home, [FIXTURES / "17_practices.csv"], Stated("hospital_spell"))

    found = doubts(home)

    assert report.rows_accepted == 3
    assert report.fixes["code_spelling"] == 1
    assert "1 rows have a code that belongs to no team on their date: Z99999 (1)" in said(report)
    assert "belongs to two teams on their date: Z90009 (1)" in said(report)
    assert found["practice_unmapped", "hospital_spell"].examples == ("s2",)
    assert found["practice_in_two_teams", "practice_team"].rows == 1


def test_18_people_without_a_practice_are_kept_as_unmapped(check: Checks) -> None:
    checked = check("18_no_practice.csv", "hospital_spell")

    assert values(checked, "practice_code") == ["V81997", "V81998", "V81999", "Z90001"]
    assert "V81997 (1, no registered practice), V81998 (1, not applicable)" in said(checked.report)


def test_19_words_for_a_blank_are_blank(check: Checks) -> None:
    checked = check("19_words_for_blank.csv")
    blank = ("first_contact_on", "closed_on", "reason_group", "allocated_to_key")

    assert [values(checked, column) for column in blank] == [[None, None]] * 4
    assert checked.report.fixes["blank_word"] == 7


def test_20_hidden_small_numbers_are_hidden_whatever_the_flag_says(check: Checks) -> None:
    checked = check("20_suppressed.csv", "aggregate_submission")

    assert values(checked, "numerator") == [None, None, None, None, None, 0]
    assert values(checked, "suppressed") == [True, True, True, True, True, False]


def test_counts_are_held_against_the_measures_teams_and_months(check: Checks) -> None:
    checked = check("20_counts.csv", "aggregate_submission")
    places = [(problem.row, problem.rule) for problem in checked.report.problems]

    assert places == [
        (2, "numerator_over_denominator"),
        *((4, "unknown_team"), (5, "future_date"), (6, "unknown_measure")),
    ]
    # Forty-one of forty is no fault where a measure is a count.
    assert values(checked, "measure_id") == ["S02", "W03"]


def test_21_thousands_pounds_and_units_are_taken_off(check: Checks) -> None:
    checked = check("21_numbers.csv", "absence_month")

    assert values(checked, "fte_days_lost") == [Decimal("24.5"), Decimal("25")]
    assert values(checked, "fte_days_available") == [Decimal("1204"), Decimal("600")]
    assert checked.report.fixes == {"unit_word": 2, "thousands_comma": 1, "currency_sign": 1}


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("22_percent_signs.csv", "percent_sign"),
        ("22_percents_for_shares.csv", "percent_as_share"),
    ],
)
def test_22_percentages_become_the_share_that_is_asked_for(
    check: Checks, name: str, fix: str
) -> None:
    checked = check(name, "lsoa_team")

    assert values(checked, "share") == [Decimal("0.6"), Decimal("0.4")]
    assert checked.report.fixes[fix] == 2


@pytest.mark.parametrize("name", ["22_shares_and_percents.csv", "22_signs_on_some.csv"])
def test_shares_and_percentages_in_one_column_refuse_the_file(check: Checks, name: str) -> None:
    assert rules(check(name, "lsoa_team").report) == ["mixed_percent"]


def test_23_titles_totals_and_footers_are_no_data(check: Checks, tmp_path: Path) -> None:
    checked = check("23_titles_and_totals.csv", "absence_month")
    # Where there is no list of teams, nothing else shows that a total is none.
    nowhere = rulebook(Home(tmp_path / "nowhere"))
    without = check_file(FIXTURES / "23_titles_and_totals.csv", nowhere, Stated("absence_month"))

    for found in (checked, without):
        assert values(found, "team_id") == ["N1", "N2", "S1"]
        assert found.report.rows_dropped == {"total_row": 2, "footer": 1}


def test_24_marks_code_pages_and_delimiters_are_seen_through(check: Checks) -> None:
    marked = check("24_mark_and_semicolons.csv")
    tabs = check("24_windows_and_tabs.csv", "aggregate_submission")

    assert values(marked, "referral_id") == ["r1"]
    assert values(tabs, "note") == ["the team’s “quiet” month"]


def test_25_lost_digits_refuse_the_file(check: Checks) -> None:
    (problem,) = check("25_digits_lost.csv").report.problems

    assert (problem.row, problem.column, problem.rule) == (2, "referral_id", "digits_lost")


def test_26_nhs_numbers_refuse_the_file_and_nothing_of_it_is_kept(place: Home, load: Loads) -> None:
    (report,) = load(("26_nhs_numbers.csv", "referral"))
    (problem,) = report.problems

    assert problem.column == "ref"
    assert "NHS numbers (24 different values, such as 99••••••" in problem.message
    assert_nothing_is_kept(place, "26_nhs_numbers.csv")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("27_postcodes.csv", "postcodes"),
        ("27_names.csv", "names of people"),
        ("27_dates_of_birth.csv", "dates of birth"),
        ("27_telephones.csv", "telephone numbers"),
        ("27_emails.csv", "e-mail addresses"),
        ("27_insurance.csv", "National Insurance numbers"),
        ("D4_chi_numbers.csv", "NHS numbers"),
        ("D4_sentences_for_codes.csv", "sentences"),
    ],
)
def test_27_whatever_says_who_somebody_is_refuses_the_file(
    place: Home, load: Loads, name: str, what: str
) -> None:
    (report,) = load((name, "referral"))
    (problem,) = report.problems

    assert report.status == "refused"
    assert what in problem.message
    assert_nothing_is_kept(place, name)


def assert_nothing_is_kept(place: Home, name: str) -> None:
    """Look for every value of a file's last column in everything that the partnership keeps."""
    with (FIXTURES / name).open(encoding="utf-8") as file:
        canaries = [row[-1].encode() for row in csv.reader(file)][1:]
    kept = b"".join(file.read_bytes() for file in place.path.rglob("*") if file.is_file())

    assert in_force(place) == []
    assert [canary for canary in canaries if canary in kept] == []


def test_the_outward_half_of_a_postcode_is_no_address(check: Checks) -> None:
    assert check("27_postcode_areas.csv").report.status == "accepted"


def test_28_codes_that_took_the_place_of_others_become_an_event(place: Home, load: Loads) -> None:
    # A measure of the partnership's own, of stays that ended in a care home, by both lists.
    shipped = (CATALOGUE / "H05_length_of_stay.toml").read_text("utf-8")
    place.measures.mkdir()
    (place.measures / "H05.toml").write_text(
        shipped.replace(
            "where = [",
            'where = [\n{ column = "discharge_destination", in = ["54", "55", "56", "65", "85"] },',
            1,
        ),
        encoding="utf-8",
    )
    (report,) = load(("28_newer_codes.csv", "hospital_spell"))
    found = doubts(place)["recording_change", "hospital_spell"]
    publish(place)
    (event,) = Snapshot.current(place).events

    assert report.status == "accepted"
    assert values(check_file(FIXTURES / "28_newer_codes.csv", rulebook(place)), "spell_id")[3:] == [
        *("s4", "s5"),
    ]
    assert "55 and 56 came in place of 54 and 65" in found.message
    assert found.months == ("2024-07", "2024-07")
    assert (event.on, event.kind) == (datetime.date(2024, 7, 1), "recording change")
    assert event.measure_ids == ("H05",)
    assert not event.is_break


def test_29_labels_in_other_words_are_mapped_and_the_rest_is_said(check: Checks) -> None:
    checked = check("29_labels.csv", "assessment")

    assert values(checked, "type") == ["Long term"] * 3 + ["Invalid and not mapped"] * 2
    assert checked.report.fixes == {"code_other_words": 2, "code_not_mapped": 2}
    assert '"something new" (1)' in said(checked.report)
    assert "Zzcanary" not in said(checked.report)


def test_30_ages_are_in_their_band_and_codes_for_not_known_are_blank(check: Checks) -> None:
    checked = check("30_ages.csv", "hospital_spell")

    assert values(checked, "age_band") == ["65-74", "0-17", None, "75-84", "85+", "85+"]
    assert values(checked, "sex") == ["2", "X", "9", "X", "1", "1"]
    assert [(p.row, p.rule) for p in checked.report.problems] == [(8, "code_not_allowed")]


def test_31_diagnoses_have_one_shape(check: Checks) -> None:
    checked = check("31_diagnoses.csv", "hospital_spell")

    assert values(checked, "primary_icd10") == ["I500", "I500", "I50", "I50", "I500", "M073"]
    assert rules(checked.report) == ["not_icd10"]


def test_32_workers_who_are_nobody_count_as_nobody_or_are_said(place: Home, load: Loads) -> None:
    load(("32_pseudo_workers.csv", "referral"))

    found = doubts(place)["worker_with_far_more", "referral"]
    named = prepared(
        place,
        "SELECT DISTINCT named_worker_on FROM prepared.referral WHERE allocated_to_key = 'DUTY'",
    )

    assert found.rows == 40
    assert all(example.startswith("b") for example in found.examples)
    assert named == [(None,)]


def test_33_hours_for_full_time_equivalents_are_held(check: Checks) -> None:
    (problem,) = check("33_hours.csv", "workforce_month").report.problems

    assert (problem.row, problem.rule) == (2, "hours_for_fte")
    assert "are these hours?" in problem.message


def test_34_more_absence_than_there_were_days_is_held(check: Checks) -> None:
    (problem,) = check("34_more_than_there_were.csv", "absence_month").report.problems

    assert (problem.row, problem.rule) == (2, "lost_more_than_available")


def test_35_working_days_become_calendar_days(check: Checks) -> None:
    checked = check("35_working_days.csv", "absence_month")

    # May 2024 has 31 days, of which 21 are worked: 23 weekdays less two bank holidays.
    assert values(checked, "fte_days_lost") == [Decimal("31"), Decimal("24.5"), Decimal("21")]
    assert values(checked, "fte_days_available")[0] == Decimal("620")
    assert values(checked, "basis") == ["calendar", "calendar", None]
    assert values(checked, "basis_as_sent") == ["working", "calendar", ""]
    assert "1 rows count working days" in said(checked.report)


def test_36_a_month_that_is_missing_is_a_gap_and_never_nought(place: Home, load: Loads) -> None:
    load(("36_a_month_missing.csv", "absence_month"))
    found = values_known(place)

    of_team = found[(found["measure_id"] == "W01") & (found["area_id"] == "N2")]
    sent = found[(found["measure_id"] == "W01") & (found["area_id"] == "N1")]

    assert of_team["state"].tolist() == ["value", "missing", "value"]
    assert [str(value) for value in of_team["value"]][1] == "nan"
    assert sent["value"].tolist()[-1] == 0


def test_37_a_month_in_part_is_provisional(place: Home, load: Loads) -> None:
    (report,) = load(
        ("37_drawn_in_the_middle_of_a_month.csv", "referral"),
        extracted_on=datetime.date(2024, 6, 10),
    )
    found = values_known(place)

    months = found[(found["measure_id"] == "F01") & (found["area_id"] == "N1")]
    provisional = {f"{start:%Y-%m}" for start in months[months["provisional"]]["period_start"]}

    assert report.part_filled == "2024-06"
    assert provisional == {"2024-06"}


def test_38_a_fall_in_volume_is_said(check: Checks) -> None:
    report = check("38_fall_in_volume.csv").report

    assert "July 2024" in said(report)
    assert report.rows_accepted == 202


def test_39_times_are_those_of_the_clock_on_the_wall(check: Checks) -> None:
    local, zoned = check("39_clock.csv", "contact"), check("39_with_zone.csv", "contact")
    times = [f"{value:%m-%d %H:%M}" for value in values(local, "started_at")]
    brought = [f"{value:%m-%d %H:%M}" for value in values(zoned, "started_at")]

    # Half past one was leapt over in March, and was there twice in October.
    assert times == ["03-31 02:30", "03-31 02:30", "10-27 01:30", "10-27 01:45"]
    assert local.report.fixes == {"clock_change": 1}
    assert brought == ["07-01 10:30", "07-01 09:30", "01-01 09:30", "10-27 01:30", "10-27 01:30"]
    assert zoned.report.fixes == {"time_zone": 5}
    assert [(p.row, p.rule) for p in zoned.report.problems] == [(7, "not_a_date")]


def test_40_what_a_spreadsheet_would_reckon_is_a_text_when_it_goes_out(
    place: Home, load: Loads
) -> None:
    (report,) = load(("40_formulas.csv", "aggregate_submission"))
    (batch,) = in_force(place)

    lines = list(csv.DictReader(as_csv(*held_rows_of(place, batch.id)).splitlines()))
    notes = [line["note"] for line in lines]

    assert report.rows_held == 4
    assert read_rows(batch).column("note").to_pylist() == ["=2+2"]
    assert notes == ["'=1+1", "'+44 is dear", "'-none-", "'@home"]
    assert [as_it_was(note)[0] for note in notes] == ["=", "+", "-", "@"]


def test_columns_in_another_order_are_read_by_their_names(check: Checks) -> None:
    checked = check("D3_swapped_header.csv", "aggregate_submission")

    assert values(checked, "numerator") == [5, 6]
    assert values(checked, "denominator") == [100, 120]


def test_rows_that_stray_quotation_marks_draw_together_refuse_the_file(check: Checks) -> None:
    (problem,) = check("D3_stray_quotes.csv", "aggregate_submission").report.problems

    assert (problem.row, problem.rule) == (2, "rows_in_a_cell")


def test_more_rows_of_one_team_and_month_than_counts_need_refuse_the_file(check: Checks) -> None:
    (problem,) = check("D4_rows_of_people.csv", "absence_month").report.problems

    assert problem.rule == "rows_of_people"
    assert "201 rows for one area and month" in problem.message


def test_doubts_are_said_in_words(place: Home, load: Loads) -> None:
    assert as_text(doubts_of(place)) == "Nothing that was loaded is doubtful."

    load(("09_left_open.csv", "referral"))
    text = as_text(doubts_of(place))

    assert "referral: 1 rows, 2021-04 (open without contact)" in text
    assert "such as r1" in text
