from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import day, in_order, prepared

ITEMS = ("a", "b", "c")
Given = dict[str, Any]


def question(key: str, scale: str = "whole", **more: Any) -> Given:
    said = {"instrument": "local", "version": "1", "item_key": key, "scale": scale}
    return {**said, "min": Decimal(0), "max": Decimal(3), **more}


def answer(key: str, score: str | None, response: str = "v1", **more: Any) -> Given:
    said = {"response_id": response, "item_key": key, "instrument": "local", "team_id": "T1"}
    points = None if score is None else Decimal(score)
    about = {"completed_on": day("4"), "instrument_version": "1", "answer_raw": "?"}
    return {**said, **about, "score": points, **more}


def scores(questions: list[Given], answers: list[Given], columns: str) -> list[tuple[Any, ...]]:
    rows = {"instrument_item": questions, "questionnaire_response": answers}
    return prepared("questionnaire_score", columns, rows)


def test_one_question_left_out_is_weighed_up_and_two_leave_no_score() -> None:
    questions = [question(key) for key in ITEMS]
    answers = [
        answer("a", "3"), answer("b", "2"), answer("c", None),
        answer("a", "3", "v2"), answer("b", "4", "v2"),
    ]  # fmt: skip

    assert scores(questions, answers, "response_id, items_missing, score, score_of_100") == [
        ("v1", 1, Decimal("7.5"), Decimal("83.3333"))
    ]


def test_each_edition_has_its_own_questions_and_a_blank_edition_is_the_first() -> None:
    questions = [question("a"), question("a", version="2", reverse=True)]
    answers = [
        answer("a", "3", "v1", instrument_version=None),
        answer("a", "3", "v2", instrument_version="2"),
        answer("a", "3", "v3", instrument_version="3"),
    ]

    found = scores(questions, answers, "response_id, instrument_version, score, steps_from_best")

    assert found == [("v1", "1", Decimal(3), Decimal(0)), ("v2", "2", Decimal(0), Decimal(3))]


def test_a_question_of_two_scores_counts_in_both_and_one_without_weight_in_none() -> None:
    questions = [
        question("a", "person; joined"), question("b", "joined"),
        question("c", "person", weight=Decimal(0)),
    ]  # fmt: skip
    answers = [answer("a", "1"), answer("b", "3"), answer("c", "3")]

    assert scores(questions, answers, "scale, score") == [
        ("joined", Decimal(4)),
        ("person", Decimal(1)),
    ]


def test_who_answered_how_and_of_which_team_goes_with_the_score() -> None:
    answers = [answer("a", "1", answered_by="carer", mode="post")]

    assert scores([question("a")], answers, "team_id, completed_on, answered_by, mode") == [
        ("T1", day("4"), "carer", "post")
    ]


lists_of_questions = st.lists(
    st.builds(
        lambda key, version, scale, least, width, reverse, weight: question(
            key, scale, version=version, min=Decimal(least), max=Decimal(least + width),
            reverse=reverse, weight=weight,
        ),
        st.sampled_from(ITEMS), st.sampled_from(["1", "2"]),
        st.sampled_from(["x", "y", "x;y", " y ;"]), st.integers(-1, 1), st.integers(0, 4),
        st.sampled_from([True, False, None]),
        st.sampled_from([None, Decimal(0), Decimal(1), Decimal(2), Decimal("0.3")]),
    ),
    max_size=6,
    unique_by=lambda row: (row["version"], row["item_key"]),
)  # fmt: skip
lists_of_answers = st.lists(
    st.builds(
        lambda key, score, response, version: answer(
            key, score, response, instrument_version=version
        ),
        st.sampled_from(ITEMS),
        st.sampled_from([None, "-1", "0", "1", "2", "2.5", "3", "4"]),
        st.sampled_from(["v1", "v2"]),
        st.sampled_from(["1", "2", None]),
    ),
    max_size=6,
    unique_by=lambda row: (row["response_id"], row["item_key"]),
)


def turned(asked: Given, score: Decimal) -> Fraction:
    """Return how far an answer is above the worst."""
    return Fraction(asked["max"] - score if asked["reverse"] else score - asked["min"])


def rounded(number: Fraction) -> Decimal:
    """Return a number to the fourth decimal, a half up."""
    return Decimal((number * 10_000 + Fraction(1, 2)).__floor__()) / 10_000


def slowly(questions: list[Given], answers: list[Given]) -> list[tuple[Any, ...]]:
    found = []
    for response in {row["response_id"] for row in answers}:
        for version in ("1", "2"):
            said = {
                row["item_key"]: row["score"]
                for row in answers
                if row["response_id"] == response
                and (row["instrument_version"] or "1") == version
                and row["score"] is not None
            }
            for scale in ("x", "y"):
                asked = [
                    row
                    for row in questions
                    if row["version"] == version
                    and scale in [part.strip() for part in row["scale"].split(";")]
                    and row["weight"] != 0
                ]
                got = [
                    row
                    for row in asked
                    if row["item_key"] in said and row["min"] <= said[row["item_key"]] <= row["max"]
                ]
                width = sum((weight(q) * Fraction(q["max"] - q["min"]) for q in asked), Fraction(0))
                missing = len(asked) - len(got)
                if not got or missing > 1 or not width:
                    continue
                above = sum((weight(q) * turned(q, said[q["item_key"]]) for q in got), Fraction(0))
                whole = above * sum(map(weight, asked)) / sum(map(weight, got))
                lowest = sum((weight(q) * Fraction(q["min"]) for q in asked), Fraction(0))
                best = sum(
                    Fraction(q["max"] - q["min"]) - turned(q, said[q["item_key"]]) for q in got
                )
                found.append(
                    (
                        response, scale, version, missing,
                        rounded(lowest + whole), rounded(100 * whole / width), best,
                    )
                )  # fmt: skip
    return found


def weight(asked: Given) -> Fraction:
    return Fraction(1 if asked["weight"] is None else asked["weight"])


@given(lists_of_questions, lists_of_answers)
def test_scores_are_those_of_the_list_of_questions(
    questions: list[Given], answers: list[Given]
) -> None:
    columns = (
        "response_id, scale, instrument_version, items_missing, score, score_of_100,"
        " steps_from_best"
    )

    assert scores(questions, answers, columns) == in_order(slowly(questions, answers))


def test_a_single_answer_is_so_many_steps_from_the_best_whichever_way_it_is_asked() -> None:
    rows = {
        "instrument_item": [
            question("a"), question("a", version="2", min=Decimal(1), reverse=True)
        ],
        "questionnaire_response": [
            answer("a", "2", "v1", instrument_version=None),
            answer("a", "1", "v2", instrument_version="2"),
            answer("a", "0", "v3", instrument_version="2"),
            answer("a", "3", "v4", instrument_version="9"),
            answer("b", "3", "v5"),
            answer("a", None, "v6"),
        ],
    }  # fmt: skip

    found = prepared("questionnaire_response", "response_id, steps_from_best", rows)

    assert found == [
        ("v1", Decimal(1)), ("v2", Decimal(0)),
        ("v3", None), ("v4", None), ("v5", None), ("v6", None),
    ]  # fmt: skip
