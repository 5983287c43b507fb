from data.contract import load_contracts
from data.prepared_tables import PREPARED, countable
from data.records import schema_of
from data.toml import read_toml

CONTRACTS = load_contracts(None)
SCHEMA = schema_of(CONTRACTS)


def test_every_column_that_a_view_adds_to_a_table_is_in_words_and_of_its_own_type() -> None:
    for table, contract in countable(CONTRACTS).items():
        columns = SCHEMA.columns(table)

        assert set(contract.names) == set(columns), table
        for name, kind in columns.items():
            assert contract.sql_type(name) == kind, f"{table}.{name}"


def test_every_file_in_words_stands_beside_its_view() -> None:
    for path in PREPARED.glob("*.toml"):
        assert path.with_suffix(".sql").is_file(), path.name
        assert path.stem in countable(CONTRACTS)


def test_what_is_made_of_tables_that_are_not_there_cannot_be_counted() -> None:
    assert countable({}) == {}


def test_what_a_sender_sends_stays_as_it_was() -> None:
    referral = CONTRACTS["referral"]

    assert "first_seen_on" not in referral.names
    assert "first_seen_on" in countable(CONTRACTS)["referral"].names


def test_what_is_added_to_a_table_is_what_the_file_beside_its_view_names() -> None:
    for path in PREPARED.glob("*.toml"):
        said = read_toml(path)
        if "made_from" not in said:
            named = {column["name"] for column in said["column"]}
            assert SCHEMA.added[said["table"]] == named, path.name
