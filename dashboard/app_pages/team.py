"""Team: what should we talk about this month?"""

from dashboard import boards, headlines, prose
from dashboard.components import draw
from dashboard.numbers import sentence_case
from dashboard.team_words import happened, how_far_back, stage
from dashboard.visit import choose, this_visit

visit = this_visit()
book, area = visit.book, visit.area
series = visit.series_here()

lead, rest = headlines.team_headline(book, area)
prose.opening(f"{area.name}: what should we talk about this month?", lead, rest)
names = {key: one.name for key, one in book.areas.items()}
choose(
    sentence_case(book.settings.words.team),
    "team",
    list(names),
    visit.selection.team,
    names.__getitem__,
)

cards = boards.cards(book, area, series)
if cards["cards"]:
    prose.heading("Worth talking about")
    draw("cards", cards, "cards")
prose.heading("Every measure", how_far_back(book, area))
draw("tiles", boards.tiles(book, area, series), "tiles")
prose.paragraphs([headlines.nothing_shown(book, [area])])

prose.heading("What happened here")
prose.points(happened(book, area), otherwise="Nothing has been noted down.")
prose.paragraphs([stage(book, area)], quiet=True)
