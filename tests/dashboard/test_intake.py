from pathlib import Path

import pytest

from dashboard import intake
from dashboard.intake import Brought, safe_name
from data.batches import list_batches
from data.check import Stated
from data.home import Home
from data.report import Report
from tests.small_partnership import records, set_up

SICKNESS = Brought("absence_month.csv", records("absence_month", ["2024-01"]).encode())
NHS_NUMBERS = "referral_id,team_id,received_at,nhs_number\nr1,N1,2024-01-02,9434765919\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(tmp_path / "small")


def say_nothing(doing: str, done: int, of: int) -> None:
    pass


def check(home: Home, *files: Brought, stated: Stated | None = None) -> list[Report]:
    return intake.check(home, files, stated or Stated(), say_nothing)


def test_a_file_that_is_only_looked_at_is_not_kept(home: Home) -> None:
    (report,) = check(home, SICKNESS)

    assert report.status == "accepted"
    assert list_batches(home) == []


def test_a_file_that_is_accepted_is_kept_with_who_brought_it(home: Home) -> None:
    (report,) = intake.accept(home, [SICKNESS], Stated(), say_nothing, "Analyst")

    (batch,) = list_batches(home)
    assert report.batch_id == batch.id
    assert batch.loaded_by == "Analyst"
    assert batch.source_name == "absence_month.csv"


def test_two_files_of_one_name_are_both_looked_at(home: Home) -> None:
    other = Brought(SICKNESS.name, records("absence_month", ["2024-02"]).encode())

    reports = check(home, SICKNESS, other)

    assert [report.covers.from_month for report in reports if report.covers] == [
        "2024-01",
        "2024-02",
    ]


def test_nothing_of_a_file_with_identifiers_stays_on_disk(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "temporary"
    here.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(here))

    (report,) = check(home, Brought("referral.csv", NHS_NUMBERS.encode()))

    assert report.status == "refused"
    assert list(here.rglob("*")) == []
    kept = [path for path in home.path.rglob("*") if path.is_file()]
    assert not any(b"9434765919" in path.read_bytes() for path in kept)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("referral.csv", "referral.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\referral.csv", "referral.csv"),
        ("a\x00b?.csv", "a_b_.csv"),
        ("   .csv", "csv"),
        ("", "file"),
    ],
)
def test_a_name_cannot_lead_out_of_its_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_very_long_name_is_shortened_and_keeps_its_ending() -> None:
    assert safe_name(f"{'x' * 400}.xlsx") == f"{'x' * 120}.xlsx"
