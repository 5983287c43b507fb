"""Data health: bring files in, and see what is fresh, late, held back or doubtful."""

from dashboard import batch_form, cached, health, intake_form, prose
from data.home import Home

home = Home.find()
state = cached.state_of_data(home)

prose.opening(
    "What do we have, what is missing, and what is broken?",
    health.first_sentence(state),
    health.rest(state),
)
prose.heading("Bring files in", "they are checked first; nothing is kept until you accept it")
intake_form.show(home, state.contracts)
if state.is_ahead_of_the_figures:
    intake_form.offer_to_publish(home)

prose.heading("What is fresh and what is late")
prose.table(health.feeds(state))
batch_form.show(home, state)
prose.heading("Everything that was loaded")
prose.table(health.batches(state))
prose.heading("What is doubtful", "kept, and worth a look where it comes from")
found = cached.doubts(home) if state.batches else []
prose.points(health.doubts(state, found), otherwise="Nothing was found that contradicts itself.")
