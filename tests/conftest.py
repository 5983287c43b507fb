"""A whole partnership for the tests that need one: the fictional city, made once a session."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from data.demo.city import make
from data.home import Home
from metrics import definition
from metrics.publish import publish

# The same examples in every run: what fails here fails everywhere, and can be looked into.
settings.register_profile("the same examples", derandomize=True)
settings.load_profile("the same examples")
EVERY_MEASURE = definition.CATALOGUE
FEW = ("H01", "H05", "F01", "F02", "F04", "F05", "W01", "W03", "J05", "J07", "J08", "S02", "X01")


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The fictional city, made and published. Nothing may be written there: see `city_copy`."""
    home = Home(tmp_path_factory.mktemp("city") / "home")
    make(home)
    with pytest.MonkeyPatch.context() as here:
        here.setattr(definition, "CATALOGUE", EVERY_MEASURE)
        publish(home)
    return home


@pytest.fixture
def few_measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Only the measures of which a small partnership has figures: publishing takes a third."""
    folder = tmp_path / "few measures"
    folder.mkdir()
    for name in FEW:
        (file,) = EVERY_MEASURE.glob(f"{name}_*.toml")
        (folder / file.name).symlink_to(file)
    monkeypatch.setattr(definition, "CATALOGUE", folder)
    return folder


@pytest.fixture
def city_copy(city: Home, tmp_path: Path) -> Home:
    """The same city, for a test that writes."""
    return Home(shutil.copytree(city.path, tmp_path / "city", copy_function=_copied))


def _copied(source: str, place: str) -> None:
    """Copy a file; a batch's rows, which are never written again, are the same file twice."""
    if source.endswith(".parquet"):
        os.link(source, place)
    else:
        shutil.copy2(source, place)
