"""What the demonstration sends is what a reader of its pages would expect of real authorities."""

import shutil

import pytest
from pandas import concat

from cli import demo
from samples.write import write_samples
from schemas.calendar import EXPECTED, YEAR_ENDS
from schemas.outcomes import OUTCOMES, outcomes_shown
from schemas.outcomes.themes import PUBLIC_SEVEN
from tasks.disclose.control import controlled
from tasks.outcomes.authority import authority_outcomes
from tasks.publish.seven import public_seven
from tests.unit.tasks.outcomes.returned import authority_rows

SHARE_OF_FIGURES = 0.85
"""Of the cells of the seven outcomes, before and after, at the least."""
MOST_OVERDUE = 3
FILES = {"ssda903": "ssda903", "cin_census": "cin_census.xml"}


def invented(out, monkeypatch, *, authorities, children):
    """The demonstration's returns, of fewer authorities or fewer children."""

    def fewer(out, **asked):
        write_samples(out, **{**asked, "authorities": authorities, "children": children, "jobs": 1})

    monkeypatch.setattr(demo, "write_samples", fewer)
    demo.invent(out)
    return out


@pytest.mark.slow
def test_the_seven_outcomes_are_figures_nearly_everywhere(tmp_path, monkeypatch):
    invented(tmp_path, monkeypatch, authorities=("E08000030",), children=demo.REFERRALS_A_YEAR)
    for folder in (tmp_path / "drop").rglob("training"):
        shutil.rmtree(folder)
    (folder,) = (tmp_path / "drop").iterdir()
    rows = authority_rows(folder)
    outcomes = authority_outcomes(rows, first=demo.OLDEST, last=demo.NEWEST).outcomes
    shown = [name for names in outcomes_shown(PUBLIC_SEVEN).values() for name in names]
    shown = [name for name in shown if name in OUTCOMES]  # value for money comes from the costs
    found = controlled(outcomes[outcomes["outcome"].isin(shown)], seen=[])
    seven = public_seven(found.rows)
    cells = concat([seven["before"], seven["after"]])
    assert len(seven) == len(shown)
    assert 1 - cells.isin(["c", "x", "z"]).mean() >= SHARE_OF_FIGURES, seven


def test_a_few_returns_are_owed_to_the_end_and_no_more(tmp_path, monkeypatch):
    authorities = (demo.ACCEPTED, demo.QUERIED, demo.REJECTED, *demo.OWING)
    invented(tmp_path / "s", monkeypatch, authorities=authorities, children=8)
    demo.drop_history(tmp_path / "drop", tmp_path / "s")
    before = owed_and_not_sent(tmp_path / "drop")
    assert {code for code, _, _ in before} == {demo.ACCEPTED, demo.QUERIED, *demo.OWING}
    assert {quarter for _, _, quarter in before} == {str(demo.NEWEST)}
    late = {row for row in before if row[0] not in demo.OWING}
    assert len(late) == 2 * len(EXPECTED)
    assert 0 < len(before - late) <= MOST_OVERDUE


def owed_and_not_sent(drop):
    """Authority, return and quarter of everything that the calendar asks for and is not there."""
    return {
        (folder.name[:9], name, str(quarter))
        for folder in drop.iterdir()
        for name in EXPECTED
        for quarter in YEAR_ENDS.owed(name, demo.OLDEST.through(demo.NEWEST))
        if not (folder / str(quarter) / FILES.get(name, f"{name}.csv")).exists()
    }
