"""Loading: what a check accepts is kept as a batch."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

from data.acts import (
    Act,
    Standing,
    actor,
    in_force,
    list_acts,
    new_act,
    record,
    standings,
    tombstone_in_words,
    who,
)
from data.authority import WHOLE_PARTNERSHIP, Verb, authorise
from data.batches import HELD_REASON, Batch, Covers, batch_id, keep, loading
from data.check import Checked, Stated, check_all
from data.erasing import finish_erasures
from data.home import Home
from data.overtaken import (
    later_in_words,
    refuse_far_fewer_rows,
    replaced_in_words,
    settled_in_words,
)
from data.recorded import record_load
from data.reference import files_in_reading_order, rulebook
from data.report import FileRefusedError, Report

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
    return _each(home, files, stated or Stated(), progress, None)


def load_files(
    home: Home,
    files: Sequence[Path],
    stated: Stated | None = None,
    progress: Progress | None = None,
    by: str | None = None,
) -> list[Report]:
    """Check files and keep what is accepted, each as a batch; return the reports in their order.

    Nothing of a refused file is kept. A file that was loaded before changes nothing, unless it
    was withdrawn since: then it counts again, from now on.

    Args:
        home: The partnership.
        files: The files.
        stated: What the sender says about all of them.
        progress: Called with the file, how many are done, and of how many.
        by: Who loads them; else the system's name of the user.

    Raises:
        DataError: If there is no partnership here, or its own files cannot be used.
    """
    home.settings()
    authorise(actor(by), Verb.LOAD, WHOLE_PARTNERSHIP)
    with loading(home):
        finish_erasures(home)
        return _each(home, files, stated or Stated(), progress, who(by))


def _each(
    home: Home, files: Sequence[Path], stated: Stated, progress: Progress | None, by: str | None
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
            fresh = _as_batch(home, file, checked, stated, by or "")
            try:
                _take(home, checked, fresh, keeping=by is not None)
            except FileRefusedError as refusal:
                checked.report.refuse(refusal.problems)
                continue
            if by is not None:
                rules.batches.setdefault(fresh.id, fresh)
            if checked.contract.kind == "reference":
                # What this list names, the tables after it may refer to.
                rules.lists.add(checked.contract.table, checked.accepted)
    if progress is not None:
        progress("", len(in_order), len(in_order))
    return [report for file in files for report in reports[file]]


def _take(home: Home, checked: Checked, fresh: Batch, *, keeping: bool) -> None:
    """Keep a batch that is not here yet, and say in the report what that means for others.

    Raises:
        FileRefusedError: If it would take the place of far more rows than it has.
    """
    report, contract = checked.report, checked.contract
    assert contract is not None
    here = {one.id: one for one in standings(home)}
    same = here.get(fresh.id)
    if fresh.how == "adds":
        same = next((one for one in here.values() if _says_the_same(one, checked)), same)
    counting = in_force(home)
    if same is not None and same.batch is not None and same.state == "counts":
        report.warnings.append(_loaded_before(home, same.batch))
        report.warnings += later_in_words(home, contract, same.batch, counting)
        report.batch_id = same.id if keeping else None
        if keeping:
            # A process can have been killed between keeping the batch and saying so.
            record_load(home, same.batch, actor(fresh.loaded_by))
        return
    refuse_far_fewer_rows(contract, fresh, checked.accepted, counting)
    report.warnings += replaced_in_words(contract, fresh, checked.accepted, counting)
    if same is not None and same.batch is not None:
        report.warnings.append(_counts_again(home, same))
    report.warnings += [
        f"{tombstone_in_words(home, stone)} This file has the same content, and"
        f" {'brings it back' if keeping else 'would bring it back'}."
        for stone in _erased_before(home, fresh, same)
    ]
    if fresh.corrects:
        root = next(batch for batch in counting if batch.id == fresh.corrects)
        report.warnings.append(settled_in_words(root, [*counting, fresh]))
        report.warnings += later_in_words(home, contract, root, counting)
    if not keeping:
        return
    if same is not None and same.batch is not None:
        record(
            home,
            new_act(home, "loaded_again", same.batch, "its file was loaded again", fresh.loaded_by),
        )
        report.batch_id = same.id
        return
    kept = keep(home, fresh, checked.accepted, checked.held)
    record_load(home, kept, actor(kept.loaded_by))
    report.batch_id = kept.id


def _says_the_same(one: Standing, checked: Checked) -> bool:
    batch = one.batch
    return (
        batch is not None
        and one.state == "counts"
        and batch.source_sha256 == checked.sha256
        and checked.contract is not None
        and batch.table == checked.contract.table
    )


def _erased_before(home: Home, fresh: Batch, same: Standing | None) -> list[Act]:
    if same is not None and same.batch is not None:
        return []
    stones = [act for act in list_acts(home) if act.act == "erased" and act.batch == fresh.id]
    return stones[-1:]


def _loaded_before(home: Home, batch: Batch) -> str:
    by = f" by {batch.loaded_by}" if batch.loaded_by else ""
    return (
        f"This content was loaded before, on {home.day_of(batch.loaded_at)}{by}, as batch"
        f" {batch.id}. Nothing changes."
    )


def _counts_again(home: Home, standing: Standing) -> str:
    if not standing.acts:
        return f"This content is batch {standing.id}, which counts no longer."
    last = standing.acts[-1]
    by = f" by {last.by}" if last.by else ""
    return (
        f"This content is batch {standing.id}, which was withdrawn on {home.day_of(last.at)}{by}:"
        f" {last.why.rstrip('.')}. Loaded again, it counts again from now on, after everything that"
        " was loaded before."
    )


def _as_batch(home: Home, file: Path, checked: Checked, stated: Stated, by: str) -> Batch:
    """Return what is said of a file, as a batch that is not kept yet."""
    report, contract, recipe = checked.report, checked.contract, checked.recipe
    assert contract is not None
    assert recipe is not None
    covers = report.covers or Covers()
    written = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
    corrects = checked.correction.batch.id if checked.correction else ""
    # Where rows have a key, each takes the place of its own and of no other: all files add.
    how = "" if corrects or (stated.how == "adds" and contract.key) else stated.how
    # The same rows said to come on top are still the same rows, and count once.
    drawn = f"drawn {stated.extracted_on}" if stated.extracted_on else ""
    said = [word for word in ("replaces" if how == "replaces" else "", corrects, drawn) if word]
    # What is said of a held row may name today, and another day the same file is the same.
    held = checked.held.drop([HELD_REASON])
    return Batch(
        id=batch_id(contract.table, checked.accepted, held, covers, *said),
        table=contract.table,
        contract_version=contract.version,
        sequence=0,
        source_name=file.name.encode("utf-8", "replace").decode(),
        source_sha256=checked.sha256,
        source_system=recipe.source,
        extracted_at=written.replace(microsecond=0),
        extracted_on=stated.extracted_on,
        part_filled=report.part_filled,
        loaded_at=home.clock(),
        loaded_by=by,
        recipe=report.recipe or "",
        dates=checked.dates,
        how=how,
        corrects=corrects,
        settles=checked.settles,
        rows_in_file=report.rows_in_file,
        rows_accepted=report.rows_accepted,
        rows_loaded=report.rows_loaded,
        rows_held=report.rows_held,
        rows_dropped=dict(report.rows_dropped),
        fixes=dict(report.fixes),
        rows_by_month=report.rows_by_month,
        covers=covers,
        folder=home.batches,
    )
