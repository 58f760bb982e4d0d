"""First meetings of pre-proceedings, from whichever return tells of them."""

from __future__ import annotations

from pandas import DataFrame, concat

from tasks.histories.versions import latest_versions


def meetings_once(*tables: DataFrame) -> DataFrame:
    """Return one row per person and day of first meeting, in order: the latest return's word.

    Both the pre-proceedings return and, from 2025-26, the census tell of them; of two words of one
    quarter that differ, the one that says when proceedings were issued counts.
    """
    every = concat(tables, ignore_index=True)
    return latest_versions(every, key=["person_id", "first_meeting_date"])
