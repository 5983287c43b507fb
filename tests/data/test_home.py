"""Where a partnership keeps its own files, and what it says about itself."""

import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data.errors import HomeError
from data.home import ENVIRONMENT_VARIABLE, Home, Words


def settle(home: Home, text: str, encoding: str = "utf-8") -> Home:
    home.path.mkdir(exist_ok=True)
    home.settings_file.write_bytes(text.encode(encoding))
    return home


def test_the_option_goes_before_the_environment_and_that_before_the_usual_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "theirs"))

    assert Home.find(Path("ours")).path == (tmp_path / "ours").resolve()
    assert Home.find().path == (tmp_path / "theirs").resolve()
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "")
    assert Home.find().path == (tmp_path / "partnership").resolve()
    monkeypatch.delenv(ENVIRONMENT_VARIABLE)
    assert Home.find(None).path == (tmp_path / "partnership").resolve()


def test_everything_of_a_partnership_lies_in_its_folder(nowhere: Home) -> None:
    places = [
        *(nowhere.settings_file, nowhere.reference, nowhere.measures, nowhere.contracts),
        *(nowhere.recipes, nowhere.inbox, nowhere.batches, nowhere.snapshots),
        nowhere.current_file,
    ]

    assert {place.parent for place in places} == {nowhere.path}
    assert len(set(places)) == len(places)


def test_a_name_is_enough(nowhere: Home) -> None:
    settings = settle(nowhere, 'name = "North & South"\n').settings()

    assert settings.name == "North & South"
    assert settings.time_zone == "Europe/London"
    assert settings.words == Words()
    assert "DUTY" in settings.duty_desks
    assert not settings.fictional


def test_a_partnership_chooses_its_words(nowhere: Home) -> None:
    text = 'id = "p"\nname = "P"\n[words]\npeople = "residents"\nteams = "neighbourhoods"\n'

    words = settle(nowhere, text).settings().words

    assert (words.people, words.teams, words.locality) == (
        "residents",
        "neighbourhoods",
        "locality",
    )


def test_settings_saved_with_a_byte_order_mark_are_read(nowhere: Home) -> None:
    assert settle(nowhere, 'id = "p"\nname = "P"\n', "utf-8-sig").settings().name == "P"


def test_without_settings_there_is_no_partnership(nowhere: Home) -> None:
    nowhere.path.mkdir()

    assert not nowhere.exists()
    with pytest.raises(HomeError) as raised:
        nowhere.settings()
    assert str(nowhere.path) in str(raised.value)
    assert "--home" in str(raised.value)


FAULTS = {
    "no name": ('id = "p"\n', "name: "),
    "an empty name": ('id = "p"\nname = ""\n', "name: "),
    "not TOML": ("name = North\n", "not readable TOML"),
    "an entry that is none": ('id = "p"\nname = "P"\ncolour = "red"\n', "colour: "),
    "a word that is none": ('id = "p"\nname = "P"\n[words]\nfolk = "folk"\n', "words.folk: "),
    "no such time zone": ('id = "p"\nname = "P"\ntime_zone = "London"\n', "'London' is not a time"),
    "half a time zone": ('id = "p"\nname = "P"\ntime_zone = "Europe"\n', "'Europe' is not a time"),
    "a path": ('id = "p"\nname = "P"\ntime_zone = "/etc/localtime"\n', "is not a time zone"),
    "two faults": ('id = "p"\nname = ""\nabout = 3\n', "about: "),
}


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_faulty_settings_are_refused_with_their_file_and_fault(
    nowhere: Home, text: str, said: str
) -> None:
    settle(nowhere, text)

    with pytest.raises(HomeError) as raised:
        nowhere.settings()

    assert str(raised.value).startswith(f"{nowhere.settings_file}: ")
    assert said in str(raised.value)


def test_letters_of_another_encoding_are_refused(nowhere: Home) -> None:
    settle(nowhere, 'id = "p"\nname = "Café"\n', "cp1252")

    with pytest.raises(HomeError, match="not readable TOML"):
        nowhere.settings()


def test_the_clock_is_the_partnerships_own(nowhere: Home) -> None:
    settle(nowhere, 'id = "p"\nname = "P"\ntime_zone = "Pacific/Kiritimati"\n')
    there = datetime.datetime.now(ZoneInfo("Pacific/Kiritimati")).replace(tzinfo=None)

    now = nowhere.now()

    assert (now.tzinfo, now.microsecond) == (None, 0)
    assert abs(now - there) < datetime.timedelta(minutes=1)
