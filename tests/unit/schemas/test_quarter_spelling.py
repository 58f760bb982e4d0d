"""Quarters as people write them."""

import pytest

from schemas.quarter import Quarter
from schemas.quarter_spelling import spelled_quarter

FIRST = """
2024-25Q1
2024-25 Q1
2024-25q1
Q1 2024-25
Q1 24-25
q1_24_25
2024-2025 Q1
2024_25_Q1
2024/25 Q1
202425Q1
2425 Q1
20242025 Q1
2024-25 – Q1
Quarter 1 2024-25
2024-25 Quarter 1
1st quarter 2024-25
First Quarter, 2024-25
Qtr 1 FY 2024-25
Q01 2024-25
Q1 (Apr-Jun 2024)
Apr-Jun 2024
April to June 2024
April May June 2024
Apr 2024 - Jun 2024
Apr-Jun 24
Apr-Jun 2024-25
Q1 2024-25 (Apr-Jun 2024)
""".strip().splitlines()
OTHERS = """
2024Q1
2024 Q1
Q1 2024
Q1 24
FY25 Q1
FY2025 Q1
2024-25
Q1
Apr-Jun
2024-26 Q1
2024-25 Q5
2024-25 Q1 Q2
2024-25 Q1-Q2
2024-25 2025-26 Q1
Q1 Jan-Mar 2024
Q1 2024-25 (Apr-Jun 2025)
Apr-Jul 2024
May-Jun 2024
Jan 2024 - Mar 2025
2024-25Q1 old
old 2024-25Q1
2024-25Q1 (2)
2024-25Q1 - Copy
Q1 2024-25 draft
2021 Q1
2025-24 Q1
archive
2024-25\u00a0Q1
2024-25Q1\u202e
٢٠٢٤-٢٥ Q1

""".splitlines()[1:]


@pytest.mark.parametrize("text", FIRST)
def test_a_spelling_with_one_meaning_is_understood(text):
    assert spelled_quarter(text) == Quarter(2024, 1)


@pytest.mark.parametrize("text", OTHERS)
def test_a_spelling_with_more_meanings_or_with_other_words_is_not(text):
    assert spelled_quarter(text) is None


@pytest.mark.parametrize(
    ("text", "quarter"),
    [
        ("Jan-Mar 2025", "2024-25Q4"),
        ("Q4 2024-25 (Jan-Mar 25)", "2024-25Q4"),
        ("January to March 2024-25", "2024-25Q4"),
        ("Q2 (July - Sept 2024)", "2024-25Q2"),
        ("Oct-Dec 2024", "2024-25Q3"),
    ],
)
def test_months_tell_the_quarter_of_the_financial_year(text, quarter):
    assert spelled_quarter(text) == Quarter.parse(quarter)


def test_every_quarter_is_understood_as_we_write_it():
    for index in range(Quarter(2015, 1).index, Quarter(2030, 4).index):
        quarter = Quarter.from_index(index)
        assert spelled_quarter(str(quarter)) == quarter
