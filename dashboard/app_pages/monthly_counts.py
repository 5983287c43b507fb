"""Monthly counts: what a team counted itself, typed in two minutes on a phone."""

import streamlit as st

from dashboard import cached, counts_form, counts_words, prose
from dashboard.visit import remembered
from data.home import Home

home = Home.find()
settings = home.settings()
today = home.now().date()
teams = cached.teams_now(home, today)
measures = cached.counted_measures(home)

if not teams or not measures:
    prose.opening(counts_words.QUESTION, counts_words.nothing_to_count(settings, bool(teams)))
    st.stop()

team = remembered("team", [one.team_id for one in teams])
names = {one.team_id: one.name for one in teams}
month = counts_form.chosen_month(today)
sent = counts_form.sent_by(home, team)

prose.opening(
    counts_words.QUESTION, counts_words.first_sentence(names[team], month, measures, sent), ""
)
with st.container(horizontal=True, key="filters", gap="medium"):
    counts_form.choose_team(settings, names, team)
    counts_form.choose_month(today)

saved = counts_form.month_form(home, team, month, measures, sent)
prose.points(saved)

with st.expander("This week's days on which staff could not go out"):
    prose.points(counts_form.week_form(home, team, today))
