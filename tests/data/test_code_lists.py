from pathlib import Path

import pytest

from data.code_lists import SHIPPED, CodeList, load_code_lists
from data.contract import load_contracts
from data.errors import ContractError
from data.home import Home

LIST = """
list = "sex"
title = "Sex"
version = "2"

[[code]]
code = "F"
also = ["2", "female"]

[[code]]
code = "M"
also = ["1", "male"]
"""


def test_every_shipped_list_says_its_edition_and_is_used_by_a_contract() -> None:
    lists = load_code_lists()
    used = {c.codes.name for t in load_contracts().values() for c in t.columns if c.codes}

    assert {path.stem for path in SHIPPED.glob("*.toml")} == set(lists)
    assert all(codes.version for codes in lists.values())
    assert sorted(set(lists) - used) == []


def test_an_age_in_years_is_in_one_band_and_7000_means_under_one_year() -> None:
    ages = load_code_lists()["age_band"]

    assert [ages.of_number(age) for age in (0, 17, 18, 64, 65, 84, 85, 112, 7012)] == [
        *("0-17", "0-17", "18-24", "45-64", "65-74", "75-84", "85+", "85+", "0-17"),
    ]
    assert ages.of_number(999) is None
    assert "999" in ages.blank


def test_a_partnerships_own_list_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.codes.mkdir()
    (home.codes / "sex.toml").write_text(LIST, encoding="utf-8")

    assert load_code_lists(home)["sex"].codes == ("F", "M")
    assert load_contracts(home)["hospital_spell"].column("sex").allowed == ("F", "M")
    assert load_contracts()["hospital_spell"].column("sex").allowed == ("1", "2", "9", "X")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ('also = ["1", "F"]', "f: said twice"),
        ('also = []\nreplaces = ["Q"]', "Q: replaced, but not one of the codes"),
        ("numbers = 4", "numbers"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(tmp_path: Path, broken: str, said: str) -> None:
    home = Home(tmp_path)
    home.codes.mkdir()
    (home.codes / "sex.toml").write_text(LIST.replace('also = ["1", "male"]', broken))

    with pytest.raises(ContractError, match=said):
        load_code_lists(home)


def test_what_is_read_otherwise_must_be_a_code() -> None:
    with pytest.raises(ValueError, match="otherwise is 'other'"):
        CodeList.model_validate(
            {
                "list": "a",
                "title": "A",
                "version": "1",
                "otherwise": "other",
                "code": [{"code": "x"}],
            }
        )
