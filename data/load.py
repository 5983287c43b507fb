"""Loading: what a check accepts is kept as a batch."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

from data.batches import Batch, Covers, batch_id, keep, loading
from data.check import Checked, Stated, check_all
from data.file_rows import HELD_REASON
from data.home import Home
from data.reference import files_in_reading_order, rulebook
from data.report import Report

Progress = Callable[[str, int, int], None]


def check_files(
    home: Home,
    files: Sequence[Path],
    stated: Stated | None = None,
    progress: Progress | None = None,
) -> list[Report]:
    """Return a report on each table in each file, in the order given; nothing is kept.

    Args:
        home: Whose contracts, recipes and lists to check against; there may be no partnership.
        files: The files.
        stated: What the sender says about all of them.
        progress: Called with the file, how many are done, and of how many.

    Raises:
        DataError: If the partnership's own files cannot be used.
    """
    return _each(home, files, stated or Stated(), progress, kept=False)


def load_files(
    home: Home,
    files: Sequence[Path],
    stated: Stated | None = None,
    progress: Progress | None = None,
) -> list[Report]:
    """Check files and keep what is accepted, each as a batch; return the reports in their order.

    Nothing of a refused file is kept. A file that was loaded before changes nothing.

    Raises:
        DataError: If there is no partnership here, or its own files cannot be used.
    """
    home.settings()
    with loading(home):
        return _each(home, files, stated or Stated(), progress, kept=True)


def _each(
    home: Home, files: Sequence[Path], stated: Stated, progress: Progress | None, *, kept: bool
) -> list[Report]:
    rules = rulebook(home)
    reports: dict[Path, list[Report]] = {}
    in_order = files_in_reading_order(list(dict.fromkeys(files)), rules, stated.as_named)
    for done, file in enumerate(in_order):
        if progress is not None:
            progress(file.name, done, len(in_order))
        reports[file] = []
        for checked in check_all(file, rules, stated):
            reports[file].append(checked.report)
            if checked.contract is None:
                continue
            if kept:
                checked.report.batch_id = _keep(home, file, checked).id
            if checked.contract.kind == "reference":
                # What this list names, the tables after it may refer to.
                rules.lists.add(checked.contract.table, checked.accepted)
    if progress is not None:
        progress("", len(in_order), len(in_order))
    return [report for file in files for report in reports[file]]


def _keep(home: Home, file: Path, checked: Checked) -> Batch:
    report, contract = checked.report, checked.contract
    assert contract is not None
    assert checked.recipe is not None
    covers = report.covers or Covers()
    written = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
    batch = Batch(
        # What is said of a held row may name today, and another day the same file is the same.
        id=batch_id(contract.table, checked.accepted, checked.held.drop([HELD_REASON]), covers),
        table=contract.table,
        contract_version=contract.version,
        sequence=0,
        source_name=file.name.encode("utf-8", "replace").decode(),
        source_sha256=checked.sha256,
        source_system=checked.recipe.source,
        extracted_at=written.replace(microsecond=0),
        loaded_at=datetime.datetime.now(datetime.UTC).replace(microsecond=0),
        recipe=report.recipe or "",
        rows_in_file=report.rows_in_file,
        rows_accepted=report.rows_accepted,
        rows_loaded=report.rows_loaded,
        rows_held=report.rows_held,
        rows_dropped=dict(report.rows_dropped),
        fixes=dict(report.fixes),
        covers=covers,
        folder=home.batches,
    )
    return keep(home, batch, checked.accepted, checked.held)
