"""How we think it works: what leads to what, how soon, and which of it is measured."""

import streamlit as st

from dashboard import boards, logic_board, prose
from dashboard.components import draw
from dashboard.visit import choose, this_visit

visit = this_visit()
book, area = visit.book, visit.area

prose.opening(
    "How do we think it works, and which of it do we measure?",
    logic_board.first_sentence(book),
    logic_board.rest(book),
)
names = {key: one.name for key, one in book.areas.items()}
choose("Figures of", "team", list(names), visit.selection.team, names.__getitem__)
draw("model", logic_board.model(book, area), "model")
prose.paragraphs([logic_board.on_no_node(book)], quiet=True)

prose.heading("How soon")
prose.points(logic_board.how_soon(book))
prose.heading("To keep in mind")
prose.points(logic_board.assumptions(book), otherwise="Nobody has written anything down.")
with st.expander("What leads to what, in words"):
    prose.points(logic_board.arrows(book))
with st.expander("Where each part comes from"):
    prose.points(logic_board.origins(book))
prose.heading("What the signs say")
draw("legend", boards.legend(), "legend")
