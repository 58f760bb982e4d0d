import numpy as np
import pytest
from pandas import Series

from tasks.publish.numbers import printed_numbers, rounded


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (0.05, 1, 0.1),
        (12.25, 1, 12.3),
        (0.15, 1, 0.2),
        (2.5, 0, 3.0),
        (-2.5, 0, -3.0),
        (1 / 3, 1, 0.3),
    ],
)
def test_halves_go_away_from_nought(value, places, expected):
    assert rounded(np.array([value]), places)[0] == pytest.approx(expected)


def printed(values, symbols=None, places=1):
    symbols = Series(symbols or [""] * len(values), dtype=str)
    return list(printed_numbers(Series(values, dtype=float), places=places, symbols=symbols))


def test_a_symbol_stands_instead_of_a_number():
    assert printed([1.0, np.nan], ["", "c"]) == ["1.0", "c"]


def test_what_rounds_to_nought_but_is_not_is_low():
    assert printed([0.04, 0.0, -0.04]) == ["low", "0.0", "low"]


def test_counts_have_no_decimals_and_no_commas():
    assert printed([1234.0], places=0) == ["1234"]
