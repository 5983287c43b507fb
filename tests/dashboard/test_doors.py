from pathlib import Path

import dashboard
from dashboard.book import Book
from dashboard.doors import about, doors, file_of, first_words, to_team
from data.home import Words
from tests.dashboard.invented import (
    ADMISSIONS,
    NORTH,
    NORTH_2,
    WAITING,
    BookOf,
    finding,
    month,
    no_value,
)


def test_each_door_leads_to_a_page_that_is_there(book: Book) -> None:
    folder = Path(dashboard.__file__).parent

    assert [door.page for door in doors(book)] == ["partnership", "team", "measure"]
    for door in doors(book):
        assert (folder / file_of(door)).is_file()


def test_doors_are_labelled_in_the_partnerships_words(book_of: BookOf) -> None:
    book = book_of(finding(WAITING), words=Words(team="board", teams="boards"))

    said = " ".join(f"{door.title} {door.text} {door.label}" for door in doors(book))

    assert "All boards" in said
    assert "team" not in said


def test_where_there_are_hospital_figures_alone_no_door_promises_both_kinds(
    book: Book, book_of: BookOf
) -> None:
    alone = book_of(finding(ADMISSIONS))

    assert "working life" in doors(book)[0].text
    assert "working life" not in " ".join(door.text for door in doors(alone))


def test_the_figures_are_counted_by_kind(book: Book, book_of: BookOf) -> None:
    families = [measure.family for measure in book.shown.values()]
    proposed, conventional = families.count("proposed"), families.count("conventional")
    assert first_words(book) == (
        f"{proposed + conventional} measures for 12 teams: {proposed} proposed by staff or people,"
        f" {conventional} conventional."
    )
    assert first_words(book_of(finding(WAITING), areas=book.snapshot.areas[:3])) == (
        "1 measure for 1 team: 1 proposed by staff or people, 0 conventional."
    )


def test_a_team_is_reached_by_its_key() -> None:
    assert to_team(NORTH_2) == {"team": "N2"}
    assert to_team(NORTH) == {"team": "locality:N"}


def test_invented_figures_say_so_first(book: Book) -> None:
    assert about(book)[0] == "These figures are fictional: no person, team or place in them exists."


def test_real_figures_do_not_say_that_they_are_fictional(book_of: BookOf) -> None:
    book = book_of(finding(WAITING), about="About us.", sources="From our systems.")

    assert about(book)[1:3] == ["About us.", "From our systems."]
    assert "fictional" not in " ".join(about(book))


def test_whoever_may_show_real_figures_of_people_is_said(book_of: BookOf) -> None:
    of_people, published = book_of(finding(WAITING)), book_of(finding(WAITING))
    opened = WAITING.model_copy(update={"disclosure": "open"})
    vars(published.snapshot).update(measures={WAITING.id: opened})

    assert "only to people who may see the records" in about(of_people)[0]
    assert about(published)[0] == ""


def test_kinds_that_go_back_to_different_months_are_said_apart(book_of: BookOf) -> None:
    book = book_of(finding(ADMISSIONS), finding(WAITING, began=month(24)[0]))

    assert "Hospital figures go back to April 2023; other figures to April 2025." in about(book)


def test_kinds_that_go_back_equally_far_are_said_together(book_of: BookOf) -> None:
    book = book_of(finding(ADMISSIONS), finding(WAITING))

    assert "All kinds of figures go back to April 2023." in about(book)


def test_one_kind_alone_is_said_alone(book_of: BookOf) -> None:
    assert "Hospital figures go back to April 2023." in about(book_of(finding(ADMISSIONS)))
    assert "Figures go back to April 2023." in about(book_of(finding(WAITING)))


def test_what_nobody_collects_is_named(book_of: BookOf) -> None:
    book = book_of(finding(ADMISSIONS), no_value(WAITING, state="not_collected"))

    (said,) = [text for text in about(book) if text.startswith("Not collected here")]
    assert "People waiting" in said
    assert "Emergency admissions" not in said
