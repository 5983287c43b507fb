"""A file becomes accepted rows, held rows with reasons, or a refusal. Nothing is kept here."""

import datetime
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.batches import ALL_AREAS, HELD_ROW, Batch, Covers, How
from data.completeness import falls_in_words, part_filled, rows_by_month
from data.contract import PRACTICE, Contract, in_reading_order, load_contracts
from data.dates import DEFAULT_ZONE
from data.definitions import Definition, load_definitions
from data.distinct import Reading
from data.file_columns import (
    FileColumns,
    each_once,
    refuse_swallowed_rows,
    unknown_columns_in_words,
    without_left_out,
)
from data.file_rows import FileRows, contract_table, only_taken
from data.held import Correction, correction_in, taken_apart
from data.home import Home
from data.lists import Codes, Lists
from data.reading import Source, Table
from data.recipe import DateOrder, Recipe, load_recipes, plain_name
from data.recognise import ROWS_SEARCHED, Recognised, Recogniser
from data.report import FileRefusedError, Report
from data.sheet import MOST_COLUMNS, Line, Sheet, joined, place_in_batch
from data.spans import outside_their_time
from data.template_rows import (
    MARK,
    NOTHING_FILLED_IN,
    is_about_a_template,
    marked_as_example,
    without_template_rows,
)
from data.workbooks import WorkbookTable
from data.working_days import conversion_in_words, in_calendar_days

# More rows than this of one area and month are no counts: a row for each profession or reason is
# less than half as many.
MOST_ROWS_OF_COUNTS = 200
# A row above the header is taken for data where so many of its cells are filled, and half as many
# as in the header, and so many of them are dates, numbers or codes: short, and with a digit.
FEWEST_FILLED, FEWEST_FIGURES, MOST_TITLES_LIKE_DATA = 3, 2, 2
_A_FIGURE = re.compile(r"(?=.*[0-9])\s*\S(?:.{0,28}\S)?\s*")


@dataclass(frozen=True)
class Rulebook:
    """What a file is held against.

    Attributes:
        levels: Recipes, the partnership's own first.
        lists: The codes that are known here.
        today: The last day on which something can have happened.
        batches: Those that count, by id, in order: a file is compared with them, and may correct
            their held rows.
        definitions: What the measures are, by id.
        zone: The clock that the partnership goes by.
    """

    contracts: Mapping[str, Contract]
    levels: Sequence[Sequence[Recipe]]
    lists: Lists
    today: datetime.date
    batches: dict[str, Batch] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    zone: ZoneInfo = DEFAULT_ZONE

    @classmethod
    def of(cls, home: Home) -> "Rulebook":
        """Return the shipped contracts and recipes with a partnership's own over them, no lists.

        Where there is no partnership, the shipped ones.
        """
        contracts = load_contracts(home)
        there = home.exists()
        return cls(
            contracts,
            load_recipes(contracts, home),
            Lists(),
            home.now().date() if there else datetime.date.today(),
            definitions=load_definitions(home),
            zone=ZoneInfo(home.settings().time_zone) if there else DEFAULT_ZONE,
        )

    def recogniser(self, path: Path, as_named: str | None) -> Recogniser:
        """Return what finds out which table a file holds."""
        return Recogniser(self.contracts, self.levels, as_named, path.stem)


@dataclass(frozen=True)
class Stated:
    """What the sender says about a file.

    Attributes:
        as_named: The table or recipe it is; None: found from its header.
        dates: The order in which it writes days, months and years; None: found from its columns.
        months: The first and last month that it speaks for, `YYYY-MM`; None: those in its rows.
        areas: Codes of the practices, teams or localities that it speaks for besides those in its
            rows, or `all`.
        extracted_on: The day on which it was drawn from its system; None: nobody said.
        how: Whether its rows take the place of all that it covers, or come on top.
    """

    as_named: str | None = None
    dates: DateOrder | None = None
    months: tuple[str, str] | None = None
    areas: tuple[str, ...] = ()
    extracted_on: datetime.date | None = None
    how: How = ""


@dataclass(frozen=True)
class Checked:
    """What became of a file: its report, and where it was not refused its rows.

    Attributes:
        accepted: Rows of the contract, typed.
        held: The held rows of the file as text, each with its number and the reasons.
        dates: The order in which its dates were read, where one was asked; else ''.
        correction: The held rows of an earlier batch that it corrects; their numbers there are in
            a column of both tables.
        settles: Those of which it says the last: accepted, or dropped as no data.
    """

    report: Report
    contract: Contract | None = None
    recipe: Recipe | None = None
    sha256: str = ""
    accepted: pa.Table = field(default_factory=lambda: pa.table({}))
    held: pa.Table = field(default_factory=lambda: pa.table({}))
    dates: str = ""
    correction: Correction | None = None
    settles: tuple[int, ...] = ()


def check_file(path: Path, rules: Rulebook, stated: Stated | None = None) -> Checked:
    """Return what a file of one table holds, row by row, or why it cannot be taken."""
    stated = stated or Stated()
    try:
        opened = _Opened.of(path, rules, stated)
        if len(opened.groups) > 1:
            names = " and ".join(group.sheets[0].name for group in opened.groups)
            raise FileRefusedError.of(
                "several_tables",
                f"The sheets {names} hold a table each. Save each as its own file.",
            )
    except FileRefusedError as error:
        return _refused(path, error)
    return _check_group(path, opened, opened.groups.pop())


def check_all(path: Path, rules: Rulebook, stated: Stated | None = None) -> Iterator[Checked]:
    """Yield what became of each table in a file, as if each were a file of its own.

    A list comes before what refers to it, and what its rows add to the rulebook's lists before the
    next is asked for counts. A file that is no workbook holds one table; so does a workbook whose
    sheets have the same columns: they are read one after the other.
    """
    stated = stated or Stated()
    try:
        opened = _Opened.of(path, rules, stated)
    except FileRefusedError as error:
        yield _refused(path, error)
        return
    order = in_reading_order(rules.contracts)
    opened.groups.sort(key=lambda group: order.index(group.found.contract.table), reverse=True)
    while opened.groups:
        yield _check_group(path, opened, opened.groups.pop())
        opened.passed_over.clear()


def table_of(path: Path, rules: Rulebook, as_named: str | None = None) -> str | None:
    """Return which table a file holds, from its first rows; None where that cannot be told.

    Of several tables it is the one to be read first.
    """
    recogniser = rules.recogniser(path, as_named)
    tables = []
    with suppress(FileRefusedError):
        for sheet in Source(path).tables:
            rows = [line.cells for line in sheet.first(ROWS_SEARCHED)]
            with suppress(FileRefusedError):
                tables.append(recogniser.on_sheet(sheet.name).find(rows).contract.table)
    return min(tables, key=in_reading_order(rules.contracts).index, default=None)


def _refused(path: Path, error: FileRefusedError) -> Checked:
    report = Report(str(path), rows_in_file=error.rows_in_file)
    return Checked(report.refuse(error.problems))


@dataclass
class _OneSheet:
    """A sheet that holds a table, not read yet."""

    name: str
    header: Line
    table: Table


@dataclass
class _Group:
    """The sheets of one table, which have the same columns, in order."""

    found: Recognised
    sheets: list[_OneSheet]
    warnings: list[str]

    def read(self) -> Sheet:
        """Return their rows, one sheet after the other, and let go of the file."""
        parts = []
        while self.sheets:
            sheet = self.sheets.pop(0)
            parts.append((sheet.name, sheet.table.read(sheet.header)))
        return joined(parts)


@dataclass
class _Opened:
    """The tables of a file, and what is said of the sheets that hold none."""

    sha256: str
    groups: list[_Group]
    passed_over: list[str]
    rules: Rulebook
    stated: Stated
    correction: Correction | None

    @classmethod
    def of(cls, path: Path, rules: Rulebook, stated: Stated) -> "_Opened":
        """Open a file.

        Raises:
            FileRefusedError: If it cannot be read, or no sheet of it holds a table.
        """
        source = Source(path)
        correction = correction_in(source, rules.batches)
        if correction is not None:
            rules, stated = _as_its_batch_was_read(correction.batch, rules, stated)
        recogniser = rules.recogniser(path, stated.as_named)
        groups: dict[Hashable, _Group] = {}
        refusals: dict[str, FileRefusedError] = {}
        empty: list[str] = []
        for table in source.tables:
            first = table.first(ROWS_SEARCHED)
            if is_about_a_template([line.cells for line in first]):
                continue
            try:
                found = recogniser.on_sheet(table.name).find([line.cells for line in first])
            except FileRefusedError as refusal:
                refusal.rows_in_file = _rows_below_a_header(first, table)
                if refusal.rows_in_file or any(any(line.cells) for line in first):
                    refusals[table.name] = refusal
                continue
            header = first[found.header_at]
            # A form of many sheets is sent with those filled that there is anything for.
            if isinstance(table, WorkbookTable) and not table.is_filled(header):
                empty.append(table.name)
                continue
            names = tuple(sorted(filter(None, map(plain_name, header.cells))))
            key = found.contract.table, found.recipe.recipe, names
            group = groups.setdefault(key, _Group(found, [], []))
            group.sheets.append(_OneSheet(table.name, header, table))
            group.warnings += _above_the_header(first[: found.header_at], header, table)
        if groups:
            passed_over = [_passed_over(name, refusal) for name, refusal in refusals.items()]
            if empty:
                passed_over.append(f"There are column names and no rows on {', '.join(empty)}.")
            in_order = list(groups.values())
            return cls(source.sha256, in_order, passed_over, rules, stated, correction)
        if empty:
            raise _no_rows()
        raise _no_table(refusals)


def _as_its_batch_was_read(
    batch: Batch, rules: Rulebook, stated: Stated
) -> tuple[Rulebook, Stated]:
    """Return by what held rows are read that come back: by what the whole file was read by."""
    months = (batch.covers.from_month, batch.covers.to_month)
    stated = Stated(
        as_named=batch.recipe or batch.table,
        dates=stated.dates or batch.dates or None,  # type: ignore[arg-type]
        months=months if None not in months else None,  # type: ignore[arg-type]
    )
    # Of the columns that a recipe is known by, only those that are read were kept.
    own = [
        recipe.model_copy(update={"header": tuple(recipe.file_columns())})
        for level in rules.levels
        for recipe in level
        if recipe.recipe == batch.recipe
    ]
    return replace(rules, levels=[own[:1]]), stated


def _above_the_header(above: Sequence[Line], header: Line, table: Table) -> list[str]:
    """Return what is said of rows above the header that look like rows of data.

    Raises:
        FileRefusedError: If there are so many that they can be no titles.
    """
    if MARK in map(plain_name, header.cells):
        # What stands above the names in a template is ours, and says what to write.
        return []
    looking_like_data = []
    for line in above:
        names = [*header.cells, *[""] * len(line.cells)]
        own = [cell for cell, name in zip(line.cells, names, strict=False) if cell.strip() != name]
        filled = sum(bool(cell.strip()) for cell in own)
        enough = max(FEWEST_FILLED, sum(bool(name.strip()) for name in header.cells) / 2)
        if filled >= enough and len(list(filter(_A_FIGURE.fullmatch, own))) >= FEWEST_FIGURES:
            looking_like_data.append(line.number)
    if not looking_like_data:
        return []
    rows = "Rows" if len(looking_like_data) > 1 else "Row"
    numbers = ", ".join(map(str, looking_like_data))
    of_sheet = f" of the sheet {table.name}" if table.name else ""
    found = (
        f"{rows} {numbers}{of_sheet} above the column names (row {header.number}) may be data, and"
        " nothing above the names is read."
    )
    if len(looking_like_data) > MOST_TITLES_LIKE_DATA:
        error = FileRefusedError.of(
            "rows_above_header",
            f"{found} Put the row of names above all the data, and correct any name in it.",
        )
        error.rows_in_file = len(looking_like_data) + len(table.read(header).numbers)
        raise error
    return [found]


def _passed_over(name: str, refusal: FileRefusedError) -> str:
    if refusal.nearly or refusal.problems[0].rule != "unknown_table":
        return f"The sheet {name} was not read. {refusal}"
    return f"The sheet {name} holds no table and was not read."


def _no_rows() -> FileRefusedError:
    return FileRefusedError.of("no_rows", "There is a header, and no row under it.")


def _no_table(refusals: Mapping[str, FileRefusedError]) -> FileRefusedError:
    if len(refusals) > 1:
        return FileRefusedError(
            [
                replace(problem, message=f"Sheet {name}: {problem.message}")
                for name, refusal in refusals.items()
                for problem in refusal.problems
            ],
            sum(refusal.rows_in_file for refusal in refusals.values()),
        )
    return next(iter(refusals.values()), FileRefusedError.of("empty_file", "The file is empty."))


def _rows_below_a_header(first: Sequence[Line], table: Table) -> int:
    """Return how many rows of data a sheet seems to hold whose header is not known.

    The row with the most cells filled, the first of these, stands for the header.
    """
    filled = [sum(bool(cell.strip()) for cell in line.cells) for line in first]
    if not filled:
        return 0
    header = first[filled.index(max(filled))] if max(filled) else first[-1]
    return len(table.read(replace(header, cells=header.cells[:MOST_COLUMNS] or [""])).numbers)


def _check_group(path: Path, opened: _Opened, group: _Group) -> Checked:
    found = group.found
    report = Report(str(path), table=found.contract.table)
    report.recipe = found.recipe.recipe if found.by_recipe else None
    try:
        report.sheets = tuple(sheet.name for sheet in group.sheets if sheet.name)
        sheet = group.read()
        # What reading needed for a moment is given back before checking needs as much.
        pa.default_memory_pool().release_unused()
        report.rows_in_file = len(sheet.numbers)
        if not report.rows_in_file:
            raise _no_rows()
        report.warnings += [*opened.passed_over, *group.warnings]
        sheet, report.rows_dropped = without_template_rows(sheet, found)
        if not len(sheet.numbers):
            report.warnings.append(NOTHING_FILLED_IN)
            return Checked(report)
        checked = _check_sheet(sheet, found, opened, report)
    except FileRefusedError as error:
        report.rows_in_file = report.rows_in_file or error.rows_in_file
        return Checked(report.refuse(error.problems))
    return replace(checked, sha256=opened.sha256)


def _check_sheet(sheet: Sheet, found: Recognised, opened: _Opened, report: Report) -> Checked:
    """Return the accepted and the held rows, and complete the report."""
    contract, rules, stated = found.contract, opened.rules, opened.stated
    latest = min(rules.today, stated.extracted_on or rules.today)
    _refuse_what_cannot_be_covered(contract, rules, stated, latest)
    refuse_swallowed_rows(sheet)
    held_before: dict[int, int] = {}
    if opened.correction is not None:
        sheet, held_before = taken_apart(sheet, opened.correction)
    sheet, left_out = without_left_out(sheet, found.recipe)
    columns = FileColumns(sheet, found, rules.lists)
    reading = Reading(rules.lists, latest, zone=rules.zone)
    if contract.counted:
        rules.lists.codes["measure", "id"] = Codes.of(rules.definitions)
    parts = columns.read_parts(reading, stated.dates)
    tables = [contract_table(contract, part, sheet) for part in parts]
    _refuse_rows_of_people(contract, tables)

    rows = FileRows(sheet)
    rows.hold_faulty_cells(parts)
    rows.hold_wide_rows()
    rows.hold_changed_examples(marked_as_example(sheet))
    for table in tables:
        for rule in contract.rules:
            rows.hold_broken(rule, table)
        if contract.counted:
            percent = [one.id for one in rules.definitions.values() if one.percent]
            rows.hold_impossible_figures(contract.counted, table, percent)
    rows.drop_what_is_no_data(parts, rules.lists)
    if len(tables) == 1:
        tables = [rows.put_episodes_together(contract, tables[0])]
    rows.settle_repeated_keys(contract, tables)

    taken = rows.taken
    accepted, converted = in_calendar_days(contract, only_taken(taken, tables))
    held = rows.held_table(dict.fromkeys(columns.read.values()))
    report.rows_accepted, report.rows_held = int(taken.sum()), len(rows.reasons)
    report.rows_dropped += Counter(rows.dropped.values()) + Counter(left_out=left_out)
    for cells in each_once(parts):
        report.fixes += cells.notes.fixes
        report.warnings += cells.notes.warnings
    report.warnings += rows.warnings()
    if converted:
        report.fixes["working_days"] += converted
        report.warnings.append(conversion_in_words(contract, converted))
    report.day_only = tuple(c.column.name for c in each_once(parts) if c.notes.day_only)
    report.problems = rows.problems
    report.status = "accepted_with_held_rows" if rows.reasons else "accepted"
    report.rows_loaded = accepted.num_rows
    report.covers = _covers(contract, accepted, stated, rules.lists)
    if opened.correction is None:
        report.warnings += _warnings(columns, accepted, stated)
        report.warnings += outside_their_time(contract, accepted, rules.lists)
        _look_at_months(contract, accepted, found.recipe.source, rules, stated, report)
        return Checked(
            report, contract, found.recipe, accepted=accepted, held=held, dates=columns.order
        )
    before = np.array([held_before[place_in_batch(sheet, row)] for row in range(len(taken))], int)
    still = sorted(rows.reasons)
    place = held.column_names.index(HELD_ROW)
    return Checked(
        report,
        contract,
        found.recipe,
        accepted=accepted.append_column(HELD_ROW, pa.array(np.tile(before[taken], len(tables)))),
        held=held.set_column(place, HELD_ROW, pa.array(before[still], pa.int64())),
        dates=columns.order,
        correction=opened.correction,
        settles=tuple(sorted({*held_before.values()} - {*before[still].tolist()})),
    )


def _refuse_rows_of_people(contract: Contract, tables: Sequence[pa.Table]) -> None:
    """Refuse what seems to be a row for each person where a count is asked for.

    Raises:
        FileRefusedError: If an area has more rows in a month than counts need.
    """
    if contract.kind != "reported" or contract.date is None or contract.area_column is None:
        return
    for table in tables:
        months = table.column(contract.date).cast(pa.date32()).cast(pa.timestamp("s"))
        month = pc.call_function("strftime", [months], pc.StrftimeOptions("%Y-%m"))
        pairs = pa.table({"area": table.column(contract.area_column), "month": month}).drop_null()
        counts = pairs.group_by(["area", "month"]).aggregate([([], "count_all")])
        most = max(counts.column("count_all").to_pylist(), default=0)
        if most > MOST_ROWS_OF_COUNTS:
            raise FileRefusedError.of(
                "rows_of_people",
                f"There are {most:,} rows for one area and month. That looks like a row for each"
                f" person, and {contract.table} asks for counts. Count them first, and send the"
                " counts.",
            )


def _refuse_what_cannot_be_covered(
    contract: Contract, rules: Rulebook, stated: Stated, latest: datetime.date
) -> None:
    """Refuse a file said to speak for months that had not begun, or for areas nobody knows."""
    if stated.extracted_on is not None and stated.extracted_on > rules.today:
        raise FileRefusedError.of(
            "drawn_in_the_future",
            f"The file is said to be drawn on {stated.extracted_on}, and today is {rules.today}."
            " Say with --extracted the day on which it was.",
        )
    if stated.months and contract.kind != "reference" and stated.months[1] > f"{latest:%Y-%m}":
        raise FileRefusedError.of(
            "covers_the_future",
            f"The file is said to cover {stated.months[1]}, and its rows can go no further than"
            f" {latest}. Nobody knows yet what will happen: say --covers to {latest:%Y-%m}.",
        )
    known = _area_lists(contract, rules.lists)
    unknown = [code for code in stated.areas if not _area_meant(code, known)]
    if known and unknown:
        raise FileRefusedError.of(
            "area_not_known",
            f"--areas names {', '.join(unknown)}, which the list of areas does not know. Write each"
            " practice, team or locality as your lists do, with commas between them, or say"
            " --areas all.",
        )


def _area_lists(contract: Contract, lists: Lists) -> list[Codes]:
    """Return the lists of areas; none where that of the contract's own areas is not here."""
    own = _own_list(contract, lists)
    if own is None:
        return []
    places = (lists.of("team", "team_id"), lists.of("locality", "locality_id"))
    return [own, *(codes for codes in places if codes is not None)]


def _own_list(contract: Contract, lists: Lists) -> Codes | None:
    """Return the list of the codes in the contract's area column, where there is one."""
    if contract.area_column is None:
        return None
    if contract.area_column == PRACTICE:
        return lists.of("practice_team", PRACTICE)
    referred = contract.column(contract.area_column).list_referred_to
    return lists.of(*referred) if referred else None


def _area_meant(code: str, lists: Sequence[Codes]) -> str | None:
    if code == ALL_AREAS:
        return code
    return next((found for codes in lists if (found := codes.find(code))), None)


def _look_at_months(
    contract: Contract,
    accepted: pa.Table,
    source: str,
    rules: Rulebook,
    stated: Stated,
    report: Report,
) -> None:
    """Say in the report whether the last month is whole, and whether any has too few rows."""
    assert report.covers is not None
    report.rows_by_month = rows_by_month(contract, accepted, report.covers)
    report.part_filled, why = part_filled(
        contract, accepted, report.covers, rules.today, stated.extracted_on
    )
    if report.part_filled:
        report.warnings.append(why)
    before = [
        batch
        for batch in rules.batches.values()
        if batch.table == contract.table and batch.source_system == source
    ]
    report.warnings += falls_in_words(contract, report.rows_by_month, before, report.part_filled)


def _warnings(columns: FileColumns, accepted: pa.Table, stated: Stated) -> list[str]:
    contract, months = columns.contract, stated.months
    warnings = []
    if not_read := columns.not_read():
        warnings.append(unknown_columns_in_words(contract, not_read))
    for name, table in columns.lists_missing():
        warnings.append(f"There is no list of {table} codes here yet: {name} was not checked.")
    if months and contract.date:
        days = accepted.column(contract.date).cast(pa.date32()).drop_null().value_counts()
        rows = sum(
            each["counts"]
            for each in days.to_pylist()
            if not months[0] <= f"{each['values']:%Y-%m}" <= months[1]
        )
        if rows:
            warnings.append(
                f"{rows:,} rows are dated outside the months the file is said to cover, {months[0]}"
                f" to {months[1]}. They were read all the same."
            )
    return warnings


def _covers(contract: Contract, accepted: pa.Table, stated: Stated, lists: Lists) -> Covers:
    """Return the months and areas that the rows speak for; a reference list has no months."""
    months = stated.months
    if contract.kind == "reference" or contract.date is None:
        months = None
    elif months is None:
        days = accepted.column(contract.date).cast(pa.date32()).unique().drop_null().to_pylist()
        months = (f"{min(days):%Y-%m}", f"{max(days):%Y-%m}") if days else None
    area = contract.area_column
    areas = accepted.column(area).unique().drop_null().to_pylist() if area else []
    known = _area_lists(contract, lists)
    said = {_area_meant(code, known) or code for code in stated.areas} if area else set()
    own = _own_list(contract, lists)
    # A code of the column itself is as good as a row; of others it is known later what they hold.
    places = {code for code in said if code == ALL_AREAS or (own and code not in own.exact)}
    return Covers.of(months, sorted({*areas, *said} - places), sorted(places))
