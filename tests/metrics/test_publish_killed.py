"""Publishing is killed at every kind of moment: what is served is always one whole snapshot."""

import contextlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from data.home import Home
from data.snapshots import current_version, is_whole, query
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.small_partnership import load, load_everything, records, set_up

# Shares of the time that publishing takes here, from its start to just past its end, and closer
# together where files are renamed.
EVENLY = [step / 10 for step in range(12)]
NEAR_THE_END = [0.92, 0.97, 0.99]
# What the build writes, in this order, by its name in the partnership's folder.
ON_DISK = [
    "snapshots/building-*",
    "snapshots/building-*/restricted.duckdb",
    "snapshots/building-*/manifest.json",
    "snapshots/{after}",
    "CURRENT.*.new",
]


@dataclass(frozen=True)
class Served:
    """What a version answers: every value, and a word from its settings."""

    values: pd.DataFrame
    about: str

    @classmethod
    def by(cls, home: Home) -> "Served":
        frame = query(home, current_version(home), "SELECT * FROM measure_value ORDER BY ALL")
        return cls(frame, Snapshot.current(home).settings.about)

    def is_same_as(self, other: "Served") -> bool:
        return self.about == other.about and self.values.equals(other.values)


@dataclass(frozen=True)
class Scene:
    """A partnership that serves one snapshot while the inputs of the next lie ready.

    Attributes:
        before, after: The version served, and the one that publishing would make of the inputs.
        answers: What each of the two answers.
        seconds: How long publishing takes here in a process of its own.
    """

    home: Home
    before: str
    after: str
    answers: dict[str, Served]
    seconds: float


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    root = tmp_path_factory.mktemp("killed")
    home = set_up(root / "home")
    load_everything(home, ["2025-01", "2025-02"])
    before = publish(home).version
    answers = {before: Served.by(home)}
    # Another day of sickness, a month more of everything, and another word in the settings.
    text = home.settings_file.read_text(encoding="utf-8")
    home.settings_file.write_text(text.replace("Small.", "Grown."), encoding="utf-8")
    load(home, "absence_month", records("absence_month", ["2025-01"]).replace("31.5", "32.5"))
    load_everything(home, ["2025-03"])

    # Twice, for the first time may be slower than those that follow.
    runs = []
    for name in ("first", "second"):
        finished = Home(shutil.copytree(home.path, root / name))
        started = time.perf_counter()
        assert start_publishing(finished).wait() == 0
        runs.append(time.perf_counter() - started)
        after = current_version(finished)
        answers[after] = Served.by(finished)
    assert set(answers) == {before, after}
    assert not answers[after].is_same_as(answers[before])
    return Scene(home, before, after, answers, min(runs))


@pytest.fixture
def home(scene: Scene, tmp_path: Path) -> Home:
    return Home(shutil.copytree(scene.home.path, tmp_path / "home"))


def start_publishing(home: Home) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "metrics", "publish", "--home", str(home.path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_after(home: Home, seconds: float) -> None:
    """Start publishing and kill the process some time later, unless it is done before."""
    process = start_publishing(home)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    process.wait()


def kill_when(home: Home, it_is_time: Callable[[], bool]) -> None:
    """Start publishing and kill the process at a moment, unless it is done before."""
    process = start_publishing(home)
    while not it_is_time() and process.poll() is None:
        time.sleep(0.0002)
    process.kill()
    process.wait()


def assert_one_whole_snapshot_is_served(home: Home, scene: Scene) -> None:
    version = current_version(home)
    # A third version can only come of our own code, which was then edited while this ran.
    assert version in scene.answers
    assert is_whole(home, version)
    assert Served.by(home).is_same_as(scene.answers[version])


def assert_the_next_publish_succeeds(home: Home, scene: Scene) -> None:
    published = publish(home)

    assert published.version == current_version(home) == scene.after
    assert_one_whole_snapshot_is_served(home, scene)
    left = {path.name for path in home.snapshots.iterdir()} - {"publishing.lock"}
    assert left == {scene.before, scene.after}
    assert [path.name for path in home.path.glob("CURRENT*")] == ["CURRENT"]


@pytest.mark.parametrize("share", sorted(EVENLY + NEAR_THE_END))
def test_a_publish_killed_at_any_time_leaves_one_whole_snapshot_served(scene, home, share):
    kill_after(home, share * scene.seconds)

    assert_one_whole_snapshot_is_served(home, scene)


@pytest.mark.parametrize("seen", ON_DISK, ids=lambda seen: re.sub(r"\W+", "-", seen))
def test_a_publish_killed_as_something_is_written_leaves_one_whole_snapshot_served(
    scene, home, seen
):
    pattern = seen.format(after=scene.after)

    kill_when(home, lambda: any(home.path.glob(pattern)))

    assert_one_whole_snapshot_is_served(home, scene)
    assert_the_next_publish_succeeds(home, scene)


def test_a_publish_killed_while_building_leaves_the_last_good_snapshot_served(scene, home):
    kill_when(home, lambda: any(home.snapshots.glob("building-*/records.duckdb")))

    # The build was under way: half a snapshot is there, and nobody is shown it.
    assert any(home.snapshots.glob("building-*"))
    assert current_version(home) == scene.before
    assert_one_whole_snapshot_is_served(home, scene)
    assert_the_next_publish_succeeds(home, scene)


def test_a_publish_killed_as_it_names_its_snapshot_has_put_it_there(scene, home):
    kill_when(home, lambda: home.current_file.read_text(encoding="utf-8").strip() == scene.after)

    assert current_version(home) == scene.after
    assert_one_whole_snapshot_is_served(home, scene)
    assert_the_next_publish_succeeds(home, scene)


def test_a_publish_killed_over_and_over_leaves_nothing_that_adds_up(scene, home):
    for share in (0.7, 0.8, 0.9):
        kill_after(home, share * scene.seconds)
        assert_one_whole_snapshot_is_served(home, scene)

    assert_the_next_publish_succeeds(home, scene)
