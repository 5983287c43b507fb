"""The part of data health where files are brought in, looked at, and accepted."""

import hashlib
from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.elements.lib.mutable_status_container import StatusContainer

from dashboard import intake, prose, report_words
from dashboard.intake import Brought
from dashboard.report_words import ASKS_FOR_DATES, ASKS_FOR_TABLE
from data.check import Stated
from data.contract import Contract
from data.errors import DataError
from data.home import Home
from data.report import Report
from metrics.errors import MeasureError
from metrics.publish import publish

KINDS_OF_FILE = ["csv", "txt", "tsv", "xlsx", "parquet"]
DATES = {
    "": "as the file itself shows",
    "dmy": "day, month, year: 31/01/2024",
    "mdy": "month, day, year: 01/31/2024",
    "ymd": "year, month, day: 2024/01/31",
}
# By table.
Contracts = Mapping[str, Contract]
_CHECKED, _SAID, _ROUND, _WHO = "intake_checked", "intake_said", "intake_round", "intake_who"


def show(home: Home, contracts: Contracts) -> None:
    """Ask for files, say what they are, and load them when they are accepted."""
    prose.points(st.session_state.pop(_SAID, []))
    fresh = st.session_state.setdefault(_ROUND, 0)
    uploaded = st.file_uploader(
        "Tables as CSV, Excel (.xlsx) or Parquet. Drop them here.",
        type=KINDS_OF_FILE,
        accept_multiple_files=True,
        key=f"brought-{fresh}",
    )
    files = [Brought(file.name, file.getvalue()) for file in uploaded or []]
    if not files:
        return
    try:
        answers = [_one(home, contracts, number, file) for number, file in enumerate(files)]
        _offer_to_accept(home, files, answers)
    except (DataError, MeasureError) as error:
        prose.paragraphs([str(error)])


def _one(
    home: Home, contracts: Contracts, number: int, file: Brought
) -> tuple[list[Report], Stated]:
    """Check one file, as somebody has answered its questions so far, and show what became of it.

    A workbook has a report for each of its tables.
    """
    key = f"{number}-{hashlib.sha256(file.content).hexdigest()[:16]}"
    stated = Stated(
        st.session_state.get(f"table-{key}") or None, st.session_state.get(f"dates-{key}") or None
    )
    checked = st.session_state.setdefault(_CHECKED, {})
    known = (key, file.name, stated)
    if known not in checked:
        with st.spinner(f"Checking {prose.label(file.name)}"):
            checked[known] = intake.check(home, [file], stated, _say_nothing)
    reports: list[Report] = checked[known]
    with st.container(border=True, key=f"report-{number}"):
        for report in reports:
            _show(contracts, report, file)
        if any(report_words.asks(r, ASKS_FOR_DATES) for r in reports) or stated.dates:
            st.selectbox(
                "How are the dates in this file written?",
                list(DATES),
                format_func=DATES.__getitem__,
                key=f"dates-{key}",
            )
        if any(report_words.asks(r, ASKS_FOR_TABLE) for r in reports) or stated.as_named:
            names = _tables(contracts)
            st.selectbox(
                "What does this file hold?",
                ["", *names],
                format_func=lambda table: names.get(table, "as its columns show"),
                key=f"table-{key}",
            )
    return reports, stated


def _show(contracts: Contracts, report: Report, file: Brought) -> None:
    titles = {contract.table: contract.title for contract in contracts.values()}
    prose.spoken(report_words.headline(report, file.name))
    prose.points(report_words.facts(report, titles))
    if report.problems:
        prose.table(report_words.problems(report))
        prose.paragraphs([report_words.more_problems(report)], quiet=True)


def _tables(contracts: Contracts) -> dict[str, str]:
    return {c.table: f"{c.title} ({c.table})" for c in contracts.values() if not c.generated}


def _offer_to_accept(
    home: Home, files: Sequence[Brought], answers: Sequence[tuple[list[Report], Stated]]
) -> None:
    good = [
        (file, stated)
        for file, (reports, stated) in zip(files, answers, strict=True)
        if any(report.status != "refused" for report in reports)
    ]
    if not good:
        prose.paragraphs(["Put right what is named above, and bring the file again."])
        return
    held = sum(report.rows_held for reports, _ in answers for report in reports)
    typed = st.text_input(
        "Your name or role, kept with what you load",
        value=str(st.session_state.get(_WHO, "")),
        key=f"loaded-by-{st.session_state[_ROUND]}",
        max_chars=80,
    )
    by = (typed or "").strip()
    label = "Accept and show the new figures" if not held else "Accept the rows that can be taken"
    if not st.button(label, type="primary"):
        return
    if not by:
        prose.paragraphs(["Say who you are first: every batch is kept with who loaded it."])
        return
    said = []
    with st.status("Loading", expanded=True) as status:
        for file, stated in good:
            status.update(label=f"Loading {prose.label(file.name)}")
            reports = intake.accept(home, [file], stated, _say_nothing, by)
            said += [report_words.headline(report, file.name) for report in reports]
        _publish(home, status)
    st.session_state[_SAID] = [*said, "The figures on all pages are new."]
    st.session_state[_CHECKED] = {}
    # A field that is not shown is forgotten, and nobody types their name for every file.
    st.session_state[_WHO] = by
    # Another key empties the place where files are dropped.
    st.session_state[_ROUND] += 1
    st.rerun()


def offer_to_publish(home: Home) -> None:
    """Say that something is not in the figures yet, and work them out when asked."""
    changed = "Something was loaded, counted or withdrawn since the figures were worked out."
    prose.paragraphs([changed])
    if not st.button("Show the new figures", type="primary"):
        return
    try:
        with st.status("Working the figures out", expanded=True) as status:
            _publish(home, status)
    except (DataError, MeasureError) as error:
        prose.paragraphs([str(error)])
        return
    st.rerun()


def _publish(home: Home, status: StatusContainer) -> None:
    publish(home, lambda doing: status.update(label=prose.label(doing)))


def _say_nothing(doing: str, done: int, of: int) -> None:
    """Ignore progress within one file: the page says which file it is at."""
    del doing, done, of
