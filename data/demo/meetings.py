"""Team meetings, what teams learn from each other, and what was said in workshops."""

import numpy as np
import pandas as pd

from data.demo import draws, months, stories
from data.demo.months import Month
from data.demo.places import TEAMS, Team, practices, redrawn_practices

# Meetings in a month: 2 to 5. The team whose meetings go online always has four.
_MEETING_WEIGHTS = (15, 20, 50, 15)
_FEWEST_MEETINGS = 2
_ONLINE_MEETINGS = 4
# In a hundred meetings, how many a GP comes to where they come least, and once it is online.
_SELDOM, _ONLINE = 25, 99
_CANCELLED_PER_MILLE = 220
# Who else comes, in thousandths of meetings.
_COMERS = (
    ("district_nurse", 960), ("active_case_manager", 700), ("social_worker", 850),
    ("occupational_therapist", 560), ("care_navigator", 480), ("mental_health", 240),
    ("pharmacist", 200), ("reablement_worker", 300),
)  # fmt: skip
_REMOTE_PER_MILLE, _REMOTE_ONLINE_PER_MILLE, _WRITTEN_PER_MILLE = 180, 1000, 150

_LEARNING_KINDS = ("visit", "shared review", "training")
_TAKEAWAYS = (
    "Ring the ward before ten.",
    "One list for both sides saves a phone call a case.",
    "Ask what matters first, and write it where all can read it.",
    "Book the joint visit when the referral comes, not after the first assessment.",
    "A short huddle every morning replaces many messages.",
)

_SAID = (
    ("F02", "social care staff", "People wait for equipment, and the case stays open.", True,
     "Count those who wait for equipment only."),
    ("H01", "leaders", "Admissions do not tell us whether the team copes.", True,
     "Show them beside the waiting list."),
    ("F04", "social care staff", "Cases wait while the duty desk holds them.", True,
     "Look again next quarter."),
    ("X05", "people who use services", "Telling it once would be enough for me.", True,
     "Ask everybody, not only after a visit."),
    ("J07", "health staff", "We are told no because nobody is sure they may say yes.", False,
     "Agree what may be shared, in writing."),
    ("W03", "health staff", "Two cars for nine people decide who can go out.", True,
     "Ask for a third car."),
)  # fmt: skip


def held_and_with_gp(seed: int, team: Team, month: Month) -> tuple[int, int]:
    """Return how many meetings a team held in a month, and how many of them with a GP."""
    rng = draws.stream(seed, "aggregate_submission", team.team_id, month)
    held = _FEWEST_MEETINGS + int(draws.pick(rng, _MEETING_WEIGHTS, 1)[0])
    comes = team.gp_comes
    if team.team_id == stories.ONLINE_TEAM:
        held = _ONLINE_MEETINGS
        comes = _ONLINE if month >= stories.ONLINE_FROM else _SELDOM
    return held, int(draws.happens(rng, comes * 10, held).sum())


def mdt_meeting_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `mdt_meeting` table."""
    rows = [
        (meeting, team.team_id, day, status, discussed)
        for month in span
        for team in TEAMS
        for meeting, day, status, discussed, _ in _meetings(seed, team, month)
    ]
    return _dated(rows, "meeting_id team_id held_on status cases_discussed", "held_on")


def mdt_attendance_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `mdt_attendance` table: who came to the meetings that were held."""
    rows = [
        (meeting, team.team_id, day, *comer)
        for month in span
        for team in TEAMS
        for meeting, day, status, _, with_gp in _meetings(seed, team, month)
        if status == "held"
        for comer in _comers(seed, team, month, meeting, with_gp)
    ]
    columns = "meeting_id team_id held_on profession_id practice_code mode"
    return _dated(rows, columns, "held_on")


def _meetings(seed: int, team: Team, month: Month) -> list[tuple[str, int, str, int | None, bool]]:
    """Return id, day, status, cases and whether a GP took part, in the order of the days."""
    held, with_gp = held_and_with_gp(seed, team, month)
    rng = draws.stream(seed, "mdt_meeting", team.team_id, month)
    cancelled = bool(draws.happens(rng, _CANCELLED_PER_MILLE, 1)[0])
    days = np.arange(months.first_day(month), months.first_day(month + 1))
    days = days[months.weekday(days) < 5]
    # A week is divided among the meetings, so that no two fall on one day.
    slots = np.array_split(days, held + cancelled)
    chosen = [int(slot[draws.whole_numbers(rng, len(slot), 1)[0]]) for slot in slots]
    discussed = (6 + draws.whole_numbers(rng, 9, len(chosen))).tolist()
    order = np.argsort(draws.keys(rng, len(chosen)), kind="stable").tolist()
    off = {order[-1]} if cancelled else set()
    gp = set(order[:with_gp])
    return [
        (
            f"{team.team_id}-{months.date_of(day).isoformat()}",
            day,
            "cancelled" if place in off else "held",
            None if place in off else discussed[place],
            place in gp,
        )
        for place, day in enumerate(chosen)
    ]


def _comers(
    seed: int, team: Team, month: Month, meeting: str, with_gp: bool
) -> list[tuple[str, str | None, str]]:
    rng = draws.stream(seed, "mdt_attendance", meeting)
    online = team.team_id == stories.ONLINE_TEAM and month >= stories.ONLINE_FROM
    remote = _REMOTE_ONLINE_PER_MILLE if online else _REMOTE_PER_MILLE
    dice = draws.whole_numbers(rng, 1000, 2 * len(_COMERS) + 5).tolist()
    comers: list[tuple[str, str | None, str]] = [
        (profession, None, "remote" if dice[2 * place + 1] < remote else "in person")
        for place, (profession, per_mille) in enumerate(_COMERS)
        if dice[2 * place] < per_mille
    ]
    codes = [code for code in practices(team)[0] if code not in redrawn_practices()]
    first, second = (dice[-5] % len(codes), dice[-4] % len(codes))
    if with_gp:
        mode = "remote" if dice[-3] < remote else "in person"
        comers.append(("gp", codes[first], mode))
        if second != first and dice[-2] < 350:
            comers.append(("gp", codes[second], mode))
    elif dice[-1] < _WRITTEN_PER_MILLE:
        comers.append(("gp", codes[first], "written"))
    return comers


def learning_session_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `learning_session` table."""
    rows = []
    for month in span:
        for place, team in enumerate(TEAMS):
            rng = draws.stream(seed, "learning_session", team.team_id, month)
            for kind in range(len(_LEARNING_KINDS)):
                happens, day, other, said = draws.whole_numbers(rng, 1 << 30, 4).tolist()
                if happens % 1000 >= (130, 110, 70)[kind]:
                    continue
                others = (TEAMS[(place + 1 + other % 11) % 12], TEAMS[(place + 4 + other % 7) % 12])
                names = sorted({other.team_id for other in others} - {team.team_id})
                rows.append(
                    (
                        team.team_id,
                        months.first_day(month) + day % 28,
                        _LEARNING_KINDS[kind],
                        ";".join(names),
                        _TAKEAWAYS[said % len(_TAKEAWAYS)],
                    )
                )
    return _dated(rows, "team_id held_on kind other_teams takeaway", "held_on")


def interpretation_frame(seed: int, span: range) -> pd.DataFrame:
    """Return the `interpretation` table: what was said in a workshop each half-year."""
    rows = []
    for month in span:
        if months.calendar_month(month) not in (1, 9):
            continue
        rng = draws.stream(seed, "interpretation", month)
        day = months.first_day(month) + 9
        for place, (measure, group, text, agreed, step) in enumerate(_SAID):
            team = TEAMS[(place * 5 + int(draws.whole_numbers(rng, 12, 1)[0])) % 12]
            rows.append((day, measure, team.team_id, group, text, agreed, step))
    columns = "workshop_on measure_id scope_id said_by_group text agreed next_step"
    return _dated(rows, columns, "workshop_on")


def _dated(rows: list[tuple], columns: str, date: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.split())
    frame[date] = months.dates(frame[date].to_numpy(dtype=np.int64))
    if "cases_discussed" in frame:
        frame["cases_discussed"] = frame["cases_discussed"].astype("Int64")
    return frame.sort_values(date, kind="stable", ignore_index=True)
