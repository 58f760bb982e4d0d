"""From when on fewer rows are worth a question."""

import pytest

from schemas.falls import share_expected
from schemas.quarter import Quarter
from schemas.table import Coverage


@pytest.mark.parametrize(
    ("quarter", "before", "coverage", "share"),
    [
        ("2024-25Q4", None, Coverage.QUARTER, 0.95),
        ("2024-25Q4", "2024-25Q3", Coverage.YEAR_TO_DATE, 0.95),
        ("2024-25Q4", "2023-24Q4", Coverage.YEAR_TO_DATE, 0.5),
        ("2024-25Q1", "2023-24Q4", Coverage.YEAR_TO_DATE, 0.125),
        ("2024-25Q2", "2023-24Q1", Coverage.YEAR_TO_DATE, 0.5),
        ("2024-25Q4", "2024-25Q3", Coverage.ROLLING, 0.5),
        ("2024-25Q4", "2024-25Q3", Coverage.QUARTER, None),
    ],
)
def test_how_much_of_last_time_is_expected(quarter, before, coverage, share):
    compared = Quarter.parse(before) if before else None
    assert share_expected(Quarter.parse(quarter), compared, coverage) == share
