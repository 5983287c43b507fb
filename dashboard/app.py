"""The entry to the dashboard: `python -m dashboard`, or `streamlit run dashboard/app.py`."""

import streamlit as st

from dashboard import frame, prose, visit
from data.errors import DataError
from data.home import Home

st.set_page_config(layout="wide", initial_sidebar_state="collapsed", menu_items={"About": None})
frame.dress()

try:
    book = visit.begin().book
except DataError as error:
    book, trouble = None, str(error)
else:
    trouble = "" if book.measures else frame.NO_MEASURE

all_pages = frame.pages(book)
here = st.navigation(list(all_pages.values()), position="top")
frame.masthead(book)
page = frame.name_of(here, all_pages)
if not trouble:
    visit.note_what_is_shown(page)
    here.run()
elif page in visit.BEFORE_FIGURES and Home.find().exists():
    here.run()
else:
    prose.opening("Nothing to show yet", trouble)
visit.watch_for_a_new_version()
