from dashboard import cached
from data.home import Home
from metrics.publish import publish
from metrics.reading import Snapshot


def test_the_book_of_a_version_is_made_once(city: Home) -> None:
    version = cached.current_version(city)

    assert cached.book(city.path, version) is cached.book(city.path, version)
    assert cached.book(city.path, version).snapshot == Snapshot(city, version)


def test_another_version_is_another_book(city_copy: Home) -> None:
    before = cached.current_version(city_copy)
    text = city_copy.settings_file.read_text(encoding="utf-8")
    city_copy.settings_file.write_text(text.replace("Calderbrook", "New"), encoding="utf-8")

    after = publish(city_copy).version

    assert cached.current_version(city_copy) == after != before
    assert cached.book(city_copy.path, before).settings.name == "Calderbrook Care Partnership"
    assert cached.book(city_copy.path, after).settings.name == "New Care Partnership"


def test_two_partnerships_with_one_version_are_not_mixed_up(city: Home, city_copy: Home) -> None:
    version = cached.current_version(city)

    assert cached.book(city_copy.path, version).snapshot.home == city_copy
    assert cached.book(city.path, version).snapshot.home == city


def test_a_series_is_the_same_by_its_area_and_by_its_measure(city: Home) -> None:
    version = cached.current_version(city)

    by_area = cached.series_of_area(city.path, version, "team", "N2")
    by_measure = cached.series_of_measure(city.path, version, "F02")

    assert by_area["F02"] == by_measure["team", "N2"]
    assert len(by_area["F02"]) == 36
    starts = [point.start for point in by_area["F02"]]
    assert starts == sorted(starts)
    assert len(by_measure) == 16
