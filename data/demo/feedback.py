"""What people answered to the Friends and Family Test, and what they said unasked."""

import numpy as np
import pandas as pd

from data.demo import draws, months
from data.demo.places import AGE_BANDS, TEAMS, Team

_ANSWERS = np.array(
    ["very good", "good", "neither good nor poor", "poor", "very poor", "don't know"], dtype=object
)
_MODES = np.array(["text", "card", "online", "phone", "tablet"], dtype=object)
_MODE_WEIGHTS = (45, 30, 10, 10, 5)
_TEXT = 0
# In thousandths. By text people are three points less positive than on a card.
_TEXT_ANSWERS = (650, 243, 45, 22, 20, 20)
_OTHER_ANSWERS = (690, 234, 34, 16, 12, 14)
# The variance of a month's responses in percent of independent events': drives come and go.
_RESPONSE_SPREAD = 150

_AGES = (0, 3, 9, 18, 20, 29, 21)
_RESPONDENTS = np.array(["person", "carer", "proxy"], dtype=object)
_RESPONDENT_WEIGHTS = (72, 22, 6)
_ETHNIC_GROUPS = np.array(["Asian", "Black", "Mixed", "White", "Other", "not stated"], dtype=object)
_ETHNIC_WEIGHTS = (17, 11, 4, 58, 4, 6)
_LANGUAGES = np.array(["en", "ur", "ar", "pl"], dtype=object)
_LANGUAGE_WEIGHTS = (91, 5, 2, 2)

# Complaints, compliments and concerns that a team receives in a month, in thousandths.
_KINDS = (("complaint", 800), ("compliment", 1700), ("concern", 600))
_CHANNELS = ("letter", "e-mail", "phone", "in person", "online")
_THEMES = {
    "complaint": ("waiting", "nobody called back", "a missed visit", "told different things"),
    "compliment": ("kindness", "somebody listened", "being on time", "explaining things"),
    "concern": ("waiting", "equipment", "a change of worker", "medicines"),
}
_COMMENTS = (
    ("They listened and did what they said they would.", "kindness"),
    ("I had to explain everything again to the next person.", "telling it once"),
    ("Nobody told us when the visit would be.", "waiting"),
    ("It helped that the nurse and the social worker came together.", "joined up"),
    ("The equipment came quickly and was the right size.", "equipment"),
    ("I would have liked to know whom to ring.", "a named contact"),
)


def fft_response_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `fft_response` table: one row for each answer."""
    parts = [_responses(seed, team, month) for month in span for team in TEAMS]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return pd.DataFrame(rows).sort_values("responded_on", kind="stable", ignore_index=True)


def feedback_item_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `feedback_item` table: complaints, compliments and concerns."""
    rows = []
    for month in span:
        for team in TEAMS:
            rng = draws.stream(seed, "feedback_item", team.team_id, month)
            for kind, mean in _KINDS:
                for _ in range(draws.count(rng, mean * team.people // 45_000)):
                    day, channel, theme, who, age, key = draws.whole_numbers(
                        rng, 1 << 40, 6
                    ).tolist()
                    rows.append(
                        (
                            f"k{key:010x}",
                            team.team_id,
                            months.first_day(month) + day % months.days_in(month),
                            kind,
                            _CHANNELS[channel % len(_CHANNELS)],
                            _THEMES[kind][theme % len(_THEMES[kind])],
                            AGE_BANDS[1 + age % 6],
                            ("person", "carer", "carer", "person", "proxy")[who % 5],
                        )
                    )
    columns = "feedback_id team_id received_on kind channel themes age_band answered_by"
    frame = pd.DataFrame(rows, columns=columns.split())
    frame = frame.assign(received_on=months.dates(frame["received_on"].to_numpy(np.int64)))
    return frame.sort_values("received_on", kind="stable", ignore_index=True)


def comment_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `comment` table: a sentence of our own here and there, of the last two years.

    Comments are kept for 24 months.
    """
    rows = []
    for month in span[-24:]:
        for team in TEAMS:
            rng = draws.stream(seed, "comment", team.team_id, month)
            happens, which, released = draws.whole_numbers(rng, 1 << 30, 3).tolist()
            if happens % 100 < 30:
                text, theme = _COMMENTS[which % len(_COMMENTS)]
                rows.append((team.team_id, months.first_day(month), text, theme, released % 2 == 0))
    frame = pd.DataFrame(rows, columns=["team_id", "month", "text", "theme", "release_ok"])
    return frame.assign(month=months.dates(frame["month"].to_numpy(np.int64)))


def asked(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """Return what somebody who answers may say of themselves, by column."""
    said = draws.happens(rng, 600, size)
    return {
        "age_band": np.array(AGE_BANDS, dtype=object)[draws.pick(rng, _AGES, size)],
        "answered_by": _RESPONDENTS[draws.pick(rng, _RESPONDENT_WEIGHTS, size)],
        "ethnic_group": draws.blank(_ETHNIC_GROUPS[draws.pick(rng, _ETHNIC_WEIGHTS, size)], said),
        "language": _LANGUAGES[draws.pick(rng, _LANGUAGE_WEIGHTS, size)],
    }


def _responses(seed: int, team: Team, month: months.Month) -> dict[str, np.ndarray]:
    rng = draws.stream(seed, "fft_response", team.team_id, month)
    size = draws.count(rng, team.responses * 1000, _RESPONSE_SPREAD)
    mode = draws.pick(rng, _MODE_WEIGHTS, size)
    answer = np.where(
        mode == _TEXT,
        draws.pick(rng, _TEXT_ANSWERS, size),
        draws.pick(rng, _OTHER_ANSWERS, size),
    )
    day = months.first_day(month) + draws.whole_numbers(rng, months.days_in(month), size)
    return (
        {
            "team_id": np.full(size, team.team_id, dtype=object),
            "responded_on": months.dates(day),
            "answer": _ANSWERS[answer],
            "mode": _MODES[mode],
        }
        # A stream of its own, so that the answers above stay what they are.
        | asked(draws.stream(seed, "fft_response, asked", team.team_id, month), size)
    )
