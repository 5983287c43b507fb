import pandas as pd
import pytest

from tests.data.demo.made_city import by_team_and_month, month_ends, table

POSITIVE, NEGATIVE = ["very good", "good"], ["poor", "very poor"]


def answers() -> pd.DataFrame:
    rows = table("fft_response")
    return rows.assign(month=month_ends(rows["responded_on"]))


def test_a_team_hears_from_20_to_70_people_a_month():
    counts = by_team_and_month(answers())

    assert counts.mean().between(20, 70).all()
    # Now and then a drive, or nobody to hand out cards.
    assert counts.stack().between(20, 70).mean() > 0.98
    assert counts.to_numpy().min() > 0


def test_nine_in_ten_are_positive_and_one_in_thirty_negative():
    given = answers()["answer"]

    assert given.isin(POSITIVE).mean() == pytest.approx(0.91, abs=0.01)
    assert given.isin(NEGATIVE).mean() == pytest.approx(0.035, abs=0.005)


def test_by_text_people_are_three_points_less_positive():
    rows = answers()
    by_text = rows["mode"] == "text"
    positive = rows["answer"].isin(POSITIVE)

    assert positive[~by_text].mean() - positive[by_text].mean() == pytest.approx(0.03, abs=0.012)


def test_answers_are_dated_on_every_day_of_every_month():
    assert answers()["responded_on"].nunique() == 3 * 365 + 1


def test_who_answered_is_said_by_some_and_never_names_anybody():
    rows = table("fft_response")

    assert rows["ethnic_group"].notna().mean() == pytest.approx(0.6, abs=0.02)
    assert set(rows["answered_by"]) == {"person", "carer", "proxy"}
    assert (rows["language"] == "en").mean() == pytest.approx(0.91, abs=0.02)


def test_complaints_and_compliments_are_few():
    counts = table("feedback_item").groupby(["team_id", "kind"]).size().unstack() / 36

    assert counts["complaint"].between(0.3, 1.5).all()
    assert counts["compliment"].between(0.8, 3).all()


def test_comments_are_ours_short_and_of_the_last_two_years():
    rows = table("comment")

    assert rows["text"].nunique() <= 6
    assert rows["month"].min() >= pd.Timestamp("2024-04-01")
