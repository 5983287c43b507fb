import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.prose import label, quoted

HOSTILE = '<img src=x onerror=alert(1)> & "North" <script>'


def written(*lines: str) -> list[str]:
    app = AppTest.from_string("\n".join(["from dashboard import prose", *lines])).run()
    assert not app.exception
    return [element.proto.body for element in app.get("html")]


@pytest.mark.parametrize(
    "call",
    [
        "prose.opening({0}, {0}, {0})",
        "prose.spoken({0})",
        "prose.heading({0}, {0})",
        "prose.paragraphs([{0}])",
        "prose.points([{0}])",
        "prose.points([], otherwise={0})",
        "prose.explained({0}, [{0}])",
    ],
)
def test_text_is_never_markup(call: str) -> None:
    (body,) = written(call.format(repr(HOSTILE)))

    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;North&quot; &lt;script&gt;" in body
    assert re.findall("<(img|script)", body) == []


def test_nothing_to_say_writes_nothing() -> None:
    assert written("prose.paragraphs(['', ''])", "prose.explained('A title', [''])") == []
    assert written("prose.points([''])") == []


def test_a_numbered_list_is_numbered() -> None:
    (body,) = written("prose.points(['a', 'b'], numbered=True)")

    assert body == '<ol class="cm-list"><li>a</li><li>b</li></ol>'


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("North 2", "North 2"),
        ("North (Otterholm)", "North (Otterholm)"),
        ("Out of: same-day visits, wound/skin.", "Out of: same-day visits, wound/skin."),
        ("![x](http://elsewhere)", r"\!\[x\](http\:\/\/elsewhere)"),
        ("www.elsewhere.org", r"www\.elsewhere\.org"),
        ("1. One - two", r"1\. One \- two"),
        (":red[a] $b$", r"\:red\[a\] \$b\$"),
        ("Åse – “é”", "Åse – “é”"),
    ],
)
def test_punctuation_in_a_label_is_no_markdown(text: str, safe: str) -> None:
    assert label(text) == safe


@given(st.text())
def test_a_label_says_every_character_it_was_given(text: str) -> None:
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", label(text)) == text


def test_a_table_has_its_index_first_and_is_made_of_text() -> None:
    (body,) = written(
        "import pandas as pd",
        f"frame = pd.DataFrame({{{HOSTILE!r}: [{HOSTILE!r}]}}, index=['March'])",
        "prose.table(frame.rename_axis('Period'))",
    )

    assert '<th scope="col">Period</th>' in body
    assert '<th scope="row">March</th>' in body
    assert body.count("&lt;img src=x onerror=alert(1)&gt;") == 2
    assert re.findall("<(img|script)", body) == []


def test_a_table_without_rows_says_so() -> None:
    (body,) = written("import pandas as pd", "prose.table(pd.DataFrame())")

    assert body == '<p class="cm-text">No figures.</p>'


def test_words_are_quoted_once_with_their_source() -> None:
    assert quoted("“huge backlogs”", "one interviewee") == "“huge backlogs” — one interviewee"
    assert quoted("", "NHS England") == "NHS England"
