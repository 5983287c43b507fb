"""Start: what do you want to do?"""

import streamlit as st

from dashboard import doors, prose
from dashboard.headlines import disagreement, hospital_only
from dashboard.visit import this_visit

visit = this_visit()
book = visit.book

prose.opening("What do you want to do?", f"{book.dates}.", doors.first_words(book))
ways_in = doors.doors(book)
for column, door in zip(st.columns(len(ways_in), gap="medium"), ways_in, strict=True):
    with column, st.container(key=f"door-{door.page}", border=True, height="stretch"):
        prose.heading(door.title)
        prose.paragraphs([door.text])
        st.page_link(doors.file_of(door), label=prose.label(door.label))

if book.hospital_only:
    prose.paragraphs([hospital_only()])
if book.disagreements:
    prose.heading("Where the two kinds of measure disagree")
    for area, found in list(book.disagreements.items())[: doors.MOST_NAMED]:
        with st.container(key=f"named-{area.id}", gap="xxsmall"):
            prose.spoken(disagreement(found, area, book.snapshot.measures))
            look = prose.label(f"Look at {area.short_name}")
            st.page_link(doors.TEAM, label=look, query_params=doors.to_team(area))

prose.heading("About these figures")
prose.paragraphs(doors.about(book))
