from decimal import Decimal
from pathlib import Path

import pytest

from data.home import Home
from metrics.definition import CATALOGUE, Measure, load_measures, read_measure
from metrics.errors import MeasureError
from tests.metrics.measure_tables import CONTRACTS, ENGLAND, SCHEMA

NUMERATOR = """[numerator]
open = "referral"
from = "received_at"
until = ["closed_on"]
"""
DENOMINATOR = """[denominator]
rows = "referral"
on = "received_at"
"""
CASE = """[[case]]
given = "One is open."
at = 2025-03-31
numerator = 1
rows.referral = [{ referral_id = "r1", received_at = 2025-03-03 }]
"""
WHOLE = f"""id = "L01"
slug = "still_open"
title = "Still open"
question = "How many are open?"
family = "proposed"
group = "flow"
sector = ["health"]
kind = "process"
better = "lower"
attribution = "receiving"
every = "month"
unit = "referrals"
decimals = 0
disclosure = "people"
checked_against = "Nothing."

[origin]
kind = "workshop"
source = "A workshop"

[says]
higher = "More"
lower = "Fewer"
rose = "more"
fell = "fewer"
level = "Open"

[[pairs_with]]
measure = "F02"
why = "both"

{NUMERATOR}
[show]
as = "count"

{CASE}"""
QUANTILE = """[quantile]
at = 0.5
days = ["received_at", "closed_on"]
of = "referral"
on = "closed_on"
open_cases = "left out"
"""


def changed(*changes: tuple[str, str]) -> str:
    text = WHOLE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def counting(block: str, shown: str = "count") -> str:
    return changed((NUMERATOR, block), ('as = "count"', f'as = "{shown}"'))


def where(condition: str) -> str:
    return counting(
        f'[numerator]\nrows = "referral"\non = "received_at"\nwhere = [{{ {condition} }}]\n'
    )


def case(entries: str) -> str:
    return changed((CASE, f'[[case]]\ngiven = "x"\n{entries}\n'))


def read(text: str, folder: Path) -> Measure:
    file = folder / "L01.toml"
    file.write_text(text, encoding="utf-8")
    return read_measure(file, SCHEMA)


def faults_of(text: str, folder: Path) -> list[str]:
    try:
        read(text, folder)
    except MeasureError as error:
        return str(error).splitlines()
    pytest.fail("it was not refused")


@pytest.fixture
def own(tmp_path: Path) -> Home:
    (tmp_path / "measures").mkdir()
    return Home(tmp_path)


# ---------------------------------------------------------------- what is right is read


def test_a_whole_definition_is_read(tmp_path):
    measure = read(WHOLE, tmp_path)

    assert (measure.id, measure.every, measure.improvement) == ("L01", "month", "decrease")
    assert len(measure.blocks) == 1


@pytest.mark.parametrize(
    ("lines", "improvement"),
    [
        ('better = "lower"', "decrease"),
        ('better = "higher"', "increase"),
        ('better = "neither"', "neutral"),
        ('better = "lower"\ncontested = true\ndispute = "Some say so."', "neutral"),
    ],
)
def test_no_direction_is_better_where_that_is_disputed(tmp_path, lines, improvement):
    assert read(changed(('better = "lower"', lines)), tmp_path).improvement == improvement


def test_decimals_are_exact_however_many_digits_they_have(tmp_path):
    text = case("at = 2025-03-31\nnumerator = 12345678901234.5678\nvalue = 0.1\nrows.referral = []")
    text = text.replace(
        NUMERATOR,
        '[numerator]\nlevel = "in_post_fte"\nof = "workforce_month"\non = "month"\n'
        'where = [{ column = "in_post_fte", at_least = 0.1, at_most = 1e2 }]\n',
    ).replace('"receiving"', '"employing"')

    measure = read(text, tmp_path)

    assert measure.case[0].numerator == Decimal("12345678901234.5678")
    assert measure.case[0].value == Decimal("0.1")
    assert measure.numerator is not None
    assert measure.numerator.where[0].values == (Decimal("0.1"), Decimal(100))


def test_cells_of_a_case_are_exact_too(tmp_path):
    cells = 'team_id = "T1", fte_days_lost = 12345678901234.5678'
    text = case(f"at = 2025-03-31\nnumerator = 1\nrows.absence_month = [{{ {cells} }}]")

    row = read(text, tmp_path).case[0].rows["absence_month"][0]

    assert row == {"team_id": "T1", "fte_days_lost": Decimal("12345678901234.5678")}


def test_englands_definitions_load_beside_the_shipped_ones():
    shipped = set(load_measures(None, SCHEMA))

    assert set(load_measures(ENGLAND, SCHEMA)) - shipped == {
        f"E0{number}" for number in range(1, 8)
    }


# ---------------------------------------------------------------- what is wrong is refused

BROKEN: dict[str, tuple[str, str]] = {
    "an entry that does not exist": (
        changed(('unit = "referrals"', 'unit = "referrals"\nunti = "x"')),
        "unti: there is no such entry; check its spelling or remove it",
    ),
    "an entry that is missing": (
        changed(('title = "Still open"\n', "")),
        "title: this is missing; write it",
    ),
    "an entry missing further down": (
        changed(('source = "A workshop"\n', "")),
        "origin.source: this is missing; write it",
    ),
    "a blank": (
        changed(('unit = "referrals"', 'unit = ""')),
        "unit: write something",
    ),
    "an id of small letters": (
        changed(('id = "L01"', 'id = "l01"')),
        "id: write capital letters, then digits, such as F04",
    ),
    "a slug with spaces": (
        changed(('"still_open"', '"Still open!"')),
        "slug: write small letters, digits and _ only, a letter first, such as people_waiting",
    ),
    "a pair that is no id": (
        changed(('measure = "F02"', 'measure = "people_waiting"')),
        "pairs_with 1.measure: write capital letters, then digits, such as F04",
    ),
    "a choice that there is not": (
        changed(('better = "lower"', 'better = "down"')),
        "better: this must be 'higher', 'lower' or 'neither'",
    ),
    "weeks": (
        changed(('every = "month"', 'every = "week"')),
        "every: this must be 'month' or 'quarter'",
    ),
    "a text where a list belongs": (
        changed(('sector = ["health"]', 'sector = "health"')),
        "sector: write a list: between [ and ], with commas",
    ),
    "an empty list": (
        changed(('sector = ["health"]', "sector = []")),
        "sector: write at least one",
    ),
    "too many decimals": (
        changed(("decimals = 0", "decimals = 9")),
        "decimals: this must be less than or equal to 3",
    ),
    "a text where a table belongs": (
        changed(
            ('[origin]\nkind = "workshop"\nsource = "A workshop"\n', ""),
            ('unit = "referrals"', 'unit = "referrals"\norigin = "us"'),
        ),
        "origin: write a table of entries: between { and }, or under a heading in [ and ]",
    ),
    "a number where a text belongs": (
        changed(('unit = "referrals"', "unit = 7")),
        "unit: write text, in quotes",
    ),
    "a dispute without a word about it": (
        changed(('better = "lower"', 'better = "lower"\ncontested = true')),
        "a contested measure says in `dispute` who disputes it and why",
    ),
    "nothing counted": (
        changed((NUMERATOR, "")),
        "a measure has either a [numerator] or a [quantile]",
    ),
    "a block without its word": (
        counting('[numerator]\non = "received_at"\n'),
        "numerator: a block has exactly one of rows, sum, days, people, open, days_inside, level,"
        " population, person_days, submitted",
    ),
    "a block of two kinds": (
        counting('[numerator]\nrows = "referral"\nlevel = "x"\non = "received_at"\n'),
        "numerator: a block has exactly one of rows, sum, days, people, open, days_inside, level,"
        " population, person_days, submitted",
    ),
    "a block with a part missing": (
        counting('[numerator]\nrows = "referral"\n'),
        "numerator.on: this is missing; write it",
    ),
    "a block with a part too many": (
        counting('[numerator]\nrows = "referral"\non = "received_at"\nuntil = ["closed_on"]\n'),
        "numerator.until: there is no such entry; check its spelling or remove it",
    ),
    "a table that does not exist": (
        counting('[numerator]\nrows = "refferal"\non = "received_at"\n'),
        f"numerator: there is no table refferal; there are {', '.join(sorted(CONTRACTS))}",
    ),
    "a view that nobody sends rows of": (
        counting('[numerator]\nrows = "team_area"\non = "valid_from"\n'),
        f"numerator: there is no table team_area; there are {', '.join(sorted(CONTRACTS))}",
    ),
    "a table whose rows are nobody's": (
        counting('[numerator]\nrows = "calendar"\non = "date"\n'),
        "attribution: the rows of calendar belong to no team; count another table",
    ),
    "an attribution that a table does not serve": (
        changed(('attribution = "receiving"', 'attribution = "employing"')),
        "attribution: referral cannot say which team by employing; it can by receiving, allocated,"
        " population",
    ),
    "a column that does not exist": (
        counting('[numerator]\nrows = "fft_response"\non = "answered_on"\n').replace(
            '"receiving"', '"respondent"'
        ),
        "numerator: fft_response has no column answered_on; it has team_id, responded_on, answer,"
        " mode, eligible_count",
    ),
    "a date that is none": (
        counting('[numerator]\nrows = "fft_response"\non = "answer"\n').replace(
            '"receiving"', '"respondent"'
        ),
        "numerator: fft_response.answer is not a date; dates are responded_on",
    ),
    "a sum of what is no number": (
        counting('[numerator]\nsum = "mode"\nof = "fft_response"\non = "responded_on"\n').replace(
            '"receiving"', '"respondent"'
        ),
        "numerator: fft_response.mode is not a number; numbers are eligible_count",
    ),
    "a sum in a table without numbers": (
        counting('[numerator]\nsum = "sector"\nof = "referral"\non = "received_at"\n'),
        "numerator: referral.sector is not a number; numbers are none",
    ),
    "a condition without a test": (
        where('column = "sector"'),
        "numerator.where 1: a condition takes one of is, is_not, in, not_in, at_least, at_most,"
        " empty, not_empty; this one has none",
    ),
    "a condition with two subjects": (
        where('column = "sector", days = ["received_at", "closed_on"], at_least = 1'),
        "numerator.where 1: a condition names either one `column` or two dates in `days`",
    ),
    "a condition on days with another test": (
        where('days = ["received_at", "closed_on"], is = 3'),
        "numerator.where 1: a condition on `days` takes `at_least`, `at_most` or both",
    ),
    "a condition that compares with a list": (
        where('column = "sector", is = ["health"]'),
        "numerator.where 1.is: write one text in quotes, one number, one date, or true or false",
    ),
    "a condition with one value where a list belongs": (
        where('column = "sector", in = "health"'),
        "numerator.where 1.in: write a list: between [ and ], with commas",
    ),
    "a condition with a time of day": (
        where('column = "received_at", at_least = 2025-03-01T09:00:00'),
        "numerator.where 1.at_least: write the date without the time of day",
    ),
    "a condition that is not a number": (
        where('column = "sector", at_least = nan'),
        "numerator.where 1.at_least: write one text in quotes, one number, one date, or true or"
        " false",
    ),
    "empty = false": (
        where('column = "sector", empty = false'),
        "numerator.where 1.empty: this must be true",
    ),
    "a code that a column never holds": (
        where('column = "sector", is = "Health"'),
        "numerator: where 1: referral.sector never holds 'Health'; it holds health, social care",
    ),
    "a date in quotes": (
        where('column = "closed_on", is = "2025-03-01"'),
        "numerator: where 1: referral.closed_on is never '2025-03-01'; it holds dates, written"
        " without quotes",
    ),
    "a truth in quotes": (
        where('column = "coordinator_recorded", is = "true"'),
        "numerator: where 1: referral.coordinator_recorded is never 'true'; it holds true or false",
    ),
    "a number of days in quotes": (
        where('days = ["received_at", "closed_on"], at_least = "3"'),
        "numerator: where 1: a number of days is a whole number, without quotes",
    ),
    "half a day": (
        where('days = ["received_at", "closed_on"], at_least = 0.5'),
        "numerator: where 1: a number of days is a whole number, without quotes",
    ),
    "days between what are no dates": (
        where('days = ["received_at", "sector"], at_least = 3'),
        "numerator: where 1: referral.sector is not a date",
    ),
    "a condition on people": (
        counting(
            '[numerator]\npopulation = { sex = ["1"] }\nwhere = [{ column = "sex", is = "1" }]\n'
        ),
        "numerator: people are chosen by `age_bands`, `sex` and `basis`; remove `where`",
    ),
    "an age band that lists do not have": (
        counting('[numerator]\npopulation = { age_bands = ["65+"] }\n'),
        "numerator.population.age_bands 1: this must be '0-17', '18-24', '25-44', '45-64',"
        " '65-74', '75-84' or '85+'",
    ),
    "neither above nor below": (
        counting('[numerator]\nsubmitted = "both"\n'),
        "numerator.submitted: this must be 'numerator' or 'denominator'",
    ),
    "a share of nothing": (
        changed(('as = "count"', 'as = "percent"')),
        'show as = "percent" needs a [denominator]',
    ),
    "a count of something": (
        changed((NUMERATOR, NUMERATOR + DENOMINATOR)),
        'show as = "count" takes no [denominator]; remove it, or show a percentage',
    ),
    "a rate without people": (
        counting(NUMERATOR + DENOMINATOR, "per_1000_people"),
        'show as = "per_1000_people" needs a [denominator] with `population`',
    ),
    "a rate a year without days": (
        counting(NUMERATOR + "[denominator]\npopulation = {}\n", "per_1000_people_a_year"),
        'show as = "per_1000_people_a_year" needs a [denominator] with `person_days`',
    ),
    "a mean a day of no sum": (
        counting(NUMERATOR, "mean_a_day"),
        'show as = "mean_a_day" needs a [numerator] with `sum`',
    ),
    "days that are no quantile": (
        changed(('as = "count"', 'as = "days"')),
        'show as = "days" goes with a [quantile], and a [quantile] with nothing else',
    ),
    "a quantile that is no days": (
        counting(QUANTILE, "count"),
        'show as = "days" goes with a [quantile], and a [quantile] with nothing else',
    ),
    "a quantile beside a numerator": (
        counting(NUMERATOR + QUANTILE, "days"),
        "a measure has either a [numerator] or a [quantile]",
    ),
    "a quantile below a line": (
        counting(QUANTILE + DENOMINATOR, "days"),
        "a [quantile] takes no [denominator]",
    ),
    "a quantile beyond 1": (
        counting(QUANTILE.replace("0.5", "50"), "days"),
        "quantile.at: this must be less than 1",
    ),
    "waiting for the day that is counted on": (
        counting(QUANTILE.replace("left out", "waiting"), "days"),
        "quantile: those who wait have no closed_on yet and would never be counted; count them"
        ' `on` another date, or leave them out with open_cases = "left out"',
    ),
    "a case that expects nothing": (
        case("at = 2025-03-31\nrows.referral = []"),
        "case 1: a case gives a numerator, a denominator, a value or a state to expect",
    ),
    "a case without rows": (
        case("at = 2025-03-31\nnumerator = 0"),
        "case 1.rows: this is missing; write it",
    ),
    "a case on no day": (
        case('at = "March"\nnumerator = 0\nrows.referral = []'),
        "case 1.at: write a date without quotes, such as 2025-03-31",
    ),
    "a case in a state that it cannot show": (
        case('at = 2025-03-31\nstate = "not_collected"\nrows.referral = []'),
        "case 1.state: this must be 'value', 'missing', 'suppressed' or 'not_applicable'",
    ),
    "a case with one row that is no list": (
        case("at = 2025-03-31\nnumerator = 0\nrows.referral = {}"),
        "case 1.rows.referral: write a list: between [ and ], with commas",
    ),
    "a case on a table that does not exist": (
        case("at = 2025-03-31\nnumerator = 0\nrows.refferal = [{ a = 1 }]"),
        f"case 1: there is no table refferal; there are {', '.join(sorted(CONTRACTS))}",
    ),
    "a case with a column that does not exist": (
        case("at = 2025-03-31\nnumerator = 0\nrows.fft_response = [{ on = 2025-03-03 }]"),
        "case 1: fft_response has no column on; a case has what is sent in: team_id, responded_on,"
        " answer, mode, eligible_count",
    ),
    "a case with a date in quotes": (
        case('at = 2025-03-31\nnumerator = 0\nrows.referral = [{ received_at = "3 March" }]'),
        "case 1: referral.received_at is never '3 March'; it holds dates, written without quotes or"
        " dates with a time of day",
    ),
    "a case with a code that a column never holds": (
        case('at = 2025-03-31\nnumerator = 0\nrows.fft_response = [{ answer = "great" }]'),
        "case 1: fft_response.answer never holds 'great'; it holds very good, good, neither good"
        " nor poor, poor, very poor, don't know",
    ),
    "a case with a cell of several values": (
        case("at = 2025-03-31\nnumerator = 0\nrows.referral = [{ received_at = [2025-03-03] }]"),
        "case 1.rows.referral 1.received_at: write one text in quotes, one number, one date, or"
        " true or false",
    ),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_definition_is_refused_with_file_entry_and_remedy(tmp_path, text, said):
    faults = faults_of(text, tmp_path)

    assert f"L01.toml: {said}" in [fault[: len(said) + len("L01.toml: ")] for fault in faults]


def test_no_refusal_speaks_the_language_of_our_tools(tmp_path):
    for text, _ in BROKEN.values():
        for fault in faults_of(text, tmp_path):
            for word in ("tuple", "Input", "string", "pattern", "validat", "function", "<class"):
                assert word not in fault, fault


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'id = "L01"\nslug = \n', "L01.toml: this is not readable TOML: Invalid value"),
        (b'id = "L01"\nid = "L02"\n', "L01.toml: this is not readable TOML: Cannot overwrite"),
        (b'title = "caf\xe9"\n', "L01.toml: this is not readable TOML"),
    ],
)
def test_a_file_that_is_no_toml_is_refused(tmp_path, content, words):
    file = tmp_path / "L01.toml"
    file.write_bytes(content)

    with pytest.raises(MeasureError) as refused:
        read_measure(file, SCHEMA)
    assert str(refused.value).startswith(words)


def test_an_empty_file_says_everything_that_is_missing(tmp_path):
    faults = faults_of("", tmp_path)

    assert "L01.toml: id: this is missing; write it" in faults
    assert "L01.toml: says: this is missing; write it" in faults
    assert len(faults) > 10


# ---------------------------------------------------------------- all at once


def test_every_fault_of_every_file_is_said_at_once(own):
    files = {
        "a.toml": changed(
            ('better = "lower"', 'better = "down"'), ("decimals = 0", "decimals = 7")
        ),
        "b.toml": "= nonsense",
        "c.toml": where('column = "sektor", is = "health" }, { column = "priority", is = "now"'),
        "d.toml": WHOLE,
    }
    for name, text in files.items():
        (own.measures / name).write_text(text, encoding="utf-8")

    with pytest.raises(MeasureError) as refused:
        load_measures(own, SCHEMA)

    faults = str(refused.value).splitlines()
    assert [fault.split(":")[0] for fault in faults] == [
        "a.toml",
        "a.toml",
        "b.toml",
        *["c.toml"] * 2,
    ]
    assert "better" in faults[0]
    assert "decimals" in faults[1]
    assert "sektor" in faults[3]
    assert "never holds 'now'; it holds 2-hour, 2-day, urgent, routine" in faults[4]


def test_a_partnerships_own_file_takes_the_place_of_a_shipped_one(own):
    text = WHOLE.replace('id = "L01"', 'id = "F02"').replace('"Still open"', '"Our own list"')
    (own.measures / "ours.toml").write_text(text, encoding="utf-8")

    measures = load_measures(own, SCHEMA)

    assert measures["F02"].title == "Our own list"
    assert set(measures) == set(load_measures(None, SCHEMA))


def test_two_files_of_one_folder_cannot_share_an_id(own):
    for name in ("one.toml", "two.toml"):
        (own.measures / name).write_text(WHOLE, encoding="utf-8")

    with pytest.raises(MeasureError) as refused:
        load_measures(own, SCHEMA)

    assert str(refused.value) == "two.toml: the id L01 is also in one.toml; give it its own"


def test_measures_come_in_the_order_of_their_ids(own):
    (own.measures / "z.toml").write_text(WHOLE.replace("L01", "A09"), encoding="utf-8")

    assert list(load_measures(own, SCHEMA)) == sorted(["A09", *load_measures(None, SCHEMA)])


def test_a_home_without_measures_of_its_own_has_the_shipped_ones(tmp_path):
    nowhere = Home(tmp_path / "nowhere")

    assert load_measures(nowhere, SCHEMA) == load_measures(None, SCHEMA)


def test_every_shipped_definition_comes_back_from_json_as_it_was():
    for file in sorted(CATALOGUE.glob("*.toml")) + sorted(ENGLAND.measures.glob("*.toml")):
        measure = read_measure(file, SCHEMA)

        again = Measure.model_validate_json(measure.model_dump_json(by_alias=True))

        assert again == measure, file.name
