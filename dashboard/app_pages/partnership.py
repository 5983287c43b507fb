"""Partnership: how are the teams, and where do the two kinds of measure disagree?"""

import streamlit as st

from dashboard import boards, headlines, overview, prose
from dashboard.components import draw
from dashboard.numbers import sentence_case
from dashboard.selection import EVERYWHERE, kinds_to_choose
from dashboard.visit import choose, choose_one_of_few, this_visit

visit = this_visit()
book, selection = visit.book, visit.selection
words = book.settings.words
kinds = kinds_to_choose(book.snapshot)

wide, narrow = st.columns([9, 5], gap="large")
with wide:
    prose.opening(
        f"How are the {words.teams}, and where do the two kinds of measure disagree?",
        overview.first_sentence(book),
        overview.against_its_own_past(book),
    )
    prose.points(overview.sentences(book)[1:])
with narrow:
    prose.heading(overview.new_title(book))
    prose.points(overview.new_signals(book), otherwise="Nothing new is beyond its usual range.")

with st.container(horizontal=True, key="filters", gap="medium"):
    where = {EVERYWHERE: f"All {words.localities}"} | {a.id: a.name for a in book.localities}
    if len(book.localities) > 1:
        choose(
            sentence_case(words.locality),
            "locality",
            list(where),
            selection.locality,
            where.__getitem__,
        )
    if len(kinds) > 1:
        choose_one_of_few(
            "Kind of measure", "kind", kinds, selection.kind, overview.KIND_NAMES.__getitem__
        )
draw("matrix", boards.matrix(book, selection), "matrix")
prose.paragraphs(
    [headlines.on_trial(book, book.teams), headlines.nothing_shown(book, book.teams)], quiet=True
)

prose.heading("What the signs say", overview.LETTERS)
draw("legend", boards.legend(), "legend")
if not book.hospital_only:
    prose.heading(f"When a {words.team} is named at the top of this page")
    prose.paragraphs([headlines.the_rule(book.snapshot.measures)])
