import numpy as np
import pytest
from pandas import Series

from schemas.digits import AS_IT_IS, ESTIMATE, MONEY
from tasks.publish.numbers import digit_texts, printed_numbers, rounded


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


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (-0.235, ESTIMATE, "-0.235"),
        (0.1, ESTIMATE, "0.100"),
        (1.14, ESTIMATE, "1.14"),
        (25.7, ESTIMATE, "25.7"),
        (1230.0, ESTIMATE, "1230"),
        (99.96, ESTIMATE, "100"),
        (-0.000717, ESTIMATE, "-0.0007"),
        (0.00001, ESTIMATE, "low"),
        (0.0, ESTIMATE, "0"),
        (-12_345.0, MONEY, "-12000"),
        (7.0, AS_IT_IS, "7"),
        (7.25, AS_IT_IS, "7.2500"),
        (np.nan, ESTIMATE, "x"),
    ],
)
def test_a_number_has_the_digits_that_stand_and_no_zero_after_them(value, digits, text):
    symbols = Series(["x" if value != value else ""])
    found = digit_texts(Series([value]), digits=digits, places=4, symbols=symbols)
    assert list(found) == [text]
