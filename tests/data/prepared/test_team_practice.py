from tests.data.prepared.few_rows import Rows, day, prepared

PLACES: Rows = {
    "team": [
        {"team_id": "T1", "locality_id": "L1", "name": "T1", "valid_from": day("2020-04-01")},
        {"team_id": "T2", "locality_id": "L1", "name": "T2", "valid_from": day("2020-04-01")},
    ],
    "practice_team": [
        {
            "practice_code": "P1",
            "team_id": "T1",
            "valid_from": day("2020-04-01"),
            "valid_to": day("10"),
        },
        {"practice_code": "P1", "team_id": "T2", "valid_from": day("10")},
    ],
}


def test_a_practice_is_a_team_s_until_the_day_it_moves() -> None:
    found = prepared("team_practice", "practice_code, team_id, from_on, until_on", PLACES)

    assert found == [
        ("P1", "T1", day("2020-04-01"), day("10")),
        ("P1", "T2", day("10"), None),
    ]


def test_a_practice_takes_part_in_the_meetings_of_the_team_that_it_has_on_the_day() -> None:
    came = {"practice_code": "P1", "profession_id": "gp", "mode": "in person"}
    rows = {
        **PLACES,
        "mdt_attendance": [
            {**came, "meeting_id": "m1", "team_id": "T1", "held_on": day("9")},
            {**came, "meeting_id": "m2", "team_id": "T1", "held_on": day("10")},
            {**came, "meeting_id": "m3", "team_id": "T2", "held_on": day("10")},
            {**came, "meeting_id": "m4", "team_id": "T2", "held_on": day("9")},
            {**came, "meeting_id": "m5", "team_id": "T1", "held_on": day("9"), "mode": "written"},
            {**came, "meeting_id": "m6", "team_id": "T1", "held_on": day("9"), "mode": None},
        ],
    }

    assert prepared("mdt_attendance", "meeting_id, practice_took_part", rows) == [
        ("m1", "P1"),
        ("m2", None),
        ("m3", "P1"),
        ("m4", None),
        ("m5", None),
        ("m6", "P1"),
    ]
