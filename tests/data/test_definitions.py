from pathlib import Path

from data.contract import load_contracts
from data.definitions import load_definitions
from data.home import Home
from data.records import schema_of
from metrics.definition import CATALOGUE, load_measures

OWN = """
id = "L01"
title = "Our own"

[numerator]
count = "hospital_spell"
on = "admitted_on"
where = [{ column = "discharge_destination", in = ["54", "55"] }]

[show]
as = "percent"

[[case]]
given = "A referral with a reason_group."
"""


def test_it_knows_the_measures_that_the_catalogue_has(tmp_path: Path) -> None:
    contracts = load_contracts()
    measures = load_measures(Home(tmp_path), schema_of(contracts))
    found = load_definitions()

    assert set(found) == set(measures)
    assert {name for name, one in found.items() if one.percent} == {
        name for name, measure in measures.items() if measure.show.as_ == "percent"
    }


def test_a_partnerships_own_definitions_are_known_beside_the_shipped(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.measures.mkdir()
    (home.measures / "L01.toml").write_text(OWN, encoding="utf-8")

    found = load_definitions(home)

    assert found["L01"].percent
    assert found["L01"].title == "Our own"
    assert len(found) == len(list(CATALOGUE.glob("*.toml"))) + 1


def test_a_definition_names_the_columns_that_it_counts_and_not_those_of_its_cases(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    home.measures.mkdir()
    (home.measures / "L01.toml").write_text(OWN, encoding="utf-8")

    own = load_definitions(home)["L01"]

    assert own.names("hospital_spell", "discharge_destination")
    assert not own.names("hospital_spell", "reason_group")
    assert not own.names("referral", "discharge_destination")


def test_a_definition_that_is_not_toml_is_left_out(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.measures.mkdir()
    (home.measures / "L01.toml").write_text("id = ", encoding="utf-8")
    (home.measures / "L02.toml").write_text(OWN.replace("L01", "L02"), encoding="utf-8")

    assert set(load_definitions(home)) - set(load_definitions()) == {"L02"}
