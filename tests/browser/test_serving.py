import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data.home import ENVIRONMENT_VARIABLE, Home
from tests.browser.conftest import OpenWindow
from tests.browser.serving import APP, HOST, Server, answers, free_port, serving

SECONDS_TO_NOTICE = 15
NOBODY_ELSE = "127.0.0.2"


def test_it_is_served_where_it_was_asked_and_to_this_machine_alone(server: Server) -> None:
    assert f"http://{HOST}:{server.port}" in server.said
    assert answers(HOST, server.port)
    # Another address of the same machine: where that has none, nothing answers either.
    assert not answers(NOBODY_ELSE, server.port)


def test_streamlit_run_shows_the_same(window: OpenWindow, city: Home, tmp_path: Path) -> None:
    port = free_port()
    command = ["-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    place = {ENVIRONMENT_VARIABLE: str(city.path)}
    expected = window().go("team?team=N2").sentence

    with serving(city, tmp_path / "log.txt", command, port, **place) as other:
        here = window(other).go("team?team=N2")

        assert here.sentence == expected
        expect(here.page.get_by_text("Fictional data", exact=True)).to_be_visible()
        assert not answers(NOBODY_ELSE, port)
        here.close()


def test_the_port_and_the_folder_may_come_from_the_environment_and_ctrl_c_ends_it(
    city: Home, tmp_path: Path
) -> None:
    port = free_port()
    place = {ENVIRONMENT_VARIABLE: str(city.path), "PORT": str(port)}

    with serving(city, tmp_path / "log.txt", ["-m", "dashboard"], port, **place) as server:
        returned = server.end(signal.SIGINT)

    assert returned in (0, 130, -signal.SIGINT)
    assert "Traceback" not in server.said
    assert not answers(HOST, port)


def test_it_ends_when_it_is_told_to_while_somebody_looks_at_it(
    window: OpenWindow, city: Home, tmp_path: Path
) -> None:
    with serving(city, tmp_path / "log.txt") as server:
        window(server).go().close()

        returned = server.end(signal.SIGTERM)

    assert returned in (0, 143, -signal.SIGTERM)
    assert "Traceback" not in server.said
    assert not answers(HOST, server.port)


@pytest.mark.parametrize("port", ["0", "65536", "eighty"])
def test_a_port_that_cannot_be_is_refused_with_a_sentence(port: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "dashboard", "--port", port],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )

    assert asked.returncode == 2
    assert "--port" in asked.stderr
    assert "Traceback" not in asked.stderr


def test_an_open_page_shows_the_first_figures_and_then_newer_ones_by_itself(
    window: OpenWindow, city_copy: Home, tmp_path: Path
) -> None:
    city_copy.current_file.unlink()
    with serving(city_copy, tmp_path / "log.txt") as server:
        here = window(server).go()
        assert "nothing has been published here yet" in here.sentence

        publish(city_copy)
        expect(here.heading).to_contain_text(
            "Figures to 31 March 2026", timeout=SECONDS_TO_NOTICE * 1000
        )

        here.navigate("Team")
        here.choose("Team", "South 2 (Quillbrook)")
        expect(here.page).to_have_url(f"{here.address}/team?team=S2")
        rename(city_copy, "Calderbrook Care Partnership", "The New Partnership")
        publish(city_copy)
        expect(here.page.locator(".cm-name")).to_have_text(
            "The New Partnership", timeout=SECONDS_TO_NOTICE * 1000
        )
        # What somebody was looking at is still what they look at.
        expect(here.page).to_have_url(f"{here.address}/team?team=S2")
        expect(here.heading).to_contain_text("More referrals than usual")
        here.close()
    assert "Traceback" not in server.said


def publish(home: Home) -> None:
    subprocess.run(
        [sys.executable, "-m", "metrics", "publish", "--home", str(home.path)],
        check=True,
        capture_output=True,
    )


def rename(home: Home, before: str, after: str) -> None:
    settings = home.settings_file.read_text(encoding="utf-8")
    assert before in settings
    home.settings_file.write_text(settings.replace(before, after), encoding="utf-8")
