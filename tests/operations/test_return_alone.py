"""A root that holds one return of one kind alone is refreshed like any other."""

import pytest

from tasks.cut.data_cut import make_cut
from tasks.cut.refresh import cut_analysis, cut_tables, refresh_now
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from warehouse.ledger import Actor
from warehouse.root import Root

from .conftest import WALSALL


def quiet(_):
    return


@pytest.mark.parametrize("name", ["pre_proceedings.csv", "workforce.csv", "training"])
def test_a_return_alone_that_no_quarter_depends_on_gives_empty_tables(tmp_path, put, name):
    root = set_up(Root.at(tmp_path / "root"), settle_seconds=0.0)
    put(root, WALSALL, "2023-24Q1", name)
    sweep_once(root, wait=False, progress=quiet)
    said = refresh_now(root, everything=False, progress=quiet)
    assert "1 submissions, 0 authorities computed" in said
    cut, _ = make_cut(root, Actor("a", "b"))
    tables = cut_tables(root, cut)
    for found in (tables.outcomes, tables.cohort, tables.conflicts, tables.training):
        assert found.empty
        assert "la_code" in found.columns
    assert not cut_analysis(root, "latest").effects.effects["estimate"].notna().any()
