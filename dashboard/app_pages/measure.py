"""Measure: what does this show, can I trust it, and who might we learn from?"""

import streamlit as st

from dashboard import boards, prose
from dashboard.charts.full import Look, spc_figure
from dashboard.charts.palette import DARK, LIGHT
from dashboard.components import draw
from dashboard.measure_words import about, aims, beliefs, headline, standing_here
from dashboard.numbers import Figures
from dashboard.tables import as_csv, as_table, file_name
from dashboard.team_words import event_sentences
from dashboard.visit import choose, this_visit

visit = this_visit()
book, area, measure = visit.book, visit.area, visit.measure
words = book.settings.words
everywhere = visit.series_of_measure()
series = everywhere.get((area.level, area.id), ())
events = book.events_for(area, measure.id)

lead, rest = headline(book, area, measure)
prose.opening(measure.question, lead, rest)
with st.container(horizontal=True, key="filters", gap="medium"):
    titles = {name: one.title for name, one in book.measures.items()}
    choose("Measure", "measure", list(titles), visit.selection.measure, titles.__getitem__)
    names = {key: one.name for key, one in book.areas.items()}
    choose("Where", "team", list(names), visit.selection.team, names.__getitem__)

chart, beside = st.columns([9, 5], gap="large")
with chart:
    said = book.said(area, measure.id)
    look = Look(DARK if st.context.theme.type == "dark" else LIGHT)
    st.plotly_chart(
        spc_figure(
            series, Figures(measure), measure.unit, events, look, book.aims(area, measure.id)
        ),
        key="full",
        theme=None,
        config={"displayModeBar": False},
        alt=f"Chart of every figure. {said.alt}" if said else "No figures.",
    )
    prose.points(event_sentences(events), numbered=True)
    with st.expander("The figures as a table"):
        prose.table(as_table(series, measure))
    st.download_button(
        prose.label(f"Download for all {words.teams}"),
        as_csv(book, measure, everywhere),
        file_name=file_name(book, measure),
        mime="text/csv",
        on_click="ignore",
    )
    for title, texts in beliefs(book, measure):
        prose.explained(title, texts)
    prose.explained(*aims(book, area, measure))
with beside:
    prose.explained(*standing_here(book, area, measure, visit.home.now().date()))
    for title, texts in about(book, measure):
        prose.explained(title, texts)

others = boards.further(book, area, measure, visit.series_of_further())
if others["groups"]:
    prose.heading("The same in another way", "parts and further figures, here")
    draw("tiles", others, "further")

prose.heading(f"All {words.teams}", "on one scale, each against its own past; not a ranking")
draw("tiles", boards.areas_side_by_side(book, measure, everywhere, area), "areas")
