"""Text on a page: escaped here, once, and set in the page's own hands (theme/theme.css)."""

import re
from collections.abc import Iterable
from html import escape

import pandas as pd
import streamlit as st

# Punctuation that Markdown could read as more than itself. What ends a word, joins two, or means
# nothing there stays as it is: a label is read aloud with its backslashes.
_MARKDOWN = re.compile(
    r"(?!(?<=[^\W\d])[.:!](?=\s|$))(?!(?<=[^\W_])[-/](?=[^\W_]))([!#$&*+./:<=>@\[\\\]^_`{|}~-])"
)


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


def table(frame: pd.DataFrame) -> None:
    """Write a table of texts, its index the first column; for no rows, that there are none.

    Streamlit's own table reads every cell as Markdown, which takes a browser longer than the rest
    of a page with one large chart.
    """
    if frame.empty:
        paragraphs(["No figures."])
        return
    names = "".join(_cell("th", name, "col") for name in (frame.index.name or "", *frame.columns))
    rows = "".join(
        f"<tr>{_cell('th', first, 'row')}{''.join(_cell('td', text) for text in texts)}</tr>"
        for first, *texts in frame.itertuples(name=None)
    )
    # It may be wider than its place, and then has to be scrolled, with the keyboard too.
    st.html(
        f'<div class="cm-wide" tabindex="0"><table class="cm-table"><thead><tr>{names}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cell(tag: str, text: object, scope: str = "") -> str:
    heads = f' scope="{scope}"' if scope else ""
    return f"<{tag}{heads}>{escape(str(text))}</{tag}>"


def label(text: str) -> str:
    """Return a text for a label or a cell, where Streamlit would else read it as Markdown.

    A name with a picture in it would have every reader's browser ask another server for it.
    """
    return _MARKDOWN.sub(r"\\\1", text)


def quoted(words: str, source: str) -> str:
    """Return somebody's words and where they stand, or the source alone."""
    return f"“{words.strip('“”')}” — {source}" if words else source
