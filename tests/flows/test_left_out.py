"""An optional file left out of a return: what is made of it is not known, and never no one."""

import pytest

from schemas.quarter import Quarter
from tasks.cut.data_cut import authority_rows, make_cut
from tasks.outcomes.authority import authority_outcomes
from tests.flows.conftest import WALSALL
from warehouse.ledger import Actor

YEAR_END = "2022-23Q4"
FILES = ("header.csv", "episodes.csv", "reviews.csv", "oc2.csv", "oc3.csv")
MADE_OF = {"sdq_total": "oc2.csv", "sdq_high": "oc2.csv", "neet": "oc3.csv"}


def statuses(root):
    """Return what is known of each outcome for the year end."""
    cut, _ = make_cut(root, Actor("tester", "test"))
    rows = authority_rows(root, WALSALL, [one for one in cut.submissions if one.la_code == WALSALL])
    quarter = Quarter.parse(YEAR_END)
    table = authority_outcomes(rows, first=quarter, last=quarter).outcomes
    return dict(zip(table["outcome"], table["status"], strict=True))


@pytest.mark.parametrize("left_out", ["oc2.csv", "oc3.csv"])
def test_what_a_file_left_out_would_say_is_not_known_until_it_comes(root, drop, sweep, left_out):
    drop(WALSALL, YEAR_END, *(name for name in FILES if name != left_out))
    assert set(sweep().values()) <= {"accepted", "accepted with queries"}
    known = statuses(root)
    assert known["cla_rate"] == "ok"
    assert {name: known[name] == "x" for name in MADE_OF} == {
        name: file == left_out for name, file in MADE_OF.items()
    }
    drop(WALSALL, YEAR_END, left_out, into="later")
    sweep()
    assert "x" not in {statuses(root)[name] for name in MADE_OF}
