from tests.data.prepared.few_rows import day, prepared


def answer(team: str, on: str, item: str, answer: int, n: int | None) -> dict:
    return {"team_id": team, "quarter": day(on), "item_key": item, "answer": answer, "n": n}


def test_people_of_a_quarter_stand_in_one_row_as_many_as_answered_one_question() -> None:
    rows = {
        "calendar": [
            {"date": day(on), "quarter_start": day("2024-01-01")} for on in ("2024-01-01", "5")
        ],
        "team_pulse": [
            # The same quarter, once by its first day and once by another.
            answer("T1", "2024-01-01", "decide_locally", 4, 5),
            answer("T1", "5", "decide_locally", 2, 3),
            answer("T1", "5", "trust_colleagues", 5, 6),
            answer("T2", "5", "trust_colleagues", 5, None),
            answer("T2", "5", "trust_colleagues", 3, None),
            answer("T1", "2024-04-01", "trust_colleagues", 5, 0),
        ],
    }

    found = prepared("team_pulse", "team_id, item_key, answer, answers, people_once", rows)

    assert [row[:4] for row in found] == [
        ("T1", "decide_locally", 2, 3),
        ("T1", "decide_locally", 4, 5),
        ("T1", "trust_colleagues", 5, 0),
        ("T1", "trust_colleagues", 5, 6),
        ("T2", "trust_colleagues", 3, 1),
        ("T2", "trust_colleagues", 5, 1),
    ]
    once = sorted((row[0], row[4]) for row in found if row[4] is not None)
    assert once == [("T1", 0), ("T1", 8), ("T2", 2)]
