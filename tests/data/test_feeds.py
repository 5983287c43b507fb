"""Which table is expected from whom, and what has become of it on a day."""

import datetime
import json
from pathlib import Path

from typer.testing import CliRunner

from data.__main__ import app
from data.calendar import add_months
from data.check import Stated
from data.feeds import FeedStatus, feeds_of, in_notes, late
from data.home import Home
from data.load import load_files
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.small_partnership import load, records, set_up

TODAY = datetime.date(2025, 5, 22)
EXPECTED = "feed,sent_by,system,team_id,expected_from,expected_to,due_days\n"
ANSWERS = "team_id,responded_on,answer\n"


def home_with(path: Path, feeds: str = "", told: str = "") -> Home:
    lists = {"feed": EXPECTED + feeds} if feeds else {}
    if told:
        lists["feed_status"] = "feed,team_id,month,expected,received,complete_pct,note\n" + told
    return set_up(path / "home", **lists)


def answers(*teams_and_months: str) -> str:
    pairs = [text.split() for text in teams_and_months]
    return ANSWERS + "".join(f"{team},{month}-05,good\n" for team, month in pairs)


def states(feeds: list[FeedStatus], feed: str, team: str) -> dict[str, str]:
    return {
        f"{one.month:%Y-%m}": one.state for one in feeds if (one.feed, one.team_id) == (feed, team)
    }


def one_of(feeds: list[FeedStatus], feed: str, team: str, month: str) -> FeedStatus:
    (found,) = (
        one for one in feeds if (one.feed, one.team_id, f"{one.month:%Y-%m}") == (feed, team, month)
    )
    return found


def load_by_recipe(home: Home, recipe: str, text: str) -> None:
    file = home.path / f"{recipe}.csv"
    file.write_text(text, encoding="utf-8")
    (report,) = load_files(home, [file], Stated(recipe, "ymd"))
    file.unlink()
    assert report.status == "accepted", report.as_text()


def published(home: Home) -> Snapshot:
    publish(home)
    return Snapshot.current(home)


def test_a_month_is_due_some_days_after_its_end_and_late_after_that(tmp_path):
    home = home_with(tmp_path, "fft_response,trust,,N1,2025-01-01,,21\n")
    load(home, "fft_response", answers("N1 2025-01", "N1 2025-02", "N1 2025-03"))

    before = states(feeds_of(home, datetime.date(2025, 5, 21)), "fft_response", "N1")
    after = feeds_of(home, datetime.date(2025, 5, 22))

    assert before["2025-04"] == "not yet due"
    assert states(after, "fft_response", "N1")["2025-04"] == "late"
    assert "2025-05" not in states(after, "fft_response", "N1")
    april = one_of(after, "fft_response", "N1", "2025-04")
    assert (april.due_on, april.expected, april.received) == (
        datetime.date(2025, 5, 21),
        "yes",
        False,
    )


def test_what_came_by_its_day_is_on_time_and_what_came_later_was_received(tmp_path):
    today = datetime.datetime.now(datetime.UTC).date()
    month = f"{add_months(today.replace(day=1), -1):%Y-%m}"
    feeds = f"fft_response,trust,,N1,{month}-01,,366\n"
    feeds += "fft_response,trust,,N2,2020-01-01,,0\n"
    home = home_with(tmp_path, feeds)
    load(home, "fft_response", answers(f"N1 {month}", "N2 2025-01"), extracted=f"{today}")

    found = feeds_of(home, today)

    assert one_of(found, "fft_response", "N1", month).state == "on time"
    assert one_of(found, "fft_response", "N2", "2025-01").state == "received"
    newest = one_of(found, "fft_response", "N1", month)
    assert (newest.rows, newest.received_on, len(newest.batch_ids)) == (1, today, 1)


def test_a_hole_that_later_months_have_passed_is_missing_and_not_late(tmp_path):
    home = home_with(tmp_path, "fft_response,trust,,N1,2025-01-01,,21\n")
    load(home, "fft_response", answers("N1 2025-01"), name="jan")
    load(home, "fft_response", answers("N1 2025-03"), name="mar")

    found = states(feeds_of(home, TODAY), "fft_response", "N1")

    assert found == {
        "2025-01": "received",
        "2025-02": "missing",
        "2025-03": "received",
        "2025-04": "late",
    }


def test_a_table_that_nobody_listed_is_shown_with_what_came(tmp_path):
    home = home_with(tmp_path)
    load(home, "fft_response", answers("N1 2025-01", "N1 2025-02"))

    found = feeds_of(home, TODAY)

    assert states(found, "fft_response", "N1") == {"2025-01": "received", "2025-02": "received"}
    assert states(found, "fft_response", "N2") == {"2025-01": "missing", "2025-02": "missing"}
    assert {one.expected for one in found} == {"not said"}
    assert {one.feed for one in found} == {"fft_response"}
    assert late(found) == []


def test_a_team_or_a_month_that_a_list_does_not_name_is_not_expected(tmp_path):
    home = home_with(tmp_path, "fft_response,trust,,N1,2025-02-01,2025-03-01,21\n")
    load(home, "fft_response", answers("N1 2025-01", "N1 2025-02", "N1 2025-03"))

    found = feeds_of(home, TODAY)

    assert states(found, "fft_response", "N2") == dict.fromkeys(
        ("2025-01", "2025-02", "2025-03"), "not expected"
    )
    assert {f"{one.month:%m}": one.expected for one in found if one.team_id == "N1"} == {
        "01": "no",
        "02": "yes",
        "03": "no",
    }


def test_what_somebody_wrote_goes_before_what_the_files_show(tmp_path):
    told = (
        "fft_response,N1,2025-01,,no,,the supplier was changed\n"
        "fft_response,N1,2025-02,,yes,60,\n"
        "fft_response,N2,2025-02,no,no,,\n"
        "fft_response,N1,2025-04,,no,,\n"
    )
    home = home_with(tmp_path, "fft_response,trust,,,2025-01-01,,21\n", told)
    load(home, "fft_response", answers("N1 2025-01", "N1 2025-02", "N1 2025-03"))

    found = feeds_of(home, datetime.date(2025, 4, 2))

    assert states(found, "fft_response", "N1") == {
        "2025-01": "missing",
        "2025-02": "part-filled",
        "2025-03": "received",
    }
    assert states(found, "fft_response", "N2")["2025-02"] == "not expected"
    assert one_of(found, "fft_response", "N1", "2025-01").note == "the supplier was changed"
    assert one_of(found, "fft_response", "N1", "2025-02").complete_pct == 60


def test_a_month_that_was_not_over_is_part_filled(tmp_path):
    home = home_with(tmp_path)
    load(home, "fft_response", answers("N1 2025-02", "N1 2025-03"), extracted="2025-03-15")

    assert states(feeds_of(home, TODAY), "fft_response", "N1") == {
        "2025-02": "received",
        "2025-03": "part-filled",
    }


def test_a_month_of_which_one_employer_is_not_here_is_not_received(tmp_path):
    home = home_with(tmp_path, "absence_month,employers,,N1,2025-01-01,,21\n")
    header = "team_id,month,employer,fte_days_lost,fte_days_available\n"
    january = "N1,2025-01,NHS,3,300\nN1,2025-01,council,2,200\n"
    load(home, "absence_month", f"{header}{january}N1,2025-02,NHS,3,300\n")

    found = one_of(feeds_of(home, TODAY), "absence_month", "N1", "2025-02")

    assert (found.state, found.rows, found.note) == ("late", 1, "council figures not received")


def test_of_two_senders_of_one_table_each_is_awaited(tmp_path):
    feeds = "hospital_spell,North Trust,North PAS,N1,2025-01-01,,21\n"
    feeds += "hospital_spell,South Trust,South PAS,N1,2025-01-01,,21\n"
    home = home_with(tmp_path, feeds)
    (home.path / "recipes").mkdir()
    for place in ("North", "South"):
        (home.path / "recipes" / f"{place.lower()}.toml").write_text(
            f'recipe = "{place.lower()}_pas"\ntitle = "{place}"\ntable = "hospital_spell"\n'
            f'source = "{place} PAS"\nheader = ["{place} id", "Practice", "In", "Kind"]\n'
            f'[columns]\nspell_id = "{place} id"\npractice_code = "Practice"\n'
            'admitted_on = "In"\nadmission_method = "Kind"\n',
            encoding="utf-8",
        )
    row = "{at},Z90001,2025-0{month}-03,21\n"
    head = "{place} id,Practice,In,Kind\n"
    both = head.format(place="North") + row.format(at=1, month=1) + row.format(at=2, month=2)
    load_by_recipe(home, "north_pas", both)
    south = head.format(place="South") + row.format(at=3, month=1)
    load_by_recipe(home, "south_pas", south)

    found = feeds_of(home, TODAY)
    snapshot = published(home)

    by_sender = {
        (one.sent_by, f"{one.month:%m}"): one.state
        for one in found
        if one.team_id == "N1" and one.month.month < 4
    }
    assert by_sender == {
        ("North Trust", "01"): "received",
        ("North Trust", "02"): "received",
        ("North Trust", "03"): "late",
        ("South Trust", "01"): "received",
        ("South Trust", "02"): "late",
        ("South Trust", "03"): "late",
    }
    points = snapshot.points("H01", "team")
    reasons = points[(points["area_id"] == "N1")].set_index("period_start")["reason"]
    assert list(reasons) == ["", "not received from South Trust"]


def test_two_late_feeds_are_two_however_many_teams_and_months_wait(tmp_path):
    feeds = "fft_response,trust,,,2025-01-01,,21\nreferral,community,,N1,2025-02-01,,14\n"
    feeds += "absence_month,council,,,2026-01-01,,21\n"
    home = home_with(tmp_path, feeds)
    load(home, "fft_response", answers("N1 2025-01", "N2 2025-01", "S1 2025-01"))

    found = late(feeds_of(home, TODAY))

    assert [(one.feed, one.sent_by, one.team_ids) for one in found] == [
        ("referral", "community", ("N1",)),
        ("fft_response", "trust", ("N1", "N2", "S1")),
    ]
    assert [one.month for one in found] == [datetime.date(2025, 2, 1)] * 2
    assert found[0].title == "Referrals"


def test_a_team_that_closed_is_not_awaited(tmp_path):
    home = set_up(
        tmp_path / "home",
        team="team_id,locality_id,name,valid_from,valid_to\n"
        "N1,N,North 1,2020-01-01,2025-02-01\nN2,N,North 2,2020-01-01,\nS1,S,South 1,2020-01-01,\n",
        feed=f"{EXPECTED}fft_response,trust,,,2025-01-01,,21\n",
    )
    load(home, "fft_response", answers("N1 2025-01", "N2 2025-01", "S1 2025-01"))

    (waiting,) = late(feeds_of(home, TODAY))

    assert waiting.team_ids == ("N2", "S1")


def test_before_anything_is_loaded_what_is_expected_is_listed(tmp_path):
    home = home_with(tmp_path, "fft_response,trust,,N1,2025-01-01,,0\n")

    found = feeds_of(home, TODAY)

    assert states(found, "fft_response", "N1") == {"2025-04": "late"}


def test_a_snapshot_answers_the_same_on_any_day(tmp_path):
    feeds = "fft_response,trust,,,2025-01-01,,21\n"
    home = home_with(tmp_path, feeds, "fft_response,N2,2025-01,,no,,an outage\n")
    load(home, "fft_response", answers("N1 2025-01", "N1 2025-02"), extracted="2025-02-20")
    load(home, "absence_month", records("absence_month", ["2025-01"]))
    snapshot = published(home)

    for day in (datetime.date(2025, 3, 1), TODAY, datetime.date(2026, 1, 1)):
        assert snapshot.feeds(day) == feeds_of(home, day)
    assert len(late(snapshot.feeds(TODAY))) == 1


def test_the_command_lists_them_and_prints_json(tmp_path):
    home = home_with(tmp_path, "fft_response,trust,,,2025-01-01,,21\n")
    load(home, "fft_response", answers("N1 2025-01", "N2 2025-01"))
    runner = CliRunner()

    text = runner.invoke(app, ["feeds", "--home", str(home.path)])
    printed = runner.invoke(app, ["feeds", "--home", str(home.path), "--json"])

    assert text.exit_code == 0
    assert "fft_response" in text.output
    assert "trust" in text.output
    said = json.loads(printed.output)
    assert said[0]["feed"] == "fft_response"
    assert (said[0]["month"], said[0]["due_on"]) == ("2025-01-01", "2025-02-21")


def test_with_nothing_expected_and_nothing_loaded_the_command_says_so(tmp_path):
    home = home_with(tmp_path)

    said = CliRunner().invoke(app, ["feeds", "--home", str(home.path)])

    assert said.output == "Nothing is expected here and nothing has been loaded yet.\n"
    assert feeds_of(home, TODAY) == []


def test_the_list_says_once_what_is_known_of_why_months_are_not_here(tmp_path):
    told = "".join(
        f"fft_response,{team},2025-01,true,false,,The system was down.\n" for team in ("N1", "N2")
    )
    home = home_with(tmp_path, "fft_response,trust,,,2025-01-01,,21\n", told)
    load(home, "fft_response", answers("N1 2025-01", "N2 2025-01", "S1 2025-01", "S1 2025-02"))

    said = CliRunner().invoke(app, ["feeds", "--home", str(home.path)]).stdout

    (line,) = [one for one in said.splitlines() if "The system was down" in one]
    assert line.endswith(", from trust: N1 2025-01, N2 2025-01: The system was down")


def test_where_nothing_is_known_of_a_month_that_is_not_here_there_is_no_line(tmp_path):
    home = home_with(tmp_path, "fft_response,trust,,,2025-01-01,,21\n")
    load(home, "fft_response", answers("N1 2025-01"))

    assert in_notes(feeds_of(home, TODAY)) == []
