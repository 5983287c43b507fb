import numpy as np
import pytest

from data.demo import draws

MANY = 20_000


def rng() -> np.random.Generator:
    return draws.stream(1, "test")


def test_a_stream_gives_the_same_numbers_on_every_machine():
    drawn = draws.stream(1, "referral", "N2", 24_300)

    assert draws.whole_numbers(drawn, 1_000_000, 4).tolist() == [234_499, 849_671, 792_733, 504_800]
    assert draws.keys(drawn, 2).tolist() == [343_254_580_775_382_944, 41_456_125_395_366_108]
    assert draws.wobble(drawn, 100) == 41
    assert draws.pick(drawn, [1, 2, 3], 6).tolist() == [2, 1, 1, 0, 2, 0]


@pytest.mark.parametrize(
    ("seed", "names"),
    [
        (2, ("referral", "N2", 4)),
        (1, ("referral", "N1", 4)),
        (1, ("referral", "N2", 5)),
        (1, ("hospital_spell", "N2", 4)),
        (1, ("N2", "referral", 4)),
    ],
)
def test_another_seed_or_name_is_another_stream(seed, names):
    one, other = draws.stream(1, "referral", "N2", 4), draws.stream(seed, *names)

    assert draws.keys(one, 4).tolist() != draws.keys(other, 4).tolist()


def test_a_wobble_is_a_bell_around_nought():
    drawing = rng()
    drawn = np.array([draws.wobble(drawing, 100) for _ in range(MANY)])

    # Rounded down, so half a step below; then within three standard errors.
    assert drawn.mean() == pytest.approx(-0.5, abs=2.1)
    assert drawn.std() == pytest.approx(100, rel=0.02)
    assert (np.abs(drawn) < 100).mean() == pytest.approx(0.683, abs=0.015)


@pytest.mark.parametrize("spread", [20, 100, 130])
def test_a_count_has_the_mean_and_the_spread_asked_for(spread):
    drawing = rng()
    drawn = np.array([draws.count(drawing, 300_000, spread) for _ in range(MANY)])

    assert drawn.mean() == pytest.approx(300, rel=0.005)
    assert drawn.var() == pytest.approx(300 * spread / 100, rel=0.05)


def test_a_count_is_never_below_nought():
    drawing = rng()

    assert min(draws.count(drawing, 500) for _ in range(MANY)) == 0


def test_things_happen_as_often_as_is_said():
    assert draws.happens(rng(), 330, MANY).mean() == pytest.approx(0.33, abs=0.01)
    assert not draws.happens(rng(), 0, MANY).any()
    assert draws.happens(rng(), 1000, MANY).all()


def test_positions_are_picked_by_weight_and_never_where_it_is_nought():
    picked = draws.pick(rng(), [5, 0, 3, 2], MANY)

    shares = np.bincount(picked, minlength=4) / MANY
    assert shares == pytest.approx([0.5, 0, 0.3, 0.2], abs=0.012)
    assert shares[1] == 0


def test_places_lie_within_their_width():
    widths = np.array([0, 1, 2, 7] * 1000)

    places = draws.places_within(rng(), widths)

    assert (places >= 0).all()
    assert (places < np.maximum(widths, 1)).all()
    assert set(places[widths == 7]) == set(range(7))


def test_bands_give_every_day_in_them_and_no_other():
    drawn = draws.Bands((0, 0, 60), (3, 5, 30), (10, 11, 10)).draw(rng(), MANY)

    assert set(drawn) == {0, 3, 4, 5, 10, 11}
    assert (drawn == 0).mean() == pytest.approx(0.6, abs=0.012)
    assert (drawn == 4).mean() == pytest.approx(0.1, abs=0.012)


def test_a_written_key_cannot_be_taken_for_a_number():
    written = draws.written("s", np.array([0, 0x1234E56, (1 << 60) - 1]))

    assert written == ["s000000000000000", "s000000001234e56", "sfffffffffffffff"]
