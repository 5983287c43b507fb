import pytest

from tests.data.prepared.few_rows import day, prepared


@pytest.mark.parametrize(
    ("written", "met"),
    [(None, 0), ("", 0), (" ; ", 0), ("N1", 1), ("N1;", 1), ("N1; S3", 2), ("N1;S3;C2", 3)],
)
def test_other_teams_are_the_names_between_semicolons(written: str | None, met: int) -> None:
    row = {"team_id": "T1", "held_on": day("5"), "kind": "visit", "other_teams": written}

    assert prepared("learning_session", "other_teams_met", {"learning_session": [row]}) == [(met,)]
