import numpy as np
import pytest
from pandas import DataFrame

from schemas.endings import SPELLS
from schemas.quarter import Quarter
from tasks.histories.dates import FOREVER
from tasks.histories.endings import _doubted, spells_settled

PLANS = SPELLS["cp_plans"]
LAST_YEAR, THIS_YEAR = "2022-23Q4", "2023-24Q3"


def days(texts):
    return np.array([text or FOREVER for text in texts], dtype="datetime64[s]")


def index(quarter):
    return Quarter.parse(quarter).index


def told(*plans):
    """Return plans at rest, each told as child, start, end (empty while open) and quarter."""
    child, start, end, sent = zip(*plans, strict=True)
    return DataFrame(
        {
            "person_id": np.array(child),
            "cp_plan_start": days(start),
            "cp_plan_end": np.where(np.array(end) == "", np.datetime64("NaT", "s"), days(end)),
            "when": np.array([index(quarter) for quarter in sent]),
        }
    )


def doubted(*plans):
    ends = days([end for _, _, end, _ in plans])
    quarters = np.array([index(LAST_YEAR), index(THIS_YEAR)])
    return _doubted(told(*plans), ends, spell=PLANS, quarters=quarters).tolist()


@pytest.mark.parametrize(("begins", "is_doubted"), [("2023-05-01", False), ("2023-04-30", True)])
def test_two_plans_meet_when_one_begins_before_the_other_has_ended(begins, is_doubted):
    first, second = (1, "2023-01-01", "2023-05-01", THIS_YEAR), (1, begins, "", THIS_YEAR)
    assert doubted(first, second) == [is_doubted, is_doubted]


@pytest.mark.parametrize(("sent_in", "is_doubted"), [("2023-24Q1", False), ("2022-23Q4", True)])
def test_an_open_plan_is_in_doubt_unless_the_last_year_told_of_it_from_its_first_quarter_on(
    sent_in, is_doubted
):
    assert doubted((1, "2022-06-01", "", sent_in)) == [is_doubted]


def test_a_child_of_whom_the_returns_agree_is_not_gone_through_for_the_doubt_about_another():
    agreed, stale = (1, "2022-06-01", "", THIS_YEAR), (2, "2022-06-01", "", LAST_YEAR)
    assert doubted(agreed, stale, (2, "2023-06-01", "", THIS_YEAR)) == [False, True, True]


def test_a_start_that_the_earlier_return_has_as_well_corrects_nothing_for_the_first_child_either():
    rows = [
        plan
        for child in (1, 2)
        for plan in (
            (child, "2023-01-01", "", LAST_YEAR),
            (child, "2023-01-15", "", LAST_YEAR),
            (child, "2023-01-15", "", THIS_YEAR),
        )
    ]
    found = spells_settled(told(*rows), spell=PLANS, covered=())
    assert found.counts == {"corrected": 0, "replaced": 0, "followed": 2}
    assert found.rows["ends"].to_numpy().tolist() == days(["2023-01-15", ""] * 2).tolist()
