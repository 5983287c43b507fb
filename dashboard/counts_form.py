"""The fields of the page of monthly counts, and what happens when they are saved.

A field that is left empty says that nobody counted: it is never taken for zero. What was typed is
kept by the browser's page until it is saved, and what was saved is a batch like any other.
"""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal

import streamlit as st

from dashboard import cached, counts_words, prose
from dashboard.counts_words import Sent
from dashboard.numbers import sentence_case
from dashboard.visit import remember, remembered
from data.counts import (
    Count,
    last_before,
    recent_months,
    recent_weeks,
    save_month,
    save_week,
)
from data.errors import DataError
from data.home import Home, Settings
from data.report import Report
from metrics.definition import Measure

MONTHS_OFFERED, WEEKS_OFFERED = 15, 6
FORM_WIDTH = 760
_SAVED, _ASKED = "counts_saved", "counts_asked"


def sent_by(home: Home, team: str) -> Sent:
    """Return what a team has sent so far."""
    return cached.counts_sent(home, team)


def chosen_month(today: datetime.date) -> datetime.date:
    """Return the month that is being filled in: the last whole one, unless another was chosen."""
    months = recent_months(today, MONTHS_OFFERED)
    return next(
        month for month in months if f"{month:%Y-%m}" == remembered("month", _in_order(months))
    )


def _in_order(months: Sequence[datetime.date]) -> list[str]:
    """Return months as an address names them, the one that is offered first at the front."""
    last_whole = months[1]
    return [f"{month:%Y-%m}" for month in (last_whole, *months)]


def choose_team(settings: Settings, names: Mapping[str, str], team: str) -> None:
    """Offer the teams to choose from."""
    remember(sentence_case(settings.words.team), "team", list(names), team, lambda key: names[key])


def choose_month(today: datetime.date) -> None:
    """Offer the newest months to choose from."""
    months = {f"{month:%Y-%m}": month for month in recent_months(today, MONTHS_OFFERED)}
    current = f"{chosen_month(today):%Y-%m}"
    remember(
        "Month",
        "month",
        list(months),
        current,
        lambda key: counts_words.month_name(months[key]),
    )


def month_form(
    home: Home, team: str, month: datetime.date, measures: Sequence[Measure], sent: Sent
) -> list[str]:
    """Ask for a month's counts; return what there is to say after saving."""
    here = sent.get(month, {})
    typed: dict[str, Count] = {}
    key = f"{team}-{month:%Y-%m}"
    asked = st.session_state.get(_ASKED, {}).get(key, [])
    with st.container(key="counts", width=FORM_WIDTH), st.form(f"counts-{key}", border=False):
        for measure in measures:
            typed[measure.id] = _ask(measure, key, here.get(measure.id), sent, month)
        role = st.text_input(
            "Your role, such as team lead (not your name)", key=f"role-{team}", max_chars=60
        )
        note = st.text_input(
            "Anything one should know about these counts (never about one person)",
            key=f"note-{key}",
            max_chars=200,
        )
        sure = False
        if asked:
            prose.points([*asked, "Nothing is saved yet."])
            sure = st.checkbox("Yes, that is right", key=f"sure-{key}-{len(asked)}")
        pressed = st.form_submit_button("Save", type="primary", width="stretch")
    if not pressed:
        return st.session_state.pop(_SAVED, [])
    wrong = [said for m in measures if (said := counts_words.too_many(m, typed[m.id]))]
    if wrong:
        return wrong
    if all(count.is_blank for count in typed.values()) and not here:
        return ["Nothing was typed, so nothing is saved. An empty field says that nobody counted."]
    beside = {m.id: last_before(sent, month, m.id) for m in measures}
    odd = [said for m in measures if (said := counts_words.odd(m, typed[m.id], beside[m.id]))]
    if odd and not (sure and odd == asked):
        st.session_state.setdefault(_ASKED, {})[key] = odd
        st.rerun()
    try:
        report = save_month(home, team, month, typed, role=role.strip(), note=note.strip())
    except DataError as error:
        return [str(error)]
    st.session_state.get(_ASKED, {}).pop(key, None)
    return _after_saving(report)


def _ask(measure: Measure, key: str, here: Count | None, sent: Sent, month: datetime.date) -> Count:
    """Show the fields of one measure, with the last count beside them."""
    prose.heading(measure.title, counts_words.before(measure, last_before(sent, month, measure.id)))
    prose.paragraphs([measure.question], quiet=True)
    here = here or Count()
    columns = (
        st.columns(2, vertical_alignment="bottom")
        if measure.denominator is not None
        else [st.container()]
    )
    with columns[0]:
        numerator = st.number_input(
            prose.label(counts_words.counted(measure)),
            min_value=0,
            step=1,
            value=here.numerator,
            key=f"{key}-{measure.id}-numerator",
        )
    denominator = None
    if measure.denominator is not None:
        whole = None if here.denominator is None else int(here.denominator)
        with columns[1]:
            denominator = st.number_input(
                prose.label(counts_words.out_of(measure)),
                min_value=0,
                step=1,
                value=whole,
                key=f"{key}-{measure.id}-denominator",
            )
    return Count(
        None if numerator is None else int(numerator),
        None if denominator is None else Decimal(int(denominator)),
    )


def week_form(home: Home, team: str, today: datetime.date) -> list[str]:
    """Ask for a week's days on which staff could not go out; return what there is to say."""
    weeks = {monday.isoformat(): monday for monday in recent_weeks(today, WEEKS_OFFERED)}
    chosen = st.selectbox(
        "Week",
        list(weeks),
        format_func=lambda text: counts_words.week_name(weeks[text]),
        key=f"week-{team}",
    )
    week = weeks[chosen]
    sent = cached.days_sent(home, team)
    here = sent.get(week, {})
    key = f"{team}-{week}"
    before = [day for day in sent if day < week]
    if before:
        last = sent[max(before)]
        total = sum(count.numerator or 0 for count in last.values())
        prose.paragraphs(
            [f"{counts_words.week_name(max(before))}: {total:,} days on which staff stayed in."],
            quiet=True,
        )
    with st.container(key="days", width=FORM_WIDTH), st.form(f"days-{key}", border=False):
        known = next((count.denominator for count in here.values() if count.denominator), None)
        available = st.number_input(
            "Days on which staff who visit people were at work",
            min_value=0,
            step=1,
            value=None if known is None else int(known),
            key=f"{key}-available",
        )
        prose.paragraphs(["Days of these on which they could not go out, by the reason:"])
        days: dict[str, int] = {}
        for reason in cached.reasons(home):
            number = st.number_input(
                prose.label(sentence_case(reason)),
                min_value=0,
                step=1,
                value=here[reason].numerator if reason in here else 0,
                key=f"{key}-{reason}",
            )
            days[reason] = int(number or 0)
        pressed = st.form_submit_button("Save the week", width="stretch")
    if not pressed:
        return []
    if available is None:
        return ["Say on how many days staff were at work, else nobody knows what it is out of."]
    if sum(days.values()) > available:
        return [
            f"{sum(days.values()):,} days in cannot be out of {available:,} days at work."
            " Correct one of them."
        ]
    try:
        return _in_words(save_week(home, team, week, int(available), days))
    except DataError as error:
        return [str(error)]


def _after_saving(report: Report) -> list[str]:
    said = _in_words(report)
    if report.batch_id:
        # What is there now is read anew, so that the page's first sentence counts it.
        st.session_state[_SAVED] = said
        st.rerun()
    return said


def _in_words(report: Report) -> list[str]:
    if report.batch_id is None:
        return ["Nothing was saved.", *(problem.message for problem in report.problems)]
    held = [problem.message for problem in report.problems]
    return [
        "Saved. It appears in the figures when they are next published.",
        *held,
        *report.warnings,
    ]
