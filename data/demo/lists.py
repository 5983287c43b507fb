"""The smaller lists: the partnership, areas, context, conditions, targets and buildings."""

from decimal import Decimal

import pandas as pd

from data.demo import draws, months, stories
from data.demo.places import CITY_ID, CITY_NAME, TEAMS

_FROM = "2023-04-01"
_LSOA_PEOPLE = 1_600
# Conditions that good care keeps out of hospital, by how their ICD-10 codes begin.
_CONDITIONS = (
    ("B180", "hepatitis B"), ("B181", "hepatitis B"), ("E10", "diabetes"), ("E11", "diabetes"),
    ("E12", "diabetes"), ("E13", "diabetes"), ("E14", "diabetes"),
    ("D501", "iron-deficiency anaemia"), ("D508", "iron-deficiency anaemia"),
    ("D509", "iron-deficiency anaemia"), ("F00", "dementia"), ("F01", "dementia"),
    ("F02", "dementia"), ("F03", "dementia"), ("G40", "epilepsy"), ("G41", "epilepsy"),
    ("I110", "heart failure"), ("I50", "heart failure"), ("J81", "heart failure"),
    ("I20", "angina"), ("I25", "angina"), ("I10", "high blood pressure"),
    ("I119", "high blood pressure"), ("I48", "atrial fibrillation"),
    ("J41", "chronic lung disease"), ("J42", "chronic lung disease"),
    ("J43", "chronic lung disease"), ("J44", "chronic lung disease"),
    ("J47", "chronic lung disease"), ("J45", "asthma"), ("J46", "asthma"),
)  # fmt: skip
_TARGETS = (
    ("F06", 28, "local standard", "the neighbourhood board"),
    ("F09", 70, "national standard", "NHS England"),
    ("F03", 0, "ambition", "the neighbourhood board"),
    ("J08", 60, "ambition", "the neighbourhood board with both hospitals"),
    ("J05", 80, "ambition", "the neighbourhood board"),
    ("W01", 5, "ambition", "both employers"),
)
_TASKS = "community nursing; therapy; adult social care"


# Who has agreed to send what, and by how many days after a month's end.
_SENDERS = (
    ("hospital_spell", "both hospital trusts", 35), ("ed_attendance", "both hospital trusts", 35),
    ("referral", "the community trust and the council", 21),
    ("referral_handoff", "the community trust and the council", 21),
    ("contact", "the community trust and the council", 21), ("assessment", "the council", 30),
    ("service", "the council", 30), ("review", "the council", 30),
    ("discharge_handover", "the teams", 14), ("information_request", "the teams", 14),
    ("signpost", "the teams", 21), ("workforce_month", "both employers", 21),
    ("absence_month", "both employers", 21), ("workday_constraint", "the teams", 14),
    ("caseload_snapshot", "the teams", 14), ("fft_response", "the survey supplier", 21),
    ("mdt_meeting", "the teams", 14), ("aggregate_submission", "the teams", 14),
)  # fmt: skip
_OUTAGE = (
    "System down from 3 February to 16 March; seven in ten of those visits were typed in later."
)
_OUTAGE_COMPLETE = 70


def feed_frame(span: range) -> pd.DataFrame:
    """Return the `feed` table. The city ends with its last month, and owes nothing after it."""
    begins, ends = (months.date_of(months.first_day(month)) for month in (span.start, span.stop))
    rows = [(feed, sent_by, None, begins, ends, due) for feed, sent_by, due in _SENDERS]
    columns = ["feed", "sent_by", "team_id", "expected_from", "expected_to", "due_days"]
    return pd.DataFrame(rows, columns=columns)


def feed_status_frame(span: range) -> pd.DataFrame:
    """Return the `feed_status` table: the months of the outage, where they are in the span."""
    rows = [
        ("contact", team.team_id, months.date_of(months.first_day(month)), True, False,
         _OUTAGE_COMPLETE, _OUTAGE)
        for month in stories.OUTAGE_MONTHS
        if month in span
        for team in TEAMS
        if team.locality_id == stories.OUTAGE_LOCALITY
    ]  # fmt: skip
    columns = ["feed", "team_id", "month", "expected", "received", "complete_pct", "note"]
    return pd.DataFrame(rows, columns=columns)


def partnership_frame() -> pd.DataFrame:
    """Return the `partnership` table."""
    columns = ["partnership_id", "name", "person_term"]
    return pd.DataFrame([(CITY_ID, CITY_NAME, "people")], columns=columns)


def lsoa_team_frame() -> pd.DataFrame:
    """Return the `lsoa_team` table. No census area has a code that begins with Z."""
    rows = []
    for team in TEAMS:
        for _ in range(team.people // _LSOA_PEOPLE):
            rows.append((f"Z01{len(rows) + 1:06d}", team.team_id, "2021", Decimal(1), _FROM))
    return _table(rows, "lsoa_code team_id edition share valid_from")


def team_context_frame() -> pd.DataFrame:
    """Return the `team_context` table."""
    rows = []
    for team in TEAMS:
        rng = draws.stream(0, "team_context", team.team_id)
        score = Decimal(team.deprivation * 32 - 1800).scaleb(-2) * 2
        share = Decimal(min(95, max(3, team.deprivation - 62))).scaleb(-2)
        fifth = 1 if team.deprivation >= 108 else 2 if team.deprivation >= 95 else 3
        beds = int(draws.whole_numbers(rng, 120, 1)[0]) + sum(team.ages[4:])
        rows.append((team.team_id, _FROM, score, fifth, share, beds, _TASKS, True, True))
    columns = (
        "team_id valid_from deprivation_score deprivation_fifth share_in_most_deprived_fifth"
        " care_home_beds tasks urgent_response reablement"
    )
    return _table(rows, columns)


def acsc_code_frame() -> pd.DataFrame:
    """Return the `acsc_code` table: a list of this city's own, after the national indicator."""
    rows = [(prefix, condition, "demo") for prefix, condition in _CONDITIONS]
    return _table(rows, "icd10_prefix condition list_version")


def target_frame() -> pd.DataFrame:
    """Return the `target` table: targets for every team."""
    rows = [
        (measure, None, Decimal(value), kind, _FROM, agreed)
        for measure, value, kind, agreed in _TARGETS
    ]
    return _table(rows, "measure_id team_id value kind valid_from agreed_by")


def site_frame() -> pd.DataFrame:
    """Return the `site` table: a base for every team, and a clinic for some."""
    rows = []
    for place, team in enumerate(TEAMS):
        based = any(base for _, _, base in team.stages)
        house = f"{team.name} House" if based else f"{team.name} Offices"
        rows.append((f"{team.team_id}-base", team.team_id, house, "team base"))
        if place % 3 == 0:
            rows.append((f"{team.team_id}-clinic", team.team_id, f"{team.name} Clinic", "clinic"))
    return _table(rows, "site_id team_id name kind")


def _table(rows: list[tuple], columns: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.split())
    if "valid_from" in frame:
        frame["valid_from"] = pd.to_datetime(frame["valid_from"]).astype("datetime64[s]")
    return frame
