"""What stands around every page: its dress, whose figures these are, and how new they are."""

from html import escape
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import prose
from dashboard.book import Book
from dashboard.numbers import sentence_case
from dashboard.selection import PageName
from dashboard.visit import FILES

NO_MEASURE = (
    "None of the measures has a figure here: nothing that one of them counts has been loaded yet."
)
STYLE = Path(__file__).parent / "theme" / "theme.css"


def dress() -> None:
    """Apply our own style sheet: constants only, never anything from data."""
    st.html(STYLE)


def masthead(book: Book | None) -> None:
    """Write the line above every page."""
    if book is None:
        st.html('<div class="cm-masthead"><span class="cm-name">Common Measure</span></div>')
        return
    fictional = (
        '<span class="cm-fictional">Fictional data</span>' if book.settings.fictional else ""
    )
    st.html(
        f'<div class="cm-masthead"><span class="cm-name">{escape(book.settings.name)}</span>'
        f'<span class="cm-dates">{escape(book.dates)}{fictional}</span></div>'
    )


def pages(book: Book | None) -> dict[PageName, Page]:
    """Return the pages, named in the partnership's words."""
    team = sentence_case(book.settings.words.team) if book else "Team"
    titles: dict[PageName, str] = {
        "start": "Start",
        "partnership": "Partnership",
        "team": team,
        "measure": "Measure",
        "logic_model": "How we think it works",
        "monthly_counts": "Monthly counts",
        "data_health": "Data health",
    }
    return {
        name: st.Page(
            FILES[name],
            title=prose.label(title),
            default=name == "start",
            url_path=None if name == "start" else name,
        )
        for name, title in titles.items()
    }


def name_of(here: Page, all_pages: dict[PageName, Page]) -> PageName:
    """Return which of the pages is being shown."""
    return next(name for name, page in all_pages.items() if page == here)
