"""A definition that is right, and more than a hundred ways of breaking it, each with its remedy.

The line at which a fault is to be named bears a mark, so that no test has to count lines.
"""

from tests.metrics.measure_tables import CONTRACTS

MARK = "# <- here"
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
PAIR = """[[pairs_with]]
measure = "F02"
why = "both"
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

{PAIR}
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


def line(old: str, new: str) -> str:
    """Return the definition with one line in another's place, marked."""
    return changed((f"{old}\n", f"{new} {MARK}\n"))


def counting(block: str, shown: str = "count") -> str:
    return changed((NUMERATOR, block), ('as = "count"', f'as = "{shown}"'))


def counted(entries: str) -> str:
    return counting(f"[numerator]\n{entries}\n")


def weekly(entries: str) -> str:
    """Return the definition counting, week by week, what employers report."""
    text = counted(entries).replace('"receiving"', '"employing"')
    return text.replace('every = "month"', f'every = "week" {MARK}')


def where(condition: str) -> str:
    return counting(
        f'[numerator]\nrows = "referral"\non = "received_at"\nwhere = [{{ {condition} }}] {MARK}\n'
    )


def answers(entries: str) -> str:
    """Return the definition counting answers to questionnaires, which belong to respondents."""
    return counted(entries).replace('"receiving"', '"respondent"')


def case(entries: str) -> str:
    return changed((CASE, f'[[case]]\ngiven = "x"\n{entries}\n'))


def rows_of_a_case(rows: str) -> str:
    return case(f"at = 2025-03-31\nnumerator = 0\n{rows}")


def followed(entries: str, by: str = "followed_by") -> str:
    return counted(f'rows = "referral"\non = "closed_on"\n{by} = [{{ {entries} }}] {MARK}')


def figure(entries: str) -> str:
    return changed((CASE, f'{CASE}\n[[figure]]\nid = "oldest"\ntitle = "The oldest"\n{entries}\n'))


TABLES = ", ".join(sorted(CONTRACTS))
A_VALUE = "write one text in quotes, one number, one date, or true or false"
BLOCK_KINDS = (
    "a block has exactly one of rows, sum, days, people, open, days_inside, level, population,"
    " person_days, submitted"
)
# What is broken -> the definition, and what is said of the marked line.
BROKEN: dict[str, tuple[str, str]] = {
    # ------------------------------------------------------------- no TOML at all
    "a text whose quotation mark is missing at its end": (
        line('title = "Still open"', 'title = "Still open'),
        "this cannot be read; a text is not closed; end it with the quotation mark",
    ),
    "a text without quotation marks": (
        line('title = "Still open"', "title = Still open"),
        "this cannot be read; write text in quotes",
    ),
    "curly quotation marks": (
        line('title = "Still open"', "title = “Still open”"),
        "write straight quotation marks, not curly ones",
    ),
    "a text that begins with one mark and ends with another": (
        line('title = "Still open"', "title = \"Still open'"),
        "a text is not closed",
    ),
    "an entry without =": (
        line('title = "Still open"', 'title "Still open"'),
        "write the name of an entry, then =, then what it is",
    ),
    "a colon in the place of =": (
        line('title = "Still open"', 'title: "Still open"'),
        "write = and not : after the name",
    ),
    "an entry of nothing": (
        line('title = "Still open"', "title ="),
        "write what the entry is after its =",
    ),
    "an entry that stands twice": (
        line('title = "Still open"', 'title = "Still open"\ntitle = "Open"'),
        "this entry stands twice; keep one of them",
    ),
    "a heading that stands twice": (
        changed((NUMERATOR, f"{NUMERATOR}\n[numerator] {MARK}\n")),
        "this heading stands twice; put its entries together under one",
    ),
    "a heading over what is an entry": (
        changed((NUMERATOR, f"{NUMERATOR}\n[title] {MARK}\n")),
        "this entry stands twice; keep one of them",
    ),
    "a heading that is not closed": (
        line("[origin]", "[origin"),
        "end the heading with as many ] as it begins with [",
    ),
    "a list that is not closed": (
        changed(
            (
                'sector = ["health"]\nkind = "process"\n',
                f'sector = ["health"\nkind = "process" {MARK}\n',
            )
        ),
        "a list or table that began above is not closed, or lacks a comma",
    ),
    "a table in a line that is not closed": (
        line(
            'rows.referral = [{ referral_id = "r1", received_at = 2025-03-03 }]',
            'rows.referral = [{ referral_id = "r1", received_at = 2025-03-03 ]',
        ),
        "a list or table that began above is not closed",
    ),
    "two entries on one line": (
        line('every = "month"', 'every = "month" rolling = 12'),
        "write each entry on a line of its own",
    ),
    "True with a capital letter": (
        line('better = "lower"', 'better = "lower"\ncontested = True'),
        "write true or false, in small letters",
    ),
    "a day that there is not": (
        line("at = 2025-03-31", "at = 2025-02-30"),
        "there is no such day; write it as 2025-03-31",
    ),
    "a date as people write it": (
        line("at = 2025-03-31", "at = 31/03/2025"),
        "write a date as 2025-03-31",
    ),
    "a date without its noughts": (
        line("at = 2025-03-31", "at = 2025-3-31"),
        "write a date as 2025-03-31",
    ),
    "a backslash in a text": (
        line('source = "A workshop"', r'source = "N:\papers"'),
        r"write \\ for each \ in a text, or put the text between single quotes",
    ),
    "lists inside each other without end": (
        changed(('id = "L01"', f'id = "L01" {MARK}'), ('["health"]', "[" * 5000 + "]" * 5000)),
        "lists lie too deep inside each other",
    ),
    "a number of five thousand digits": (
        line("decimals = 0", f"decimals = {'9' * 5000}"),
        "a number has too many digits to be read",
    ),
    "a control character in a text": (
        line('title = "Still open"', r'title = "Still\u0000open"'),
        "title: there is a control character in this text; remove it",
    ),
    # ------------------------------------------------------------- entries
    "an entry that does not exist": (
        line('unit = "referrals"', 'unit = "referrals"\ncolour = "x"'),
        "colour: there is no such entry; check its spelling or remove it",
    ),
    "an entry with a slip in its name": (
        changed(('every = "month"', f'evry = "month" {MARK}')),
        "evry: there is no such entry; did you mean every?",
    ),
    "an entry under a heading that it does not belong to": (
        line('source = "A workshop"', 'source = "A workshop"\nrolling = 12'),
        "origin.rolling: this belongs above the first heading in [ and ]; move it there",
    ),
    "SQL as an entry": (
        line('every = "month"', 'every = "month"\nsql = "SELECT 1"'),
        "sql: there is no such entry",
    ),
    "an entry that is missing": (
        changed(('title = "Still open"\n', ""), ('id = "L01"', f'id = "L01" {MARK}')),
        "title: this is missing; write it",
    ),
    "no unit": (
        changed(('unit = "referrals"\n', ""), ('id = "L01"', f'id = "L01" {MARK}')),
        "unit: this is missing; write it",
    ),
    "no word on how it is shown": (
        changed(('[show]\nas = "count"\n', ""), ('id = "L01"', f'id = "L01" {MARK}')),
        "show: this is missing; write it",
    ),
    "an entry missing further down": (
        changed(('source = "A workshop"\n', ""), ("[origin]", f"[origin] {MARK}")),
        "origin.source: this is missing; write it",
    ),
    "a clause missing": (
        changed(('rose = "more"\n', ""), ("[says]", f"[says] {MARK}")),
        "says.rose: this is missing; write it",
    ),
    "a blank": (line('unit = "referrals"', 'unit = ""'), "unit: write something"),
    "an id of small letters": (
        line('id = "L01"', 'id = "l01"'),
        "id: write capital letters, then digits, such as F04",
    ),
    "an id that its file does not bear": (
        line('id = "L01"', 'id = "L02"'),
        "id: the file is named L01 and says L02; make them the same",
    ),
    "a slug with spaces": (
        line('slug = "still_open"', 'slug = "Still open!"'),
        "slug: write small letters, digits and _ only, a letter first, such as people_waiting",
    ),
    "a choice that there is not": (
        line('better = "lower"', 'better = "down"'),
        "better: this must be 'higher', 'lower' or 'neither'",
    ),
    "a choice with a slip in it": (
        line('family = "proposed"', 'family = "propsed"'),
        "this must be 'conventional' or 'proposed'; did you mean proposed?",
    ),
    "a group that there is not": (line('group = "flow"', 'group = "finance"'), "group: this must"),
    "a sector that there is not": (
        line('sector = ["health"]', 'sector = ["health", "housing"]'),
        "sector 2: this must be 'health' or 'social care'",
    ),
    "a policy for small numbers that there is not": (
        line('disclosure = "people"', 'disclosure = "none"'),
        "disclosure: this must be 'people', 'staff', 'questionnaire' or 'open'",
    ),
    "days": (line('every = "month"', 'every = "day"'), "every: this must be 'week', 'month' or"),
    "a text where a list belongs": (
        line('sector = ["health"]', 'sector = "health"'),
        "sector: write a list: between [ and ], with commas",
    ),
    "an empty list": (line('sector = ["health"]', "sector = []"), "sector: write at least one"),
    "too many decimals": (
        line("decimals = 0", "decimals = 9"),
        "decimals: this must be less than or equal to 3",
    ),
    "a number with an exponent where a whole one belongs": (
        line("decimals = 0", "decimals = 1e0"),
        "decimals: write a whole number, without quotes",
    ),
    "a whole number in quotes": (
        line("decimals = 0", 'decimals = "0"'),
        "decimals: write a whole number, without quotes",
    ),
    "a version before the first": (
        line("decimals = 0", "decimals = 0\nversion = 0"),
        "version: this must be greater than or equal to 1",
    ),
    "a burden below nothing": (
        line("decimals = 0", "decimals = 0\nburden_minutes_per_month = -5"),
        "burden_minutes_per_month: this must be greater than or equal to 0",
    ),
    "a truth in quotes, of the measure": (
        line('better = "lower"', 'better = "lower"\ncontested = "yes"'),
        "contested: write true or false, without quotes",
    ),
    "a text where a table belongs": (
        changed(
            ('[origin]\nkind = "workshop"\nsource = "A workshop"\n', ""),
            ('unit = "referrals"', f'unit = "referrals"\norigin = "us" {MARK}'),
        ),
        "origin: write a table of entries: between { and }, or under a heading in [ and ]",
    ),
    "a number where a text belongs": (
        line('unit = "referrals"', "unit = 7"),
        "unit: write text, in quotes",
    ),
    "a caveat that is no list": (
        changed((PAIR, f'[caveat] {MARK}\ntext = "Mind."\n\n{PAIR}')),
        "caveat: write a list: between [ and ], with commas",
    ),
    "an empty caveat": (
        changed((PAIR, f'[[caveat]]\ntext = "" {MARK}\n\n{PAIR}')),
        "caveat 1.text: write something",
    ),
    # ------------------------------------------------------------- whose idea, and which way
    "an origin of no known kind": (
        line('kind = "workshop"', 'kind = "rumour"'),
        "origin.kind: this must be 'national', 'interview'",
    ),
    "an interview without a word of it": (
        changed(('[origin]\nkind = "workshop"', f'[origin] {MARK}\nkind = "interview"')),
        "origin: what somebody said in an interview stands in `words`, as they said it",
    ),
    "a dispute without a word about it": (
        line('better = "lower"', 'better = "lower"\ncontested = true'),
        "contested: a contested measure says in `dispute` who disputes it and why",
    ),
    "a dispute about what is not contested": (
        line('better = "lower"', 'better = "lower"\ndispute = "Some do."'),
        "dispute: a dispute goes with contested = true; write that too",
    ),
    "a clause with a full stop": (
        line('rose = "more"', 'rose = "more."'),
        "says.rose: a sentence goes on after this; remove the full stop",
    ),
    "a pair that is no id": (
        line('measure = "F02"', 'measure = "people_waiting"'),
        "pairs_with 1.measure: write capital letters, then digits, such as F04",
    ),
    "a pair without a reason": (
        changed((PAIR, f'[[pairs_with]] {MARK}\nmeasure = "F02"\n')),
        "pairs_with 1.why: this is missing; write it",
    ),
    "a measure paired with itself": (
        line('measure = "F02"', 'measure = "L01"'),
        "pairs_with 1.measure: this is the measure itself; name another",
    ),
    "a pair that stands twice": (
        changed((PAIR, f'{PAIR}\n[[pairs_with]]\nmeasure = "F02" {MARK}\nwhy = "again"\n')),
        "pairs_with 2.measure: F02 stands twice; keep one",
    ),
    # ------------------------------------------------------------- blocks
    "nothing counted": (
        changed((NUMERATOR, ""), ('id = "L01"', f'id = "L01" {MARK}')),
        "a measure has either a [numerator] or a [quantile]",
    ),
    "a block without its word": (
        counting(f'[numerator] {MARK}\non = "received_at"\n'),
        f"numerator: {BLOCK_KINDS}",
    ),
    "a block of two kinds": (
        counting(f'[numerator] {MARK}\nrows = "referral"\nlevel = "x"\non = "received_at"\n'),
        f"numerator: {BLOCK_KINDS}",
    ),
    "a block with a slip in its word": (
        counting(f'[numerator] {MARK}\nrow = "referral"\non = "received_at"\n'),
        "numerator: did you mean rows? A block has exactly one of rows",
    ),
    "an expression for a block": (
        changed(
            (NUMERATOR, ""),
            ("decimals = 0", f'decimals = 0\nnumerator = "COUNT(*) FROM referral" {MARK}'),
        ),
        f"numerator: {BLOCK_KINDS}",
    ),
    "a block with a part missing": (
        counting(f'[numerator] {MARK}\nrows = "referral"\n'),
        "numerator.on: this is missing; write it",
    ),
    "a block with a part too many": (
        counted(f'rows = "referral"\non = "received_at"\nuntil = ["closed_on"] {MARK}'),
        "numerator.until: there is no such entry; check its spelling or remove it",
    ),
    "a block with a slip in a part": (
        counted(f'open = "referral"\nfrom = "received_at"\nuntill = ["closed_on"] {MARK}'),
        "numerator.untill: there is no such entry; did you mean until?",
    ),
    "a table that does not exist": (
        counted(f'rows = "spells" {MARK}\non = "received_at"'),
        f"numerator.rows: there is no table spells; there are {TABLES[:40]}",
    ),
    "a table with a slip in its name": (
        counted(f'rows = "refferal" {MARK}\non = "received_at"'),
        "numerator.rows: there is no table refferal; did you mean referral? There are ",
    ),
    "a table of a sum that does not exist": (
        counted(f'sum = "x"\nof = "workforce" {MARK}\non = "month"'),
        "numerator.of: there is no table workforce",
    ),
    "SQL in the name of a table": (
        counted(f'rows = "referral; DROP TABLE referral" {MARK}\non = "received_at"'),
        "numerator.rows: there is no table referral; DROP TABLE referral",
    ),
    "SQL in the name of a column": (
        counted(f'rows = "referral"\non = "received_at) OR (1=1" {MARK}'),
        "numerator.on: referral has no column received_at) OR (1=1",
    ),
    "a view that nobody sends rows of": (
        counted(f'rows = "team_area" {MARK}\non = "valid_from"'),
        "numerator.rows: there is no table team_area; ",
    ),
    "a prepared table that there is not": (
        counted(f'open = "waiting_with_everybody" {MARK}\nfrom = "a"\nuntil = ["b"]'),
        "numerator.open: there is no table waiting_with_everybody; there are ",
    ),
    "a table whose rows are nobody's": (
        counted('rows = "calendar"\non = "date"').replace(
            'attribution = "receiving"', f'attribution = "receiving" {MARK}'
        ),
        "attribution: the rows of calendar belong to no team; count another table",
    ),
    "an attribution that a table does not serve": (
        line('attribution = "receiving"', 'attribution = "employing"'),
        "attribution: referral cannot say which team by employing; it can by receiving, allocated,"
        " population",
    ),
    "a column that does not exist": (
        answers(f'rows = "fft_response"\non = "on" {MARK}'),
        "numerator.on: fft_response has no column on; it has team_id, responded_on, answer, mode,"
        " eligible_count",
    ),
    "a column with a slip in its name": (
        answers(f'rows = "fft_response"\non = "responed_on" {MARK}'),
        "numerator.on: fft_response has no column responed_on; did you mean responded_on? It has",
    ),
    "a date that is none": (
        answers(f'rows = "fft_response"\non = "answer" {MARK}'),
        "numerator.on: fft_response.answer is not a date; dates are responded_on",
    ),
    "a sum of what is no number": (
        answers(f'sum = "mode" {MARK}\nof = "fft_response"\non = "responded_on"'),
        "numerator.sum: fft_response.mode is not a number; numbers are eligible_count",
    ),
    "a sum in a table without numbers": (
        counted(f'sum = "sector" {MARK}\nof = "referral"\non = "received_at"'),
        "numerator.sum: referral.sector is not a number; numbers are none",
    ),
    "a level of what is no number": (
        answers(f'level = "mode" {MARK}\nof = "fft_response"\non = "responded_on"'),
        "numerator.level: fft_response.mode is not a number; numbers are eligible_count",
    ),
    "people told apart by a date": (
        counted(f'people = "received_at" {MARK}\nof = "referral"\non = "received_at"'),
        "numerator.people: referral.received_at does not tell one from another",
    ),
    "people told apart by a code": (
        counted(f'people = "sector" {MARK}\nof = "referral"\non = "received_at"'),
        "numerator.people: referral.sector does not tell one from another",
    ),
    "people by a column that does not exist": (
        counted(f'people = "nhs_number" {MARK}\nof = "referral"\non = "received_at"'),
        "numerator.people: referral has no column nhs_number; it has",
    ),
    "days from a date to itself": (
        counted(f'days = ["closed_on", "closed_on"] {MARK}\nof = "referral"\non = "closed_on"'),
        "numerator.days: between a date and itself lie no days; name two dates",
    ),
    "days with one date": (
        counted(f'days = ["closed_on"] {MARK}\nof = "referral"\non = "closed_on"'),
        "numerator.days: write exactly two, between [ and ], with a comma",
    ),
    "days between three dates": (
        counted(
            'days = ["received_at", "closed_on", "closed_on"] '
            + MARK
            + '\nof = "referral"\non = "closed_on"'
        ),
        "numerator.days: write exactly two, between [ and ], with a comma",
    ),
    "days to what is no date": (
        counted(f'days = ["received_at", "sector"] {MARK}\nof = "referral"\non = "closed_on"'),
        "numerator.days 2: referral.sector is not a date",
    ),
    "what is open until it begins": (
        line('until = ["closed_on"]', 'until = ["closed_on", "received_at"]'),
        "numerator.until 2: what begins and ends on received_at is never there",
    ),
    "what is open without an end": (
        line('until = ["closed_on"]', "until = []"),
        "numerator.until: write at least one",
    ),
    "an end, on a line of its own, that does not exist": (
        changed(
            (
                'until = ["closed_on"]',
                f'until = [\n    "closed_on", # and then\n    "died_on", {MARK}\n]',
            )
        ),
        "numerator.until 2: referral has no column died_on",
    ),
    "open for less than no days": (
        line('until = ["closed_on"]', 'until = ["closed_on"]\nafter_days = -1'),
        "numerator.after_days: this must be greater than or equal to 0",
    ),
    "open for longer than any calendar": (
        line('until = ["closed_on"]', 'until = ["closed_on"]\nafter_days = 99999999'),
        "numerator.after_days: this must be less than or equal to 3660",
    ),
    "open for half a day": (
        line('until = ["closed_on"]', 'until = ["closed_on"]\nafter_days = 0.5'),
        "numerator.after_days: write a whole number, without quotes",
    ),
    "nights of what is no date": (
        counted(f'days_inside = "referral"\nfrom = "received_at"\nuntil = ["sector"] {MARK}'),
        "numerator.until 1: referral.sector is not a date",
    ),
    "nights that end when they begin": (
        counted(f'days_inside = "referral"\nfrom = "closed_on"\nuntil = ["closed_on"] {MARK}'),
        "numerator.until 1: what begins and ends on closed_on is never there",
    ),
    "nights that are waited for": (
        counted(
            'days_inside = "referral"\nfrom = "received_at"\nuntil = ["closed_on"]\n'
            f"after_days = 3 {MARK}"
        ),
        "numerator.after_days: there is no such entry",
    ),
    "an age band that lists do not have": (
        counted(f'population = {{ age_bands = ["65+"] }} {MARK}'),
        "numerator.population.age_bands 1: this must be '0-17'",
    ),
    "no age band": (
        counted(f"population = {{ age_bands = [] }} {MARK}"),
        "numerator.population.age_bands: write at least one",
    ),
    "a sex that lists do not have": (
        counted(f'person_days = {{ sex = ["F"] }} {MARK}'),
        "numerator.person_days.sex 1: this must be '1', '2', '9' or 'X'",
    ),
    "a condition on people": (
        counted('population = { sex = ["1"] }\nwhere = [{ column = "sex", is = "1" }] ' + MARK),
        "numerator.where: people are chosen by `age_bands`, `sex` and `basis`; remove `where`",
    ),
    "neither above nor below": (
        counted(f'submitted = "both" {MARK}'),
        "numerator.submitted: this must be 'numerator' or 'denominator'",
    ),
    "above, what was sent as below": (
        counted(f'submitted = "denominator" {MARK}'),
        'numerator.submitted: in [numerator] write submitted = "numerator"',
    ),
    "above and below the same": (
        counting(NUMERATOR + NUMERATOR.replace("[numerator]", f"[denominator] {MARK}"), "percent"),
        "denominator: this counts the same as the [numerator]; write what the figure is out of",
    ),
    # ------------------------------------------------------------- conditions
    "a condition without a test": (
        where('column = "sector"'),
        "numerator.where 1: a condition takes one of is, is_not, in, not_in, at_least, at_most,"
        " empty, not_empty; this one has none",
    ),
    "a condition with two tests": (
        where('column = "sector", is = "health", not_empty = true'),
        "not_empty; this one has is, not_empty",
    ),
    "a condition without a subject": (
        where('is = "health"'),
        "numerator.where 1: a condition names either one `column` or two dates in `days`",
    ),
    "a condition with two subjects": (
        where('column = "sector", days = ["received_at", "closed_on"], at_least = 1'),
        "numerator.where 1: a condition names either one `column` or two dates in `days`",
    ),
    "a condition with a sign for a test": (
        where('column = "sector", equals = "health"'),
        "numerator.where 1.equals: there is no such entry",
    ),
    "a condition on a column that does not exist": (
        where('column = "sectr", is = "health"'),
        "numerator.where 1.column: referral has no column sectr; did you mean sector? It has",
    ),
    "a condition that is no list": (
        counted(
            'rows = "referral"\non = "received_at"\n'
            f'where = {{ column = "sector", is = "health" }} {MARK}'
        ),
        "numerator.where: write a list: between [ and ], with commas",
    ),
    "a condition, on a line of its own, with a wrong code": (
        counted(
            'rows = "referral"\non = "received_at"\nwhere = [\n'
            '    { column = "closed_on", empty = true },\n'
            f'    {{ column = "sector", is = "housing" }}, {MARK}\n]'
        ),
        "numerator.where 2.is: referral.sector never holds 'housing'; it holds health, social care",
    ),
    "a condition under a heading of its own, with a wrong code": (
        counted(
            'rows = "referral"\non = "received_at"\n\n[[numerator.where]]\ncolumn = "sector"\n'
            f'in = [\n    "health",\n    "police", {MARK}\n]'
        ),
        "numerator.where 1.in 2: referral.sector never holds 'police'; it holds health",
    ),
    "a condition on days with another test": (
        where('days = ["received_at", "closed_on"], is = 3'),
        "numerator.where 1: a condition on `days` takes `at_least`, `at_most` or both",
    ),
    "a condition on days from a date to itself": (
        where('days = ["closed_on", "closed_on"], at_least = 3'),
        "numerator.where 1: between a date and itself lie no days; name two dates in `days`",
    ),
    "a condition that compares with a list": (
        where('column = "sector", is = ["health"]'),
        f"numerator.where 1.is: {A_VALUE}",
    ),
    "a condition with one value where a list belongs": (
        where('column = "sector", in = "health"'),
        "numerator.where 1.in: write a list: between [ and ], with commas",
    ),
    "a condition with an empty list": (
        where('column = "sector", in = []'),
        "numerator.where 1.in: write at least one",
    ),
    "a condition with a value twice": (
        where('column = "sector", in = ["health", "health"]'),
        "numerator.where 1.in 2: this stands in the list already; remove it",
    ),
    "a condition with a time of day": (
        where('column = "received_at", at_least = 2025-03-01T09:00:00'),
        "numerator.where 1.at_least: write the date without the time of day",
    ),
    "a condition that is not a number": (
        where('column = "sector", at_least = nan'),
        f"numerator.where 1.at_least: {A_VALUE}",
    ),
    "a condition without end": (
        where('days = ["received_at", "closed_on"], at_least = inf'),
        f"numerator.where 1.at_least: {A_VALUE}",
    ),
    "a condition with an exponent that no column reaches": (
        where('days = ["received_at", "closed_on"], at_least = 1e400'),
        "numerator.where 1.at_least: no column holds so large or so fine a number",
    ),
    "a condition with an exponent that no column is as fine as": (
        where('days = ["received_at", "closed_on"], at_least = 1e-400'),
        "numerator.where 1.at_least: no column holds so large or so fine a number",
    ),
    "at least more than at most": (
        where('days = ["received_at", "closed_on"], at_least = 9, at_most = 2'),
        "numerator.where 1: `at_least` is more than `at_most`, so nothing would ever count",
    ),
    "dates the wrong way round": (
        where('column = "closed_on", at_least = 2025-03-01, at_most = 2024-03-01'),
        "numerator.where 1: `at_least` is more than `at_most`, so nothing would ever count",
    ),
    "empty = false": (
        where('column = "sector", empty = false'),
        "numerator.where 1.empty: this must be true",
    ),
    "a code that a column never holds": (
        where('column = "sector", is = "Health"'),
        "numerator.where 1.is: referral.sector never holds 'Health'; did you mean health? It holds"
        " health, social care",
    ),
    "SQL in a code": (
        where("""column = "sector", is = "x' OR '1'='1" """),
        "referral.sector never holds",
    ),
    "a range of texts": (
        where('column = "sector", at_least = "health"'),
        "numerator.where 1.at_least: referral.sector holds text, which has no order; list what is"
        " meant with `in`",
    ),
    "a range of truths": (
        where('column = "coordinator_recorded", at_least = true'),
        "holds true or false, which has no order; list what is meant with `in`",
    ),
    "a date in quotes": (
        where('column = "closed_on", is = "2025-03-01"'),
        "numerator.where 1.is: referral.closed_on is never '2025-03-01'; it holds dates, written"
        " without quotes",
    ),
    "a number where a date belongs": (
        where('column = "closed_on", at_least = 20250301'),
        "numerator.where 1.at_least: referral.closed_on is never 20250301; it holds dates",
    ),
    "a truth in quotes": (
        where('column = "coordinator_recorded", is = "true"'),
        "numerator.where 1.is: referral.coordinator_recorded is never 'true'; it holds true or"
        " false",
    ),
    "a truth where a text belongs": (
        where('column = "sector", is = true'),
        "numerator.where 1.is: referral.sector is never true; it holds text, written in quotes",
    ),
    "a number of days in quotes": (
        where('days = ["received_at", "closed_on"], at_least = "3"'),
        "numerator.where 1.at_least: a number of days is a whole number, without quotes",
    ),
    "half a day": (
        where('days = ["received_at", "closed_on"], at_least = 0.5'),
        "numerator.where 1.at_least: a number of days is a whole number, without quotes",
    ),
    "days between what are no dates": (
        where('days = ["received_at", "sector"], at_least = 3'),
        "numerator.where 1.days 2: referral.sector is not a date; dates are ",
    ),
    "days to a date that does not exist": (
        where('days = ["received_at", "died_on"], at_least = 3'),
        "numerator.where 1.days 2: referral has no column died_on",
    ),
    # ------------------------------------------------------------- rows asked after
    "followed by rows of no table": (
        followed('table = "contakt", on = "started_at", within_days = [0, 29]'),
        "numerator.followed_by 1.table: there is no table contakt; did you mean contact?",
    ),
    "followed on no date": (
        followed('table = "referral", on = "sector", within_days = [0, 29]'),
        "numerator.followed_by 1.on: referral has no date sector; dates are",
    ),
    "followed within days the wrong way round": (
        followed('table = "referral", on = "received_at", within_days = [29, 0]'),
        "numerator.followed_by 1.within_days: write [nearest, furthest], from 0 up and to 3660",
    ),
    "preceded by days below nothing": (
        followed('table = "referral", on = "received_at", within_days = [-29, 0]', "preceded_by"),
        "numerator.preceded_by 1.within_days: write [nearest, furthest], from 0 up and to 3660",
    ),
    "followed within one number of days": (
        followed('table = "referral", on = "received_at", within_days = 29'),
        "numerator.followed_by 1.within_days: write a list: between [ and ], with commas",
    ),
    "followed within days in quotes": (
        followed('table = "referral", on = "received_at", within_days = ["0", 29]'),
        "numerator.followed_by 1.within_days 1: write a whole number, without quotes",
    ),
    "not followed without a number of days": (
        followed('table = "referral", on = "received_at"', "not_followed_by"),
        "numerator.not_followed_by 1.within_days: this is missing; write it",
    ),
    "followed by the same of what neither has": (
        followed(
            'table = "referral", on = "received_at", within_days = [0, 9], same = ["persn_key"]'
        ),
        "numerator.followed_by 1.same 1: referral has no column persn_key; did you mean person_key",
    ),
    "followed by the same of nothing": (
        followed('table = "referral", on = "received_at", within_days = [0, 9], same = []'),
        "numerator.followed_by 1.same: write at least one",
    ),
    "not preceded by a row with a wrong code": (
        followed(
            'table = "referral", on = "received_at", within_days = [0, 9],'
            ' where = [{ column = "sector", is = "housing" }]',
            "not_preceded_by",
        ),
        "numerator.not_preceded_by 1.where 1.is: referral.sector never holds 'housing'",
    ),
    "a stock that is followed": (
        line(
            'until = ["closed_on"]',
            'until = ["closed_on"]\nfollowed_by = [{ table = "referral", on = "received_at",'
            " within_days = [0, 9] }]",
        ),
        "numerator.followed_by 1: only what happens on a day can be followed or preceded",
    ),
    "people on a list who are followed": (
        counted(
            'population = {}\nfollowed_by = [{ table = "referral", on = "received_at",'
            f" within_days = [0, 9] }}] {MARK}"
        ),
        "numerator.followed_by: people are chosen by `age_bands`",
    ),
    "followed by rows that cannot be told from each other": (
        answers(
            'rows = "fft_response"\non = "responded_on"\nfollowed_by = [{ table = "fft_response",'
            f' on = "responded_on", within_days = [0, 9], same = ["team_id"] }}] {MARK}'
        ),
        "numerator.followed_by 1.table: the rows of fft_response have no key, so a row cannot be"
        " told from the next",
    ),
    # ------------------------------------------------------------- windows and parts
    "a window of one period": (
        line('every = "month"', 'every = "month"\nrolling = 1'),
        "rolling: this must be greater than or equal to 2",
    ),
    "a window of years": (
        line('every = "month"', 'every = "month"\nrolling = 120'),
        "rolling: this must be less than or equal to 24",
    ),
    "a window in quotes": (
        line('every = "month"', 'every = "month"\nrolling = "12"'),
        "rolling: write a whole number, without quotes",
    ),
    "a window over moments": (
        line('every = "month"', 'every = "month"\nrolling = 12'),
        "rolling: the numerator is as things stand at one moment, and moments are not added up",
    ),
    "parts by a column that does not exist": (
        line('every = "month"', 'every = "month"\nsplit_by = "sectr"'),
        "split_by: referral has no text sectr; did you mean sector? It has",
    ),
    "parts by a date": (
        line('every = "month"', 'every = "month"\nsplit_by = "closed_on"'),
        "split_by: referral has no text closed_on; it has",
    ),
    "parts of one person each": (
        line('every = "month"', 'every = "month"\nsplit_by = "person_key"'),
        "split_by: person_key tells one row from another, so each part would be one of them",
    ),
    "parts of what a team sent as one number": (
        counted('submitted = "numerator"').replace(
            'every = "month"', f'every = "month"\nsplit_by = "sector" {MARK}'
        ),
        "split_by: what is counted here has no columns to split by; remove `split_by`",
    ),
    "no whole and no parts": (
        line('every = "month"', 'every = "month"\nwhole = false'),
        "whole: whole = false goes with `split_by`; without parts there would be no figure at all",
    ),
    "a figure complete before its period ends": (
        line('every = "month"', 'every = "month"\ncomplete_after_days = -30'),
        "complete_after_days: this must be greater than or equal to 0",
    ),
    # ------------------------------------------------------------- how it is shown
    "a share of nothing": (
        line('as = "count"', 'as = "percent"'),
        'show.as: show as = "percent" needs a [denominator]',
    ),
    "a mean of nothing": (
        line('as = "count"', 'as = "mean"'),
        'show.as: show as = "mean" needs a [denominator]',
    ),
    "a form that there is not": (
        line('as = "count"', 'as = "percentage"'),
        "show.as: this must be 'count', 'percent',",
    ),
    "a count of something": (
        changed((NUMERATOR, NUMERATOR + DENOMINATOR), ('as = "count"', f'as = "count" {MARK}')),
        'show.as: show as = "count" takes no [denominator]; remove it, or show a percentage',
    ),
    "a rate without people": (
        counting(NUMERATOR + DENOMINATOR, f'per_1000_people" {MARK}'),
        'show.as: show as = "per_1000_people" needs a [denominator] with `population`',
    ),
    "a rate a year without days": (
        counting(
            NUMERATOR + "[denominator]\npopulation = {}\n", f'per_1000_people_a_year" {MARK} "'
        ),
        'show.as: show as = "per_1000_people_a_year" needs a [denominator] with `person_days`',
    ),
    "a mean a day of no sum": (
        line('as = "count"', 'as = "mean_a_day"'),
        'show.as: show as = "mean_a_day" needs a [numerator] with `sum`',
    ),
    "days that are no quantile": (
        line('as = "count"', 'as = "days"'),
        'show.as: show as = "days" goes with a [quantile], and a [quantile] with nothing else',
    ),
    "a quantile that is no days": (
        counting(QUANTILE, f'count" {MARK}'),
        'show.as: show as = "days" goes with a [quantile], and a [quantile] with nothing else',
    ),
    "beside it, the same again": (
        line('as = "count"', 'as = "count"\nalso = ["count"]'),
        'show.also 1: "count" is how it is shown already; remove it',
    ),
    "beside it, a share of nothing": (
        line('as = "count"', 'as = "count"\nalso = ["percent"]'),
        'show.also 1: "percent" needs a [denominator]; remove it',
    ),
    "a quantile beside a numerator": (
        counting(NUMERATOR + QUANTILE.replace("[quantile]", f"[quantile] {MARK}"), "days"),
        "quantile: a measure has either a [numerator] or a [quantile]",
    ),
    "a quantile below a line": (
        counting(QUANTILE + DENOMINATOR.replace("r]", f"r] {MARK}"), "days"),
        "denominator: a [quantile] takes no [denominator]; remove it",
    ),
    "a quantile beyond 1": (
        counting(QUANTILE.replace("0.5", f"50 {MARK}"), "days"),
        "quantile.at: this must be less than 1",
    ),
    "a quantile in quotes": (
        counting(QUANTILE.replace("0.5", f'"0.5" {MARK}'), "days"),
        "quantile.at: write a number, without quotes",
    ),
    "a quantile that does not say what of those who wait": (
        counting(
            QUANTILE.replace("[quantile]", f"[quantile] {MARK}").replace(
                'open_cases = "left out"\n', ""
            ),
            "days",
        ),
        "quantile.open_cases: this is missing; write it",
    ),
    "waiting for the day that is counted on": (
        counting(
            QUANTILE.replace("left out", "waiting").replace(
                'on = "closed_on"', f'on = "closed_on" {MARK}'
            ),
            "days",
        ),
        "quantile.on: those who wait have no closed_on yet and would never be counted",
    ),
    # ------------------------------------------------------------- further figures
    "a figure that says nothing of its own": (
        figure("").replace("[[figure]]", f"[[figure]] {MARK}"),
        "figure 1: this figure is the measure itself; write what it counts or shows otherwise",
    ),
    "a figure with a capital letter": (
        figure("decimals = 1").replace('id = "oldest"', f'id = "Oldest" {MARK}'),
        "figure 1.id: write small letters, digits and _ only, a letter first, such as",
    ),
    "two figures with one id": (
        figure(f'decimals = 1\n\n[[figure]]\nid = "oldest" {MARK}\ntitle = "Again"\ndecimals = 2'),
        "figure 2.id: two figures have the id oldest; give each its own",
    ),
    "a figure with another attribution": (
        figure(f'attribution = "population" {MARK}'),
        "figure 1.attribution: this belongs above the first heading",
    ),
    "a figure on a column that does not exist": (
        figure(f'[figure.numerator]\nrows = "referral"\non = "recieved_at" {MARK}'),
        "figure 1.numerator.on: referral has no column recieved_at; did you mean received_at?",
    ),
    "a figure shown as what it is not": (
        figure(f'[figure.show]\nas = "percent" {MARK}'),
        'figure 1.show.as: show as = "percent" needs a [denominator]',
    ),
    "a figure of a block of no kind": (
        figure(f'[figure.numerator] {MARK}\non = "received_at"'),
        f"figure 1.numerator: {BLOCK_KINDS}",
    ),
    "a figure's case on a table that does not exist": (
        figure(
            'decimals = 1\n\n[[figure.case]]\ngiven = "x"\nat = 2025-03-31\nnumerator = 0\n'
            f"rows.refferal = [{{ a = 1 }}] {MARK}"
        ),
        "figure 1.case 1.rows.refferal: there is no table refferal; did you mean referral?",
    ),
    # ------------------------------------------------------------- worked cases
    "a case that expects nothing": (
        case("at = 2025-03-31\nrows.referral = []").replace("[[case]]", f"[[case]] {MARK}"),
        "case 1: a case gives a numerator, a denominator, a value or a state to expect",
    ),
    "a case without rows": (
        case("at = 2025-03-31\nnumerator = 0").replace("[[case]]", f"[[case]] {MARK}"),
        "case 1.rows: this is missing; write it",
    ),
    "a case without a day": (
        case("numerator = 0\nrows.referral = []").replace("[[case]]", f"[[case]] {MARK}"),
        "case 1.at: this is missing; write it",
    ),
    "a case on no day": (
        line("at = 2025-03-31", 'at = "March"'),
        "case 1.at: write a date without quotes, such as 2025-03-31",
    ),
    "a case on a day in quotes": (
        line("at = 2025-03-31", 'at = "2025-03-31"'),
        "case 1.at: write a date without quotes, such as 2025-03-31",
    ),
    "a case on a number": (
        line("at = 2025-03-31", "at = 20250331"),
        "case 1.at: write a date without quotes, such as 2025-03-31",
    ),
    "a case that expects a number in quotes": (
        line("numerator = 1", 'numerator = "1"'),
        "case 1.numerator: write a number, without quotes",
    ),
    "a case that expects no number": (
        line("numerator = 1", "numerator = nan"),
        "case 1.numerator: write a number",
    ),
    "a case that expects what the measure has not": (
        line("numerator = 1", "numerator = 1\ndenominator = 1"),
        "case 1.denominator: the measure has no [denominator]; remove this",
    ),
    "a case about a part of what has none": (
        line("numerator = 1", 'numerator = 1\nsplit = "health"'),
        "case 1.split: the measure has no `split_by`; remove this",
    ),
    "a case that expects a figure and none": (
        changed(("numerator = 1", f'state = "missing"\nnumerator = 1 {MARK}')),
        'case 1.numerator: where state = "missing" there is no figure; remove this',
    ),
    "a case in a state that it cannot show": (
        case(f'at = 2025-03-31\nstate = "not_collected" {MARK}\nrows.referral = []'),
        "case 1.state: this must be 'value', 'missing', 'suppressed' or 'not_applicable'",
    ),
    "an edge that there is not": (
        line("numerator = 1", 'numerator = 1\nedge = "leap dya"'),
        "case 1.edge: this must be 'dated before receipt'",
    ),
    "a case with one row that is no list": (
        rows_of_a_case(f"rows.referral = {{}} {MARK}"),
        "case 1.rows.referral: write a list: between [ and ], with commas",
    ),
    "a case on a table that does not exist": (
        rows_of_a_case(f"rows.refferal = [{{ a = 1 }}] {MARK}"),
        "case 1.rows.refferal: there is no table refferal; did you mean referral? There are",
    ),
    "a case on a prepared column": (
        rows_of_a_case(f"rows.referral = [{{ named_worker_on = 2025-03-03 }}] {MARK}"),
        "case 1.rows.referral 1.named_worker_on: referral has no column named_worker_on; a case has"
        " what is sent in",
    ),
    "a case, in its second row, with a column that does not exist": (
        rows_of_a_case(
            'rows.fft_response = [\n    { answer = "good" },\n'
            f"    {{ on = 2025-03-03 }}, {MARK}\n]"
        ),
        "case 1.rows.fft_response 2.on: fft_response has no column on; a case has what is sent in:"
        " team_id, responded_on, answer, mode, eligible_count",
    ),
    "a case with a date in quotes": (
        rows_of_a_case(f'rows.referral = [{{ received_at = "3 March" }}] {MARK}'),
        "case 1.rows.referral 1.received_at: referral.received_at is never '3 March'; it holds"
        " dates, written without quotes or dates with a time of day",
    ),
    "a case with a code that a column never holds": (
        rows_of_a_case(f'rows.fft_response = [{{ answer = "great" }}] {MARK}'),
        "case 1.rows.fft_response 1.answer: fft_response.answer never holds 'great'; it holds very"
        " good, good, neither good nor poor, poor, very poor, don't know",
    ),
    "a case with a cell of several values": (
        rows_of_a_case(f"rows.referral = [{{ received_at = [2025-03-03] }}] {MARK}"),
        f"case 1.rows.referral 1.received_at: {A_VALUE}",
    ),
    "a second case with a wrong code": (
        changed(
            (
                CASE,
                f'{CASE}\n[[case]]\ngiven = "y"\nat = 2025-03-31\nnumerator = 0\n\n'
                f'[[case.rows.referral]]\nreferral_id = "r2"\nsector = "housing" {MARK}\n',
            )
        ),
        "case 2.rows.referral 1.sector: referral.sector never holds 'housing'",
    ),
    "a case with a number that no column holds": (
        rows_of_a_case(f"rows.fft_response = [{{ eligible_count = {10**20} }}] {MARK}"),
        "case 1.rows.fft_response 1.eligible_count: no column holds so large or so fine a number",
    ),
    # ------------------------------------------------------------- weeks of what comes by the month
    "weeks of what is reported by the month": (
        weekly('sum = "fte_days_lost"\nof = "absence_month"\non = "month"'),
        "every: absence_month is reported by the month, so no week has a figure of its own; write"
        ' every = "month" or "quarter"',
    ),
    "weeks of a number as it stands at a month's end": (
        weekly('level = "in_post_fte"\nof = "workforce_month"\non = "month"'),
        "every: workforce_month is reported by the month",
    ),
    "weeks of counts that teams send by the month": (
        weekly('submitted = "numerator"'),
        "every: aggregate_submission is reported by the month",
    ),
    "weeks of referrals among what is reported by the month": (
        changed(
            (NUMERATOR, f'{NUMERATOR}\n[denominator]\nrows = "absence_month"\non = "month"\n'),
            ('as = "count"', 'as = "ratio"'),
            ('every = "month"', f'every = "week" {MARK}'),
        ),
        "every: absence_month is reported by the month",
    ),
    "a further figure by the week of what is reported by the month": (
        counted('sum = "fte_days_lost"\nof = "absence_month"\non = "month"')
        .replace('"receiving"', '"employing"')
        .replace(CASE, f'[[figure]]\nid = "weeks"\ntitle = "By the week"\nevery = "week" {MARK}\n'),
        "figure 1.every: absence_month is reported by the month",
    ),
    # ------------------------------------------------------------- cases of a further figure
    "a case of a further figure without its date": (
        figure(
            f'decimals = 1\n[[figure.case]] {MARK}\ngiven = "x"\nnumerator = 0\nrows.referral = []'
        ),
        "figure 1.case 1.at: this is missing",
    ),
    "a case of a further figure with a denominator that the figure has not": (
        figure(
            'decimals = 1\n[[figure.case]]\ngiven = "x"\nat = 2025-03-31\nnumerator = 0\n'
            f"denominator = 1 {MARK}\nrows.referral = []"
        ),
        "figure 1.case 1.denominator: the measure has no [denominator]; remove this",
    ),
    "a case of a further figure on a column that does not exist": (
        figure(
            'decimals = 1\n[[figure.case]]\ngiven = "x"\nat = 2025-03-31\nnumerator = 0\n'
            f"rows.referral = [{{ recieved_at = 2025-03-03 }}] {MARK}"
        ),
        "figure 1.case 1.rows.referral 1.recieved_at: referral has no column recieved_at; did you"
        " mean received_at?",
    ),
}
