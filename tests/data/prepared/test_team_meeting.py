from tests.data.prepared.few_rows import day, prepared

PROFESSIONS = [
    {"profession_id": "7", "name": "GP", "sector": "primary care"},
    {"profession_id": "gp", "name": "district nurse", "sector": "health"},
    {"profession_id": "9", "name": " General practitioner", "sector": "primary care"},
]


def meeting(meeting_id: str, *came: tuple[str, str | None], status: str = "held") -> dict:
    return {
        "mdt_meeting": {
            "meeting_id": meeting_id, "team_id": "T1", "held_on": day("5"), "status": status
        },
        "mdt_attendance": [
            {
                "meeting_id": meeting_id,
                "team_id": "T1",
                "held_on": day("5"),
                "profession_id": who,
                "mode": mode,
            }
            for who, mode in came
        ],
    }  # fmt: skip


def test_a_gp_is_known_by_the_name_of_the_profession_and_takes_part_from_anywhere() -> None:
    made = [
        meeting("m1", ("7", "in person"), ("9", "remote")),
        meeting("m2", ("gp", "in person")),
        meeting("m3", ("9", None)),
        meeting("m4", ("7", "written"), ("gp", "remote")),
        meeting("m5"),
        meeting("m6", status="cancelled"),
    ]
    rows = {
        "profession": PROFESSIONS,
        "mdt_meeting": [one["mdt_meeting"] for one in made],
        "mdt_attendance": [row for one in made for row in one["mdt_attendance"]],
    }

    assert prepared("team_meeting", "meeting_id, status, gp_took_part, gp_wrote", rows) == [
        ("m1", "held", True, False),
        ("m2", "held", False, False),
        ("m3", "held", True, False),
        ("m4", "held", False, True),
        ("m5", "held", False, False),
        ("m6", "cancelled", False, False),
    ]
