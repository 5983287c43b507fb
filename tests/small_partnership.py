"""A partnership small enough to be read here: two localities, three teams, a row or two of each."""

import datetime
from collections.abc import Sequence
from pathlib import Path

from data.batches import How, list_batches
from data.check import Stated
from data.home import Home
from data.load import load_files

SETTINGS = 'id = "small"\nname = "Small Partnership"\nabout = "Small."\n'
LISTS = {
    "locality": """\
locality_id,name,valid_from
N,North,2020-01-01
S,South,2020-01-01
""",
    "team": """\
team_id,locality_id,name,valid_from,valid_to
N1,N,North 1,2020-01-01,
N2,N,North 2,2020-01-01,
S1,S,South 1,2020-01-01,
""",
    "practice_team": """\
practice_code,team_id,valid_from,valid_to
Z90001,N1,2020-01-01,
Z90002,N2,2020-01-01,
Z90003,S1,2020-01-01,
""",
    "population": """\
team_id,as_at,age_band,sex,people,basis
N1,2024-01-01,25-44,1,9000,registered
N1,2024-01-01,75-84,2,1000,registered
N2,2024-01-01,25-44,1,8000,registered
N2,2024-01-01,75-84,2,2000,registered
S1,2024-01-01,25-44,1,7000,registered
S1,2024-01-01,75-84,2,3000,registered
""",
}
# Two hospital stays, two referrals, sickness and two answers for each team in one month.
RECORDS = {
    "hospital_spell": (
        "spell_id,practice_code,admitted_on,discharged_on,admission_method,age_band",
        "s{month}{team}a,{practice},{month}-03,{month}-03,21,75-84",
        "s{month}{team}b,{practice},{month}-10,{month}-19,21,25-44",
    ),
    "referral": (
        "referral_id,team_id,sector,received_at,first_contact_on,closed_on",
        "r{month}{team}a,{team},health,{month}-02 09:30,{month}-09,{month}-20",
        "r{month}{team}b,{team},health,{month}-21 16:05,,",
    ),
    "absence_month": (
        "team_id,month,employer,fte_days_lost,fte_days_available",
        "{team},{month},NHS,31.5,600.0",
    ),
    "fft_response": (
        "team_id,responded_on,answer",
        "{team},{month}-11,very good",
        "{team},{month}-12,poor",
    ),
}
TEAMS = {"N1": "Z90001", "N2": "Z90002", "S1": "Z90003"}


def set_up(path: Path, **lists: str) -> Home:
    """Return a home with settings and reference lists; those named take the place of the usual."""
    home = Home(path)
    home.reference.mkdir(parents=True)
    home.settings_file.write_text(SETTINGS, encoding="utf-8")
    for table, text in {**LISTS, **lists}.items():
        (home.reference / f"{table}.csv").write_text(text, encoding="utf-8")
    return home


def records(table: str, months: Sequence[str]) -> str:
    """Return the file of one table for some months, `YYYY-MM`."""
    header, *lines = RECORDS[table]
    rows = [
        line.format(month=month, team=team, practice=practice)
        for month in months
        for team, practice in TEAMS.items()
        for line in lines
    ]
    return "\n".join([header, *rows, ""])


def load(
    home: Home,
    table: str,
    text: str,
    covers: tuple[str, str] | None = None,
    name: str = "",
    areas: tuple[str, ...] = (),
    extracted: str | None = None,
    how: How = "",
) -> str:
    """Load the text of one file, of which everything is accepted; return the batch's id."""
    file = home.path / f"{name or table}.csv"
    file.write_text(text, encoding="utf-8")
    drawn = None if extracted is None else datetime.date.fromisoformat(extracted)
    (report,) = load_files(home, [file], Stated(table, "ymd", covers, areas, drawn, how))
    file.unlink()
    assert report.status == "accepted", report.as_text()
    assert report.batch_id is not None
    assert report.batch_id in {batch.id for batch in list_batches(home, table)}
    return report.batch_id


def load_everything(home: Home, months: Sequence[str]) -> None:
    """Load one file of each table for some months."""
    for table in RECORDS:
        load(home, table, records(table, months))
