"""What a file would take the place of, and what has taken the place of a file since."""

from collections.abc import Callable

import pytest

from data.acts import in_force, withdraw
from data.check import Stated
from data.home import Home
from data.load import check_files
from data.report import Report
from tests.data.sent_files import counts, rules
from tests.data.test_acts import FFT, answers, numerators, rows_in_force

Take = Callable[..., Report]
NAME = "fft_response.csv"


def fft(*days: str, team: str = "N1", answer: str = "good") -> str:
    return "".join(f"{team},{day},{answer}\n" for day in days)


APRIL = [f"2025-04-{day:02d}" for day in range(1, 13)]
MAY = [f"2025-05-{day:02d}" for day in range(1, 13)]


# ---------------------------------------------------------------- late rows


def test_a_few_late_rows_do_not_wipe_out_their_month(home: Home, load: Take) -> None:
    load(FFT + fft(*APRIL), NAME)

    late = load(FFT + fft("2025-04-20", "2025-04-21", "2025-04-22"), NAME)

    assert (late.status, rules(late), late.batch_id) == ("refused", ["far_fewer_rows"], None)
    message = late.problems[0].message
    assert "For 2025-04 this file has 3 rows, and 12 that were loaded before" in message
    assert "--replaces" in message
    assert "--adds" in message
    assert sum(answers(home).values()) == 12


def test_a_check_says_so_too(home: Home, load: Take, write) -> None:
    load(FFT + fft(*APRIL), NAME)

    (report,) = check_files(home, [write(FFT + fft("2025-04-20"), NAME)])

    assert rules(report) == ["far_fewer_rows"]


def test_late_rows_said_to_come_on_top_are_added_once(home: Home, load: Take) -> None:
    load(FFT + fft(*APRIL), NAME)

    for _ in range(2):
        load(FFT + fft("2025-04-20", "2025-04-20"), NAME, how="adds")

    assert sum(answers(home).values()) == 14


@pytest.mark.parametrize("first", ["", "replaces", "adds"])
def test_the_same_content_never_comes_on_top_of_itself(home: Home, load: Take, first: str) -> None:
    load(FFT + fft(*APRIL), NAME, how=first)

    load(FFT + fft(*APRIL), "another name.csv", how="adds", as_named="fft_response")

    assert sum(answers(home).values()) == 12


def test_a_smaller_file_said_to_be_all_there_is_takes_the_place(home: Home, load: Take) -> None:
    load(FFT + fft(*APRIL), NAME)

    load(FFT + fft("2025-04-20"), NAME, how="replaces")

    assert sum(answers(home).values()) == 1


def test_late_rows_in_a_file_that_is_whole_for_another_month_are_asked_about(
    home: Home, load: Take
) -> None:
    load(FFT + fft(*APRIL), NAME)

    report = load(FFT + fft("2025-04-20", *MAY), NAME)

    assert rules(report) == ["far_fewer_rows"]


def test_late_rows_of_one_team_in_a_file_that_is_whole_for_others_are_asked_about(
    home: Home, load: Take
) -> None:
    load(FFT + fft(*APRIL) + fft(*APRIL, team="N2"), NAME)

    report = load(FFT + fft(*APRIL, answer="poor") + fft("2025-04-20", team="N2"), NAME)

    assert rules(report) == ["far_fewer_rows"]
    assert "For 2025-04, N2 this file has 1 rows, and 12" in report.problems[0].message


def test_half_as_many_rows_and_other_months_are_not_asked_about(home: Home, load: Take) -> None:
    load(FFT + fft(*APRIL), NAME)

    half = load(FFT + fft(*APRIL[:6]), NAME)
    other = load(FFT + fft("2025-05-02"), NAME)
    team = load(FFT + fft("2025-04-02", team="N2"), NAME)

    assert {half.status, other.status, team.status} == {"accepted"}
    assert sum(answers(home).values()) == 8


def test_a_table_with_keys_takes_late_rows_as_they_come(home: Home, load: Take) -> None:
    load(counts(*(f"N1,2024-{month:02d},W03,5,10," for month in range(1, 13))))

    late = load(counts("N1,2024-04,W03,7,10,"))

    assert late.status == "accepted"
    assert len(rows_in_force(home, "aggregate_submission")) == 12


# ---------------------------------------------------------------- a full replacement


def test_rows_deleted_at_the_source_go_with_a_full_replacement(home: Home, load: Take) -> None:
    load(counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,6,10,", "N1,2024-05,W03,7,10,"))

    load(counts("N1,2024-04,W03,8,10,"), how="replaces", areas=("N2",))

    rows = rows_in_force(home, "aggregate_submission")
    assert sorted((row[0], row[1], row[3]) for row in rows) == [
        ("N1", "2024-04-01", "8"),
        ("N1", "2024-05-01", "7"),
    ]


def test_without_it_they_stay(home: Home, load: Take) -> None:
    load(counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,6,10,"))

    load(counts("N1,2024-04,W03,8,10,"))

    assert numerators(home) == {"N1": "8", "N2": "6"}


def test_a_replacement_is_another_batch_than_the_same_rows_without_it(
    home: Home, load: Take
) -> None:
    plain = load(counts())
    replacing = load(counts(), how="replaces")

    assert plain.batch_id != replacing.batch_id
    assert [batch.how for batch in in_force(home)] == ["", "replaces"]


def test_a_row_that_moved_to_another_month_and_was_deleted_there_does_not_come_back(
    home: Home, load: Take
) -> None:
    head = "referral_id,team_id,sector,received_at\n"
    load(f"{head}r1,N1,health,2025-01-05 09:00\nr2,N1,health,2025-02-05 09:00\n", "referral.csv")
    load(f"{head}r1,N1,health,2025-02-06 09:00\n", "referral.csv")

    load(f"{head}r2,N1,health,2025-02-05 09:00\n", "referral.csv", how="replaces")

    assert [row[0] for row in rows_in_force(home, "referral")] == ["r2"]


def test_a_list_that_replaces_takes_the_place_of_lists_loaded_before(
    home: Home, load: Take
) -> None:
    head = "team_id,locality_id,name,valid_from\n"
    load(f"{head}S2,S,South 2,2024-01-01\nS3,S,South 3,2024-01-01\n", "team.csv")

    load(f"{head}S3,S,South Three,2024-01-01\n", "team.csv", how="replaces")

    assert [row[2] for row in rows_in_force(home, "team")] == ["South Three"]


# ---------------------------------------------------------------- said in the report


def test_a_file_loaded_again_after_its_correction_changes_nothing_and_says_why(
    home: Home, load: Take
) -> None:
    load(counts("N1,2024-04,W03,5,10,"))
    later = load(counts("N1,2024-04,W03,7,10,"), "second.csv")

    again = load(counts("N1,2024-04,W03,5,10,"))

    assert numerators(home) == {"N1": "7"}
    assert f"has since been corrected by {later.batch_id} (second.csv, " in again.warnings[1]


def test_a_batch_that_shares_no_key_corrects_nothing(home: Home, load: Take) -> None:
    load(counts("N1,2024-04,W03,5,10,"))
    load(counts("N1,2024-04,W04,7,10,"), "second.csv")

    again = load(counts("N1,2024-04,W03,5,10,"))

    assert len(again.warnings) == 1


def test_a_withdrawn_batch_is_in_nobodys_way(home: Home, load: Take) -> None:
    first = load(FFT + fft(*APRIL), NAME)
    withdraw(home, str(first.batch_id), "another year")

    assert load(FFT + fft("2025-04-20"), NAME).status == "accepted"


def test_rows_that_take_the_place_of_others_are_said_before_anything_is_kept(
    load: Take, check: Take
) -> None:
    load(counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,6,12,"), "april.csv")
    sent_again = counts("N1,2024-04,W03,7,10,", "N1,2024-05,W03,1,10,")

    (said,) = check(sent_again, "again.csv").warnings

    assert said == (
        "1 of its rows take the place of rows loaded before, in april.csv: the same team_id and"
        " month and measure_id, and the later row counts."
    )


def test_an_area_that_no_list_knows_is_refused(home: Home, load: Take) -> None:
    known = load(counts("N1,2024-04,W03,5,10,"), areas=("n2",))
    unknown = load(counts("N1,2024-05,W03,5,10,"), areas=("N2", "N9"))

    assert known.covers is not None
    assert known.covers.areas == ("N1", "N2")
    assert rules(unknown) == ["area_not_known"]
    assert "--areas names N9, which" in unknown.problems[0].message


def test_what_is_stated_of_areas_and_replacing_is_kept(home: Home, load: Take) -> None:
    report = load(counts("N1,2024-04,W03,5,10,"), areas=("N2", "N1"), how="replaces")

    (batch,) = in_force(home)
    assert report.covers is not None
    assert (batch.covers.areas, batch.how) == (("N1", "N2"), "replaces")
    assert Stated().areas == ()


def test_a_blank_in_a_key_is_the_same_as_another_blank(load: Take) -> None:
    staff = "team_id,month,employer,in_post_fte,headcount\nN1,2024-04,NHS,{},14\n"
    load(staff.format(11), "workforce_month.csv")

    (replaced,) = load(staff.format(12), "workforce_month.csv").warnings
    again = load(staff.format(11), "workforce_month.csv").warnings

    assert replaced.startswith("1 of its rows take the place of rows loaded before")
    assert any("has since been corrected by" in said for said in again)
