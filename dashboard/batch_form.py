"""The part of data health about one batch: as it was read, its held rows, withdrawing it."""

import streamlit as st

from dashboard import health, prose
from dashboard.health import StateOfData
from data.acts import Standing, reinstate, withdraw
from data.as_read import columns_read, rows_by_month
from data.errors import DataError
from data.held import as_csv, held_rows_of
from data.home import Home

_SAID = "batch_said"


def show(home: Home, state: StateOfData) -> None:
    """Offer the batches to choose from, and show what there is to know and do about one."""
    there = {one.id: one for one in reversed(state.batches) if one.batch is not None}
    if not there:
        return
    prose.heading("What you sent us, as we read it")
    prose.points(st.session_state.pop(_SAID, []))
    chosen = st.selectbox(
        "Batch",
        list(there),
        format_func=lambda key: health.name_of(state, there[key]),
        # With every batch the newest is shown again.
        key=f"batch-{len(there)}",
    )
    one = there[chosen]
    assert one.batch is not None
    contract = state.contracts.get(one.table)
    if contract is not None:
        prose.paragraphs([contract.describes, f"This batch {health.stands(one)}."])
        prose.table(health.columns(columns_read(one.batch, contract), one.batch.rows_loaded))
        with st.expander("Rows by month"):
            prose.table(health.by_month(rows_by_month(one.batch, contract)))
    if one.state == "counts" and health.still_held(one):
        _offer_held_rows(home, one)
    _offer_an_act(home, one)


def _offer_held_rows(home: Home, one: Standing) -> None:
    held = health.still_held(one)
    prose.paragraphs(
        [
            f"{held:,} of its rows are held back. Take them as a file, put right what the last"
            " column names, and bring that file in above: only these rows are added."
        ]
    )
    batch, rows = held_rows_of(home, one.id)
    st.download_button(
        "Download the held rows",
        as_csv(batch, rows).encode("utf-8-sig"),
        file_name=f"held_{one.table}_{health.short(one)}.csv",
        mime="text/csv",
        on_click="ignore",
    )


def _offer_an_act(home: Home, one: Standing) -> None:
    withdrawing = one.state == "counts"
    title = "Withdraw this batch" if withdrawing else "Count this batch again"
    with st.expander(title), st.form(f"act-{one.id}-{one.state}", border=False):
        prose.paragraphs(
            [
                "Its rows no longer count once the figures are published. It is kept, and can be"
                " brought back."
                if withdrawing
                else "Its rows count again once the figures are published."
            ]
        )
        why = st.text_input("Why", key=f"why-{one.id}-{one.state}", max_chars=200)
        by = st.text_input("Your name or role", key=f"by-{one.id}-{one.state}", max_chars=80)
        if not st.form_submit_button(title):
            return
    if not why.strip() or not by.strip():
        prose.paragraphs(["Say why, and who you are. Nothing was done."])
        return
    try:
        (withdraw if withdrawing else reinstate)(home, one.id, why.strip(), by.strip())
    except DataError as error:
        prose.paragraphs([str(error)])
        return
    st.session_state[_SAID] = ["Done. The button further up shows the new figures."]
    st.rerun()
