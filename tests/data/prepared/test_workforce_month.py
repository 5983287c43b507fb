from decimal import Decimal

from tests.data.prepared.few_rows import day, prepared


def staff(profession: str | None, posts: str | None, in_post: str) -> dict:
    return {
        "team_id": "T1",
        "month": day("1"),
        "employer": "NHS",
        "profession_id": profession,
        "establishment_fte": None if posts is None else Decimal(posts),
        "in_post_fte": Decimal(in_post),
        "headcount": 10,
    }


def test_more_staff_than_posts_are_below_nought_and_unknown_posts_are_unknown() -> None:
    rows = {
        "workforce_month": [
            staff("admin", None, "2.5"), staff("nurse", "10", "8.5"), staff("physio", "3", "3.5")
        ],
        "caseload_snapshot": [
            {
                "team_id": team,
                "as_at": day("31"),
                "profession_id": "nurse",
                "open_cases": 90,
                "unallocated": unallocated,
            }
            for team, unallocated in (("T1", 12), ("T2", None))
        ],
    }  # fmt: skip

    assert prepared("workforce_month", "profession_id, vacant_fte, is_case_holding", rows) == [
        ("admin", None, False),
        ("nurse", Decimal("1.5"), True),
        ("physio", Decimal("-0.5"), False),
    ]
    assert prepared("caseload_snapshot", "team_id, allocated_cases", rows) == [
        ("T1", 78),
        ("T2", None),
    ]
