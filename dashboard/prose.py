"""Text on a page: escaped here, once, and set in the page's own hands (theme/theme.css)."""

from collections.abc import Iterable
from html import escape

import streamlit as st


def opening(question: str, lead: str, rest: str = "") -> None:
    """Write a page's beginning: what it answers, the first sentence, and what follows from it."""
    after = f'<p class="cm-rest">{escape(rest)}</p>' if rest else ""
    st.html(
        f'<p class="cm-question">{escape(question)}</p>'
        f'<h1 class="cm-sentence">{escape(lead)}</h1>{after}'
    )


def spoken(text: str) -> None:
    """Write a sentence that matters as much as a page's first."""
    st.html(f'<p class="cm-spoken">{escape(text)}</p>')


def heading(text: str, note: str = "") -> None:
    """Write a section's title, with a quiet addition."""
    after = f' <span class="cm-quiet">{escape(note)}</span>' if note else ""
    st.html(f'<h2 class="cm-heading">{escape(text)}{after}</h2>')


def paragraphs(texts: Iterable[str], *, quiet: bool = False) -> None:
    """Write plain paragraphs; nothing for no text."""
    name = "cm-text cm-quiet" if quiet else "cm-text"
    body = "".join(f'<p class="{name}">{escape(text)}</p>' for text in texts if text)
    if body:
        st.html(body)


def points(texts: Iterable[str], *, numbered: bool = False, otherwise: str = "") -> None:
    """Write a list; for no text, what is said otherwise, if anything."""
    tag = "ol" if numbered else "ul"
    body = "".join(f"<li>{escape(text)}</li>" for text in texts if text)
    if body:
        st.html(f'<{tag} class="cm-list">{body}</{tag}>')
    else:
        paragraphs([otherwise])


def explained(title: str, texts: Iterable[str]) -> None:
    """Write a small titled passage of a definition; nothing for no text."""
    body = "".join(f"<p>{escape(text)}</p>" for text in texts if text)
    if body:
        st.html(f'<section class="cm-about"><h3>{escape(title)}</h3>{body}</section>')


def quoted(words: str, source: str) -> str:
    """Return somebody's words and where they stand, or the source alone."""
    return f"“{words.strip('“”')}” — {source}" if words else source
